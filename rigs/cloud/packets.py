"""The fourteen control packets of MQTT 3.1.1 as frozen dataclasses, and the one error of whoever decodes them."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from rigs.sentence import Sentence


class PacketType(enum.IntEnum):
    """The four bits that begin a packet (MQTT 3.1.1, table 2.1)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class QoS(enum.IntEnum):
    """Quality of service (MQTT 3.1.1, section 4.3)."""

    AT_MOST_ONCE = 0
    AT_LEAST_ONCE = 1
    EXACTLY_ONCE = 2


class ConnackCode(enum.IntEnum):
    """Connect return code (MQTT 3.1.1, table 3.1). 6-255 are reserved and never sent."""

    ACCEPTED = 0
    UNACCEPTABLE_PROTOCOL_VERSION = 1
    IDENTIFIER_REJECTED = 2
    SERVER_UNAVAILABLE = 3
    BAD_USER_NAME_OR_PASSWORD = 4
    NOT_AUTHORIZED = 5


SUBACK_FAILURE = 0x80


class MalformedPacket(Exception):
    """Bytes that are no MQTT 3.1.1 packet.

    ``reason`` says in words what is wrong, ``clause`` names the statement that is breached, such as
    ``MQTT-2.3.1-1`` (or a section where the standard gives no identifier). ``raw`` is the offending packet as far
    as it was received; ``decoded`` holds the good packets that came before it in the same feed.
    """

    def __init__(self, reason: Sentence, clause: str) -> None:
        super().__init__(f"{reason} [{clause}]")
        self.reason = reason
        self.clause = clause
        self.raw = b""
        self.decoded: list[tuple[Packet, bytes]] = []


@dataclass(frozen=True)
class Will:
    """The message that the server publishes when the connection ends without a DISCONNECT (section 3.1.2.5)."""

    topic: str
    payload: bytes
    qos: QoS = QoS.AT_MOST_ONCE
    retain: bool = False


@dataclass(frozen=True)
class Connect:
    """CONNECT (section 3.1). ``keep_alive`` is in seconds, 0 means none."""

    TYPE: ClassVar[PacketType] = PacketType.CONNECT
    client_id: str
    clean_session: bool = True
    keep_alive: int = 0
    username: str | None = None
    password: bytes | None = field(default=None, repr=False)
    will: Will | None = None


@dataclass(frozen=True)
class ForeignConnect:
    """A CONNECT of a protocol level other than 4: what follows the level byte cannot be read (MQTT-3.1.2-2)."""

    TYPE: ClassVar[PacketType] = PacketType.CONNECT
    protocol_level: int


@dataclass(frozen=True)
class Connack:
    """CONNACK (section 3.2)."""

    TYPE: ClassVar[PacketType] = PacketType.CONNACK
    code: ConnackCode
    session_present: bool = False


@dataclass(frozen=True)
class Publish:
    """PUBLISH (section 3.3). ``packet_id`` is None with QoS 0, and only then."""

    TYPE: ClassVar[PacketType] = PacketType.PUBLISH
    topic: str
    payload: bytes
    qos: QoS = QoS.AT_MOST_ONCE
    packet_id: int | None = None
    retain: bool = False
    dup: bool = False


@dataclass(frozen=True)
class Puback:
    """PUBACK (section 3.4): the answer to a PUBLISH with QoS 1."""

    TYPE: ClassVar[PacketType] = PacketType.PUBACK
    packet_id: int


@dataclass(frozen=True)
class Pubrec:
    """PUBREC (section 3.5): the answer to a PUBLISH with QoS 2."""

    TYPE: ClassVar[PacketType] = PacketType.PUBREC
    packet_id: int


@dataclass(frozen=True)
class Pubrel:
    """PUBREL (section 3.6): the answer to a PUBREC."""

    TYPE: ClassVar[PacketType] = PacketType.PUBREL
    packet_id: int


@dataclass(frozen=True)
class Pubcomp:
    """PUBCOMP (section 3.7): the answer to a PUBREL."""

    TYPE: ClassVar[PacketType] = PacketType.PUBCOMP
    packet_id: int


@dataclass(frozen=True)
class Subscription:
    """One topic filter of a SUBSCRIBE and the greatest QoS wished for it."""

    topic_filter: str
    qos: QoS


@dataclass(frozen=True)
class Subscribe:
    """SUBSCRIBE (section 3.8), at least one subscription."""

    TYPE: ClassVar[PacketType] = PacketType.SUBSCRIBE
    packet_id: int
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True)
class Suback:
    """SUBACK (section 3.9): per subscription the granted QoS, or 0x80 for a refusal."""

    TYPE: ClassVar[PacketType] = PacketType.SUBACK
    packet_id: int
    codes: tuple[int, ...]


@dataclass(frozen=True)
class Unsubscribe:
    """UNSUBSCRIBE (section 3.10), at least one topic filter."""

    TYPE: ClassVar[PacketType] = PacketType.UNSUBSCRIBE
    packet_id: int
    topic_filters: tuple[str, ...]


@dataclass(frozen=True)
class Unsuback:
    """UNSUBACK (section 3.11)."""

    TYPE: ClassVar[PacketType] = PacketType.UNSUBACK
    packet_id: int


@dataclass(frozen=True)
class Pingreq:
    """PINGREQ (section 3.12)."""

    TYPE: ClassVar[PacketType] = PacketType.PINGREQ


@dataclass(frozen=True)
class Pingresp:
    """PINGRESP (section 3.13)."""

    TYPE: ClassVar[PacketType] = PacketType.PINGRESP


@dataclass(frozen=True)
class Disconnect:
    """DISCONNECT (section 3.14)."""

    TYPE: ClassVar[PacketType] = PacketType.DISCONNECT


Acknowledgement: TypeAlias = Puback | Pubrec | Pubrel | Pubcomp | Unsuback
Packet: TypeAlias = (
    Connect
    | ForeignConnect
    | Connack
    | Publish
    | Puback
    | Pubrec
    | Pubrel
    | Pubcomp
    | Subscribe
    | Suback
    | Unsubscribe
    | Unsuback
    | Pingreq
    | Pingresp
    | Disconnect
)
