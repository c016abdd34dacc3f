"""One run judged anew: every judgement that its record gives again, by another catalogue than its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reports.catalogue import Catalogue
from reports.effort import Effort
from reports.finding import Finding
from reports.inert import inert
from reports.judging.judge import BREACH_VERDICT, KEPT_VERDICT, verdict_of
from reports.judging.recorded import Misapplied, misapplied, verdict_on, with_evidence
from reports.judging.rulings import Rulings
from reports.record import RunRecord
from reports.rejudge.causes import Cause, CauseKind, Changed, of_finding, of_levels, together
from reports.rejudge.minima import LEAST, bound_of_steps, counted, times_of, under
from reports.rejudge.waits import BOUND, waited
from reports.severity import BREACHES, Level, Verdict
from reports.verdicts import Conclusion, RequirementResult, conclude


@dataclass(frozen=True)
class Outcome:
    """A requirement that comes out otherwise; None where only one of the catalogues holds it."""

    id: str
    called: str
    """What the record calls it."""
    then: Verdict | None
    now: Verdict | None
    proven_then: bool
    proven_now: bool
    """Whether the run proved of it what it set out to."""
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Declared:
    """A waiver, or a claim of the PICS, that counts otherwise."""

    kind: str
    name: str
    then: str
    now: str


@dataclass(frozen=True)
class Contradiction:
    """A judgement of which the record says something else than its own evidence gives."""

    seq: int
    requirement: str
    says: Verdict
    gives: Verdict


@dataclass(frozen=True)
class Unsaid:
    """A bound that is another today, and judgements on its requirements that do not say whether they rest on it."""

    bound: str
    then: str
    now: str
    count: int


@dataclass(frozen=True)
class Reach:
    """How many judgements were made anew, and why not the others, or not by today's rulings.

    What is only recorded is none, nor is the bench's own count of what it has done, which is counted by itself.
    """

    all: int
    again: int
    otherwise: int
    """Of all of them; a requirement that was broken by one judgement may still be by another."""
    in_words: int
    """What was expected is told in words only; their verdicts follow the level of their requirements."""
    masked: int
    unnamed: int
    """Made anew with what was applied: the record does not name the rule, the bound or the ruling."""
    unknown: int
    """Likewise, for today's catalogue knows none of that name."""
    counts: int = 0
    """Findings that count steps against the least that a proof needs."""
    counts_unnamed: int = 0
    """Those of which no bound of the run's catalogue, or of today's, is the minimum: it stays as it was."""
    unsaid: tuple[Unsaid, ...] = ()


@dataclass(frozen=True)
class Rejudged:
    """What a run comes to, then and now."""

    path: Path
    rig: str
    firmware: str
    started: str
    catalogue: str
    """SHA-256 of the run's own catalogue."""
    then: Verdict
    now: Verdict
    footer: str
    """What the record's last line says, where that is not what its findings give; else empty."""
    outcomes: tuple[Outcome, ...]
    declared: tuple[Declared, ...]
    contradictions: tuple[Contradiction, ...]
    misapplied: tuple[Misapplied, ...]
    reach: Reach

    @property
    def otherwise(self) -> bool:
        """Whether anything is not as it was, or not as the record says."""
        said = self.outcomes or self.declared or self.contradictions or self.misapplied or self.footer
        return self.then is not self.now or bool(said)


def rejudge(record: RunRecord, today: Catalogue) -> Rejudged:
    """Judge a run, of which nothing has been weighed yet, by today's catalogue.

    Raises `RecordError` for expectations that no suite writes.
    """
    if not record.requirements:
        today = record.catalogue  # the run ended before it had one
    names = _names(record, today)
    changes = list(_changes(record, today, names))
    findings = (changed.now for changed in changes if changed.now is not None)
    then = conclude(record, record.strict)
    now = conclude(record.held_against(today, findings, names), record.strict)
    footer = str((record.footer or {}).get("verdict", then.verdict))
    module = record.module
    return Rejudged(
        record.path,
        inert(str(record.rig.get("name") or "")),
        inert((module.revision if module else None) or ""),
        inert(record.started[:19]),
        inert(str(record.catalogue_hash or "")),
        then.verdict,
        now.verdict,
        "" if footer == then.verdict else inert(footer),
        tuple(_Outcomes(record, today, names).of(then, now, changes)),
        tuple(_declared(then, now)),
        tuple(_contradictions(changes)),
        tuple(misapplied(record.findings, record.catalogue.rulings)),
        _reach(record, today, changes),
    )


