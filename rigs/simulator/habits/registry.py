"""The catalogue of legal habits, and how a habit gets into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rigs.simulator.patching import Patch


@dataclass(frozen=True)
class Habit:
    """A legal peculiarity."""

    name: str
    peculiarity: str
    adopt: Patch


HABITS: dict[str, Habit] = {}


def habit(peculiarity: str, name: str | None = None) -> Callable[[Patch], Patch]:
    """Register a patch under ``name``, or under its function's name with dashes."""

    def register(adopt: Patch) -> Patch:
        key = name or adopt.__name__.replace("_", "-")
        if key in HABITS:
            raise ValueError(f"two habits are named {key}")
        HABITS[key] = Habit(key, peculiarity, adopt)
        return adopt

    return register
