"""The TCP conversation that carries given bytes, as IP packets without a link layer: RFC 9293, RFC 791, RFC 8200.

A side acknowledges what it has got with the next segment that it sends, never by a segment without data: when a bare
acknowledgement went, no record tells.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntFlag
from ipaddress import IPv4Address, IPv6Address

SEGMENT = 1440
"""Bytes that fit in one frame of an Ethernet behind the headers of either IP version."""

_TCP = 6
_HOP_LIMIT = 64
_DONT_FRAGMENT = 0x4000
_FIRST_SEQUENCE_NUMBER = 1
_WINDOW = 0xFFFF
_SYN_OPTIONS = struct.pack("!BBHBBBB", 2, 4, SEGMENT, 1, 3, 3, 14)
"""Maximum segment size; and the largest window scale (RFC 7323), so that no window is ever full."""


class _Flag(IntFlag):
    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10


class Side(Enum):
    """Of a conversation: the client is who opened it."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def other(self) -> Side:
        return Side.SERVER if self is Side.CLIENT else Side.CLIENT


@dataclass(frozen=True)
class Endpoint:
    """An address and a port."""

    address: IPv4Address | IPv6Address
    port: int


class Conversation:
    """A TCP connection between two endpoints of one IP version. Each step gives the packets that it consists of."""

    def __init__(self, client: Endpoint, server: Endpoint) -> None:
        self._endpoints = {Side.CLIENT: client, Side.SERVER: server}
        self._next = dict.fromkeys(Side, _FIRST_SEQUENCE_NUMBER)

    def open(self) -> list[bytes]:
        """The three-way handshake (RFC 9293, 3.5)."""
        return [
            self._packet(Side.CLIENT, _Flag.SYN, options=_SYN_OPTIONS),
            self._packet(Side.SERVER, _Flag.SYN | _Flag.ACK, options=_SYN_OPTIONS),
            self._packet(Side.CLIENT, _Flag.ACK),
        ]

    def send(self, sender: Side, data: bytes) -> list[bytes]:
        """``data`` in as many segments as it takes, the last one pushed."""
        return [
            self._packet(sender, _Flag.ACK | (_Flag.PSH if last else _Flag(0)), data=piece)
            for piece, last in _pieces(data)
        ]

    def finish(self, first: Side) -> list[bytes]:
        """Both sides close, ``first`` first (RFC 9293, 3.6)."""
        return [
            self._packet(first, _Flag.FIN | _Flag.ACK),
            self._packet(first.other, _Flag.FIN | _Flag.ACK),
            self._packet(first, _Flag.ACK),
        ]

    def reset(self, sender: Side) -> list[bytes]:
        """``sender`` aborts (RFC 9293, 3.5.2)."""
        return [self._packet(sender, _Flag.RST | _Flag.ACK)]

    def _packet(self, sender: Side, flags: _Flag, data: bytes = b"", options: bytes = b"") -> bytes:
        source, destination = self._endpoints[sender], self._endpoints[sender.other]
        header = struct.pack(
            "!HHIIBBHHH",
            source.port,
            destination.port,
            self._next[sender],
            self._next[sender.other] if flags & _Flag.ACK else 0,
            (20 + len(options)) // 4 << 4,
            flags,
            _WINDOW,
            0,
            0,
        )
        octets = len(data) + bool(flags & (_Flag.SYN | _Flag.FIN))
        self._next[sender] = (self._next[sender] + octets) & 0xFFFFFFFF
        segment = header + options + data
        addresses = source.address.packed + destination.address.packed
        checksum = _checksum(addresses + struct.pack("!II", len(segment), _TCP) + segment)
        return _ip_header(source, addresses, len(segment)) + segment[:16] + checksum + segment[18:]


def _pieces(data: bytes) -> Iterator[tuple[bytes, bool]]:
    for start in range(0, len(data), SEGMENT):
        yield data[start : start + SEGMENT], start + SEGMENT >= len(data)


def _ip_header(source: Endpoint, addresses: bytes, length: int) -> bytes:
    if source.address.version == 6:
        return struct.pack("!IHBB", 6 << 28, length, _TCP, _HOP_LIMIT) + addresses
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, _DONT_FRAGMENT, _HOP_LIMIT, _TCP, 0) + addresses
    return header[:10] + _checksum(header) + header[12:]


def _checksum(data: bytes) -> bytes:
    """The complement of the ones' complement sum of 16-bit words, which is the remainder by 65535 (RFC 1071)."""
    total = int.from_bytes(data + bytes(len(data) % 2), "big") % 0xFFFF
    return (0xFFFF - (total or 0xFFFF)).to_bytes(2, "big")
