"""The module's power: a child process that is killed and started again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess

# Imported here so that a forked module has it all in memory and boots at once.
from rigs.simulator.conditions import CONDITIONS
from rigs.simulator.faults import FAULTS
from rigs.simulator.firmware import RESTART, SWITCHED_OFF, Firmware
from rigs.simulator.habits import HABITS
from rigs.simulator.loop import Loop
from rigs.simulator.options import ModuleOptions
from rigs.simulator.streams import Stream


class Supply:
    """Switches the module on and off.

    ``on_data`` gets what the module sends on its line. ``on_start`` is called when its process starts, ``on_end`` when
    that has ended, by itself or with the power.
    """

    def __init__(
        self, loop: Loop, options: ModuleOptions, on_data: Callable[[bytes], object], *, spawn: bool = False
    ) -> None:
        self._new_process: Callable[..., BaseProcess]
        self._forking = hasattr(os, "fork") and not spawn
        if self._forking:
            self._new_process = multiprocessing.get_context("fork").Process
        else:
            self._new_process = multiprocessing.get_context("spawn").Process
        self._loop = loop
        self._options = options
        self._on_data = on_data
        self._process: BaseProcess | None = None
        self._line: socket.socket | None = None
        self._stream: Stream | None = None
        self.powered = False
        self.on_start: Callable[[], object] = lambda: None
        self.on_end: Callable[[], object] = lambda: None

    @property
    def pid(self) -> int | None:
        """The module's process, None when it does not run."""
        return self._process.pid if self._process else None

    def send(self, data: bytes) -> None:
        """Towards the module; lost when there is none."""
        if self._stream:
            self._stream.send(data)

    def on(self) -> None:
        """Power on; nothing new to a module that has it, be it dead. One that switched itself off starts again."""
        if not self.powered:
            self.powered = True
            self._start()

    def off(self) -> None:
        """Cut the power. The process is dead when this returns, and all that it ever sent has been passed on."""
        self.powered = False
        if self._process:
            self._process.kill()
        self._collect()

    def notice(self) -> None:
        """Take note of a module that has died a moment ago."""
        if self._process and not self._process.is_alive():
            self._module_ended()

    def _start(self) -> None:
        self._line, theirs = socket.socketpair()
        self._line.setblocking(False)
        process = self._new_process(target=run_module, args=(theirs, self._options, self._forking))
        process.start()
        theirs.close()
        self._process = process
        self._stream = Stream(
            self._loop,
            self._line,
            read=self._line.recv,
            write=self._line.send,
            on_data=self._on_data,
            on_end=self._module_ended,
        )
        self.on_start()

    def _module_ended(self) -> None:
        """The module's process has gone by itself."""
        status = self._collect()
        if status == RESTART:
            self._start()
        elif status == SWITCHED_OFF:
            self.powered = False
        else:
            print(f"rigs.simulator: the module died with status {status}; it needs a power cycle", file=sys.stderr)

    def _collect(self) -> int | None:
        process, self._process = self._process, None
        if process is None or self._stream is None or self._line is None:
            return None
        process.join()
        self._stream.drain_input()
        self._stream.close()
        self._line.close()
        self._stream = self._line = None
        status = process.exitcode
        process.close()
        self.on_end()
        return status


def run_module(line: socket.socket, options: ModuleOptions, forked: bool) -> None:
    """Be the module, in a process of its own; ends with the process."""
    signal.set_wakeup_fd(-1)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the adapter, which then cuts the power
    if forked:
        # The adapter's descriptors came along. A copy of its end of the line would hide that the adapter has died.
        os.closerange(3, line.fileno())
        os.closerange(line.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    module = Firmware(line, options)
    for name in options.conditions:
        CONDITIONS[name].adopt(module)
    for name in options.habits:
        HABITS[name].adopt(module)
    for name in options.faults:
        FAULTS[name].seed(module)
    module.run()
