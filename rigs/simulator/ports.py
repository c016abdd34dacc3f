"""The host's side of the adapter: a pty, or a TCP port where there is none."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from rigs.simulator.loop import Loop, Timer
from rigs.simulator.options import Address
from rigs.simulator.streams import Stream


class PortError(Exception):
    """The port cannot be offered as asked."""


class Port(Protocol):
    """Where a host connects. ``url`` is what pyserial's ``serial_for_url`` opens."""

    url: str

    def send(self, data: bytes) -> None:
        """Towards the host."""

    def drain_input(self) -> None:
        """Pass on what the host has sent so far."""

    def close(self) -> None:
        """Take the port away."""


class PtyPort:
    """A pseudo-terminal, raw from the start, which stays whether a host has it open or not.

    Raises :class:`PortError` when ``link``, a symbolic link to the device, cannot be made.
    """

    def __init__(self, loop: Loop, on_data: Callable[[bytes], object], link: Path | None) -> None:
        import tty  # not on Windows

        # The own slave descriptor keeps the line up while no host has it open.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._device = os.ttyname(self._slave)
        self._link = link
        self.url = str(link or self._device)
        if link:
            self._make_link(link)
        self._stream = Stream(
            loop,
            self._master,
            read=lambda size: os.read(self._master, size),
            write=lambda data: os.write(self._master, data),
            on_data=on_data,
            on_end=lambda: None,
        )
        self.send = self._stream.send
        self.drain_input = self._stream.drain_input

    def _make_link(self, link: Path) -> None:
        try:
            if link.is_symlink():
                link.unlink()
            link.symlink_to(self._device)
        except OSError as error:
            raise PortError(f"--link {link}: {error.strerror}") from error

    def close(self) -> None:
        self._stream.close()
        if self._link and self._link.is_symlink() and self._link.readlink() == Path(self._device):
            self._link.unlink()
        os.close(self._master)
        os.close(self._slave)


class UsbPort:
    """The module's own USB port: a pty that is there only while the module is, a new one each time under one ``link``.

    Raises :class:`PortError` when the link cannot be made.
    """

    def __init__(self, loop: Loop, on_data: Callable[[bytes], object], link: Path) -> None:
        self._loop = loop
        self._on_data = on_data
        self._link = link
        self._pty: PtyPort | None = None
        self._leaving = False
        """The device is gone, and the host has not been told yet."""
        self._timers: list[Timer] = []
        self.url = str(link)

    @property
    def is_there(self) -> bool:
        return self._pty is not None

    def appear(self, seconds: float) -> None:
        """Be there so many seconds from now."""
        self._timers.append(self._loop.call_later(seconds, self._appear))

    def vanish(self, seconds: float = 0.0) -> None:
        """Be gone so many seconds from now, and do not come unless told anew."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if seconds:
            self._leaving = True
            self._timers.append(self._loop.call_later(seconds, self.close))
        else:
            self.close()

    def send(self, data: bytes) -> None:
        if self._pty and not self._leaving:
            self._pty.send(data)

    def drain_input(self) -> None:
        if self._pty:
            self._pty.drain_input()

    def close(self) -> None:
        pty, self._pty, self._leaving = self._pty, None, False
        if pty:
            pty.close()

    def _appear(self) -> None:
        self.close()
        self._pty = PtyPort(self._loop, self._received, self._link)

    def _received(self, data: bytes) -> None:
        if not self._leaving:
            self._on_data(data)


class TcpPort:
    """The line over TCP, one host at a time; a second one is turned away until the first has gone.

    Raises :class:`PortError` when nothing can listen at ``address``.
    """

    def __init__(self, loop: Loop, on_data: Callable[[bytes], object], address: Address) -> None:
        self._loop = loop
        self._on_data = on_data
        self._listener = listen(address)
        self._host: socket.socket | None = None
        self._stream: Stream | None = None
        self.url = f"socket://{Address(*self._listener.getsockname()[:2])}"
        loop.watch(self._listener, self._accept)

    def send(self, data: bytes) -> None:
        if self._stream:
            self._stream.send(data)

    def drain_input(self) -> None:
        if self._stream:
            self._stream.drain_input()

    def close(self) -> None:
        self._hang_up()
        self._loop.unwatch(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        host, _ = self._listener.accept()
        if self._host and not _has_gone(self._host):
            host.close()
            return
        self._hang_up()
        host.setblocking(False)
        host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = host
        self._stream = Stream(
            self._loop, host, read=host.recv, write=host.send, on_data=self._on_data, on_end=self._hang_up
        )

    def _hang_up(self) -> None:
        if self._host and self._stream:
            self._stream.close()
            self._host.close()
        self._host = self._stream = None


def listen(address: Address) -> socket.socket:
    """A listening socket. Raises :class:`PortError`."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        raise PortError(f"cannot listen at {address}: {error.strerror}") from error


def _has_gone(host: socket.socket) -> bool:
    try:
        return host.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
