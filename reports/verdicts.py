"""Verdicts: their severity, the verdict of a requirement, of a run, and the exit status that follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.events import Finding, Requirement, TestRun
    from reports.record import RunRecord

EXIT_OK = 0
EXIT_FAIL = 1
EXIT_BAD_INPUT = 4
EXIT_BENCH_ERROR = 6


class Verdict(StrEnum):
    """What a test found out about a requirement. The values are the spelling used in every file."""

    PASS = "PASS"
    FAIL = "FAIL"
    DEVIATION = "DEVIATION"
    WAIVED = "WAIVED"
    OBSERVED = "OBSERVED"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_TESTED = "NOT TESTED"
    BENCH_ERROR = "BENCH ERROR"


class Level(StrEnum):
    """How binding a requirement is: stated by the manual, implied by it, or left open."""

    MANDATED = "M"
    IMPLIED = "I"
    OPEN = "O"


SEVERITY: tuple[Verdict, ...] = (
    Verdict.FAIL,
    Verdict.BENCH_ERROR,
    Verdict.DEVIATION,
    Verdict.WAIVED,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_TESTED,
    Verdict.PASS,
    Verdict.OBSERVED,
)
"""All verdicts, the worst first."""


class Reason(StrEnum):
    """Why a requirement has its verdict."""

    FINDING = "finding"
    """A finding says so; see ``RequirementResult.decisive``."""
    NO_TEST = "no-test"
    """No test of the suite cites the requirement."""
    NOT_RUN = "not-run"
    """Tests cite it; none of them was part of this run."""
    BENCH_BROKE = "bench-broke"
    """A test of it ended in BENCH ERROR before it could judge, or an incident kept all its tests from running."""
    NO_ASSERTION = "no-assertion"
    """A test of it ran, but evaluated no assertion that cites it."""
    RUN_DIED = "run-died"
    """The run died before, or during, the tests of it."""


@dataclass(frozen=True)
class RequirementResult:
    """The verdict on one requirement in one run.

    ``declared`` are the tests that cite the requirement in any profile, ``run`` those among them that ran.
    ``decisive`` is the worst finding (the first of equals), None when no assertion was evaluated.
    """

    requirement: Requirement
    verdict: Verdict
    findings: tuple[Finding, ...]
    declared: tuple[str, ...]
    run: tuple[str, ...]
    reason: Reason
    decisive: Finding | None

    @property
    def level(self) -> Level:
        return self.requirement.level


@dataclass(frozen=True)
class Conclusion:
    """What a whole run comes to."""

    requirements: dict[str, RequirementResult]
    verdict: Verdict
    exit_status: int
    died: bool

    def count(self, verdict: Verdict, level: Level | None = None) -> int:
        """Number of requirements with this verdict, of one level or of all."""
        return sum(
            result.verdict is verdict and (level is None or result.level is level)
            for result in self.requirements.values()
        )


def join(verdicts: Iterable[Verdict]) -> Verdict:
    """The most severe of some verdicts, whatever their order; none at all is NOT TESTED."""
    return min(verdicts, key=SEVERITY.index, default=Verdict.NOT_TESTED)


def hardened(verdict: Verdict, strict: bool) -> Verdict:
    """A DEVIATION is a FAIL in a strict run."""
    return Verdict.FAIL if strict and verdict is Verdict.DEVIATION else verdict


def derive(record: RunRecord, strict: bool) -> dict[str, RequirementResult]:
    """The result of every requirement of the record's catalogue, in catalogue order.

    A requirement counts as exercised only when a finding cites it: a mere declaration proves nothing. One that an
    incident kept from being exercised is a BENCH ERROR.
    """
    findings: dict[str, list[Finding]] = {identifier: [] for identifier in record.requirements}
    for finding in record.findings:
        if finding.requirement is not None:
            findings[finding.requirement].append(finding)
    run: dict[str, list[TestRun]] = {identifier: [] for identifier in record.requirements}
    for test in record.tests.values():
        for identifier in test.requirements:
            run[identifier].append(test)
    return {
        identifier: _result(record, requirement, findings[identifier], run[identifier], strict)
        for identifier, requirement in record.requirements.items()
    }


def _result(
    record: RunRecord, requirement: Requirement, findings: list[Finding], run: list[TestRun], strict: bool
) -> RequirementResult:
    declared = record.declared.get(requirement.id, ())
    decisive = min(findings, key=lambda finding: SEVERITY.index(finding.verdict), default=None)
    if decisive is not None:
        verdict, reason = hardened(decisive.verdict, strict), Reason.FINDING
    elif any(requirement.id in incident.requirements for incident in record.incidents if not incident.recovered):
        verdict, reason = Verdict.BENCH_ERROR, Reason.BENCH_BROKE
    else:
        verdict, reason = Verdict.NOT_TESTED, _why_not(record, declared, run)
    return RequirementResult(
        requirement,
        verdict,
        tuple(findings),
        declared,
        tuple(test.nodeid for test in run),
        reason,
        decisive,
    )


def _why_not(record: RunRecord, declared: tuple[str, ...], run: list[TestRun]) -> Reason:
    if any(test.verdict is Verdict.BENCH_ERROR for test in run):
        return Reason.BENCH_BROKE
    if not record.complete and all(test.verdict is None for test in run) and (declared or run):
        return Reason.RUN_DIED
    if run:
        return Reason.NO_ASSERTION
    return Reason.NOT_RUN if declared else Reason.NO_TEST


def conclude(record: RunRecord, strict: bool, *, died: bool | None = None) -> Conclusion:
    """Verdict and exit status of a run, from its findings, its tests and its incidents.

    Besides the requirements' verdicts count: a test's own verdict (its bench may break before any assertion),
    an incident that nobody recovered from, and the death of the run; the last two are BENCH ERRORs.
    ``died`` tells whether the footer is missing for good, default: what the record says. A run that is about
    to write its own footer passes False.
    """
    died = not record.complete if died is None else died
    results = derive(record, strict)
    seen = {result.verdict for result in results.values()}
    seen |= {hardened(finding.verdict, strict) for finding in record.findings}
    seen |= {hardened(test.verdict, strict) for test in record.tests.values() if test.verdict is not None}
    if died or any(not incident.recovered for incident in record.incidents):
        seen.add(Verdict.BENCH_ERROR)
    verdict = _overall(seen)
    status = {Verdict.FAIL: EXIT_FAIL, Verdict.BENCH_ERROR: EXIT_BENCH_ERROR}.get(verdict, EXIT_OK)
    written = (record.footer or {}).get("exit_status", status)
    if written not in (EXIT_OK, EXIT_FAIL, EXIT_BENCH_ERROR):
        # The run ended for a reason of its own: interrupted, nothing selected, an internal error.
        status = written
    return Conclusion(results, verdict, status, died)


def _overall(seen: set[Verdict]) -> Verdict:
    # NOT TESTED does not spoil a run: a smoke run leaves most requirements untested and may still pass.
    worst = join(seen - {Verdict.NOT_TESTED})
    return Verdict.PASS if worst is Verdict.OBSERVED else worst
