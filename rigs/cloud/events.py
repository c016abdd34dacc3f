"""What the cloud saw and did, as frozen events, and their form in the run record.

``time`` is ``time.monotonic()``. Every event renders itself with ``to_record()`` for the run record, as kind ``mqtt``
or ``cloud``; the password of a CONNECT is masked there, in the fields and in the hex dump.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, NamedTuple

from rigs.cloud.attribution import Whose
from rigs.cloud.login import Login
from rigs.cloud.masking import masked_raw
from rigs.cloud.packets import Connect, Packet, Subscription, Will
from rigs.cloud.profile import Breach
from rigs.sentence import Sentence


class Direction(enum.Enum):
    """Of a packet on the module's connection."""

    UP = "up"  # module to cloud
    DOWN = "down"


class Party(enum.Enum):
    """Who ended a connection."""

    MODULE = "module"
    GATEWAY = "gateway"
    BROKER = "broker"


class Ending(enum.Enum):
    """How a TCP connection ended."""

    FIN = "FIN"
    RST = "RST"
    LOST = "lost"  # the operating system or TLS gave it up; the reason tells


@dataclass(frozen=True)
class Event:
    """Something at ``time``, on the module connection of that number or on none."""

    NAME: ClassVar[str]
    time: float
    connection: int | None

    def to_record(self) -> dict[str, Any]:
        own = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in ("time", "connection")}
        return {"kind": "cloud", "event": self.NAME, "connection": self.connection, **own}


@dataclass(frozen=True)
class Listening(Event):
    """The gateway accepts TCP connections again, or for the first time."""

    NAME = "listening"
    address: str
    tls: bool


@dataclass(frozen=True)
class Connected(Event):
    """A TCP connection was accepted; ``tls`` says on which of the two ports, `Attributed` whose it is."""

    NAME = "connected"
    peer: str
    tls: bool


@dataclass(frozen=True)
class Attributed(Event):
    """It was found out whose a connection is: the module's, or a stranger's, of whom nothing is judged.

    What happened on it before counts as well. ``sure`` is False for one that did not say, and is taken for the module's
    because nothing better came; ``why`` is the evidence in words.
    """

    NAME = "attributed"
    whose: Whose
    sure: bool
    why: Sentence


@dataclass(frozen=True)
class StrangersUnrecorded(Event):
    """Of so many strangers, so far, the record holds nothing else."""

    NAME = "strangers-unrecorded"
    connections: int


class Cipher(NamedTuple):
    """A TLS cipher suite: OpenSSL's name of it, and the bits of its secret key (0: it encrypts nothing)."""

    name: str
    bits: int


@dataclass(frozen=True)
class TlsEstablished(Event):
    """The TLS handshake is through. ``server_name`` is the SNI asked for, ``alpn`` the protocol agreed on.

    ``offered`` are the ciphers that the module offered and the gateway knows, each ``name`` and secret ``bits``.
    """

    NAME = "tls"
    version: str
    cipher: str
    offered: tuple[Cipher, ...]
    server_name: str | None
    alpn: str | None


@dataclass(frozen=True)
class TlsFailed(Event):
    """The TLS handshake failed; ``reason`` is OpenSSL's, such as the alert that the module sent."""

    NAME = "tls-failed"
    reason: str
    server_name: str | None


@dataclass(frozen=True)
class LoginChecked(Event):
    """The platform's judgement on the CONNECT."""

    NAME = "login"
    login: Login

    def to_record(self) -> dict[str, Any]:
        login = self.login
        return {
            "kind": "cloud",
            "event": self.NAME,
            "connection": self.connection,
            "accepted": login.accepted,
            "code": int(login.code),
            "reason": login.reason,
            "product_key": login.product_key,
            "device_name": login.device_name,
            "sign_method": login.sign_method.value if login.sign_method else None,
            "secure_mode": login.secure_mode,
            "timestamp": login.timestamp,
        }


@dataclass(frozen=True)
class Online(Event):
    """The module was sent CONNACK 0: it is logged in."""

    NAME = "online"
    session_present: bool


@dataclass(frozen=True)
class PacketSeen(Event):
    """A packet that went over the module's connection: stamped when it arrived, or when its last byte was sent."""

    NAME = "packet"
    direction: Direction
    packet: Packet
    raw: bytes = field(repr=False)

    def to_record(self) -> dict[str, Any]:
        return {
            "kind": "mqtt",
            "connection": self.connection,
            "dir": self.direction.value,
            "packet": self.packet.TYPE.name,
            "fields": packet_fields(self.packet),
            "hex": masked_raw(self.raw).hex(),
        }


