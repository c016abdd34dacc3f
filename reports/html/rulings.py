"""What the module of a run did where the manual is silent or contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from reports.events import Ambiguity, Kind
from reports.finding import Finding
from reports.html.views import GOOD, why
from reports.html.words import both, word
from reports.record import RunRecord
from reports.verdicts import SEVERITY, Conclusion, RequirementResult, Verdict

MAX_SEEN = 6
"""Things seen that are shown of one ambiguity."""
MAX_CHARACTERS = 240
"""Characters shown of one of them."""


@dataclass(frozen=True)
class Seen:
    """Something that was seen, and the requirements that it was seen of."""

    what: Markup
    requirements: tuple[str, ...]


@dataclass(frozen=True)
class Ruled:
    """An ambiguity, the requirements that rest on its ruling by verdict, the worst first, and what was seen of them."""

    ambiguity: Ambiguity
    verdicts: Mapping[Verdict, tuple[str, ...]]
    seen: tuple[Seen, ...]
    more: int


def ruled(record: RunRecord, conclusion: Conclusion) -> list[Ruled]:
    """The register of the record, with what this run saw."""
    return [
        _ruled(record, ambiguity, [conclusion.requirements[identifier] for identifier in ambiguity.requirements])
        for ambiguity in record.ambiguities
    ]


def _ruled(record: RunRecord, ambiguity: Ambiguity, results: list[RequirementResult]) -> Ruled:
    by_verdict = {
        verdict: tuple(result.requirement.id for result in results if result.verdict is verdict) for verdict in SEVERITY
    }
    seen = _seen(record, results)
    return Ruled(
        ambiguity,
        {verdict: identifiers for verdict, identifiers in by_verdict.items() if identifiers},
        seen[:MAX_SEEN],
        max(0, len(seen) - MAX_SEEN),
    )


def _seen(record: RunRecord, results: Iterable[RequirementResult]) -> tuple[Seen, ...]:
    """Each thing once, the same one of several requirements together."""
    found: dict[Markup, list[str]] = {}
    for result in results:
        for what in dict.fromkeys(_told(record, result)):
            found.setdefault(what, []).append(result.requirement.id)
    return tuple(Seen(what, tuple(identifiers)) for what, identifiers in found.items())


def _told(record: RunRecord, result: RequirementResult) -> Iterator[Markup]:
    """Of a requirement that was kept or is open: what was recorded, and how the module refused.

    Of any other: why it has its verdict.
    """
    if result.verdict not in GOOD:
        yield why(result)
        return
    for shown in dict.fromkeys(item.in_both.observed for item in result.findings if item.observation is not None):
        yield both(*(text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…" for text in shown))
    for final in dict.fromkeys(_refusals(record, result.findings)):
        yield word("refused-with", final=final)


def _refusals(record: RunRecord, findings: Iterable[Finding]) -> Iterator[str]:
    """The final result codes of errors among the exchanges that findings rest on, in the order of time.

    The last event that such a finding cites is that of its exchange.
    """
    for finding in findings:
        cited = finding.evidence[-1] if finding.evidence else -1
        if 0 <= cited < len(record.events) and (event := record.events[cited]).kind == Kind.EXCHANGE:
            final = event.data.get("final")
            if not event.data["silent"] and final != "OK":
                yield str(final)
