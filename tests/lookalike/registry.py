"""How a fault is written down."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .firmware import Firmware

KINDS = ("plain", "combination", "history", "parser")
VALUES = ("DN", "DS", "PK", "PS")

Change = Callable[[Firmware], None]


@dataclass(frozen=True)
class Fault:
    """A bug of the firmware: what it does, the requirements that it breaks, and how a boot is changed to have it."""

    name: str
    sentence: str
    breaks: tuple[str, ...]
    kind: str
    area: str
    demo: str
    change: Change


def expand(breaks: str) -> tuple[str, ...]:
    """IDs by blanks; `ID-01-*` stands for all four values."""
    found: list[str] = []
    for word in breaks.split():
        found += [word[:-1] + value for value in VALUES] if word.endswith("-*") else [word]
    return tuple(found)


class Registry:
    """The faults of one area."""

    def __init__(self, area: str) -> None:
        self.area = area
        self.faults: list[Fault] = []

    def __call__(self, name: str, kind: str, breaks: str, sentence: str, demo: str = "") -> Callable[[Change], Change]:
        """Register the function below as a fault; `demo` is a dialogue that shows it (see demo.py)."""
        assert kind in KINDS, kind

        def keep(change: Change) -> Change:
            self.faults.append(Fault(name, sentence, expand(breaks), kind, self.area, demo, change))
            return change

        return keep


def wrap(owner: Any, method: str, instead: Callable[..., Any]) -> None:
    """Put a function in the place of a method; it is given the method as its first argument."""
    setattr(owner, method, functools.partial(instead, getattr(owner, method)))
