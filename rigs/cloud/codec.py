"""Sans-IO codec of MQTT 3.1.1: ``encode`` one packet, feed a ``Decoder`` bytes as they come.

The clause named by an error is the identifier of the normative statement in the OASIS standard.
"""

from __future__ import annotations

from collections.abc import Callable

from rigs.cloud.packets import (
    SUBACK_FAILURE,
    Connack,
    ConnackCode,
    Connect,
    Disconnect,
    ForeignConnect,
    MalformedPacket,
    Packet,
    PacketType,
    Pingreq,
    Pingresp,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    QoS,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
    Will,
)
from rigs.cloud.topics import check_topic_filter, check_topic_name
from rigs.sentence import say

PROTOCOL_LEVEL = 4
MAX_REMAINING_LENGTH = 268_435_455
_FIXED_FLAGS = {PacketType.PUBREL: 2, PacketType.SUBSCRIBE: 2, PacketType.UNSUBSCRIBE: 2}
_FLAG_CLAUSE = {
    PacketType.PUBREL: "MQTT-3.6.1-1",
    PacketType.SUBSCRIBE: "MQTT-3.8.1-1",
    PacketType.UNSUBSCRIBE: "MQTT-3.10.1-1",
    PacketType.DISCONNECT: "MQTT-3.14.1-1",
}


def encode(packet: Packet) -> bytes:
    """The bytes of ``packet``. Raises ValueError for a field that has no place on the wire (length, range)."""
    flags = _FIXED_FLAGS.get(packet.TYPE, 0)
    match packet:
        case Connect():
            body = _connect_body(packet)
        case ForeignConnect():
            raise ValueError("a CONNECT of another protocol level can only be decoded")
        case Connack(code=code, session_present=present):
            body = bytes((present, code))
        case Publish():
            if (packet.packet_id is None) is not (packet.qos is QoS.AT_MOST_ONCE):
                raise ValueError("a PUBLISH has a packet identifier with QoS 1 and 2, and only then")
            flags = packet.dup << 3 | packet.qos << 1 | packet.retain
            identifier = b"" if packet.packet_id is None else _uint16(packet.packet_id)
            body = _string(packet.topic) + identifier + packet.payload
        case Subscribe():
            body = _uint16(packet.packet_id) + b"".join(
                _string(wish.topic_filter) + bytes((wish.qos,)) for wish in packet.subscriptions
            )
        case Suback():
            body = _uint16(packet.packet_id) + bytes(packet.codes)
        case Unsubscribe():
            body = _uint16(packet.packet_id) + b"".join(map(_string, packet.topic_filters))
        case Puback() | Pubrec() | Pubrel() | Pubcomp() | Unsuback():
            body = _uint16(packet.packet_id)
        case Pingreq() | Pingresp() | Disconnect():
            body = b""
    return frame(packet.TYPE << 4 | flags, body)


def frame(first_byte: int, body: bytes) -> bytes:
    """A packet of any first byte and body (section 2.2). Raises ValueError when the body is too long for MQTT."""
    return bytes((first_byte,)) + _remaining_length(len(body)) + body


def _connect_body(packet: Connect) -> bytes:
    flags = packet.clean_session << 1
    payload = _string(packet.client_id)
    if packet.will is not None:
        flags |= 0x04 | packet.will.qos << 3 | packet.will.retain << 5
        payload += _string(packet.will.topic) + _binary(packet.will.payload)
    if packet.username is not None:
        flags |= 0x80
        payload += _string(packet.username)
    if packet.password is not None:
        flags |= 0x40
        payload += _binary(packet.password)
    return _string("MQTT") + bytes((PROTOCOL_LEVEL, flags)) + _uint16(packet.keep_alive, least=0) + payload


def _uint16(value: int, least: int = 1) -> bytes:
    if not least <= value <= 0xFFFF:
        raise ValueError(f"{value} is outside {least}-65535")
    return value.to_bytes(2, "big")


def _binary(value: bytes) -> bytes:
    return _uint16(len(value), least=0) + value


def _string(value: str) -> bytes:
    return _binary(value.encode())


def _remaining_length(length: int) -> bytes:
    if length > MAX_REMAINING_LENGTH:
        raise ValueError(f"a packet body of {length} bytes is beyond the limit of MQTT")
    digits = bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(digits)


