"""The catalogue of conditions, and how a condition gets into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rigs.simulator.options import AdapterOptions
from rigs.simulator.patching import Patch

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


@dataclass(frozen=True)
class Condition:
    """Something that surrounds the module.

    ``adopt`` brings into the module what it has to live with, ``lab`` names the options of the adapter that differ.
    """

    name: str
    surroundings: str
    adopt: Patch
    lab: Mapping[str, Any] = field(default_factory=dict)


CONDITIONS: dict[str, Condition] = {}


def condition(surroundings: str, name: str | None = None) -> Callable[[Patch], Patch]:
    """Register a patch under ``name``, or under its function's name with dashes."""

    def register(adopt: Patch) -> Patch:
        _register(Condition(name or adopt.__name__.replace("_", "-"), surroundings, adopt))
        return adopt

    return register


def around_the_module(name: str, surroundings: str, **lab: Any) -> None:
    """Register a condition that the module itself has no part in: other options of the adapter."""
    _register(Condition(name, surroundings, _nothing, lab))


def surrounded(options: AdapterOptions, names: Iterable[str]) -> AdapterOptions:
    """The adapter's options under these conditions."""
    for name in names:
        options = replace(options, **CONDITIONS[name].lab)
    return options


def _nothing(_module: Firmware) -> None:
    """Nothing in the module differs."""


def _register(new: Condition) -> None:
    if new.name in CONDITIONS:
        raise ValueError(f"two conditions are named {new.name}")
    CONDITIONS[new.name] = new
