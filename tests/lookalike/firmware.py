"""One boot of the module: everything that a power cut takes away, put together."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

from .commands import Commands, Lines
from .lines import Line, LineReader, Refusal
from .packets import Publish
from .session import Session
from .settings import Identity, Settings, Store

if TYPE_CHECKING:
    from .board import Board


class Restart(Exception):
    """The firmware has crashed, and the watchdog starts it again."""


class Hang(Exception):
    """The firmware has crashed, and nothing starts it again but a power cut."""


class Firmware:
    """Reader, commands, settings and session of one boot; faults wrap the methods of these."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.memo: dict[str, Any] = board.memo
        self.store = Store(board.folder)
        self.reader = LineReader()
        self.lines: collections.deque[Line] = collections.deque()
        self.identity = Identity(self.store)
        self.settings = Settings()
        self.session = Session(board.loop, board.cloud, self.identity, self.settings, self.show)
        self.commands = Commands(self.identity, self.settings, self.session)
        self.params = self.commands.params
        self.login = self.session.login
        self.count = 0

    def feed(self, data: bytes) -> None:
        """Bytes from the host."""
        self.lines.extend(self.reader.feed(data))

    def run(self, line: Line) -> None:
        """Carry out a line and answer it; one that is no command line is ignored in silence."""
        if line.raw[:2].upper() != b"AT":
            return
        self.count += 1
        if self.commands.echo:
            self.send(self.echoed(line.raw) + b"\r")
        try:
            information, code = self.obey(line), None
        except Refusal as refusal:
            information, code = [], refusal.code
        self.board.think()
        self.answer(line, information, code)

    def obey(self, line: Line) -> Lines:
        """Carry out a line."""
        return self.commands.execute(line)

    def echoed(self, raw: bytes) -> bytes:
        """A line as the echo shows it."""
        return raw

    def answer(self, line: Line, information: Lines, code: int | None) -> None:
        """Send the whole answer at once."""
        parts = [b"\r\n" + text + b"\r\n" for text in information]
        self.send(b"".join([*parts, b"\r\n" + self.final(code) + b"\r\n"]))

    def final(self, code: int | None) -> bytes:
        """The final result."""
        if code is None:
            return b"OK"
        return b"+CME ERROR: %d" % code if self.commands.cmee else b"ERROR"

    def show(self, message: Publish) -> None:
        """Show a downlink message."""
        self.send(b"\r\n" + self.urc(message) + b"\r\n")

    def urc(self, message: Publish) -> bytes:
        """The line of a downlink message."""
        return b"+MQTTRECV:" + message.topic + b"," + message.payload

    def send(self, data: bytes) -> None:
        """Bytes to the host."""
        self.board.send(data)
