"""What the search for harmful lines tells of: a line, what it did, and the cause that several such lines share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.grammar import LineClass

_COMMON = re.compile(rb"[A-Za-z0-9+=?,\" ]*")
_LONGEST_ESSENCE = 4
_HIGH = 0x80
NO_COMMAND = "no command"
"""What a line that does not begin with AT is made as."""


class Symptom(StrEnum):
    """What a line has done."""

    SILENCE = "silence"
    """No final result code came."""
    LATE = "late"
    """The final result code came too late."""
    RESTART = "restart"
    CODE = "code"
    """A code that no ALY command shows for a well-formed line."""
    CHANGED = "changed"
    """A value is another one than before."""
    POLLUTED = "polluted"
    """The next command was answered wrong, once."""
    SESSION = "session"
    """The session is lost, or does more than it was asked for."""
    SLOWER = "slower"
    """Answers take longer and longer."""


@dataclass(frozen=True)
class Tried:
    """A line that was sent, without its CR, and what it was made as."""

    data: bytes
    production: str
    mutation: str
    loose: bool = False
    pauses: bool = False
    """Whether nothing is sent for a moment between it and its CR."""

    @classmethod
    def of(cls, made: LineClass, data: bytes) -> Tried:
        """A line of that class."""
        return cls(data, str(made.production), made.mutation.name, made.loose)


@dataclass
class Cause:
    """One way in which the module went wrong, however many lines show it."""

    symptom: Symptom
    tried: Tried
    """The last of the lines that brought it about first."""
    message: str
    lines: tuple[Tried, ...]
    """The shortest sequence found that brings it about."""
    evidence: tuple[int, ...] = field(default=())
    count: int = 1

    @property
    def essence(self) -> bytes:
        """The bytes that matter in the one line that does it; empty where that cannot be told."""
        if len(self.lines) != 1:
            return b""
        rest = self.lines[0].data.removeprefix(b"AT")
        return rest if len(rest) <= _LONGEST_ESSENCE and not _COMMON.fullmatch(rest) else b""

    def is_by(self, symptom: Symptom, lines: Sequence[Tried]) -> bool:
        """Whether the same lines, made as short as they go, bring the same symptom about."""
        return self.symptom is symptom and [line.data for line in self.lines] == [line.data for line in lines]

    def explains(self, tried: Tried) -> bool:
        """Whether a line that has not been sent would most probably only show the same once more."""
        essence = self.essence
        if essence and (essence in tried.data or (essence[0] >= _HIGH and not tried.data.isascii())):
            return True
        same = tried.mutation == self.tried.mutation and self.count > 1
        return same or (tried.production == self.tried.production and self.count > _ENOUGH)


_ENOUGH = 3
"""Lines of one production that show the same."""
