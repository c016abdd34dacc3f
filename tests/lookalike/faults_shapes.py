"""Faults of further shapes of lines."""

from __future__ import annotations

import re
from typing import Any

from .faults_parser import crash, silent, when
from .firmware import Firmware, Restart
from .lines import Line, Param
from .registry import Registry, wrap

AREA = Registry("shapes")
fault = AREA


@fault(
    "sh-last-equals-counts",
    "parser",
    "ID-01-* OP-01 PU-01 PU-03 SU-01",
    "The value begins behind the last equals sign of the line: one that ends in `=` (as base64 does) is cut.",
    'AT+ALYDEVICESECRET="c2VjcmV0MQ=="\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def extended(orig: Any, rest: bytes) -> Any:
        match = re.match(rb"\+ALY[A-Z]+=", rest)
        if match and rest.count(b"=") > 1 and not rest.endswith(b"=?"):
            rest = match.group() + b'"' + rest[rest.rfind(b"=") + 1 :]
        return orig(rest)

    wrap(fw.commands, "extended", extended)


@fault(
    "sh-line-of-512-eats-next",
    "parser",
    "FMT-01 FMT-12 FZ-01",
    "After a line of 512 bytes or a multiple the first byte of the next line is lost.",
    'AT+ALYPRODUCTSECRET="{x*491}\nAT\nAT',
)
def _(fw: Firmware) -> None:
    full: list[int] = []

    def finish(orig: Any, raw: bytes, cut: bool) -> Line:
        line: Line = orig(raw[1:] if full else raw, cut)
        full[:] = [1] if raw and len(raw) % 512 == 0 else []
        return line

    wrap(fw.reader, "finish", finish)


@fault(
    "sh-empty-parameters-skipped",
    "parser",
    "CC-07 MC-04 SU-02 PU-04 ID-07-*",
    "Empty parameters are skipped (strtok): `0,,1883,0` is taken for three.",
    "AT+ALYCONNECTCFG=0,,1883,0",
)
def _(fw: Firmware) -> None:
    def split(orig: Any, raw: bytes) -> list[Param]:
        params: list[Param] = orig(raw)
        return [param for param in params if param.quoted or param.text] or params[:1]

    wrap(fw.params, "split", split)


@fault(
    "sh-empty-topic-restarts",
    "parser",
    "SU-02 PU-04 FZ-01 FZ-04 FMT-01 FMT-12",
    'SUB or PUB with `""` for its topic while a session is open restarts the module.',
    '!open\nAT+ALYMQTTSUB="",0\nAT',
)
def _(fw: Firmware) -> None:
    def topic(orig: Any, param: Param) -> bytes:
        if param.quoted and not param.text and fw.session.is_open:
            raise Restart
        return bytes(orig(param))

    wrap(fw.commands, "topic", topic)


@fault(
    "sh-prefix-in-one-piece",
    "parser",
    "FMT-01",
    "A line is known only when its first two bytes come in one read of the port: typed by hand it is not answered.",
    "!serial 41\nAT+CMEE?\n!serial 41\n!lines 1\n!serial 540d\n!lines 1",
)
def _(fw: Firmware) -> None:
    torn: list[int] = []

    def feed(orig: Any, data: bytes) -> Any:
        if len(fw.reader.buffer) == 1:
            torn[:] = [1]
        for line in orig(data):
            if not torn:
                yield line
            torn.clear()

    wrap(fw.reader, "feed", feed)


@fault(
    "sh-at-twice-restarts",
    "parser",
    "FZ-01 FZ-04 FMT-01 FMT-12",
    "A line that begins with `ATAT` restarts the module (the baud rate is looked for again).",
    "ATAT\nAT",
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: raw.upper().startswith(b"ATAT"), crash)


@fault(
    "sh-semicolon-silent",
    "parser",
    "FZ-01 FMT-01",
    "A line with a semicolon outside quotes is not answered.",
    "AT+NO;+NO\nAT",
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: b";" in re.sub(rb'"[^"]*"', b"", raw) and not raw.upper().startswith(b"AT;"), silent)


@fault(
    "sh-ff-is-no-data",
    "parser",
    "FZ-01 FMT-01 FMT-12",
    "A byte 255 is taken for `no more data`: it and what came with it behind it are lost, so that the line goes on.",
    "AT+NO\\xffSUCH\nAT\nAT",
)
def _(fw: Firmware) -> None:
    wrap(fw.reader, "feed", lambda orig, data: orig(data.partition(b"\xff")[0]))


@fault(
    "sh-quote-behind-digit",
    "parser",
    "FZ-01 FZ-04 FMT-01 FMT-12",
    "A quote right behind a digit outside quotes restarts the module.",
    'AT+ALYMQTTSUB=1"a",0\nAT',
)
def _(fw: Firmware) -> None:
    when(fw, lambda raw: re.match(rb'[^"]*[0-9]"', raw), crash)


@fault(
    "sh-deep-json-restarts",
    "parser",
    "PU-01 PU-03 FZ-01 FZ-04 FMT-01 FMT-12",
    "A payload with more than eight braces or brackets open at once overruns the stack: the module restarts.",
    '!open\nAT+ALYMQTTPUB="/a",0,"[[[[[[[[[1]]]]]]]]]"\nAT',
)
def _(fw: Firmware) -> None:
    def payload(orig: Any, param: Param) -> bytes:
        depth = 0
        for byte in param.text:
            depth += (byte in b"[{") - (byte in b"]}")
            if depth > 8:
                raise Restart
        return bytes(orig(param))

    wrap(fw.commands, "payload", payload)
