"""Whether every packet that the module sent is valid MQTT 3.1.1, judged from what the gateway saw of a whole run.

The decoder tells what is wrong with a single packet (`Malformed`); how packets fit one another is told here:
identifiers in use, DUP, acknowledgements of what never came. A packet is not held against the module where the bench
may have brought it about: bytes that are no MQTT were sent to it, its acknowledgement was kept back, a fault was in
force between the two uses of an identifier, or it is not sure whose the connection is. Such a packet is ``excused``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from rigs.cloud.events import (
    Attributed,
    Closed,
    Direction,
    Event,
    FaultOff,
    FaultOn,
    Malformed,
    Online,
    PacketSeen,
    PacketWithheld,
    RawSent,
)
from rigs.cloud.masking import masked_raw
from rigs.cloud.packets import (
    Connect,
    Disconnect,
    ForeignConnect,
    Packet,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
    Unsuback,
    Unsubscribe,
)

_SHOWN = 64  # bytes of a packet in words
_TLS_HANDSHAKE = b"\x16\x03"  # how every TLS handshake begins (RFC 8446, section 5.1)

_Request: TypeAlias = Subscribe | Unsubscribe | Publish


@dataclass(frozen=True)
class Invalid:
    """A packet of the module that MQTT 3.1.1 does not allow.

    ``clause`` is the statement of the standard, such as ``MQTT-2.3.1-2``; ``raw`` are its bytes, a password masked.
    ``excuse`` says why it is not held against the module, None where it is.
    """

    connection: int
    time: float
    clause: str
    reason: str
    raw: bytes = field(repr=False)
    excuse: str | None = None

    def __str__(self) -> str:
        cut = " ..." if len(self.raw) > _SHOWN else ""
        return f"connection {self.connection}: {self.reason} [{self.clause}]: {self.raw[:_SHOWN].hex(' ')}{cut}"


@dataclass(frozen=True)
class Examination:
    """What a run's packets came to: how many the module sent, and which of them are invalid."""

    packets: int
    invalid: tuple[Invalid, ...]

    @property
    def breaches(self) -> tuple[Invalid, ...]:
        """What is held against the module."""
        return tuple(item for item in self.invalid if item.excuse is None)

    @property
    def excused(self) -> tuple[Invalid, ...]:
        return tuple(item for item in self.invalid if item.excuse is not None)


def examine(events: Iterable[Event]) -> Examination:
    """Judge the module's packets; ``events`` are those of its connections and of none (`Journal.events`), in order."""
    examiner = _Examiner()
    for event in events:
        examiner.take(event)
    return Examination(examiner.packets, tuple(examiner.invalid))


@dataclass
class _Pending:
    """A packet identifier that is in use until the cloud has acknowledged it."""

    packet: _Request
    connection: int
    excuse: str | None


@dataclass
class _Session:
    """What one client has sent and received, over all its connections."""

    sent: set[tuple[str, bytes, int]] = field(default_factory=set)
    """Topic, payload and identifier: a message that is sent again keeps all three (section 4.4)."""
    received: set[tuple[type[Packet], int]] = field(default_factory=set)
    """Packets with an identifier that came down and wait, or waited, for an answer: kind of the answer, identifier."""
    link: _Link | None = None
    """The connection that it is on, or was on last."""


@dataclass
class _Link:
    """One connection."""

    number: int
    session: _Session | None = None
    pending: dict[int, _Pending] = field(default_factory=dict)
    """The connection's own: what is still read of one that its client has left says nothing about the next."""
    excuse: str | None = None
    """Why nothing on it is held against the module from now on."""
    after_a_break: bool = False
    """The connection before it ended without DISCONNECT."""
    disconnected: bool = False
    awaited: set[tuple[type[Packet], int]] = field(default_factory=set)
    """Answers that are due on this connection."""


