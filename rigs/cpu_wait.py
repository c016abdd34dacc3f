"""How long the bench itself has waited for a processor: on a machine that is busy that looks like a slow module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def waited() -> float:
    """Seconds that the threads of this process and of those that it has started, a simulator say, were ready to run and
    did not, added up, since each began; 0 where the system does not tell (Linux does: proc(5), ``schedstat``)."""
    return sum(_waited(task) for process in _processes() for task in _tasks(process)) / 1e9


def _processes() -> Iterator[Path]:
    own = _PROC / "self"
    yield own
    for task in _tasks(own):
        with suppress(OSError):
            for pid in (task / "children").read_text("ascii").split():
                yield _PROC / pid


def _tasks(process: Path) -> list[Path]:
    try:
        return list((process / "task").iterdir())
    except OSError:
        return []


def _waited(task: Path) -> int:
    """Nanoseconds: the second number is the time on a run queue."""
    try:
        return int((task / "schedstat").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
