"""Where the time of a run went: how long each kind of command took, and what the run's duration was spent on."""

from __future__ import annotations

import math
import re
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import Any

from reports.events import Command, Event, Kind
from reports.record import RunRecord

AT = "AT"
"""Kind of the command line that is nothing but ``AT``."""
OTHER = "other"
"""Kind of all lines that are no form of a command of the manual: general commands, unknown ones, fuzz."""

_MARKS = {"query": "?", "set": "=", "test": "=?", "execute": ""}
"""What follows a command's name in each of its forms."""
_LINE = re.compile(r"(AT\+[A-Z0-9]+(?:\?|=\?|=|))(?:(?<==).*)?", re.DOTALL)
"""A command's name with the mark of its form; only behind = may something follow."""

_BITS_PER_BYTE = 10
"""8N1: a start bit, eight data bits, a stop bit."""
_SLACK = 0.9
"""Part of the time on the line that a real line surely takes: its clock may be fast, and so may a time stamp."""
_INSTANT = "simulator:"
"""Scheme of the built-in simulator, behind which there is no line."""
_CAUSED_BY_THE_BENCH = frozenset({"listening", "fault-on", "fault-off", "raw-sent", "rival-online", "rival-offline"})
"""Events of the cloud that nobody waited for: the bench itself made them."""


_TIME = attrgetter("t")
_Span = tuple[float, float]
"""From when to when, in seconds of the record."""


@dataclass(frozen=True)
class Quantiles:
    """Of some durations, in seconds.

    A quantile between two durations is interpolated linearly; the shortest is quantile 0 and the longest quantile 1
    (Hyndman and Fan's definition 7, ``method="inclusive"`` of `statistics.quantiles`).
    """

    p25: float
    median: float
    p75: float
    p95: float
    max: float

    @classmethod
    def of(cls, durations: Sequence[float]) -> Quantiles:
        """The quantiles of at least one duration."""
        several = durations if len(durations) > 1 else [*durations, *durations]
        twentieths = statistics.quantiles(several, n=20, method="inclusive")
        return cls(twentieths[4], twentieths[9], twentieths[14], twentieths[18], max(durations))


@dataclass(frozen=True)
class Latency:
    """How long the module took to answer one kind of command.

    ``quantiles`` are of the ``count`` answered exchanges, from the write of the command line to the final result code:
    the module's thinking and both ways over the line. They are None when none was answered. ``first_byte`` is the
    median time from that write to the first byte that came, None where only echo came. ``silent`` exchanges, which got
    no final result code, count apart.
    """

    count: int
    silent: int
    quantiles: Quantiles | None
    first_byte: float | None


