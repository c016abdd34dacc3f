"""Cuts the module's byte stream into lines and takes the echo out of it. Sans-IO: bytes in, lines out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_LONGEST_LINE = 65_536


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

    Lines end at LF; a CR before it belongs to the end. Blank lines are dropped. The echo of the command line that was
    announced with `expect_echo` is recognised at the beginning of a line, byte for byte, and dropped.
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
            newline = self._buffer.find(b"\n")
            if newline < 0:
                if len(self._buffer) > _LONGEST_LINE:
                    lines += self._line(bytes(self._buffer), LineEnd.NONE, at)
                    self._buffer.clear()
                return lines
            raw = bytes(self._buffer[:newline])
            del self._buffer[: newline + 1]
            end = LineEnd.CRLF if raw.endswith(b"\r") else LineEnd.LF
            lines += self._line(raw.rstrip(b"\r"), end, at)

    def flush(self, at: float) -> list[Line]:
        """The unterminated rest, as a line that ended in a bare CR or in nothing."""
        raw = bytes(self._buffer)
        self._buffer.clear()
        return self._line(raw.rstrip(b"\r"), LineEnd.CR if raw.endswith(b"\r") else LineEnd.NONE, at)

    @property
    def pending(self) -> bytes:
        """What came since the last line end, without the line breaks before it."""
        return bytes(self._buffer).strip(b"\r\n")

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

    @staticmethod
    def _line(text: bytes, end: LineEnd, at: float) -> list[Line]:
        parts = text.split(b"\r")
        texts = [part for part in parts if part]
        if not texts:
            return []
        # A CR inside a line ends it too, wrongly: each part but the last was terminated by CR alone.
        return [Line(part, LineEnd.CR, at) for part in texts[:-1]] + [Line(texts[-1], end, at)]
