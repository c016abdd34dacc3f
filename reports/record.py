"""The run record: one JSON object per line, flushed as it happens, the only source of every report.

Bytes are stored as text of latin-1 characters, so nothing that the module sends is lost;
packets are stored as hex.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic_core import from_json

from reports.catalogue import Catalogue, catalogue_of
from reports.effort import Cut
from reports.events import (
    SCHEMA,
    SHAPES,
    Ambiguity,
    Bound,
    Command,
    Event,
    Incident,
    Kind,
    Module,
    Pics,
    RecordError,
    Requirement,
    Section,
    TestRun,
    Waiver,
    incident_of,
    pics_of,
    waiver_of,
)
from reports.files import open_file
from reports.finding import Finding, finding_of
from reports.holes import Hole, cut_at_hole
from reports.judging.recorded import Again, weighed
from reports.resumption import Resumption, history, resumptions, standing
from reports.sentences import Sentence, chinese_of, in_both
from reports.severity import Verdict, join
from reports.writer import RecordWriter

__all__ = ["RecordError", "RecordWriter", "RunRecord"]

_T = TypeVar("_T", Event, Finding)


class RunRecord:
    """A record read back from disk. Make one with `RunRecord.load`."""

    def __init__(self, path: Path, events: tuple[Event, ...], truncated: bool, *, weigh: bool = True) -> None:
        self.path = path
        self.events = events
        self.truncated = truncated
        self.concluded: dict[tuple[bool, bool], Any] = {}
        """What `reports.verdicts.conclude` has found before, by whether it was strict and whether the run had died."""
        self.damage: Sentence | None = None
        """What the file lacks in its middle, in words; it is among the incidents, too. None for a whole one."""
        self.run: Mapping[str, Any] = events[0].data
        """The fields of the run event: suite, python, libraries, host, profile, strict, lang, rig."""
        self.footer: Mapping[str, Any] | None = next(
            (event.data for event in reversed(events) if event.kind == Kind.END), None
        )
        catalogue = self._last(Kind.CATALOGUE)
        self.catalogue: Catalogue = catalogue_of(catalogue)
        """What the run was held against."""
        self.requirements: dict[str, Requirement] = self.catalogue.requirements
        self.sections: dict[str, Section] = self.catalogue.sections
        """In the catalogue's order; titles are empty where the catalogue gave none."""
        self.declared: dict[str, tuple[str, ...]] = {
            identifier: tuple(nodeids) for identifier, nodeids in catalogue.get("tests", {}).items()
        }
        self.catalogue_hash: str | None = self.catalogue.hash
        self.ambiguities: tuple[Ambiguity, ...] = self.catalogue.ambiguities
        self.bounds: tuple[Bound, ...] = self.catalogue.bounds
        """The numbers that verdicts rest on; none in a record of a suite that did not write them."""
        self.commands: tuple[Command, ...] = self.catalogue.commands
        self.findings: tuple[Finding, ...] = standing(self._findings(weigh), events)
        self.incidents: tuple[Incident, ...] = history(map(incident_of, self.of_kind(Kind.INCIDENT)), events)
        self.resumptions: tuple[Resumption, ...] = resumptions(events)
        """Where the run was gone on with after it had ended before its time."""
        self.tests: dict[str, TestRun] = self._read_tests()
        self.pics: Pics | None = next((pics_of(event) for event in self.of_kind(Kind.PICS)), None)
        self.waivers: tuple[Waiver, ...] = tuple(
            waiver_of(entry) for event in self.of_kind(Kind.WAIVERS) for entry in event.data["waivers"]
        )
        self.left_out: frozenset[str] = frozenset(catalogue.get("left_out", ()))
        """Tests of the suite that the run's profile leaves out."""
        self.not_selected: frozenset[str] = frozenset(catalogue.get("not_selected", ()))
        """Tests that were collected and then not selected, by -k and the like."""
        self.cut: dict[str, Cut] = {
            event.data["left_out"]: Cut(event.data["cut"]) for event in self.of_kind(Kind.LEFT_OUT)
        }
        """Tests that the run did not begin, or broke off, for lack of time, and what cut them."""
        self.whole: bool = bool(catalogue.get("whole", False))
        """Whether the whole suite was collected."""
        self._check_citations()

    def _findings(self, weigh: bool) -> Iterable[Finding]:
        findings = map(finding_of, self.of_kind(Kind.FINDING))
        names = self.catalogue.command_names
        return weighed(findings, self.events, self.requirements, names) if weigh else findings

    @classmethod
    def load(cls, path: Path, unwritten: Sequence[bytes] = ()) -> Self:
        """Read a record, dropping a last line that a dying run left half written, and all from a hole of zeros on.

        ``unwritten`` are the lines that its writer had to keep in memory, to be read behind those of the file.
        Raises `RecordError` when the file is missing, empty, written by a newer suite, no run record, or when its
        footer says that it once held something else.
        """
        try:
            with open_file(path) as file:
                raw = file.read()
        except OSError as problem:
            raise RecordError(
                "{path}: no run record to read: {why}", path=path, why=problem.strerror or problem
            ) from problem
        return cls.read(path, raw, unwritten)

    @classmethod
    def read(cls, path: Path, raw: bytes, unwritten: Sequence[bytes] = (), *, weigh: bool = True) -> Self:
        """Read a record from its bytes, as `load` does; ``path`` is what complaints call it.

        Where its findings are not to be weighed, they are as written, for whoever weighs them by other rulings.
        """
        raw, damage = cut_at_hole(raw)
        lines = raw.split(b"\n")
        truncated = lines.pop() != b""
        lines += unwritten
        if damage is not None and lines:
            lines.append(_damaged(lines, damage))
        if not lines:
            raise RecordError("{path}: the run record holds no complete line", path=path)
        events = _events(path, lines)
        _check_schema(path, events[0])
        _check_footer(path, events, lines)
        try:
            record = cls(path, events, truncated, weigh=weigh)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise RecordError(
                "{path}: not a run record: {kind}: {why}", path=path, kind=type(problem).__name__, why=problem
            ) from problem
        if damage is not None:
            fields = damage.fields()
            record.damage = in_both(fields["text"], chinese_of(fields, "text"))
        return record

    def ended_by(self, footer: Event) -> Self:
        """The same record with the footer that its run has just written."""
        ended = copy(self)
        ended.events, ended.footer, ended.concluded = (*self.events, footer), footer.data, {}
        return ended

    def held_against(self, catalogue: Catalogue, findings: Iterable[Finding], names: Mapping[str, str]) -> Self:
        """The same run with other findings, as if another catalogue had been its own.

        ``names`` are the IDs by which that one calls requirements of this; what it does not hold is left out.
        """

        def known(identifiers: Iterable[str]) -> tuple[str, ...]:
            called = (names.get(identifier, identifier) for identifier in identifiers)
            return tuple(name for name in called if name in catalogue.requirements)

        other = copy(self)
        other.concluded = {}
        for name in ("judged_again", "waived", "_findings_by_test"):
            other.__dict__.pop(name, None)
        other.catalogue, other.catalogue_hash = catalogue, catalogue.hash
        other.requirements, other.sections = catalogue.requirements, catalogue.sections
        other.ambiguities, other.bounds, other.commands = catalogue.ambiguities, catalogue.bounds, catalogue.commands
        other.findings = tuple(findings)
        other.declared = {name: tests for old, tests in self.declared.items() for name in known([old])}
        other.waivers = tuple(replace(it, requirement=names.get(it.requirement, it.requirement)) for it in self.waivers)
        other.incidents = tuple(replace(it, requirements=known(it.requirements)) for it in self.incidents)
        other.tests = {
            nodeid: replace(test, requirements=known(test.requirements), verdict=other._joined(test, self))
            for nodeid, test in self.tests.items()
        }
        return other

    def _joined(self, test: TestRun, before: RunRecord) -> Verdict | None:
        """The verdict of a test; as it was, where its findings are."""
        verdicts = [finding.verdict for finding in self.findings_of(test.nodeid)]
        same = verdicts == [finding.verdict for finding in before.findings_of(test.nodeid)]
        return test.verdict if same or test.verdict is None else join(verdicts)

    @property
    def complete(self) -> bool:
        """Whether the run reached its footer; a record without one is a run that died."""
        return self.footer is not None

    @property
    def module(self) -> Module | None:
        """The module's identity as last read with a revision, else as last read, else None."""
        seen = list(self.of_kind(Kind.MODULE))
        if not seen:
            return None
        event = next((event for event in reversed(seen) if event.data.get("revision")), seen[-1])
        return Module(
            event.data.get("model"),
            event.data.get("revision"),
            event.data.get("serial_number"),
            event.data.get("identity") or {},
            seen[-1].data.get("dialect") or {},
        )

    @property
    def rig(self) -> Mapping[str, Any]:
        """The rig as the run saw it: name, serial, power, cloud."""
        rig: Mapping[str, Any] = self.run.get("rig") or {}
        return rig

    @property
    def started(self) -> str:
        """Start of the run, UTC, ISO 8601."""
        return str(self.events[0].wall)

    def wall_of(self, event: Event) -> str:
        """The moment of an event in UTC, ISO 8601."""
        if event.wall is not None:
            return event.wall
        first = self.events[0]
        moment = datetime.fromisoformat(self.started) + timedelta(seconds=event.t - first.t)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    @property
    def seconds(self) -> float:
        """Duration of the run, up to the latest event, without the pauses before it was resumed."""
        return max(event.t for event in self.events) - sum(resumed.pause for resumed in self.resumptions)

    @property
    def strict(self) -> bool:
        return bool(self.run.get("strict", False))

    @property
    def rules(self) -> int:
        """Version of the rules by which its findings became the verdict of the run (`reports.verdicts.RULES`)."""
        return int(self.run.get("rules", 1))

    @cached_property
    def judged_again(self) -> Again:
        """How many of its judgements the record itself gives again."""
        return Again.of(self.findings)

    @cached_property
    def day(self) -> date:
        """The day on which the run began, UTC. Raises `RecordError` when the record does not say it."""
        try:
            return datetime.fromisoformat(self.started).date()
        except (TypeError, ValueError) as problem:
            raise RecordError(
                "{path}: line 1: 'wall' is no time, but {wall!r}", path=self.path, wall=self.started
            ) from problem

    @property
    def certify(self) -> bool:
        """Whether the run was made to certify the module."""
        return bool(self.run.get("certify", False))

    @cached_property
    def waived(self) -> Mapping[str, Waiver]:
        """Requirement -> the waiver that excuses a breach of it by this firmware on the day of the run."""
        revision = self.module.revision if self.module else None
        return {waiver.requirement: waiver for waiver in self.waivers if waiver.in_force(revision, self.day)}

    @property
    def lang(self) -> str:
        """Language of the run, ``zh`` or ``en``."""
        return "zh" if self.run.get("lang") == "zh" else "en"

    def of_kind(self, kind: Kind) -> Iterable[Event]:
        return (event for event in self.events if event.kind == kind)

    def findings_of(self, nodeid: str) -> tuple[Finding, ...]:
        return self._findings_by_test.get(nodeid, ())

    def events_of(self, nodeid: str) -> tuple[Event, ...]:
        """What happened during a test, in order of time: its own events, and those of nobody while it ran."""
        test = self.tests[nodeid]
        last = len(self.events) if test.last is None else test.last
        own = self._events_by_test.get(nodeid, ())
        nobodys = (event for event in self.events[test.first : last] if event.test is None)
        return tuple(sorted((*own, *nobodys), key=lambda event: (event.t, event.seq)))

    @cached_property
    def _findings_by_test(self) -> dict[str | None, tuple[Finding, ...]]:
        return _grouped(self.findings)

    @cached_property
    def _events_by_test(self) -> dict[str | None, tuple[Event, ...]]:
        return _grouped(self.events)

    def _last(self, kind: Kind) -> Mapping[str, Any]:
        return next((event.data for event in reversed(self.events) if event.kind == kind), {})

    def _read_tests(self) -> dict[str, TestRun]:
        tests: dict[str, TestRun] = {}
        for event in self.events:
            if event.kind == Kind.TEST_START:
                nodeid = _nodeid(event)
                tests[nodeid] = TestRun(nodeid, tuple(event.data.get("requirements", ())), None, None, event.seq, None)
            elif event.kind == Kind.TEST_END:
                started = tests[_nodeid(event)]
                tests[started.nodeid] = TestRun(
                    started.nodeid,
                    started.requirements,
                    Verdict(event.data["verdict"]),
                    float(event.data["seconds"]),
                    started.first,
                    event.seq,
                )
        return tests

    def _check_citations(self) -> None:
        cited = {finding.requirement for finding in self.findings if finding.requirement is not None}
        cited.update(identifier for test in self.tests.values() for identifier in test.requirements)
        cited.update(identifier for incident in self.incidents for identifier in incident.requirements)
        cited.update(identifier for ambiguity in self.ambiguities for identifier in ambiguity.requirements)
        cited.update(identifier for bound in self.bounds for identifier in bound.requirements)
        if unknown := sorted(cited - self.requirements.keys()):
            raise ValueError(f"requirements cited that the catalogue does not hold: {', '.join(unknown)}")