@dataclass(frozen=True)
class TimeBudget:
    """What the seconds of a run were spent on. Each moment counts once, so the five add up to the run's duration.

    A moment that fits several is the first of them. What nothing in the record tells apart stays with the bench: a wait
    that ended because its deadline was over, and the pauses it keeps between commands.
    """

    power: float
    """From switching off to the first answer after power-up."""
    line: float
    """Bytes on the line, in either direction, at the rig's baud rate. 0 where the line is instant."""
    module: float
    """From a command line to its final result code, or to the deadline if none came. Nobody but the module knows what
    it waits for meanwhile: its own waits for the cloud are in here."""
    network: float
    """Between exchanges, until a packet, another event of the cloud, or a URC came."""
    bench: float
    """Everything else, what comes before the first test and after the last included."""

    @property
    def total(self) -> float:
        """The run's duration."""
        return math.fsum(self.parts().values())

    def parts(self) -> dict[str, float]:
        """Seconds by part, in the order above."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class _Exchange:
    command: str
    silent: bool
    seconds: float
    sent_at: float
    sent_bytes: int
    received: tuple[Event, ...]

    @property
    def bytes(self) -> int:
        """In both directions."""
        return self.sent_bytes + sum(_size(event) for event in self.received)

    @property
    def first_byte(self) -> float | None:
        """Seconds from the write to the first byte; None when nothing came, or when it came as echo."""
        answer = "".join(event.data["data"] for event in self.received)
        if not self.received or (self.command and answer.startswith(self.command)):
            return None
        return self.received[0].t - self.sent_at


@lru_cache(maxsize=1)
def latencies(record: RunRecord) -> Mapping[str, Latency]:
    """By kind of command: its name and form as they are typed, such as ``AT+ALYMQTTPUB=``; then `AT` and `OTHER`.

    Kinds in the order of the record's commands, without those that were never sent.
    """
    exchanges: defaultdict[str, list[_Exchange]] = defaultdict(list)
    kinds = kinds_of(record.commands)
    known = frozenset(kinds)
    for exchange in _exchanges(record):
        exchanges[kind_of(exchange.command, known)].append(exchange)
    return {kind: _latency(exchanges[kind]) for kind in (*kinds, AT, OTHER) if kind in exchanges}


def kinds_of(commands: Iterable[Command]) -> list[str]:
    """The kinds of command line that these commands of the manual have, such as ``AT+ALYMQTTPUB=``."""
    return [f"AT{command.name}{_MARKS[form]}" for command in commands for form in command.forms if form in _MARKS]


def kind_of(command: str, known: Collection[str]) -> str:
    """Which of the ``known`` kinds a command line is; else `AT` or `OTHER`."""
    match = _LINE.fullmatch(command)
    if match is not None and match[1] in known:
        return match[1]
    return AT if command == AT else OTHER


def _latency(exchanges: Sequence[_Exchange]) -> Latency:
    answered = [exchange for exchange in exchanges if not exchange.silent]
    first = [seconds for exchange in answered if (seconds := exchange.first_byte) is not None]
    return Latency(
        count=len(answered),
        silent=len(exchanges) - len(answered),
        quantiles=Quantiles.of([exchange.seconds for exchange in answered]) if answered else None,
        first_byte=statistics.median(first) if first else None,
    )


@lru_cache(maxsize=1)
def time_budget(record: RunRecord) -> TimeBudget:
    """What the run's duration was spent on."""
    exchanges = list(_exchanges(record))
    events = sorted(record.events, key=_TIME)
    rate = _line_rate(record, exchanges)
    # A part that comes first takes the moments that it has in common with others.
    claims = {
        "power": list(_power_cycles(events)),
        "line": list(_line(events, rate)) if rate else [],
        "module": [*_answers(exchanges), *_answers_to_probes(events)],
        "network": list(_arrivals(record, events)),
    }
    return TimeBudget(**_shared_out(claims, rest="bench", total=record.seconds))


def _shared_out(claims: Mapping[str, Iterable[_Span]], *, rest: str, total: float) -> dict[str, float]:
    """Seconds from 0 to ``total`` by claimant; a moment goes to the first that claims it, or to ``rest``."""
    edges = sorted(
        (min(max(moment, 0.0), total), step, rank)
        for rank, spans in enumerate(claims.values())
        for start, end in spans
        if start < end
        for moment, step in ((start, 1), (end, -1))
    )
    names = [*claims, rest]
    pieces: dict[str, list[float]] = {name: [] for name in names}
    open_claims = [*([0] * len(claims)), 1]
    before = 0.0
    for moment, step, rank in (*edges, (total, 0, 0)):
        if moment > before:
            owner = next(name for name, count in zip(names, open_claims, strict=True) if count)
            pieces[owner].append(moment - before)
            before = moment
        open_claims[rank] += step
    return {name: math.fsum(seconds) for name, seconds in pieces.items()}


def _line_rate(record: RunRecord, exchanges: Sequence[_Exchange]) -> int | None:
    """Bits per second of the line; None where it is instant.

    Besides the simulator's, a line counts as instant when most answers came faster than their bytes could have at the
    rig's baud rate: behind USB or a pseudo-terminal that rate means nothing.
    """
    port = record.rig.get("serial")
    if not isinstance(port, Mapping):
        return None
    rate = port.get("baudrate")
    if str(port.get("url")).startswith(_INSTANT) or not isinstance(rate, int) or rate <= 0:
        return None
    answered = [exchange for exchange in exchanges if not exchange.silent]
    impossible = sum(exchange.seconds < _SLACK * exchange.bytes * _BITS_PER_BYTE / rate for exchange in answered)
    return None if impossible * 2 > len(answered) else rate


