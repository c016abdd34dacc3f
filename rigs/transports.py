"""What `serial.url` may name: devices and COM ports, plain sockets, and RFC 2217 servers, each behind `Transport`."""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import re
import select
import socket
import time
import warnings
from typing import Any
from urllib.parse import SplitResult, urlsplit

import serial
from serial import rfc2217

from rigs.deadlines import Deadlines
from rigs.errors import BenchError, PortAbsent
from rigs.holders import holders_of, named
from rigs.port import CHECK_CABLE, Transport, TransportLost
from rigs.sentence import say

try:
    import fcntl
    import termios
except ImportError:  # Windows, where a port is opened by one program at a time anyway
    fcntl = termios = None  # type: ignore[assignment]

CLOSE_THE_OTHER = say("lab: close the program that has the port open (docs/ports.md), then run again")
_ENDED = say("the other end closed the connection")
_LONGEST_REMARK = 200
"""Bytes of a server that turns a connection away and says why, as ser2net does."""
_VAIN_READS = 100
"""Reads in a row that find nothing although there was to be something, before the device is taken to be gone."""
_KEEP_ALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3}
"""Seconds and probes, by the names that only some systems know: a server that lost its power sends no FIN."""


class SerialTransport:
    """pyserial behind the `Transport` methods: devices, COM ports, ``hwgrep://`` and whatever else it knows.

    A device is opened for this program alone.
    """

    def __init__(self, url: str, baudrate: int = 115200, write_timeout: float = Deadlines.write) -> None:
        self._url = url
        self._baudrate = baudrate
        self._write_timeout: float | None = write_timeout
        # The stubs know no method common to devices, sockets and RFC 2217.
        self._serial: Any = None
        self._vain_reads = 0

    @property
    def device(self) -> str | None:
        """The device node that is open; None when there is none."""
        return None if self._serial is None else device_of(self._serial)

    def open(self) -> None:
        port = None
        try:
            port = self._create()
            port.open()
        except (serial.SerialException, OSError, ValueError, OverflowError, LookupError) as error:
            raise self._refusal(port, error) from error
        self._serial = port
        self._keep_others_out(True)

    def close(self) -> None:
        if self._serial is None:
            return
        with contextlib.suppress(Exception):
            # Where another program has the device open as well, the mark would outlive this one.
            self._keep_others_out(False)
        port, self._serial = self._serial, None
        with contextlib.suppress(Exception):
            port.cancel_read()
        with contextlib.suppress(Exception):
            port.close()

    def read(self) -> bytes:
        port = self._serial
        if port is None:
            raise TransportLost(say("closed"))
        try:
            data = bytes(port.read(port.in_waiting or 1))
            if len(data) == 1:
                data += self._rest(port)
        except (serial.SerialException, OSError, TypeError, ValueError, AttributeError) as error:
            if self._still_there(port):
                return b""
            # A port closed by another thread shows up as any of these, depending on where pyserial stood.
            raise TransportLost(_reason(error)) from error
        self._vain_reads = 0
        return data

    @staticmethod
    def _rest(port: Any) -> bytes:
        """What has come with the one byte that ended the waiting; a loss of the port shows at the next read."""
        try:
            return bytes(port.read(port.in_waiting))
        except (serial.SerialException, OSError, TypeError, ValueError, AttributeError):
            return b""

    def _still_there(self, port: Any) -> bool:
        """Whether a read that found nothing, though there was to be something, need not mean that the device has gone.

        pyserial takes it for that. What was there may have been discarded in between; a device that goes hangs up.
        """
        self._vain_reads += 1
        if os.name != "posix" or port is not self._serial or self._vain_reads > _VAIN_READS:
            return False
        try:
            asked = select.poll()
            asked.register(port.fileno(), 0)
            return not asked.poll(0)
        except (serial.SerialException, OSError, TypeError, ValueError, AttributeError):
            return False

    def write(self, data: bytes) -> None:
        port = self._serial
        if port is None:
            raise TransportLost(say("closed"))
        try:
            port.write(data)
        except (serial.SerialException, OSError, TypeError, ValueError) as error:
            raise TransportLost(_reason(error)) from error

    def describe(self) -> str:
        return self._url

    def restore_settings(self) -> None:
        """Set baud rate and raw mode again: another program that had the device open may have changed them.

        Raises `TransportLost` when the device is gone.
        """
        port = self._serial
        if port is None:
            raise TransportLost(say("closed"))
        try:
            # Setting one of them compares them all with what the device has.
            port.baudrate = self._baudrate
        except (serial.SerialException, OSError) as error:
            raise TransportLost(_reason(error)) from error

    def _create(self) -> Any:
        # The read timeout only bounds how long a close may wait for the reader where a read cannot be cancelled.
        return serial.serial_for_url(
            self._url,
            do_not_open=True,
            baudrate=self._baudrate,
            timeout=Deadlines.read,
            write_timeout=self._write_timeout,
            exclusive=True,
        )

    def _refusal(self, port: Any, error: BaseException) -> BenchError:
        held = getattr(error, "errno", None) in (errno.EBUSY, errno.EAGAIN) or "PermissionError(13" in str(error)
        device = device_of(port) if port is not None else None
        if held and (device is None or os.name != "posix" or os.access(device, os.R_OK | os.W_OK)):
            who = named(holders_of(device)) if device else named(())
            return BenchError(say("serial port {url} is in use by {who}", url=self._url, who=who), act=CLOSE_THE_OTHER)
        return _cannot_be_opened(self._url, error)

    def _keep_others_out(self, out: bool) -> None:
        """Set or take away the mark that keeps other programs (of other users than root) from opening the device.

        Not on a pseudo-terminal: whoever offers it keeps it open, so the mark would outlive a run that was killed.
        """
        device = self.device
        if termios is None or device is None or device.startswith("/dev/pts/"):
            return
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._serial.fileno(), termios.TIOCEXCL if out else termios.TIOCNXCL)


