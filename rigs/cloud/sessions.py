"""Session state of the embedded broker: subscriptions, messages on their way, messages waiting (MQTT 3.1.1, 3.1.2.4).

Sans-IO: what has to be sent goes through the ``send`` callable of the connection that holds the session.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from rigs.cloud.packets import Packet, Puback, Pubcomp, Publish, Pubrec, Pubrel, QoS, Subscription
from rigs.cloud.topics import matches

Send: TypeAlias = Callable[[Packet], None]
_MAX_PACKET_ID = 0xFFFF


class _Awaits(enum.Enum):
    PUBACK = enum.auto()
    PUBREC = enum.auto()
    PUBCOMP = enum.auto()


@dataclass(frozen=True)
class _InFlight:
    publish: Publish
    awaits: _Awaits


class Session:
    """What the server keeps for one client identifier. ``send`` is set while the client is connected.

    A client that does not read is on ``hold``: messages of QoS 0 are dropped for it, those of QoS 1 and 2 wait as they
    do for one that is away, and without a limit: a witness loses nothing that it owes.
    """

    def __init__(self, client_id: str, *, clean: bool) -> None:
        self.client_id = client_id
        self.clean = clean
        self.send: Send | None = None
        self._held = False
        self._filters: dict[str, tuple[list[str], QoS]] = {}
        self._in_flight: dict[int, _InFlight] = {}  # in the order in which they were first sent
        self._waiting: deque[Publish] = deque()
        self._received: set[int] = set()  # QoS 2 identifiers between PUBLISH and PUBREL
        self._last_id = 0

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        return tuple(Subscription(text, qos) for text, (_, qos) in self._filters.items())

    def subscribe(self, wish: Subscription) -> None:
        """Add the subscription; an identical filter is replaced (MQTT-3.8.4-3)."""
        self._filters[wish.topic_filter] = (wish.topic_filter.split("/"), wish.qos)

    def unsubscribe(self, topic_filter: str) -> None:
        """Remove exactly this filter, if it is there (MQTT-3.10.4-1)."""
        self._filters.pop(topic_filter, None)

    def granted(self, topic_levels: list[str]) -> QoS | None:
        """The greatest QoS of all subscriptions that match (MQTT-3.3.5-1), None if none does."""
        return max((qos for levels, qos in self._filters.values() if matches(levels, topic_levels)), default=None)

    def deliver(self, message: Publish, qos: QoS) -> None:
        """Send ``message`` with the lower of its own QoS and ``qos``, or keep it until the client is back.

        QoS 0 is not kept for a client that is away: it was promised at most once.
        """
        message = replace(message, qos=min(message.qos, qos), packet_id=None, dup=False)
        if message.qos is not QoS.AT_MOST_ONCE:
            self._waiting.append(message)
            self._send_waiting()
        elif self.send is not None and not self._held:
            self.send(message)

    def resume(self, send: Send) -> None:
        """The client is connected: repeat what was not acknowledged, in order (MQTT-4.4.0-1, MQTT-4.6.0-1)."""
        self.send = send
        self._held = False
        for packet_id, flight in self._in_flight.items():
            if flight.awaits is _Awaits.PUBCOMP:
                send(Pubrel(packet_id))
            else:
                send(replace(flight.publish, dup=True))
        self._send_waiting()

    def pause(self) -> None:
        """The client is gone."""
        self.send = None

    def hold(self) -> None:
        """Send no messages for now, only answers."""
        self._held = True

    def go_on(self) -> None:
        """The end of ``hold``."""
        self._held = False
        self._send_waiting()

    def acknowledge(self, packet: Puback | Pubrec | Pubcomp) -> None:
        """Take the client's acknowledgement; one that belongs to nothing in flight changes nothing."""
        flight = self._in_flight.get(packet.packet_id)
        awaits = flight.awaits if flight is not None else None
        match packet:
            case Puback() if awaits is _Awaits.PUBACK:
                del self._in_flight[packet.packet_id]
            case Pubcomp() if awaits is _Awaits.PUBCOMP:
                del self._in_flight[packet.packet_id]
            case Pubrec() if awaits is not _Awaits.PUBACK:
                if flight is not None:
                    self._in_flight[packet.packet_id] = replace(flight, awaits=_Awaits.PUBCOMP)
                self._answer(Pubrel(packet.packet_id))  # MQTT-4.3.3-1, also when the PUBLISH is forgotten
        self._send_waiting()

    def is_new(self, publish: Publish) -> bool:
        """Acknowledge a PUBLISH of the client; False when it repeats one of QoS 2 that was taken (MQTT-4.3.3-2)."""
        if publish.packet_id is None:
            return True
        if publish.qos is QoS.AT_LEAST_ONCE:
            self._answer(Puback(publish.packet_id))
            return True
        new = publish.packet_id not in self._received
        self._received.add(publish.packet_id)
        self._answer(Pubrec(publish.packet_id))
        return new

    def release(self, packet: Pubrel) -> None:
        """Second half of a QoS 2 PUBLISH of the client; PUBCOMP is due in any case (MQTT-4.3.3-2)."""
        self._received.discard(packet.packet_id)
        self._answer(Pubcomp(packet.packet_id))

    def _send_waiting(self) -> None:
        while self._waiting and self.send is not None and not self._held and len(self._in_flight) < _MAX_PACKET_ID:
            packet_id = self._free_packet_id()
            message = replace(self._waiting.popleft(), packet_id=packet_id)
            awaits = _Awaits.PUBACK if message.qos is QoS.AT_LEAST_ONCE else _Awaits.PUBREC
            self._in_flight[packet_id] = _InFlight(message, awaits)
            self.send(message)

    def _free_packet_id(self) -> int:
        while True:
            self._last_id = self._last_id % _MAX_PACKET_ID + 1
            if self._last_id not in self._in_flight:
                return self._last_id

    def _answer(self, packet: Packet) -> None:
        if self.send is not None:
            self.send(packet)