def _line(events: Sequence[Event], rate: int) -> Iterator[_Span]:
    """A byte is on the line after it was written, and before it was read."""
    for event in events:
        if event.kind == Kind.SERIAL:
            seconds = _size(event) * _BITS_PER_BYTE / rate
            yield (event.t, event.t + seconds) if event.data["dir"] == "tx" else (event.t - seconds, event.t)


def _power_cycles(events: Sequence[Event]) -> Iterator[_Span]:
    off: float | None = None
    for event in events:
        if event.kind == Kind.POWER and event.data["action"] == "off":
            off = event.t if off is None else off
        elif off is not None and event.kind == Kind.POWER and event.data["action"] == "booted":
            yield off, event.t
            off = None
        elif off is not None and event.kind == Kind.EXCHANGE:
            # It answers, though nobody has seen the end of its boot.
            yield off, event.t - (_seconds(event) or 0.0)
            off = None
    if off is not None:
        yield off, math.inf


def _answers(exchanges: Iterable[_Exchange]) -> Iterator[_Span]:
    return ((exchange.sent_at, exchange.sent_at + exchange.seconds) for exchange in exchanges)


def _answers_to_probes(events: Sequence[Event]) -> Iterator[_Span]:
    """The ``AT`` by which the bench finds out whether the module is there belongs to no exchange."""
    return ((sent.t, came.t) for sent, came in pairwise(events) if _is_serial(sent, "tx") and _is_serial(came, "rx"))


def _arrivals(record: RunRecord, events: Sequence[Event]) -> Iterator[_Span]:
    """From whatever happened before to the arrival of something that the bench may have waited for, in a test."""
    tests = [event.t for event in events if event.kind in (Kind.TEST_START, Kind.TEST_END)]
    if not tests:
        return
    first, last = tests[0], tests[-1] if record.complete else math.inf
    for before, event in pairwise(events):
        if first <= before.t and event.t <= last and _arrives(event):
            yield before.t, event.t


def _arrives(event: Event) -> bool:
    if event.kind == Kind.CLOUD:
        return event.data["event"] not in _CAUSED_BY_THE_BENCH
    return event.kind == Kind.MQTT or _is_serial(event, "rx")


def _exchanges(record: RunRecord) -> Iterator[_Exchange]:
    for event in record.of_kind(Kind.EXCHANGE):
        seconds, command = _seconds(event), event.data.get("command")
        span = record.events[max(0, event.data["from"]) : max(0, event.data["to"] + 1)]
        serial = [item for item in span if item.kind == Kind.SERIAL]
        sent = [item for item in serial if item.data["dir"] == "tx"]
        if seconds is None or not isinstance(command, str) or not sent:
            continue
        sent_at = min(item.t for item in sent)
        received = [item for item in serial if item.data["dir"] == "rx" and item.t >= sent_at]
        received.sort(key=_TIME)
        yield _Exchange(command, event.data["silent"], seconds, sent_at, sum(map(_size, sent)), tuple(received))


def _is_serial(event: Event, direction: str) -> bool:
    return event.kind == Kind.SERIAL and bool(event.data["dir"] == direction)


def _size(event: Event) -> int:
    return len(event.data["data"])


def _seconds(event: Event) -> float | None:
    """How long an exchange took; None when the record does not say it properly."""
    seconds = event.data.get("seconds")
    return seconds if isinstance(seconds, int | float) and 0 <= seconds < math.inf else None


def latencies_to_summary(record: RunRecord) -> dict[str, dict[str, Any]]:
    """Of every kind that was answered: count, quantiles, median time to the first byte, and how many met silence."""
    return {
        kind: {
            "count": latency.count,
            **{name: round(seconds, 6) for name, seconds in asdict(latency.quantiles).items()},
            "first_byte": None if latency.first_byte is None else round(latency.first_byte, 6),
            "silent": latency.silent,
        }
        for kind, latency in latencies(record).items()
        if latency.quantiles is not None
    }


def time_budget_to_summary(record: RunRecord) -> dict[str, float]:
    """Seconds by part of the run."""
    return {part: round(seconds, 6) for part, seconds in time_budget(record).parts().items()}
