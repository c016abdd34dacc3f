"""The judgements of a run whose expectations are data, test by test, each with the answer that it is about.

The record is read without `reports.record`: only some of its events are needed, and a comparison is to take no time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from reports.compare.drawn import Drawn, Labels
from reports.compare.traffic import Connections, connections_of
from reports.events import Command, Event, Kind, RecordError
from reports.finding import Finding, finding_of
from reports.judging.answer import Answer
from reports.judging.evidence import answer_of
from reports.judging.expectation import Expectation, expectation_of
from reports.resumption import standing
from reports.runs import record_lines
from reports.severity import Verdict

NUMBERS = frozenset({"exchange", "than", "fence", "first", "last", "besides", "connection"})
"""Parameters of expectations that number events and connections of the run."""

_HEAD = re.compile(rb'"kind": ?"([a-z-]+)"(?:, ?"test": ?(null|"(?:[^"\\]|\\.)*"))?')
"""The kind of an event, and its test where that is another than of the line before."""
_KIND_ENDS = 200
"""Bytes of a line within which its kind stands."""
_READ = frozenset(
    str(kind).encode()
    for kind in (
        Kind.RUN,
        Kind.CATALOGUE,
        Kind.EXCHANGE,
        Kind.FINDING,
        Kind.RESUMED,
        Kind.TEST_START,
        Kind.TEST_END,
        Kind.MQTT,
    )
)
_GATEWAY = (b'"login"', b'"listening"', b'"connected"', b'"raw-sent"', b'"closed"', b'"online"')
_SCHEMA = 2
"""The first record schema that holds expectations as data."""
_SET = re.compile(r"AT(\+[A-Z0-9]+)=(?!\?)(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement; ``answer`` is None where it is about no single exchange."""

    event: int
    test: str
    requirement: str
    verdict: Verdict
    observed: str
    expectation: Expectation
    identity: Hashable
    """What it is about, without what belongs to the run."""
    exchange: int | None
    answer: Answer | None
    was_set: str | None
    """What the command of the exchange had been set to, where that was answered OK: arguments as they were typed."""
    dropped: bool
    """Whether the cloud had ended the session in that test before: the module may have noticed it by then, or not."""
    drawn: Drawn
    labels: Labels

    def same_as(self, other: Judged) -> bool:
        """Whether it is the same judgement as one of another run."""
        if self.identity == other.identity:
            return True
        # A test's own number may happen to be that of a port which one of the runs has drawn.
        mine, theirs = (
            _identity(judged.requirement, judged.expectation, judged.answer, None, judged.labels)
            for judged in (self, other)
        )
        return mine == theirs

    def left_out(self, text: str) -> str:
        """A text of the module without what belongs to the run."""
        return self.labels.known(self.drawn.left_out(text))


@dataclass
class Judgements:
    """All of a run, by test, in the order in which they were made."""

    schema: int
    commands: tuple[Command, ...]
    by_test: dict[str, list[Judged]] = field(default_factory=dict)
    connections: dict[str, Connections] = field(default_factory=dict)
    """Those at the gateway, by test."""

    @property
    def as_data(self) -> bool:
        """Whether a record of this schema tells expectations as data."""
        return self.schema >= _SCHEMA


def read_judgements(path: Path) -> Judgements:
    """The judgements of a run's directory or bundle. Raises `RecordError` where its record holds none to be read."""
    read = _Read()
    try:
        for number, line in enumerate(record_lines(path)):
            read.take(line)
            if number == 0 and read.schema < _SCHEMA:
                return Judgements(read.schema, ())
        return _judgements(read)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise RecordError(
            "{path}: not a run record: {kind}: {why}", path=path, kind=type(problem).__name__, why=problem
        ) from problem


