"""MQTT packets as the record holds them, read by a small parser of their own (MQTT 3.1.1, chapters 2 and 3).

Kept apart from the gateway's on purpose, as the answers' is from the dialogue's. Text is one latin-1 character for each
byte. Packets that are cut short give what there is of them, and never an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

CONNECT, CONNACK, PUBLISH, PUBACK = 1, 2, 3, 4
SUBSCRIBE, SUBACK, UNSUBSCRIBE, DISCONNECT = 8, 9, 10, 14
"""Types of packets (table 2.1)."""
_CLEAN, _WILL, _USER = 0x02, 0x04, 0x80
"""Flags of CONNECT (3.1.2.3)."""
REFUSED = 0x80
"""The return code of a subscription that the broker refuses (3.9.3)."""


class Login(NamedTuple):
    """What of a CONNECT is judged (3.1)."""

    clean: bool
    keep_alive: int
    """Seconds."""
    client_id: str
    user: str
    """Empty where there is none."""


class Publication(NamedTuple):
    """A PUBLISH (3.3)."""

    topic: str
    payload: str
    qos: int
    retain: bool
    dup: bool
    identifier: int | None
    """None with QoS 0."""


@dataclass(frozen=True)
class Packet:
    """One packet of a connection at the gateway."""

    event: int
    """Its number in the record."""
    up: bool
    """Whether the module sent it."""
    raw: bytes

    @property
    def kind(self) -> int:
        """Its type (table 2.1)."""
        return self.raw[0] >> 4 if self.raw else 0

    @property
    def identifier(self) -> int:
        """The packet identifier of any but CONNECT, PUBLISH and those that have none (2.3.1)."""
        return int.from_bytes(self._body[:2])

    @property
    def login(self) -> Login:
        """Of a CONNECT."""
        protocol, rest = _string(self._body)
        flags = int.from_bytes(rest[1:2])
        identifier, behind = _string(rest[4:])
        if flags & _WILL:
            behind = _string(_string(behind)[1])[1]
        user = _string(behind)[0] if flags & _USER else b""
        clean = bool(protocol) and bool(flags & _CLEAN)
        return Login(clean, int.from_bytes(rest[2:4]), identifier.decode("latin-1"), user.decode("latin-1"))

    @property
    def code(self) -> int:
        """The return code of a CONNACK (3.2.2.3)."""
        return int.from_bytes(self._body[1:2])

    @property
    def granted(self) -> list[int]:
        """The return codes of a SUBACK (3.9.3)."""
        return list(self._body[2:])

    @property
    def filters(self) -> list[tuple[str, int]]:
        """The topic filters of a SUBSCRIBE, each with its QoS (3.8.3)."""
        return [*self._filters(with_qos=True)]

    @property
    def given_up(self) -> list[str]:
        """The topic filters of an UNSUBSCRIBE (3.10.3)."""
        return [topic for topic, _ in self._filters(with_qos=False)]

    @property
    def publication(self) -> Publication:
        """Of a PUBLISH."""
        flags = self.raw[0]
        topic, rest = _string(self._body)
        qos = flags >> 1 & 3
        identifier = int.from_bytes(rest[:2]) if qos else None
        payload = rest[2:] if qos else rest
        return Publication(
            topic.decode("latin-1"), payload.decode("latin-1"), qos, bool(flags & 1), bool(flags & 8), identifier
        )

    @property
    def _body(self) -> bytes:
        """All behind the remaining length, which takes one to four bytes (2.2.3)."""
        length = next((index for index in range(1, min(5, len(self.raw))) if self.raw[index] < 0x80), 4)
        return self.raw[length + 1 :]

    def _filters(self, *, with_qos: bool) -> Iterator[tuple[str, int]]:
        rest = self._body[2:]
        while len(rest) > 1:
            topic, rest = _string(rest)
            yield topic.decode("latin-1"), rest[0] if with_qos and rest else 0
            rest = rest[1:] if with_qos else rest


def _string(data: bytes) -> tuple[bytes, bytes]:
    """The string with its length in front that ``data`` begins with (1.5.3), and what is behind it."""
    end = 2 + int.from_bytes(data[:2])
    return data[2:end], data[end:]
