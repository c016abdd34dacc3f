"""The bench's cloud as one object: broker, gateway, journal, certificates and cloud clients."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

from rigs.cloud.broker import Broker
from rigs.cloud.client import CloudClient
from rigs.cloud.connection import Connection
from rigs.cloud.events import Event
from rigs.cloud.gateway import Gateway
from rigs.cloud.instrument import Instrument
from rigs.cloud.journal import Journal
from rigs.cloud.login import Device
from rigs.cloud.loop import LoopThread
from rigs.cloud.pki import Pki
from rigs.cloud.probe import greet
from rigs.cloud.profile import RULES, ProfileName
from rigs.cloud.side import CloudSide
from rigs.errors import BenchError
from rigs.sentence import Sentence, say

EMBEDDED = "embedded"
_PROBE_DEADLINE = 20.0  # seconds
_SETTLING = 2.0  # seconds for a connection that came with an OPEN to say whose it is, a carrier's jitter included


def parse_address(text: str, key: str) -> tuple[str, int]:
    """``host:port`` (IPv6 in brackets) as a pair. Raises BenchError that names ``key`` of the rig file."""
    try:
        parts = urlsplit(f"//{text}")
        if parts.hostname and parts.port is not None and parts.netloc == text:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise BenchError(
        say("{key} = {text} is no host:port", key=key, text=repr(text)), act=say("write it like 127.0.0.1:1883")
    )


def parse_broker(text: str) -> tuple[str, int] | None:
    """None for ``embedded``, the address for ``mqtt://host[:port]``. Raises BenchError."""
    if text == EMBEDDED:
        return None
    scheme, _, rest = text.partition("://")
    if "@" in rest:
        raise BenchError(
            say("cloud.broker holds a user name; the gateway logs in anonymously"),
            act=say("use a broker that takes anonymous clients, and remove the user name (rig file: cloud.broker)"),
        )
    if scheme != "mqtt" or not rest:
        raise BenchError(
            say(
                "cloud.broker = {text} is neither {embedded} nor mqtt://host:port",
                text=repr(text),
                embedded=repr(EMBEDDED),
            ),
            act=say("correct it (rig file: cloud.broker)"),
        )
    bare = rest.rstrip("/")
    return parse_address(bare if bare.rpartition("]")[2].count(":") else f"{bare}:1883", "cloud.broker")


