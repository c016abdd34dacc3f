"""What went over the module's connections, told by the record's events, as packets with comments.

The record holds whole MQTT packets without TLS, and how each connection began and ended; the TCP around them is made
up (`reports.capture.tcp`). What never went over a wire becomes a comment on a neighbouring packet, with its own time:
what concerns one connection on that connection's latest packet, what concerns all of them on the next packet of any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from itertools import chain

from reports.capture.tcp import Conversation, Endpoint, Side
from reports.events import Event, Kind, RecordError
from reports.inert import inert
from reports.record import RunRecord
from reports.verdicts import verdict_of_test

MQTT_PORT = 1883
"""The gateway's port in every conversation, whatever it listened on: what Wireshark dissects as MQTT by itself."""
MAX_HEX = 256
"""Bytes that a comment shows."""

_NOBODY: dict[int, IPv4Network | IPv6Network] = {4: IPv4Network("192.0.2.0/24"), 6: IPv6Network("2001:db8::/32")}
"""Addresses that are nobody's (RFC 5737, RFC 3849), for an end that the record does not name."""
_FREE_PORTS = range(49152, 65536)
_SIDE = {"up": Side.CLIENT, "down": Side.SERVER}


@dataclass
class Frame:
    """One packet of the capture; ``tls`` says on which of the gateway's two ports it was seen."""

    tls: bool
    microseconds: int
    packet: bytes
    comments: list[str] = field(default_factory=list)


@dataclass
class _Connection:
    conversation: Conversation
    tls: bool
    latest: Frame | None = None
    heard: bytes = b""
    """The latest bytes of the module."""


class Capture:
    """The frames of a run, in order of time.

    ``holds_mqtt`` tells whether any of them carries bytes. Raises `RecordError` for a record whose bytes or times
    cannot be read.
    """

    def __init__(self, record: RunRecord, strict: bool) -> None:
        self.frames: list[Frame] = []
        self.holds_mqtt = False
        self.listening: dict[bool, str] = {}
        """Where the gateway listened, by whether that was its TLS port."""
        self._record = record
        self._strict = strict
        self._began = _microseconds_of(record)
        self._connections: dict[object, _Connection] = {}
        self._taken: set[Endpoint] = set()
        self._test: str | None = None
        self._held: list[str] = []
        for moment, event in _in_order(record):
            self._take(event, self._began + round(moment * 1_000_000))
        if self._held and self.frames:
            self.frames[-1].comments += self._held

    def _take(self, event: Event, now: int) -> None:
        data = event.data
        if event.kind == Kind.MQTT:
            self._carry(event, now, _SIDE[data["dir"]], [])
            return
        name: str = data["event"]
        match name:
            case "raw-sent":
                self._carry(event, now, Side.SERVER, [f"sent by a test on purpose: {_shown(self._bytes(event))}"])
            case "malformed":
                self._malformed(event, now)
            case "connected":
                self._connected(event, now)
            case "closed":
                self._closed(event, now)
            case "listening":
                self.listening[bool(data.get("tls"))] = str(data.get("address"))
            case _ if name in _ABOUT_A_CONNECTION:
                self._note(event, _ABOUT_A_CONNECTION[name](event))
            case _ if name in _ABOUT_ALL:
                self._held.append(self._timed(event, f"{_ABOUT_ALL[name]}: {_word(event, 'fault', 'message')}"))

    def _timed(self, event: Event, comment: str) -> str:
        return f"{inert(self._record.wall_of(event))}: {comment}"

    def _connected(self, event: Event, now: int) -> None:
        tls = bool(event.data.get("tls"))
        peer = str(event.data.get("peer"))
        connection = self._connections[event.data.get("connection")] = self._new(tls, peer)
        port = "the TLS port, TLS removed" if tls else "the TCP port"
        comment = f"connection {event.data.get('connection')} from {inert(peer)} to {port}"
        self._write(connection, connection.conversation.open(), event, now, [comment])

    def _closed(self, event: Event, now: int) -> None:
        by, reason = _word(event, "by"), _word(event, "reason")
        connection = self._of(event)
        ender = Side.CLIENT if by == "module" else Side.SERVER
        comment = f"ended by the {by}: {reason}"
        match event.data.get("how"):
            case "FIN":
                comments = [] if ender is Side.CLIENT else [comment]  # a module that closes needs no explanation
                self._write(connection, connection.conversation.finish(ender), event, now, comments)
            case "RST":
                self._write(connection, connection.conversation.reset(ender), event, now, [comment])
            case _:
                self._note(event, f"the connection was lost; no packet is known to have said so; {comment}")

    def _malformed(self, event: Event, now: int) -> None:
        """Bytes that are no MQTT; or a packet out of place, which has been written as a packet already."""
        raw = self._bytes(event)
        comment = f"malformed: {_word(event, 'reason')} [{_word(event, 'clause')}]: {_shown(raw)}"
        if raw and raw == self._of(event).heard:
            self._note(event, comment)
        else:
            self._carry(event, now, Side.CLIENT, [comment])

    def _carry(self, event: Event, now: int, sender: Side, comments: list[str]) -> None:
        raw, connection = self._bytes(event), self._of(event)
        if not raw:
            self._note(event, f"{_word(event, 'packet', 'event')}: the record holds no bytes of it")
            return
        self.holds_mqtt = True
        if sender is Side.CLIENT:
            connection.heard = raw
        self._write(connection, connection.conversation.send(sender, raw), event, now, comments)

    def _write(
        self, connection: _Connection, packets: Iterable[bytes], event: Event, now: int, comments: list[str]
    ) -> None:
        """Add the packets of one event; the first of them gets what there is to say."""
        frames = [Frame(connection.tls, now, packet) for packet in packets]
        frames[0].comments = [*self._change_of_test(event), *self._held, *comments]
        self._held = []
        connection.latest = frames[-1]
        self.frames += frames

    def _change_of_test(self, event: Event) -> Iterator[str]:
        if event.test == self._test:
            return
        self._test = event.test
        if event.test is None:
            yield "outside any test"
        else:
            test = self._record.tests.get(event.test)
            verdict = verdict_of_test(self._record, test, self._strict) if test and test.verdict else "not finished"
            yield f"test {inert(event.test)}: {verdict}"

    def _note(self, event: Event, comment: str) -> None:
        latest = self._of(event).latest
        (self._held if latest is None else latest.comments).append(self._timed(event, comment))

    def _of(self, event: Event) -> _Connection:
        """The connection of an event; one whose beginning is not in the record gets no handshake."""
        number = event.data.get("connection")
        if number not in self._connections:
            self._connections[number] = self._new(False, "")
        return self._connections[number]

    def _new(self, tls: bool, peer: str) -> _Connection:
        client = self._client(peer)
        listening = _endpoint(self.listening.get(tls, ""))
        host = listening.address if listening else None
        if host is None or host.version != client.address.version or host.is_unspecified:
            host = _NOBODY[client.address.version][1]
        return _Connection(Conversation(client, Endpoint(host, MQTT_PORT)), tls)

    def _client(self, peer: str) -> Endpoint:
        """The recorded peer, or the same host with another port when that one is in use for another conversation."""
        client = _endpoint(peer) or Endpoint(_NOBODY[4][2], _FREE_PORTS[0])
        if client in self._taken or client.port == MQTT_PORT:
            others = (Endpoint(client.address, port) for port in _FREE_PORTS)
            client = next((other for other in others if other not in self._taken), client)
        self._taken.add(client)
        return client

    def _bytes(self, event: Event) -> bytes:
        try:
            return bytes.fromhex(event.data.get("hex") or "")
        except (TypeError, ValueError):
            place = f"{self._record.path}: line {event.seq + 1}"
            raise RecordError("{place}: a {kind} event without a proper 'hex'", place=place, kind=event.kind) from None


