"""Why a judgement comes out otherwise: what it rests on, then and now, and what came of the module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from reports.catalogue import Catalogue
from reports.events import Event, Kind
from reports.finding import Finding
from reports.judging.evidence import answer_of
from reports.judging.expectation import Expectation
from reports.judging.rulings import Rulings
from reports.rejudge.minima import bound_of_steps
from reports.rejudge.waits import BOUND, Waited
from reports.severity import Level, Verdict


class CauseKind(StrEnum):
    """What is otherwise. The values are the spelling of the JSON file."""

    LEVEL = "level"
    BOUND = "bound"
    MINIMUM = "minimum"
    """The least that has to be done before a requirement can be judged."""
    CODE_RULE = "code-rule"
    RULING = "ruling"
    """The verdict that a ruling of the ambiguity register gives a breach."""
    CONTRADICTION = "contradiction"
    """The record says something else than its own evidence gives by its own catalogue."""
    NOT_TOLD = "not-told"
    """Recorded in words while the requirement was open, which do not tell whether it was kept."""
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True)
class Cause:
    """One of the reasons of a change, the same for ``count`` judgements; empty strings where there is no such thing."""

    kind: CauseKind
    name: str = ""
    then: str = ""
    now: str = ""
    came: tuple[str, ...] = ()
    """What was seen, each once: seconds, codes, or how many steps were done."""
    count: int = 0


@dataclass(frozen=True)
class Changed:
    """A judgement as recorded, and as today's catalogue gives it; ``now`` is None where nothing demands it any more."""

    then: Finding
    now: Finding | None
    expectation: Expectation | None
    """What was expected; None where that is told in words only."""
    derived: Verdict | None
    """What the record gives by its own catalogue, where that can be told."""
    wait: Waited | None = None
    """What today's bound makes of the time until a connection ended, where that bound is another."""

    @property
    def otherwise(self) -> bool:
        """Whether it comes out otherwise."""
        return self.now is not None and self.now.verdict is not self.then.verdict


def of_levels(then: Level, now: Level) -> Iterator[Cause]:
    """The level of a requirement, where it is another."""
    if then is not now:
        yield Cause(CauseKind.LEVEL, then=then.value, now=now.value)


def together(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Each cause once, with all that came of it."""
    found: dict[tuple[str, ...], list[Cause]] = {}
    for cause in causes:
        found.setdefault((cause.kind, cause.name, cause.then, cause.now), []).append(cause)
    return tuple(
        Cause(
            *(same[0].kind, same[0].name, same[0].then, same[0].now),
            tuple(dict.fromkeys(came for cause in same for came in cause.came)),
            len(same),
        )
        for same in found.values()
    )


def of_finding(changed: Changed, then: Catalogue, now: Catalogue, events: tuple[Event, ...]) -> Iterator[Cause]:
    """Why one judgement comes out otherwise, but for the requirement's level."""
    if changed.derived is None:
        yield from _of_minimum(changed)
        if changed.then.verdict is Verdict.OBSERVED and changed.then.effort is None:
            yield Cause(CauseKind.NOT_TOLD)
        return
    if changed.derived is not changed.then.verdict:
        yield Cause(CauseKind.CONTRADICTION, then=changed.then.verdict, now=changed.derived)
    if changed.wait is not None:
        told = (then.rulings.value_of(BOUND), now.rulings.value_of(BOUND))
        yield Cause(CauseKind.BOUND, BOUND, *told, (f"{changed.wait.seconds:.3f}",))
    if changed.expectation is not None:
        yield from _of_rulings(changed.expectation, then.rulings, now.rulings, events)


def _of_minimum(changed: Changed) -> Iterator[Cause]:
    before, after = changed.then.effort, None if changed.now is None else changed.now.effort
    if before is not None and after is not None and before.minimum != after.minimum:
        told = (str(before.minimum), str(after.minimum))
        yield Cause(CauseKind.MINIMUM, bound_of_steps(before.what), *told, (str(before.done),))


def _of_rulings(expectation: Expectation, then: Rulings, now: Rulings, events: tuple[Event, ...]) -> Iterator[Cause]:
    for name in expectation.named:
        if then.value_of(name) == now.value_of(name) or not now.knows(name):
            continue
        told = (then.value_of(name), now.value_of(name))
        if name in now.bounds:
            yield Cause(CauseKind.BOUND, name, *told, tuple(_seconds(expectation, events)))
        elif name in now.rules:
            yield Cause(CauseKind.CODE_RULE, name, *told, tuple(_codes(expectation, events)))
        else:
            yield Cause(CauseKind.RULING, name, *told)


def _seconds(expectation: Expectation, events: tuple[Event, ...]) -> Iterator[str]:
    for event in _exchanges(expectation, events):
        yield f"{float(event.data.get('seconds', 0.0)):.3f}"


def _codes(expectation: Expectation, events: tuple[Event, ...]) -> Iterator[str]:
    for event in _exchanges(expectation, events):
        result = answer_of(event.data).result
        yield "-" if result is None or result.code is None else str(result.code)


def _exchanges(expectation: Expectation, events: tuple[Event, ...]) -> Iterator[Event]:
    return (events[seq] for seq in expectation.about if events[seq].kind == Kind.EXCHANGE)
