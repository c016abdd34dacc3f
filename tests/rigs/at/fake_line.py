"""A serial line in memory, with a scripted module at its end."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rigs.at.dialogue import Dialogue
from rigs.deadlines import Deadlines
from rigs.errors import BenchError
from rigs.port import TransportLost
from rigs.transcript import Transcript

OK = b"\r\nOK\r\n"
UNKNOWN = b"\r\n+CME ERROR: 58\r\n"
SHORT = 0.05
"""Seconds: the deadline of a command that the fake never answers."""
DEADLINES = Deadlines(
    command=10.0,
    repeated_silence=0.05,
    recovery=10.0,
    boot=10.0,
    port=10.0,
    first_poll=0.5,
    poll=0.5,
    guard=0.0,
    quiet=0.05,
    unterminated=0.05,
)

Answer = bytes | Sequence[bytes] | None
"""What a command line is answered with: bytes, chunks of bytes, or nothing."""


def healthy(line: bytes) -> Answer:
    """A module that knows AT and the lines that every host begins with."""
    return OK if line in (b"AT", b"ATE0", b"AT+CMEE=1") else UNKNOWN


class FakeLine:
    """A `rigs.port.Transport`: every command line written is given to ``module``, whose answer comes back at once."""

    def __init__(self, module: Callable[[bytes], Answer] = healthy, *, echo: bool = False) -> None:
        self.module = module
        self.echo = echo
        self.lines: list[bytes] = []
        """The command lines that were written, without their ends."""
        self.openable = True
        self.opened = 0
        self._typed = b""
        self._incoming: queue.Queue[bytes | None] = queue.Queue()
        self._broken = threading.Event()

    def open(self) -> None:
        if not self.openable:
            raise BenchError("the fake line cannot be opened", act="test: see the script")
        self._typed = b""
        self._incoming = queue.Queue()
        self._broken = threading.Event()
        self.opened += 1

    def close(self) -> None:
        self._incoming.put(None)

    def read(self) -> bytes:
        chunk = self._incoming.get()
        if chunk is None:
            raise TransportLost("unplugged")
        return chunk

    def write(self, data: bytes) -> None:
        if self._broken.is_set():
            raise TransportLost("unplugged")
        self._typed += data
        while b"\r" in self._typed:
            line, _, self._typed = self._typed.partition(b"\r")
            line = line.removeprefix(b"\n")
            self.lines.append(line)
            if self.echo:
                self.say(line + b"\r")
            answer = self.module(line)
            self.say(*([answer] if isinstance(answer, bytes) else answer or []))

    def describe(self) -> str:
        return "fake://line"

    def say(self, *chunks: bytes) -> None:
        """The module sends, asked or not."""
        for chunk in chunks:
            self._incoming.put(chunk)

    def unplug(self) -> None:
        """The line breaks, behind what was said before."""
        self._broken.set()
        self._incoming.put(None)


class Recorder:
    """A transcript's sink that keeps the events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, kind: str, *, at: float | None = None, **fields: Any) -> int:
        self.events.append((kind, fields))
        return len(self.events) - 1

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind, in order."""
        return [fields for found, fields in self.events if found == kind]

    def stream(self, direction: str) -> bytes:
        """Everything that went in one direction, as it was kept."""
        kept = [fields["data"] for fields in self.of("serial") if fields["dir"] == direction]
        return "".join(kept).encode("latin-1")


@contextmanager
def talking(line: FakeLine, deadlines: Deadlines = DEADLINES, sink: Recorder | None = None) -> Iterator[Dialogue]:
    """A dialogue over an open line."""
    dialogue = Dialogue(line, Transcript(sink or Recorder()), deadlines)
    dialogue.open()
    try:
        yield dialogue
    finally:
        dialogue.close()


class Answers:
    """Answers the command lines it was told of, and all others as a healthy module does."""

    def __init__(self) -> None:
        self._answers: dict[bytes, list[Answer]] = {}

    def on(self, line: bytes, *answers: Answer) -> Answers:
        """Answer ``line`` with each of ``answers`` in turn, and with the last of them from then on."""
        self._answers[line] = list(answers)
        return self

    def __call__(self, line: bytes) -> Answer:
        answers = self._answers.get(line)
        if answers is None:
            return healthy(line)
        return answers.pop(0) if len(answers) > 1 else answers[0]
