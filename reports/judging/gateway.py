"""What a record tells of the gateway: connections, what became of them, and their packets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from reports.events import Event, Kind
from reports.judging.packets import PUBLISH, Packet

Fact = Mapping[str, Any]
"""A ``cloud`` event, as the record has it."""


class Gateway:
    """The gateway's side of a record so far."""

    def __init__(self) -> None:
        self._packets: defaultdict[int, list[Packet]] = defaultdict(list)
        self._facts: defaultdict[int, list[tuple[int, Fact]]] = defaultdict(list)
        self._published: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)

    def add(self, event: Event) -> None:
        """Take up the next event, of kind ``mqtt`` or ``cloud``."""
        connection = event.data["connection"]
        if connection is None:
            return
        if event.kind == Kind.MQTT:
            packet = Packet(event.seq, event.data["dir"] == "up", bytes.fromhex(event.data["hex"] or ""))
            self._packets[connection].append(packet)
            if packet.up and packet.kind == PUBLISH:
                sent = packet.publication
                self._published[sent.topic].append((event.seq, sent.payload))
        else:
            self._facts[connection].append((event.seq, event.data))

    @property
    def connections(self) -> list[int]:
        """The numbers of all connections."""
        return [*self._facts]

    def packets(self, connection: int, last: int, kind: int, *, up: bool = True) -> list[Packet]:
        """The packets of one type that the module sent (or was sent) on a connection, up to that event."""
        found = self._packets.get(connection, ())
        return [packet for packet in found if packet.kind == kind and packet.up is up and packet.event <= last]

    def both_ways(self, connection: int, last: int) -> Iterator[Packet]:
        """All packets of a connection up to that event."""
        return (packet for packet in self._packets.get(connection, ()) if packet.event <= last)

    def published(self, topic: str, last: int) -> list[str]:
        """The payloads that the module published to a topic, on whichever connection, in order."""
        return [payload for event, payload in self._published.get(topic, ()) if event <= last]

    def told(self, connection: int, last: int) -> list[str]:
        """What the gateway has told of a connection, up to that event."""
        return [*dict.fromkeys(str(fact["event"]) for _, fact in self._before(connection, last))]

    def fact(self, connection: int, last: int, name: str) -> Fact:
        """The first thing of that name that it has told of a connection; empty when there is none."""
        return next((fact for _, fact in self._before(connection, last) if fact["event"] == name), {})

    def began(self, connection: int) -> int:
        """The first event of a connection."""
        return min((event for event, _ in self._facts.get(connection, ())), default=0)

    def _before(self, connection: int, last: int) -> Iterator[tuple[int, Fact]]:
        return ((event, fact) for event, fact in self._facts.get(connection, ()) if event <= last)