def _microseconds_of(record: RunRecord) -> int:
    """When the record's clock stood at 0, in microseconds since 1970."""
    first = record.events[0]
    try:
        started = datetime.fromisoformat(record.started).astimezone(UTC)
    except (TypeError, ValueError):
        raise RecordError(
            "{path}: line 1: 'wall' is no time, but {wall!r}", path=record.path, wall=first.wall
        ) from None
    return round(started.timestamp() * 1_000_000) - round(first.t * 1_000_000)


def _in_order(record: RunRecord) -> list[tuple[float, Event]]:
    """Events of the network by the time at which they count: a connection's end never before its last bytes.

    What had arrived when the gateway hung up may be read, and recorded, a moment after that.
    """
    events = sorted(chain(record.of_kind(Kind.MQTT), record.of_kind(Kind.CLOUD)), key=lambda event: event.t)
    last = {event.data.get("connection"): event.t for event in events if _carries_bytes(event)}

    def place(event: Event) -> tuple[float, bool, int]:
        if event.data.get("event") != "closed":
            return event.t, False, event.seq
        return max(event.t, last.get(event.data.get("connection"), event.t)), True, event.seq

    return [(place(event)[0], event) for event in sorted(events, key=place)]


def _carries_bytes(event: Event) -> bool:
    return event.kind == Kind.MQTT or event.data["event"] in ("raw-sent", "malformed")


def _endpoint(text: str) -> Endpoint | None:
    """``host:port`` as the record has it: an IPv6 address stands there without brackets."""
    host, _, port = text.rpartition(":")
    try:
        address: IPv4Address | IPv6Address = ip_address(host.strip("[]"))
        number = int(port)
    except ValueError:
        return None
    return Endpoint(address, number) if 0 < number < 0x10000 else None


def _tls(event: Event) -> str:
    return (
        f"TLS removed: {_word(event, 'version')}, {_word(event, 'cipher')}, "
        f"SNI {_word(event, 'server_name')}, ALPN {_word(event, 'alpn')}"
    )


def _tls_failed(event: Event) -> str:
    return f"the TLS handshake failed: {_word(event, 'reason')}, SNI {_word(event, 'server_name')}"


def _withheld(event: Event) -> str:
    """A packet on its way down never was on this wire; one on its way up was, but went no further."""
    if event.data.get("direction") == "up":
        where = "withheld from the broker behind the gateway"
    else:
        where = "withheld from the module, so never on this wire"
    fields = json.dumps(event.data.get("fields"), ensure_ascii=False)
    dump = str(event.data.get("hex") or "")
    return " ".join(inert(part[: 2 * MAX_HEX]) for part in (f"{where}:", _word(event, "packet"), fields, dump) if part)


_ABOUT_A_CONNECTION: dict[str, Callable[[Event], str]] = {
    "attributed": lambda event: f"whose it is: {_word(event, 'whose')} ({_word(event, 'why')})",
    "tls": _tls,
    "tls-failed": _tls_failed,
    "withheld": _withheld,
}
_ABOUT_ALL = {
    "fault-on": "fault of the gateway begins",
    "fault-off": "fault of the gateway ends",
    "bench-failure": "the bench broke",
}


def _word(event: Event, *names: str) -> str:
    """The first of these fields that the event has, fit to be shown."""
    return inert(next((str(event.data[name]) for name in names if event.data.get(name) is not None), "none"))


def _shown(raw: bytes) -> str:
    return raw[:MAX_HEX].hex(" ") + (f" ... ({len(raw)} bytes)" if len(raw) > MAX_HEX else "")
