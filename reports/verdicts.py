"""What a run comes to: the verdict of each requirement, of each test, of the run, and the exit status that follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from reports.criteria import Certification, examine
from reports.effort import Cut
from reports.events import Requirement, TestRun, Waiver
from reports.finding import Finding
from reports.pics import ClaimResult, ClaimVerdict, announcing, check_claims
from reports.severity import BREACHES, SEVERITY, Level, Verdict, effective, hardened, join, join_run, rank, worst
from reports.waivers import WaiverResult, judge_waivers

if TYPE_CHECKING:
    from reports.record import RunRecord

__all__ = ["SEVERITY", "Level", "Verdict", "effective", "hardened", "join", "rank"]
EXIT_OK = 0
EXIT_FAIL = 1
EXIT_BAD_INPUT = 4
EXIT_BENCH_ERROR = 6
EXIT_NOT_CERTIFIED = 6
"""Of a run with --certify that earns no certificate, whatever its verdict."""
EXIT_NOT_PROVEN = 7
_STATUS = {
    Verdict.FAIL: EXIT_FAIL,
    Verdict.BENCH_ERROR: EXIT_BENCH_ERROR,
    Verdict.NOT_PROVEN: EXIT_NOT_PROVEN,
}
"""The exit status of a run by its verdict; EXIT_OK for any other."""
RULES = 2
"""Version of the rules by which findings become the verdict of a run; a record tells the one it was made under.

1, the rules of a record that tells none, knew no NOT PROVEN.
"""
_MAY_HIDE = frozenset({Verdict.INCONCLUSIVE, Verdict.DEVIATION})
"""Verdicts of a requirement that may leave a part of it unproven; a worse one, or a waiver, has settled it."""
_SETTLED = frozenset({Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.WAIVED})
"""Verdicts of a requirement that tests left out could make no worse."""


class Reason(StrEnum):
    """Why a requirement has its verdict."""

    FINDING = "finding"
    """A finding says so; see ``RequirementResult.decisive``."""
    NO_TEST = "no-test"
    """No test of the suite cites the requirement."""
    NOT_SELECTED = "not-selected"
    """Whoever started the run chose other tests."""
    LEFT_OUT = "left-out"
    """Tests cite it, and the run's profile leaves all of them out."""
    NOT_RUN = "not-run"
    """Tests of it were selected; the run ended before them, or does not tell."""
    BENCH_BROKE = "bench-broke"
    """A test of it ended in BENCH ERROR before it could judge, or an incident kept all its tests from running."""
    BENCH_LOST = "bench-lost"
    """Tests cite it; the bench was lost for good before they could run."""
    NO_ASSERTION = "no-assertion"
    """A test of it ran, but evaluated no assertion that cites it."""
    TIME_LIMIT = "time-limit"
    """The time limit of the run left its tests out."""
    TOO_SLOW = "too-slow"
    """The module's answers became too slow for its tests."""
    RUN_DIED = "run-died"
    """The run died before, or during, the tests of it."""


@dataclass(frozen=True)
class RequirementResult:
    """The verdict on one requirement in one run.

    ``declared`` are the tests that cite the requirement in any profile, ``run`` those among them that ran.
    ``decisive`` is the worst finding (the first of equals), None when no assertion was evaluated. ``waiver`` is the
    one that excuses a breach that was found, else None. ``hidden`` are the INCONCLUSIVE findings that nobody announced
    (none in a record of `RULES` that knew no NOT PROVEN), ``announced_by`` the claims that announced the others.
    """

    requirement: Requirement
    verdict: Verdict
    findings: tuple[Finding, ...]
    declared: tuple[str, ...]
    run: tuple[str, ...]
    reason: Reason
    decisive: Finding | None
    waiver: Waiver | None = None
    hidden: tuple[Finding, ...] = ()
    announced_by: tuple[str, ...] = ()
    cut: Mapping[str, Cut] = field(default_factory=dict)
    """Tests of it that there was no time for, and what cut them."""

    @property
    def level(self) -> Level:
        return self.requirement.level

    @property
    def unproven(self) -> bool:
        """Whether it is mandated, this run set out to judge it, and a part of it could not be seen unannounced.

        Or could not be tried for lack of time, whatever the rest of its tests say but a breach.
        """
        unseen = self.verdict in _MAY_HIDE and bool(self.hidden)
        return self.level is Level.MANDATED and (unseen or (self.verdict not in _SETTLED and bool(self.cut)))

    @property
    def announced(self) -> bool:
        """Whether it is INCONCLUSIVE for reasons that the PICS announced, and for no other."""
        return self.verdict is Verdict.INCONCLUSIVE and bool(self.announced_by) and not self.hidden


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
    def unproven(self) -> tuple[RequirementResult, ...]:
        """The requirements for whose sake the run is NOT PROVEN, or would be if it were not worse."""
        return tuple(result for result in self.requirements.values() if result.unproven)

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


def derive(
    record: RunRecord, strict: bool, claims: Iterable[ClaimResult] | None = None
) -> dict[str, RequirementResult]:
    """The result of every requirement of the record's catalogue, in catalogue order.

    A requirement counts as exercised only when a finding cites it: a mere declaration proves nothing. One that an
    incident kept from being exercised is a BENCH ERROR. ``claims`` are what `check_claims` makes of the record.
    """
    announced = announcing(record, check_claims(record) if claims is None else claims)
    findings: dict[str, list[Finding]] = {identifier: [] for identifier in record.requirements}
    for finding in record.findings:
        if finding.requirement is not None:
            findings[finding.requirement].append(finding)
    run: dict[str, list[TestRun]] = {identifier: [] for identifier in record.requirements}
    for test in record.tests.values():
        for identifier in test.requirements:
            run[identifier].append(test)
    return {
        identifier: _result(record, requirement, findings[identifier], run[identifier], strict, announced)
        for identifier, requirement in record.requirements.items()
    }


