"""A test's events as rows on one time axis: the serial line, the MQTT packets, power, findings, incidents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Any, NamedTuple, TypeAlias

from reports.events import Bilingual, Event, Kind
from reports.finding import Finding
from reports.html.happenings import happening, in_a_row
from reports.inert import decoded
from reports.record import RunRecord
from reports.sentences import chinese_of
from reports.verdicts import Verdict

MAX_ROWS = 200
"""Rows shown of a test, besides those its findings cite: a fuzz test sends thousands of lines."""
_CITED = 40
"""Events shown of one stretch of evidence."""
_Content: TypeAlias = dict[str, Any]
"""The fields of a row that an event's kind decides."""
_MERGE_GAP = 0.05
_MERGE_BYTES = 256


class Lane(StrEnum):
    """Between whom a row's content went, or what it is about."""

    TX = "tx"
    RX = "rx"
    UP = "up"
    DOWN = "down"
    CLOUD = "cloud"
    POWER = "power"
    MODULE = "module"
    FINDING = "finding"
    INCIDENT = "incident"


class Column(StrEnum):
    """Where a transcript shows a row: what is on the serial line, what the gateway sees, what the bench does."""

    SERIAL = "serial"
    MQTT = "mqtt"
    BENCH = "bench"


_COLUMNS = {
    Lane.TX: Column.SERIAL,
    Lane.RX: Column.SERIAL,
    Lane.UP: Column.MQTT,
    Lane.DOWN: Column.MQTT,
}


class Row(NamedTuple):
    """One row: either bytes (``data``, latin-1) or ``text``; ``t`` in seconds since the test began.

    ``seqs`` are the events it shows: pieces of one answer that arrived in quick succession share a row.
    ``outcome`` stands beside a command: its final result, or None for a command that got none.
    ``hex`` are the bytes of a packet, ``masked`` the stretches of the row's bytes that the bench has masked,
    ``dropped`` how many bytes came behind them that the bench did not keep.
    """

    t: float
    lane: Lane
    seqs: tuple[int, ...]
    data: str | None = None
    text: str = ""
    hex: str = ""
    exchange: int | None = None
    answered: bool = False
    outcome: str | None = None
    seconds: float | None = None
    verdict: Verdict | None = None
    masked: tuple[tuple[int, int], ...] = ()
    dropped: int = 0
    chinese: str = ""
    """``text`` in Chinese, where that is another one."""

    @property
    def in_both(self) -> Bilingual:
        return Bilingual(self.text, self.chinese or self.text)

    @property
    def column(self) -> Column:
        return _COLUMNS.get(self.lane, Column.BENCH)

    @property
    def raw(self) -> bytes:
        """The bytes on the wire; none where the record holds no proper ones."""
        try:
            return bytes.fromhex(self.hex) if self.data is None else self.data.encode("latin-1")
        except ValueError:
            return b""


@dataclass(frozen=True)
class Gap:
    """Rows left out between two others: how many events, from which sequence number to which."""

    count: int
    first: int
    last: int


def rows_of(record: RunRecord, nodeid: str) -> list[Row]:
    """All rows of a test."""
    start = record.events[record.tests[nodeid].first].t
    events = record.events_of(nodeid)
    exchanges = [event for event in events if event.kind == Kind.EXCHANGE]
    titles = {finding.seq: finding.title_in_both for finding in record.findings_of(nodeid)}
    rows = _merged(row for event in events if (row := _row(event, start, titles)) is not None)
    return _with_exchanges(rows, exchanges)


def cited(finding: Finding) -> Iterator[int]:
    """The events of a finding's evidence, which names the first and the last of each stretch."""
    for first, end in zip_longest(finding.evidence[::2], finding.evidence[1::2]):
        last = first if end is None else end
        yield from range(first, min(last, first + _CITED) + 1)
        yield last


def shortened(rows: Sequence[Row], findings: Iterable[Finding], limit: int = MAX_ROWS) -> list[Row | Gap]:
    """At most ``limit`` rows, left out in the middle, besides those that the given findings cite."""
    if len(rows) <= limit:
        return list(rows)
    wanted = {seq for finding in findings for seq in cited(finding)}
    shown: list[Row | Gap] = []
    left_out: list[Row] = []
    head = limit // 4
    tail = len(rows) - (limit - head)
    for index, row in enumerate(rows):
        if index < head or index >= tail or not wanted.isdisjoint(row.seqs):
            if left_out:
                shown.append(_gap(left_out))
                left_out = []
            shown.append(row)
        else:
            left_out.append(row)
    return shown


