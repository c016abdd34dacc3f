"""The host's side for the look-alike's own tests: a module in a thread, its port, its power switch."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
import tty
from pathlib import Path
from types import TracebackType

from . import power
from .board import Board
from .faults import FAULTS
from .loop import READ
from .session import Cloud
from .transport import Address, tls_context


class Stop(BaseException):
    """Ends the module's thread."""


def is_final(line: bytes) -> bool:
    """Whether a line is a final result."""
    return line == b"OK" or line.startswith((b"ERROR", b"+CME ERROR"))


class Host:
    """Starts a module, speaks with it line by line, and remembers every line that came."""

    def __init__(self, folder: Path, tcp: Address, tls: Address, faults: list[str], ca: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        cloud = Cloud(tcp, tls, tls_context(ca), connack_seconds=0.5)
        self.board = Board(folder, folder / "port", cloud, [FAULTS[name].change for name in faults])
        self.board.boot_seconds = 0.0
        self.board.boot_later()
        self.stop_here, there = socket.socketpair()
        self.board.loop.watch(there, READ, self.stop)
        self.port = os.open(folder / "port", os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.port)
        self.pending = b""
        self.bare = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.wake()

    def run(self) -> None:
        """The module's thread."""
        with contextlib.suppress(Stop):
            self.board.run()

    def stop(self, mask: int) -> None:
        """End the module's thread from within."""
        raise Stop

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_here.send(b"x")
        self.thread.join(10)
        self.board.lose()
        for descriptor in (self.port, self.board.master, self.board.slave):
            os.close(descriptor)
        self.board.listener.close()
        self.stop_here.close()

    def power(self, word: str) -> None:
        """Turn the switch."""
        power.switch(self.folder, word)
        self.pending = b""

    def wake(self) -> bool:
        """Ask until the module answers."""
        for _ in range(50):
            self.write(b"AT\r")
            if self.lines(until=is_final, seconds=0.1):
                break
        else:
            return False
        # Each AT that a slow machine answered late has its own OK: what comes behind the model is nobody else's.
        self.write(b"AT+CGMM\r")
        self.lines(until=lambda line: line.endswith(b"ML302"), seconds=5.0)
        self.lines(until=is_final, seconds=1.0)
        self.ask(b"ATE0", 5.0)
        return True

    def write(self, data: bytes) -> None:
        """Bytes to the module."""
        os.write(self.port, data)

    def lines(self, until: object = None, seconds: float = 2.0, count: int = 0) -> list[bytes]:
        """Lines that come, until one meets the condition, or there are so many, or the time is over."""
        end = time.monotonic() + seconds
        found: list[bytes] = []
        while True:
            while b"\n" in self.pending:
                line, self.pending = self.pending.split(b"\n", 1)
                self.bare += not line.endswith(b"\r")
                if line.strip(b"\r"):
                    found.append(line.strip(b"\r"))
                    if (callable(until) and until(found[-1])) or (count and len(found) == count):
                        return found
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.port], [], [], left)[0]:
                return found if not until else []
            self.pending += os.read(self.port, 65536)

    def ask(self, line: bytes, seconds: float = 20.0) -> list[bytes]:
        """A command and all lines to its final result; none when there was no final result."""
        self.write(line + b"\r")
        return self.lines(until=is_final, seconds=seconds)
