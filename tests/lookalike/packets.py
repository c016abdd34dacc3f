"""MQTT 3.1.1 packets to and from bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 1, 2, 3, 4, 5, 6, 7
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 8, 9, 10, 11, 12, 13, 14
PACKET_LIMIT = 65536


class BadPacket(Exception):
    """What came is not MQTT 3.1.1, or too large for this module."""


@dataclass(frozen=True)
class Packet:
    """A control packet: type, flags of the first byte, and all behind the length."""

    kind: int
    flags: int
    body: bytes

    def encode(self) -> bytes:
        """The bytes on the wire."""
        return bytes([self.kind << 4 | self.flags]) + length(len(self.body)) + self.body


@dataclass(frozen=True)
class Publish:
    """What a PUBLISH says."""

    topic: bytes
    payload: bytes
    qos: int
    pid: int = 0
    retain: bool = False
    dup: bool = False

    def packet(self) -> Packet:
        """The packet that carries it."""
        pid = struct.pack("!H", self.pid) if self.qos else b""
        return Packet(
            PUBLISH, self.dup << 3 | self.qos << 1 | int(self.retain), string(self.topic) + pid + self.payload
        )


def length(value: int) -> bytes:
    """The remaining length: seven bits to a byte, lowest first."""
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def string(text: bytes) -> bytes:
    """A string with its two length bytes."""
    return struct.pack("!H", len(text)) + text


def number(value: int) -> bytes:
    """Two bytes, high first."""
    return struct.pack("!H", value)


def read_publish(packet: Packet) -> Publish:
    """Understand a PUBLISH."""
    qos = packet.flags >> 1 & 3
    body = packet.body
    if qos == 3 or len(body) < 2 or (not qos and packet.flags & 8):
        raise BadPacket
    end = 2 + int.from_bytes(body[:2], "big")
    start = end + (2 if qos else 0)
    if start > len(body) or end == 2:
        raise BadPacket
    pid = int.from_bytes(body[end:start], "big")
    if qos and not pid:
        raise BadPacket
    topic = body[2:end]
    try:
        topic.decode("utf-8")
    except UnicodeDecodeError:
        raise BadPacket from None
    return Publish(topic, body[start:], qos, pid, bool(packet.flags & 1), bool(packet.flags & 8))


class Decoder:
    """Cuts a byte stream into packets."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.limit = PACKET_LIMIT

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self.buffer += data

    def next(self) -> Packet | None:
        """The next whole packet, or nothing as yet."""
        size, shift, at = 0, 0, 1
        while True:
            if at >= len(self.buffer):
                return None
            byte = self.buffer[at]
            size |= (byte & 0x7F) << shift
            at += 1
            if not byte & 0x80:
                break
            shift += 7
            if shift > 21:
                raise BadPacket
        if size > self.limit:
            raise BadPacket
        if len(self.buffer) < at + size:
            return None
        first = self.buffer[0]
        body = bytes(self.buffer[at : at + size])
        del self.buffer[: at + size]
        return Packet(first >> 4, first & 15, body)
