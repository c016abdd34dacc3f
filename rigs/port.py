"""What the bench wants of a serial port, a transport of five methods, and the one thread that reads it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from rigs.deadlines import Deadlines
from rigs.sentence import say

CHECK_CABLE = say("lab: check the cable, the adapter and the rig file's serial.url")


class TransportLost(Exception):
    """The transport broke while it was open: cable pulled, adapter gone, peer closed."""


class Transport(Protocol):
    """A byte pipe to the module."""

    def open(self) -> None:
        """Raise `rigs.errors.BenchError` when it cannot be opened."""

    def close(self) -> None:
        """Release it; a blocked `read` returns or raises `TransportLost`."""

    def read(self) -> bytes:
        """Block until bytes come and return them; may return nothing. Raise `TransportLost` when it broke."""

    def write(self, data: bytes) -> None:
        """Send all of ``data``. Raise `TransportLost` when it broke or the bytes are not taken in time."""

    def describe(self) -> str:
        """What it is, for messages."""


class PortReader:
    """Owns the open transport and the thread that reads it, stamping each chunk with its monotonic time."""

    def __init__(
        self,
        transport: Transport,
        on_bytes: Callable[[bytes, float], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._on_bytes = on_bytes
        self._on_lost = on_lost
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        """Set for the thread under way, which has an event of its own: it may outlive a reopening."""

    def open(self) -> None:
        """Open the transport and start reading; raises `BenchError`."""
        self._transport.open()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._closing,), name="serial-reader", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading and release the transport."""
        self._closing.set()
        self._transport.close()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(Deadlines.reader_end)

    def write(self, data: bytes) -> None:
        """Send all of ``data``; raises `TransportLost`."""
        self._transport.write(data)

    def describe(self) -> str:
        return self._transport.describe()

    def _run(self, closing: threading.Event) -> None:
        try:
            while not closing.is_set():
                if chunk := self._transport.read():
                    self._on_bytes(chunk, time.monotonic())
        except TransportLost as lost:
            if not closing.is_set():
                self._on_lost(str(lost))