class Decoder:
    """Turns a byte stream, however split, into packets.

    ``feed`` returns the packets completed by the new bytes, each with its own raw bytes. It raises nothing but
    MalformedPacket, for any bytes; after that the stream has no packet boundaries any more and every further
    ``feed`` raises the same error.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._error: MalformedPacket | None = None

    @property
    def pending(self) -> bytes:
        """The beginning of a packet whose end has not come yet."""
        return bytes(self._buffer)

    @property
    def unfinished(self) -> bytes:
        """The same, but nothing once the stream is malformed."""
        return b"" if self._error else self.pending

    @property
    def held(self) -> int:
        """How many bytes ``pending`` has."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[tuple[Packet, bytes]]:
        if self._error is not None:
            self._error.decoded = []
            raise self._error
        self._buffer += data
        decoded: list[tuple[Packet, bytes]] = []
        start = 0
        try:
            while (frame := self._frame(start)) is not None:
                body_start, end = frame
                raw = bytes(self._buffer[start:end])
                decoded.append((_decode(raw, body_start - start), raw))
                start = end
        except MalformedPacket as error:
            error.raw = bytes(self._buffer[start:])
            error.decoded = decoded
            self._error = error
            raise
        finally:
            del self._buffer[:start]
        return decoded

    def _frame(self, start: int) -> tuple[int, int] | None:
        """Where body and packet end lie, None while the packet is incomplete; checks the fixed header at once."""
        if start == len(self._buffer):
            return None
        _check_first_byte(self._buffer[start])
        length = 0
        for position in range(4):
            index = start + 1 + position
            if index >= len(self._buffer):
                return None
            digit = self._buffer[index]
            length |= (digit & 0x7F) << 7 * position
            if digit < 0x80:
                end = index + 1 + length
                return (index + 1, end) if end <= len(self._buffer) else None
        raise MalformedPacket(say("remaining length does not end within four bytes"), "MQTT section 2.2.3")


def _check_first_byte(byte: int) -> None:
    try:
        packet_type = PacketType(byte >> 4)
    except ValueError:
        raise MalformedPacket(say("packet type {byte} is forbidden", byte=byte >> 4), "MQTT section 2.2.1") from None
    flags = byte & 0x0F
    if packet_type is PacketType.PUBLISH:
        qos = flags >> 1 & 3
        if qos == 3:
            raise MalformedPacket(say("PUBLISH with QoS 3"), "MQTT-3.3.1-4")
        if qos == 0 and flags & 8:
            raise MalformedPacket(say("PUBLISH with QoS 0 and DUP"), "MQTT-3.3.1-2")
    elif flags != _FIXED_FLAGS.get(packet_type, 0):
        clause = _FLAG_CLAUSE.get(packet_type, "MQTT-2.2.2-2")
        raise MalformedPacket(say("{name} with reserved flags {flags:#x}", name=packet_type.name, flags=flags), clause)


class _Body:
    """Reads the fields of one packet in order."""

    def __init__(self, raw: bytes, position: int) -> None:
        self._raw = raw
        self._position = position

    def __bool__(self) -> bool:
        return self._position < len(self._raw)

    def rest(self) -> bytes:
        return self.take(len(self._raw) - self._position)

    def take(self, count: int) -> bytes:
        end = self._position + count
        if end > len(self._raw):
            raise MalformedPacket(say("packet ends within a field"), "MQTT section 2.2.3")
        taken = self._raw[self._position : end]
        self._position = end
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def uint16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def binary(self) -> bytes:
        return self.take(self.uint16())

    def string(self) -> str:
        data = self.binary()
        try:
            text = data.decode()  # refuses surrogates and overlong forms too
        except UnicodeDecodeError:
            raise MalformedPacket(say("string is not UTF-8"), "MQTT-1.5.3-1") from None
        if "\0" in text:
            raise MalformedPacket(say("string holds U+0000"), "MQTT-1.5.3-2")
        return text

    def packet_id(self) -> int:
        identifier = self.uint16()
        if identifier == 0:
            raise MalformedPacket(say("packet identifier is 0"), "MQTT-2.3.1-1")
        return identifier

    def end(self) -> None:
        if self:
            raise MalformedPacket(say("bytes follow the last field"), "MQTT section 2.2.3")


def _decode(raw: bytes, body_start: int) -> Packet:
    body = _Body(raw, body_start)
    packet = _READERS[PacketType(raw[0] >> 4)](body, raw[0] & 0x0F)
    body.end()
    return packet


