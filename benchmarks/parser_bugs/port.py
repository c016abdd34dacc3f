"""The look-alike on its port, one line at a time, and the oracle that is the same for lines of any origin."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ml302_conformance import ROOT
from tests.lookalike.power import switch

BOUND_SECONDS = 1.5
"""For an answer: the look-alike needs less than a millisecond, the rest is for a busy machine."""
_READY_SECONDS = 30.0
_WAKE_SECONDS = 0.1
_WAKE_TRIES = 100
_NOWHERE = "127.0.0.1:1"
"""No cloud: nobody listens there, so that sessions stay closed."""

_FINAL = re.compile(rb"\r\n(OK|ERROR|\+CME ERROR: [0-9]+)(?=\r\n)")
_OK = b"\r\nOK\r\n"
_VALUES = {
    b"ALYPRODUCTKEY": b'"benchpk"',
    b"ALYDEVICENAME": b'"bench-dn"',
    b"ALYDEVICESECRET": b'"bench-ds"',
    b"ALYPRODUCTSECRET": b'"bench-ps"',
    b"ALYCONNECTCFG": b"4,4884,1",
    b"ALYMQTTCFG": b"1,2000,60000",
}
"""What no refused line may change; the two settings are lost in a restart."""
_NAMES = tuple(_VALUES)
_WHILE_CLOSED = b'AT+ALYMQTTSUB="/a",0'
_WHILE_CLOSED_ANSWER = b"\r\n+CME ERROR: 706\r\n"


@dataclass(frozen=True)
class Found:
    """When a fault showed: how many lines had been sent, after how many seconds, and what was wrong."""

    lines: int
    seconds: float
    symptom: str


def command_lines(data: bytes) -> int:
    """How many final results a line is due: one for each piece up to a CR that begins with AT."""
    return sum(piece.lstrip(b"\n")[:2].upper() == b"AT" for piece in data.split(b"\r"))


def finals(answer: bytes) -> list[bytes]:
    """The final results in an answer."""
    return _FINAL.findall(answer)


@contextmanager
def lookalike(folder: Path, faults: Iterable[str] = ()) -> Iterator[Bench]:
    """The look-alike with these faults, running; raises `RuntimeError` where it does not start."""
    state, link = folder / "state", folder / "port"
    state.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.lookalike.module", str(state), "--link", str(link), "--boot-seconds", "0"]
    options = ["--tcp", _NOWHERE, "--tls", _NOWHERE, *(f"--fault={name}" for name in faults)]
    with (folder / "module.log").open("wb") as log:
        module = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
    assert module.stdout
    try:
        if not select.select([module.stdout], [], [], _READY_SECONDS)[0] or not module.stdout.readline():
            raise RuntimeError(f"the look-alike did not start: {(folder / 'module.log').read_text('utf-8')[-300:]}")
        port = os.open(link, os.O_RDWR | os.O_NOCTTY)
        try:
            tty.setraw(port)
            yield Bench(port, state)
        finally:
            os.close(port)
    finally:
        module.kill()
        module.wait()
        module.stdout.close()


class Bench:
    """Sends lines to the module and judges what it does."""

    def __init__(self, port: int, state: Path) -> None:
        self._port = port
        self._state = state
        self._turn = 0

    def restart(self) -> None:
        """Cut the power and bring the module into the known state; raises `RuntimeError` where it does not come."""
        switch(self._state, "off")
        termios.tcflush(self._port, termios.TCIOFLUSH)
        switch(self._state, "on")
        for _ in range(_WAKE_TRIES):
            self._write(b"AT\r")
            if self._answer(1, _WAKE_SECONDS).endswith(_OK):
                break
        else:
            raise RuntimeError("the look-alike does not answer after its power cut")
        self._write(b"ATE0\r")
        self._answer(1)
        for name in _VALUES:
            if not self._restore(name):
                raise RuntimeError(f"the look-alike refuses {name.decode()}")

    def hunt(
        self, lines: Iterable[tuple[bytes, float]], *, most_lines: int = 3000, most_seconds: float = 20.0
    ) -> Found | None:
        """Send lines until one shows a fault; each comes with the seconds that making it and those before it took."""
        self.restart()
        began = time.monotonic()
        for number, (line, made) in enumerate(lines, 1):
            if number > most_lines or time.monotonic() - began + made > most_seconds:
                return None
            if symptom := self.try_line(line):
                return Found(number, time.monotonic() - began + made, symptom)
        return None

    def try_line(self, line: bytes) -> str | None:
        """Send one line, and questions whose answers are known; what is wrong, if anything."""
        due = command_lines(line)
        self._write(line + b"\r")
        answer = self._answer(due)
        if len(finals(answer)) < due:
            return self._told_silence()
        if len(finals(answer)) > due:
            return "more final results than lines"
        named = [name for name in _NAMES if name in line.upper()]
        if b"OK" in finals(answer) and b"=" in line:
            for name in named or _NAMES:
                if not self._restore(name):
                    return "a value can no longer be set"
        self._turn += 1
        looked_at = named or _NAMES
        return self._probe(looked_at[self._turn % len(looked_at)])

    def _probe(self, name: bytes) -> str | None:
        value = b"\r\n+" + name + b":" + _VALUES[name].strip(b'"') + b"\r\n" + _OK
        expected = _OK + value + _WHILE_CLOSED_ANSWER
        self._write(b"AT\rAT+" + name + b"?\r" + _WHILE_CLOSED + b"\r")
        answer = self._exactly(expected)
        if answer == expected:
            return None
        if answer.startswith((b"AT\r", b"AT+")):
            return "restart: echo is back"
        if expected.startswith(answer):
            return self._told_silence("silence to the next lines")
        if not answer.startswith(_OK):
            return "AT behind it is answered otherwise"
        if not answer.startswith(_OK + value):
            return "a value has changed"
        return "a known line is answered otherwise"

    def _told_silence(self, otherwise: str = "no final result") -> str:
        """What silence was: a restart, silence to the next line as well, or to that line alone."""
        self._write(b"AT\r")
        answer = self._answer(1)
        if answer.startswith(b"AT\r"):
            return "restart: echo is back"
        return otherwise if answer else "silence to the next line, too"

    def _restore(self, name: bytes) -> bool:
        self._write(b"AT+" + name + b"=" + _VALUES[name] + b"\r")
        return self._answer(1).endswith(_OK)

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._port, data) :]

    def _answer(self, due: int, seconds: float = BOUND_SECONDS) -> bytes:
        """What comes up to so many final results, or until nothing has come for so long."""
        answer = b""
        while len(finals(answer)) < due and (more := self._read(seconds)):
            answer += more
        return answer

    def _exactly(self, expected: bytes) -> bytes:
        """What comes, as long as it may become what is expected."""
        answer = b""
        while len(answer) < len(expected) and expected.startswith(answer) and (more := self._read(BOUND_SECONDS)):
            answer += more
        return answer

    def _read(self, seconds: float) -> bytes:
        return os.read(self._port, 65536) if select.select([self._port], [], [], seconds)[0] else b""
