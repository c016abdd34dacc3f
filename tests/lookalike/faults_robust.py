"""Faults that come with time and number, and further shapes of lines."""

from __future__ import annotations

import re
from typing import Any

from .faults_parser import crash, on_raw, silent, stop, when
from .firmware import Firmware, Restart
from .lines import BAD_NUMBER, BAD_SYNTAX, Line, Param, Refusal
from .registry import Registry, wrap

AREA = Registry("robust")
fault = AREA


@fault(
    "rb-slow-after-many-errors",
    "history",
    "FZ-03",
    "Each error leaks a log entry: after 300 of them every answer takes 60 ms more.",
)
def _(fw: Firmware) -> None:
    errors: list[int] = [0]

    def answer(orig: Any, line: Line, information: list[bytes], code: int | None) -> None:
        errors[0] += code is not None
        if errors[0] > 300:
            fw.board.loop.wait(lambda: False, 0.06)
        orig(line, information, code)

    wrap(fw, "answer", answer)


@fault(
    "rb-slower-and-slower",
    "history",
    "FZ-03",
    "Each identity value that is set lengthens a list that every command walks: 0.05 ms for each.",
)
def _(fw: Firmware) -> None:
    entries: list[int] = [0]

    def put(orig: Any, key: str, value: bytes) -> None:
        orig(key, value)
        entries[0] += 1

    def answer(orig: Any, line: Line, information: list[bytes], code: int | None) -> None:
        if entries[0] > 20:
            fw.board.loop.wait(lambda: False, entries[0] * 0.00005)
        orig(line, information, code)

    wrap(fw.identity, "put", put)
    wrap(fw, "answer", answer)


@fault(
    "rb-restart-after-1500",
    "history",
    "FZ-04 FZ-01 FZ-03 FMT-01",
    "After 1500 commands the heap is used up: the module restarts.",
    "!again 1600 AT\nAT+CMEE=0\n!again 3 AT",
)
def _(fw: Firmware) -> None:
    def run(orig: Any, line: Line) -> None:
        orig(line)
        if fw.count >= 1500:
            raise Restart

    wrap(fw, "run", run)


@fault(
    "rb-restart-after-bad-lines",
    "history",
    "FZ-04 FZ-01 FMT-12 FMT-01",
    "Forty malformed lines in a row restart the module.",
    "AT+CMEE=0\n" + "!again 41 AT+ALYMQTTCFG=1\nAT+CMEE?",
)
def _(fw: Firmware) -> None:
    row: list[int] = [0]

    def answer(orig: Any, line: Line, information: list[bytes], code: int | None) -> None:
        orig(line, information, code)
        row[0] = row[0] + 1 if code in (BAD_SYNTAX, BAD_NUMBER) else 0
        if row[0] >= 40:
            raise Restart

    wrap(fw, "answer", answer)


@fault(
    "rb-long-number-hangs",
    "parser",
    "FZ-01 FMT-01 MC-04 FMT-12 CC-03 CC-05",
    "A number of more than 32 digits overruns its buffer: the module hangs until the power is cut.",
    "AT+ALYMQTTCFG=0,{9*40},1\nAT",
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: re.search(rb"[=,][0-9]{33,}(,|$)", raw), stop)


@fault(
    "rb-many-quotes-restart",
    "parser",
    "FZ-01 FZ-04 FMT-01 FMT-12",
    "A line with more than eight quotes that are not escaped restarts the module.",
    'AT+ALYDEVICENAME="""""""""""\nAT',
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: len(re.findall(rb'(?<!\\)"', raw)) > 8, crash)


@fault(
    "rb-name-only-plus",
    "parser",
    "FZ-01 FMT-01 FMT-05",
    "A line `AT+` with no letter behind the plus is not answered.",
    "AT+\nAT+=1",
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: re.fullmatch(rb"AT\+[^A-Za-z]*", raw, re.DOTALL), silent)


