"""What a stored profile may have switched at power-up: the form of results, the echo, the errors (V.250, 6.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rigs.simulator.habits.registry import habit
from rigs.simulator.patching import wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

LATE = 1.2
"""Seconds from the first answer to the moment when the profile is loaded."""


@habit("starts with ATV0: results are numbers until ATV1")
def profile_v0(module: Firmware) -> None:
    module.console.verbose = False


@habit("starts with ATQ1: no results until ATQ0")
def profile_q1(module: Firmware) -> None:
    module.console.quiet = True


def _late(module: Firmware, load: Callable[[], object]) -> None:
    """Load the profile some time after the first answer."""
    answered: list[bool] = []

    def respond(original: Callable[[list[bytes]], None], lines: list[bytes]) -> None:
        original(lines)
        if not answered:
            answered.append(True)
            module.loop.call_later(LATE, load)

    wrap(module.console, "respond", respond)


@habit("loads its profile, with ATE1 and +CMEE=0, 1.2 s after the first answer")
def profile_loaded_late(module: Firmware) -> None:
    def load() -> None:
        module.console.echo = True
        module.error_verbosity = 0

    _late(module, load)


@habit("loads its profile, with ATV0, 1.2 s after the first answer")
def profile_v0_loaded_late(module: Firmware) -> None:
    def load() -> None:
        module.console.verbose = False

    _late(module, load)
