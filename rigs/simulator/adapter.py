"""The adapter process: owns the port, the control line and the module's power."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import threading
from contextlib import ExitStack
from dataclasses import replace

from rigs.simulator.carrier import Carrier
from rigs.simulator.control import ControlServer
from rigs.simulator.loop import Loop
from rigs.simulator.options import AdapterOptions, Address, ModuleOptions
from rigs.simulator.ports import Port, PtyPort, TcpPort, UsbPort
from rigs.simulator.strangers import Strangers
from rigs.simulator.streams import Pacer
from rigs.simulator.supply import Supply

JITTER_SEED = 302
LAST_WORDS = 0.05
"""Seconds from the end of a module's process until its USB port is gone: what it has said gets through."""
ENUMERATION = 0.25
"""Seconds that a host takes to find a USB device."""


class Adapter:
    """Everything that outlives the module's power.

    Raises :class:`~rigs.simulator.ports.PortError` when a port cannot be offered.
    """

    def __init__(self, options: AdapterOptions, module: ModuleOptions) -> None:
        self._options = options
        self._loop = Loop()
        self._stopping = False
        self._to_module = Pacer(self._loop, options.line_rate, lambda data: self._supply.send(data))
        self._to_host = Pacer(self._loop, options.line_rate, lambda data: self._port.send(data))
        self._carriers = self._jitter(module, options.jitter) if options.jitter else []
        detours = {address: carrier.address for address, carrier in self._carriers}
        self._supply = Supply(self._loop, replace(module, detours=detours), self._to_host.send, spawn=options.spawn)
        self._port: Port
        self._usb: UsbPort | None = None
        if options.usb and options.link:
            usb = self._port = self._usb = UsbPort(self._loop, self._to_module.send, options.link)
            self._supply.on_start = lambda: usb.appear(LAST_WORDS + module.boot + ENUMERATION)
            self._supply.on_end = lambda: usb.vanish(LAST_WORDS if self._supply.powered else 0.0)
        elif options.tcp:
            self._port = TcpPort(self._loop, self._to_module.send, options.tcp)
        else:
            self._port = PtyPort(self._loop, self._to_module.send, options.link)
        self._control = ControlServer(self._loop, options.control, self._obey)
        doors = [(module.cloud, False), (module.cloud_tls, True)] if options.strangers else []
        self._strangers = Strangers(self._loop, [(door, tls) for door, tls in doors if door])

    def run(self) -> None:
        """Announce the port on standard output, then serve until told to stop."""
        with ExitStack() as at_end:
            at_end.callback(self._loop.close)
            at_end.callback(self._port.close)
            at_end.callback(self._control.close)
            at_end.callback(self._strangers.close)
            for _, carrier in self._carriers:
                at_end.callback(carrier.close)
            at_end.callback(self._supply.off)
            self._listen_for_signals(at_end)
            if self._options.exit_with_stdin:
                self._stop_with_stdin()
            if self._options.power:
                self._supply.on()
            while self._usb and self._supply.pid and not self._usb.is_there:
                self._loop.step()
            announcement = {"port": self._port.url, "control": str(self._control.address), "pid": os.getpid()}
            print(json.dumps(announcement), flush=True)
            while not self._stopping:
                self._loop.step()

    def _jitter(self, module: ModuleOptions, longest: float) -> list[tuple[Address, Carrier]]:
        """Every way to the cloud, with what is put in the middle of it."""
        chance = random.Random(JITTER_SEED)
        ways = dict.fromkeys(filter(None, (module.cloud, module.cloud_tls)))
        return [(way, Carrier(self._loop, way, longest, chance)) for way in ways]

    def _obey(self, words: list[str]) -> str:
        self._supply.notice()
        match words:
            case ["power", "on"]:
                self._port.drain_input()  # what came before the power is lost
                self._supply.on()
            case ["power", "off"]:
                self._supply.off()
                self._to_module.discard()
                self._to_host.discard()
            case ["status"]:
                pass
            case ["quit"]:
                self._stop()
                return "ok bye"
            case _:
                return "error commands are: power on, power off, status, quit"
        return "ok " + self._status()

    def _status(self) -> str:
        if not self._supply.powered:
            return "off"
        return f"on pid={self._supply.pid}" if self._supply.pid else "on dead"

    def _stop(self) -> None:
        self._stopping = True

    def _listen_for_signals(self, at_end: ExitStack) -> None:
        """A signal wakes the loop through a socket, so that it is handled between two callbacks."""
        awake, wake = socket.socketpair()
        at_end.callback(awake.close)
        at_end.callback(wake.close)
        awake.setblocking(False)
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno())
        at_end.callback(signal.set_wakeup_fd, -1)
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda _number, _frame: self._stop())
        self._loop.watch(awake, lambda: awake.recv(64))

    def _stop_with_stdin(self) -> None:
        if hasattr(os, "fork"):
            try:
                self._loop.watch(sys.stdin, self._read_stdin)
            except PermissionError:  # a plain file or /dev/null: at its end already
                self._stop()
        else:  # no selector takes a pipe there, and no fork is in the way of a thread
            threading.Thread(target=self._wait_for_end_of_stdin, daemon=True).start()

    def _read_stdin(self) -> None:
        if not os.read(0, 4096):
            self._stop()

    def _wait_for_end_of_stdin(self) -> None:
        sys.stdin.read()
        self._stopping = True
        signal.raise_signal(signal.SIGINT)
