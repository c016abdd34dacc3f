"""What a run comes to: the verdict of each requirement, of each test, of the run, and the exit status that follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from reports.criteria import Certification, examine
from reports.events import Finding, Requirement, TestRun, Waiver
from reports.pics import ClaimResult, ClaimVerdict, check_claims
from reports.severity import BREACHES, SEVERITY, Level, Verdict, effective, hardened, join
from reports.waivers import WaiverResult, judge_waivers

if TYPE_CHECKING:
    from reports.record import RunRecord

__all__ = ["SEVERITY", "Level", "Verdict", "effective", "hardened", "join"]
EXIT_OK = 0
EXIT_FAIL = 1
EXIT_BAD_INPUT = 4
EXIT_BENCH_ERROR = 6
EXIT_NOT_CERTIFIED = 6
"""Of a run with --certify that earns no certificate, whatever its verdict."""


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
    ``decisive`` is the worst finding (the first of equals), None when no assertion was evaluated. ``waiver`` is the
    one that excuses a breach that was found, else None.
    """

    requirement: Requirement
    verdict: Verdict
    findings: tuple[Finding, ...]
    declared: tuple[str, ...]
    run: tuple[str, ...]
    reason: Reason
    decisive: Finding | None
    waiver: Waiver | None = None

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
    stopped: int | None = None
    """The exit status of a run that ended for a reason of its own: interrupted, nothing selected, an internal error."""
    waivers: tuple[WaiverResult, ...] = ()
    claims: tuple[ClaimResult, ...] = ()
    certification: Certification | None = None
    """None in a run that was not made to certify."""

    @property
    def false_claims(self) -> tuple[ClaimResult, ...]:
        return tuple(claim for claim in self.claims if claim.verdict is ClaimVerdict.FALSE)

    @property
    def bad_waivers(self) -> tuple[WaiverResult, ...]:
        return tuple(found for found in self.waivers if found.problem)

    def count(self, verdict: Verdict, level: Level | None = None) -> int:
        """Number of requirements with this verdict, of one level or of all."""
        return sum(
            result.verdict is verdict and (level is None or result.level is level)
            for result in self.requirements.values()
        )


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
    waiver = record.waived.get(requirement.id)
    judged = [(effective(finding.verdict, strict, waiver is not None), finding) for finding in findings]
    decisive = min(judged, key=lambda entry: SEVERITY.index(entry[0]), default=None)
    if decisive is not None:
        verdict, reason = decisive[0], Reason.FINDING
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
        decisive[1] if decisive else None,
        waiver if any(finding.verdict in BREACHES for finding in findings) else None,
    )


def _why_not(record: RunRecord, declared: tuple[str, ...], run: list[TestRun]) -> Reason:
    if any(test.verdict is Verdict.BENCH_ERROR for test in run):
        return Reason.BENCH_BROKE
    if not record.complete and all(test.verdict is None for test in run) and (declared or run):
        return Reason.RUN_DIED
    if run:
        return Reason.NO_ASSERTION
    return Reason.NOT_RUN if declared else Reason.NO_TEST


def verdict_of_finding(record: RunRecord, finding: Finding, strict: bool) -> Verdict:
    """What a finding comes to: a waiver may excuse it, a strict run may harden it."""
    return effective(finding.verdict, strict, finding.requirement in record.waived)


def verdict_of_test(record: RunRecord, test: TestRun, strict: bool) -> Verdict:
    """What a test comes to; one that never ended is a BENCH ERROR."""
    if test.verdict is None:
        return Verdict.BENCH_ERROR
    findings = record.findings_of(test.nodeid)
    if test.verdict in BREACHES and any(finding.verdict in BREACHES for finding in findings):
        return join(verdict_of_finding(record, finding, strict) for finding in findings)
    return hardened(test.verdict, strict)


def conclude(record: RunRecord, strict: bool, *, died: bool | None = None) -> Conclusion:
    """Verdict and exit status of a run, from its findings, its tests, its incidents and its declarations.

    Besides the requirements' verdicts count: a test's own verdict (its bench may break before any assertion),
    an incident that nobody recovered from, and the death of the run; the last two are BENCH ERRORs. A false claim of
    the PICS and a waiver that is no good make the run FAIL.
    ``died`` tells whether the footer is missing for good, default: what the record says. A run that is about
    to write its own footer passes False.
    """
    died = not record.complete if died is None else died
    conclusion = Conclusion(
        requirements := derive(record, strict),
        Verdict.NOT_TESTED,
        EXIT_OK,
        died,
        _stopped(record),
        judge_waivers(record, requirements),
        check_claims(record),
    )
    conclusion = replace(conclusion, verdict=_overall(_seen(record, conclusion, strict)))
    status = {Verdict.FAIL: EXIT_FAIL, Verdict.BENCH_ERROR: EXIT_BENCH_ERROR}.get(conclusion.verdict, EXIT_OK)
    certification = examine(record, conclusion) if record.certify else None
    if certification is not None and not certification.granted:
        status = EXIT_NOT_CERTIFIED
    if conclusion.stopped is not None:
        status = conclusion.stopped
    return replace(conclusion, exit_status=status, certification=certification)


def _stopped(record: RunRecord) -> int | None:
    written = (record.footer or {}).get("exit_status")
    return None if written in (None, EXIT_OK, EXIT_FAIL, EXIT_BENCH_ERROR) else written


def _seen(record: RunRecord, conclusion: Conclusion, strict: bool) -> set[Verdict]:
    """Every verdict of which the run's is the worst."""
    seen = {result.verdict for result in conclusion.requirements.values()}
    seen |= {verdict_of_finding(record, finding, strict) for finding in record.findings}
    seen |= {verdict_of_test(record, test, strict) for test in record.tests.values() if test.verdict is not None}
    if conclusion.died or any(not incident.recovered for incident in record.incidents):
        seen.add(Verdict.BENCH_ERROR)
    if conclusion.false_claims or conclusion.bad_waivers:
        seen.add(Verdict.FAIL)
    return seen


def _overall(seen: set[Verdict]) -> Verdict:
    # NOT TESTED does not spoil a run: a smoke run leaves most requirements untested and may still pass.
    worst = join(seen - {Verdict.NOT_TESTED})
    return Verdict.PASS if worst is Verdict.OBSERVED else worst
