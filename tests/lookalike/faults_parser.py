"""Faults of reading lines and parameters, and of answering: shapes of lines that the parser cannot stand."""

from __future__ import annotations

import re
from typing import Any

from .firmware import Firmware, Hang, Restart
from .lines import BAD_SYNTAX, Line, Refusal
from .registry import Registry, wrap

AREA = Registry("parser")
fault = AREA


def when(fw: Firmware, shape: Any, then: Any) -> None:
    """Do `then(line)` in the place of a command line of a certain shape."""

    def run(orig: Any, line: Line) -> None:
        if line.raw[:2].upper() == b"AT" and shape(line.raw):
            then(line)
        else:
            orig(line)

    wrap(fw, "run", run)


def silent(line: Line) -> None:
    """No answer."""


def crash(line: Line) -> None:
    """The watchdog starts the firmware again."""
    raise Restart


def stop(line: Line) -> None:
    """Nothing but a power cut helps."""
    raise Hang


def on_raw(fw: Firmware, change: Any) -> None:
    """Let `change(raw)` say what the parser sees of a line."""
    wrap(fw.reader, "finish", lambda orig, raw, cut: orig(change(raw), cut))


@fault(
    "px-256-no-answer",
    "parser",
    "FMT-01 FZ-01 PU-06 PU-01 SU-01 ID-03-*",
    "A line of exactly 256 bytes is not answered: its CR falls behind the buffer.",
    '!id\nAT+ALYMQTTPUB="/a",0,"{x*233}"',
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: len(raw) == 256, silent)


@fault(
    "px-64-loses-last",
    "parser",
    "PU-01 PU-06 ID-01-DS ID-02-DS FZ-02 ID-01-PS ID-02-PS UN-01",
    "A line whose length is a multiple of 64 loses its last byte (the closing quote).",
    'AT+ALYDEVICESECRET="{s*43}"',
)
def _(fw: Firmware) -> None:
    on_raw(fw, lambda raw: raw[:-1] if len(raw) % 64 == 0 and raw.endswith(b'"') else raw)


@fault(
    "px-overlong-tail-pollutes",
    "parser",
    "FMT-12 FZ-01",
    "Of a line over 1024 bytes the last 16 stay in the buffer and stand before the next line.",
    "AT{x*1100}\nAT\nAT",
)
def _(fw: Firmware) -> None:
    left: list[bytes] = []

    def finish(orig: Any, raw: bytes, cut: bool) -> Line:
        if left:
            raw = left.pop() + raw
        elif len(raw) > 1024:
            left.append(raw[-16:])
        line: Line = orig(raw, cut)
        return line

    wrap(fw.reader, "finish", finish)


