"""What the templates show, gathered from the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports.criteria import Missing
from reports.events import About, Bound, Incident, Section, TestRun
from reports.finding import Finding
from reports.html.words import both, word
from reports.i18n import Lang, explain, explain_missing, keys, meaning_of_run, text
from reports.inert import inert
from reports.planned import described, efforts_of
from reports.record import RunRecord
from reports.review import REVIEWABLE
from reports.statements import statements, waiver_line, when
from reports.verdicts import SEVERITY, Conclusion, Level, RequirementResult, Verdict, rank, verdict_of_test
from reports.waivers import WaiverResult

MAX_IDS = 6
MAX_GOOD_FINDINGS = 10
"""Findings shown of a test that kept a requirement: a fuzz test makes thousands of them."""
MAX_BAD_FINDINGS = 40
_OF_CONCERN = frozenset({Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.DEVIATION, Verdict.WAIVED, Verdict.INCONCLUSIVE})
GOOD = frozenset({Verdict.PASS, Verdict.OBSERVED})
_INTERRUPTED_OR_BROKEN = frozenset({2, 3})


@dataclass(frozen=True)
class Fact:
    """A value with the key of its label; ``value`` None is unknown."""

    label: str
    value: str | Markup | None


@dataclass(frozen=True)
class Count:
    """A verdict's row of the table of counts; ``levels`` in the order of `Level`."""

    verdict: Verdict
    levels: tuple[int, ...]
    all: int


@dataclass(frozen=True)
class Concern:
    """Something to look at: a finding, and the requirements whose verdict it decides."""

    verdict: Verdict
    finding: Finding
    results: tuple[RequirementResult, ...]

    @property
    def ids(self) -> str:
        """The requirements' IDs, the first few of many."""
        named = " ".join(result.requirement.id for result in self.results[:MAX_IDS])
        return named if len(self.results) <= MAX_IDS else f"{named} ... ({len(self.results)})"


@dataclass(frozen=True)
class Group:
    """The requirements of one section."""

    section: Section
    results: tuple[RequirementResult, ...]


def first_facts(record: RunRecord) -> list[Fact]:
    """What a reader has to know before anything else."""
    module, run = record.module, record.run
    return [
        Fact("revision", module.revision if module else None),
        Fact("module", module.model if module else None),
        Fact("serial-number", module.serial_number if module else None),
        Fact("rig", _known(record.rig.get("name"))),
        Fact("started", record.started.partition(".")[0].replace("T", " ")),
        Fact("duration", duration(record.seconds)),
        Fact("suite", _suite(run.get("suite") or {})),
        Fact("profile", _known(run.get("profile"))),
    ]


def bench_facts(record: RunRecord) -> list[Fact]:
    """What the run was made with, down to the libraries."""
    run, module = record.run, record.module
    software = {"Python": run.get("python"), **(run.get("libraries") or {})}
    facts = [Fact(part, _joined(record.rig[part])) for part in ("serial", "power", "cloud") if record.rig.get(part)]
    if module and module.dialect:
        facts.append(Fact("dialect", _joined(module.dialect)))
    if run.get("simulator"):
        facts.append(Fact("simulator", " ".join(map(str, run["simulator"]))))
    return [
        *facts,
        Fact("host", None if run.get("host") is None else _joined(run["host"])),
        Fact("software", ", ".join(f"{name} {version}" for name, version in software.items() if version)),
        Fact("catalogue", record.catalogue_hash),
    ]


def _suite(suite: Mapping[str, Any]) -> Markup | None:
    words = " ".join(str(suite[key])[:12] for key in ("version", "commit") if suite.get(key))
    if not words:
        return None
    shown = Markup("{}").format(inert(words))
    return Markup("{} ({})").format(shown, word("uncommitted")) if suite.get("dirty") else shown


