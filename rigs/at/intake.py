"""How much of what a module sends is kept: a module that sends without end fills neither memory nor record."""

from __future__ import annotations

import threading
from dataclasses import dataclass

_LINE, _PIECE = 32, 8
"""What a line end, and each piece in which bytes come, counts for besides the bytes: keeping it takes room as well."""


@dataclass(frozen=True)
class Allowance:
    """Bytes that a module may send."""

    unanswered: int = 524_288
    """Without answering anything meanwhile."""
    each_answer: int = 4_096
    """On average between one answered command line and the next."""


class Intake:
    """What is kept of the bytes that come, as long as the allowance lasts; the rest is dropped and counted.

    Every answered command line refills it a little, what the bench itself has the module print as much as that takes.
    """

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._room = allowance.unanswered
        self._untold = 0
        self._lock = threading.Lock()
        self.dropped = 0
        """Bytes dropped so far."""

    @property
    def exhausted(self) -> bool:
        """Whether nothing that comes is kept any more: the module floods the line."""
        return self._room <= 0

    def admit(self, chunk: bytes) -> bytes:
        """What is kept of ``chunk``: all of it, its beginning, or nothing."""
        with self._lock:
            kept = chunk[: max(0, self._room)]
            if kept:
                self._room -= _PIECE + len(kept) + _LINE * max(kept.count(b"\n"), kept.count(b"\r"))
            self.dropped += len(chunk) - len(kept)
            self._untold += len(chunk) - len(kept)
        return kept

    def take_untold(self) -> int:
        """How many bytes have been dropped since this was asked last."""
        with self._lock:
            untold, self._untold = self._untold, 0
        return untold

    def answered(self) -> None:
        """A command line has been answered."""
        self._add(self._allowance.each_answer, self._allowance.unanswered)

    def grant(self, count: int) -> None:
        """The bench has given the module cause to send about so many bytes more."""
        self._add(count, self._allowance.unanswered + count)

    def refill(self) -> None:
        """The flood is over, or the module has started anew."""
        with self._lock:
            self._room = self._allowance.unanswered

    def _add(self, count: int, most: int) -> None:
        with self._lock:
            if self._room > 0:
                self._room = min(max(most, self._room), self._room + count)