@dataclass(frozen=True)
class Malformed(Event):
    """Bytes of the module that are no MQTT, or a packet where it has no place (that one is a PacketSeen as well).

    The gateway closes the connection, as MQTT-4.8.0-1 demands of a server.
    """

    NAME = "malformed"
    raw: bytes = field(repr=False)
    reason: str
    clause: str

    def to_record(self) -> dict[str, Any]:
        return _with_hex(super().to_record(), self.raw)


@dataclass(frozen=True)
class Unfinished(Event):
    """The beginning of a packet of which the connection's end left no more."""

    NAME = "unfinished"
    raw: bytes = field(repr=False)

    def to_record(self) -> dict[str, Any]:
        return _with_hex(super().to_record(), self.raw)


@dataclass(frozen=True)
class ProfileBreached(Event):
    """A packet of the module that MQTT allows and the platform does not; it is a PacketSeen as well."""

    NAME = "profile-breach"
    breach: Breach
    packet: Packet
    raw: bytes = field(repr=False)

    def to_record(self) -> dict[str, Any]:
        return {
            "kind": "cloud",
            "event": self.NAME,
            "connection": self.connection,
            "rule": self.breach.rule.value,
            "reason": self.breach.reason,
            "consequence": self.breach.consequence,
            "packet": self.packet.TYPE.name,
            "hex": masked_raw(self.raw).hex(),
        }


@dataclass(frozen=True)
class RawSent(Event):
    """Bytes that a test made the gateway send to the module."""

    NAME = "raw-sent"
    raw: bytes

    def to_record(self) -> dict[str, Any]:
        return _with_hex(super().to_record(), self.raw)


@dataclass(frozen=True)
class PacketWithheld(Event):
    """A packet that a fault kept from being passed on. One of the module is a PacketSeen too; one to it never came."""

    NAME = "withheld"
    direction: Direction
    packet: Packet
    raw: bytes = field(repr=False)

    def to_record(self) -> dict[str, Any]:
        shown = {"packet": self.packet.TYPE.name, "fields": packet_fields(self.packet)}
        return {**_with_hex(super().to_record(), self.raw), **shown}


@dataclass(frozen=True)
class Closed(Event):
    """The module's connection is over. ``disconnect_seen``: the module had sent DISCONNECT."""

    NAME = "closed"
    by: Party
    how: Ending
    disconnect_seen: bool
    reason: str


@dataclass(frozen=True)
class FaultOn(Event):
    """A fault begins."""

    NAME = "fault-on"
    fault: str


@dataclass(frozen=True)
class FaultOff(Event):
    """A fault is undone."""

    NAME = "fault-off"
    fault: str


@dataclass(frozen=True)
class RivalOnline(Event):
    """Another client has logged in with the device's identity, by these bytes; the module was kicked off."""

    NAME = "rival-online"
    raw: bytes

    def to_record(self) -> dict[str, Any]:
        return _with_hex(super().to_record(), self.raw)


@dataclass(frozen=True)
class RivalOffline(Event):
    """The other client with the device's identity is gone: it logged out, or the module has kicked it off."""

    NAME = "rival-offline"
    reason: str


@dataclass(frozen=True)
class BenchFailure(Event):
    """The cloud itself broke (broker behind the gateway gone, gateway at fault): no verdict on the module."""

    NAME = "bench-failure"
    message: str
    act: str


def packet_fields(packet: Packet) -> dict[str, Any]:
    """The fields of ``packet`` as JSON values: bytes as latin-1 text, the password masked with equal length."""
    plain = {f.name: _plain(getattr(packet, f.name)) for f in fields(packet)}
    if isinstance(packet, Connect) and packet.password is not None:
        plain["password"] = "*" * len(packet.password)
    return plain


def _with_hex(record: dict[str, Any], raw: bytes) -> dict[str, Any]:
    del record["raw"]
    return {**record, "hex": masked_raw(raw).hex()}


def _plain(value: object) -> object:
    match value:
        case enum.IntEnum():
            return int(value)
        case enum.Enum():
            return value.value
        case bytes():
            return value.decode("latin-1")
        case tuple():
            return [_plain(item) for item in value]
        case Will() | Subscription():
            return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value