def _joined(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_joined(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_joined(item)}" for name, item in value.items() if item is not None)
    return str(value)


def _known(value: object) -> str | None:
    return None if value is None else str(value)


def duration(seconds: float) -> str:
    """A duration as h:mm:ss, or in seconds with what precision it deserves."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def interrupted(record: RunRecord) -> int | None:
    """The exit status of a run that was stopped before its end, else None."""
    status = (record.footer or {}).get("exit_status")
    return status if status in _INTERRUPTED_OR_BROKEN else None


def counts(conclusion: Conclusion) -> list[Count]:
    return [
        Count(verdict, tuple(conclusion.count(verdict, level) for level in Level), conclusion.count(verdict))
        for verdict in SEVERITY
    ]


def concerns(conclusion: Conclusion) -> list[Concern]:
    """What keeps the run from a PASS: the worst verdict first, each in the order of time.

    A broken bench, or a network that is not there, spoils many requirements in the same words: these are one concern.
    What leaves a mandated requirement unproven is worse than a deviation, as it is for the run. What the PICS announced
    is no concern.
    """
    found = [
        (_gravity(result), result.decisive.seq, result, result.decisive)
        for result in conclusion.requirements.values()
        if result.verdict in _OF_CONCERN and result.decisive is not None and not result.announced
    ]
    merged: dict[object, Concern] = {}
    for _, seq, result, finding in sorted(found, key=lambda entry: entry[:2]):
        together = result.verdict is Verdict.BENCH_ERROR or _is_unproven(result)
        key = (result.verdict, finding.observed) if together else seq
        earlier = merged.get(key)
        results = (*earlier.results, result) if earlier else (result,)
        merged[key] = Concern(result.verdict, earlier.finding if earlier else finding, results)
    return list(merged.values())


def _gravity(result: RequirementResult) -> int:
    return rank(Verdict.NOT_PROVEN if _is_unproven(result) else result.verdict)


def _is_unproven(result: RequirementResult) -> bool:
    return result.unproven and result.verdict is Verdict.INCONCLUSIVE


def groups(record: RunRecord, conclusion: Conclusion) -> list[Group]:
    """The requirements by section, in the catalogue's order."""
    by_section: dict[str, list[RequirementResult]] = {key: [] for key in record.sections}
    for result in conclusion.requirements.values():
        by_section[result.requirement.section].append(result)
    return [Group(record.sections[key], tuple(results)) for key, results in by_section.items() if results]


def cut_short(result: RequirementResult) -> list[Markup]:
    """What was done for a requirement in part only, in both languages."""
    cut = [effort for effort in efforts_of(result) if effort.cut is not None]
    return [both(described(Lang.EN, effort), described(Lang.ZH, effort)) for effort in cut]


def worth_showing(findings: Sequence[Finding]) -> list[Finding]:
    """The bad findings of a test, and the first of the good ones."""
    bad = [finding for finding in findings if finding.verdict not in GOOD]
    good = [finding for finding in findings if finding.verdict in GOOD]
    return [*bad[:MAX_BAD_FINDINGS], *good[:MAX_GOOD_FINDINGS]]


@dataclass(frozen=True)
class Observed:
    """What was seen of an open requirement: each observation once, in the order of time."""

    result: RequirementResult
    findings: tuple[Finding, ...]


def observations(conclusion: Conclusion) -> list[Observed]:
    """What was seen of the requirements that the manual leaves open.

    A test of one also finds that a step on the way was answered: that is shown only where no observation was made.
    """
    seen: list[Observed] = []
    for result in conclusion.requirements.values():
        if result.level is Level.OPEN and result.findings:
            made = [finding for finding in result.findings if finding.observation is not None] or result.findings
            distinct = {finding.observed: finding for finding in reversed(made)}
            seen.append(Observed(result, tuple(distinct.values())[::-1]))
    return seen


def to_review(conclusion: Conclusion) -> list[RequirementResult]:
    """The requirements that a person has to judge, because the bench does not."""
    return [result for result in conclusion.requirements.values() if result.verdict in REVIEWABLE]


def news(record: RunRecord, conclusion: Conclusion) -> list[Markup]:
    """What stands against the run besides its requirements: false claims, bad waivers, no certificate."""
    found = zip(*(list(statements(record, conclusion, lang)) for lang in Lang), strict=True)
    return [both(en.strip(), zh.strip()) for (en, bad), (zh, _) in found if bad]


def waivers(record: RunRecord, conclusion: Conclusion) -> list[tuple[WaiverResult, Markup]]:
    """Every waiver of the run, and in words what became of it."""
    return [
        (found, both(waiver_line(record, found, Lang.EN), waiver_line(record, found, Lang.ZH)))
        for found in conclusion.waivers
    ]


def missing(conclusion: Conclusion) -> list[tuple[Missing, Markup]]:
    """What a run lacks for its certificate, and in words why."""
    lacks = conclusion.certification.missing if conclusion.certification else ()
    return [(lack, both(explain_missing(Lang.EN, lack), explain_missing(Lang.ZH, lack))) for lack in lacks]


@dataclass(frozen=True)
class Incidents:
    """The incidents of one kind; ``seconds`` is how long they lasted in all, None where the record does not tell."""

    about: About
    incidents: tuple[tuple[Incident, Markup], ...]
    seconds: float | None


def incidents(record: RunRecord) -> list[Incidents]:
    """The incidents by whose trouble they are, each with its time in words."""
    by_kind = {about: [one for one in record.incidents if one.about is about] for about in About}
    return [
        Incidents(
            about,
            tuple((incident, both(when(incident, Lang.EN), when(incident, Lang.ZH))) for incident in found),
            sum(lasted) if (lasted := [one.seconds for one in found if one.seconds is not None]) else None,
        )
        for about, found in by_kind.items()
        if found
    ]


def quantity(bound: Bound) -> Markup | str:
    """A bound with its unit; units that have no words of ours stand as they are."""
    key = f"unit.{bound.unit}"
    number = f"{bound.value:g}" if isinstance(bound.value, float) else str(bound.value)
    if key not in keys():
        return f"{number} {bound.unit}".rstrip()
    return both(*(f"{number} {text(lang, key)}" for lang in (Lang.EN, Lang.ZH)))


@dataclass(frozen=True)
class ListedTest:
    """A test as the list shows it; ``verdict`` is BENCH ERROR for one that never ended."""

    test: TestRun
    verdict: Verdict


def listed(record: RunRecord, strict: bool) -> list[ListedTest]:
    """All tests, the worst verdict first, each in the order of time."""
    tests = [ListedTest(test, verdict_of_test(record, test, strict)) for test in record.tests.values()]
    return sorted(tests, key=lambda listed: rank(listed.verdict))


def why(result: RequirementResult) -> Markup:
    """Why a requirement has its verdict."""
    return both(explain(Lang.EN, result), explain(Lang.ZH, result))


def meaning_of(conclusion: Conclusion) -> Markup:
    """What the verdict of the run says."""
    return both(meaning_of_run(Lang.EN, conclusion), meaning_of_run(Lang.ZH, conclusion))


def counts_of_tests(tests: Sequence[ListedTest]) -> list[tuple[Verdict, int]]:
    """How many tests have each verdict, the worst first; verdicts that none has are left out."""
    numbers = Counter(listed.verdict for listed in tests)
    return [(verdict, numbers[verdict]) for verdict in SEVERITY if numbers[verdict]]