def _names(record: RunRecord, today: Catalogue) -> dict[str, str]:
    """What today's catalogue calls requirements that the record's calls otherwise."""
    return {
        old: requirement.id
        for requirement in today.requirements.values()
        for old in requirement.formerly
        if old in record.requirements and requirement.id not in record.requirements
    }


def _changes(record: RunRecord, today: Catalogue, names: Mapping[str, str]) -> Iterator[Changed]:
    """Every finding of the run, as recorded and as it is judged today."""
    steady = {name for name, it in today.requirements.items() if _level(record, name) is it.level}
    told = with_evidence(record.findings, record.events, record.catalogue.command_names)
    for finding, expectation, evidence in told:
        name = names.get(finding.requirement or "", finding.requirement)
        demanded = name is None or name in today.requirements
        now = finding if name == finding.requirement else replace(finding, requirement=name)
        derived, wait = None, None
        if expectation is not None and finding.derivable:
            derived = verdict = verdict_on(finding, expectation, record.requirements, evidence)
            anew = expectation.under(today.rulings)
            if demanded and (anew != expectation or finding.requirement not in steady):
                verdict = verdict_on(now, anew, today.requirements, evidence)
            wait = waited(finding, expectation, record.events, record.catalogue.rulings, today.rulings)
            if wait is not None and demanded:
                verdict = verdict_of(wait.judgement, today.requirements[name or ""].level)
        else:
            if finding.effort is not None:
                now = replace(now, effort=under(finding.effort, record.catalogue.rulings, today.rulings))
            verdict = _carried(finding, now, record, today)
        if verdict is not now.verdict:
            now = replace(now, verdict=verdict)
        yield Changed(finding, now if demanded else None, expectation, derived, wait)


def _level(record: RunRecord, name: str) -> Level | None:
    requirement = record.requirements.get(name)
    return None if requirement is None else requirement.level


def _carried(then: Finding, now: Finding, record: RunRecord, today: Catalogue) -> Verdict:
    """The verdict of a judgement that cannot be made anew: what was seen stands, and the level is today's."""
    before, after = record.requirements.get(then.requirement or ""), today.requirements.get(now.requirement or "")
    if before is None or after is None:
        return then.verdict
    if now.effort is not None:
        return counted(then, now.effort, before.level, after.level)
    if before.level is after.level or then.observation is not None:
        return then.verdict
    if then.verdict in BREACHES:
        # Of another verdict than the level's a ruling was the reason, which stands.
        return BREACH_VERDICT[after.level] if then.verdict is BREACH_VERDICT[before.level] else then.verdict
    if then.verdict is Verdict.PASS:
        return KEPT_VERDICT[after.level] if then.verdict in KEPT_VERDICT.values() else then.verdict
    # While it was open both a breach and what kept to it were OBSERVED.
    return Verdict.INCONCLUSIVE if then.verdict is Verdict.OBSERVED else then.verdict


