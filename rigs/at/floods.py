"""Tells when a module floods the line, so that no answer can be told from the rest, and whether that has an end."""

from __future__ import annotations

from collections.abc import Callable

from rigs.at.channel import Channel
from rigs.deadlines import Deadlines
from rigs.errors import Flooded
from rigs.sentence import say

_LASTING = 3
"""Floods after which nothing more is tried with a module."""


class FloodWatch:
    """The floods of one line.

    ``evidence`` gives the events of what was sent last; ``lose_step`` is called when a flood is noted, since what is
    answered then cannot be told.
    """

    def __init__(
        self,
        channel: Channel,
        deadlines: Deadlines,
        evidence: Callable[[], tuple[int, ...]],
        lose_step: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._deadlines = deadlines
        self._evidence = evidence
        self._lose_step = lose_step
        self._under_way = False
        self.found: list[Flooded] = []
        """Each of them once."""

    def check(self) -> None:
        """Raise `Flooded` while more has come than the module is allowed."""
        if flood := self.look():
            raise flood

    def look(self) -> Flooded | None:
        """The flood that is under way, noted once; None while no more has come than the module is allowed."""
        again, self._under_way = self._under_way, self._channel.intake.exhausted
        return self.note(again) if self._under_way else None

    def note(self, again: bool = False) -> Flooded:
        """Take notice of a flood, which may have been under way when it was looked for last."""
        self._lose_step()
        flood = Flooded(
            say(
                "the module floods the line with what answers nothing: {received} bytes so far, the last "
                "of them {latest}",
                received=self._channel.received,
                latest=repr(self._channel.latest),
            ),
            self._evidence(),
        )
        if not again:
            self.found.append(flood)
        return flood

    def ends(self) -> bool:
        """Wait for a flood to end, unless the module has flooded the line too often to be waited for."""
        return not self.lasts and self._channel.flood_ends(self._deadlines.repeated_silence)

    @property
    def lasts(self) -> bool:
        """Whether the module has flooded the line so often that it will do so again."""
        return len(self.found) >= _LASTING
