"""The record against its own raw bytes: what it claims was said is compared with what went over the line.

A small parser of its own, so that a mistake (or a lie) of the dialogue that wrote the claims does not vouch for itself.
Secrets are masked in the bytes and in the claims, with a ``*`` for each character: such a place matches anything.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.bundle.contents import DoesNotHold
from reports.bundle.likeness import same
from reports.bundle.turns import BRINGS_TEXT, Turns, check_masks, check_result, contradicted
from reports.events import Event, Kind
from reports.record import RunRecord

_LINE_END = re.compile(r"[\r\n]+")
_LONGEST_LINE = 65_536
"""Where a line that does not end is cut."""
_PADDING = "\x00\x11\x13\x7f\xff"
"""Fill bytes in front of a line, which are no part of it."""
_SURE_FINAL = re.compile(r"OK|ERROR|\+CM[ES] ERROR:.*")
"""Lines that end the answer to any command; one that names its command may be something else."""
_NOT_AWAITED = "no final result within 0.0 s"
"""How the dialogue names an exchange that was broken off, by a signal say, before it had its answer."""
_CITES = ("exchange", "than", "fence")
"""Where an expectation names an exchange."""
_CROSSING = 0.1
"""Seconds within which a line may cross the command that it is taken to answer: a second result, say."""
_LATE = 0.5
"""Seconds before the end of a wait in which what came need not have reached whoever waited, on a busy machine."""
_BREAKS = frozenset({Kind.POWER, Kind.INCIDENT, Kind.RESUMED})
"""What may have made the bench forget the beginning of a line."""

# MQTT 3.1.1, table 2.1
_PACKET_TYPES = (
    *("CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"),
    *("SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT"),
)
_PUBLISH = 3
_NEVER_DOWN = frozenset({"CONNECT", "SUBSCRIBE", "UNSUBSCRIBE", "PINGREQ", "DISCONNECT"})
"""Packets that a gateway never sends; what a module sends that it should not is the gateway's to judge."""


def check_wire(record: RunRecord) -> None:
    """Raise `DoesNotHold` for the first exchange or packet whose raw bytes say something else."""
    received, turns, cited = _Received(), Turns(), _cited(record)
    for event in record.events:
        match event.kind:
            case Kind.SERIAL if event.data["dir"] == "rx":
                received.feed(event)
            case Kind.EXCHANGE:
                _check_exchange(record, event, received, turns, cited)
            case Kind.MQTT:
                _check_packet(event)
            case kind if kind in _BREAKS:
                received.broken = True


@dataclass(frozen=True)
class _Line:
    """A line of the module; ``broken`` when its beginning may have been forgotten. ``event`` completed it."""

    event: Event
    text: str
    broken: bool


@dataclass
class _Received:
    """All that came from the module so far, cut into lines at any run of CR and LF."""

    lines: list[_Line] = field(default_factory=list)
    rest: str = ""
    broken: bool = False
    _last: Event | None = None

    def feed(self, event: Event) -> None:
        self.broken |= bool(event.data.get("dropped"))
        came = self.rest + event.data["data"]
        # A CR at the very end may be half of a line end: the line belongs to whatever comes next.
        sure = came.rstrip("\r")
        *whole, self.rest = _LINE_END.split(sure)
        self.rest += came[len(sure) :]
        self._last = event
        for text in whole:
            if text:
                self.lines.append(_Line(event, text, self.broken))
            self.broken = False

    def between(self, first: int, last: int) -> Iterator[_Line]:
        """The lines completed by these events, and what has come of the next one."""
        start = bisect_left(self.lines, first, key=lambda line: line.event.seq)
        for line in self.lines[start:]:
            if line.event.seq > last:
                return
            yield line
        if self.rest and self._last is not None and self._last.seq >= first:
            yield _Line(self._last, self.rest.rstrip("\r"), self.broken)

    def unasked(self, event: Event) -> bool:
        """Whether the module floods the line with final result codes there, so that one may come before it is asked."""
        came = self.between(event.seq, event.seq)
        return sum(_SURE_FINAL.fullmatch(line.text.strip(" ")) is not None for line in came) > 1


def _cited(record: RunRecord) -> frozenset[int]:
    """The exchanges that a judgement of the record is about."""
    expectations = (finding.expectation for finding in record.findings)
    return frozenset(
        expected[name] for expected in expectations if expected for name in _CITES if type(expected.get(name)) is int
    )


