"""A record's judgements made again from what it holds of the line, with a count of those that cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.events import Event, Finding, Kind
from reports.inert import inert
from reports.judging.answer import Answer
from reports.judging.expectation import ExpectationError, expectation_of
from reports.judging.judge import judge, verdict_of
from reports.record import RunRecord
from reports.severity import Verdict

OPENED, CLOSED = "\u3010", "\u3011"
"""Round the label of a secret; no byte of a line is written as one of these."""


@dataclass(frozen=True)
class Contradiction:
    """A judgement that the record's own evidence does not give."""

    finding: Finding
    derived: Verdict

    def __str__(self) -> str:
        requirement = inert(str(self.finding.requirement))
        return (
            f"the finding of event {self.finding.seq} says {self.finding.verdict} for {requirement}; what came of "
            f"{inert(str((self.finding.expectation or {}).get('check')))} gives {self.derived}"
        )


@dataclass
class Again:
    """How many judgements were made again, and which were not: their number by the kind of what they say."""

    made: int = 0
    not_made: Counter[str] = field(default_factory=Counter)
    contradictions: list[Contradiction] = field(default_factory=list)

    @property
    def all(self) -> int:
        """Every judgement of the run."""
        return self.made + self.not_made.total()

    def __str__(self) -> str:
        return f"{self.made} of {self.all} judgements made again from the raw bytes"


def judge_again(record: RunRecord) -> Again:
    """Judge every finding of a record whose expectation is data.

    Raises `ExpectationError` for an expectation of an unknown kind, or one that points nowhere or into the future.
    """
    evidence, again = _Recorded(record), Again()
    findings = {finding.seq: finding for finding in record.findings}
    for event in record.events:
        if event.kind == Kind.EXCHANGE:
            evidence.add(event)
        elif (finding := findings.get(event.seq)) is not None:
            _judge(finding, record, evidence, again)
    return again


def _judge(finding: Finding, record: RunRecord, evidence: _Recorded, again: Again) -> None:
    if finding.expectation is None or not finding.derivable:
        again.not_made[_kind_of(finding)] += 1
        return
    expectation = expectation_of(finding.expectation, finding.seq)
    requirement = record.requirements.get(finding.requirement or "")
    if requirement is None:
        raise ExpectationError(f"the finding of event {finding.seq} judges no requirement of this record's catalogue")
    # Only silence is ever laid to a restart that nobody ordered.
    restarted = finding.otherwise and all(evidence.answer(event).silent for event in expectation.about)
    breach = Verdict.DEVIATION if restarted else None
    derived = verdict_of(judge(expectation, evidence), requirement.level, breach)
    again.made += 1
    if derived is not finding.verdict:
        again.contradictions.append(Contradiction(finding, derived))


def _kind_of(finding: Finding) -> str:
    return "masked" if finding.expectation is not None else finding.title


class _Recorded:
    """What a record has told so far."""

    def __init__(self, record: RunRecord) -> None:
        self._names = {command.name.upper() for command in record.commands}
        self._answers: dict[int, Answer] = {}
        self.shows_codes = False

    def add(self, event: Event) -> None:
        """Take up the next exchange."""
        answer = answer_of(event.data)
        self._answers[event.seq] = answer
        if answer.name in self._names and answer.result is not None and answer.result.code is not None:
            self.shows_codes = True

    def answer(self, event: int) -> Answer:
        found = self._answers.get(event)
        if found is None:
            raise ExpectationError(f"an expectation is about event {event}, which is no exchange")
        return found


def answer_of(exchange: Mapping[str, Any]) -> Answer:
    """What an exchange event says was answered, labels in place of what was masked."""
    masked, labels = exchange.get("masked") or {}, exchange.get("labels") or {}

    def told(place: str, text: str) -> str:
        pieces, end = [], 0
        spans, names = masked.get(place, ()), labels.get(place, ())
        for (first, last), label in zip(spans, names, strict=True) if len(spans) == len(names) else ():
            pieces += [text[end:first], OPENED, label, CLOSED]
            end = last
        return "".join((*pieces, text[end:]))

    lines = tuple(told(f"/lines/{index}", line) for index, line in enumerate(exchange["lines"]))
    command = told("/command", exchange["command"])
    return Answer(command, lines, exchange["silent"], exchange["seconds"])
