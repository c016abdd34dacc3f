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
class Effort:
    """``what`` names the steps, such as ``generated-lines``; ``cut`` is None where all that was planned was done."""

    what: str
    planned: int
    done: int
    minimum: int
    """The least that a requirement can be judged by, from the catalogue."""
    cut: Cut | None = None

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
        }


def effort_of(entry: Mapping[str, Any]) -> Effort:
    """An effort as the run record holds it. Raises ValueError for one that no run writes."""
    planned, done, minimum = numbers = [entry[name] for name in ("planned", "done", "minimum")]
    if any(type(number) is not int or number < 0 for number in numbers):
        raise ValueError("an effort counts what was planned, done and needed")
    return Effort(str(entry["what"]), planned, done, minimum, None if entry["cut"] is None else Cut(entry["cut"]))