def _result(
    record: RunRecord,
    requirement: Requirement,
    findings: list[Finding],
    run: list[TestRun],
    strict: bool,
    announced: Mapping[int, str],
) -> RequirementResult:
    declared = record.declared.get(requirement.id, ())
    waiver = record.waived.get(requirement.id)
    judged = [(effective(finding.verdict, strict, waiver is not None), finding) for finding in findings]
    # Of equals, what was announced decides only where nothing else does.
    judged.sort(key=lambda entry: entry[1].seq in announced)
    decisive = worst(judged, lambda entry: entry[0])
    if decisive is not None:
        verdict, reason = decisive[0], Reason.FINDING
    elif any(requirement.id in incident.requirements for incident in record.incidents if not incident.recovered):
        verdict, reason = Verdict.BENCH_ERROR, Reason.BENCH_BROKE
    else:
        verdict, reason = Verdict.NOT_TESTED, _why_not(record, declared, run)
    unseen = [finding for finding in findings if finding.verdict is Verdict.INCONCLUSIVE]
    return RequirementResult(
        requirement,
        verdict,
        tuple(findings),
        declared,
        tuple(test.nodeid for test in run),
        reason,
        decisive[1] if decisive else None,
        waiver if any(finding.verdict in BREACHES for finding in findings) else None,
        tuple(finding for finding in unseen if finding.seq not in announced and record.rules >= RULES),
        tuple(dict.fromkeys(announced[finding.seq] for finding in unseen if finding.seq in announced)),
        {nodeid: record.cut[nodeid] for nodeid in declared if nodeid in record.cut},
    )


def _why_not(record: RunRecord, declared: tuple[str, ...], run: list[TestRun]) -> Reason:
    if any(test.verdict is Verdict.BENCH_ERROR for test in run):
        return Reason.BENCH_BROKE
    if not record.complete and all(test.verdict is None for test in run) and (declared or run):
        return Reason.RUN_DIED
    if run:
        return Reason.NO_ASSERTION
    if not declared:
        return Reason.NO_TEST if record.whole else Reason.NOT_SELECTED
    if record.left_out.issuperset(declared):
        return Reason.LEFT_OUT
    if (record.left_out | record.not_selected).issuperset(declared):
        return Reason.NOT_SELECTED
    if cut := [record.cut[nodeid] for nodeid in declared if nodeid in record.cut]:
        return Reason.TOO_SLOW if Cut.SLOW in cut else Reason.TIME_LIMIT
    return Reason.BENCH_LOST if any(incident.lost for incident in record.incidents) else Reason.NOT_RUN


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
    the PICS and a waiver that is no good make the run FAIL. A mandated requirement that could not be judged, and of
    which nobody announced that, makes it NOT PROVEN.
    ``died`` tells whether the footer is missing for good, default: what the record says. A run that is about
    to write its own footer passes False.
    """
    died = not record.complete if died is None else died
    if (known := record.concluded.get((strict, died))) is None:
        known = record.concluded[strict, died] = _concluded(record, strict, died)
    return known


def _concluded(record: RunRecord, strict: bool, died: bool) -> Conclusion:
    claims = check_claims(record)
    requirements = derive(record, strict, claims)
    conclusion = Conclusion(
        requirements,
        Verdict.NOT_TESTED,
        EXIT_OK,
        died,
        _stopped(record),
        judge_waivers(record, requirements),
        claims,
    )
    conclusion = replace(conclusion, verdict=join_run(_seen(record, conclusion, strict)))
    status = _STATUS.get(conclusion.verdict, EXIT_OK)
    if conclusion.verdict is Verdict.NOT_TESTED and record.cut:
        # There was no time for anything.
        status = _STATUS[Verdict.NOT_PROVEN]
    certification = examine(record, conclusion) if record.certify else None
    if certification is not None and not certification.granted:
        status = EXIT_NOT_CERTIFIED
    if conclusion.stopped is not None:
        status = conclusion.stopped
    return replace(conclusion, exit_status=status, certification=certification)


def _stopped(record: RunRecord) -> int | None:
    written = (record.footer or {}).get("exit_status")
    return None if written in (None, EXIT_OK, *_STATUS.values()) else written


def _seen(record: RunRecord, conclusion: Conclusion, strict: bool) -> set[Verdict]:
    """Every verdict of which the run's is the worst."""
    seen = {result.verdict for result in conclusion.requirements.values()}
    seen |= {verdict_of_finding(record, finding, strict) for finding in record.findings}
    seen |= {verdict_of_test(record, test, strict) for test in record.tests.values() if test.verdict is not None}
    if conclusion.died or any(not incident.recovered for incident in record.incidents):
        seen.add(Verdict.BENCH_ERROR)
    if conclusion.false_claims or conclusion.bad_waivers:
        seen.add(Verdict.FAIL)
    if conclusion.unproven:
        seen.add(Verdict.NOT_PROVEN)
    return seen
