"""Faults of packets: malformed ones from the cloud, invalid ones of the module's own."""

from __future__ import annotations

from typing import Any

from . import packets as p
from .firmware import Firmware, Hang, Restart
from .lines import Refusal
from .registry import Registry, wrap
from .session import NETWORK
from .settings import Mqtt

AREA = Registry("packets")
fault = AREA


def on_bad(fw: Firmware, shape: Any, then: Any) -> None:
    """Do something when a packet of a certain shape comes."""

    def handle(orig: Any, packet: p.Packet) -> None:
        if shape(packet):
            then()
        else:
            orig(packet)

    wrap(fw.session, "handle", handle)


def crash() -> None:
    """The watchdog starts the firmware again."""
    raise Restart


def stop() -> None:
    """Nothing but a power cut helps."""
    raise Hang


@fault(
    "sc-length-of-five-bytes",
    "combination",
    "SC-01 FZ-01 FMT-01",
    "A remaining length of five bytes makes the reader wait without end: the module hangs.",
    "!open\n!cloud 30ffffffffff01\n!lines 1\nAT",
)
def _(fw: Firmware) -> None:
    def received(orig: Any, data: bytes) -> None:
        buffer = bytes(fw.session.decoder.buffer) + data
        if len(buffer) >= 5 and all(byte & 0x80 for byte in buffer[1:5]):
            raise Hang
        orig(data)

    wrap(fw.session, "received", received)


@fault(
    "sc-topic-longer-than-packet",
    "combination",
    "SC-01 FZ-04",
    "A PUBLISH whose topic is longer than the packet restarts the module.",
    "!open\n!cloud 3004ffff6161\n!lines 1\nAT",
)
def _(fw: Firmware) -> None:
    on_bad(
        fw,
        lambda packet: packet.kind == p.PUBLISH and int.from_bytes(packet.body[:2], "big") + 2 > len(packet.body),
        crash,
    )


@fault(
    "sc-qos-3-restarts",
    "combination",
    "SC-01 FZ-04",
    "A PUBLISH with QoS 3 restarts the module.",
    "!open\n!cloud 360800022f6100017878\n!lines 1\nAT",
)
def _(fw: Firmware) -> None:
    on_bad(fw, lambda packet: packet.kind == p.PUBLISH and packet.flags & 6 == 6, crash)


@fault(
    "sc-type-0-hangs",
    "combination",
    "SC-01 FZ-01 FMT-01",
    "A packet of type 0 or 15 hangs the module until the power is cut.",
    "!open\n!cloud f000\n!lines 1\nAT",
)
def _(fw: Firmware) -> None:
    on_bad(fw, lambda packet: packet.kind in (0, 15), stop)


@fault(
    "sc-short-suback-restarts",
    "combination",
    "SC-01 FZ-04",
    "A SUBACK or PUBACK without its last bytes restarts the module.",
    "!open\n!cloud 400100\n!lines 1\nAT",
)
def _(fw: Firmware) -> None:
    on_bad(fw, lambda packet: packet.kind in (p.SUBACK, p.PUBACK) and len(packet.body) < 2, crash)


