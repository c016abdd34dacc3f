"""The MQTT session: open, close, subscribe, unsubscribe, publish, receive, keep alive."""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from . import packets as p
from .lines import Refusal
from .login import Login
from .loop import Loop
from .settings import Connection, Identity, Mqtt, Settings
from .transport import Address, Transport

NETWORK, BAD_OPERATION, NOT_ALLOWED, IS_OPEN = 700, 705, 706, 707
MISSING = (("PK", 701), ("DN", 703), ("DS", 704))
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 1.0
PING_SECONDS = 10.0


@dataclass
class Cloud:
    """Where the lab's network leads every connection to."""

    tcp: Address
    tls: Address
    context: ssl.SSLContext
    connack_seconds: float = 5.0


@dataclass
class Awaited:
    """Answers of the cloud that somebody waits for."""

    answers: dict[tuple[int, int], bytes | None] = field(default_factory=dict)

    def expect(self, kind: int, pid: int) -> None:
        """From now on such an answer is kept."""
        self.answers[kind, pid] = None

    def arrived(self, kind: int, pid: int, body: bytes) -> None:
        """An answer came; one that nobody waits for is let go."""
        if (kind, pid) in self.answers:
            self.answers[kind, pid] = body


class Session:
    """One MQTT session at most at a time; `show` is told of each downlink message."""

    def __init__(
        self, loop: Loop, cloud: Cloud, identity: Identity, settings: Settings, show: Callable[[p.Publish], None]
    ) -> None:
        self.loop = loop
        self.cloud = cloud
        self.identity = identity
        self.settings = settings
        self.show = show
        self.login = Login()
        self.link: Transport | None = None
        self.decoder = p.Decoder()
        self.awaited = Awaited()
        self.is_open = False
        self.last_pid = 0
        self.last_sent = 0.0
        self.pinged = 0.0
        self.keepalive = 0.0
        self.generation = 0
        self.used = Connection(), Mqtt()
        self.inbound_qos2: set[int] = set()

    # -- open and close

    def values(self) -> dict[str, bytes]:
        """The identity to log in with."""
        return {key: self.identity.get(key) for key in ("PK", "DN", "DS", "PS")}

    def missing(self) -> int | None:
        """The error code of the first identity value that is needed and not there."""
        values = self.values()
        return next((code for key, code in MISSING if not values[key]), None)

    def open(self) -> None:
        """Go online."""
        if self.is_open:
            raise Refusal(IS_OPEN)
        code = self.missing()
        if code:
            raise Refusal(code)
        self.used = self.settings.connection, self.settings.mqtt
        if not self.reach(self.used[0]):
            self.end()
            raise Refusal(NETWORK)
        self.begin()
        self.transmit(self.connect_packet(self.used[1]))
        answer = self.wait(p.CONNACK, 0, self.connack_seconds())
        if answer is None:
            self.end()
            raise Refusal(NETWORK)
        self.accepted(answer)
        self.is_open = True
        self.started(self.used[1])

    def accepted(self, connack: bytes) -> None:
        """See that the cloud lets the device in."""
        if len(connack) != 2 or connack[1]:
            self.end()
            raise Refusal(NOT_ALLOWED if len(connack) == 2 else NETWORK)

    def address(self, tls: bool) -> Address:
        """Where to connect to."""
        return self.cloud.tls if tls else self.cloud.tcp

    def reach(self, connection: Connection) -> bool:
        """Make the TCP or TLS connection."""
        tls = bool(connection.tls)
        link = Transport(self.loop, self.received, self.ended)
        self.link = link
        if not link.connect(self.address(tls), CONNECT_SECONDS):
            return False
        return not tls or link.secure(self.cloud.context, self.host(connection.region), CONNECT_SECONDS)

    def host(self, region: int) -> str:
        """The name that is asked for."""
        return self.login.host(self.values(), region)

    def begin(self) -> None:
        """A fresh connection: nothing of the last one is left."""
        self.decoder = p.Decoder()
        self.awaited = Awaited()
        self.pinged = 0.0
        self.awaited.expect(p.CONNACK, 0)
        assert self.link is not None
        self.link.start()

    def started(self, mqtt: Mqtt) -> None:
        """The session stands: keep it alive."""
        self.generation += 1
        self.keepalive = min(mqtt.keepalive / 1000, 1200.0)
        if self.keepalive:
            self.plan_ping(self.generation, self.keepalive)

    def announced(self, mqtt: Mqtt) -> int:
        """The keep-alive of CONNECT in seconds: half as much again as is set, 1200 at most."""
        return min(math.ceil(mqtt.keepalive * 3 / 2000), 1200)

    def connect_packet(self, mqtt: Mqtt) -> p.Packet:
        """CONNECT as configured."""
        who = self.login.credentials(self.values(), bool(self.used[0].tls))
        flags = 0xC0 | self.clean(mqtt) << 1
        body = p.string(b"MQTT") + bytes([4, flags]) + p.number(self.announced(mqtt))
        return p.Packet(p.CONNECT, 0, body + p.string(who.client_id) + p.string(who.username) + p.string(who.password))

    def clean(self, mqtt: Mqtt) -> int:
        """The clean-session flag of CONNECT."""
        return mqtt.clean

    def close(self) -> None:
        """Say goodbye and go offline."""
        link = self.link
        if not self.is_open or link is None:
            raise Refusal(BAD_OPERATION)
        self.is_open = False
        self.generation += 1
        self.goodbye()
        link.finish(CLOSE_SECONDS)
        self.link = None

    def goodbye(self) -> None:
        """DISCONNECT."""
        self.transmit(p.Packet(p.DISCONNECT, 0, b""))

    def end(self) -> None:
        """Drop the connection without a word."""
        self.is_open = False
        self.generation += 1
        if self.link is not None:
            self.link.drop()
            self.link = None

    def ended(self) -> None:
        """The cloud has dropped the connection."""
        self.link = None
        self.end()

    # -- what the host asks for

    def need_open(self) -> None:
        """Refuse what needs a session."""
        if not self.is_open:
            raise Refusal(NOT_ALLOWED)

    def subscribe(self, topic: bytes, qos: int) -> None:
        """SUBSCRIBE and its answer."""
        self.need_open()
        pid = self.next_pid()
        self.awaited.expect(p.SUBACK, pid)
        self.transmit(self.subscribe_packet(pid, topic, qos))
        answer = self.wait(p.SUBACK, pid, self.seconds())
        if answer is None:
            raise Refusal(NETWORK)
        self.granted(answer)

    def subscribe_packet(self, pid: int, topic: bytes, qos: int) -> p.Packet:
        """SUBSCRIBE to one filter."""
        return p.Packet(p.SUBSCRIBE, 2, p.number(pid) + p.string(topic) + bytes([qos]))

    def granted(self, suback: bytes) -> None:
        """See that the cloud has granted it."""
        if len(suback) != 1 or suback[0] > 2:
            raise Refusal(NOT_ALLOWED)

    def unsubscribe(self, topic: bytes) -> None:
        """UNSUBSCRIBE and its answer."""
        self.need_open()
        pid = self.next_pid()
        self.awaited.expect(p.UNSUBACK, pid)
        self.transmit(self.unsubscribe_packet(pid, topic))
        if self.wait(p.UNSUBACK, pid, self.seconds()) is None:
            raise Refusal(NETWORK)

    def unsubscribe_packet(self, pid: int, topic: bytes) -> p.Packet:
        """UNSUBSCRIBE from one filter."""
        return p.Packet(p.UNSUBSCRIBE, 2, p.number(pid) + p.string(topic))

    def publish(self, topic: bytes, qos: int, payload: bytes) -> None:
        """PUBLISH; with QoS 1 its PUBACK is waited for."""
        self.need_open()
        pid = self.next_pid() if qos else 0
        if qos:
            self.awaited.expect(p.PUBACK, pid)
        self.transmit(self.message(topic, qos, payload, pid).packet())
        if qos and self.wait(p.PUBACK, pid, self.seconds()) is None:
            raise Refusal(NETWORK)

    def message(self, topic: bytes, qos: int, payload: bytes, pid: int) -> p.Publish:
        """The message to send."""
        return p.Publish(topic, payload, qos, pid)

    # -- packets

    def seconds(self) -> float:
        """How long an answer of the cloud is waited for."""
        return min(max(self.used[1].timeout / 1000, 0.5), 30.0)

    def connack_seconds(self) -> float:
        """How long CONNACK is waited for."""
        return max(self.seconds(), self.cloud.connack_seconds)

    def next_pid(self) -> int:
        """A packet identifier that is not 0 and was not used for long."""
        self.last_pid = self.last_pid % 65535 + 1
        return self.last_pid

    def wait(self, kind: int, pid: int, seconds: float) -> bytes | None:
        """Wait for an answer of the cloud; nothing when it does not come or the connection ends."""
        answers = self.awaited.answers
        self.loop.wait(lambda: answers[kind, pid] is not None or self.link is None, seconds)
        return answers.pop((kind, pid))

    def transmit(self, packet: p.Packet) -> None:
        """Send a packet."""
        self.send_bytes(packet.encode())

    def send_bytes(self, data: bytes) -> None:
        """Send bytes."""
        self.last_sent = time.monotonic()
        if self.link is not None:
            self.link.send(data)

    def received(self, data: bytes) -> None:
        """Bytes came."""
        self.decoder.feed(data)
        try:
            while self.link is not None:
                packet = self.decoder.next()
                if packet is None:
                    return
                self.handle(packet)
        except p.BadPacket:
            self.end()

    def handle(self, packet: p.Packet) -> None:
        """One packet came."""
        if packet.kind == p.PUBLISH:
            if not self.is_open and self.awaited.answers.get((p.CONNACK, 0)) is None:
                raise p.BadPacket
            self.downlink(p.read_publish(packet))
            return
        body = packet.body
        if packet.kind == p.CONNACK and len(body) == 2 and not packet.flags:
            self.awaited.arrived(p.CONNACK, 0, body)
        elif packet.kind in (p.PUBACK, p.UNSUBACK) and len(body) == 2 and not packet.flags:
            self.awaited.arrived(packet.kind, int.from_bytes(body, "big"), b"")
        elif packet.kind == p.SUBACK and len(body) >= 3 and not packet.flags:
            self.awaited.arrived(p.SUBACK, int.from_bytes(body[:2], "big"), body[2:])
        elif packet.kind == p.PINGRESP and not body and not packet.flags:
            self.pinged = 0.0
        elif packet.kind == p.PUBREL and len(body) == 2 and packet.flags == 2:
            self.inbound_qos2.discard(int.from_bytes(body, "big"))
            self.transmit(p.Packet(p.PUBCOMP, 0, body))
        else:
            raise p.BadPacket

    def downlink(self, message: p.Publish) -> None:
        """A message came: show it, then acknowledge it."""
        if message.qos == 2:
            if message.pid not in self.inbound_qos2:
                self.inbound_qos2.add(message.pid)
                self.show(message)
            self.transmit(p.Packet(p.PUBREC, 0, p.number(message.pid)))
            return
        self.show(message)
        if message.qos:
            self.acknowledge(message)

    def acknowledge(self, message: p.Publish) -> None:
        """PUBACK."""
        self.transmit(p.Packet(p.PUBACK, 0, p.number(message.pid)))

    # -- keep alive

    def plan_ping(self, generation: int, seconds: float) -> None:
        """Look after the connection again in some time."""
        self.loop.after(seconds, lambda: self.tick(generation))

    def tick(self, generation: int) -> None:
        """PINGREQ when nothing was sent for the configured time; a ping without an answer ends the connection."""
        if generation != self.generation or not self.is_open:
            return
        left = self.last_sent + self.keepalive - time.monotonic()
        if left <= 0:
            if self.pinged and time.monotonic() - self.pinged > max(self.keepalive, PING_SECONDS) - 0.1:
                self.end()
                return
            self.ping()
            left = self.keepalive
        self.plan_ping(generation, left)

    def ping(self) -> None:
        """PINGREQ."""
        self.pinged = self.pinged or time.monotonic()
        self.transmit(p.Packet(p.PINGREQ, 0, b""))
