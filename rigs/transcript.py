"""What went over the line, in both directions, with times, and with the secrets masked before anything is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from rigs.redaction import Redactor, Span, StreamMasker, hidden
from rigs.sentence import Sentence


class Direction(StrEnum):
    """Seen from the bench: TX goes to the module, RX comes from it."""

    TX = "tx"
    RX = "rx"


class Sink(Protocol):
    """Where events go: returns the event's sequence number in the run record."""

    def __call__(self, kind: str, *, at: float | None = None, **fields: Any) -> int: ...


class Transcript:
    """Append-only, timestamped log of the serial line and of everything else the rig does.

    ``sink`` writes each event to the run record at once. Bytes are stored as text of latin-1 characters, so nothing is
    lost and a reader still recognises what was said.
    """

    def __init__(
        self, sink: Sink, redactor: Redactor | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sink = sink
        self.redactor = redactor or Redactor()
        self._maskers = {direction: StreamMasker(self.redactor) for direction in Direction}
        self._clock = clock
        self._lock = threading.Lock()
        self.last = -1

    def serial(self, direction: Direction, data: bytes, at: float | None = None) -> int:
        """Log ``data`` that went in ``direction`` at monotonic time ``at`` (now when not given).

        Returns the number of the event that has the last of it, but for what is held back.
        """
        with self._lock:
            self._write(direction, self._maskers[direction].feed(data, self._clock() if at is None else at))
            return self.last

    def dropped(self, count: int) -> None:
        """Log that so many bytes of the module came here and were not kept."""
        with self._lock:
            self.last = self._sink("serial", dir=Direction.RX.value, data="", dropped=count)

    def flush(self) -> None:
        """Write what is held back of both directions: the exchange it belonged to is over."""
        with self._lock:
            for direction, masker in self._maskers.items():
                self._write(direction, masker.flush())

    def note(self, kind: str, **fields: Any) -> int:
        """Log an event of another kind (``power``, ``incident`` ...); returns its sequence number."""
        with self._lock:
            self.last = self._sink(kind, **self.redactor.mask_json(fields))
            return self.last

    def incident(
        self,
        text: Sentence,
        *,
        act: Sentence,
        recovered: bool = True,
        about: str = "bench",
        begin: float | None = None,
        end: float | None = None,
    ) -> int:
        """Log that something went wrong, and who should act; returns the event's sequence number.

        ``about`` says whose trouble it is (``bench``, ``module``, ``surroundings``), ``begin`` and ``end`` when it was,
        in monotonic time.
        """
        when = {name: moment for name, moment in (("begin", begin), ("end", end)) if moment is not None}
        return self.note("incident", text=text, act=act, recovered=recovered, about=about, **when)

    def exchange(self, command: bytes, lines: Sequence[bytes], **fields: Any) -> int:
        """Log an exchange: whole lines, and fields of other kinds; returns the event's sequence number."""
        places = {"/command": command, **{f"/lines/{index}": line for index, line in enumerate(lines)}}
        spans = {place: found for place, line in places.items() if (found := self.redactor.line_spans(line))}
        shown = {place: hidden(line, spans.get(place, ())).decode("latin-1") for place, line in places.items()}
        labels = {
            place: [self.redactor.label(places[place][first:last]) for first, last in found]
            for place, found in spans.items()
        }
        told: dict[str, Any] = {"labels": labels} if labels else {}
        with self._lock:
            self.last = self._sink(
                "exchange",
                command=shown.pop("/command"),
                lines=[*shown.values()],
                **self.redactor.mask_json(fields),
                **masked_field(spans),
                **told,
            )
            return self.last

    def _write(self, direction: Direction, pieces: list[tuple[float, bytes, list[Span]]]) -> None:
        for when, piece, spans in pieces:
            masked = masked_field({"/data": spans} if spans else {})
            self.last = self._sink("serial", at=when, dir=direction.value, data=piece.decode("latin-1"), **masked)


def masked_field(spans: Mapping[str, Sequence[Span]]) -> dict[str, Any]:
    """How an event tells what of it was masked: ``masked``, by JSON pointer; nothing where nothing was."""
    return {"masked": {place: [list(span) for span in found] for place, found in spans.items()}} if spans else {}