class Cloud(CloudSide):
    """Everything the module finds in the network, run in one thread of its own.

    ``listen``/``listen_tls`` are ``host:port``, port 0 meaning any free one; an empty ``listen_tls`` means no TLS port.
    ``broker`` is ``embedded`` or ``mqtt://host:port``. ``on_event`` gets every event as it happens, in the cloud's
    thread. ``profile`` says how much of MQTT the gateway allows, ``pki`` brings an authority that modules know already,
    ``connections_before`` is the number of the last connection of a run that is gone on with.
    """

    def __init__(
        self,
        listen: str = "127.0.0.1:0",
        listen_tls: str = "127.0.0.1:0",
        broker: str = EMBEDDED,
        on_event: Callable[[Event], None] | None = None,
        *,
        profile: ProfileName = ProfileName.MQTT,
        pki: Pki | None = None,
        connections_before: int = 0,
    ) -> None:
        self._rules = RULES[profile]
        self._listen = parse_address(listen, "cloud.listen")
        self._listen_tls = parse_address(listen_tls, "cloud.listen_tls") if listen_tls else None
        self._external = parse_broker(broker)
        self._loop = LoopThread("cloud")
        self._embedded = Broker()
        self._probe_id = f"bench-{uuid.uuid4().hex[:16]}"
        self._failures: list[BenchError] = []
        self._gateway: Gateway | None = None
        self._connections_before = connections_before
        self._instrument: Instrument | None = None
        self._broker_address: tuple[str, int] = self._external or ("", 0)
        self.pki = pki or Pki()
        self.journal = Journal(on_event)

    def start(self) -> Self:
        """Start broker and gateway. Raises BenchError when a port is taken or the broker cannot be reached."""
        self._loop.start()
        try:
            self._loop.run(self._start())
        except BaseException:
            self.stop()
            raise
        return self

    async def _start(self) -> None:
        if self._external is None:
            self._broker_address = await self._embedded.start("127.0.0.1", 0)
        else:
            await self._greet(self._probe_id)
        self._gateway = Gateway(
            self._broker_address, self.journal, self.pki, self._rules, self._failed, self._connections_before
        )
        if self._listen_tls is not None:
            self.pki.issue()
        self._gateway.start(self._listen, self._listen_tls)
        self._instrument = Instrument(self._gateway, self._loop)

    def stop(self) -> None:
        """Close all connections and ports and end the thread. May be called twice."""
        try:
            if self._loop.alive:
                self._loop.run(self._stop())
        finally:
            self._loop.stop()
            self.journal.end()

    async def _stop(self) -> None:
        if self._gateway is not None:
            await self._gateway.stop()
        await self._embedded.stop()

    @property
    def keep_alives(self) -> range:
        """The keep-alives that the cloud lets in, in seconds."""
        return self._rules.KEEP_ALIVES

    @property
    def address(self) -> tuple[str, int]:
        """Where the module reaches the gateway over TCP."""
        return self._running().tcp.address

    @property
    def tls_address(self) -> tuple[str, int]:
        """Where the module reaches the gateway over TLS."""
        return self._running().tls.address

    @property
    def broker_address(self) -> tuple[str, int]:
        """The broker behind the gateway: what the cloud client talks to."""
        return self._broker_address

    @property
    def gateway(self) -> Instrument:
        """Faults and one-shot actions."""
        self._running()
        assert self._instrument is not None
        return self._instrument

    def register_device(self, product_key: str, device_name: str, device_secret: str) -> Device:
        """Make the platform know a device; registering it again replaces its secret."""
        device = Device(product_key, device_name, device_secret)
        gateway = self._running()
        self._loop.call(lambda: gateway.register(device))
        return device

    def enrol(self, device: Device) -> Device:
        return self.register_device(device.product_key, device.device_name, device.device_secret)

    def module_holds(self, *names: str) -> None:
        identities = self._running().visitors.identities
        self._loop.call(lambda: identities.add(*names))

    def session_since(self, mark: int) -> Connection | None:
        self._settle(mark, unsure=True)
        return super().session_since(mark)

    def module_came_since(self, mark: int) -> bool:
        self._settle(mark, unsure=False)
        return super().module_came_since(mark)

    def _settle(self, mark: int, *, unsure: bool) -> None:
        visitors = self._running().visitors
        if not self.connections_since(mark) and self._loop.call(lambda: visitors.undecided_since(mark)):
            # OPEN may be answered before CONNECT is through.
            self.wait_connection(_SETTLING, since=mark)
        seen = bool(self.connections_since(mark))
        self._loop.call(lambda: visitors.settle(mark, module_seen=seen, unsure=unsure))

    def require_sight(self) -> None:
        """Nothing to say: the gateway shows every packet."""

    def hang_up(self) -> None:
        for connection in self.connections:
            if connection.closed is None:
                self.gateway.hang_up(connection)

    def forget_session(self, product_key: str, device_name: str) -> None:
        """Discard what the broker keeps for the device (subscriptions, queued messages); kicks it off if online."""
        self._loop.run(self._greet(Device(product_key, device_name, "").stable_client_id))

    def new_client(self, client_id: str | None = None, *, clean_session: bool = True) -> CloudClient:
        """A cloud client connected to the broker behind the gateway."""
        return CloudClient(self._broker_address, client_id=client_id, clean_session=clean_session).connect()

    def check(self) -> None:
        """Raise BenchError if the cloud is broken, or was since the last check."""
        gateway = self._running()
        if self._failures:
            failure, *_ = self._failures
            self._failures.clear()
            raise failure
        if (error := self.journal.callback_error) is not None:
            self.journal.callback_error = None
            raise BenchError(
                say("an event could not be recorded: {why}", why=error),
                act=say("look after the disk under the run directory"),
            ) from error
        if not self._loop.call(lambda: gateway.healthy and (self._external or self._embedded.serving)):
            raise BenchError(say("gateway or broker has stopped listening"), act=say("report this defect of the bench"))
        if self._external is not None:
            self._loop.run(self._greet(self._probe_id))

    def _failed(self, message: Sentence, act: Sentence) -> None:
        self._failures.append(BenchError(message, act=act))

    async def _greet(self, client_id: str) -> None:
        await greet(self._broker_address, client_id, _PROBE_DEADLINE)

    def _running(self) -> Gateway:
        if self._gateway is None or not self._loop.alive:
            raise BenchError(
                say("the cloud is not running"), act=say("start it first; report a defect if it was started")
            )
        return self._gateway
