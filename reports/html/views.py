"""What the templates show, gathered from the record: plain data, no markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.events import Finding, Section
from reports.i18n import Lang, text
from reports.record import RunRecord
from reports.verdicts import SEVERITY, Conclusion, Level, RequirementResult, Verdict

FIRST_CONCERNS = 8
MAX_IDS = 6
MAX_GOOD_FINDINGS = 10
"""Findings shown of a test that kept a requirement: a fuzz test makes thousands of them."""
_OF_CONCERN = frozenset({Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.DEVIATION, Verdict.INCONCLUSIVE})
_GOOD = frozenset({Verdict.PASS, Verdict.OBSERVED})
_INTERRUPTED_OR_BROKEN = frozenset({2, 3})


@dataclass(frozen=True)
class Fact:
    """A labelled value; ``value`` None is unknown."""

    label: str
    value: str | None


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


def facts(record: RunRecord, lang: Lang) -> list[list[Fact]]:
    """Module, rig and run, one list of facts each."""
    return [list(_module_facts(record, lang)), list(_rig_facts(record, lang)), list(_run_facts(record, lang))]


def _module_facts(record: RunRecord, lang: Lang) -> Iterator[Fact]:
    module = record.module
    yield Fact(text(lang, "module"), module.model if module else None)
    yield Fact(text(lang, "revision"), module.revision if module else None)
    yield Fact(text(lang, "serial-number"), module.serial_number if module else None)
    if module and module.dialect:
        yield Fact(text(lang, "dialect"), _joined(module.dialect))


def _rig_facts(record: RunRecord, lang: Lang) -> Iterator[Fact]:
    rig = record.rig
    yield Fact(text(lang, "rig"), _known(rig.get("name")))
    for part in ("serial", "power", "cloud"):
        if rig.get(part):
            yield Fact(text(lang, part), _joined(rig[part]))


def _run_facts(record: RunRecord, lang: Lang) -> Iterator[Fact]:
    run = record.run
    yield Fact(text(lang, "suite"), _suite(run.get("suite") or {}, lang))
    yield Fact(text(lang, "profile"), _known(run.get("profile")))
    yield Fact(text(lang, "started"), record.started.partition(".")[0].replace("T", " "))
    yield Fact(text(lang, "duration"), duration(record.seconds))
    host = run.get("host")
    yield Fact(text(lang, "host"), None if host is None else _joined(host))
    software = {"Python": run.get("python"), **(run.get("libraries") or {})}
    yield Fact(text(lang, "software"), ", ".join(f"{name} {version}" for name, version in software.items() if version))


def _suite(suite: Mapping[str, Any], lang: Lang) -> str | None:
    words = [str(suite[key])[:12] for key in ("version", "commit") if suite.get(key)]
    if suite.get("dirty"):
        words.append(f"({text(lang, 'uncommitted')})")
    return " ".join(words) or None


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

    A broken bench spoils many requirements in the same words: these are one concern.
    """
    found = [
        (SEVERITY.index(result.verdict), result.decisive.seq, result, result.decisive)
        for result in conclusion.requirements.values()
        if result.verdict in _OF_CONCERN and result.decisive is not None
    ]
    merged: dict[object, Concern] = {}
    for _, seq, result, finding in sorted(found, key=lambda entry: entry[:2]):
        key = finding.observed if result.verdict is Verdict.BENCH_ERROR else seq
        earlier = merged.get(key)
        results = (*earlier.results, result) if earlier else (result,)
        merged[key] = Concern(result.verdict, earlier.finding if earlier else finding, results)
    return list(merged.values())


def groups(record: RunRecord, conclusion: Conclusion) -> list[Group]:
    """The requirements by section, in the catalogue's order."""
    by_section: dict[str, list[RequirementResult]] = {key: [] for key in record.sections}
    for result in conclusion.requirements.values():
        by_section[result.requirement.section].append(result)
    return [Group(record.sections[key], tuple(results)) for key, results in by_section.items() if results]


def worth_showing(findings: Sequence[Finding]) -> list[Finding]:
    """All findings that are not good, and the first of the good ones."""
    good = [finding for finding in findings if finding.verdict in _GOOD]
    shown = {finding.seq for finding in good[:MAX_GOOD_FINDINGS]}
    return [finding for finding in findings if finding.verdict not in _GOOD or finding.seq in shown]


def observations(conclusion: Conclusion) -> list[tuple[RequirementResult, Finding]]:
    """What was seen of the requirements that the manual leaves open, without repetitions."""
    seen: dict[tuple[str, str], tuple[RequirementResult, Finding]] = {}
    for result in conclusion.requirements.values():
        if result.level is Level.OPEN:
            for finding in result.findings:
                seen.setdefault((result.requirement.id, finding.observed), (result, finding))
    return list(seen.values())