def _read_connect(body: _Body, _flags: int) -> Connect | ForeignConnect:
    if body.string() != "MQTT":
        raise MalformedPacket(say("protocol name is not MQTT"), "MQTT-3.1.2-1")
    level = body.byte()
    if level != PROTOCOL_LEVEL:
        body.rest()
        return ForeignConnect(level)
    flags = body.byte()
    if flags & 0x01:
        raise MalformedPacket(say("CONNECT with its reserved flag set"), "MQTT-3.1.2-3")
    will_qos = flags >> 3 & 3
    if will_qos == 3:
        raise MalformedPacket(say("will with QoS 3"), "MQTT-3.1.2-14")
    if not flags & 0x04 and will_qos:
        raise MalformedPacket(say("will QoS without a will"), "MQTT-3.1.2-13")
    if not flags & 0x04 and flags & 0x20:
        raise MalformedPacket(say("will retain without a will"), "MQTT-3.1.2-15")
    if flags & 0x40 and not flags & 0x80:
        raise MalformedPacket(say("password without a user name"), "MQTT-3.1.2-22")
    keep_alive = body.uint16()
    client_id = body.string()
    will = None
    if flags & 0x04:
        topic = body.string()
        check_topic_name(topic)
        will = Will(topic, body.binary(), QoS(will_qos), bool(flags & 0x20))
    username = body.string() if flags & 0x80 else None
    password = body.binary() if flags & 0x40 else None
    return Connect(client_id, bool(flags & 0x02), keep_alive, username, password, will)


def _read_connack(body: _Body, _flags: int) -> Connack:
    flags, code = body.byte(), body.byte()
    if flags & 0xFE:
        raise MalformedPacket(say("CONNACK with reserved flags"), "MQTT section 3.2.2.1")
    if code > max(ConnackCode):
        raise MalformedPacket(say("CONNACK with reserved return code {code}", code=code), "MQTT-3.2.2-6")
    if code and flags:
        raise MalformedPacket(say("CONNACK refuses and says that a session is present"), "MQTT-3.2.2-4")
    return Connack(ConnackCode(code), bool(flags))


def _read_publish(body: _Body, flags: int) -> Publish:
    topic = body.string()
    check_topic_name(topic, "MQTT-3.3.2-2")
    qos = QoS(flags >> 1 & 3)
    packet_id = body.packet_id() if qos else None
    return Publish(topic, body.rest(), qos, packet_id, retain=bool(flags & 1), dup=bool(flags & 8))


def _read_subscribe(body: _Body, _flags: int) -> Subscribe:
    packet_id = body.packet_id()
    wishes = []
    while body:
        topic_filter = body.string()
        check_topic_filter(topic_filter)
        qos = body.byte()
        if qos > 2:
            raise MalformedPacket(say("SUBSCRIBE wishes QoS byte {qos:#04x}", qos=qos), "MQTT-3-8.3-4")
        wishes.append(Subscription(topic_filter, QoS(qos)))
    if not wishes:
        raise MalformedPacket(say("SUBSCRIBE without a topic filter"), "MQTT-3.8.3-3")
    return Subscribe(packet_id, tuple(wishes))


def _read_suback(body: _Body, _flags: int) -> Suback:
    packet_id = body.packet_id()
    codes = tuple(body.rest())
    if not codes:
        raise MalformedPacket(say("SUBACK without a return code"), "MQTT-3.8.4-5")
    if any(code > 2 and code != SUBACK_FAILURE for code in codes):
        raise MalformedPacket(say("SUBACK with a reserved return code"), "MQTT-3.9.3-2")
    return Suback(packet_id, codes)


def _read_unsubscribe(body: _Body, _flags: int) -> Unsubscribe:
    packet_id = body.packet_id()
    filters = []
    while body:
        filters.append(body.string())
        check_topic_filter(filters[-1])
    if not filters:
        raise MalformedPacket(say("UNSUBSCRIBE without a topic filter"), "MQTT-3.10.3-2")
    return Unsubscribe(packet_id, tuple(filters))


_READERS: dict[PacketType, Callable[[_Body, int], Packet]] = {
    PacketType.CONNECT: _read_connect,
    PacketType.CONNACK: _read_connack,
    PacketType.PUBLISH: _read_publish,
    PacketType.PUBACK: lambda body, _flags: Puback(body.packet_id()),
    PacketType.PUBREC: lambda body, _flags: Pubrec(body.packet_id()),
    PacketType.PUBREL: lambda body, _flags: Pubrel(body.packet_id()),
    PacketType.PUBCOMP: lambda body, _flags: Pubcomp(body.packet_id()),
    PacketType.SUBSCRIBE: _read_subscribe,
    PacketType.SUBACK: _read_suback,
    PacketType.UNSUBSCRIBE: _read_unsubscribe,
    PacketType.UNSUBACK: lambda body, _flags: Unsuback(body.packet_id()),
    PacketType.PINGREQ: lambda _body, _flags: Pingreq(),
    PacketType.PINGRESP: lambda _body, _flags: Pingresp(),
    PacketType.DISCONNECT: lambda _body, _flags: Disconnect(),
}
