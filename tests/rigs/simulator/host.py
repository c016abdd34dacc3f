"""A host of the simulated module: as little as it takes to talk to one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import serial

ROOT = Path(__file__).parents[3]
DEADLINE = 20.0


@dataclass(frozen=True)
class Answer:
    """Information lines and the final result of one command."""

    lines: list[bytes]
    final: bytes


class Simulator:
    """A running ``python -m rigs.simulator`` with its port open and its echo off.

    ``before`` is Python that is run first, in the same process.
    """

    def __init__(self, *options: str, echo: bool = False, before: str = "") -> None:
        program = ["-m", "rigs.simulator"]
        if before:
            program = ["-c", f"import sys, rigs.simulator.__main__ as it; {before}; sys.exit(it.main(sys.argv[1:]))"]
        self.process = subprocess.Popen(
            [sys.executable, *program, "--exit-with-stdin", *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        announcement = self.process.stdout.readline()
        if not announcement:
            _, complaint = self.process.communicate(timeout=DEADLINE)
            raise RuntimeError(complaint)
        self.info = json.loads(announcement)
        self.serial = serial.serial_for_url(self.info["port"], 115200, timeout=DEADLINE)
        self._received = b""
        if not echo and "--off" not in options:
            self.command(b"ATE0")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.serial.close()
        self.stop()

    def stop(self) -> int:
        """End it as a dying bench would, and return its exit status."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            status = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()
        return status

    def write(self, data: bytes) -> None:
        self.serial.write(data)

    def read_until(self, end: bytes) -> bytes:
        """All bytes up to and including ``end``."""
        deadline = time.monotonic() + DEADLINE
        while end not in self._received:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {end!r} in {self._received!r}")
            self._received += self.serial.read(self.serial.in_waiting or 1)
        found, _, self._received = self._received.partition(end)
        return found + end

    def line(self) -> bytes:
        """The next line that is not empty."""
        while True:
            if line := self.read_until(b"\r\n").removesuffix(b"\r\n"):
                return line

    def answer(self) -> Answer:
        """The next response."""
        lines: list[bytes] = []
        while True:
            line = self.line()
            if line == b"OK" or b"ERROR" in line:
                return Answer(lines, line)
            lines.append(line)

    def command(self, line: bytes) -> Answer:
        self.write(line + b"\r")
        return self.answer()

    def final(self, line: bytes) -> bytes:
        """The final result of one command."""
        return self.command(line).final

    def ask(self, line: bytes) -> bytes:
        """The one information line of a command that succeeds."""
        answer = self.command(line)
        assert answer.final == b"OK", answer
        (only,) = answer.lines
        return only

    def control(self, command: str) -> str:
        host, _, port = self.info["control"].rpartition(":")
        with socket.create_connection((host, int(port)), timeout=DEADLINE) as connection:
            connection.sendall(command.encode() + b"\n")
            return connection.makefile().readline().strip()

    def power_cycle(self) -> None:
        """Off, on, and echo off again."""
        assert self.control("power off") == "ok off"
        assert self.control("power on").startswith("ok on")
        self._received = b""
        self.serial.reset_input_buffer()
        self.command(b"ATE0")

    def reopen(self) -> None:
        """Open the port again as soon as it is there, with the echo off."""
        self.serial.close()
        deadline = time.monotonic() + DEADLINE
        while not Path(self.info["port"]).exists():
            assert time.monotonic() < deadline, "the port stays away"
        self.serial.open()
        self._received = b""
        self.command(b"ATE0")

    def make_new(self) -> None:
        """Power cycle, and clear the memory."""
        self.power_cycle()
        for name in (b"DEVICENAME", b"DEVICESECRET", b"PRODUCTKEY", b"PRODUCTSECRET"):
            assert self.final(b'AT+ALY%b=""' % name) == b"OK"

    def module_pid(self) -> int:
        return int(self.control("status").rpartition("pid=")[2])


def identify(simulator: Simulator) -> None:
    """Give the module the identity of the manual's example."""
    for line in (
        b'AT+ALYPRODUCTKEY="a1pnQWj9dvs"',
        b'AT+ALYDEVICESECRET="C5LTDEyQj6wMXh8KaNICzvCSgi69Ysj8"',
        b'AT+ALYDEVICENAME="test"',
    ):
        assert simulator.final(line) == b"OK"


def wait_for_end(pid: int) -> None:
    """Until no process has this id. A process that is not our child tells nobody, so it has to be asked."""
    deadline = time.monotonic() + DEADLINE
    handle = os.pidfd_open(pid) if _alive(pid) else None
    if handle is not None:
        import select

        try:
            ready, _, _ = select.select([handle], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"process {pid} lives on"
        finally:
            os.close(handle)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
