"""Debian's mosquitto as a peer: the broker to check our tests against, and the broker behind the gateway."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
needs_mosquitto = pytest.mark.skipif(_PROGRAM is None, reason="mosquitto (Debian: mosquitto) is not installed")
_CONFIGURATION = """
listener {port} 127.0.0.1
allow_anonymous true
persistence false
log_dest stderr
connection_messages false
set_tcp_nodelay true
max_inflight_messages 0
max_queued_messages 0
"""


@dataclass(frozen=True)
class Mosquitto:
    """A running broker."""

    process: subprocess.Popen[str]
    address: tuple[str, int]


@contextmanager
def running(directory: Path) -> Iterator[Mosquitto]:
    """A mosquitto of one's own without access control and without limits; ``directory`` takes its configuration."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    configuration = directory / "mosquitto.conf"
    configuration.write_text(_CONFIGURATION.format(port=address[1]))
    assert _PROGRAM is not None
    process = subprocess.Popen([_PROGRAM, "-c", str(configuration)], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "running" in line:
                break
        yield Mosquitto(process, address)
    finally:
        process.kill()
        process.communicate()
