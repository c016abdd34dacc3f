"""Bytes in and out of a descriptor that may not be ready, and bytes at the pace of a serial line."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rigs.simulator.loop import Loop, Timer

CHUNK = 65_536
"""Bytes read at a time."""
BUFFER = 16_777_216
"""Bytes that may wait for a reader who does not read; what comes on top is lost, as on a line without flow control.

It is far above what an instant line brings while the module's process waits for a processor.
"""


class Stream:
    """A non-blocking descriptor or socket on the loop.

    ``read(size)`` and ``write(data)`` are those of the source. ``on_data`` gets what was read, ``on_end`` is called
    once when the other side has gone.
    """

    def __init__(
        self,
        loop: Loop,
        source: Any,
        *,
        read: Callable[[int], bytes],
        write: Callable[[bytes], int],
        on_data: Callable[[bytes], object],
        on_end: Callable[[], object],
    ) -> None:
        self._loop = loop
        self._source = source
        self._read = read
        self._write = write
        self._on_data = on_data
        self._on_end = on_end
        self._waiting = bytearray()
        loop.watch(source, self._readable)

    def send(self, data: bytes) -> None:
        """Write now what can be written, the rest when it can."""
        if not self._waiting:
            data = data[self._try(data) :]
        if data and len(self._waiting) < BUFFER:
            self._waiting += data
            self._loop.watch(self._source, self._readable, self._writable)

    def drain_input(self) -> None:
        """Pass on what has already arrived, without waiting for more."""
        try:
            while data := self._read(CHUNK):
                self._on_data(data)
        except OSError:
            return

    def close(self) -> None:
        """Leave the loop; the source itself stays its owner's."""
        self._loop.unwatch(self._source)

    def _try(self, data: bytes) -> int:
        try:
            return self._write(data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)  # nobody is there: the bytes are lost, and reading will tell

    def _readable(self) -> None:
        try:
            data = self._read(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._on_data(data)
        else:
            self.close()
            self._on_end()

    def _writable(self) -> None:
        del self._waiting[: self._try(bytes(self._waiting))]
        if not self._waiting:
            self._loop.watch(self._source, self._readable)


class Pacer:
    """Delivers bytes at the pace of a line of ``baud`` (8N1: ten bits a byte), a millisecond's worth at once.

    0 is instant.
    """

    def __init__(self, loop: Loop, baud: int, deliver: Callable[[bytes], object]) -> None:
        self._loop = loop
        self._seconds_per_byte = 10 / baud if baud else 0.0
        self._deliver = deliver
        self._queue = bytearray()
        self._free_at = 0.0
        self._timer: Timer | None = None

    def send(self, data: bytes) -> None:
        """Put bytes on the line."""
        if not self._seconds_per_byte:
            self._deliver(data)
            return
        if not self._queue:
            self._free_at = max(self._free_at, time.monotonic())
        self._queue += data
        if self._timer is None:
            self._arm()

    def discard(self) -> None:
        """Lose what is still on its way: the sender's power is gone."""
        self._queue.clear()

    def _arm(self) -> None:
        self._timer = self._loop.call_later(max(self._seconds_per_byte, 0.001), self._tick)

    def _tick(self) -> None:
        self._timer = None
        count = min(int((time.monotonic() - self._free_at) / self._seconds_per_byte), len(self._queue))
        if count:
            self._free_at += count * self._seconds_per_byte
            data = bytes(self._queue[:count])
            del self._queue[:count]
            self._deliver(data)
        if self._queue:
            self._arm()
