"""Faults of downlink messages that meet a command."""

from __future__ import annotations

from typing import Any

from . import packets as p
from .firmware import Firmware
from .lines import Line
from .registry import Registry, wrap

AREA = Registry("receive under command")
fault = AREA

SUB = '!open\nAT+ALYMQTTSUB="/a",1\n'


def on_shown(fw: Firmware, change: Any) -> None:
    """Let `change(message)` say what is shown of a message; nothing: it is not shown."""

    def show(orig: Any, message: p.Publish) -> None:
        changed = change(message)
        if changed is not None:
            orig(changed)

    wrap(fw.session, "show", show)


@fault(
    "rv-no-puback-under-command",
    "combination",
    "RV-06",
    "A QoS 1 message that comes while a command waits for the cloud is not acknowledged.",
    SUB + "!late 8 320800022f6100017878\n" + 'AT+ALYMQTTSUB="/b",0\n!lines 1',
)
def _(fw: Firmware) -> None:
    def obey(orig: Any, line: Line) -> Any:
        fw.memo["busy"] = True
        try:
            return orig(line)
        finally:
            fw.memo["busy"] = False

    fw.memo["busy"] = False
    wrap(fw, "obey", obey)
    wrap(fw.session, "acknowledge", lambda orig, message: None if fw.memo["busy"] else orig(message))


@fault(
    "rv-final-result-split",
    "combination",
    "RV-04 FMT-07 FMT-01",
    "A message that comes while a command waits for the cloud is shown in the middle of its OK.",
    SUB + "!late 8 320800022f6100017878\n" + 'AT+ALYMQTTSUB="/b",0\n!lines 2',
)
def _(fw: Firmware) -> None:
    held: list[bytes] = []
    busy: list[int] = []

    def obey(orig: Any, line: Line) -> Any:
        busy.append(1)
        try:
            return orig(line)
        finally:
            busy.pop()

    def send(orig: Any, data: bytes) -> None:
        if busy and data.startswith(b"\r\n+MQTTRECV"):
            held.append(data)
            return
        orig(data)

    def answer(orig: Any, line: Line, information: list[bytes], code: int | None) -> None:
        if held:
            final = fw.final(code)
            fw.board.send(b"\r\n" + final[:1] + b"".join(held) + final[1:] + b"\r\n")
            held.clear()
            return
        orig(line, information, code)

    wrap(fw, "obey", obey)
    wrap(fw, "send", send)
    wrap(fw, "answer", answer)


@fault(
    "rv-lost-under-command",
    "combination",
    "RV-01 RV-03 RV-04",
    "A message that comes while SUB or PUB waits for the cloud is acknowledged and not shown.",
    SUB + "!late 8 320800022f6100017878\n" + 'AT+ALYMQTTSUB="/b",0\n!lines 1',
)
def _(fw: Firmware) -> None:
    waiting: list[int] = []

    def wait(orig: Any, kind: int, pid: int, seconds: float) -> Any:
        if kind == p.CONNACK:
            return orig(kind, pid, seconds)
        waiting.append(1)
        try:
            return orig(kind, pid, seconds)
        finally:
            waiting.pop()

    wrap(fw.session, "wait", wait)
    on_shown(fw, lambda message: None if waiting else message)


@fault(
    "rv-command-lost-to-urc",
    "combination",
    "RV-04 FMT-01",
    "A downlink throws away what has come of a command line so far.",
    SUB + "!serial 41542b414c594d515454434647\n!lines 1\n!down 1 /a xx\n!serial 3f0d\n!lines 2",
)
def _(fw: Firmware) -> None:
    def show(orig: Any, message: p.Publish) -> None:
        orig(message)
        fw.reader.buffer.clear()

    wrap(fw.session, "show", show)


@fault(
    "rv-long-urc-in-two-pieces",
    "combination",
    "FMT-07 RV-04",
    "A downlink line over 192 bytes is written in two pieces: an answer that falls between them splits it.",
    SUB + "!cloud 30d60100022f61" + "78" * 210 + "\n!again 4 AT+ALYMQTTCFG?\n!lines 1",
)
def _(fw: Firmware) -> None:
    rest: list[bytes] = []

    def release() -> None:
        if rest:
            fw.send(rest.pop())

    def show(orig: Any, message: p.Publish) -> None:
        release()
        line = b"\r\n" + fw.urc(message) + b"\r\n"
        if len(line) < 192:
            orig(message)
            return
        fw.send(line[:128])
        rest.append(line[128:])
        fw.board.loop.after(0.05, release)

    wrap(fw.session, "show", show)