@dataclass(frozen=True)
class _Outcomes:
    """The requirements of a run that come out otherwise, and why."""

    record: RunRecord
    today: Catalogue
    names: Mapping[str, str]

    def of(self, then: Conclusion, now: Conclusion, changes: Iterable[Changed]) -> Iterator[Outcome]:
        """In the order of today's catalogue; those that are gone at the end."""
        old = {new: called for called, new in self.names.items()}
        changed: defaultdict[str, list[Changed]] = defaultdict(list)
        for change in changes:
            if change.now is not None and change.otherwise:
                changed[change.now.requirement or ""].append(change)
        for name, result in now.requirements.items():
            before = then.requirements.get(old.get(name, name))
            if before is None:
                yield Outcome(name, "", None, result.verdict, True, True, (Cause(CauseKind.NEW),))
            elif (before.verdict, before.unproven) != (result.verdict, result.unproven):
                yield self._outcome(before, result, changed[name])
        for name, before in then.requirements.items():
            if self.names.get(name, name) not in now.requirements:
                yield Outcome(name, name, before.verdict, None, not before.unproven, True, (Cause(CauseKind.GONE),))

    def _outcome(self, before: RequirementResult, result: RequirementResult, changes: Iterable[Changed]) -> Outcome:
        catalogues, events = (self.record.catalogue, self.today), self.record.events
        found = [cause for change in changes for cause in of_finding(change, *catalogues, events)]
        return Outcome(
            result.requirement.id,
            before.requirement.id,
            before.verdict,
            result.verdict,
            not before.unproven,
            not result.unproven,
            (*of_levels(before.level, result.level), *together(found)),
        )


def _declared(then: Conclusion, now: Conclusion) -> Iterator[Declared]:
    for before, after in zip(then.waivers, now.waivers, strict=True):
        if before.status is not after.status:
            yield Declared("waiver", inert(after.waiver.requirement), before.status.value, after.status.value)
    for claimed, checked in zip(then.claims, now.claims, strict=True):
        if claimed.verdict is not checked.verdict:
            yield Declared("claim", inert(checked.name), claimed.verdict.value, checked.verdict.value)


def _contradictions(changes: Iterable[Changed]) -> Iterator[Contradiction]:
    for changed in changes:
        said, gives = changed.then, changed.derived
        if gives is not None and gives is not said.verdict:
            yield Contradiction(said.seq, inert(str(said.requirement)), said.verdict, gives)


def _named(effort: Effort, then: Rulings, now: Rulings) -> bool:
    return times_of(effort, then) is not None and bound_of_steps(effort.what) in now.bounds


def _reach(record: RunRecord, today: Catalogue, changes: Iterable[Changed]) -> Reach:
    tally: Counter[str] = Counter()
    moved = [bound for bound in record.bounds if today.rulings.bounds.get(bound.name, bound.value) != bound.value]
    # A least number of steps decides on counts of them alone.
    moved = [bound for bound in moved if not bound.name.startswith(LEAST)]
    decided = {bound.name: frozenset(bound.requirements) for bound in moved}
    silent: Counter[str] = Counter()
    for changed in changes:
        finding, expectation = changed.then, changed.expectation
        if finding.effort is not None and finding.effort.minimum:
            tally["counts"] += 1
            tally["counts_unnamed"] += not _named(finding.effort, record.catalogue.rulings, today.rulings)
        if finding.observation is not None or finding.effort is not None:
            continue
        tally["otherwise"] += changed.otherwise
        named = () if expectation is None else expectation.named
        if expectation is None or changed.derived is None:
            tally["in_words" if expectation is None else "masked"] += 1
        else:
            tally["again"] += 1
            tally["unnamed"] += expectation.unnamed
            tally["unknown"] += not all(map(today.rulings.knows, named))
        if changed.wait is not None:
            named = (*named, BOUND)
        if changed.derived is None or expectation is None or expectation.watched or expectation.unnamed:
            silent.update(name for name, on in decided.items() if finding.requirement in on and name not in named)
    return Reach(
        tally["again"] + tally["in_words"] + tally["masked"],
        tally["again"],
        tally["otherwise"],
        tally["in_words"],
        tally["masked"],
        tally["unnamed"],
        tally["unknown"],
        tally["counts"],
        tally["counts_unnamed"],
        tuple(
            Unsaid(bound.name, f"{bound.value:g}", today.rulings.value_of(bound.name), silent[bound.name])
            for bound in moved
            if silent[bound.name]
        ),
    )