class _Read:
    """The events of a record that are needed."""

    def __init__(self) -> None:
        self.schema = 0
        self._test: str | None = None
        """Of the line before."""
        self.commands: tuple[Command, ...] = ()
        self.exchanges: dict[int, Mapping[str, Any]] = {}
        self.findings: list[Finding] = []
        self.parts: list[Event] = []
        """Beginnings and ends of tests and of the parts of a resumed run."""
        self.gateway: list[Mapping[str, Any]] = []
        """What it told of connections."""
        self.packets: list[Mapping[str, Any]] = []

    def take(self, line: bytes) -> None:
        found = _HEAD.search(line)
        if found is not None and found.start() < _KIND_ENDS:
            if found[2] is not None:
                self._test = json.loads(found[2])
            if found[1] not in _READ and not any(name in line for name in _GATEWAY):
                return
        data = {"wall": None, "test": self._test} | json.loads(line)
        self._test = data["test"]
        match data["kind"]:
            case Kind.RUN:
                self.schema = int(data["schema"])
            case Kind.CATALOGUE:
                entries = data.get("commands", ())
                self.commands = tuple(Command(str(entry["name"]), tuple(map(str, entry["forms"]))) for entry in entries)
            case Kind.EXCHANGE:
                self.exchanges[data["seq"]] = data
            case Kind.FINDING:
                self.findings.append(finding_of(_event(data)))
            case Kind.CLOUD:
                self.gateway.append(data)
            case Kind.MQTT:
                self.packets.append(data)
            case Kind.RESUMED | Kind.TEST_START | Kind.TEST_END:
                self.parts.append(_event(data))


def _event(data: dict[str, Any]) -> Event:
    return Event(data.pop("seq"), float(data.pop("t")), data.pop("wall"), data.pop("kind"), data.pop("test"), data)


def _judgements(read: _Read) -> Judgements:
    answers = {event: answer_of(data) for event, data in read.exchanges.items()}
    drawn = Drawn(read.gateway, (answer.command for answer in answers.values()))
    settings, dropped = _settings(answers), _dropped(read)
    found = Judgements(read.schema, read.commands)
    labels: dict[str, Labels] = {}
    for finding in standing(read.findings, read.parts):
        if finding.expectation is None:
            continue
        expectation = expectation_of(finding.expectation, finding.seq)
        exchange: int | None = getattr(expectation, "exchange", None)
        answer = None if exchange is None else answers[exchange]
        test = finding.test or ""
        numbering = labels.setdefault(test, Labels())
        found.by_test.setdefault(test, []).append(
            Judged(
                finding.seq,
                test,
                finding.requirement or "",
                finding.verdict,
                finding.observed,
                expectation,
                _identity(finding.requirement or "", expectation, answer, drawn, numbering),
                exchange,
                answer,
                None if exchange is None else settings.get(exchange),
                exchange in dropped,
                drawn,
                numbering,
            )
        )
    told = sorted((*read.gateway, *read.packets), key=lambda data: int(data["seq"]))
    found.connections = connections_of(told, drawn, labels)
    return found


def _settings(answers: Mapping[int, Answer]) -> dict[int, str]:
    """What the command of each exchange had last been set to before it."""
    now: dict[str, str] = {}
    then: dict[int, str] = {}
    for event, answer in answers.items():
        name = answer.name
        if name in now:
            then[event] = now[name]
        setting = _SET.fullmatch(answer.command)
        if setting is not None and answer.result is not None and answer.result.ok:
            now[name] = setting[2]
    return then


def _dropped(read: _Read) -> frozenset[int]:
    """The exchanges of a session that the cloud had ended in the same test, and that was not opened again since."""
    found: set[int] = set()
    where: tuple[str | None, ...] = ()
    for data in sorted((*read.exchanges.values(), *read.gateway), key=lambda data: int(data["seq"])):
        if data["kind"] == Kind.EXCHANGE:
            if where == (data["test"],):
                found.add(data["seq"])
        elif data.get("event") == "online":
            where = ()
        elif data.get("event") == "closed" and data.get("by") != "module":
            where = (data["test"],)
    return frozenset(found)


def _identity(
    requirement: str, expectation: Expectation, answer: Answer | None, drawn: Drawn | None, labels: Labels
) -> Hashable:
    """What a judgement is about, from what the bench did alone: never from what the module did."""

    def left_out(text: str) -> str:
        return text if drawn is None else drawn.left_out(text)

    def settled(value: Any) -> Hashable:
        if isinstance(value, str):
            return labels.numbered(left_out(value))
        if isinstance(value, tuple):
            return tuple(map(settled, value))
        if isinstance(value, float):
            # A bound in seconds has the time of the line's own bytes in it.
            return int(value)
        return value if value is None or isinstance(value, bool) else left_out(str(value))

    command = "" if answer is None else settled(answer.command)
    parameters = tuple(settled(getattr(expectation, name)) for name in _parameters(type(expectation)))
    return requirement, expectation.check, command, parameters


def _parameters(kind: type[Expectation]) -> Iterable[str]:
    return (item.name for item in fields(kind) if item.name not in NUMBERS)