def _cannot_be_opened(url: str, error: BaseException) -> BenchError:
    absent = getattr(error, "errno", None) in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ECONNREFUSED)
    kind = PortAbsent if absent else BenchError
    return kind(say("serial port {url} cannot be opened: {reason}", url=url, reason=_reason(error)), act=CHECK_CABLE)


class _Rfc2217Port(rfc2217.Serial):
    """pyserial's client, whose thread survives a connection that ends in the middle of a negotiation."""

    _socket: socket.socket | None
    _read_buffer: queue.Queue[bytes | None] | None

    def open(self) -> None:
        with warnings.catch_warnings():
            # pyserial 3.5 names its thread in the old way.
            warnings.simplefilter("ignore", DeprecationWarning)
            super().open()

    def _internal_raw_write(self, data: bytes) -> None:
        # The end of the connection shows up in the next read, behind what the server has said of it.
        with contextlib.suppress(OSError):
            super()._internal_raw_write(data)  # type: ignore[misc]

    @property
    def connection(self) -> socket.socket | None:
        return self._socket

    def rest(self) -> bytes:
        """What came and has not been read."""
        data = bytearray()
        while self._read_buffer is not None and self._read_buffer.qsize():
            data += self._read_buffer.get_nowait() or b""
        return bytes(data)


class Rfc2217Transport(SerialTransport):
    """``rfc2217://host:port?ign_set_control``, for example of ser2net: a serial port of another machine.

    pyserial has no write timeout here. Its socket has one of 5 s for whatever it does.
    """

    def __init__(self, url: str, baudrate: int = 115200) -> None:
        super().__init__(url, baudrate)
        self._write_timeout = None

    def open(self) -> None:
        super().open()
        if (connection := self._serial.connection) is not None:
            _keep_alive(connection)

    def read(self) -> bytes:
        port = self._serial
        try:
            return super().read()
        except TransportLost as lost:
            if port is not None and self._serial is port:
                # Its thread puts aside what came last, and pyserial looks at the thread first.
                if rest := port.rest():
                    return bytes(rest)
                raise TransportLost(_ENDED) from lost
            raise

    def _create(self) -> Any:
        _host_and_port(self._url)
        port = _Rfc2217Port(None, baudrate=self._baudrate, timeout=Deadlines.read)
        port.port = self._url
        return port

    def _refusal(self, port: Any, error: BaseException) -> BenchError:
        if remark := _remark(port.rest() if port is not None else b""):
            return _turned_away(self._url, remark)
        if "'control'" in str(error):
            return BenchError(
                say(
                    "serial port {url} cannot be opened: its server does not confirm the state of DTR and RTS",
                    url=self._url,
                ),
                act=say("lab: put ?ign_set_control behind host and port in the rig file's serial.url"),
            )
        return super()._refusal(None, error)


