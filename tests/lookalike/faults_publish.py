"""Faults of PUB."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import packets as p
from .firmware import Firmware
from .lines import BAD_SYNTAX, Param, Refusal
from .registry import Registry, wrap
from .settings import BAD_VALUE

AREA = Registry("publish")
fault = AREA


def on_payload(fw: Firmware, change: Any) -> None:
    """Let `change(payload)` say what is really published."""
    wrap(fw.commands, "payload", lambda orig, param: change(orig(param)))


def on_message(fw: Firmware, change: Any) -> None:
    """Let `change(message)` say what message is really sent."""
    wrap(fw.session, "message", lambda orig, *args: change(orig(*args)))


@fault(
    "pu-ninth-escape",
    "combination",
    "PU-02 PU-03 PU-01",
    'Only the first eight `\\"` of a payload are understood; from the ninth on the backslash stays.',
    '!open\nAT+ALYMQTTPUB="/a",0,"{\\"*10}"',
)
def _(fw: Firmware) -> None:
    def change(payload: bytes) -> bytes:
        parts = payload.split(b'"')
        return b'"'.join(parts[:9]) + b"".join(b'\\"' + part for part in parts[9:])

    on_payload(fw, change)


@fault(
    "pu-escape-at-the-end",
    "combination",
    "PU-02 PU-01",
    'A `\\"` at the very end of a payload is lost with the closing quote.',
    '!open\nAT+ALYMQTTPUB="/a",0,"say \\"hi\\""',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload[:-1] if payload.endswith(b'"') else payload)


@fault(
    "pu-escape-before-comma",
    "combination",
    "PU-02 PU-03 PU-01",
    'Behind `\\"` the next character is skipped when it is a comma.',
    '!open\nAT+ALYMQTTPUB="/a",0,"{\\"a\\":\\"b\\",\\"c\\":1}"',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload.replace(b'",', b'"'))


@fault(
    "pu-number-normalised",
    "combination",
    "PU-01 PU-03",
    "A payload of digits only goes through a number and loses its leading zeros.",
    '!open\nAT+ALYMQTTPUB="/a",0,"0042"',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: b"%d" % int(payload) if payload.isdigit() and len(payload) < 10 else payload)


@fault(
    "pu-brackets-must-balance",
    "combination",
    "PU-01 PU-03",
    "A payload with a closing brace or bracket that was not opened is refused.",
    '!open\nAT+ALYMQTTPUB="/a",0,"a}b{"',
)
def _(fw: Firmware) -> None:
    def change(payload: bytes) -> bytes:
        for left, right in (b"{}", b"[]"):
            depth = 0
            for byte in payload:
                depth += (byte == left) - (byte == right)
                if depth < 0:
                    raise Refusal(BAD_VALUE)
        return payload

    on_payload(fw, change)


@fault(
    "pu-trailing-blanks",
    "combination",
    "PU-01 PU-03",
    "Blanks at the end of a payload are trimmed.",
    '!open\nAT+ALYMQTTPUB="/a",0,"x  "',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload.rstrip(b" ") or payload)


@fault(
    "pu-double-blanks",
    "combination",
    "PU-01 PU-03",
    "Two blanks in a row within a payload become one when the payload begins with a brace.",
    '!open\nAT+ALYMQTTPUB="/a",0,"{ 1  2 }"',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload.replace(b"  ", b" ") if payload[:1] == b"{" else payload)


@fault(
    "pu-comment-cut",
    "combination",
    "PU-01 PU-03",
    "What stands behind two slashes in a payload is taken for a comment and cut.",
    '!open\nAT+ALYMQTTPUB="/a",0,"http://x"',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload.split(b"//")[0] or payload)


@fault(
    "pu-per-cent-decoded",
    "combination",
    "PU-01 PU-03",
    "A per cent sign and two hexadecimal digits in a payload become one byte.",
    '!open\nAT+ALYMQTTPUB="/a",0,"100%41"',
)
def _(fw: Firmware) -> None:
    def change(payload: bytes) -> bytes:
        head, *rest = payload.split(b"%")
        for part in rest:
            try:
                head += bytes([int(part[:2], 16)]) + part[2:] if len(part) >= 2 else b"%" + part
            except ValueError:
                head += b"%" + part
        return head

    on_payload(fw, change)


@fault(
    "pu-256-loses-one",
    "combination",
    "PU-01 PU-06",
    "A payload of exactly 256 bytes loses its last.",
    '!open\nAT+ALYMQTTPUB="/a",0,"{x*256}"',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload[:255] if len(payload) == 256 else payload)


@fault(
    "pu-character-on-the-edge",
    "combination",
    "PU-06 PU-01",
    "A UTF-8 character that lies across byte 128 of the payload is replaced by a question mark.",
    '!open\nAT+ALYMQTTPUB="/a",0,"a{é*100}"',
)
def _(fw: Firmware) -> None:
    def change(payload: bytes) -> bytes:
        if len(payload) <= 128 or payload[128] & 0xC0 != 0x80:
            return payload
        return payload[:128].decode("utf-8", "ignore").encode() + b"?" + payload[128:].lstrip(bytes(range(0x80, 0xC0)))

    on_payload(fw, change)


@fault(
    "pu-512-refused",
    "plain",
    "PU-06 PU-01",
    "A payload of 512 bytes is refused: the buffer has no room for the end mark.",
    '!open\nAT+ALYMQTTPUB="/a",0,"{x*512}"',
)
def _(fw: Firmware) -> None:
    def change(payload: bytes) -> bytes:
        if len(payload) >= 512:
            raise Refusal(BAD_VALUE)
        return payload

    on_payload(fw, change)


@fault(
    "pu-too-long-is-cut",
    "plain",
    "PU-01 PU-06",
    "A payload over 1024 bytes is cut to 1024 and answered OK.",
    '!open\nAT+ALYMQTTPUB="/a",0,"{x*1100}"',
)
def _(fw: Firmware) -> None:
    wrap(fw.commands, "payload", lambda orig, param: orig(Param(param.text[:1024], param.quoted)))


@fault(
    "pu-escaped-length-cut",
    "combination",
    "PU-01 PU-02 PU-06",
    "The buffer of 512 counts the payload with its backslashes: what is beyond is cut.",
    '!open\nAT+ALYMQTTPUB="/a",0,"{\\"*300}"',
)
def _(fw: Firmware) -> None:
    def change(payload: bytes) -> bytes:
        room = 512
        for at, byte in enumerate(payload):
            room -= 2 if byte in b'"\\' else 1
            if room < 0 and len(payload) <= 512:
                return payload[:at]
        return payload

    on_payload(fw, change)


@fault(
    "pu-tls-cuts-at-384",
    "combination",
    "PU-01 PU-06",
    "Over TLS a payload of more than 384 bytes is cut.",
    'AT+ALYCONNECTCFG=0,443,1\n!open\nAT+ALYMQTTPUB="/a",0,"{x*400}"',
)
def _(fw: Firmware) -> None:
    on_payload(fw, lambda payload: payload[:384] if fw.session.used[0].tls else payload)


@fault(
    "pu-dup-on-same-payload",
    "history",
    "MQ-01",
    "A QoS 1 message with the payload of the one before goes out with DUP.",
    '!open\nAT+ALYMQTTPUB="/a",1,"x"\nAT+ALYMQTTPUB="/a",1,"x"',
)
def _(fw: Firmware) -> None:
    last: list[bytes] = []

    def change(message: p.Publish) -> p.Publish:
        again = message.qos == 1 and last == [message.payload]
        last[:] = [message.payload]
        return replace(message, dup=again)

    on_message(fw, change)


@fault(
    "pu-sent-again-without-dup",
    "combination",
    "MQ-01 PU-01",
    "When PUBACK is late, a QoS 1 message is sent again without DUP.",
    'AT+ALYMQTTCFG=0,600,60000\n!open\n!mute 3\nAT+ALYMQTTPUB="/a",1,"x"',
)
def _(fw: Firmware) -> None:
    def message(orig: Any, topic: bytes, qos: int, payload: bytes, pid: int) -> p.Publish:
        made: p.Publish = orig(topic, qos, payload, pid)
        generation = fw.session.generation

        def again() -> None:
            if fw.session.generation == generation and fw.session.awaited.answers.get((p.PUBACK, pid), b"") is None:
                fw.session.transmit(made.packet())

        if qos:
            fw.board.loop.after(fw.session.seconds() / 2, again)
        return made

    wrap(fw.session, "message", message)


@fault(
    "pu-retain-with-qos-1",
    "combination",
    "PU-01",
    "In a session with clean_session 0 messages of QoS 1 go out with retain on.",
    '!open\nAT+ALYMQTTPUB="/a",1,"x"',
)
def _(fw: Firmware) -> None:
    on_message(fw, lambda m: replace(m, retain=m.qos == 1 and not fw.session.used[1].clean))


@fault(
    "pu-retain-after-retained",
    "history",
    "PU-01",
    "After a retained downlink the next message that is published has retain on (the flag of the last header is used).",
    '!open\n!retain 0 /a x\nAT+ALYMQTTSUB="/a",0\n!lines 1\nAT+ALYMQTTPUB="/b",0,"y"',
)
def _(fw: Firmware) -> None:
    seen: list[int] = []

    def downlink(orig: Any, message: p.Publish) -> None:
        if message.retain:
            seen.append(1)
        orig(message)

    wrap(fw.session, "downlink", downlink)
    on_message(fw, lambda message: replace(message, retain=bool(seen and seen.pop())))


@fault(
    "pu-qos-of-last-sub",
    "history",
    "PU-01",
    "PUB with QoS 1 goes out with QoS 0 when the last SUB asked for QoS 0.",
    '!open\nAT+ALYMQTTSUB="/b",0\nAT+ALYMQTTPUB="/a",1,"x"',
)
def _(fw: Firmware) -> None:
    last: list[int] = []

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        last[:] = [qos]
        orig(topic, qos)

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "publish", lambda orig, topic, qos, payload: orig(topic, 0 if last == [0] else qos, payload))


@fault(
    "pu-topic-of-same-length",
    "history",
    "PU-01",
    "A topic as long as that of the PUB before is taken for the same, and the old one is used.",
    '!open\nAT+ALYMQTTPUB="/a",0,"x"\nAT+ALYMQTTPUB="/b",0,"y"',
)
def _(fw: Firmware) -> None:
    last: list[bytes] = [b""]

    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        if len(topic) != len(last[0]):
            last[0] = topic
        orig(last[0], qos, payload)

    wrap(fw.session, "publish", publish)


@fault(
    "pu-shorter-after-longer",
    "history",
    "PU-01",
    "A payload one byte shorter than the one before in the same session keeps that one's last byte.",
    '!open\nAT+ALYMQTTPUB="/a",0,"xyz"\nAT+ALYMQTTPUB="/a",0,"ab"',
)
def _(fw: Firmware) -> None:
    last: list[bytes] = [b""]

    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        old, last[0] = last[0], payload
        orig(topic, qos, payload + old[-1:] if len(payload) + 1 == len(old) and payload else payload)

    wrap(fw.session, "publish", publish)


@fault(
    "pu-after-refused-pub",
    "history",
    "PU-01 FMT-12",
    "The PUB after one that was refused for its QoS goes out with QoS 1.",
    '!open\nAT+ALYMQTTPUB="/a",3,"x"\nAT+ALYMQTTPUB="/a",0,"y"',
)
def _(fw: Firmware) -> None:
    bad: list[int] = []

    def qos(orig: Any, param: Param) -> int:
        try:
            found = int(orig(param))
        except Refusal:
            bad.append(1)
            raise
        return found

    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        orig(topic, 1 if bad and bad.pop() else qos, payload)

    wrap(fw.commands, "qos", qos)
    wrap(fw.session, "publish", publish)


@fault(
    "pu-length-128-in-one-byte",
    "combination",
    "PU-01 PU-06",
    "A PUBLISH with a remaining length of exactly 128 has it written as 127 and loses a byte.",
    '!open\nAT+ALYMQTTPUB="/abc",0,"{x*122}"',
)
def _(fw: Firmware) -> None:
    def send(orig: Any, data: bytes) -> None:
        if data[0] >> 4 == p.PUBLISH and data[1:3] == b"\x80\x01":
            data = data[:1] + b"\x7f" + data[3:-1]
        orig(data)

    wrap(fw.session, "send_bytes", send)


@fault(
    "pu-missing-payload-is-last",
    "history",
    "PU-04",
    "PUB without a payload publishes the last one again.",
    '!open\nAT+ALYMQTTPUB="/a",0,"x"\nAT+ALYMQTTPUB="/a",0',
)
def _(fw: Firmware) -> None:
    last: list[bytes] = []

    def command(operand: bytes) -> list[bytes]:
        if operand[:1] == b"=" and last and operand != b"=?":
            try:
                params = fw.params.split(operand[1:])
            except Refusal:
                params = []
            if len(params) == 2:
                fw.session.publish(fw.commands.topic_name(params[0]), fw.commands.qos(params[1]), last[0])
                return []
        return fw.commands.pub_command(operand)

    fw.commands.table[b"ALYMQTTPUB"] = command
    on_payload(fw, lambda payload: last.__setitem__(slice(None), [payload]) or payload)


@fault(
    "pu-qos-like-atoi",
    "combination",
    "PU-04 SU-02",
    "A QoS is read like atoi: `1x` is 1, `x` is 0.",
    '!open\nAT+ALYMQTTPUB="/a",x,"p"',
)
def _(fw: Firmware) -> None:
    def qos(orig: Any, param: Param) -> int:
        text = param.text
        digits = text[: len(text) - len(text.lstrip(b"0123456789"))]
        if not text:
            raise Refusal(BAD_SYNTAX)
        return int(orig(Param(digits or b"0", False)) if text[:1] != b"-" else orig(param))

    wrap(fw.commands, "qos", qos)
