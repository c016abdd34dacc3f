"""The one judge: whether an expectation holds of what was seen. Pure, and the same for a live run and a later look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from functools import singledispatch
from typing import Any, Protocol

from reports.judging.answer import Answer
from reports.judging.expectation import (
    Answered,
    Answers,
    AnswersOneOf,
    AnswersOther,
    CameOnline,
    Expectation,
    Informs,
    InWords,
    Ok,
    Published,
    Refused,
    Shown,
    WasClosed,
)
from reports.judging.sights import Sight
from reports.severity import Level, Verdict


class Judgement(StrEnum):
    """What became of an expectation."""

    KEPT = "kept"
    BROKEN = "broken"
    HIDDEN = "hidden"
    """The module does not show what it would take to tell."""


BREACH_VERDICT = {
    Level.MANDATED: Verdict.FAIL,
    Level.IMPLIED: Verdict.DEVIATION,
    Level.OPEN: Verdict.OBSERVED,
}
"""What not keeping to a requirement means, by its level."""

KEPT_VERDICT = {
    Level.MANDATED: Verdict.PASS,
    Level.IMPLIED: Verdict.PASS,
    Level.OPEN: Verdict.OBSERVED,
}
"""What keeping to it means."""


def verdict_of(judgement: Judgement, level: Level, breach: Verdict | None = None) -> Verdict:
    """The verdict on a requirement of that level; ``breach`` where a ruling makes a breach another than the level."""
    if judgement is Judgement.HIDDEN:
        return Verdict.INCONCLUSIVE
    return KEPT_VERDICT[level] if judgement is Judgement.KEPT else breach or BREACH_VERDICT[level]


class Evidence(Protocol):
    """What was seen, by event numbers of the record."""

    def answer(self, event: int) -> Answer:
        """What was answered in that exchange; raises `ExpectationError` where the event is none."""
        ...

    def downlinks(self, topic: str, first: int, last: int) -> Sequence[str]:
        """The payloads of the downlink messages of a topic that were shown from one event to another."""
        ...

    def published(self, topic: str, last: int) -> Sequence[str]:
        """The payloads of the messages that the module published to a topic, up to that event."""
        ...

    def events_of(self, connection: int, last: int) -> Collection[str]:
        """What the gateway has told of that connection, up to that event."""
        ...

    def found(self, sight: Sight) -> Any:
        """What was seen of that, in the shape of its kind."""
        ...

    @property
    def shows_codes(self) -> bool:
        """Whether an error of a command of the manual has carried a code so far in the run."""
        ...


@singledispatch
def judge(expectation: Expectation, evidence: Evidence) -> Judgement:
    """Whether the expectation holds of the evidence."""
    raise TypeError(f"no judge for {expectation}")


def _told(kept: bool) -> Judgement:
    return Judgement.KEPT if kept else Judgement.BROKEN


@judge.register
def _(expected: Ok, evidence: Evidence) -> Judgement:
    result = evidence.answer(expected.exchange).result
    return _told(result is not None and result.ok)


@judge.register
def _(expected: Refused, evidence: Evidence) -> Judgement:
    result = evidence.answer(expected.exchange).result
    if result is None or result.ok:
        return Judgement.BROKEN
    if not expected.codes:
        return Judgement.KEPT
    if result.code is not None:
        return _told(any(first <= result.code <= last for first, last in expected.codes))
    if evidence.shows_codes:
        # Where the command itself shows codes, a bare error is the general parser's, which may refuse such a line.
        return _told(not expected.exact)
    return Judgement.HIDDEN


@judge.register
def _(expected: Answered, evidence: Evidence) -> Judgement:
    answer = evidence.answer(expected.exchange)
    in_time = expected.seconds is None or answer.seconds <= expected.seconds
    return _told(answer.result is not None and in_time)


@judge.register
def _(expected: InWords, evidence: Evidence) -> Judgement:
    result = evidence.answer(expected.exchange).result
    return _told(result is not None and result.readable)


@judge.register
def _(expected: Informs, evidence: Evidence) -> Judgement:
    answer = evidence.answer(expected.exchange)
    separators = answer.separators
    wanted = expected.separator is None or separators == [expected.separator]
    return _told(answer.result is not None and len(separators) == 1 and wanted)


@judge.register
def _(expected: AnswersOther, evidence: Evidence) -> Judgement:
    answer, before = evidence.answer(expected.exchange), evidence.answer(expected.than)
    return _told(answer.result is not None and answer.information != before.information)


@judge.register
def _(expected: Answers, evidence: Evidence) -> Judgement:
    return _told(evidence.answer(expected.exchange).says(expected.values))


@judge.register
def _(expected: AnswersOneOf, evidence: Evidence) -> Judgement:
    answer = evidence.answer(expected.exchange)
    return _told(any(answer.says([value]) for value in expected.values))


@judge.register
def _(expected: Shown, evidence: Evidence) -> Judgement:
    shown = evidence.downlinks(expected.topic, expected.first, expected.last)
    same = (came in (payload, f'"{payload}"') for came, payload in zip(shown, expected.payloads, strict=False))
    return _told(len(shown) == len(expected.payloads) and all(same))


@judge.register
def _(expected: Published, evidence: Evidence) -> Judgement:
    return _told(tuple(evidence.published(expected.topic, expected.last)) == expected.payloads)


@judge.register
def _(expected: Sight, evidence: Evidence) -> Judgement:
    return _told(expected.kept(evidence.found(expected)))


@judge.register
def _(expected: CameOnline, evidence: Evidence) -> Judgement:
    return _told("online" in _told_of(expected, evidence))


@judge.register
def _(expected: WasClosed, evidence: Evidence) -> Judgement:
    return _told("closed" in _told_of(expected, evidence))


def _told_of(expected: CameOnline | WasClosed, evidence: Evidence) -> Collection[str]:
    return () if expected.connection is None else evidence.events_of(expected.connection, expected.last)
