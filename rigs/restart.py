"""Restarts that nobody ordered: how one is recognised, whatever the module's port is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rigs.at.lines import Line
from rigs.at.results import final_result
from rigs.sentence import Sentence, say


class Sign(StrEnum):
    """What a restart leaves behind. One alone may be something else."""

    BANNER = say("a line that it says only at power-up")
    ECHO = say("the echo is on again")
    ERRORS = say("+CMEE is back to another value")
    SETTINGS = say("all settings that power-up resets are reset")
    PORT = say("its port went away and came back")
    SESSION = say("its session at the gateway ended without DISCONNECT")
    SILENCE = say("a command met with silence")


@dataclass(frozen=True)
class Restart:
    """One restart, judged once."""

    noticed: float
    """Monotonic time."""
    signs: tuple[Sign, ...]
    command: str
    """The command line under way, or the one before; masked."""
    exchange: int
    """Number of that command's exchange."""
    in_flight: bool
    """Whether that command got no final result code."""
    evidence: tuple[int, ...] = ()
    """First and last event in the run record of the exchange that showed it."""

    def __str__(self) -> str:
        return self.told

    @property
    def told(self) -> Sentence:
        """It in a sentence."""
        signs = [sign.value for sign in self.signs]
        if self.in_flight:
            return say(
                "the module restarted by itself while it owed an answer to {command}: {signs}",
                command=self.command,
                signs=signs,
            )
        return say("the module restarted by itself about {command}: {signs}", command=self.command, signs=signs)


def is_restart(signs: set[Sign], *, settings_kept: bool, just_booted: bool) -> bool:
    """Whether these signs mean a restart.

    ``settings_kept``: a setting that no restart leaves alone still holds another value than after power-up.
    ``just_booted``: a stored profile may be loaded some time after the first answer, and brings echo and +CMEE back.
    """
    if settings_kept:
        return False
    if Sign.SETTINGS in signs:
        # Alone they may have been reset by a command that must not.
        return len(signs) > 1
    strong = {Sign.BANNER, Sign.PORT} & signs
    weak = {Sign.ECHO, Sign.ERRORS} & signs
    if weak and (strong or Sign.SILENCE in signs):
        return True
    if just_booted:
        return False
    return (bool(strong) and Sign.SILENCE in signs) or len(weak) == 2 or len(strong) == 2


def may_be_banner(line: Line) -> bool:
    """Whether a line that came at power-up may be one that a module says only then."""
    text = line.text
    return (
        line.body is None
        and final_result(text) is None
        and len(text) >= 3
        and text.isascii()
        and text.decode().isprintable()
    )
