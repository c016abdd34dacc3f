"""The serial port behind a transport of five methods, and the one thread that reads it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

import serial

from rigs.deadlines import Deadlines
from rigs.errors import BenchError

CHECK_CABLE = "lab: check the cable, the adapter and the rig file's serial.url"


class TransportLost(Exception):
    """The transport broke while it was open: cable pulled, adapter gone, peer closed."""


class Transport(Protocol):
    """A byte pipe to the module."""

    def open(self) -> None:
        """Raise `BenchError` when it cannot be opened."""

    def close(self) -> None:
        """Release it; a blocked `read` returns or raises `TransportLost`."""

    def read(self) -> bytes:
        """Block until bytes come and return them; may return nothing. Raise `TransportLost` when it broke."""

    def write(self, data: bytes) -> None:
        """Send all of ``data``. Raise `TransportLost` when it broke or the bytes are not taken in time."""

    def describe(self) -> str:
        """What it is, for messages."""


class SerialTransport:
    """pyserial behind the `Transport` methods: devices, COM ports, ``rfc2217://`` and whatever else it knows."""

    def __init__(self, url: str, baudrate: int = 115200, write_timeout: float = Deadlines.write) -> None:
        self._url = url
        self._baudrate = baudrate
        self._write_timeout = write_timeout
        # The stubs know no method common to devices, sockets and RFC 2217.
        self._serial: Any = None

    def open(self) -> None:
        try:
            # The read timeout only bounds how long a close may wait for the reader where a read cannot be cancelled.
            self._serial = serial.serial_for_url(
                self._url, baudrate=self._baudrate, timeout=Deadlines.read, write_timeout=self._write_timeout
            )
        except (serial.SerialException, OSError, ValueError, OverflowError, LookupError) as error:
            raise BenchError(f"serial port {self._url} cannot be opened: {_reason(error)}", act=CHECK_CABLE) from error

    def close(self) -> None:
        port, self._serial = self._serial, None
        if port is None:
            return
        with contextlib.suppress(Exception):
            port.cancel_read()
        with contextlib.suppress(Exception):
            port.close()

    def read(self) -> bytes:
        port = self._serial
        if port is None:
            raise TransportLost("closed")
        try:
            return bytes(port.read(port.in_waiting or 1))
        except (serial.SerialException, OSError, TypeError, ValueError, AttributeError) as error:
            # A port closed by another thread shows up as any of these, depending on where pyserial stood.
            raise TransportLost(_reason(error)) from error

    def write(self, data: bytes) -> None:
        port = self._serial
        if port is None:
            raise TransportLost("closed")
        try:
            port.write(data)
        except (serial.SerialException, OSError, TypeError, ValueError) as error:
            raise TransportLost(_reason(error)) from error

    def describe(self) -> str:
        return self._url


class SocketTransport:
    """``socket://host:port`` without pyserial, whose socket port gives its bytes one by one."""

    def __init__(self, url: str, connect_timeout: float = Deadlines.write) -> None:
        self._url = url
        self._connect_timeout = connect_timeout
        self._socket: socket.socket | None = None

    def open(self) -> None:
        parts = urlsplit(self._url)
        try:
            if not parts.hostname or not parts.port:
                raise ValueError("it has to be socket://host:port")
            self._socket = socket.create_connection((parts.hostname, parts.port), self._connect_timeout)
            self._socket.settimeout(None)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, ValueError) as error:
            raise BenchError(f"serial port {self._url} cannot be opened: {_reason(error)}", act=CHECK_CABLE) from error

    def close(self) -> None:
        connection, self._socket = self._socket, None
        if connection is not None:
            with contextlib.suppress(OSError):
                # Wakes a reader that is blocked in recv, which closing alone does not.
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def read(self) -> bytes:
        connection = self._socket
        if connection is None:
            raise TransportLost("closed")
        try:
            data = connection.recv(65_536)
        except OSError as error:
            raise TransportLost(_reason(error)) from error
        if not data:
            raise TransportLost("the other end closed the connection")
        return data

    def write(self, data: bytes) -> None:
        connection = self._socket
        if connection is None:
            raise TransportLost("closed")
        try:
            connection.sendall(data)
        except OSError as error:
            raise TransportLost(_reason(error)) from error

    def describe(self) -> str:
        return self._url


def transport_for(url: str, baudrate: int, write_timeout: float) -> Transport:
    """The transport that serves ``url``: a plain socket for ``socket://``, pyserial for everything else."""
    if url.startswith("socket://"):
        return SocketTransport(url)
    return SerialTransport(url, baudrate, write_timeout)


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


def _reason(error: BaseException) -> str:
    """The first line of what the operating system said."""
    if isinstance(error, LookupError) and error.__context__ is not None:
        # pyserial 3.5 stumbles over its own message about an option that it does not know.
        error = error.__context__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
