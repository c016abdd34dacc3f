"""What a power driver is, and the ones that are built in."""

from __future__ import annotations

import socket
import subprocess
from typing import Protocol

from rigs.errors import BenchError


class PowerDriver(Protocol):
    """Switches the module's supply. Both methods return once the switch has happened; `BenchError` when it has not."""

    name: str

    def on(self) -> None: ...

    def off(self) -> None: ...


class CommandPower:
    """Any shell command: rig keys ``power.on`` and ``power.off``; a non-zero exit is a bench error."""

    name = "command"

    def __init__(self, on: str, off: str, timeout: float) -> None:
        self._on = on
        self._off = off
        self._timeout = timeout

    def on(self) -> None:
        self._run("power.on", self._on)

    def off(self) -> None:
        self._run("power.off", self._off)

    def _run(self, key: str, command: str) -> None:
        act = f"lab: run the command of the rig file's {key} by hand and mend it"
        try:
            done = subprocess.run(
                command,
                shell=True,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"{key} command did not end within {self._timeout:g} s: {command}", act=act) from error
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip() or "it printed nothing").splitlines()[-1]
            raise BenchError(f"{key} command exited with {done.returncode}: {command} ({said})", act=act)


class SimulatorPower:
    """The simulator's control line: one text line per request over TCP, answered by ``ok`` or ``error``."""

    name = "simulator"

    def __init__(self, control: tuple[str, int], timeout: float) -> None:
        self._control = control
        self._timeout = timeout

    def on(self) -> None:
        self._request("power on")

    def off(self) -> None:
        self._request("power off")

    def _request(self, request: str) -> None:
        act = "bench developers: the simulator's process ended; see its output in the run directory"
        try:
            with socket.create_connection(self._control, timeout=self._timeout) as line:
                line.sendall(request.encode() + b"\n")
                with line.makefile("rb") as answers:
                    answer = answers.readline().decode("utf-8", "replace").strip()
        except OSError as error:
            raise BenchError(f"the simulator's control line did not take {request!r}: {error}", act=act) from error
        if not answer.startswith("ok"):
            raise BenchError(f"the simulator answered {answer!r} to {request!r}", act=act)
