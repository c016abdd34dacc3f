"""The board around the firmware: pseudo-terminal, power supply, flash, and the network that it hangs on."""

from __future__ import annotations

import os
import socket
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .firmware import Firmware, Hang, Restart
from .loop import READ, WRITE, Loop
from .session import Cloud

POWER_SOCKET = "power.sock"

Change = Callable[[Firmware], None]


class PowerCut(Exception):
    """The supply has gone."""


class Board:
    """Runs firmware after firmware, boot after boot."""

    def __init__(self, folder: Path, link: Path, cloud: Cloud, changes: list[Change]) -> None:
        self.folder = folder
        self.link = link
        self.cloud = cloud
        self.changes = changes
        self.think_seconds = 0.0
        self.boot_seconds = 0.2
        self.loop = Loop()
        self.memo: dict[str, Any] = {}
        self.firmware: Firmware | None = None
        self.powered = True
        self.outgoing = bytearray()
        self.cutter: socket.socket | None = None
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        self.loop.watch(self.master, READ, self.serve_port)
        self.listener = self.listen()
        self.make_link()

    def make_link(self) -> None:
        """Let LINK name the port."""
        fresh = self.link.with_name(self.link.name + ".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self.slave))
        fresh.replace(self.link)

    def listen(self) -> socket.socket:
        """The socket of the power switch, in the module's folder; reached by a short name whatever the folder's."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        (self.folder / POWER_SOCKET).unlink(missing_ok=True)
        folder = os.open(self.folder, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{folder}/{POWER_SOCKET}")
        os.close(folder)
        listener.listen()
        self.loop.watch(listener, READ, self.serve_power)
        return listener

    # -- serial port

    def serve_port(self, mask: int) -> None:
        """The port has bytes, or room for some."""
        if mask & WRITE:
            self.flush()
        if mask & READ:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if self.firmware is not None:
                self.firmware.feed(data)

    def send(self, data: bytes) -> None:
        """Bytes to the host, now or as soon as there is room."""
        self.outgoing += data
        self.flush()

    def flush(self) -> None:
        """Write what waits."""
        while self.outgoing:
            try:
                written = os.write(self.master, self.outgoing)
            except BlockingIOError:
                break
            del self.outgoing[:written]
        self.loop.watch(self.master, READ | (WRITE if self.outgoing else 0), self.serve_port)

    # -- power

    def serve_power(self, mask: int) -> None:
        """Somebody turns the switch."""
        peer, _ = self.listener.accept()
        word = peer.recv(16).strip()
        if word == b"off" and self.powered:
            self.powered = False
            self.cutter = peer
            raise PowerCut
        if word == b"on" and not self.powered:
            self.powered = True
            self.boot_later()
        peer.sendall(b"done\n")
        peer.close()

    def lose(self) -> None:
        """All that is volatile is lost."""
        if self.firmware is not None:
            self.firmware.session.end()
            self.firmware = None
        self.loop.timers.clear()
        self.outgoing.clear()
        self.flush()

    def cut(self) -> None:
        """The supply is cut: unread bytes are lost as well, then whoever cut it is told."""
        self.lose()
        termios.tcflush(self.slave, termios.TCIOFLUSH)
        if self.cutter is not None:
            self.cutter.sendall(b"done\n")
            self.cutter.close()
            self.cutter = None

    def boot_later(self) -> None:
        """Boot, which takes its time."""
        self.loop.after(self.boot_seconds, self.boot)

    def boot(self) -> None:
        """The firmware is up."""
        firmware = Firmware(self)
        for change in self.changes:
            change(firmware)
        self.firmware = firmware

    # -- running

    def think(self) -> None:
        """Let the configured time pass before an answer."""
        if self.think_seconds:
            self.loop.wait(lambda: False, self.think_seconds)

    def run(self) -> None:
        """Run for ever."""
        while True:
            try:
                self.turn()
            except PowerCut:
                self.cut()
            except Restart:
                self.lose()
                self.boot_later()
            except Hang:
                self.lose()

    def turn(self) -> None:
        """Serve what comes next, and the lines that came."""
        self.loop.pump(None)
        firmware = self.firmware
        while firmware is not None and firmware.lines:
            firmware.run(firmware.lines.popleft())
            if firmware.session.is_open:
                self.loop.pump(0)
