"""Writes the run record, an event at a time, so that it survives the death of the process."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reports.events import Kind, RecordError

if TYPE_CHECKING:
    from reports.record import RunRecord

_DATED = frozenset({Kind.RUN, Kind.RESUMED})
"""Events that say what the clock on the wall showed; of all others it follows from ``t``."""
_RESERVED = frozenset({"seq", "t", "wall", "kind", "test"})


class RecordWriter:
    """Appends events to a new record file; safe to use from any thread.

    Each event goes to the operating system as one line at once, so it survives the death of the process. The event
    of kind ``end`` is the footer: it gets the number of events before it and their SHA-256, and nothing comes after it.
    Raises `RecordError` when the file cannot be made, already exists, cannot take an event, or is closed or ended.
    """

    unwritten: list[bytes]
    """Lines of events that came too late for the file and were kept in memory, see `keep`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._seq = 0
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._ended = False
        self._test: str | None = None
        """The test of the last event."""
        self.unwritten = []
        self._started = time.monotonic()
        self._started_wall = datetime.now(UTC)
        try:
            self._file = path.open("xb", buffering=0)
        except OSError as problem:
            raise RecordError(
                "{path}: cannot make the run record: {why}", path=path, why=problem.strerror or problem
            ) from problem

    def write(self, kind: str, *, test: str | None = None, at: float | None = None, **fields: object) -> int:
        """Append one event and return its sequence number.

        ``at`` is the `time.monotonic` of the event, default now; ``bytes`` values are stored as latin-1.
        A kind or field name that the schema does not allow raises ValueError; nothing is written then.
        """
        if clash := _RESERVED & fields.keys():
            raise ValueError(f"field names taken by the record itself: {', '.join(sorted(clash))}")
        kind = Kind(kind)
        with self._lock:
            if self._ended:
                raise RecordError("{path}: the run record has its footer already", path=self.path)
            if kind is Kind.END:
                fields |= {"events": self._seq, "sha256": self._sha256.hexdigest()}
            self._append(self._line(self._seq, kind, test, at, fields) + b"\n")
            self._seq += 1
            self._test = test
            self._ended = kind is Kind.END
            return self._seq - 1

    def keep(self, kind: str, *, test: str | None = None, at: float | None = None, **fields: object) -> None:
        """Keep an event in memory, numbered as if it followed the record: for a file that takes no more of them."""
        with self._lock:
            number = self._seq + len(self.unwritten)
            self.unwritten.append(self._line(number, Kind(kind), test, at, fields, whole=True))

    def _line(
        self,
        number: int,
        kind: Kind,
        test: str | None,
        at: float | None,
        fields: Mapping[str, object],
        *,
        whole: bool = False,
    ) -> bytes:
        """One event; without what the reader knows from the line before, unless it is to be ``whole``."""
        elapsed = (time.monotonic() if at is None else at) - self._started
        event: dict[str, object] = {"seq": number, "t": round(elapsed, 6)}
        if whole or kind in _DATED:
            wall = self._started_wall + timedelta(seconds=elapsed)
            event["wall"] = wall.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        event["kind"] = kind
        if whole or kind in _DATED or test != self._test:
            event["test"] = test
        return json.dumps({**event, **fields}, default=_plain, allow_nan=False, separators=(",", ":")).encode("ascii")

    @classmethod
    def continuing(cls, path: Path, earlier: RunRecord) -> Self:
        """A new record that begins with all events of an earlier one; its footer gives way to what comes now."""
        record = cls(path)
        lines = earlier.path.read_bytes().split(b"\n")[: len(earlier.events)]
        if earlier.complete:
            lines.pop()
        with record._lock:
            for line in lines:
                record._append(line + b"\n")
        record._seq = len(lines)
        record._test = earlier.events[len(lines) - 1].test
        record._started_wall = datetime.fromisoformat(earlier.started)
        record._started = time.monotonic() - (datetime.now(UTC) - record._started_wall).total_seconds()
        return record

    def elapsed(self, at: float) -> float:
        """Seconds from the beginning of the record to a `time.monotonic`, as the record's own times are."""
        return round(at - self._started, 6)

    def _append(self, line: bytes) -> None:
        if self._file.closed:
            raise RecordError("{path}: the run record is already closed", path=self.path)
        try:
            if os.fstat(self._file.fileno()).st_nlink == 0:
                raise FileNotFoundError(None, "the file has vanished")
            written = self._file.write(line)
            if written != len(line):
                raise OSError(None, "the disk is full")
        except OSError as problem:
            self._drop_partial_line()
            raise RecordError(
                "{path}: cannot write the run record: {why}", path=self.path, why=problem.strerror or problem
            ) from problem
        self._size += len(line)
        self._sha256.update(line)

    def _drop_partial_line(self) -> None:
        try:
            self._file.truncate(self._size)
            self._file.seek(self._size)
        except OSError:
            # Then the half line stays the last one: a later event behind it would make the record unreadable.
            self._file.close()

    def close(self) -> None:
        """Refuse further events. Closing twice is harmless."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _plain(value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return value.decode("latin-1")
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a run record cannot hold {type(value).__name__}")
