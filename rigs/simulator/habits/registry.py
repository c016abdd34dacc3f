"""The catalogue of legal habits, and how a habit gets into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rigs.simulator.patching import Patch


@dataclass(frozen=True)
class Habit:
    """A legal peculiarity.

    ``declares`` is what a vendor says of such a module in its PICS, claim -> value. ``deviates`` names the implied
    requirements that it deviates from: a DEVIATION of these, and of no other, is right.
    """

    name: str
    peculiarity: str
    adopt: Patch
    declares: Mapping[str, object] = field(default_factory=dict)
    deviates: tuple[str, ...] = ()


HABITS: dict[str, Habit] = {}


def habit(
    peculiarity: str,
    name: str | None = None,
    *,
    declares: Mapping[str, object] | None = None,
    deviates: Sequence[str] = (),
) -> Callable[[Patch], Patch]:
    """Register a patch under ``name``, or under its function's name with dashes."""

    def register(adopt: Patch) -> Patch:
        key = name or adopt.__name__.replace("_", "-")
        if key in HABITS:
            raise ValueError(f"two habits are named {key}")
        HABITS[key] = Habit(key, peculiarity, adopt, declares or {}, tuple(deviates))
        return adopt

    return register
