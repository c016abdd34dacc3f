"""The judgements of a record, made again from what it holds of the line, with a count of those that cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reports.events import Event, Finding, Requirement
from reports.inert import inert
from reports.judging.compared import compared
from reports.judging.evidence import Recorded
from reports.judging.expectation import ExpectationError, expectation_of
from reports.judging.judge import judge, verdict_of
from reports.judging.words import say
from reports.severity import Verdict


def weighed(
    findings: Iterable[Finding],
    events: Iterable[Event],
    requirements: Mapping[str, Requirement],
    commands: Iterable[str],
) -> Iterator[Finding]:
    """Findings in order, each whose expectation is data with its words and with the verdict that the evidence gives.

    ``commands`` are the names of the manual's, with their +. Raises `ExpectationError` for an expectation of an unknown
    kind, or one that points nowhere or into the future.
    """
    evidence, coming = Recorded(commands), iter(events)
    for finding in findings:
        if finding.expectation is None:
            yield finding
            continue
        for event in coming:
            evidence.add(event)
            if event.seq >= finding.seq:
                break
        yield _weighed(finding, requirements, evidence)


def _weighed(finding: Finding, requirements: Mapping[str, Requirement], evidence: Recorded) -> Finding:
    expectation = expectation_of(finding.expectation, finding.seq)
    said = say(expectation, evidence)
    told = replace(
        finding,
        said=said,
        compared=None if finding.verdict is Verdict.PASS else compared(expectation, evidence),
        title=finding.title or said.expected.en,
        expected=finding.expected or said.expected.en,
        observed=finding.observed or said.observed.en,
    )
    if not finding.derivable:
        return told
    requirement = requirements.get(finding.requirement or "")
    if requirement is None:
        raise ExpectationError(f"the finding of event {finding.seq} judges no requirement of this record's catalogue")
    # Only silence is ever laid to a restart that nobody ordered.
    restarted = finding.otherwise and all(evidence.is_silent(event) for event in expectation.about)
    breach = Verdict.DEVIATION if restarted else expectation.breach
    return replace(told, derived=verdict_of(judge(expectation, evidence), requirement.level, breach))


@dataclass
class Again:
    """How many judgements were made again, and which were not: their number by requirement.

    What is only recorded where the manual leaves it open is no judgement.
    """

    made: int = 0
    not_made: Counter[str] = field(default_factory=Counter)
    contradictions: list[Finding] = field(default_factory=list)
    """Findings that say something else than what came gives."""

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Again:
        """The judgements of a record, as `weighed` gives them."""
        again = cls()
        for finding in findings:
            if finding.derived is not None:
                again.made += 1
                if finding.derived is not finding.verdict:
                    again.contradictions.append(finding)
            elif finding.observation is None:
                again.not_made[finding.requirement or ""] += 1
        return again

    @property
    def all(self) -> int:
        """Every judgement of the run."""
        return self.made + self.not_made.total()

    def to_summary(self) -> dict[str, Any]:
        """The numbers, ready for JSON."""
        return {"all": self.all, "again": self.made, "not_again": dict(sorted(self.not_made.items()))}

    def __str__(self) -> str:
        return f"{self.made} of {self.all} judgements made again from the raw bytes"


def contradiction(finding: Finding) -> str:
    """One line about a judgement that the record's own evidence does not give."""
    check = inert(str((finding.expectation or {}).get("check")))
    return (
        f"the finding of event {finding.seq} says {finding.verdict} for {inert(str(finding.requirement))}; what it "
        f"rests on ({check}) gives {finding.derived}"
    )
