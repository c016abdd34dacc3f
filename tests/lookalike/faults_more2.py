"""Faults that take two or three conditions to show: messages in both directions, packets, keep-alive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import packets as p
from .faults_more import FOR_EVER
from .firmware import Firmware
from .lines import BAD_SYNTAX, Refusal
from .registry import Registry, wrap
from .session import IS_OPEN
from .settings import Mqtt

AREA = Registry("conditions of traffic")
fault = AREA

SUB = '!open\nAT+ALYMQTTSUB="/a",1\n'
SHORT = "AT+ALYMQTTCFG=0,500,100\n"
TLS = "AT+ALYCONNECTCFG=0,443,1\n"


def each_session(fw: Firmware, forget: Any) -> None:
    """Do this whenever a session begins."""

    def started(orig: Any, mqtt: Mqtt) -> None:
        forget()
        orig(mqtt)

    wrap(fw.session, "started", started)


# -- publish


@fault(
    "pu-gbk-lead-byte",
    "combination",
    "PU-01 PU-02 PU-06",
    "Text is read as GBK: behind an odd number of UTF-8 bytes a backslash is half a character and escapes nothing.",
    '!open\nAT+ALYMQTTPUB="/a",0,"{\\"city\\":\\"上海市\\"}"',
)
def _(fw: Firmware) -> None:
    def quoted(orig: Any, raw: bytes, at: int) -> tuple[bytes, int]:
        text = bytearray()
        while at < len(raw):
            char, behind = raw[at], raw[at + 1 : at + 2]
            if 0x81 <= char <= 0xFE and behind and 0x40 <= behind[0] <= 0xFE:
                text += raw[at : at + 2]
                at += 2
                continue
            if char == 0x22:
                return bytes(text), at + 1
            if char == 0x5C and behind in (b'"', b"\\"):
                at += 1
            text.append(raw[at])
            at += 1
        raise Refusal(BAD_SYNTAX)

    wrap(fw.params, "quoted", quoted)


@fault(
    "pu-escape-behind-apostrophe",
    "combination",
    "PU-01 PU-02 PU-03",
    'An apostrophe opens a quote of its own, in which `\\"` is not understood: such a line is refused.',
    '!open\nAT+ALYMQTTPUB="/a",0,"it\'s \\"on\\""',
)
def _(fw: Firmware) -> None:
    def quoted(orig: Any, raw: bytes, at: int) -> tuple[bytes, int]:
        text, end = orig(raw, at)
        inside = False
        for index in range(at, end):
            inside ^= raw[index] == 0x27
            if inside and raw[index : index + 2] == b'\\"':
                raise Refusal(BAD_SYNTAX)
        return text, end

    wrap(fw.params, "quoted", quoted)


@fault(
    "pu-qos-1-length-on-the-edge",
    "combination",
    "PU-01 PU-06 MQ-01",
    "Room for the remaining length is reckoned without the packet identifier: 128 and 129 lose their second byte.",
    '!open\nAT+ALYMQTTPUB="/abc",1,"{x*120}"',
)
def _(fw: Firmware) -> None:
    def send(orig: Any, data: bytes) -> None:
        if data[0] >> 4 == p.PUBLISH and data[0] & 2 and data[1:3] in (b"\x80\x01", b"\x81\x01"):
            data = data[:2] + data[3:]
        orig(data)

    wrap(fw.session, "send_bytes", send)


@fault(
    "pu-qos-0-lost-by-close",
    "combination",
    "PU-01",
    "A message of QoS 0 is sent 50 ms after its OK: a CLOSE before that throws it away.",
    '!open\nAT+ALYMQTTPUB="/a",0,"x"\nAT+ALYMQTTCLOSE',
)
def _(fw: Firmware) -> None:
    waiting: list[tuple[bytes, int, bytes]] = []
    plainly = fw.session.publish

    def release() -> None:
        while waiting and fw.session.is_open:
            plainly(*waiting.pop(0))

    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        fw.session.need_open()
        if qos:
            release()
            orig(topic, qos, payload)
        else:
            waiting.append((topic, qos, payload))
            fw.board.loop.after(0.05, release)

    wrap(fw.session, "publish", publish)
    each_session(fw, waiting.clear)


@fault(
    "pu-lost-while-ping-outstanding",
    "combination",
    "PU-01",
    "While PINGRESP is awaited a message of QoS 0 is answered OK and not sent.",
    SHORT + '!open\n!mute 12\n!pings 1\nAT+ALYMQTTPUB="/a",0,"x"',
)
def _(fw: Firmware) -> None:
    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        if qos or not fw.session.is_open or not fw.session.pinged:
            orig(topic, qos, payload)

    wrap(fw.session, "publish", publish)


@fault(
    "px-escape-on-the-edge-of-read",
    "combination",
    "PU-01 PU-02",
    'A `\\"` whose two bytes come in two reads of the port is not understood.',
    "!open\n!serial 41542b414c594d5154545055423d222f61222c302c22785c\n!lines 1\n!serial 22795c227a220d\n!lines 1",
)
def _(fw: Firmware) -> None:
    def feed(orig: Any, data: bytes) -> Any:
        if fw.reader.buffer.endswith(b"\\") and not fw.reader.buffer.endswith(b"\\\\") and data[:1] == b'"':
            del fw.reader.buffer[-1:]
        yield from orig(data)

    wrap(fw.reader, "feed", feed)


# -- receive


@fault(
    "rv-same-pid-in-session",
    "history",
    "RV-01 RV-03",
    "A QoS 1 message with the packet identifier of the one before, long acknowledged, is taken for its repetition.",
    SUB + "!cloud 320800022f6100017878\n!lines 1\n!cloud 320800022f6100017979\n!lines 1",
)
def _(fw: Firmware) -> None:
    last: list[int] = []

    def downlink(orig: Any, message: p.Publish) -> None:
        if message.qos == 1 and last == [message.pid]:
            fw.session.acknowledge(message)
            return
        orig(message)
        last[:] = [message.pid] if message.qos else []

    wrap(fw.session, "downlink", downlink)
    each_session(fw, last.clear)


@fault(
    "rv-dup-dropped",
    "combination",
    "RV-01",
    "A QoS 1 message with DUP is acknowledged and not shown, though it never came before.",
    SUB + "!cloud 3a0800022f6100017878\n!lines 1",
)
def _(fw: Firmware) -> None:
    def downlink(orig: Any, message: p.Publish) -> None:
        if message.qos == 1 and message.dup:
            fw.session.acknowledge(message)
        else:
            orig(message)

    wrap(fw.session, "downlink", downlink)


@fault(
    "rv-twice-after-unsub-and-sub",
    "history",
    "RV-01",
    "UNSUB leaves its handler: after another SUB of the topic in the session each message is shown twice.",
    SUB + 'AT+ALYMQTTUNSUB="/a"\nAT+ALYMQTTSUB="/a",1\n!down 0 /a xx\n!lines 1',
)
def _(fw: Firmware) -> None:
    left: set[bytes] = set()
    doubled: set[bytes] = set()

    def unsubscribe(orig: Any, topic: bytes) -> None:
        orig(topic)
        left.add(topic)

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, qos)
        doubled.update({topic} & left)

    def show(orig: Any, message: p.Publish) -> None:
        orig(message)
        if message.topic in doubled:
            orig(message)

    wrap(fw.session, "unsubscribe", unsubscribe)
    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "show", show)
    each_session(fw, lambda: (left.clear(), doubled.clear()))


@fault(
    "rv-table-ends-at-filled-gap",
    "history",
    "RV-01 SU-04 UN-01",
    "A SUB that takes the place of an ended topic makes the table end there: messages of those behind are not shown.",
    SUB + 'AT+ALYMQTTSUB="/b",1\nAT+ALYMQTTUNSUB="/a"\nAT+ALYMQTTSUB="/c",1\n!down 1 /b xx',
)
def _(fw: Firmware) -> None:
    places: list[bytes] = []
    size = [0]

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, qos)
        if topic in places:
            return
        at = places.index(b"") if b"" in places else len(places)
        places[at : at + 1] = [topic]
        size[0] = at + 1

    def unsubscribe(orig: Any, topic: bytes) -> None:
        orig(topic)
        if topic in places:
            places[places.index(topic)] = b""

    def show(orig: Any, message: p.Publish) -> None:
        if message.topic not in places[size[0] :]:
            orig(message)

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "unsubscribe", unsubscribe)
    wrap(fw.session, "show", show)
    each_session(fw, places.clear)


@fault(
    "rv-topic-of-running-command",
    "combination",
    "RV-01",
    "A message that comes while SUB or UNSUB waits for the cloud is shown with the topic of that command.",
    SUB + "!late 8 320800022f6100017878\n" + 'AT+ALYMQTTSUB="/b",0\n!lines 1',
)
def _(fw: Firmware) -> None:
    running: list[bytes] = []

    def meanwhile(orig: Any, topic: bytes, *qos: int) -> None:
        running.append(topic)
        try:
            orig(topic, *qos)
        finally:
            running.clear()

    wrap(fw.session, "subscribe", meanwhile)
    wrap(fw.session, "unsubscribe", meanwhile)
    wrap(fw.session, "show", lambda orig, m: orig(replace(m, topic=running[0]) if running else m))


@fault(
    "rv-lost-behind-pingresp",
    "combination",
    "RV-01 RV-06",
    "PINGRESP empties the buffer: a message that came with it in one read is lost.",
    SUB + "!cloud d000320800022f6100017878\n!lines 1",
)
def _(fw: Firmware) -> None:
    def handle(orig: Any, packet: p.Packet) -> None:
        orig(packet)
        if packet.kind == p.PINGRESP:
            fw.session.decoder.buffer.clear()

    wrap(fw.session, "handle", handle)


@fault(
    "tl-message-in-two-records",
    "combination",
    "RV-01 RV-07 TL-01",
    "Over TLS a packet is taken to be whole in what is read at once: one that comes in two records is lost.",
    TLS + SUB + "!cloud 3006\nAT\nAT\n!cloud 00022f617878\n!lines 1",
)
def _(fw: Firmware) -> None:
    def received(orig: Any, data: bytes) -> None:
        if fw.session.is_open and fw.session.used[0].tls and fw.session.decoder.buffer:
            fw.session.decoder.buffer.clear()
            return
        orig(data)

    wrap(fw.session, "received", received)


# -- keep-alive, identifiers, answers of the cloud


@fault(
    "nw-707-stops-ping",
    "history",
    "NW-01 OP-04",
    "OPEN while open stops the keep-alive timer before it answers 707: no PINGREQ from then on.",
    SHORT + "!open\nAT+ALYMQTTOPEN\n!pings 3",
)
def _(fw: Firmware) -> None:
    stopped: set[int] = set()

    def op(orig: Any) -> None:
        try:
            orig()
        except Refusal as refusal:
            if refusal.code == IS_OPEN:
                stopped.add(fw.session.generation)
            raise

    wrap(fw.session, "open", op)
    wrap(fw.session, "ping", lambda orig: None if fw.session.generation in stopped else orig())


@fault(
    "nw-ping-of-new-setting",
    "history",
    "NW-01",
    "A keep-alive set while a session is open spaces its PINGREQs at once, whatever its CONNECT announced.",
    SHORT + "!open\nAT+ALYMQTTCFG=0,500,60000\n!pings 3",
)
def _(fw: Firmware) -> None:
    def set_mqtt(orig: Any, new: Mqtt) -> None:
        orig(new)
        if fw.session.is_open and fw.session.keepalive and new.keepalive:
            fw.session.keepalive = new.keepalive / 1000

    wrap(fw.settings, "set_mqtt", set_mqtt)


@fault(
    "nw-ping-waits-for-timeout",
    "combination",
    "NW-01",
    "PINGREQ is sent between two waits of the request timeout: one longer than the keep-alive puts it off.",
    "AT+ALYMQTTCFG=0,5000,100\n!open\n!pings 2",
)
def _(fw: Firmware) -> None:
    def started(orig: Any, mqtt: Mqtt) -> None:
        orig(replace(mqtt, keepalive=mqtt.keepalive and max(mqtt.keepalive, mqtt.timeout)))

    wrap(fw.session, "started", started)


@fault(
    "nw-late-puback-says-ok",
    "history",
    "FMT-01 FMT-12",
    "When PUBACK comes after PUB was answered by an error, OK follows as well.",
    'AT+ALYMQTTCFG=0,600,60000\n!open\n!mute 3\nAT+ALYMQTTPUB="/a",1,"x"\n!cloud 40020001\n!lines 1\nAT',
)
def _(fw: Firmware) -> None:
    late: set[int] = set()

    def wait(orig: Any, kind: int, pid: int, seconds: float) -> Any:
        answer = orig(kind, pid, seconds)
        if kind == p.PUBACK and answer is None:
            late.add(pid)
        return answer

    def handle(orig: Any, packet: p.Packet) -> None:
        orig(packet)
        pid = int.from_bytes(packet.body[:2], "big")
        if packet.kind == p.PUBACK and pid in late:
            late.discard(pid)
            fw.send(b"\r\nOK\r\n")

    wrap(fw.session, "wait", wait)
    wrap(fw.session, "handle", handle)
    each_session(fw, late.clear)


@fault(
    "mq-two-counters",
    "history",
    "MQ-01",
    "PUB counts its packet identifiers apart from SUB and UNSUB: one that still waits for PUBACK is given again.",
    'AT+ALYMQTTCFG=0,600,60000\n!open\n!mute 3\nAT+ALYMQTTPUB="/a",1,"x"\nAT+ALYMQTTSUB="/a",0',
)
def _(fw: Firmware) -> None:
    last = {True: 0, False: 0}
    publishing: list[int] = []

    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        publishing.append(1)
        try:
            orig(topic, qos, payload)
        finally:
            publishing.clear()

    def next_pid(orig: Any) -> int:
        which = bool(publishing)
        last[which] = last[which] % 65535 + 1
        return last[which]

    wrap(fw.session, "publish", publish)
    wrap(fw.session, "next_pid", next_pid)
    each_session(fw, lambda: last.update({True: 0, False: 0}))


@fault(
    "sc-malformed-under-command",
    "combination",
    "SC-01 FMT-01 NW-04",
    "A malformed packet that comes while a command waits for the cloud ends the connection; the wait goes on for ever.",
    SUB + '!late 8 f000\nAT+ALYMQTTSUB="/b",0',
)
def _(fw: Firmware) -> None:
    bad: list[int] = []

    def handle(orig: Any, packet: p.Packet) -> None:
        try:
            orig(packet)
        except p.BadPacket:
            bad[:] = [1]
            raise

    def wait(orig: Any, kind: int, pid: int, seconds: float) -> Any:
        bad.clear()
        answer = orig(kind, pid, seconds)
        if bad and answer is None and kind != p.CONNACK:
            fw.board.loop.wait(lambda: False, FOR_EVER)
        return answer

    wrap(fw.session, "handle", handle)
    wrap(fw.session, "wait", wait)