def _gap(rows: list[Row]) -> Gap:
    seqs = [seq for row in rows for seq in row.seqs]
    return Gap(len(seqs), min(seqs), max(seqs))


def _row(event: Event, start: float, titles: Mapping[int, Bilingual]) -> Row | None:
    if event.kind == Kind.FINDING:
        titled = titles.get(event.seq, ("", ""))
        english, chinese = (f"{event.data['requirement'] or ''} {title}".strip() for title in titled)
        verdict, at = Verdict(event.data["verdict"]), event.t - start
        return Row(at, seqs=(event.seq,), lane=Lane.FINDING, text=english, chinese=chinese, verdict=verdict)
    shape = _SHAPES.get(event.kind)
    return None if shape is None else Row(event.t - start, seqs=(event.seq,), **shape(event.data))


def _serial(data: Mapping[str, Any]) -> _Content:
    return {
        "lane": Lane(data["dir"]),
        "data": data["data"],
        "masked": _masked(data, "/data"),
        "dropped": _dropped(data),
    }


def _dropped(data: Mapping[str, Any]) -> int:
    count = data.get("dropped", 0)
    return count if type(count) is int else 0


def _mqtt(data: Mapping[str, Any]) -> _Content:
    fields = in_a_row({name: _bytes_as_text(name, value) for name, value in (data.get("fields") or {}).items()})
    return {
        "lane": Lane(data["dir"]),
        "text": f"{data['packet']} {fields}".rstrip(),
        "hex": data.get("hex") or "",
        "masked": tuple((first // 2, last // 2) for first, last in _masked(data, "/hex")),
    }


def _masked(data: Mapping[str, Any], pointer: str) -> tuple[tuple[int, int], ...]:
    """The stretches of one string of an event that were masked."""
    return tuple((int(first), int(last)) for first, last in (data.get("masked") or {}).get(pointer, ()))


def _cloud(data: Mapping[str, Any]) -> _Content:
    english, chinese = happening(data, "event")
    return {"lane": Lane.CLOUD, "text": english, "chinese": chinese}


def _power(data: Mapping[str, Any]) -> _Content:
    english, chinese = happening(data, "action")
    return {"lane": Lane.POWER, "text": english, "chinese": chinese}


def _module(data: Mapping[str, Any]) -> _Content:
    shown = {name: data.get(name) for name in ("model", "revision", "serial_number") if data.get(name)}
    return {"lane": Lane.MODULE, "text": in_a_row(shown)}


def _incident(data: Mapping[str, Any]) -> _Content:
    chinese = f"{chinese_of(data, 'text')} -- {chinese_of(data, 'act')}"
    return {"lane": Lane.INCIDENT, "text": f"{data['text']} -- {data['act']}", "chinese": chinese}


_SHAPES: dict[str, Callable[[Mapping[str, Any]], _Content]] = {
    Kind.SERIAL: _serial,
    Kind.MQTT: _mqtt,
    Kind.CLOUD: _cloud,
    Kind.POWER: _power,
    Kind.MODULE: _module,
    Kind.INCIDENT: _incident,
}


def _bytes_as_text(name: str, value: Any) -> Any:
    return decoded(value) if name == "payload" and isinstance(value, str) else value


def _merged(rows: Iterable[Row]) -> list[Row]:
    """Join pieces of received data: where the operating system cut the stream says nothing about the module."""
    merged: list[Row] = []
    end = 0.0
    for row in rows:
        last = merged[-1] if merged else None
        if (
            last is not None
            and last.lane is row.lane is Lane.RX
            and row.t - end <= _MERGE_GAP
            and len(last.data or "") < _MERGE_BYTES
            and not last.dropped
        ):
            size = len(last.data or "")
            merged[-1] = last._replace(
                data=f"{last.data}{row.data}",
                seqs=(*last.seqs, *row.seqs),
                masked=(*last.masked, *((size + first, size + end) for first, end in row.masked)),
                dropped=row.dropped,
            )
        else:
            merged.append(row)
        end = row.t
    return merged


def _with_exchanges(rows: list[Row], exchanges: Sequence[Event]) -> list[Row]:
    """Number each command's row with its exchange, and put the outcome beside it."""
    commands = {row.seqs[0]: index for index, row in enumerate(rows) if row.lane is Lane.TX}
    for event in exchanges:
        span = range(event.data["from"], event.data["to"] + 1)
        if (index := next((commands[seq] for seq in span if seq in commands), None)) is not None:
            rows[index] = rows[index]._replace(
                exchange=event.data["exchange"],
                answered=not event.data["silent"],
                outcome=event.data.get("final"),
                seconds=event.data.get("seconds"),
            )
    return rows
