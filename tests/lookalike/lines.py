"""From bytes to command lines, and from a command line to its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LINE_LIMIT = 4096
BAD_SYNTAX = 50
BAD_NUMBER = 53
UNKNOWN = 58

_BARE = re.compile(rb"[!#-+\--\[\]-~]*")
_DIGITS = re.compile(rb"[0-9]+")


class Refusal(Exception):
    """The command ends with this error code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Line:
    """A command line without its CR; `cut` when it was longer than the buffer."""

    raw: bytes
    cut: bool = False


@dataclass(frozen=True)
class Param:
    """One parameter as it stands in the line: its bytes (quotes and escapes taken away) and whether it was quoted."""

    text: bytes
    quoted: bool


class LineReader:
    """Collects bytes until a CR; an LF at the start of a line counts for nothing."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.cut = False
        self.limit = LINE_LIMIT

    def feed(self, data: bytes) -> Iterator[Line]:
        """Take bytes, give the lines that they complete."""
        *whole, rest = data.split(b"\r")
        for piece in whole:
            self.collect(piece)
            raw, cut = bytes(self.buffer), self.cut
            self.buffer.clear()
            self.cut = False
            yield self.finish(raw, cut)
        self.collect(rest)

    def collect(self, piece: bytes) -> None:
        """Put bytes of the line that is being typed into the buffer."""
        if not self.buffer:
            piece = piece.lstrip(b"\n")
        room = self.limit - len(self.buffer)
        if len(piece) > room:
            self.cut = True
            piece = piece[:room]
        self.buffer += piece

    def finish(self, raw: bytes, cut: bool) -> Line:
        """Make a line of what was in the buffer when CR came."""
        return Line(raw, cut)


class Params:
    """Splits what stands behind the `=`."""

    def split(self, raw: bytes) -> list[Param]:
        """Give the parameters; an open quote or bytes beside a quoted one are bad syntax."""
        found: list[Param] = []
        at = 0
        while True:
            if raw[at : at + 1] == b'"':
                text, at = self.quoted(raw, at + 1)
                found.append(Param(text, True))
            else:
                match = _BARE.match(raw, at)
                assert match is not None
                found.append(Param(match.group(), False))
                at = match.end()
            if at == len(raw):
                return found
            if raw[at : at + 1] != b",":
                raise Refusal(BAD_SYNTAX)
            at += 1

    def quoted(self, raw: bytes, at: int) -> tuple[bytes, int]:
        """Read a quoted string from behind its opening quote; give it and where its closing quote ended."""
        text = bytearray()
        while at < len(raw):
            char = raw[at : at + 1]
            if char == b'"':
                return bytes(text), at + 1
            if char == b"\\" and raw[at + 1 : at + 2] in (b'"', b"\\"):
                at += 1
                char = raw[at : at + 1]
            text += char
            at += 1
        raise Refusal(BAD_SYNTAX)

    def take(self, raw: bytes, count: int) -> list[Param]:
        """Split and see that there are as many as the command has."""
        params = self.split(raw)
        if len(params) != count:
            raise Refusal(BAD_SYNTAX)
        return params

    def string(self, param: Param) -> bytes:
        """A string parameter; one that is not there at all is bad syntax."""
        if not param.quoted and not param.text:
            raise Refusal(BAD_SYNTAX)
        return param.text

    def number(self, param: Param) -> int:
        """A decimal number without sign or quotes; the range is the command's affair."""
        if param.quoted or not _DIGITS.fullmatch(param.text):
            raise Refusal(BAD_NUMBER)
        digits = param.text.lstrip(b"0")
        return int(digits) if 0 < len(digits) < 40 else 10**40 if digits else 0
