"""A run that was resumed: one record with both parts, and what of the first part still counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reports.events import Event, Incident, Kind
from reports.finding import Finding
from reports.severity import Verdict

UNJUDGED = frozenset({Verdict.BENCH_ERROR, Verdict.NOT_TESTED})
"""Verdicts of a test that say nothing of the module: a resumed run makes it again."""


@dataclass(frozen=True)
class Resumption:
    """Where a record was gone on with."""

    seq: int
    t: float
    wall: str
    earlier: str
    """SHA-256 of the whole record of the part before."""
    died: bool
    """Whether that part ended without a footer."""
    kept: int
    """Tests of it whose verdicts stand."""
    pause: float
    """Seconds between the two parts."""

    def to_summary(self) -> dict[str, Any]:
        """Ready for JSON, for the summary and the certificate."""
        return {
            "at": self.wall,
            "earlier": self.earlier,
            "died": self.died,
            "kept": self.kept,
            "pause_seconds": round(self.pause, 3),
        }


def resumptions(events: Sequence[Event]) -> tuple[Resumption, ...]:
    """Each time that a record was gone on with, in order."""
    found = []
    for before, event in itertools.pairwise(events):
        if event.kind == Kind.RESUMED:
            data = event.data
            found.append(
                Resumption(
                    event.seq,
                    event.t,
                    str(event.wall),
                    data["earlier"],
                    bool(data["died"]),
                    int(data["kept"]),
                    max(0.0, event.t - before.t),
                )
            )
    return tuple(found)


def standing(findings: Iterable[Finding], events: Sequence[Event]) -> tuple[Finding, ...]:
    """The findings without those of tests that said nothing of the module before, and were made again after it."""
    resumed = [event.seq for event in events if event.kind == Kind.RESUMED]
    if not resumed:
        return tuple(findings)
    said = _said_something(events)
    made_again = {event.test: event.seq for event in events if event.kind == Kind.TEST_START and event.seq > resumed[0]}
    return tuple(
        finding
        for finding in findings
        if finding.seq > made_again.get(finding.test, -1) or (finding.test, _part(finding.seq, resumed)) in said
    )


def history(incidents: Iterable[Incident], events: Sequence[Event]) -> tuple[Incident, ...]:
    """The incidents; what ended a part that was gone on with is over."""
    last = max((event.seq for event in events if event.kind == Kind.RESUMED), default=-1)
    return tuple(
        replace(incident, recovered=True, lost=False) if incident.seq < last else incident for incident in incidents
    )


def _part(seq: int, resumed: Sequence[int]) -> int:
    return sum(seq > start for start in resumed)


def _said_something(events: Sequence[Event]) -> set[tuple[str | None, int]]:
    """Tests, each with the number of the part in which it came to a verdict on the module."""
    resumed = [event.seq for event in events if event.kind == Kind.RESUMED]
    return {
        (event.test, _part(event.seq, resumed))
        for event in events
        if event.kind == Kind.TEST_END and Verdict(event.data["verdict"]) not in UNJUDGED
    }
