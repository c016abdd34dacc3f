"""What the gateway can make of a packet to the module so that it is no MQTT 3.1.1 any more.

Each way keeps as much of the packet as it can, so that a parser has to look at the one spot that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rigs.cloud.codec import frame
from rigs.cloud.packets import Connack, Packet, Pingresp, Puback, Publish, Suback, Unsuback

_ANSWERS = (Connack, Puback, Suback, Unsuback)
_WITH_IDENTIFIER = (Puback, Suback, Unsuback)
_EVERY_KIND = (*_ANSWERS, Pingresp, Publish)
_PROMISED = 100_000  # bytes that a packet announces and that never come


@dataclass(frozen=True)
class Malformation:
    """One way to spoil a packet of ``kinds``: ``spoil`` makes other bytes of its first byte and its body."""

    name: str
    kinds: tuple[type[Packet], ...]
    spoil: Callable[[int, bytes], bytes]

    def __str__(self) -> str:
        return self.name

    def of(self, raw: bytes) -> bytes:
        """The malformed bytes in place of a whole packet."""
        position = 1
        while raw[position] & 0x80:
            position += 1
        return self.spoil(raw[0], raw[position + 1 :])


def _with_identifier(number: int) -> Callable[[int, bytes], bytes]:
    return lambda first, body: frame(first, number.to_bytes(2, "big") + body[2:])


def _with_topic(topic: bytes) -> Callable[[int, bytes], bytes]:
    def spoil(first: int, body: bytes) -> bytes:
        rest = body[2 + int.from_bytes(body[:2], "big") :]
        return frame(first, len(topic).to_bytes(2, "big") + topic + rest)

    return spoil


MALFORMATIONS = (
    Malformation("reserved flags", (*_ANSWERS, Pingresp), lambda first, body: frame(first | 0x0F, body)),
    Malformation("a field is missing", _ANSWERS, lambda first, body: frame(first, body[:-1])),
    Malformation("nothing but the length", (*_ANSWERS, Publish), lambda first, _body: frame(first, b"")),
    Malformation(
        "a byte too many", (Connack, Puback, Unsuback, Pingresp), lambda first, body: frame(first, body + b"\x00")
    ),
    Malformation("reserved acknowledge flags", (Connack,), lambda first, body: frame(first, b"\xfe" + body[1:])),
    Malformation("a return code too many", (Suback,), lambda first, body: frame(first, body + b"\x00")),
    Malformation("endless length", _EVERY_KIND, lambda first, body: bytes((first,)) + b"\xff" * 5 + body),
    Malformation(
        "longer than what comes",
        _EVERY_KIND,
        lambda first, body: frame(first, body + bytes(_PROMISED))[:-_PROMISED],
    ),
    Malformation("forbidden type", _EVERY_KIND, lambda first, body: frame(first & 0x0F, body)),
    Malformation("reserved code", (Connack, Suback), lambda first, body: frame(first, body[:-1] + b"\x7f")),
    Malformation("identifier 0", _WITH_IDENTIFIER, _with_identifier(0)),
    Malformation("identifier that nobody waits for", _WITH_IDENTIFIER, _with_identifier(0x7777)),
    Malformation("QoS 3", (Publish,), lambda first, body: frame(first | 0x06, body)),
    Malformation("topic longer than the packet", (Publish,), lambda first, body: frame(first, b"\xff\xff" + body[2:])),
    Malformation("empty topic", (Publish,), _with_topic(b"")),
    Malformation("topic that is no UTF-8", (Publish,), _with_topic(b"\xc3\x28")),
    Malformation("topic with U+0000", (Publish,), _with_topic(b"a\x00b")),
    Malformation("topic with a wildcard", (Publish,), _with_topic(b"a/#")),
)
"""Sections 2.2 (type, flags, length), 2.3.1 (identifier), 3.2.2.1 (acknowledge flags), 3.2.2.3, 3.9.3 (codes), 3.3.1,
4.7, 1.5.3 (QoS, topics)."""
