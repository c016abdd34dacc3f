"""Faults of names, codes and final results."""

from __future__ import annotations

import re
from typing import Any

from .firmware import Firmware
from .lines import UNKNOWN, Line, Refusal
from .registry import Registry, wrap
from .settings import NAMES

AREA = Registry("answers")
fault = AREA


@fault(
    "px-long-name-pollutes",
    "parser",
    "FMT-12 FMT-05 FZ-01",
    "A command name of 32 letters or more overruns its buffer: the next ALY command is unknown.",
    "AT+{A*40}\nAT+ALYDEVICENAME?\nAT+ALYDEVICENAME?",
)
def _(fw: Firmware) -> None:
    spoilt: list[int] = []

    def extended(orig: Any, rest: bytes) -> Any:
        if spoilt and rest.upper().startswith(b"+ALY"):
            spoilt.clear()
            raise Refusal(UNKNOWN)
        match = re.match(rb"\+[A-Za-z0-9]{32,}", rest)
        if match:
            spoilt[:] = [1]
        return orig(rest)

    wrap(fw.commands, "extended", extended)


@fault(
    "px-unknown-query-error-and-ok",
    "parser",
    "FMT-01 FMT-05 FMT-12",
    "The query of an unknown command is answered by an error and then by OK.",
    "AT+NOSUCH?\nAT+ALYDEVICENAME?",
)
def _(fw: Firmware) -> None:
    def answer(orig: Any, line: Line, information: list[bytes], code: int | None) -> None:
        orig(line, information, code)
        if code == UNKNOWN and line.raw.endswith(b"?"):
            orig(line, [], None)

    wrap(fw, "answer", answer)


@fault(
    "px-name-by-prefix",
    "parser",
    "FMT-05",
    "A name is known when it begins with a known one: `AT+ALYDEVICENAMES?` is answered.",
    "AT+ALYDEVICENAMES?",
)
def _(fw: Firmware) -> None:
    def extended(orig: Any, rest: bytes) -> Any:
        match = re.fullmatch(rb"\+(ALY[A-Z0-9]+)(\?)", rest, re.DOTALL)
        if match and match.group(1) not in fw.commands.table:
            for name in fw.commands.table:
                if match.group(1).startswith(name):
                    rest = b"+" + name + match.group(2)
        return orig(rest)

    wrap(fw.commands, "extended", extended)


@fault(
    "px-name-abbreviated",
    "parser",
    "FMT-05",
    "The beginning of a name is enough: `AT+ALYMQTTC?` is answered as AT+ALYMQTTCFG?.",
    "AT+ALYMQTTC?",
)
def _(fw: Firmware) -> None:
    def extended(orig: Any, rest: bytes) -> Any:
        match = re.fullmatch(rb"\+(ALY[A-Z0-9]{4,})(\?)", rest, re.DOTALL)
        if match and match.group(1) not in fw.commands.table:
            for name in fw.commands.table:
                if name.startswith(match.group(1)):
                    return orig(b"+" + name + match.group(2))
        return orig(rest)

    wrap(fw.commands, "extended", extended)


@fault(
    "px-echo-back-after-errors",
    "history",
    "FMT-13",
    "Three errors in a row turn the echo on again.",
    "AT+NOSUCH\nAT+NOSUCH\nAT+NOSUCH\nAT",
)
def _(fw: Firmware) -> None:
    row: list[int] = [0]

    def answer(orig: Any, line: Line, information: list[bytes], code: int | None) -> None:
        orig(line, information, code)
        row[0] = row[0] + 1 if code is not None else 0
        if row[0] == 3:
            fw.commands.echo = True

    wrap(fw, "answer", answer)


@fault(
    "px-odd-error-while-open",
    "combination",
    "FMT-10 FMT-01 OP-04",
    "While a session is open the codes from 700 on are printed as `ERROR=<code>`.",
    "!open\nAT+ALYMQTTOPEN\nAT",
)
def _(fw: Firmware) -> None:
    def final(orig: Any, code: int | None) -> bytes:
        if code is not None and code >= 700 and fw.session.is_open:
            return b"ERROR=%d" % code
        return bytes(orig(code))

    wrap(fw, "final", final)


