"""The rulings that judgements rest on, by the names that they have in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reports.severity import Verdict


class Codes(NamedTuple):
    """What a code rule accepts: codes in one of the ranges, both ends included, and no code at all unless ``exact``."""

    codes: tuple[tuple[int, int], ...]
    exact: bool

    def __str__(self) -> str:
        ranges = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in self.codes)
        return ranges if self.exact else f"{ranges}, -"


@dataclass(frozen=True)
class Rulings:
    """Of one catalogue: its bounds (units as the catalogue has them), its code rules, and the breaches it rules upon.

    ``breaches`` holds every ruling of the ambiguity register, with None for one that leaves the verdict to the level.
    """

    bounds: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, Codes] = field(default_factory=dict)
    breaches: Mapping[str, Verdict | None] = field(default_factory=dict)

    def any_of(self, names: Sequence[str]) -> Codes | None:
        """What is right where any of several code rules may hold; None for no names, or one that is unknown."""
        if not names or any(name not in self.rules for name in names):
            return None
        found = [self.rules[name] for name in names]
        codes = dict.fromkeys(accepted for rule in found for accepted in rule.codes)
        return Codes(tuple(codes), all(rule.exact for rule in found))

    def value_of(self, name: str) -> str:
        """What a bound, a code rule or a ruling of that name says, for readers; empty where there is none."""
        if name in self.bounds:
            return f"{self.bounds[name]:g}"
        if name in self.rules:
            return str(self.rules[name])
        breach = self.breaches.get(name)
        return "" if breach is None else breach.value

    def knows(self, name: str) -> bool:
        """Whether a bound, a code rule or a ruling of that name is among them."""
        return name in self.bounds or name in self.rules or name in self.breaches
