"""How to see a finding again: the test alone, and its command lines by hand on a module that was just switched on."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from reports.events import Event, Kind
from reports.finding import Finding
from reports.inert import decoded, inert, inert_bytes
from reports.record import RunRecord

_SIMULATOR = "simulator:"
_BY_NAME = "--pyargs"
"""How the tests of an installed suite are named, wherever it lies."""
_SET = re.compile(r"AT(\+[A-Z0-9]+)=(?!\?)", re.IGNORECASE)
_ECHO = re.compile(r"ATE[01]?", re.IGNORECASE)
_KEPT = frozenset({"+ALYDEVICENAME", "+ALYDEVICESECRET", "+ALYPRODUCTKEY", "+ALYPRODUCTSECRET"})
"""What a module keeps without power (the manual's 2.4.5 and chapter 3); other settings are gone."""
_OPEN, _CLOSE = "AT+ALYMQTTOPEN", "AT+ALYMQTTCLOSE"
_SUBSCRIBE, _UNSUBSCRIBE, _PUBLISH = "+ALYMQTTSUB", "+ALYMQTTUNSUB", "+ALYMQTTPUB"
_LABEL = re.compile(r"(\d+):\d+(?:=(\d+)\[(\d+):(\d+)\])?")
_SUPPLY_OFF = "off"


def pytest_command(record: RunRecord, nodeid: str) -> str:
    """The shell command that runs one test alone, on the same rig and with the same options."""
    run = record.run
    words = ["pytest", nodeid]
    if _BY_NAME in (run.get("arguments") or ()):
        file, colons, test = nodeid.partition("::")
        words = ["pytest", _BY_NAME, f"{file.removesuffix('.py').replace('/', '.')}{colons}{test}"]
    if not str((record.rig.get("serial") or {}).get("url", "")).startswith(_SIMULATOR):
        words += ["--rig", str(run.get("rig_file") or f"{record.rig.get('name') or 'rig'}.toml")]
    words += ["--profile", str(run.get("profile") or "full")]
    if record.strict:
        words.append("--strict")
    words += [str(word) for word in run.get("simulator") or ()]
    for fault in run.get("lacking") or ():
        words += ["--without-gateway-fault", str(fault)]
    return shlex.join(words)


class Line(NamedTuple):
    """A command line, one latin-1 character for each byte, without its CR; stand-ins in place of what is masked."""

    seq: int
    data: str
    stand_in: bool = False
    power_cut: bool = False
    """No line: here the supply is switched off and on."""

    @property
    def typable(self) -> bool:
        """Whether a terminal can send it as it is shown."""
        told = decoded(self.data)
        return inert(told) == told

    def __str__(self) -> str:
        """As it is to be pasted; one that cannot be typed with escapes."""
        return inert_bytes(self.data)


@dataclass(frozen=True)
class Replay:
    """The lines that bring a module that was just switched on to where a finding was made."""

    lines: tuple[Line, ...]

    @property
    def blocks(self) -> list[list[Line]]:
        """The lines between one power cut and the next."""
        found: list[list[Line]] = [[]]
        for line in self.lines:
            if line.power_cut:
                found.append([])
            else:
                found[-1].append(line)
        return found

    @property
    def has_stand_ins(self) -> bool:
        return any(line.stand_in for line in self.lines)

    @property
    def untypable(self) -> int:
        """Lines that hold bytes which a terminal cannot send."""
        return sum(not line.typable for line in self.lines)

    def shortened(self, most: int) -> tuple[Replay, int]:
        """What it begins with and what it ends with, and how many lines were left out between."""
        cut = len(self.lines) - most
        if cut <= 0:
            return self, 0
        head = most // 2
        left_out = self.lines[head : head + cut]
        powered = [line for line in left_out if line.power_cut][:1]
        shown = (*self.lines[:head], *powered, *self.lines[head + cut :])
        return Replay(shown), len([line for line in left_out if not line.power_cut])


@dataclass
class _State:
    """What a module holds that the commands of a run have put there: the lines that would do so again."""

    kept: dict[str, Line] = field(default_factory=dict)
    volatile: dict[str, Line] = field(default_factory=dict)
    session: Line | None = None
    subscribed: dict[str, Line] = field(default_factory=dict)

    def cut(self) -> None:
        """Without power."""
        self.volatile, self.session, self.subscribed = {}, None, {}

    def answered(self, line: Line) -> None:
        """Take up a command that was answered OK."""
        match, command = _SET.match(line.data), line.data.upper()
        if command in (_OPEN, _CLOSE):
            self.session, self.subscribed = line if command == _OPEN else None, {}
        elif match is None:
            if _ECHO.fullmatch(line.data):
                self.volatile["ATE"] = line
        else:
            self._set(match[1].upper(), line, line.data[match.end() :])

    def _set(self, name: str, line: Line, argument: str) -> None:
        if name == _SUBSCRIBE:
            self.subscribed[argument.rpartition(",")[0].strip(' "')] = line
        elif name == _UNSUBSCRIBE:
            self.subscribed.pop(argument.strip(' "'), None)
        elif name != _PUBLISH:
            (self.kept if name in _KEPT else self.volatile)[name] = line

    def copy(self) -> _State:
        return _State(dict(self.kept), dict(self.volatile), self.session, dict(self.subscribed))

    def lines(self, own: Sequence[Line]) -> Iterator[Line]:
        """What has to be sent before a test's ``own`` lines, in order, but for what these bring about themselves."""
        needed = {**self.kept, **self.volatile}
        found = [] if self.session is None else [self.session, *self.subscribed.values()]
        if opens_anew(own):
            found = []
            first = {name: line for line in reversed(own) if (name := _named(line))}
            needed = {
                name: line for name, line in needed.items() if name not in first or not _SET.match(first[name].data)
            }
        yield from sorted((*needed.values(), *found))


def opens_anew(own: Iterable[Line]) -> bool:
    """Whether lines close a session that was open before, and open one of their own."""
    steps = [line.data.upper() for line in own if line.data.upper() in (_OPEN, _CLOSE)]
    return steps[:1] == [_CLOSE] and _OPEN in steps


def _named(line: Line) -> str:
    match = re.match(r"AT(\+[A-Z0-9]+)", line.data, re.IGNORECASE)
    return match[1].upper() if match else ""


class Replays:
    """The replays of one record."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record

    def of(self, finding: Finding) -> Replay | None:
        """How to see a finding again by hand; None for one of no test."""
        if finding.test is None or finding.test not in self._record.tests:
            return None
        return self.up_to(finding.test, judged_last(finding))

    def up_to(self, nodeid: str, seq: int) -> Replay:
        """How to bring a module to where it was in a test after that event. Raises KeyError for an unknown test."""
        own = [line for line in self._lines_of(nodeid) if line.seq <= seq]
        before = list(self._before[nodeid].lines(own))
        if opens_anew(own):
            closed = next(line for line in own if line.data.upper() == _CLOSE)
            own.remove(closed)
        return Replay((*before, *own))

    @cached_property
    def _before(self) -> Mapping[str, _State]:
        """What the module held when each test began."""
        found: dict[str, _State] = {}
        state = _State()
        for event in self._record.events:
            match event.kind:
                case Kind.TEST_START if event.test is not None:
                    found[event.test] = state.copy()
                case Kind.POWER if event.data["action"] == _SUPPLY_OFF:
                    state.cut()
                case Kind.EXCHANGE if event.data.get("final") == "OK" and not event.data["silent"]:
                    state.answered(_of_exchange(event))
        return found

    def _lines_of(self, nodeid: str) -> Iterator[Line]:
        """What a test sent, line by line, and where its power was cut."""
        events = self._record.events_of(nodeid)
        exchanges = {
            seq: event
            for event in events
            if event.kind == Kind.EXCHANGE and (event.data.get("masked") or {}).get("/command")
            for seq in range(event.data["from"], event.data["to"] + 1)
        }
        waiting = Line(0, "")
        for event in events:
            if event.kind == Kind.POWER and event.data["action"] == _SUPPLY_OFF:
                if waiting.data:
                    yield waiting
                waiting = Line(0, "")
                yield Line(event.seq, "", power_cut=True)
            elif event.kind == Kind.SERIAL and event.data["dir"] == "tx":
                piece = _of_serial(event, exchanges.get(event.seq))
                *whole, rest = f"{waiting.data}{piece.data}".split("\r")
                stands_in = waiting.stand_in or piece.stand_in
                yield from (Line(event.seq, text.lstrip("\n"), stands_in) for text in whole)
                waiting = Line(event.seq, rest.lstrip("\n"), stands_in and bool(rest))
        if waiting.data:
            yield waiting


def judged_last(finding: Finding) -> int:
    """The last event that was judged: behind it the bench may have looked after the module before it told of it."""
    told = [value for name in ("exchange", "last") if type(value := (finding.expectation or {}).get(name)) is int]
    return max(told, default=finding.seq)


def _of_exchange(event: Event) -> Line:
    masked, labels = (event.data.get(name) or {} for name in ("masked", "labels"))
    command = str(event.data.get("command", ""))
    return _unmasked(event.seq, command, masked.get("/command") or (), labels.get("/command") or ())


def _of_serial(event: Event, exchange: Event | None) -> Line:
    spans = (event.data.get("masked") or {}).get("/data") or ()
    labels: Sequence[Any] = ()
    if exchange is not None:
        labels = (exchange.data.get("labels") or {}).get("/command") or ()
    return _unmasked(event.seq, event.data["data"], spans, labels)


def _unmasked(seq: int, text: str, spans: Sequence[Sequence[int]], labels: Sequence[Any]) -> Line:
    """A line with a value of our own making in each place where the record has masked the real one."""
    pieces, end = [], 0
    told = [str(label) for label in labels] if len(labels) == len(spans) else [""] * len(spans)
    for (first, last), label in zip(spans, told, strict=True):
        pieces += [text[end:first], _stand_in(label, last - first)]
        end = last
    return Line(seq, "".join((*pieces, text[end:])), bool(spans))


def _stand_in(label: str, size: int) -> str:
    """A made-up value of that size: the same for the same secret, another for another, a part for a part."""
    match = _LABEL.fullmatch(label)
    if match is None:
        return _stream("", size)
    if match[2] is not None:
        return _stream(match[2], int(match[4]))[int(match[3]) :][:size].ljust(size, "0")
    return _stream(match[1], size)


def _stream(name: str, size: int) -> str:
    size = min(size, 1 << 16)
    digits = (hashlib.sha256(f"ml302 replay {name}/{block}".encode()).hexdigest() for block in range(size // 64 + 1))
    return "".join(digits)[:size]