def _grouped(items: Iterable[_T]) -> dict[str | None, tuple[_T, ...]]:
    groups: dict[str | None, list[_T]] = {}
    for item in items:
        groups.setdefault(item.test, []).append(item)
    return {test: tuple(group) for test, group in groups.items()}


def parsed(line: bytes, before: Event | None = None) -> Event:
    """An event as its line of a record tells it; where it names no test it is that of the event ``before``.

    Raises ValueError, KeyError, TypeError or AttributeError.
    """
    data = _object(line)
    number, t, wall, kind = data.pop("seq"), float(data.pop("t")), data.pop("wall", None), data.pop("kind")
    test = data.pop("test", None if before is None else before.test)
    if not isinstance(kind, str) or not isinstance(test, str | None):
        raise TypeError("kind and test are names")
    return Event(number, t, wall, kind, test, data)


def _events(path: Path, lines: Sequence[bytes]) -> tuple[Event, ...]:
    events: list[Event] = []
    for number, line in enumerate(lines):
        events.append(_event(path, number, line, events[-1] if events else None))
    return tuple(events)


def _event(path: Path, number: int, line: bytes, before: Event | None) -> Event:
    try:
        event = parsed(line, before)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise RecordError("{path}: line {line} is no event of a run record", path=path, line=number + 1) from problem
    for name, wanted in SHAPES.get(event.kind, {}).items():
        value = event.data.get(name)
        proper = value in tuple(wanted) if isinstance(wanted, frozenset) else isinstance(value, wanted)
        if not proper:
            raise RecordError(
                "{path}: line {line}: a {kind} event without a proper {name!r}",
                path=path,
                line=number + 1,
                kind=event.kind,
                name=name,
            )
    if event.seq != number:
        raise RecordError(
            "{path}: line {line} carries sequence number {seq}, not {number}",
            path=path,
            line=number + 1,
            seq=event.seq,
            number=number,
        )
    return event


