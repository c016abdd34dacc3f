"""What the module of a run did where the manual is silent or contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from reports.events import Ambiguity
from reports.html.views import GOOD, why
from reports.html.words import both
from reports.record import RunRecord
from reports.verdicts import SEVERITY, Conclusion, RequirementResult, Verdict

MAX_SEEN = 6
"""Things seen that are shown of one ambiguity."""


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
        _ruled(ambiguity, [conclusion.requirements[identifier] for identifier in ambiguity.requirements])
        for ambiguity in record.ambiguities
    ]


def _ruled(ambiguity: Ambiguity, results: list[RequirementResult]) -> Ruled:
    by_verdict = {
        verdict: tuple(result.requirement.id for result in results if result.verdict is verdict) for verdict in SEVERITY
    }
    seen = _seen(results)
    return Ruled(
        ambiguity,
        {verdict: identifiers for verdict, identifiers in by_verdict.items() if identifiers},
        seen[:MAX_SEEN],
        max(0, len(seen) - MAX_SEEN),
    )


def _seen(results: Iterable[RequirementResult]) -> tuple[Seen, ...]:
    """Each thing once, the same one of several requirements together."""
    found: dict[Markup, list[str]] = {}
    for result in results:
        for what in dict.fromkeys(_told(result)):
            found.setdefault(what, []).append(result.requirement.id)
    return tuple(Seen(what, tuple(identifiers)) for what, identifiers in found.items())


def _told(result: RequirementResult) -> Iterator[Markup]:
    """What was recorded of a requirement that was kept or is open, or why it has the verdict that it has."""
    if result.verdict in GOOD:
        for finding in result.findings:
            if finding.observation is not None:
                yield both(finding.observed, finding.observed)
    else:
        yield why(result)
