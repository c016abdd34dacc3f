"""What a file system that went down leaves in the middle of a record: a stretch of zero bytes where lines had been."""

from __future__ import annotations

import json
import re
from contextlib import suppress

ACT = "lab: check the disk and the file system under the run directory, then run again"


def cut_at_hole(raw: bytes) -> tuple[bytes, str | None]:
    """The whole lines before the first hole, and what is lost from there on, in words; None where there is no hole.

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
    lost = _lost(behind, lines)
    return kept, (
        f"the record is damaged behind line {lines}: {len(hole[0])} zero bytes stand where "
        f"{'events' if lost is None else f'{lost} events'} stood, and the {len(behind)} lines behind them are not used"
    )


def _lost(behind: list[bytes], lines: int) -> int | None:
    """How many events are lost, told from the number of the first one behind the hole; None when that is not known."""
    with suppress(ValueError, KeyError, TypeError, IndexError):
        return int(json.loads(behind[0])["seq"]) - lines
    return None
