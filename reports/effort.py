"""What a test set out to do many times over, against what it got done: planned, done, and the least that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Cut(StrEnum):
    """What cut a plan short."""

    SLOW = "slow answers"
    PROFILE = "profile"
    TIME_LIMIT = "time limit"
    SELECTION = "selection"
    """Tests were chosen or left out by hand, or the run ended early."""


@dataclass(frozen=True)
class Strength:
    """Of how many factors (2 or 3) every combination of values stands in a plan, and how many of them were tried."""

    factors: int
    planned: int
    done: int

    def fields(self) -> dict[str, int]:
        """As the run record stores it."""
        return {"factors": self.factors, "planned": self.planned, "done": self.done}


@dataclass(frozen=True)
class Effort:
    """``what`` names the steps, such as ``generated-lines``; ``cut`` is None where all that was planned was done.

    ``strength`` is None where the steps are no combinations.
    """

    what: str
    planned: int
    done: int
    minimum: int
    """The least that a requirement can be judged by, from the catalogue."""
    cut: Cut | None = None
    strength: Strength | None = None

    @property
    def enough(self) -> bool:
        """Whether so much was done that the requirement can be judged by it."""
        return self.done >= self.minimum

    def fields(self) -> dict[str, Any]:
        """As the run record stores it."""
        return {
            "what": self.what,
            "planned": self.planned,
            "done": self.done,
            "minimum": self.minimum,
            "cut": self.cut,
            **({} if self.strength is None else {"strength": self.strength.fields()}),
        }


def effort_of(entry: Mapping[str, Any]) -> Effort:
    """An effort as the run record holds it. Raises ValueError for one that no run writes."""
    planned, done, minimum = _counts(entry, "planned", "done", "minimum")
    cut = None if entry["cut"] is None else Cut(entry["cut"])
    strength = None if entry.get("strength") is None else _strength_of(entry["strength"])
    if strength is not None and done == planned and strength.done != strength.planned:
        raise ValueError("a plan that was done has tried all of its combinations")
    return Effort(str(entry["what"]), planned, done, minimum, cut, strength)


def _strength_of(entry: Mapping[str, Any]) -> Strength:
    factors, planned, done = _counts(entry, "factors", "planned", "done")
    if factors not in (2, 3) or done > planned:
        raise ValueError("a strength is 2 or 3, and no more combinations are tried than there are")
    return Strength(factors, planned, done)


def _counts(entry: Mapping[str, Any], *names: str) -> list[int]:
    counts = [entry[name] for name in names]
    if any(type(count) is not int or count < 0 for count in counts):
        raise ValueError("an effort counts what was planned, done and needed")
    return counts
