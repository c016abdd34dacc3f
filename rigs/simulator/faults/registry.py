"""The catalogue of seeded faults, and how a fault gets into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rigs.simulator.patching import Patch

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

SUFFIXES = {"DEVICENAME": "DN", "DEVICESECRET": "DS", "PRODUCTKEY": "PK", "PRODUCTSECRET": "PS"}


@dataclass(frozen=True)
class Fault:
    """A seeded fault. ``breaks`` names the requirements that a suite must catch it by, any one of them.

    ``exposed_by`` names what a cloud has to do wrong for the fault to show at all; empty for most. Any one of several
    names does, the first of which it stands for. ``provoked_by`` names requirements whose tests bring out what the
    broken ones judge over a whole run.
    """

    name: str
    lie: str
    breaks: tuple[str, ...]
    seed: Patch
    exposed_by: str = ""
    provoked_by: tuple[str, ...] = ()


FAULTS: dict[str, Fault] = {}


def fault(
    lie: str, *, breaks: list[str], exposed_by: str = "", provoked_by: Sequence[str] = ()
) -> Callable[[Patch], Patch]:
    """Register a patch under its function's name, with dashes."""

    def register(seed: Patch) -> Patch:
        _register(seed.__name__, lie, breaks, seed, exposed_by, provoked_by)
        return seed

    return register


def identity_fault(lie: str, *, breaks: list[str]) -> Callable[[Callable[[Firmware, str], None]], None]:
    """Register a patch four times, once for each identity value.

    ``{value}`` in the sentence is the value's name; the value's suffix ends the fault's name and the requirements'.
    """

    def register(seed: Callable[[Firmware, str], None]) -> None:
        for value, suffix in SUFFIXES.items():
            _register(
                f"{seed.__name__}_{suffix.lower()}",
                lie.format(value=value),
                [f"{requirement}-{suffix}" for requirement in breaks],
                _for(seed, value),
            )

    return register


def _for(seed: Callable[[Firmware, str], None], value: str) -> Patch:
    return lambda module: seed(module, value)


def _register(
    function: str, lie: str, breaks: list[str], seed: Patch, exposed_by: str = "", provoked_by: Sequence[str] = ()
) -> None:
    name = function.replace("_", "-")
    if name in FAULTS:
        raise ValueError(f"two faults are named {name}")
    FAULTS[name] = Fault(name, lie, tuple(breaks), seed, exposed_by, tuple(provoked_by))