def _check_exchange(record: RunRecord, event: Event, received: _Received, turns: Turns, cited: Collection[int]) -> None:
    claim = event.data
    first, last = claim["from"], claim["to"]
    if _never_sent(event):
        return
    if not 0 <= first <= last < event.seq:
        raise DoesNotHold(
            "exchange {exchange} (event {seq}) points at events {first} to {last}",
            exchange=claim["exchange"],
            seq=event.seq,
            first=first,
            last=last,
        )
    sent = [item for item in record.events[first : last + 1] if item.kind == Kind.SERIAL and item.data["dir"] == "tx"]
    turns.take(event, sent)
    came = list(received.between(first, last))
    pending = (piece for line in came for piece in _pieces(line))
    found = None
    for text in claim["lines"]:
        found = next((line for line in pending if _is(line, text)), None)
        if found is None:
            raise contradicted(event, "a line it claims did not come")
    check_masks(event)
    check_result(event)
    if claim["silent"]:
        _check_silence(event, sent, came, cited=event.seq in cited)
    elif found is not None and _was_before(found, sent[0]) and not received.unasked(found.event):
        raise contradicted(event, "its final result came before the command was sent")


def _was_before(line: _Line, sent: Event) -> bool:
    """Whether a line came before the command, and not while that was about to be written."""
    return line.event.seq < sent.seq and line.event.t < sent.t - _CROSSING


def _never_sent(event: Event) -> bool:
    """Whether the port was lost before a byte of the command was sent: such an exchange has no events."""
    claim = event.data
    nothing = claim["silent"] and not claim["lines"] and claim["code"] is None
    return bool(nothing and claim["from"] == event.seq == claim["to"] + 1)


def _check_silence(event: Event, sent: Sequence[Event], came: Sequence[_Line], *, cited: bool) -> None:
    """No final result code came while it was waited for; the echo of the command and the text of a message are none.

    One that was broken off, and that no judgement is about, says nothing of the module.
    """
    claim = event.data
    if not cited and str(claim["final"]).startswith(_NOT_AWAITED):
        return
    echo = set(_LINE_END.split(claim["command"]))
    seconds = claim["seconds"]
    end = (sent[0].t if sent else event.t) + max(seconds - _LATE, seconds / 2)
    in_text = False
    for line in came:
        is_text, in_text = in_text, not in_text and BRINGS_TEXT.match(line.text) is not None
        if is_text or line.event.t >= end or line.text in echo:
            continue
        if _SURE_FINAL.fullmatch(line.text.strip(" ")):
            raise contradicted(event, "it claims silence, but a final result code came")


def _is(line: _Line, text: str) -> bool:
    return (
        same(line.text, text)
        or same(line.text.lstrip(_PADDING), text)
        or (line.broken and bool(text) and same(line.text[-len(text) :], text))
    )


def _pieces(line: _Line) -> Iterator[_Line]:
    """A line as the dialogue may have told it: one that is too long is cut, and so is what comes behind."""
    if len(line.text) <= _LONGEST_LINE:
        yield line
        return
    for first in range(0, len(line.text), _LONGEST_LINE):
        yield _Line(line.event, line.text[first : first + _LONGEST_LINE], line.broken)


def _check_packet(event: Event) -> None:
    """The name of a packet that was understood is that of its first byte, and a PUBLISH has the topic it claims."""
    claim = event.data
    fields: dict[str, Any] | None = claim["fields"]
    if fields is None or claim["hex"] is None or claim["packet"] not in _PACKET_TYPES:
        return
    raw = bytes.fromhex(claim["hex"])
    kind = raw[0] >> 4 if raw else 0
    if not 0 < kind <= len(_PACKET_TYPES) or _PACKET_TYPES[kind - 1] != claim["packet"]:
        raise DoesNotHold(
            "event {seq} claims a {packet} packet; its bytes are of another type", seq=event.seq, packet=claim["packet"]
        )
    if claim["connection"] is None or (claim["dir"] == "down" and claim["packet"] in _NEVER_DOWN):
        raise DoesNotHold(
            "event {seq} claims a {packet} packet where none can be", seq=event.seq, packet=claim["packet"]
        )
    if kind == _PUBLISH and not _is_publish(raw, fields):
        raise DoesNotHold("event {seq} claims a PUBLISH packet whose bytes say something else", seq=event.seq)


def _is_publish(raw: bytes, fields: dict[str, Any]) -> bool:
    """MQTT 3.1.1, sections 2.2.3 (remaining length), 3.3.1 and 3.3.2."""
    position = next((index for index in range(1, min(5, len(raw))) if raw[index] < 0x80), 4) + 1
    length = int.from_bytes(raw[position : position + 2])
    topic = raw[position + 2 : position + 2 + length].decode("utf-8", "replace")
    return fields.get("qos") == raw[0] >> 1 & 3 and same(topic, str(fields.get("topic")))