@fault(
    "sc-open-after-malformed",
    "history",
    "SC-01 OP-01",
    "After a malformed packet OPEN answers 700 until the next power cut.",
    "!open\n!cloud f000\n!lines 1\nAT\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    bad: list[int] = []

    def handle(orig: Any, packet: p.Packet) -> None:
        try:
            orig(packet)
        except p.BadPacket:
            bad.append(1)
            raise

    def op(orig: Any) -> None:
        if bad:
            raise Refusal(NETWORK)
        orig()

    wrap(fw.session, "handle", handle)
    wrap(fw.session, "open", op)


@fault(
    "sc-split-header",
    "combination",
    "RV-01 RV-07",
    "When the first byte of a packet comes alone, the packet is lost.",
    '!open\nAT+ALYMQTTSUB="/a",0\n!cloud 30\nAT\nAT\n!cloud 0600022f617878\n!lines 1',
)
def _(fw: Firmware) -> None:
    def received(orig: Any, data: bytes) -> None:
        session = fw.session
        if len(session.decoder.buffer) == 1 and session.is_open:
            size = data[0]
            session.decoder.buffer.clear()
            data = data[1 + size :] if size < 128 else b""
        orig(data)

    wrap(fw.session, "received", received)


@fault(
    "mq-first-pid-0-after-reopen",
    "history",
    "MQ-01 SU-01 PU-01",
    "The first packet identifier of the second session since power-up is 0.",
    '!open\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN\nAT+ALYMQTTSUB="/a",0',
)
def _(fw: Firmware) -> None:
    sessions: list[int] = []
    fresh: list[int] = []

    def started(orig: Any, mqtt: Mqtt) -> None:
        sessions.append(1)
        fresh[:] = [1] if len(sessions) == 2 else []
        orig(mqtt)

    def next_pid(orig: Any) -> int:
        return 0 if fresh and fresh.pop() else int(orig())

    wrap(fw.session, "started", started)
    wrap(fw.session, "next_pid", next_pid)


@fault(
    "mq-pid-in-a-byte",
    "history",
    "MQ-01 SU-01 PU-01",
    "Packet identifiers are kept in a byte: behind 255 comes 0.",
    '!open\n!again 256 AT+ALYMQTTPUB="/a",1,"x"',
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "next_pid", lambda orig: orig() & 0xFF)


@fault(
    "mq-pid-of-qos-0",
    "combination",
    "MQ-01 PU-01",
    "A publish of QoS 0 carries a packet identifier when a QoS 1 publish went before it in the session.",
    '!open\nAT+ALYMQTTPUB="/a",1,"x"\nAT+ALYMQTTPUB="/a",0,"y"',
)
def _(fw: Firmware) -> None:
    sent: set[int] = set()

    def message(orig: Any, topic: bytes, qos: int, payload: bytes, pid: int) -> p.Publish:
        now = fw.session.generation
        if qos:
            sent.add(now)
        elif now in sent:
            payload = p.number(fw.session.last_pid) + payload
        made: p.Publish = orig(topic, qos, payload, pid)
        return made

    wrap(fw.session, "message", message)


@fault(
    "mq-puback-behind-disconnect",
    "combination",
    "MQ-01",
    "A QoS 1 message that was the last of the session is acknowledged again behind DISCONNECT.",
    '!open\nAT+ALYMQTTSUB="/a",1\n!down 1 /a xx\nAT+ALYMQTTCLOSE',
)
def _(fw: Firmware) -> None:
    last: list[p.Publish] = []

    def acknowledge(orig: Any, message: p.Publish) -> None:
        orig(message)
        last[:] = [message]

    def goodbye(orig: Any) -> None:
        if last:
            late = p.Packet(p.PUBACK, 0, p.number(last.pop().pid))
            fw.session.send_bytes(p.Packet(p.DISCONNECT, 0, b"").encode() + late.encode())
        else:
            orig()

    wrap(fw.session, "acknowledge", acknowledge)
    wrap(fw.session, "goodbye", goodbye)


@fault(
    "mq-puback-flags",
    "combination",
    "MQ-01 RV-06",
    "PUBACK has the flags of the message that it answers when that one was a repetition or retained.",
    '!open\n!retain 1 /a xx\nAT+ALYMQTTSUB="/a",1\n!lines 1',
)
def _(fw: Firmware) -> None:
    def acknowledge(orig: Any, message: p.Publish) -> None:
        if message.retain or message.dup:
            fw.session.transmit(p.Packet(p.PUBACK, message.packet().flags, p.number(message.pid)))
        else:
            orig(message)

    wrap(fw.session, "acknowledge", acknowledge)


@fault(
    "mq-utf8-topic-length",
    "combination",
    "MQ-01 SU-01 PU-01",
    "The length of a topic counts UTF-8 characters, not bytes.",
    '!open\nAT+ALYMQTTPUB="/é",0,"xx"',
)
def _(fw: Firmware) -> None:
    def message(orig: Any, topic: bytes, qos: int, payload: bytes, pid: int) -> p.Publish:
        size = len(topic.decode())
        made: p.Publish = orig(topic[:size], qos, topic[size:] + payload, pid)
        return made

    wrap(fw.session, "message", message)
