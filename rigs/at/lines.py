"""Cuts the module's byte stream into lines and takes the echo out of it. Sans-IO: bytes in, lines out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

LONGEST_LINE = 65_536
"""Bytes after which a line that does not end is cut."""
PADDING = b"\x00\x11\x13\x7f\xff"
"""What may stand in front of a line and is no part of it: fill bytes, XON and XOFF, an idle line taken for a byte."""
_END_BYTE = re.compile(rb"[\r\n]")
_WITH_BODY = re.compile(rb"\+(CMT|CBM): ?.*|\+CDS: ?\d+ *", re.DOTALL)
"""URCs whose text comes on the line behind (3GPP TS 27.005, 3.4.1): a message, a broadcast, a report in PDU mode."""


class LineEnd(Enum):
    """How a line was terminated; the manual (2.3) wants CR LF."""

    CRLF = b"\r\n"
    LF = b"\n"
    CR = b"\r"
    NONE = b""


@dataclass(frozen=True, slots=True)
class Line:
    """One non-empty line from the module, without its end."""

    text: bytes
    end: LineEnd
    at: float
    """Monotonic time of the chunk that completed the line."""
    padding: bytes = b""
    """Bytes in front of the line that belong to no text."""
    body: bytes | None = None
    """The text that a URC brings on the line behind, whatever it holds; None for all other lines."""
    event: int = -1
    """The event of the run record that completed the line."""


class LineReader:
    """Incremental splitter that survives any cut of the stream and any garbage.

    Lines end at LF, with the CRs before it, or at a CR that no LF follows. Blank lines are dropped. The echo of the
    command line that was announced with `expect_echo` is recognised at the beginning of a line, byte for byte, and
    dropped. A URC that brings a text with it is one line with its body, which ends at CR LF: a line feed inside is the
    text's own. How the stream is cut into chunks changes nothing but the times.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._echo = b""
        self._echoed = False
        self._searched = 0
        """Bytes at the beginning of the buffer that are known to hold no line end."""
        self._event = -1
        self._header: Line | None = None
        """A URC whose body has not come yet."""

    def expect_echo(self, command: bytes) -> None:
        """``command`` (without its CR) is about to be sent and may come back."""
        self._echo, self._echoed = command and command + b"\r", False

    def forget_echo(self) -> bool:
        """The exchange is over: no echo comes any more. Tells whether it came."""
        self._echo = b""
        return self._echoed

    def feed(self, data: bytes, at: float, event: int = -1) -> list[Line]:
        """Lines that ``data`` completes, received at monotonic time ``at`` and recorded in that event."""
        self._event = event
        self._buffer += data
        lines: list[Line] = []
        while True:
            if self._header is not None:
                if (line := self._with_body(self._header, at)) is None:
                    return lines
                self._header = None
                lines.append(line)
                continue
            if self._buffer.startswith((b"\r", b"\n")):
                del self._buffer[: len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))]
                self._searched = 0
            if self._echo and self._echo.startswith(self._buffer[: len(self._echo)]):
                if len(self._buffer) < len(self._echo):
                    return lines
                del self._buffer[: len(self._echo)]
                self._searched = 0
                self._echo, self._echoed = b"", True
            elif (line := self._next_line(at)) is None:
                return lines
            elif line.end is not LineEnd.NONE and _WITH_BODY.fullmatch(line.text):
                self._header = line
            else:
                lines.append(line)

    def flush(self, at: float) -> list[Line]:
        """The unterminated rest, as a line that ended in a bare CR or in nothing."""
        raw = bytes(self._buffer)
        self._buffer.clear()
        self._searched = 0
        header, self._header = self._header, None
        if header is not None:
            return [Line(header.text, header.end, at, header.padding, raw)]
        text = raw.rstrip(b"\r")
        return [Line(text, LineEnd.CR if raw.endswith(b"\r") else LineEnd.NONE, at)] if text else []

    @property
    def pending(self) -> bytes:
        """What came since the last line end. A CR at its end may be a line end of its own, or half of one."""
        return b"" if self._header is not None else bytes(self._buffer).lstrip(PADDING)

    def _with_body(self, header: Line, at: float) -> Line | None:
        """The URC with the text that follows it; None while the end of that text has not come."""
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) <= LONGEST_LINE:
                return None
            end = LONGEST_LINE
        body = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 2]
        self._searched = 0
        return Line(header.text, header.end, at, header.padding, body, self._event)

    def _next_line(self, at: float) -> Line | None:
        """The next line, taken from the buffer; None while its end has not come."""
        found = _END_BYTE.search(self._buffer, self._searched, LONGEST_LINE + 1)
        if found is None:
            self._searched = min(len(self._buffer), LONGEST_LINE)
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
        raw = bytes(self._buffer[:length])
        del self._buffer[:consumed]
        self._searched = 0
        text = raw.lstrip(PADDING) or raw
        return Line(text, end, at, raw[: len(raw) - len(text)], event=self._event)
