"""What a run set out to prove of mandated requirements and did not, told by its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.events import Bilingual
from reports.i18n import Lang, chosen, text
from reports.inert import inert
from reports.verdicts import Conclusion, RequirementResult

SHOWN = 20
"""Reasons that a terminal shows; the report has them all."""
_IDS = 6


@dataclass(frozen=True)
class Doubt:
    """Requirements that are not proven for the same reason: ``reason`` quotes the module, make it inert before use."""

    reason: Bilingual
    results: tuple[RequirementResult, ...]

    @property
    def ids(self) -> str:
        """Their IDs, the first few of many."""
        return _listed([result.requirement.id for result in self.results])


def reasons(result: RequirementResult) -> tuple[Bilingual, ...]:
    """Why a requirement is not proven, in both languages: each reason once, in the order of time."""
    unseen = (finding.in_both.observed if finding.observed else finding.title_in_both for finding in result.hidden)
    return (*dict.fromkeys(unseen), *_left_out(result))


def _left_out(result: RequirementResult) -> Iterator[Bilingual]:
    for why, count in Counter(result.cut.values()).items():
        yield Bilingual(
            *(
                text(lang, "unproven.cut", count=count, of=len(result.declared), why=text(lang, f"cut.{why}"))
                for lang in (Lang.EN, Lang.ZH)
            )
        )


def doubts(conclusion: Conclusion) -> tuple[Doubt, ...]:
    """The requirements that are not proven by their first reason, in the order of the catalogue."""
    found: dict[Bilingual, list[RequirementResult]] = {}
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
        yield inert(text(lang, "unproven.line", ids=doubt.ids, reason=chosen(lang, doubt.reason)))
    if len(found) > SHOWN:
        yield text(lang, "terminal.more", count=len(found) - SHOWN)


def _listed(identifiers: Sequence[str]) -> str:
    named = " ".join(identifiers[:_IDS])
    return named if len(identifiers) <= _IDS else f"{named} ... ({len(identifiers)})"
