"""A little MQTT broker for the look-alike's own tests: it records every packet and can be unkind."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from . import packets as p


@dataclass
class Device:
    """What the broker keeps of a device."""

    subscriptions: dict[bytes, int] = field(default_factory=dict)
    waiting: list[p.Publish] = field(default_factory=list)
    clean: bool = True


@dataclass
class Connect:
    """What CONNECT says."""

    client_id: bytes
    username: bytes
    password: bytes
    clean: bool
    keepalive: int


def read_connect(packet: p.Packet) -> Connect:
    """Understand CONNECT as this module sends it: username and password, no will."""
    fields: list[bytes] = []
    at = 10
    while at < len(packet.body):
        size = int.from_bytes(packet.body[at : at + 2], "big")
        fields.append(packet.body[at + 2 : at + 2 + size])
        at += 2 + size
    client_id, username, password = fields
    return Connect(client_id, username, password, bool(packet.body[7] & 2), int.from_bytes(packet.body[8:10], "big"))


class Broker:
    """Listens on a port of its own; one thread for each connection."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.context = context
        self.lock = threading.Condition(threading.RLock())
        self.log: list[tuple[int, p.Packet]] = []
        self.connects: list[Connect] = []
        self.devices: dict[bytes, Device] = {}
        self.retained: dict[bytes, p.Publish] = {}
        self.online: dict[bytes, Peer] = {}
        self.ended = 0
        self.refuse_login = 0
        self.refuse_topics: set[bytes] = set()
        self.mute: set[int] = set()
        self.late: dict[int, Callable[[Peer, p.Packet], None]] = {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.listener.getsockname()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Take connections until the listener is closed."""
        number = 0
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number += 1
            threading.Thread(target=Peer(self, sock, number).run, daemon=True).start()

    def close(self) -> None:
        """Listen no longer."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> bool:
        """Wait until something holds of what the broker saw."""
        with self.lock:
            return self.lock.wait_for(condition, seconds)

    def seen(self, kind: int) -> list[p.Packet]:
        """All packets of a type so far."""
        with self.lock:
            return [packet for _, packet in self.log if packet.kind == kind]

    def publish(self, topic: bytes, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """A message of the cloud's to whoever has subscribed."""
        with self.lock:
            if retain:
                self.retained[topic] = p.Publish(topic, payload, qos, retain=True)
            for name, device in self.devices.items():
                granted = device.subscriptions.get(topic)
                if granted is None:
                    continue
                message = p.Publish(topic, payload, min(granted, qos))
                if name in self.online:
                    self.online[name].deliver(message)
                elif message.qos and not device.clean:
                    device.waiting.append(message)

    def raw(self, data: bytes) -> None:
        """Send these bytes to every device."""
        with self.lock:
            for peer in self.online.values():
                peer.send(data)

    def drop(self) -> None:
        """End every connection without a word."""
        with self.lock:
            peers = list(self.online.values())
        for peer in peers:
            peer.hang_up()
        self.until(lambda: not self.online)


class Peer:
    """One connection."""

    def __init__(self, broker: Broker, sock: socket.socket, number: int) -> None:
        self.broker = broker
        self.sock = sock
        self.number = number
        self.name = b""
        self.pid = 0
        self.over = False

    def hang_up(self) -> None:
        """End it."""
        self.over = True
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        """Serve it to its end."""
        decoder = p.Decoder()
        try:
            if self.broker.context is not None:
                self.sock = self.broker.context.wrap_socket(self.sock, server_side=True)
            while (data := self.sock.recv(65536)) and not self.over:
                decoder.feed(data)
                while packet := decoder.next():
                    with self.broker.lock:
                        self.broker.log.append((self.number, packet))
                        self.serve(packet)
                        self.broker.lock.notify_all()
        except (OSError, ValueError, IndexError, p.BadPacket):
            pass
        with self.broker.lock:
            if self.broker.online.get(self.name) is self:
                del self.broker.online[self.name]
            self.broker.ended += 1
            self.broker.lock.notify_all()
        self.sock.close()

    def send(self, data: bytes) -> None:
        """Send; a connection that has gone is noticed elsewhere."""
        with contextlib.suppress(OSError):
            self.sock.sendall(data)

    def deliver(self, message: p.Publish) -> None:
        """Send a message of the cloud's."""
        self.pid = self.pid % 65535 + 1
        pid = self.pid if message.qos else 0
        self.send(p.Publish(message.topic, message.payload, message.qos, pid, message.retain).packet().encode())

    def serve(self, packet: p.Packet) -> None:
        """Answer one packet."""
        broker, kind = self.broker, packet.kind
        if kind in broker.late:
            broker.late[kind](self, packet)
        if kind in broker.mute:
            return
        if kind == p.CONNECT:
            self.connect(read_connect(packet))
        elif kind == p.SUBSCRIBE:
            self.subscribe(packet.body)
        elif kind == p.UNSUBSCRIBE:
            broker.devices[self.name].subscriptions.pop(packet.body[4:], None)
            self.send(p.Packet(p.UNSUBACK, 0, packet.body[:2]).encode())
        elif kind == p.PUBLISH:
            message = p.read_publish(packet)
            if message.qos:
                self.send(p.Packet(p.PUBACK, 0, p.number(message.pid)).encode())
            broker.publish(message.topic, message.payload, message.qos)
        elif kind == p.PINGREQ:
            self.send(p.Packet(p.PINGRESP, 0, b"").encode())
        elif kind == p.DISCONNECT:
            self.hang_up()

    def connect(self, connect: Connect) -> None:
        """Let the device in."""
        broker = self.broker
        broker.connects.append(connect)
        if broker.refuse_login:
            self.send(p.Packet(p.CONNACK, 0, bytes([0, broker.refuse_login])).encode())
            self.hang_up()
            return
        old = broker.online.get(connect.username)
        if old:
            old.hang_up()
        self.name = connect.username
        known = broker.devices.get(self.name)
        if connect.clean or known is None or known.clean:
            known = Device(clean=connect.clean)
            present = 0
        else:
            present = 1
        broker.devices[self.name] = known
        broker.online[self.name] = self
        self.send(p.Packet(p.CONNACK, 0, bytes([present, 0])).encode())
        waiting, known.waiting = known.waiting, []
        for message in waiting:
            self.deliver(message)

    def subscribe(self, body: bytes) -> None:
        """SUBSCRIBE to one filter."""
        topic, qos = body[4:-1], body[-1]
        refused = topic in self.broker.refuse_topics
        if not refused:
            self.broker.devices[self.name].subscriptions[topic] = qos
        self.send(p.Packet(p.SUBACK, 0, body[:2] + bytes([0x80 if refused else qos])).encode())
        if not refused and topic in self.broker.retained:
            self.deliver(self.broker.retained[topic])
