"""Goes through the combinations of a model of factors, as many as there is time for, and says how many there were."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from conformance import covering
from conformance.catalogue import Row, load
from conformance.catalogue.factors import Pattern
from conformance.covering import Plan
from fixtures.findings import Breach
from fixtures.verify import Verifier
from reports.effort import Cut, Effort

CHUNK = 24
"""Rows that are put together by what is costly to bring about: few enough for the most valuable ones to come first."""


def through(
    verify: Verifier,
    name: str,
    judge: Callable[[Row], None],
    *,
    without: Pattern | None = None,
    together: str | None = None,
    conclude: Callable[[], None] = lambda: None,
    share: float = 1.0,
) -> None:
    """Call ``judge`` for the rows of the model ``name``, and record how many of its combinations there was time for.

    ``without`` are levels that this module or value does not have. Rows with the same level of the factor ``together``
    stand together, so that it is brought about once for all of them. ``conclude`` judges what rows have left to be
    judged together: after each chunk, and at the end.
    """
    plan = _plan(name, tuple(sorted((without or {}).items())))
    plan = replace(plan, rows=tuple(ordered(plan.rows, together)))
    least = min(load().model(name).least, len(plan.rows))
    budget = verify.budget("combinations", len(plan.rows), least, share=share)
    for number, row in enumerate(budget.of(plan.rows), 1):
        try:
            judge(row)
        except Breach as breach:
            raise Breach(f"{breach}\n  combination: {shown(row)}", silence=breach.silence) from breach
        if number % CHUNK == 0:
            conclude()
    conclude()
    effort = budget.effort
    verify.effort(replace(effort, strength=plan.reached(effort.done)))


def rows_of(name: str, without: Pattern | None = None) -> list[Row]:
    """The rows of a model, best first, for a test that goes through them in its own way."""
    return [*_plan(name, tuple(sorted((without or {}).items()))).rows]


def groups(name: str, factor: str) -> list[list[Row]]:
    """The rows of a model in groups of which each has one row at most for every level of ``factor``, best first."""
    found: list[list[Row]] = []
    for row in _plan(name, ()).rows:
        free = (group for group in found if row[factor] not in [other[factor] for other in group])
        if (group := next(free, None)) is not None:
            group.append(row)
        else:
            found.append([row])
    return found


def groups_for(name: str, grouped: Sequence[Sequence[Row]]) -> int:
    """In how many of the first groups of a model the least number of rows stands."""
    counts = itertools.accumulate(map(len, grouped))
    return next(number for number, count in enumerate(counts, 1) if count >= load().model(name).least)


def effort_of_groups(name: str, grouped: Sequence[Sequence[Row]], done: int, cut: Cut | None) -> Effort:
    """What the first ``done`` groups of a model come to."""
    plan = replace(_plan(name, ()), rows=tuple(itertools.chain.from_iterable(grouped)))
    rows, least = sum(map(len, grouped[:done])), load().model(name).least
    return Effort("combinations", len(plan.rows), rows, least, cut, plan.reached(rows))


def ordered(rows: Sequence[Row], together: str | None) -> Iterator[Row]:
    """The rows, in each chunk of them those with the same level of a factor together."""
    if together is None:
        yield from rows
        return
    for start in range(0, len(rows), CHUNK):
        yield from sorted(rows[start : start + CHUNK], key=lambda row: str(row[together]))


def shown(row: Row) -> str:
    """A row for messages."""
    return ", ".join(f"{factor} {level}" for factor, level in row.items())


@cache
def _plan(name: str, without: tuple[tuple[str, tuple[str | int, ...]], ...]) -> Plan:
    return covering.plan(load().model(name), without=dict(without))