@fault(
    "px-second-dialect-after-706",
    "history",
    "FMT-10",
    "After the first 705 or 706 errors of the ALY commands are printed as `ERROR: <code>`.",
    'AT+ALYMQTTOPEN\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN\nAT+ALYMQTTSUB="a",0',
)
def _(fw: Firmware) -> None:
    seen: list[int] = []

    def final(orig: Any, code: int | None) -> bytes:
        old = bool(seen)
        if code in (705, 706):
            seen.append(1)
        return b"ERROR: %d" % code if old and code is not None and code >= 700 else bytes(orig(code))

    wrap(fw, "final", final)


@fault(
    "px-too-long-is-code-3",
    "combination",
    "FMT-11 ID-03-DN",
    "A DeviceName of more than 64 bytes is refused with the general code 3.",
    'AT+ALYDEVICENAME="{n*80}"',
)
def _(fw: Firmware) -> None:
    def fits(orig: Any, key: str, value: bytes) -> bool:
        if key == "DN" and len(value) > 64:
            raise Refusal(3)
        return bool(orig(key, value))

    wrap(fw.identity, "fits", fits)


@fault(
    "px-closed-is-709",
    "combination",
    "FMT-11 SU-03",
    "PUB while closed answers 709 when its payload is longer than 100 bytes.",
    'AT+ALYMQTTPUB="/a",0,"{x*120}"',
)
def _(fw: Firmware) -> None:
    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        if not fw.session.is_open and len(payload) > 100:
            raise Refusal(709)
        orig(topic, qos, payload)

    wrap(fw.session, "publish", publish)


@fault(
    "id-stale-error-code",
    "history",
    "ID-03-* FMT-11",
    "An over-long value is answered with the code of the error before, if there was one since power-up.",
    'AT+ALYMQTTCLOSE\nAT+ALYDEVICENAME="{n*33}"',
)
def _(fw: Firmware) -> None:
    last: list[int] = []

    def final(orig: Any, code: int | None) -> bytes:
        if code is not None:
            shown = last[-1] if last and code == 708 and fw.memo.get("in-identity") else code
            last.append(code)
            code = shown
        return bytes(orig(code))

    def set_identity(orig: Any, key: str, raw: bytes) -> None:
        fw.memo["in-identity"] = True
        orig(key, raw)
        fw.memo["in-identity"] = False

    def obey(orig: Any, line: Any) -> Any:
        fw.memo["in-identity"] = False
        return orig(line)

    wrap(fw, "final", final)
    wrap(fw, "obey", obey)
    wrap(fw.commands, "set_identity", set_identity)


@fault(
    "id-name-cut-in-answer",
    "plain",
    "FMT-03",
    "The answer to the ProductSecret's query begins with the first 15 letters of the name only.",
    'AT+ALYPRODUCTSECRET="ps"\nAT+ALYPRODUCTSECRET?',
)
def _(fw: Firmware) -> None:
    wrap(fw.commands, "identity_name", lambda orig, name: orig(name)[:15])


@fault(
    "id-max-query-without-ok",
    "combination",
    "FMT-01 ID-01-PS ID-02-PS",
    "The query of a ProductSecret of 64 bytes ends without OK: the line fills the buffer.",
    'AT+ALYPRODUCTSECRET="{s*64}"\nAT+ALYPRODUCTSECRET?',
)
def _(fw: Firmware) -> None:
    def answer(orig: Any, line: Any, information: list[bytes], code: int | None) -> None:
        head = b"+" + NAMES["PS"].encode()
        if information and information[0].startswith(head) and len(information[0]) >= len(head) + 65:
            fw.send(b"\r\n" + information[0] + b"\r\n")
            return
        orig(line, information, code)

    wrap(fw, "answer", answer)
