"""Recognises what a real module would obey in a stretch of bytes: a modem's own way of reading, told byte by byte.

It shares nothing with the grammar: where that asks whether a line is one of the manual's, this plays a modem that takes
bytes in one by one, in every way that V.250 and the field leave open, and says which commands it would carry out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

OBEYED = re.compile(
    # Extended commands that reset, switch off, go deaf, or keep settings; any other name but those of the manual.
    r"\+(?!ALY|AL?(?![A-Z0-9]))[A-Z]"
    # Basic commands: dial, answer, hang up, online, reset, profiles, echo, result codes, S-registers, escape prefixes.
    r"|[A-Z]|&[A-Z]|\\[A-Z]|%[A-Z]|/"
)


class Modem:
    """One way of reading: which bytes are taken how."""

    def __init__(self, *, seven_bits: bool, edits: str, drops: bytes, buffer: int, anew: bool, ends: bytes) -> None:
        self.seven_bits, self.edits, self.drops = seven_bits, edits, drops
        self.buffer, self.anew, self.ends = buffer, anew, ends

    def lines(self, data: bytes) -> Iterator[str]:
        """The lines that it finds in ``data`` and a CR."""
        line: list[str] = []
        full = False
        for byte in (*data, 0x0D):
            code = byte & 0x7F if self.seven_bits else byte
            if code in self.ends:
                yield "".join(line)
                line, full = [], False
            elif code in (0x08, 0x7F) and self.edits in ("keys", "all"):
                line = line[:-1]
            elif code == 0x18 and self.edits == "all":
                line = []
            elif code in self.drops or full:
                continue
            else:
                line.append(chr(code))
                if len(line) >= self.buffer:
                    if self.anew:
                        yield "".join(line)
                        line = []
                    else:
                        full = True

    def obeys(self, data: bytes) -> list[str]:
        """The commands outside the manual that it would carry out."""
        found = []
        for line in self.lines(data):
            upper = "".join(line.upper().split(" ")).replace("\t", "")
            if upper.startswith("A/") or "+++" in upper:
                found.append(upper)
            begin = upper.find("AT")
            while begin >= 0:
                commands = upper[begin + 2 :].split(";")
                found += [c for c in commands if OBEYED.match(c.removeprefix("AT"))]
                begin = upper.find("AT", begin + 1)
        return found


CONTROLS = bytes(range(0x20))
MODEMS = [
    Modem(seven_bits=seven, edits=edits, drops=drops, buffer=buffer, anew=anew, ends=ends)
    for seven, edits, drops, (buffer, anew), ends in itertools.product(
        (False, True),
        ("none", "keys", "all"),
        (b"", CONTROLS),
        ((4096 * 4, False), (1024, False), (1024, True), (512, True)),
        (b"\r", b"\r\n"),
    )
]


def obeyed(data: bytes, modems: list[Modem] = MODEMS) -> list[str]:
    """What any of the modems would carry out of ``data``."""
    return [command for modem in modems for command in modem.obeys(data)]