class _Examiner:
    def __init__(self) -> None:
        self.packets = 0
        self.invalid: list[Invalid] = []
        self._links: dict[int, _Link] = {}
        self._sessions: dict[str, _Session] = {}
        self._faults: list[str] = []

    def take(self, event: Event) -> None:
        match event:
            case FaultOn(fault=fault):
                self._faults.append(fault)
                self._excuse_pending(f"the gateway's fault {fault} was in force")
            case FaultOff(fault=fault) if fault in self._faults:
                self._faults.remove(fault)
        if event.connection is None:
            return
        link = self._links.setdefault(event.connection, _Link(event.connection))
        match event:
            case Attributed(sure=False):
                self._excuse_link(link)
            case RawSent():
                link.excuse = link.excuse or "the gateway had sent bytes of a test's own to the module"
            case Malformed(raw=raw, reason=reason, clause=clause):
                tls = raw.startswith(_TLS_HANDSHAKE) and link.session is None
                excuse = "it is TLS, which a test had the module speak to a port without" if tls else None
                self._found(link, event, raw, clause, reason, excuse)
            case PacketWithheld(direction=Direction.DOWN, packet=packet):
                self._withheld(link, packet)
            case PacketSeen(direction=Direction.DOWN, packet=packet):
                self._down(link, packet)
            case Online(session_present=False) if link.session is not None:
                link.pending = {key: use for key, use in link.pending.items() if use.connection == link.number}
            case PacketSeen(direction=Direction.UP):
                self.packets += 1
                self._up(link, event)
            case Closed(disconnect_seen=disconnect_seen):
                link.disconnected = disconnect_seen

    def _excuse_link(self, link: _Link) -> None:
        """What came before it was known counts as well."""
        link.excuse = "it is not sure that the connection is the module's"
        self.invalid = [item for item in self.invalid if item.connection != link.number] + [
            Invalid(item.connection, item.time, item.clause, item.reason, item.raw, link.excuse)
            for item in self.invalid
            if item.connection == link.number
        ]

    def _excuse_pending(self, excuse: str) -> None:
        for link in self._links.values():
            for use in link.pending.values():
                use.excuse = use.excuse or excuse

    def _found(
        self, link: _Link, event: Event, raw: bytes, clause: str, reason: str, excuse: str | None = None
    ) -> None:
        excuse = link.excuse or excuse
        self.invalid.append(Invalid(link.number, event.time, clause, reason, masked_raw(raw), excuse))

    # From the module

    def _up(self, link: _Link, seen: PacketSeen) -> None:
        packet = seen.packet
        if link.session is None:
            self._begin(link, seen)
            return
        if link.disconnected:
            return  # the gateway has called it malformed
        match packet:
            case Subscribe() | Unsubscribe():
                self._use(link, seen, packet, packet.packet_id)
            case Publish(packet_id=int(identifier)):
                self._use(link, seen, packet, identifier)
            case Puback() | Pubrec() | Pubcomp():
                self._answer(link, seen, packet)
            case Pubrel():
                self._release(link, seen, packet)
            case Disconnect():
                link.disconnected = True

    def _begin(self, link: _Link, seen: PacketSeen) -> None:
        match seen.packet:
            case ForeignConnect(protocol_level=level):
                self._found(link, seen, seen.raw, "MQTT-3.1.2-2", f"CONNECT of protocol level {level}, not 4")
            case Connect() as connect:
                if not connect.client_id and not connect.clean_session:
                    reason = "CONNECT without a clientId that asks for a kept session"
                    self._found(link, seen, seen.raw, "MQTT-3.1.3-7", reason)
                session = self._sessions.setdefault(connect.username or connect.client_id, _Session())
                before, session.link, link.session = session.link, link, session
                link.after_a_break = before is not None and not before.disconnected
                if before is not None and not connect.clean_session:
                    self._keep(link, before)

    def _keep(self, link: _Link, before: _Link) -> None:
        """A session goes on: of what was under way only messages belong to it (section 3.1.2.4)."""
        link.pending = {key: use for key, use in before.pending.items() if isinstance(use.packet, Publish)}
        for use in link.pending.values():
            # A module that answers PUB at once may be told to CLOSE before PUBACK has come.
            use.excuse = use.excuse or "the connection ended before it was acknowledged"

    def _use(self, link: _Link, seen: PacketSeen, packet: _Request, identifier: int) -> None:
        assert link.session is not None
        session, under_fault = link.session, self._under_fault()
        use = link.pending.get(identifier)
        if isinstance(packet, Publish):
            content = (packet.topic, packet.payload, identifier)
            known = content in session.sent
            session.sent.add(content)
            if packet.dup and known and (use is None or _same_message(use.packet, packet)):
                # Sent again, before the acknowledgement came or while it was on its way.
                if use is None:
                    link.pending[identifier] = _Pending(packet, link.number, under_fault)
                return
            if packet.dup and not known and use is None:
                excuse = "the connection before it broke, and may have taken the first one with it"
                excuse_now = under_fault or (excuse if link.after_a_break else None)
                self._found(
                    link, seen, seen.raw, "MQTT-3.3.1-1", "DUP on a message sent for the first time", excuse_now
                )
        if use is not None:
            reason = f"{packet.TYPE.name} with identifier {identifier}, which a {use.packet.TYPE.name} still uses"
            again = isinstance(packet, Publish) and _same_message(use.packet, packet)
            clause = "MQTT-3.3.1-1" if again else "MQTT-2.3.1-2"
            if again:
                reason += ": the same message again, without DUP"
            self._found(link, seen, seen.raw, clause, reason, use.excuse or under_fault)
        link.pending[identifier] = _Pending(packet, link.number, under_fault)

    def _answer(self, link: _Link, seen: PacketSeen, packet: Puback | Pubrec | Pubcomp) -> None:
        assert link.session is not None
        answer = (type(packet), packet.packet_id)
        if answer in link.awaited:
            link.awaited.discard(answer)
            return
        to_what = "PUBREL" if isinstance(packet, Pubcomp) else f"PUBLISH with QoS {1 + isinstance(packet, Pubrec)}"
        reason = f"{packet.TYPE.name} for identifier {packet.packet_id}, with which no {to_what} came"
        clause = "MQTT section 4.3.3" if isinstance(packet, Pubcomp) else "MQTT-2.3.1-6"
        excuse = "it came earlier" if answer in link.session.received else None
        self._found(link, seen, seen.raw, clause, reason, excuse)

    def _release(self, link: _Link, seen: PacketSeen, packet: Pubrel) -> None:
        assert link.session is not None
        if (Pubrel, packet.packet_id) in link.session.received:
            return  # a kept session sends it again
        reason = f"PUBREL for identifier {packet.packet_id}, for which no PUBREC came"
        self._found(link, seen, seen.raw, "MQTT-2.3.1-6", reason)

    def _under_fault(self) -> str | None:
        return f"the gateway's fault {self._faults[-1]} was in force" if self._faults else None

    # To the module

    def _down(self, link: _Link, packet: Packet) -> None:
        if link.session is None:
            return
        match packet:
            case Suback() | Unsuback() | Puback() | Pubcomp():
                use = link.pending.get(packet.packet_id)
                if use is not None and isinstance(use.packet, _ACKNOWLEDGES[type(packet)]):
                    del link.pending[packet.packet_id]
            case Publish(packet_id=int(identifier), qos=qos):
                self._await(link, (Pubrec if qos == 2 else Puback, identifier))
            case Pubrel():
                self._await(link, (Pubcomp, packet.packet_id))
            case Pubrec():
                self._await(link, (Pubrel, packet.packet_id))

    def _await(self, link: _Link, answer: tuple[type[Packet], int]) -> None:
        assert link.session is not None
        link.awaited.add(answer)
        link.session.received.add(answer)

    def _withheld(self, link: _Link, packet: Packet) -> None:
        if link.session is None or not isinstance(packet, Suback | Unsuback | Puback | Pubrec | Pubcomp):
            return
        if (use := link.pending.get(packet.packet_id)) is not None:
            use.excuse = "the gateway kept its acknowledgement back"


_ACKNOWLEDGES: dict[type[Packet], type[Packet]] = {
    Suback: Subscribe,
    Unsuback: Unsubscribe,
    Puback: Publish,
    Pubcomp: Publish,
}


def _same_message(one: Packet, other: Publish) -> bool:
    return isinstance(one, Publish) and (one.topic, one.payload, one.qos) == (other.topic, other.payload, other.qos)
