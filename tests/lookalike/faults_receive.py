"""Faults of downlink messages and their URC."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import packets as p
from .firmware import Firmware
from .registry import Registry, wrap

AREA = Registry("receive")
fault = AREA

SUB = '!open\nAT+ALYMQTTSUB="/a",1\n'


def on_shown(fw: Firmware, change: Any) -> None:
    """Let `change(message)` say what is shown of a message; nothing: it is not shown."""

    def show(orig: Any, message: p.Publish) -> None:
        changed = change(message)
        if changed is not None:
            orig(changed)

    wrap(fw.session, "show", show)


def on_payload(fw: Firmware, change: Any) -> None:
    """Let `change(payload)` say what is shown of a payload."""
    on_shown(fw, lambda message: replace(message, payload=change(message.payload)))


@fault(
    "rv-retained-twice",
    "combination",
    "RV-01",
    "A retained message is shown twice.",
    '!open\n!retain 0 /a x\nAT+ALYMQTTSUB="/a",0\n!lines 2',
)
def _(fw: Firmware) -> None:
    def show(orig: Any, message: p.Publish) -> None:
        orig(message)
        if message.retain:
            orig(message)

    wrap(fw.session, "show", show)


@fault(
    "rv-retained-dropped",
    "combination",
    "RV-01 SU-01",
    "A retained message of QoS 1 is acknowledged and not shown.",
    '!open\n!retain 1 /a x\nAT+ALYMQTTSUB="/a",1\n!lines 1',
)
def _(fw: Firmware) -> None:
    on_shown(fw, lambda message: None if message.retain and message.qos else message)


@fault(
    "rv-json-quotes-escaped",
    "combination",
    "RV-02 LP-01 RV-01",
    'Quotes of a payload that begins with a brace are shown as `\\"`.',
    SUB + '!down 1 /a {"x":1}',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload.replace(b'"', b'\\"') if payload[:1] == b"{" else payload)


@fault(
    "rv-quoted-payload-bare",
    "combination",
    "RV-02 RV-01",
    "Quotes around a whole payload are taken away.",
    SUB + '!down 1 /a "x"',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda pl: pl[1:-1] if len(pl) > 2 and pl[:1] == b'"' == pl[-1:] else pl)


@fault(
    "rv-256-loses-one",
    "combination",
    "RV-07 RV-01",
    "A payload whose length is a multiple of 256 is shown without its last byte.",
    SUB + "!down 1 /a {x*256}",
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload[:-1] if payload and len(payload) % 256 == 0 else payload)


@fault(
    "rv-line-of-512",
    "combination",
    "RV-07 RV-01",
    "The line of a downlink is cut to 511 characters.",
    SUB + "!down 1 /a {x*505}",
)
def _(fw: Firmware) -> None:
    wrap(fw, "urc", lambda orig, message: orig(message)[:511])


@fault(
    "rv-one-byte-lost",
    "plain",
    "RV-01 RV-07",
    "A payload of one byte is not shown.",
    SUB + "!down 1 /a x",
)
def _(fw: Firmware) -> None:
    on_shown(fw, lambda message: None if len(message.payload) == 1 else message)


@fault(
    "rv-same-again-dropped",
    "history",
    "RV-01",
    "A message with topic and payload of the one before is taken for a repetition and not shown.",
    SUB + "!down 1 /a x1\n!down 1 /a x1",
)
def _(fw: Firmware) -> None:
    last: list[tuple[bytes, bytes]] = []

    def change(message: p.Publish) -> p.Publish | None:
        again = last == [(message.topic, message.payload)]
        last[:] = [(message.topic, message.payload)]
        return None if again else message

    on_shown(fw, change)


@fault(
    "rv-same-pid-dropped",
    "history",
    "RV-01 RV-03 SE-01",
    "A QoS 1 message with the packet identifier of the last one before a CLOSE is not shown.",
    SUB + "!down 1 /a one\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN\n!down 1 /a two\n!down 1 /a three",
)
def _(fw: Firmware) -> None:
    last: dict[int, int] = {}

    def change(message: p.Publish) -> p.Publish | None:
        now = fw.session.generation
        if message.qos and any(pid == message.pid and when != now for when, pid in last.items()):
            return None
        if message.qos:
            last[now] = message.pid
        return message

    on_shown(fw, change)


@fault(
    "rv-topic-of-last-message",
    "history",
    "RV-01",
    "A message whose topic is as long as that of the one before is shown with that one's topic.",
    SUB + 'AT+ALYMQTTSUB="/b",1\n!down 1 /a one\n!down 1 /b two',
)
def _(fw: Firmware) -> None:
    last = [b""]

    def change(message: p.Publish) -> p.Publish:
        if len(last[0]) != len(message.topic):
            last[0] = message.topic
        return replace(message, topic=last[0])

    on_shown(fw, change)


@fault(
    "rv-shorter-keeps-tail",
    "history",
    "RV-01",
    "A payload of QoS 0 one byte shorter than the one before is shown with that one's last byte.",
    SUB + "!down 0 /a xyz\n!down 0 /a ab",
)
def _(fw: Firmware) -> None:
    last = [b""]

    def change(payload: bytes) -> bytes:
        old, last[0] = last[0], payload
        return payload + old[-1:] if payload and len(payload) + 1 == len(old) else payload

    def shown(message: p.Publish) -> p.Publish:
        return replace(message, payload=change(message.payload)) if not message.qos else message

    on_shown(fw, shown)


def flood(count: int) -> str:
    """So many QoS 1 messages in one write."""
    raw = b"".join(p.Publish(b"/a", b"%d" % (at + 10), 1, at + 1).packet().encode() for at in range(count))
    return f"!cloud {raw.hex()}\n!lines {count}"


@fault(
    "rv-ring-of-16",
    "combination",
    "RV-03 RV-01",
    "Of the messages that come in one read of the socket only 16 are shown; all are acknowledged.",
    SUB + flood(20),
)
def _(fw: Firmware) -> None:
    room: list[int] = [16]

    def received(orig: Any, data: bytes) -> None:
        room[0] = 16
        orig(data)

    def change(message: p.Publish) -> p.Publish | None:
        room[0] -= 1
        return message if room[0] >= 0 else None

    wrap(fw.session, "received", received)
    on_shown(fw, change)


@fault(
    "rv-eighth-behind-ninth",
    "combination",
    "RV-03",
    "When many messages come back to back, each eighth is shown behind the ninth.",
    SUB + flood(20),
)
def _(fw: Firmware) -> None:
    held: list[p.Publish] = []
    count: list[int] = [0]

    def release() -> None:
        if held:
            plainly(held.pop())

    plainly = fw.session.show

    def show(orig: Any, message: p.Publish) -> None:
        count[0] += 1
        if count[0] % 8 == 0 and not held:
            held.append(message)
            fw.board.loop.after(0.05, release)
            return
        orig(message)
        if held:
            orig(held.pop())

    wrap(fw.session, "show", show)


@fault(
    "rv-puback-of-low-byte",
    "history",
    "RV-06 MQ-01",
    "PUBACK carries the low byte of the packet identifier: from 256 on it is a wrong one.",
    SUB + "!cloud 320800022f6101237878\n!lines 1",
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "acknowledge", lambda orig, message: orig(replace(message, pid=message.pid & 0xFF)))


@fault(
    "rv-no-puback-for-long",
    "combination",
    "RV-06",
    "A QoS 1 message of more than 256 bytes is shown and not acknowledged.",
    SUB + "!down 1 /a {x*300}",
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "acknowledge", lambda orig, message: None if len(message.payload) > 256 else orig(message))


@fault(
    "rv-no-puback-in-clean-session",
    "combination",
    "RV-06",
    "With clean_session 1 QoS 1 messages are not acknowledged.",
    "AT+ALYMQTTCFG=1,2000,60000\n" + SUB + "!down 1 /a xx",
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "acknowledge", lambda orig, message: None if fw.session.used[1].clean else orig(message))


@fault(
    "rv-four-byte-character",
    "combination",
    "RV-07 RV-01",
    "A character of four UTF-8 bytes is shown as a question mark.",
    SUB + "!down 1 /a x😀y",
)
def _(fw: Firmware) -> None:
    def change(payload: bytes) -> bytes:
        try:
            text = payload.decode("utf-8")
        except UnicodeDecodeError:
            return payload
        return "".join("?" if ord(char) > 0xFFFF else char for char in text).encode()

    on_payload(fw, change)


@fault(
    "rv-through-printf",
    "combination",
    "RV-02 RV-01",
    "The line of a downlink is printed as a format: `%%` is shown as one per cent sign.",
    SUB + "!down 1 /a 5%%6",
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload.replace(b"%%", b"%"))


@fault(
    "rv-backslash-n",
    "combination",
    "RV-02 RV-01",
    "A backslash and an n in a payload are shown as a line feed.",
    SUB + "!down 1 /a x\\ny\n!lines 1",
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload.replace(b"\\n", b"\r\n"))


@fault(
    "rv-number-normalised",
    "combination",
    "RV-01 RV-02",
    "A payload of digits only loses its leading zeros.",
    SUB + "!down 1 /a 007",
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: b"%d" % int(payload) if payload.isdigit() and len(payload) < 10 else payload)


@fault(
    "rv-blanks-trimmed",
    "combination",
    "RV-01 RV-02",
    "Blanks at either end of a payload are trimmed.",
    SUB + "!down 1 /a  xx ",
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload.strip(b" "))


@fault(
    "rv-own-message-without-topic",
    "history",
    "RV-01",
    "What the module has published itself in the session is shown without its topic when it comes back.",
    SUB + 'AT+ALYMQTTPUB="/a",1,"x1"\n!lines 1',
)
def _(fw: Firmware) -> None:
    sent: set[bytes] = set()

    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        if qos:
            sent.add(payload)
        orig(topic, qos, payload)

    wrap(fw.session, "publish", publish)
    on_shown(fw, lambda message: replace(message, topic=b"") if message.payload in sent else message)
