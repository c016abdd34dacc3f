"""A record's judgements made again from what it holds of the line, with a count of those that cannot be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from reports.events import Event, Finding, Kind
from reports.inert import inert
from reports.judging.answer import Answer
from reports.judging.expectation import ExpectationError, expectation_of
from reports.judging.judge import judge, verdict_of
from reports.judging.line import Lines, downlink
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


_MASKED = "masked"
"""Why a judgement cannot be made again though its expectation is data: the evidence hides what it would take."""


@dataclass
class Again:
    """How many judgements were made again, and which were not: their number by what they say in words.

    What is only recorded where the manual leaves it open is no judgement.
    """

    made: int = 0
    not_made: Counter[str] = field(default_factory=Counter)
    contradictions: list[Contradiction] = field(default_factory=list)

    @property
    def all(self) -> int:
        """Every judgement of the run."""
        return self.made + self.not_made.total()

    def to_summary(self) -> dict[str, int]:
        """The numbers, ready for JSON."""
        return {"all": self.all, "again": self.made}

    def __str__(self) -> str:
        return f"{self.made} of {self.all} judgements made again from the raw bytes"


_made: WeakKeyDictionary[RunRecord, Again] = WeakKeyDictionary()


def judge_again(record: RunRecord) -> Again:
    """Judge every finding of a record whose expectation is data; a record is judged once.

    Raises `ExpectationError` for an expectation of an unknown kind, or one that points nowhere or into the future.
    """
    if record not in _made:
        _made[record] = _judge_all(record)
    return _made[record]


def _judge_all(record: RunRecord) -> Again:
    evidence, again = _Recorded(record), Again()
    findings = {finding.seq: finding for finding in record.findings}
    for event in record.events:
        evidence.add(event)
        if (finding := findings.get(event.seq)) is not None:
            _judge(finding, record, evidence, again)
    return again


def _judge(finding: Finding, record: RunRecord, evidence: _Recorded, again: Again) -> None:
    if finding.observation is not None:
        return
    if finding.expectation is None or not finding.derivable:
        again.not_made[finding.title if finding.expectation is None else _MASKED] += 1
        return
    expectation = expectation_of(finding.expectation, finding.seq)
    requirement = record.requirements.get(finding.requirement or "")
    if requirement is None:
        raise ExpectationError(f"the finding of event {finding.seq} judges no requirement of this record's catalogue")
    # Only silence is ever laid to a restart that nobody ordered.
    restarted = finding.otherwise and all(evidence.is_silent(event) for event in expectation.about)
    breach = Verdict.DEVIATION if restarted else None
    derived = verdict_of(judge(expectation, evidence), requirement.level, breach)
    again.made += 1
    if derived is not finding.verdict:
        again.contradictions.append(Contradiction(finding, derived))


class _Recorded:
    """What a record has told so far."""

    def __init__(self, record: RunRecord) -> None:
        self._names = {command.name.upper() for command in record.commands}
        self._answers: dict[int, Answer] = {}
        self._lines = Lines()
        self._connections: defaultdict[int, set[str]] = defaultdict(set)
        self.shows_codes = False

    def add(self, event: Event) -> None:
        """Take up the next event."""
        match event.kind:
            case Kind.EXCHANGE:
                self._add_exchange(event)
            case Kind.SERIAL if event.data["dir"] == "rx":
                self._lines.feed(event.seq, event.data["data"])
            case Kind.CLOUD if event.data["connection"] is not None:
                self._connections[event.data["connection"]].add(event.data["event"])

    def _add_exchange(self, event: Event) -> None:
        answer = answer_of(event.data)
        self._answers[event.seq] = answer
        if answer.name in self._names and answer.result is not None and answer.result.code is not None:
            self.shows_codes = True

    def answer(self, event: int) -> Answer:
        found = self._answers.get(event)
        if found is None:
            raise ExpectationError(f"an expectation is about event {event}, which is no exchange")
        return found

    def is_silent(self, event: int) -> bool:
        """Whether that event is an exchange that met with silence."""
        return event in self._answers and self._answers[event].silent

    def downlinks(self, topic: str, first: int, last: int) -> list[str]:
        found = (downlink(line, topic) for line in self._lines.between(first, last))
        return [payload for payload in found if payload is not None]

    def events_of(self, connection: int) -> set[str]:
        return self._connections[connection]


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

    lines = tuple(told(f"/lines/{index}", str(line)) for index, line in enumerate(exchange.get("lines", ())))
    command = told("/command", str(exchange.get("command", "")))
    return Answer(command, lines, exchange["silent"], float(exchange.get("seconds", 0.0)))
