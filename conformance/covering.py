"""Covering arrays: from what may matter to a command, rows in which every combination of few factors stands."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from covertable import make

from conformance.catalogue import FactorModel, Row
from conformance.catalogue.factors import Level, Pattern
from reports.effort import Strength

Combination = tuple[tuple[str, Level], ...]
"""Levels of as many factors as the strength says."""


@dataclass(frozen=True)
class Plan:
    """The rows of a model, so ordered that the first of them hold the most combinations."""

    rows: tuple[Row, ...]
    factors: int
    """Of how many factors every combination stands in some row."""

    def reached(self, done: int) -> Strength:
        """What the first ``done`` rows hold."""
        held = self._held[done - 1] if done else 0
        return Strength(self.factors, self._held[-1] if self._held else 0, held)

    @cached_property
    def _held(self) -> list[int]:
        """How many different combinations the first rows hold: of one of them, of two ..."""
        seen: set[Combination] = set()
        sizes = []
        for row in self.rows:
            seen |= {*combinations(row, self.factors)}
            sizes.append(len(seen))
        return sizes


def plan(model: FactorModel, *, without: Pattern | None = None) -> Plan:
    """The rows to try, the same each time; ``without`` are levels that this module or value does not have.

    Raises ValueError where the model has no such factor or level.
    """
    left_out = without or {}
    model.check(left_out)
    factors = {
        factor: [level for level in levels if level not in left_out.get(factor, ())]
        for factor, levels in model.factors.items()
    }
    never = [left for pattern in model.never if (left := _remaining(pattern, factors)) is not None]
    rows = make(factors, strength=model.strength, constraints=[_no(pattern) for pattern in never])
    in_order = [{factor: row[factor] for factor in factors} for row in rows]
    return Plan(tuple(_most_first(in_order, model.strength)), model.strength)


def combinations(row: Row, factors: int) -> Iterator[Combination]:
    """What one row holds of combinations of so many factors."""
    return itertools.combinations(row.items(), factors)


def fits(row: Row, pattern: Pattern) -> bool:
    """Whether a row is one that the pattern speaks of."""
    return all(row[factor] in levels for factor, levels in pattern.items())


def _remaining(pattern: Pattern, factors: dict[str, list[Level]]) -> Pattern | None:
    """The pattern with the levels that are left; None where it speaks of none of them any more."""
    left = {factor: tuple(level for level in levels if level in factors[factor]) for factor, levels in pattern.items()}
    return left if all(left.values()) else None


def _no(pattern: Pattern) -> dict[str, Any]:
    """The pattern as a constraint of the generator."""
    parts = [{"operator": "in", "left": factor, "values": [*levels]} for factor, levels in pattern.items()]
    return {"operator": "not", "condition": {"operator": "and", "conditions": parts}}


def _most_first(rows: Sequence[Row], factors: int) -> Iterable[Row]:
    """The same rows, each time the one that adds the most combinations next.

    What a row adds can only become less, so that one which still adds as much as it did before is the next one.
    """
    held: set[Combination] = set()
    adds = {number: {*combinations(row, factors)} for number, row in enumerate(rows)}
    waiting = [(-len(added), number) for number, added in adds.items()]
    heapq.heapify(waiting)
    while waiting:
        before, number = heapq.heappop(waiting)
        now = -len(adds[number] - held)
        if now > before:
            heapq.heappush(waiting, (now, number))
            continue
        held |= adds[number]
        yield rows[number]
