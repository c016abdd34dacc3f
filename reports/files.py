"""Writing report files."""

from __future__ import annotations

import os
from pathlib import Path

from reports.record import RecordError


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
        raise RecordError(f"{path}: cannot be written: {problem.strerror or problem}") from problem
