"""Waivers: what became of each in a run. Everything is derived from the run record, and so is the day that counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reports.events import Waiver, matches
from reports.severity import Verdict

if TYPE_CHECKING:
    from reports.record import RunRecord
    from reports.verdicts import RequirementResult


class WaiverStatus(StrEnum):
    """What became of a waiver. The values are the spelling used in every file."""

    APPLIED = "applied"
    """Its requirement was broken, and it excuses that."""
    NOT_EXERCISED = "not exercised"
    """Its requirement could not be judged, or not by all of its tests, so nothing can be said of the waiver."""
    EXPIRED = "expired"
    """The day that it names is over."""
    STALE = "stale"
    """Its requirement was judged by all of its tests, and not broken."""
    UNMATCHED = "unmatched"
    """It is made for another firmware."""


_PROBLEMS = frozenset({WaiverStatus.EXPIRED, WaiverStatus.STALE, WaiverStatus.UNMATCHED})


@dataclass(frozen=True)
class WaiverResult:
    """A waiver, and what became of it."""

    waiver: Waiver
    status: WaiverStatus

    @property
    def problem(self) -> bool:
        """Whether the run fails because of it."""
        return self.status in _PROBLEMS


def judge_waivers(record: RunRecord, results: Mapping[str, RequirementResult]) -> tuple[WaiverResult, ...]:
    """What became of every waiver of the run, in the order of the file."""
    return tuple(
        WaiverResult(waiver, _status(record, waiver, results.get(waiver.requirement))) for waiver in record.waivers
    )


def _status(record: RunRecord, waiver: Waiver, result: RequirementResult | None) -> WaiverStatus:
    if waiver.expired(record.day):
        return WaiverStatus.EXPIRED
    if record.module is None or result is None:
        return WaiverStatus.NOT_EXERCISED
    if not matches(waiver.firmware, record.module.revision):
        return WaiverStatus.UNMATCHED
    if result.waiver is not None:
        return WaiverStatus.APPLIED
    judged = result.verdict in (Verdict.PASS, Verdict.OBSERVED) and set(result.declared) <= set(result.run)
    return WaiverStatus.STALE if judged else WaiverStatus.NOT_EXERCISED
