"""Who else has a device open, as Linux tells under /proc; nobody where it does not tell."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rigs.sentence import Sentence, say

_PROC = Path("/proc")


@dataclass(frozen=True)
class Holder:
    """A process that has the device open."""

    pid: int
    name: str
    ours: bool
    """Whether it is this process that has started it."""

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


def named(holders: tuple[Holder, ...]) -> Sentence:
    """Them for a message."""
    if holders:
        return say("{text}", text=holders)
    if sees_everybody():
        return say("a program that has closed it again")
    return say("another program (which one, this user may not see: try sudo fuser -v)")


def sees_everybody() -> bool:
    """Whether this user is told of other users' processes."""
    try:
        return any((_PROC / "1" / "fd").iterdir())
    except OSError:
        return False


def sees_processes() -> bool:
    """Whether this system tells what its processes have open."""
    return (_PROC / "self" / "fdinfo").is_dir()


def holders_of(device: str) -> tuple[Holder, ...]:
    """Processes that have ``device`` open, without this one and without whoever offers a pseudo-terminal.

    Of other users' processes only root sees any. Empty where there is no /proc.
    """
    device = os.path.realpath(device)
    try:
        wanted = Path(device).stat().st_rdev
    except OSError:
        return ()
    found = []
    for pid in _processes():
        if pid != os.getpid() and _has_open(pid, wanted):
            line = _ancestors(pid)
            if not any(offers(ancestor, device) for ancestor in line):
                found.append(Holder(pid, _name(pid), ours=os.getpid() in line))
    return tuple(found)


def _processes() -> Iterator[int]:
    with contextlib.suppress(OSError):
        for entry in os.scandir(_PROC):
            if entry.name.isdigit():
                yield int(entry.name)


def _descriptors(pid: int) -> Iterator[tuple[str, str]]:
    """Each open descriptor of a process, with what it leads to."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(_PROC / str(pid) / "fd"):
            with contextlib.suppress(OSError):
                yield entry.name, str(Path(entry.path).readlink())


def _has_open(pid: int, wanted: int) -> bool:
    for number, target in _descriptors(pid):
        # Nothing but devices is looked at: a file on a server that is gone would not come back from that.
        if target.startswith("/dev/"):
            with contextlib.suppress(OSError):
                status = (_PROC / str(pid) / "fd" / number).stat()
                if stat.S_ISCHR(status.st_mode) and status.st_rdev == wanted:
                    return True
    return False


def offers(pid: int, device: str) -> bool:
    """Whether a process holds the other end of this pseudo-terminal, given by its real name; False without /proc."""
    folder, _, index = device.rpartition("/")
    if folder != "/dev/pts":
        return False
    for number, target in _descriptors(pid):
        if target.endswith("ptmx"):
            with contextlib.suppress(OSError):
                if f"tty-index:\t{index}" in (_PROC / str(pid) / "fdinfo" / number).read_text("ascii").splitlines():
                    return True
    return False


def _ancestors(pid: int) -> list[int]:
    """The process and those that it descends from."""
    line = []
    while pid > 1 and pid not in line:
        line.append(pid)
        try:
            # Behind the name, which may hold blanks and brackets: state and parent.
            pid = int((_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            break
    return line


def _name(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return "?"
