"""What a power driver is, and the ones that are built in."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from typing import IO, Protocol

from rigs.errors import BenchError
from rigs.sentence import say


class PowerDriver(Protocol):
    """Switches the module's supply. Both methods return once the switch has happened; `BenchError` when it has not."""

    name: str

    def on(self) -> None: ...

    def off(self) -> None: ...


class CommandPower:
    """Any shell command: rig keys ``power.on`` and ``power.off``; a non-zero exit is a bench error.

    ``timeout`` in seconds; a command that takes longer is killed, with the processes that it started.
    """

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
        act = say("lab: run the command of the rig file's {key} by hand and mend it", key=key)
        # Files instead of pipes: a process that the command leaves behind may keep its output open for ever.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                command,
                shell=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
            try:
                status = process.wait(self._timeout)
            except subprocess.TimeoutExpired as error:
                message = say(
                    "{key} command did not end within {seconds:g} s and was killed", key=key, seconds=self._timeout
                )
                raise BenchError(message, act=act) from error
            finally:
                if process.poll() is None:
                    _kill_with_children(process)
            if status != 0:
                printed = _last_line(errors) or _last_line(output)
                raise BenchError(
                    say(
                        "{key} command exited with {status}: ({printed})",
                        key=key,
                        status=status,
                        printed=_without_arguments(command, printed) if printed else say("it printed nothing"),
                    ),
                    act=act,
                )


def _without_arguments(command: str, said: str) -> str:
    """What a command said, without the words that it was given: one of them may be the password of a relay."""
    for word in sorted(re.findall(r"[^\s\"'=]{3,}", command.partition(" ")[2]), key=len, reverse=True):
        said = said.replace(word, "***")
    return said


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    return (file.read().decode("utf-8", "replace").strip().splitlines() or [""])[-1].strip()


def _kill_with_children(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


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
        act = say("bench developers: the simulator's process ended; see its output in the run directory")
        try:
            with socket.create_connection(self._control, timeout=self._timeout) as line:
                line.sendall(request.encode() + b"\n")
                with line.makefile("rb") as answers:
                    answer = answers.readline().decode("utf-8", "replace").strip()
        except OSError as error:
            raise BenchError(
                say("the simulator's control line did not take {request}: {why}", request=repr(request), why=error),
                act=act,
            ) from error
        if not answer.startswith("ok"):
            raise BenchError(
                say("the simulator answered {answer} to {request}", answer=repr(answer), request=repr(request)), act=act
            )
