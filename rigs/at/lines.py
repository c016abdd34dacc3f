"""Cuts the module's byte stream into lines and takes the echo out of it. Sans-IO: bytes in, lines out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_LONGEST_LINE = 65_536
_LINE_END = re.compile(rb"\r*\n|\r+(?=[^\r\n])")


class LineEnd(Enum):
    """How a line was terminated; the manual (2.3) wants CR LF."""

    CRLF = b"\r\n"
    LF = b"\n"
    CR = b"\r"
    NONE = b""


@dataclass(frozen=True)
class Line:
    """One non-empty line from the module, without its end."""

    text: bytes
    end: LineEnd
    at: float
    """Monotonic time of the chunk that completed the line."""


class LineReader:
    """Incremental splitter that survives any cut of the stream and any garbage.

    Lines end at LF, with the CRs before it, or at a CR that no LF follows. Blank lines are dropped. The echo of the
    command line that was announced with `expect_echo` is recognised at the beginning of a line, byte for byte, and
    dropped.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._echo = b""
        self._echoed = False

    def expect_echo(self, command: bytes) -> None:
        """``command`` (without its CR) is about to be sent and may come back."""
        self._echo, self._echoed = command, False

    def forget_echo(self) -> bool:
        """The exchange is over: no echo comes any more. Tells whether it came."""
        self._echo = b""
        return self._echoed

    def feed(self, data: bytes, at: float) -> list[Line]:
        """Lines that ``data``, received at monotonic time ``at``, completes."""
        self._buffer += data
        lines: list[Line] = []
        while True:
            if self._take_echo():
                continue
            found = _LINE_END.search(self._buffer)
            if found is None:
                if len(self._buffer) > _LONGEST_LINE:
                    lines += self.flush(at)
                return lines
            text = bytes(self._buffer[: found.start()])
            end = _end(found.group())
            del self._buffer[: found.end()]
            if text:
                lines.append(Line(text, end, at))

    def flush(self, at: float) -> list[Line]:
        """The unterminated rest, as a line that ended in a bare CR or in nothing."""
        raw = bytes(self._buffer)
        self._buffer.clear()
        text = raw.rstrip(b"\r")
        return [Line(text, LineEnd.CR if raw.endswith(b"\r") else LineEnd.NONE, at)] if text else []

    @property
    def pending(self) -> bytes:
        """What came since the last line end. A CR at its end may be a line end of its own, or half of one."""
        return bytes(self._buffer)

    def _take_echo(self) -> bool:
        if not self._echo:
            return False
        skip = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
        start = self._buffer[skip : skip + len(self._echo) + 1]
        if len(start) <= len(self._echo) or bytes(start) != self._echo + b"\r":
            return False
        del self._buffer[: skip + len(self._echo) + 1]
        self._echo, self._echoed = b"", True
        return True


def _end(raw: bytes) -> LineEnd:
    if not raw.endswith(b"\n"):
        return LineEnd.CR
    return LineEnd.CRLF if raw.endswith(b"\r\n") else LineEnd.LF