def _object(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        return json.loads(line)  # half a character that a module sent: JSON may hold it, strings proper may not


def _damaged(lines: Sequence[bytes], damage: Hole) -> bytes:
    """An incident, as the last line of a record of which no more can be read."""
    with suppress(ValueError, TypeError):
        last = json.loads(lines[-1]) | {"seq": len(lines), "kind": Kind.INCIDENT, "test": None}
        head = {name: last[name] for name in ("seq", "t", "wall", "kind", "test") if name in last}
        return json.dumps(head | damage.fields()).encode()
    return b""  # the line before is refused first


def _check_schema(path: Path, first: Event) -> None:
    schema = first.data.get("schema")
    if first.kind != Kind.RUN or not isinstance(schema, int):
        raise RecordError("{path}: line 1 does not open a run record", path=path)
    if not 0 < schema <= SCHEMA:
        raise RecordError(
            "{path}: record schema {schema}; this suite reads up to schema {known}",
            path=path,
            schema=schema,
            known=SCHEMA,
        )


def _check_footer(path: Path, events: Sequence[Event], lines: Sequence[bytes]) -> None:
    end = next((number for number, event in enumerate(events) if event.kind == Kind.END), None)
    if end is None:
        return
    if end != len(events) - 1:
        raise RecordError(
            "{path}: line {line} is a footer, and {count} lines come after it",
            path=path,
            line=end + 1,
            count=len(events) - 1 - end,
        )
    footer = events[end].data
    digest = hashlib.sha256(b"".join(line + b"\n" for line in lines[:end])).hexdigest()
    if (footer["events"], footer["sha256"]) != (end, digest):
        raise RecordError(
            "{path}: the footer stands for other lines than these: the record was changed after the run", path=path
        )


def _nodeid(event: Event) -> str:
    if event.test is None:
        raise ValueError(f"event {event.seq} starts or ends a test without naming it")
    return event.test
