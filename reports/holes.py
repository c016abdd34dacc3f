"""What a file system that went down leaves in the middle of a record: a stretch of zero bytes where lines had been."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

ACT = "lab: check the disk and the file system under the run directory, then run again"


_HOLE = (
    "the record is damaged behind line {line}: {zeros} zero bytes stand where {lost} events stood, "
    "and the {behind} lines behind them are not used"
)
_HOLE_OF_UNKNOWN_SIZE = (
    "the record is damaged behind line {line}: {zeros} zero bytes stand where events stood, "
    "and the {behind} lines behind them are not used"
)


@dataclass(frozen=True)
class Hole:
    """What a record lacks behind a line of it.

    So many zero bytes stand there, where so many events stood (None where that is not known), and so many lines behind
    them are not used.
    """

    line: int
    zeros: int
    lost: int | None
    behind: int

    def fields(self) -> dict[str, Any]:
        """It as an incident."""
        form = _HOLE_OF_UNKNOWN_SIZE if self.lost is None else _HOLE
        values = {name: value for name, value in asdict(self).items() if value is not None}
        said = {"text": {"form": form, "values": values}, "act": {"form": ACT, "values": {}}}
        return {"text": form.format_map(values), "act": ACT, "recovered": False, "said": said}


def cut_at_hole(raw: bytes) -> tuple[bytes, Hole | None]:
    """The whole lines before the first hole, and what is lost from there on; None where there is no hole.

    A line of a record is ASCII and holds no zero byte. What stands behind a hole is not used: it speaks of tests and
    exchanges whose beginnings are lost. Zero bytes at the end are no hole: a file system made room for what never came.
    """
    raw = raw.rstrip(b"\0")
    hole = re.search(rb"\0+", raw) if b"\0" in raw else None  # a scan for one byte takes no time
    if hole is None:
        return raw, None
    kept = raw[: raw.rfind(b"\n", 0, hole.start()) + 1]
    lines = kept.count(b"\n")
    # The line that the hole broke off is lost with it.
    behind = [line for line in raw[hole.end() :].replace(b"\0", b"").split(b"\n")[1:] if line]
    return kept, Hole(lines, len(hole[0]), _lost(behind, lines), len(behind))


def _lost(behind: list[bytes], lines: int) -> int | None:
    """How many events are lost, told from the number of the first one behind the hole; None when that is not known."""
    with suppress(ValueError, KeyError, TypeError, IndexError):
        return int(json.loads(behind[0])["seq"]) - lines
    return None
