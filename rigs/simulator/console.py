"""The module's end of the serial line: takes command lines in, echoes them, puts whole lines out."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable

from rigs.simulator.loop import Loop

OVERRUN = 65536
"""Bytes that may wait unread while a command runs; what comes on top is lost, as in a UART without flow control."""


def framed(line: bytes) -> bytes:
    """A response line as V.250 writes it with verbose results on."""
    return b"\r\n" + line + b"\r\n"


class Console:
    """Line editor and printer.

    A response goes out in one piece. A URC waits while a command is in progress, or while its echo would be torn apart.
    """

    def __init__(self, line: socket.socket, loop: Loop, limit: int) -> None:
        self.echo = True
        self.busy = False
        self.swallows_lf = True
        self.limit = limit
        self.frame: Callable[[bytes], bytes] = framed
        self.transmit: Callable[[bytes], object] = line.sendall
        self._line = line
        self._incoming = bytearray()
        self._typed = bytearray()
        self._after_return = False
        self._outgoing = bytearray()
        self._held: deque[bytes] = deque()
        loop.watch(line, self._read)

    def _read(self) -> None:
        try:
            data = self._line.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            raise SystemExit(0)  # the adapter is gone
        if len(self._incoming) < OVERRUN:
            self._incoming += data

    def discard_input(self) -> None:
        """Forget what has been received so far."""
        self._incoming.clear()

    def next_line(self) -> bytes | None:
        """Take the next complete command line, without its CR, echoing what is taken; None when there is none.

        A line beyond the limit comes cut to one byte more than the limit. An LF right behind a CR is swallowed.
        """
        while self._incoming:
            if self._after_return:
                self._after_return = False
                if self.swallows_lf and self._incoming[0] == 0x0A:
                    del self._incoming[0]
                    continue
            end = self._incoming.find(b"\r")
            taken = bytes(self._incoming[: end + 1 or None])
            del self._incoming[: len(taken)]
            if self.echo:
                self._outgoing += taken
            self._typed += taken.removesuffix(b"\r")
            del self._typed[self.limit + 1 :]
            if end >= 0:
                self._after_return = True
                line = bytes(self._typed)
                self._typed.clear()
                return line
        self.flush()
        return None

    def respond(self, lines: list[bytes]) -> None:
        """Put out a whole response, and then the URCs that had to wait for it."""
        for line in lines:
            self._outgoing += self.frame(line)
        self.busy = False
        self.release()

    def urc(self, line: bytes) -> None:
        """Put out a line that nobody asked for, as soon as it tears nothing apart."""
        self._held.append(line)
        if not self.busy:
            self.release()

    def release(self) -> None:
        """Put out the URCs that have been waiting, unless the echo of a command line is in progress."""
        if not (self.echo and self._typed):
            while self._held:
                self._outgoing += self.frame(self._held.popleft())
        self.flush()

    def flush(self) -> None:
        """Hand what is to be sent to the line."""
        if self._outgoing:
            data = bytes(self._outgoing)
            self._outgoing.clear()
            self.transmit(data)