@fault(
    "rb-blanks-only-value",
    "parser",
    "ID-01-* FZ-02 PU-01 PU-03",
    "A quoted value of blanks only is taken for a missing one.",
    'AT+ALYDEVICENAME="  "\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def string(orig: Any, param: Param) -> bytes:
        if param.quoted and param.text and not param.text.strip(b" ") and len(param.text) <= 64:
            raise Refusal(BAD_SYNTAX)
        return bytes(orig(param))

    wrap(fw.params, "string", string)


@fault(
    "rb-trailing-backslash-pairs",
    "parser",
    "FZ-01 FMT-12 FMT-01",
    "A string of backslashes only (four or more) runs the reader past the line's end: the next line is not answered.",
    'AT+ALYPRODUCTKEY="\\\\\\\\\nAT\nAT',
)
def _(fw: Firmware) -> None:
    lost: list[int] = []

    def run(orig: Any, line: Line) -> None:
        if lost:
            lost.clear()
            return
        if re.search(rb'"\\{4,}("|$)', line.raw) and line.raw[:2].upper() == b"AT":
            lost.append(1)
        orig(line)

    wrap(fw, "run", run)


@fault(
    "rb-half-character-restarts",
    "parser",
    "FZ-01 FZ-04 FMT-01 FMT-12",
    "An identity value that ends in the middle of a UTF-8 character makes the counter run on: the module restarts.",
    'AT+ALYDEVICENAME="ab\\xe4\\xbd"\nAT',
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        found = bytes(orig(key, raw))
        whole = found.decode("utf-8", "ignore").encode()
        if len(whole) < len(found) and found.startswith(whole):
            raise Restart
        return found

    wrap(fw.commands, "identity_value", value)


@fault(
    "rb-third-byte-before-comma",
    "parser",
    "PU-06 PU-01",
    "Of two three-byte UTF-8 characters before a comma in a quoted string the last byte is lost.",
    '!open\nAT+ALYMQTTPUB="/a",0,"你好,x"',
)
def _(fw: Firmware) -> None:
    def quoted(orig: Any, raw: bytes, at: int) -> tuple[bytes, int]:
        text, end = orig(raw, at)
        return re.sub(rb"([\xe0-\xef][\x80-\xbf]{2}[\xe0-\xef][\x80-\xbf])[\x80-\xbf],", rb"\1,", text), end

    wrap(fw.params, "quoted", quoted)


@fault(
    "rb-lf-inside-cuts",
    "parser",
    "FZ-01 FMT-01",
    "An LF in the middle of a line ends it without an answer, and the rest is no command line.",
    "AT+ALYMQTTCFG?\\x0ax\nAT",
)
def _(fw: Firmware) -> None:
    on_raw(fw, lambda raw: raw.rpartition(b"\n")[2])


@fault(
    "rb-at-inside-restarts-line",
    "parser",
    "PU-01 PU-03 ID-01-* FZ-02 SU-01",
    "The autobauder takes `AT+` anywhere in a line for its beginning.",
    '!open\nAT+ALYMQTTPUB="/a",0,"send AT+X"',
)
def _(fw: Firmware) -> None:
    def change(raw: bytes) -> bytes:
        at = raw.rfind(b"AT+")
        return raw[at:] if at > 2 and raw[:2].upper() == b"AT" else raw

    on_raw(fw, change)


@fault(
    "rb-junk-spoils-next",
    "parser",
    "FMT-12 FZ-01",
    "A line that does not begin with AT stays in the buffer and spoils the next one.",
    "!serial 41542b4e4f0d780d\n!lines 1\nAT\nAT",
)
def _(fw: Firmware) -> None:
    junk: list[int] = []

    def run(orig: Any, line: Line) -> None:
        if line.raw and line.raw[:2].upper() != b"AT":
            junk[:] = [1]
            return
        if junk:
            junk.clear()
            line = Line(b"AT+?" + line.raw[2:]) if line.raw[:2].upper() == b"AT" else line
        orig(line)

    wrap(fw, "run", run)


@fault(
    "rb-empty-lines-lock",
    "parser",
    "FZ-01 FMT-12",
    "Eight empty lines in a row lock the reader: the next line that begins with AT is swallowed.",
    "!serial 0d0d0d0d0d0d0d0d0d\nAT\nAT",
)
def _(fw: Firmware) -> None:
    row: list[int] = [0]

    def run(orig: Any, line: Line) -> None:
        if not line.raw:
            row[0] += 1
            return
        locked, row[0] = row[0] >= 8, 0
        if not locked:
            orig(line)

    wrap(fw, "run", run)


@fault(
    "rb-error-leaves-zero-length",
    "history",
    "FMT-12 ID-01-* FZ-02",
    "After a line with a parameter too many the next string that is set loses its first character.",
    'AT+ALYDEVICENAME="a","b"\nAT+ALYDEVICENAME="xyz"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    off: list[int] = []

    def take(orig: Any, raw: bytes, count: int) -> Any:
        params = fw.params.split(raw)
        if len(params) > count:
            off[:] = [1]
        return orig(raw, count)

    def put(orig: Any, key: str, value: bytes) -> None:
        orig(key, value[1:] if off and off.pop() else value)

    wrap(fw.params, "take", take)
    wrap(fw.identity, "put", put)
