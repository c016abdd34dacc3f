"""The cloud as the bench uses it, whichever it is: one of the bench's own, or the platform itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rigs.cloud.client import Message
from rigs.cloud.connection import Connection
from rigs.cloud.events import Connected, Event, Online
from rigs.cloud.instrument import Instrument
from rigs.cloud.journal import Journal
from rigs.cloud.login import Device


class Application(Protocol):
    """The cloud's application: what sends to the module and receives from it. Topics are the module's own."""

    def subscribe(self, topic_filter: str, qos: int = 1) -> int:
        """Subscribe and wait for the acknowledgement; returns the granted QoS."""

    def publish(self, topic: str, payload: bytes | str, qos: int = 1, *, retain: bool = False) -> None:
        """Publish and wait until the message is acknowledged (QoS 1) or sent (QoS 0)."""

    def publish_all(self, topic: str, payloads: list[bytes] | list[str] | list[bytes | str], qos: int = 1) -> None:
        """Publish messages one behind the other."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """What has arrived, in order."""

    def wait_messages(self, count: int, deadline_seconds: float, since: int = 0) -> tuple[Message, ...]:
        """The messages from ``since`` on, as soon as there are ``count``, or fewer when the deadline is over."""

    def settle(self, publish_later: Callable[[str, str], object]) -> bool:
        """Wait until all that the cloud took in before has arrived; False when that cannot be proven.

        ``publish_later`` makes the module publish a message (topic, payload), for a proof that needs one.
        """

    def close(self) -> None:
        """End it. May be called twice."""


class CloudSide(ABC):
    """What the module meets in the network.

    Others may connect there, too: health checks, scanners, other devices. Connections here are the module's; what
    strangers do is in ``journal.everything()`` and nowhere else.

    Where the bench sees no packets, whatever would have to look at them raises `Unseen`.
    """

    journal: Journal
    region = 0
    """Region of +ALYCONNECTCFG under which the module finds this cloud."""

    @abstractmethod
    def start(self) -> Self:
        """Take up work. Raises BenchError when that cannot be."""

    @abstractmethod
    def stop(self) -> None:
        """Let go of everything. May be called twice."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    @abstractmethod
    def address(self) -> tuple[str, int]:
        """Where the module goes over TCP."""

    @property
    @abstractmethod
    def tls_address(self) -> tuple[str, int]:
        """Where the module goes over TLS."""

    @property
    @abstractmethod
    def keep_alives(self) -> range:
        """The keep-alives that the cloud lets in, in seconds."""

    @property
    @abstractmethod
    def gateway(self) -> Instrument:
        """Faults and one-shot actions."""

    @abstractmethod
    def register_device(self, product_key: str, device_name: str, device_secret: str) -> Device:
        """Make the platform know a device; registering it again replaces its secret."""

    @abstractmethod
    def enrol(self, device: Device) -> Device:
        """The device that the module has to be: ``device``, made known now, or the one that is known already."""

    @abstractmethod
    def module_holds(self, *names: str) -> None:
        """Tell what the module may call itself by, apart from the devices made known: a ProductKey, a DeviceName."""

    @abstractmethod
    def new_client(self) -> Application:
        """The cloud's application, connected."""

    @abstractmethod
    def check(self) -> None:
        """Raise BenchError if the cloud is broken, or was since the last check."""

    @abstractmethod
    def require_sight(self) -> None:
        """Raise `Unseen` where the bench sees no packets, for what is not worth beginning without."""

    @abstractmethod
    def hang_up(self) -> None:
        """Close whatever connections of the module are still up, so that nothing of one test reaches the next."""

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All connections that the module made so far, in their order."""
        return self.connections_since(0)

    def connections_since(self, mark: int) -> tuple[Connection, ...]:
        """The module's connections made from journal position ``mark`` on."""
        return tuple(
            Connection(event.connection, self.journal)
            for event in self.journal.of(Connected, mark)
            if event.connection is not None
        )

    def session_since(self, mark: int) -> Connection | None:
        """The connection that an OPEN at journal position ``mark`` has made; None when it made none.

        One that gave no sign whose it is counts when nothing better came: ``sure`` is False then.
        """
        made = self.connections_since(mark)
        return made[-1] if made else None

    def module_came_since(self, mark: int) -> bool:
        """Whether the module has reached the cloud from journal position ``mark`` on; strangers do not count.

        Neither does a connection of which it is not sure that it is the module's.
        """
        return any(connection.sure for connection in self.connections_since(mark))

    def sessions_open(self) -> tuple[Connection, ...]:
        """The connections that are logged in now."""
        return tuple(connection for connection in self.connections if connection.online)

    def wait_connection(self, deadline_seconds: float, since: int = 0) -> Connection | None:
        """The first connection of the module from journal position ``since`` on; None after the deadline.

        It is the module's from its CONNECT on, or from a TLS handshake that asks for the module's host.
        """
        return self._wait(Connected, deadline_seconds, since)

    def wait_online(self, deadline_seconds: float, since: int = 0) -> Connection | None:
        """The first connection sent CONNACK 0 from journal position ``since`` on; None after the deadline."""
        return self._wait(Online, deadline_seconds, since)

    def _wait(self, kind: type[Event], deadline_seconds: float, since: int) -> Connection | None:
        event = self.journal.wait_for(lambda event: isinstance(event, kind), deadline_seconds, since)
        if event is None or event.connection is None:
            return None
        return Connection(event.connection, self.journal)