class SocketTransport:
    """``socket://host:port`` without pyserial, whose socket port gives its bytes one by one."""

    def __init__(self, url: str, timeout: float = Deadlines.write) -> None:
        self._url = url
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._first = b""
        """What came while it was being opened."""
        self._came = bytearray()
        """The beginning of all that came since it was opened."""

    def open(self) -> None:
        try:
            connection = socket.create_connection(_host_and_port(self._url), self._timeout)
        except (OSError, ValueError) as error:
            raise _cannot_be_opened(self._url, error) from error
        try:
            _keep_alive(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._first = self._not_turned_away(connection)
        except BaseException:
            connection.close()
            raise
        self._came.clear()
        self._socket = connection

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
            raise TransportLost(say("closed"))
        data, self._first = self._first, b""
        if not data:
            try:
                data = connection.recv(65_536)
            except TimeoutError as error:
                if error.errno is None:
                    # The time limit is for writing; a module may be silent for as long as it likes.
                    return b""
                raise TransportLost(say("the other end does not answer any more")) from error
            except OSError as error:
                raise TransportLost(_reason(error)) from error
        if not data:
            remark = _remark(bytes(self._came))
            if remark:
                raise TransportLost(say("{ended}; all that it said was {remark}", ended=_ENDED, remark=repr(remark)))
            raise TransportLost(_ENDED)
        self._came += data[: _LONGEST_REMARK + 1 - len(self._came)]
        return data

    def write(self, data: bytes) -> None:
        connection = self._socket
        if connection is None:
            raise TransportLost(say("closed"))
        try:
            connection.sendall(data)
        except OSError as error:
            raise TransportLost(_reason(error)) from error

    def describe(self) -> str:
        return self._url

    def _not_turned_away(self, connection: socket.socket) -> bytes:
        """What came within the time that a server takes to turn a connection away; raises `BenchError` when it did."""
        came, limit = b"", time.monotonic() + Deadlines.turned_away
        while (remaining := limit - time.monotonic()) > 0 and select.select([connection], [], [], remaining)[0]:
            try:
                data = connection.recv(65_536)
            except OSError:
                data = b""
            if not data:
                raise _turned_away(self._url, _remark(came))
            came += data
        return came


def transport_for(url: str, baudrate: int, write_timeout: float) -> Transport:
    """The transport that serves ``url``: one for ``socket://``, one for ``rfc2217://``, pyserial's for all else."""
    if url.startswith("socket://"):
        return SocketTransport(url)
    if url.startswith("rfc2217://"):
        return Rfc2217Transport(url, baudrate)
    return SerialTransport(url, baudrate, write_timeout)


def address_of(url: str) -> str:
    """The one name of what ``url`` leads to, whichever of its names the URL uses: a device node or a TCP port."""
    if url.startswith(("socket://", "rfc2217://")):
        try:
            host, port = _host_and_port(url)
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError):
            return url
        known = sorted(str(item[4][0]) for item in addresses if item[0] == socket.AF_INET)
        return f"tcp {known[0] if known else host.lower()} {port}"
    try:
        return device_of(serial.serial_for_url(url, do_not_open=True)) or url
    except (serial.SerialException, OSError, ValueError, LookupError):
        return url


def device_of(port: Any) -> str | None:
    """The device node behind a port of pyserial's, with its real name; None when it has none."""
    name = port.port
    if not isinstance(name, str) or "://" in name:
        return None
    return os.path.realpath(name) if os.name == "posix" else name.removeprefix("\\\\.\\").upper()


def _host_and_port(url: str) -> tuple[str, int]:
    """Raises ValueError when there are none."""
    parts: SplitResult = urlsplit(url)
    if not parts.hostname or not parts.port:
        raise ValueError(f"it has to be {parts.scheme}://host:port")
    return parts.hostname, parts.port


def _turned_away(url: str, remark: str) -> BenchError:
    said = say(", saying {remark}", remark=repr(remark)) if remark else say(" at once")
    return BenchError(
        say("serial port {url} cannot be opened: {ended}{said}", url=url, ended=_ENDED, said=said),
        act=say("lab: close the program that uses the port over there, or end the other run (docs/ports.md)"),
    )


def _remark(came: bytes) -> str:
    """The last line of the little that a server said before it closed; nothing when that was no text."""
    text = came.decode("ascii", "replace").strip()
    if len(came) > _LONGEST_REMARK or not re.search(r"[A-Za-z]{3}", text):
        return ""
    return text.splitlines()[-1].strip()


def _keep_alive(connection: socket.socket) -> None:
    """Have the system notice a server that is gone without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE.items():
        if (option := getattr(socket, name, None)) is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
    if (option := getattr(socket, "TCP_USER_TIMEOUT", None)) is not None:
        connection.setsockopt(socket.IPPROTO_TCP, option, int(Deadlines.write * 1000))


def _reason(error: BaseException) -> str:
    """The first line of what the operating system said."""
    if isinstance(error, LookupError) and error.__context__ is not None:
        # pyserial 3.5 stumbles over its own message about an option that it does not know.
        error = error.__context__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
