"""One run at a time on a port: a lock file per port, which says which run it is and goes with it, however it ends."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rigs.errors import BenchError
from rigs.sentence import Sentence, say


def lock_directory() -> Path:
    """Where the lock files lie: the same place for every run of this user, whatever its environment says."""
    if os.name == "posix":
        return Path(f"/tmp/ml302-conformance-{os.getuid()}")
    return Path(tempfile.gettempdir()) / "ml302-conformance"


class Claim:
    """The right of this run to the port at ``address``, which has one name whoever spells it.

    The system takes the lock away when the process ends, even when it is killed.
    """

    def __init__(self, address: str, *, rig: str, run_dir: Path, directory: Path | None = None) -> None:
        self._address = address
        self._says = {"rig": rig, "pid": os.getpid(), "run_dir": str(run_dir)}
        self._directory = directory or lock_directory()
        self._path = self._directory / f"{re.sub(r'[^A-Za-z0-9.]+', '-', address).strip('-')}.lock"
        self._lock = FileLock(self._path, blocking=False, mode=0o600)

    def take(self) -> None:
        """Raise `BenchError`, naming the other run, when the port is another run's."""
        _make_private(self._directory)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise BenchError(
                say(
                    "serial port {address} is in use by another run: {holder}",
                    address=self._address,
                    holder=self._holder(),
                ),
                act=say("operator: wait until that run has ended, or stop it"),
            ) from error
        except OSError as error:
            raise BenchError(
                say("the lock {path} cannot be taken: {why}", path=self._path, why=error), act=_mend(self._directory)
            ) from error
        with suppress(OSError):
            # Not in the lock file itself, which other runs empty when they try it.
            self._note.write_text(json.dumps(self._says), "utf-8")

    def release(self) -> None:
        """Give the port back."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()

    @property
    def _note(self) -> Path:
        return self._path.with_suffix(".json")

    def _holder(self) -> Sentence:
        try:
            says = json.loads(self._note.read_text("utf-8"))
            return say(
                "rig {rig}, pid {pid}, run directory {run_dir}",
                rig=says["rig"],
                pid=says["pid"],
                run_dir=says["run_dir"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return say("one that is only beginning or ending")


def _make_private(directory: Path) -> None:
    """Make ``directory`` for this user alone; raises `BenchError` when it is somebody else's."""
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        status = directory.lstat()
    except OSError as error:
        raise BenchError(
            say("{directory} cannot be made: {why}", directory=directory, why=error), act=_mend(directory)
        ) from error
    if os.name == "posix" and (
        not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022
    ):
        raise BenchError(
            say("{directory} does not belong to this user alone", directory=directory), act=_mend(directory)
        )


def _mend(directory: Path) -> Sentence:
    return say("lab: remove {directory}, where this suite keeps its lock files, and run again", directory=directory)
