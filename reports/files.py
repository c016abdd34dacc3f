"""Reading and writing the files of runs."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from reports.events import RecordError

_KINDS = {
    stat.S_IFDIR: "it is a directory, not a file",
    stat.S_IFIFO: "it is a pipe, not a file",
    stat.S_IFCHR: "it is a device, not a file",
    stat.S_IFBLK: "it is a device, not a file",
    stat.S_IFSOCK: "it is a socket, not a file",
}


def open_file(path: Path) -> BufferedReader:
    """Open a file for reading; whatever else has that name is refused at once, and not waited for.

    Raises OSError, whose ``strerror`` says what it is.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, _KINDS.get(stat.S_IFMT(mode), "it is no file"))
    return path.open("rb")


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, so that a reader sees the old file or the new one and never a part.

    Raises `RecordError` when the disk refuses.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        try:
            with draft.open("wb") as file:
                file.write(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as problem:
        raise RecordError("{path}: cannot be written: {why}", path=path, why=problem.strerror or problem) from problem
