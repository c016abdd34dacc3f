"""Faults of the MQTT packets that the module sends (MQTT 3.1.1); most spoil none of what the host asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rigs.simulator.faults.registry import fault
from rigs.simulator.patching import wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 8, 10, 12, 14
"""Packet types (table 2.1)."""


def _send(module: Firmware, kind: int, change: Callable[[bytes], bytes]) -> None:
    """Send ``change(packet)`` for a packet of that type."""

    def outgoing(original: Callable[[bytes], bytes], packet: bytes) -> bytes:
        packet = original(packet)
        return change(packet) if packet[0] >> 4 == kind else packet

    wrap(module.link, "outgoing", outgoing)


def _body_at(packet: bytes) -> int:
    """Where the remaining length ends (2.2.3)."""
    return next(at for at in range(2, 6) if packet[at - 1] < 0x80)


@fault("numbers its UNSUBSCRIBE 0", breaks=["MQ-01", "UN-01"])
def packet_id_0(module: Firmware) -> None:
    def change(packet: bytes) -> bytes:
        at = _body_at(packet)
        return packet[:at] + b"\0\0" + packet[at + 2 :]

    _send(module, UNSUBSCRIBE, change)


@fault(
    "sends every SUBSCRIBE twice under one number, without waiting for the first answer",
    breaks=["MQ-01"],
    provoked_by=["SU-01"],
)
def packet_id_reused(module: Firmware) -> None:
    _send(module, SUBSCRIBE, lambda packet: packet + packet)


@fault("numbers its messages with one byte", breaks=["MQ-01", "PU-01"])
def packet_id_of_one_byte(module: Firmware) -> None:
    def change(packet: bytes) -> bytes:
        if not packet[0] & 0x06:
            return packet
        at = _body_at(packet)
        at += 2 + int.from_bytes(packet[at : at + 2])
        return packet[:at] + b"\0" + packet[at + 1 :]

    _send(module, PUBLISH, change)


@fault("sets DUP on the first send of a QoS 1 message", breaks=["MQ-01", "PU-01"])
def dup_on_first_send(module: Firmware) -> None:
    _send(module, PUBLISH, lambda packet: bytes([packet[0] | 0x08]) + packet[1:] if packet[0] & 0x06 else packet)


@fault("sets DUP on a QoS 0 message", breaks=["MQ-01", "PU-01"])
def dup_with_qos_0(module: Firmware) -> None:
    _send(module, PUBLISH, lambda packet: packet if packet[0] & 0x06 else bytes([packet[0] | 0x08]) + packet[1:])


@fault("leaves the reserved flag of SUBSCRIBE out", breaks=["MQ-01", "SU-01"])
def subscribe_flags_wrong(module: Firmware) -> None:
    _send(module, SUBSCRIBE, lambda packet: b"\x80" + packet[1:])


@fault("sends a PINGREQ with a body", breaks=["MQ-01", "NW-01"])
def pingreq_with_body(module: Firmware) -> None:
    _send(module, PINGREQ, lambda packet: packet[:1] + b"\1\0")


@fault("sends a PINGREQ behind its DISCONNECT", breaks=["MQ-01"], provoked_by=["CL-01"])
def packet_after_disconnect(module: Firmware) -> None:
    _send(module, DISCONNECT, lambda packet: packet + b"\xc0\0")


@fault("sends its CONNECT once more before it leaves", breaks=["MQ-01"], provoked_by=["CL-01"])
def second_connect(module: Firmware) -> None:
    sent: list[bytes] = []

    def remember(packet: bytes) -> bytes:
        sent[:] = [packet]
        return packet

    _send(module, CONNECT, remember)
    _send(module, DISCONNECT, lambda packet: b"".join(sent) + packet)


@fault("publishes to a topic that is not UTF-8 before it leaves", breaks=["MQ-01"], provoked_by=["CL-01"])
def topic_not_utf8(module: Firmware) -> None:
    _send(module, DISCONNECT, lambda packet: b"\x30\x06\0\3by\xffe" + packet)


@fault("publishes with QoS 3 before it leaves", breaks=["MQ-01"], provoked_by=["CL-01"])
def publish_with_qos_3(module: Firmware) -> None:
    _send(module, DISCONNECT, lambda packet: b"\x36\x08\0\3bye\0\7x" + packet)
