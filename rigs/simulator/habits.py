"""Legal peculiarities that real firmware may have: every tolerated alternative, combinable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Patch = Callable[["Firmware"], None]


@dataclass(frozen=True)
class Habit:
    """A legal peculiarity."""

    name: str
    peculiarity: str
    adopt: Patch


HABITS: dict[str, Habit] = {}


def habit(peculiarity: str) -> Callable[[Patch], Patch]:
    """Register a patch under its function's name, with dashes."""

    def register(adopt: Patch) -> Patch:
        name = adopt.__name__.replace("_", "-")
        HABITS[name] = Habit(name, peculiarity, adopt)
        return adopt

    return register
