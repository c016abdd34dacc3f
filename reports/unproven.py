"""What a run set out to prove of mandated requirements and did not, told by its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.i18n import Lang, text
from reports.inert import inert
from reports.verdicts import Conclusion, RequirementResult

SHOWN = 20
"""Reasons that a terminal shows; the report has them all."""
_IDS = 6


@dataclass(frozen=True)
class Doubt:
    """Requirements that are not proven for the same reason: ``reason`` quotes the module, make it inert before use."""

    reason: str
    results: tuple[RequirementResult, ...]

    @property
    def ids(self) -> str:
        """Their IDs, the first few of many."""
        return _listed([result.requirement.id for result in self.results])


def reasons(result: RequirementResult) -> tuple[str, ...]:
    """Why a requirement is not proven: each reason once, in the order of time."""
    unseen = dict.fromkeys(finding.observed or finding.title for finding in result.hidden)
    cut = Counter(result.cut.values())
    return (*unseen, *(f"{count} of its {len(result.declared)} tests left out: {why}" for why, count in cut.items()))


def doubts(conclusion: Conclusion) -> tuple[Doubt, ...]:
    """The requirements that are not proven by their first reason, in the order of the catalogue."""
    found: dict[str, list[RequirementResult]] = {}
    for result in conclusion.unproven:
        found.setdefault(reasons(result)[0], []).append(result)
    return tuple(Doubt(reason, tuple(results)) for reason, results in found.items())


def announced_by_claim(conclusion: Conclusion) -> dict[str, list[str]]:
    """Claim -> the requirements that it announced as not to be judged in full, in the order of the catalogue."""
    found: dict[str, list[str]] = {}
    for identifier, result in conclusion.requirements.items():
        for claim in result.announced_by:
            found.setdefault(claim, []).append(identifier)
    return found


def announced_lines(conclusion: Conclusion, lang: Lang) -> Iterator[str]:
    """What the PICS announced, a line for each claim."""
    for claim, identifiers in announced_by_claim(conclusion).items():
        yield text(lang, "announced.line", claim=claim, ids=_listed(identifiers))


def unproven_lines(conclusion: Conclusion, lang: Lang) -> Iterator[str]:
    """What is not proven and why, for a terminal; nothing where everything is."""
    found = doubts(conclusion)
    if not found:
        return
    yield text(lang, "unproven.head", count=len(conclusion.unproven))
    for doubt in found[:SHOWN]:
        yield inert(text(lang, "unproven.line", ids=doubt.ids, reason=doubt.reason))
    if len(found) > SHOWN:
        yield text(lang, "terminal.more", count=len(found) - SHOWN)


def _listed(identifiers: Sequence[str]) -> str:
    named = " ".join(identifiers[:_IDS])
    return named if len(identifiers) <= _IDS else f"{named} ... ({len(identifiers)})"
