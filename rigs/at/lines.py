"""Cuts the module's byte stream into lines and takes the echo out of it. Sans-IO: bytes in, lines out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

LONGEST_LINE = 65_536
"""Bytes after which a line that does not end is cut."""
_END_BYTE = re.compile(rb"[\r\n]")


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
    dropped. How the stream is cut into chunks changes nothing but the times.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._echo = b""
        self._echoed = False

    def expect_echo(self, command: bytes) -> None:
        """``command`` (without its CR) is about to be sent and may come back."""
        self._echo, self._echoed = command and command + b"\r", False

    def forget_echo(self) -> bool:
        """The exchange is over: no echo comes any more. Tells whether it came."""
        self._echo = b""
        return self._echoed

    def feed(self, data: bytes, at: float) -> list[Line]:
        """Lines that ``data``, received at monotonic time ``at``, completes."""
        self._buffer += data
        lines: list[Line] = []
        while True:
            blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
            del self._buffer[:blank]
            if self._echo and self._echo.startswith(self._buffer[: len(self._echo)]):
                if len(self._buffer) < len(self._echo):
                    return lines
                del self._buffer[: len(self._echo)]
                self._echo, self._echoed = b"", True
            elif (line := self._next_line(at)) is not None:
                lines.append(line)
            else:
                return lines

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

    def _next_line(self, at: float) -> Line | None:
        """The next line, taken from the buffer; None while its end has not come."""
        found = _END_BYTE.search(self._buffer, 0, LONGEST_LINE + 1)
        if found is None:
            if len(self._buffer) <= LONGEST_LINE:
                return None
            return self._take(LONGEST_LINE, LONGEST_LINE, LineEnd.NONE, at)
        start = found.start()
        if found.group() == b"\n":
            return self._take(start, start + 1, LineEnd.LF, at)
        behind = len(self._buffer) - len(self._buffer[start:].lstrip(b"\r"))
        if behind == len(self._buffer):
            # Whether an LF follows is open. One CR stands for any number, so that a stream of CRs does not pile up.
            del self._buffer[start + 1 :]
            return None
        if self._buffer[behind] == ord("\n"):
            return self._take(start, behind + 1, LineEnd.CRLF, at)
        return self._take(start, behind, LineEnd.CR, at)

    def _take(self, length: int, consumed: int, end: LineEnd, at: float) -> Line:
        text = bytes(self._buffer[:length])
        del self._buffer[:consumed]
        return Line(text, end, at)
