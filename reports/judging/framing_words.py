"""What was expected of how answers are framed and what came, in both languages."""

from __future__ import annotations

from functools import singledispatch
from typing import TypeAlias

from reports.events import Bilingual
from reports.judging.answer import Answer
from reports.judging.framing import (
    AcceptedForms,
    AllLinesEnd,
    Echoed,
    KnownCodes,
    LinesEnd,
    NoFlood,
    NoSecondResult,
    NoSilence,
    OfRun,
    OneDialect,
    OneResult,
    SyntaxLine,
)
from reports.judging.judge import Evidence
from reports.judging.sights import Sight
from reports.judging.wording import came, listed, ranges, shown, text

_MOST = 5
"""Exchanges that a sentence shows."""
Sides: TypeAlias = tuple[Bilingual, Bilingual]


@singledispatch
def framed(sight: Sight, evidence: Evidence) -> Sides:
    """What was expected, and what came."""
    raise TypeError(f"no words for {sight}")


@framed.register
def _(sight: OneResult, evidence: Evidence) -> Sides:
    answer, fence = evidence.answer(sight.exchange), evidence.answer(sight.fence)
    after = text(
        "came.fenced",
        answer=came(answer),
        strays=evidence.found(sight).strays,
        query=shown(fence.command),
        fence=came(fence),
    )
    return text("expected.one-result", line=shown(answer.command)), after


@framed.register
def _(sight: LinesEnd, evidence: Evidence) -> Sides:
    answer = evidence.answer(sight.exchange)
    wrong = evidence.found(sight)
    told = text("came.ends", answer=came(answer), lines=listed(wrong)) if wrong else came(answer)
    return text("expected.lines-end", line=shown(answer.command)), told


@framed.register
def _(sight: Echoed, evidence: Evidence) -> Sides:
    line = shown(evidence.answer(sight.exchange).command)
    seen = text("said.yes" if evidence.found(sight) else "said.no")
    return text("expected.echo" if sight.on else "expected.no-echo", line=line), text("came.echo", seen=seen)


@framed.register
def _(sight: SyntaxLine, evidence: Evidence) -> Sides:
    answer = evidence.answer(sight.exchange)
    return text("expected.syntax-line", line=shown(answer.command)), came(answer)


@framed.register
def _(sight: AcceptedForms, evidence: Evidence) -> Sides:
    return text("expected.accepted-forms"), _culprits(sight, evidence)


@framed.register
def _(sight: OneDialect, evidence: Evidence) -> Sides:
    return text("expected.one-dialect"), text("came.forms", forms=listed(evidence.found(sight)))


@framed.register
def _(sight: NoFlood, evidence: Evidence) -> Sides:
    return text("expected.no-flood", bytes=sight.allowance), text("came.flood", count=evidence.found(sight))


@framed.register
def _(sight: NoSecondResult, evidence: Evidence) -> Sides:
    return text("expected.no-second-result"), _culprits(sight, evidence)


@framed.register
def _(sight: NoSilence, evidence: Evidence) -> Sides:
    return text("expected.no-silence"), _culprits(sight, evidence)


@framed.register
def _(sight: AllLinesEnd, evidence: Evidence) -> Sides:
    return text("expected.all-lines-end"), _culprits(sight, evidence)


@framed.register
def _(sight: KnownCodes, evidence: Evidence) -> Sides:
    return text("expected.known-codes", codes=ranges(sight.codes)), _culprits(sight, evidence)


def _culprits(sight: OfRun, evidence: Evidence) -> Bilingual:
    found: list[int] = evidence.found(sight)
    if not found:
        return text("came.every-exchange")
    told = [_told(evidence.answer(event)) for event in found[:_MOST]]
    both = Bilingual("; ".join(one.en for one in told), "；".join(one.zh for one in told))
    return text("came.exchanges", count=len(found), shown=both)


def _told(answer: Answer) -> Bilingual:
    said = came(answer)
    return Bilingual(f"{shown(answer.command)}: {said.en}", f"{shown(answer.command)}：{said.zh}")
