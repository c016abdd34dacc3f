"""The module's end of the serial line: takes command lines in, echoes them, puts whole lines out."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable

from rigs.simulator.loop import Loop

OVERRUN = 65536
"""Bytes that may wait unread while a command runs; what comes on top is lost, as in a UART without flow control."""


NUMBERS = {b"OK": b"0", b"CONNECT": b"1", b"RING": b"2", b"NO CARRIER": b"3", b"ERROR": b"4", b"BUSY": b"7"}
"""What stands for a result code after ATV0 (V.250, table 1). Those of 27.007 have no number, and stay words."""


def framed(line: bytes) -> bytes:
    """A response line as V.250 writes it with verbose results on."""
    return b"\r\n" + line + b"\r\n"


class Console:
    """Line editor and printer.

    A response goes out in one piece. A URC waits while a command is in progress, or while its echo would be torn apart.
    ``verbose`` and ``quiet`` are what ATV and ATQ set, ``echoed`` makes the echo of what was typed. ``gap`` is called
    wherever a response could take in a line of the modem's: before each of its lines.
    """

    def __init__(self, line: socket.socket, loop: Loop, limit: int) -> None:
        self.echo = True
        self.verbose = True
        self.quiet = False
        self.busy = False
        self.echoed: Callable[[bytes], bytes] = lambda typed: typed
        self.gap: Callable[[], object] = lambda: None
        self.swallows_lf = True
        self.limit = limit
        self.frame: Callable[[bytes], bytes] = framed
        self.transmit: Callable[[bytes], object] = line.sendall
        self._line = line
        self.incoming = bytearray()
        self._typed = bytearray()
        self._after_return = False
        self._outgoing = bytearray()
        self._held: deque[bytes] = deque()
        loop.watch(line, lambda: self.receive())

    def receive(self) -> None:
        """Take in what the host has sent."""
        try:
            data = self._line.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            raise SystemExit(0)  # the adapter is gone
        if len(self.incoming) < OVERRUN:
            self.incoming += data

    def discard_input(self) -> None:
        """Forget what has been received so far."""
        self.incoming.clear()

    def next_line(self) -> bytes | None:
        """Take the next complete command line, without its CR, echoing what is taken; None when there is none.

        A line beyond the limit comes cut to one byte more than the limit. An LF right behind a CR is swallowed.
        """
        while self.incoming:
            if self._after_return:
                self._after_return = False
                if self.swallows_lf and self.incoming[0] == 0x0A:
                    del self.incoming[0]
                    continue
            end = self.incoming.find(b"\r")
            taken = bytes(self.incoming[: end + 1 or None])
            del self.incoming[: len(taken)]
            if self.echo:
                self._outgoing += self.echoed(taken)
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
        """Put out a whole response, the final result last, and then the URCs that had to wait for it."""
        for number, line in enumerate(lines, start=1):
            self.gap()
            self._outgoing += self.written(line, final=number == len(lines))
        self.busy = False
        self.release()

    def written(self, line: bytes, *, final: bool = False) -> bytes:
        """A line in the form that ATV and ATQ have set (V.250, 6.2.5 and 6.2.6)."""
        result = final or line in NUMBERS
        if result and self.quiet:
            return b""
        if self.verbose:
            return self.frame(line)
        return NUMBERS.get(line, line) + b"\r" if result else line + b"\r\n"

    def urc(self, line: bytes) -> None:
        """Put out a line that nobody asked for, as soon as it tears nothing apart."""
        self._held.append(self.written(line))
        if not self.busy:
            self.release()

    def interject(self, data: bytes) -> None:
        """Put out what another part of the modem has to say: at once, but never within a line or an echo."""
        if self._typing:
            self._held.append(data)
        else:
            self._outgoing += data

    def release(self) -> None:
        """Put out the URCs that have been waiting, unless the echo of a command line is in progress."""
        if not self._typing:
            while self._held:
                self._outgoing += self._held.popleft()
        self.flush()

    @property
    def _typing(self) -> bool:
        """Whether the echo of a command line is in progress."""
        return self.echo and bool(self._typed)

    def flush(self) -> None:
        """Hand what is to be sent to the line."""
        if self._outgoing:
            data = bytes(self._outgoing)
            self._outgoing.clear()
            self.transmit(data)
