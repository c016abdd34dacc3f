"""What a record says of the one that it goes on with, against its own lines: that record, but for its footer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reports.bundle.contents import DoesNotHold
from reports.events import Event, Kind
from reports.record import RunRecord
from reports.resumption import UNJUDGED
from reports.severity import Verdict


def check_resumed(record: RunRecord, path: Path) -> None:
    """Raise `DoesNotHold` where the lines before an event `resumed` are not those of the record that it names."""
    resumed = [event for event in record.events if event.kind == Kind.RESUMED]
    if not resumed:
        return
    lines = path.read_bytes().splitlines(keepends=True)
    for event in resumed:
        _check(event, b"".join(lines[: event.seq]), len(_kept(record, event.seq)))


def _check(event: Event, before: bytes, kept: int) -> None:
    told: Mapping[str, Any] = event.data
    if told["kept"] != kept:
        raise DoesNotHold(
            "event {event} says that {told} tests before it stand; {kept} do",
            event=event.seq,
            told=told["kept"],
            kept=kept,
        )
    if "lines" not in told:
        # An older suite named the whole record alone.
        return
    if hashlib.sha256(before).hexdigest() != told["lines"]:
        raise DoesNotHold(
            "the lines before event {event} are not those of the run that it goes on with", event=event.seq
        )
    footer = told["footer"]
    if told["died"] != (footer is None):
        raise DoesNotHold(
            "event {event} says of the run before whether it died, and its footer says otherwise", event=event.seq
        )
    if footer is not None and hashlib.sha256(before + footer.encode("ascii")).hexdigest() != told["earlier"]:
        raise DoesNotHold(
            "event {event} names another record than the lines before it and their footer make", event=event.seq
        )


def _kept(record: RunRecord, seq: int) -> set[str | None]:
    """The tests that had come to a verdict on the module before that event, of each the latest one."""
    verdicts: dict[str | None, str] = {}
    for event in record.events[:seq]:
        if event.kind == Kind.TEST_START:
            verdicts.pop(event.test, None)
        elif event.kind == Kind.TEST_END:
            verdicts[event.test] = event.data["verdict"]
    return {test for test, verdict in verdicts.items() if Verdict(verdict) not in UNJUDGED}
