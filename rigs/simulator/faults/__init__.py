"""Deliberately broken modules: each a few lines that patch the firmware, with the sentence that states the lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Patch = Callable[["Firmware"], None]


@dataclass(frozen=True)
class Fault:
    """A seeded fault. ``breaks`` names the requirements that a suite may catch it by."""

    name: str
    lie: str
    breaks: tuple[str, ...]
    seed: Patch


FAULTS: dict[str, Fault] = {}


def fault(lie: str, *, breaks: list[str]) -> Callable[[Patch], Patch]:
    """Register a patch under its function's name, with dashes."""

    def register(seed: Patch) -> Patch:
        name = seed.__name__.replace("_", "-")
        FAULTS[name] = Fault(name, lie, tuple(breaks), seed)
        return seed

    return register
