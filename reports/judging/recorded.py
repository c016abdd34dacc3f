"""The judgements of a record, made again from what it holds of the line, with a count of those that cannot be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reports.effort import Effort
from reports.events import Bilingual, Event, Requirement, Said
from reports.finding import Finding
from reports.inert import inert
from reports.judging.compared import compared
from reports.judging.evidence import CLOSED, OPENED, Recorded
from reports.judging.expectation import NAMES, Expectation, ExpectationError, expectation_of
from reports.judging.judge import KEPT_VERDICT, judge, verdict_of
from reports.judging.rulings import Rulings
from reports.judging.wording import text
from reports.judging.words import say
from reports.sentences import Sentence
from reports.sentences import say as tell
from reports.severity import Verdict
from reports.texts import TEXTS
from reports.why import Why


def with_evidence(
    findings: Iterable[Finding], events: Iterable[Event], commands: Iterable[str]
) -> Iterator[tuple[Finding, Expectation | None, Recorded]]:
    """Findings in order, each with its expectation, if that is data, and with what the record had told by then.

    ``commands`` are the names of the manual's, with their +. Raises `ExpectationError` for an expectation of an unknown
    kind, or one that points nowhere or into the future.
    """
    evidence, coming = Recorded(commands), iter(events)
    for finding in findings:
        if finding.expectation is None:
            yield finding, None, evidence
            continue
        for event in coming:
            evidence.add(event)
            if event.seq >= finding.seq:
                break
        yield finding, expectation_of(finding.expectation, finding.seq), evidence


def weighed(
    findings: Iterable[Finding],
    events: Iterable[Event],
    requirements: Mapping[str, Requirement],
    commands: Iterable[str],
) -> Iterator[Finding]:
    """Findings in order, each whose expectation is data with its words and with the verdict that the evidence gives.

    Raises `ExpectationError` as `with_evidence` and `verdict_on` do.
    """
    for finding, expectation, evidence in with_evidence(findings, events, commands):
        if expectation is None:
            yield finding if finding.effort is None else _counted(finding, finding.effort)
            continue
        told = _told(finding, expectation, evidence)
        yield replace(told, derived=verdict_on(told, expectation, requirements, evidence)) if told.derivable else told


def verdict_on(
    finding: Finding, expectation: Expectation, requirements: Mapping[str, Requirement], evidence: Recorded
) -> Verdict:
    """What the evidence gives for a finding. Raises `ExpectationError` where it is on none of the requirements."""
    requirement = requirements.get(finding.requirement or "")
    if requirement is None:
        raise ExpectationError(
            "the finding of event {event} judges no requirement of this record's catalogue", event=finding.seq
        )
    # Only silence is ever laid to a restart that nobody ordered, and the restart is told of before the judgement.
    owed = [evidence.is_silent(event) and evidence.restarted_after(event) for event in expectation.about]
    restarted = finding.otherwise and all(owed)
    breach = Verdict.DEVIATION if restarted else expectation.breach
    return verdict_of(judge(expectation, evidence), requirement.level, breach)


def _told(finding: Finding, expectation: Expectation, evidence: Recorded) -> Finding:
    """With the words that follow from data; what the record has in their place does not count.

    Of a breach the record says more of what was observed, what it took to bring the module back, say.
    """
    made = say(expectation, evidence)
    stored = finding.said or made
    told = replace(
        finding,
        said=stored,
        compared=None if finding.verdict is Verdict.PASS else compared(expectation, evidence),
        title=finding.title or made.expected.en,
        chinese_title=made.expected.zh if finding.title in ("", finding.expected) else finding.chinese_title,
        expected=finding.expected or made.expected.en,
        observed=finding.observed or made.observed.en,
    )
    if not finding.derivable:
        return told
    kept = finding.verdict in KEPT_VERDICT.values()
    return replace(
        told,
        said=made if kept else Said(made.expected, stored.observed),
        title=_if_same(told.title, made.expected.en),
        chinese_title=made.expected.zh,
        expected=_if_same(told.expected, made.expected.en),
        observed=made.observed.en if kept else told.observed,
    )


def _if_same(stored: str, made: str) -> str:
    """What is stored, where it is what was made but for what stands for a secret: stars, or its label."""
    return stored if _unlabelled(stored) == _unlabelled(made) else made


def _unlabelled(words: str) -> str:
    return _LABELLED.sub(f"{OPENED}{CLOSED}", words)


_LABELLED = re.compile(f"{OPENED}[^{CLOSED}]*{CLOSED}")


def _counted(finding: Finding, effort: Effort) -> Finding:
    """With the Chinese of what was planned and done, which follows from the numbers."""
    key = f"effort.{effort.what}"
    what = text(key).zh if key in TEXTS else effort.what.replace("-", " ")
    share = text("effort.done", done=effort.done, planned=effort.planned, what=what).zh
    observed = share if effort.cut is None else text("effort.cut", share=share, cut=text(f"cut.{effort.cut}").zh).zh
    least = text("effort.at-least", minimum=effort.minimum, planned=effort.planned, what=what).zh
    said = Said(Bilingual(finding.expected, least), Bilingual(finding.observed, observed))
    return replace(finding, said=finding.said or said, chinese_title=text("effort.counted").zh)


_NOT_JUDGED = (Verdict.INCONCLUSIVE, Verdict.NOT_TESTED, Verdict.BENCH_ERROR)


@dataclass
class Again:
    """How many judgements were made again, and which were not: their number by requirement.

    What is only recorded where the manual leaves it open is no judgement of the module, nor is the bench's own count of
    what it has done of what it had planned.
    """

    made: int = 0
    not_made: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, list[Why]] = field(default_factory=dict)
    """Why not, by requirement."""
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
            elif finding.observation is None and finding.effort is None:
                again.not_made[finding.requirement or ""] += 1
                reasons = again.reasons.setdefault(finding.requirement or "", [])
                why = finding.why or _why(finding)
                if why not in reasons:
                    reasons.append(why)
        return again

    @property
    def all(self) -> int:
        """Every judgement of the run."""
        return self.made + self.not_made.total()

    def to_summary(self) -> dict[str, Any]:
        """The numbers, ready for JSON."""
        return {
            "all": self.all,
            "again": self.made,
            "not_again": dict(sorted(self.not_made.items())),
            "why": dict(sorted(self.reasons.items())),
        }

    @property
    def told(self) -> Sentence:
        """The numbers, in one line."""
        return tell("{made} of {all} judgements made again from the raw bytes", made=self.made, all=self.all)

    def __str__(self) -> str:
        return self.told


def _why(finding: Finding) -> Why:
    if finding.expectation is not None:
        return Why.MASKED
    return Why.NOT_JUDGED if finding.verdict in _NOT_JUDGED else Why.WORDS


def contradiction(finding: Finding) -> Sentence:
    """One line about a judgement that the record's own evidence does not give."""
    check = inert(str((finding.expectation or {}).get("check")))
    return tell(
        "the finding of event {event} says {said} for {requirement}; what it rests on ({check}) gives {given}",
        event=finding.seq,
        said=finding.verdict,
        requirement=inert(str(finding.requirement)),
        check=check,
        given=finding.derived,
    )


@dataclass(frozen=True)
class Misapplied:
    """A judgement that names rulings of its catalogue and applies something else."""

    seq: int
    requirement: str
    names: tuple[str, ...]
    known: bool
    """Whether its catalogue holds them at all."""

    @property
    def told(self) -> Sentence:
        """One line about it."""
        values = {"event": self.seq, "requirement": inert(self.requirement), "names": list(map(inert, self.names))}
        if self.known:
            return tell(
                "the finding of event {event} judges {requirement} by {names}, which its catalogue has otherwise",
                **values,
            )
        return tell(
            "the finding of event {event} judges {requirement} by {names}, which its catalogue does not hold", **values
        )


def misapplied(findings: Iterable[Finding], rulings: Rulings) -> Iterator[Misapplied]:
    """The judgements whose parameters are not those of the rulings that they name."""
    for finding in findings:
        if finding.expectation is None or NAMES.isdisjoint(finding.expectation):
            continue
        expectation = expectation_of(finding.expectation, finding.seq)
        known = all(map(rulings.knows, expectation.named))
        if not known or expectation.under(rulings) != expectation:
            yield Misapplied(finding.seq, str(finding.requirement), expectation.named, known)
