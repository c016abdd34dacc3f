"""The record against its own raw bytes: what it claims was said is compared with what went over the line.

A small parser of its own, so that a mistake (or a lie) of the dialogue that wrote the claims does not vouch for itself.
Secrets are masked in the bytes and in the claims, with a ``*`` for each character: such a place matches anything.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.bundle.contents import DoesNotHold
from reports.events import Event, Kind
from reports.record import RunRecord

_MASK = "*"
_LINE_END = re.compile(r"[\r\n]+")
_LONGEST_LINE = 65_536
"""A line that long may have been cut."""
_PADDING = "\x00\x11\x13\x7f\xff"
"""Fill bytes in front of a line, which are no part of it."""
_CODES = (
    re.compile(r"\+CM[ES] ERROR: ?(\d{1,10})"),
    re.compile(r"ERROR: ?(\d{1,10})"),
    re.compile(r"\+[A-Za-z0-9]+[=:] ?err, ?(\d{1,10})", re.IGNORECASE),
)
"""The spellings of an error that carry a code (requirement FMT-10)."""
_MASKED = re.compile(r'\+\w*SECRET\s*[=:][*"?]+', re.IGNORECASE)
"""An answer in the name of a command that sets a secret: its code was masked like a value, and may be any."""
_SURE_FINAL = re.compile(r"OK|ERROR|\+CM[ES] ERROR:.*")
"""Lines that end the answer to any command; one that names its command may be something else."""
_BREAKS = frozenset({Kind.POWER, Kind.INCIDENT})
"""What may have made the bench forget the beginning of a line."""

# MQTT 3.1.1, table 2.1
_PACKET_TYPES = (
    *("CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"),
    *("SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT"),
)
_PUBLISH = 3


def check_wire(record: RunRecord) -> None:
    """Raise `DoesNotHold` for the first exchange or packet whose raw bytes say something else."""
    received = _Received()
    for event in record.events:
        match event.kind:
            case Kind.SERIAL if event.data["dir"] == "rx":
                received.feed(event)
            case Kind.EXCHANGE:
                _check_exchange(record, event, received)
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


def _check_exchange(record: RunRecord, event: Event, received: _Received) -> None:
    claim = event.data
    first, last = claim["from"], claim["to"]
    if not 0 <= first <= last < event.seq:
        raise DoesNotHold(f"exchange {claim['exchange']} (event {event.seq}) points at events {first} to {last}")
    sent = [item for item in record.events[first : last + 1] if item.kind == Kind.SERIAL and item.data["dir"] == "tx"]
    if not _contains("".join(item.data["data"] for item in sent), claim["command"]):
        raise _contradicted(event, "the command it claims was not sent")
    came = list(received.between(first, last))
    pending = iter(came)
    for text in claim["lines"]:
        if not any(_is(line, text) for line in pending):
            raise _contradicted(event, "a line it claims did not come")
    if claim["silent"]:
        _check_silence(event, sent, came)
    else:
        _check_final(event)


def _check_final(event: Event) -> None:
    """One of the claimed lines is the final result code with the code claimed."""
    claim = event.data
    lines: list[str] = [text.strip(" \r") for text in claim["lines"]]
    if claim["final"] == "OK":
        proven = "OK" in lines
    elif claim["code"] is not None:
        proven = any(int(match.group(1)) == claim["code"] for match in _codes(lines))
        proven = proven or any(map(_MASKED.fullmatch, lines))
    else:
        proven = any(_SURE_FINAL.fullmatch(text) and text != "OK" for text in lines)
        proven = proven or _in_another_form(lines, claim["final"])
    if not proven:
        raise _contradicted(event, "no line of it is the final result it claims")


def _in_another_form(lines: Sequence[str], final: str) -> bool:
    """Whether the answer ends with a number, or with a spelling, that a firmware has in place of OK or ERROR."""
    last = lines[-1] if lines else ""
    return (last in ("0", "4") and last == final) or (
        last.upper() in ("OK", "ERROR") and final.startswith(last.upper())
    )


def _codes(lines: Sequence[str]) -> Iterator[re.Match[str]]:
    for text in lines:
        for spelling in _CODES:
            if match := spelling.fullmatch(text):
                yield match


def _check_silence(event: Event, sent: Sequence[Event], came: Sequence[_Line]) -> None:
    """No final result code came while it was waited for; the echo of the command is none."""
    claim = event.data
    echo = set(_LINE_END.split(claim["command"]))
    deadline = (sent[-1].t if sent else event.t) + claim["seconds"]
    for line in came:
        if line.event.t < deadline and line.text not in echo and _SURE_FINAL.fullmatch(line.text.strip(" ")):
            raise _contradicted(event, "it claims silence, but a final result code came")


def _contradicted(event: Event, what: str) -> DoesNotHold:
    return DoesNotHold(f"exchange {event.data['exchange']} (event {event.seq}) contradicts the serial bytes: {what}")


def _is(line: _Line, text: str) -> bool:
    if len(text) >= _LONGEST_LINE:
        return True
    return (
        _same(line.text, text)
        or _same(line.text.lstrip(_PADDING), text)
        or (line.broken and bool(text) and _same(line.text[-len(text) :], text))
    )


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    return (_MASK in one or _MASK in other) and len(one) == len(other) and all(map(_alike, one, other))


def _alike(one: str, other: str) -> bool:
    return one == other or _MASK in (one, other)


def _contains(sent: str, command: str) -> bool:
    if command in sent:
        return True
    if _MASK not in sent and _MASK not in command:
        return False
    pattern = "".join("." if char == _MASK else f"[{re.escape(char)}*]" for char in command)
    return re.search(pattern, sent, re.DOTALL) is not None


def _check_packet(event: Event) -> None:
    """The name of a packet that was understood is that of its first byte, and a PUBLISH has the topic it claims."""
    claim = event.data
    fields: dict[str, Any] | None = claim["fields"]
    if fields is None or claim["hex"] is None or claim["packet"] not in _PACKET_TYPES:
        return
    raw = bytes.fromhex(claim["hex"])
    kind = raw[0] >> 4 if raw else 0
    if not 0 < kind <= len(_PACKET_TYPES) or _PACKET_TYPES[kind - 1] != claim["packet"]:
        raise DoesNotHold(f"event {event.seq} claims a {claim['packet']} packet; its bytes are of another type")
    if kind == _PUBLISH and not _is_publish(raw, fields):
        raise DoesNotHold(f"event {event.seq} claims a PUBLISH packet whose bytes say something else")


def _is_publish(raw: bytes, fields: dict[str, Any]) -> bool:
    """MQTT 3.1.1, sections 2.2.3 (remaining length), 3.3.1 and 3.3.2."""
    position = next((index for index in range(1, min(5, len(raw))) if raw[index] < 0x80), 4) + 1
    length = int.from_bytes(raw[position : position + 2])
    topic = raw[position + 2 : position + 2 + length].decode("utf-8", "replace")
    return fields.get("qos") == raw[0] >> 1 & 3 and _same(topic, str(fields.get("topic")))