@fault(
    "px-overlong-answered-twice",
    "parser",
    "FMT-01 FMT-12 FZ-01",
    "A line over 600 bytes is refused once when the buffer is full and once more at its CR.",
    'AT+ALYDEVICENAME="{x*700}"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def answer(orig: Any, line: Line, information: list[bytes], code: int | None) -> None:
        orig(line, information, code)
        if len(line.raw) > 600 and code is not None:
            orig(line, [], BAD_SYNTAX)

    wrap(fw, "answer", answer)


@fault(
    "px-overlong-silent",
    "parser",
    "FMT-01 FZ-01 FMT-12 ID-03-*",
    "A line over 1024 bytes is thrown away without an answer, and so is the line behind it.",
    "AT{x*1100}\nAT",
)
def _(fw: Firmware) -> None:
    lost: list[int] = []

    def run(orig: Any, line: Line) -> None:
        if len(line.raw) > 1024:
            lost[:] = [1]
        elif lost:
            lost.clear()
        else:
            orig(line)

    wrap(fw, "run", run)


@fault(
    "px-quote-state-kept",
    "parser",
    "FMT-12 FZ-01 FZ-02",
    "After a PUB with an open quote the parser is still inside a string: the next line with a quote is refused.",
    '!open\nAT+ALYMQTTPUB="/a",0,"x\nAT+ALYMQTTSUB="/a",0',
)
def _(fw: Firmware) -> None:
    inside: list[int] = []

    def take(orig: Any, raw: bytes, count: int) -> Any:
        if inside and b'"' in raw:
            inside.clear()
            raise Refusal(BAD_SYNTAX)
        try:
            return orig(raw, count)
        except Refusal:
            if count == 3 and raw.count(b'"') % 2:
                inside.append(1)
            raise

    wrap(fw.params, "take", take)


@fault(
    "px-backslash-eats-cr",
    "parser",
    "FMT-01 FZ-01 FMT-12",
    "A backslash at the end of a line escapes the CR: the line goes on with the next one.",
    'AT+ALYDEVICENAME="x\\\nAT\nAT',
)
def _(fw: Firmware) -> None:
    held: list[bytes] = []

    def feed(orig: Any, data: bytes) -> Any:
        for line in orig(data):
            raw = b"".join(held) + line.raw
            held.clear()
            if raw.endswith(b"\\") and raw[:2].upper() == b"AT" and len(raw) < 4000:
                held.append(raw + b"\r")
            else:
                yield Line(raw, line.cut)

    wrap(fw.reader, "feed", feed)


@fault(
    "px-two-equals-restart",
    "parser",
    "FZ-01 FZ-04 FMT-01 FMT-12",
    "A known command with two equals signs behind its name restarts the module.",
    "AT+ALYMQTTCFG==1\nAT",
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: re.match(rb"AT\+ALY[A-Z]+==", raw.upper()), crash)


@fault(
    "px-sixteen-commas",
    "parser",
    "FZ-01 FZ-04 FMT-01 FMT-12",
    "More than sixteen commas in a line, quoted or not, overrun the table of parameters: the module restarts.",
    "AT+ALYCONNECTCFG={,*20}\nAT",
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: raw.count(b",") > 16 and not raw.upper().startswith(b"AT+ALYMQTTPUB"), crash)


@fault(
    "px-pub-many-commas",
    "parser",
    "PU-03 PU-01 FZ-01",
    "A PUB with more than sixteen commas in its payload is refused: the table of parameters is full.",
    '!open\nAT+ALYMQTTPUB="/a",0,"{1,*20}"',
)
def _(fw: Firmware) -> None:
    def take(orig: Any, raw: bytes, count: int) -> Any:
        if raw.count(b",") > 18:
            raise Refusal(BAD_SYNTAX)
        return orig(raw, count)

    wrap(fw.params, "take", take)


@fault(
    "px-format-in-unknown",
    "parser",
    "FZ-01 FZ-04 FMT-05 FMT-01 FMT-12",
    "An unknown command with `%s` or `%n` in it is printed as a format to the log: the module restarts.",
    "AT+X%s\nAT",
)
def _(fw: Firmware) -> None:
    def shape(raw: bytes) -> bool:
        known = re.match(rb"\+([A-Z0-9]+)", raw[2:].upper())
        return bool(re.search(rb"%[sn]", raw)) and not (known and known.group(1) in fw.commands.table)

    when(fw, shape, crash)


@fault(
    "px-high-byte-in-name",
    "parser",
    "FZ-01 FMT-01 FMT-12",
    "A byte over 127 before the equals sign (isalpha of a negative number) hangs the module until the power is cut.",
    "AT+AL\\xe9Y=1\nAT",
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: not raw.split(b"=")[0].isascii() and b"=" in raw, stop)


@fault(
    "px-nul-no-answer",
    "parser",
    "FZ-01 FMT-01",
    "A line with a NUL in it is not answered.",
    "AT+ALY\\x00?\nAT",
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: b"\0" in raw, silent)


@fault(
    "px-nul-cuts-value",
    "parser",
    "FZ-01",
    "A value ends at a NUL, and what is before it is set, without a closing quote.",
    'AT+ALYDEVICENAME="ab\\x00cd"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def take(orig: Any, raw: bytes, count: int) -> Any:
        at = raw.find(b"\0")
        if at > 0 and count == 1 and raw[:1] == b'"':
            raw = raw[:at] + b'"'
        return orig(raw, count)

    wrap(fw.params, "take", take)


@fault(
    "px-backspaces-underflow",
    "parser",
    "FZ-01 FZ-04 FMT-01 FMT-12",
    "More backspaces in a row than characters before them run below the buffer: the module restarts.",
    "AT\\x08\\x08\\x08\\x08\nAT",
)
def _(fw: Firmware) -> None:
    def shape(raw: bytes) -> bool:
        match = re.search(rb"\x08+", raw)
        return bool(match) and match is not None and len(match.group()) > match.start()

    when(fw, shape, crash)


@fault(
    "px-control-z-ends-line",
    "parser",
    "FZ-01 FMT-01",
    "A Control-Z ends a line like a CR: what is before and what is behind it are answered each.",
    "AT\\x1aAT\nAT\nAT",
)
def _(fw: Firmware) -> None:
    def feed(orig: Any, data: bytes) -> Any:
        yield from orig(data.replace(b"\x1a", b"\r"))

    wrap(fw.reader, "feed", feed)


@fault(
    "px-escape-aborts",
    "parser",
    "FZ-01 FMT-01",
    "An ESC throws away the line up to it, and the rest is no command line.",
    "AT+X\\x1bY\nAT",
)
def _(fw: Firmware) -> None:
    on_raw(fw, lambda raw: raw.rpartition(b"\x1b")[2])


@fault(
    "px-lf-is-a-line",
    "parser",
    "FMT-08 FMT-01",
    "An LF behind the CR of a query begins an answer of its own: a second OK.",
    "!serial 41542b43534f0d0a\n!serial 41542b414c594d5154544346473f0d0a\n!lines 5",
)
def _(fw: Firmware) -> None:
    pending: list[int] = []

    def feed(orig: Any, data: bytes) -> Any:
        extra = data.startswith(b"\n") and bool(pending)
        pending.clear()
        for line in orig(data):
            yield line
            if line.raw.endswith(b"?"):
                pending[:] = [1]
        if extra or (pending and data.endswith(b"?\r\n")):
            pending.clear()
            yield Line(b"AT")

    wrap(fw.reader, "feed", feed)


@fault(
    "px-semicolon-in-quotes",
    "parser",
    "PU-01 PU-03 ID-01-* FZ-02",
    "A semicolon ends a line even inside quotes: the string is left open, and the line refused.",
    'AT+ALYDEVICENAME="a;b"\nAT',
)
def _(fw: Firmware) -> None:
    on_raw(fw, lambda raw: raw.split(b";")[0] if raw[:2].upper() == b"AT" else raw)


@fault(
    "px-question-mark-in-value",
    "parser",
    "ID-01-* PU-03 PU-01 FZ-02",
    'A line that ends in `?"` is taken for a query.',
    'AT+ALYDEVICENAME="ab?"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def extended(orig: Any, rest: bytes) -> Any:
        match = re.match(rb"\+(ALY[A-Z]+)=", rest)
        if match and rest.endswith(b'?"'):
            return orig(b"+" + match.group(1) + b"?")
        return orig(rest)

    wrap(fw.commands, "extended", extended)
