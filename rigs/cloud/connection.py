"""One connection at the gateway, the module's as a rule, as a view on the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rigs.cloud.attribution import Whose
from rigs.cloud.events import (
    Attributed,
    Closed,
    Connected,
    Direction,
    Event,
    LoginChecked,
    Online,
    PacketSeen,
    TlsEstablished,
)
from rigs.cloud.journal import Journal
from rigs.cloud.login import Login
from rigs.cloud.packets import Connect, Disconnect, Packet

_E = TypeVar("_E", bound=Event)


class Connection:
    """The connection ``number`` (from 1, in the order of TCP accepts, strangers' too). Properties tell the present."""

    def __init__(self, number: int, journal: Journal) -> None:
        self.number = number
        self._journal = journal

    def __repr__(self) -> str:
        return f"Connection({self.number})"

    @property
    def events(self) -> tuple[Event, ...]:
        return self._journal.of_connection(self.number)

    def _first(self, kind: type[_E]) -> _E | None:
        return next((event for event in self.events if isinstance(event, kind)), None)

    @property
    def attributed(self) -> Attributed | None:
        """Whose it is, how sure, and why; None while that is undecided."""
        return self._first(Attributed)

    @property
    def sure(self) -> bool:
        """Whether it has proved to be the module's."""
        return self.attributed is not None and self.attributed.whose is Whose.MODULE and self.attributed.sure

    @property
    def over_tls(self) -> bool:
        """Whether the module came to the TLS port."""
        connected = self._first(Connected)
        return connected is not None and connected.tls

    @property
    def tls(self) -> TlsEstablished | None:
        """Version, cipher, SNI and ALPN once a handshake succeeded."""
        return self._first(TlsEstablished)

    @property
    def packets(self) -> tuple[PacketSeen, ...]:
        """All packets of both directions, in the order of the wire."""
        return tuple(event for event in self.events if isinstance(event, PacketSeen))

    def sent(self, kind: type[Packet] | None = None) -> tuple[PacketSeen, ...]:
        """Packets from the module to the cloud, of one kind if given."""
        return self._select(Direction.UP, kind)

    def received(self, kind: type[Packet] | None = None) -> tuple[PacketSeen, ...]:
        """Packets from the cloud to the module, of one kind if given."""
        return self._select(Direction.DOWN, kind)

    def _select(self, direction: Direction, kind: type[Packet] | None) -> tuple[PacketSeen, ...]:
        return tuple(
            seen
            for seen in self.packets
            if seen.direction is direction and (kind is None or isinstance(seen.packet, kind))
        )

    @property
    def login(self) -> Login | None:
        """The platform's judgement on the CONNECT."""
        checked = self._first(LoginChecked)
        return checked.login if checked is not None else None

    @property
    def connect(self) -> Connect | None:
        """The CONNECT as the module sent it."""
        return next((seen.packet for seen in self.packets if isinstance(seen.packet, Connect)), None)

    @property
    def announced_keepalive(self) -> int:
        """The keep-alive of the CONNECT in seconds, 0 for none (MQTT 3.1.1, section 3.1.2.10)."""
        return self.connect.keep_alive if self.connect is not None else 0

    @property
    def closed(self) -> Closed | None:
        """How the connection ended, None while it has not."""
        return self._first(Closed)

    @property
    def online(self) -> bool:
        """Logged in with CONNACK 0, no DISCONNECT sent, not closed."""
        events = self.events
        return any(isinstance(event, Online) for event in events) and not any(
            isinstance(event, Closed) or (isinstance(event, PacketSeen) and isinstance(event.packet, Disconnect))
            for event in events
        )

    def wait_packet(
        self,
        wanted: type[Packet] | Callable[[PacketSeen], bool],
        deadline_seconds: float,
        *,
        direction: Direction | None = None,
        since: int = 0,
    ) -> PacketSeen | None:
        """The first packet that fits, from journal position ``since`` on, waiting for it; None after the deadline."""

        def fits(event: Event) -> bool:
            if not isinstance(event, PacketSeen):
                return False
            if direction is not None and event.direction is not direction:
                return False
            return isinstance(event.packet, wanted) if isinstance(wanted, type) else wanted(event)

        event = self._journal.wait_in(self.number, fits, deadline_seconds, since)
        return event if isinstance(event, PacketSeen) else None

    def wait_online(self, deadline_seconds: float) -> bool:
        """Wait until the module was sent CONNACK 0."""
        return self._wait(Online, deadline_seconds) is not None

    def wait_closed(self, deadline_seconds: float) -> Closed | None:
        """Wait until the connection is over."""
        return self._wait(Closed, deadline_seconds)

    def _wait(self, kind: type[_E], deadline_seconds: float) -> _E | None:
        event = self._journal.wait_in(self.number, lambda event: isinstance(event, kind), deadline_seconds)
        return event if isinstance(event, kind) else None
