"""What lies between a bench and its module in a lab: ser2net, a pair of pseudo-terminals, and other programs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fixtures.fakes import free_port

_SER2NET = shutil.which("ser2net") or shutil.which("ser2net", path="/usr/sbin:/usr/local/sbin")
_SOCAT = shutil.which("socat")
needs_ser2net = pytest.mark.skipif(_SER2NET is None, reason="ser2net (Debian: ser2net) is not installed")
needs_socat = pytest.mark.skipif(_SOCAT is None, reason="socat (Debian: socat) is not installed")
needs_inotify = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who opens a device")
_ACCEPTERS = {"socket": "tcp", "rfc2217": "telnet(rfc2217),tcp"}
_OPTIONS = {"socket": "", "rfc2217": "?ign_set_control"}

_LAUNCH = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])
"""
"""Leaves its child behind as an orphan: a stranger, and not what the test has started."""
_HOLD = """
import os, sys
device, says = sys.argv[1], sys.argv[2]
port = os.open(device, os.O_RDWR | os.O_NOCTTY)
os.write(port, says.encode())
print(os.getpid(), flush=True)
sys.stdin.read()
os.close(port)
print("closed", flush=True)
"""


class Ser2net:
    """Debian's ser2net in front of a device, raw (``socket``) or with RFC 2217."""

    def __init__(self, directory: Path, device: str, kind: str, port: int | None = None) -> None:
        port = port or free_port()
        self._address = ("127.0.0.1", port)
        self.url = f"{kind}://127.0.0.1:{port}{_OPTIONS[kind]}"
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._configuration = directory / "ser2net.yaml"
        self._configuration.write_text(
            f"connection: &module\n  accepter: {_ACCEPTERS[kind]},127.0.0.1,{port}\n"
            f"  connector: serialdev,{device},115200n81,local\n",
            "ascii",
        )

    def __enter__(self) -> Ser2net:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it; it serves its port on return."""
        assert _SER2NET is not None
        ready = self._directory / "ser2net.pid"
        ready.unlink(missing_ok=True)
        # It writes its number when it is ready, and a pipe waits for that.
        os.mkfifo(ready)
        command = [_SER2NET, "-n", "-d", "-c", str(self._configuration), "-P", str(ready)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert int(ready.read_text("ascii")) == self._process.pid

    def connected(self) -> socket.socket:
        """Somebody else who uses the port."""
        return socket.create_connection(self._address)

    def stop(self) -> None:
        """End it, and with it every connection."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def socat_pair(directory: Path) -> Iterator[tuple[str, str]]:
    """Two pseudo-terminals, each the other end of the other, under names of their own."""
    ends = str(directory / "bench-end"), str(directory / "module-end")
    assert _SOCAT is not None
    command = [_SOCAT, "-d", "-d", *(f"pty,raw,echo=0,link={end}" for end in ends)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            assert any("starting data transfer" in line for line in process.stderr)
            yield ends
        finally:
            process.kill()


@dataclass(frozen=True)
class Stranger:
    """A process that this one has not started."""

    pid: int
    launcher: subprocess.Popen[str]

    def leave(self) -> None:
        """Close the device; it is closed on return."""
        assert self.launcher.stdin is not None
        assert self.launcher.stdout is not None
        with suppress(OSError):
            self.launcher.stdin.close()
        self.launcher.stdout.read()


@contextmanager
def stranger(device: str, says: str = "") -> Iterator[Stranger]:
    """Somebody else who has ``device`` open, and writes ``says`` to it."""
    launcher = subprocess.Popen(
        [sys.executable, "-c", _LAUNCH, _HOLD, device, says], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert launcher.stdout is not None
    found = Stranger(int(launcher.stdout.readline()), launcher)
    try:
        yield found
    finally:
        found.leave()
        launcher.wait()
        launcher.stdout.close()
