"""The power switch: `python -m tests.lookalike.power STATE_DIR on|off` returns when it is done."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from .board import POWER_SOCKET


def switch(folder: Path, word: str) -> bool:
    """Cut or restore the supply of the module that runs in this folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            peer.connect(f"/proc/self/fd/{descriptor}/{POWER_SOCKET}")
            peer.sendall(word.encode() + b"\n")
            return peer.recv(16) == b"done\n"
    finally:
        os.close(descriptor)


def main() -> int:
    """Exit status 0 when it is done."""
    if len(sys.argv) != 3 or sys.argv[2] not in ("on", "off"):
        print("usage: python -m tests.lookalike.power STATE_DIR on|off", file=sys.stderr)
        return 2
    return 0 if switch(Path(sys.argv[1]), sys.argv[2]) else 1


if __name__ == "__main__":
    sys.exit(main())
