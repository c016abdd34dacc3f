"""The page to sign: what a run comes to on at most two sheets of paper, with lines for who signs.

It is a part of the report and no file of its own, as a review is and what a certificate lacks: whoever archives, mails
or verifies the report has it with it, and ``review`` renders it again with the rest. A link to it prints it alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.certification import simulated
from reports.files import open_file
from reports.html import views
from reports.html.environment import render
from reports.html.words import both
from reports.i18n import Lang, explain
from reports.planned import described, effort_of_tests
from reports.record import RecordError, RunRecord
from reports.review import Review, ReviewOfAnother, load_review
from reports.unproven import reasons
from reports.verdicts import Conclusion, Level, RequirementResult, Verdict, rank

_FAILED = (Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.DEVIATION)
_UNDECIDED = frozenset({Verdict.INCONCLUSIVE, Verdict.NOT_TESTED})
_MOST_FAILED, _MOST_UNDECIDED, _MOST_WAIVERS, _MOST_INCIDENTS = 24, 10, 8, 4
"""Lines of each part: with all of them full the page is two sheets of A4."""
_MOST_IDS = 10


@dataclass(frozen=True)
class Undecided:
    """Requirements that were not judged for the same reason."""

    verdict: Verdict
    unproven: bool
    why: Markup
    ids: str


def sheet(record: RunRecord, conclusion: Conclusion, strict: bool) -> Markup:
    """The page, in both languages. Raises `RecordError` when a review lies beside the record that cannot be read."""
    failed = [result for result in conclusion.requirements.values() if result.verdict in _FAILED]
    failed.sort(key=lambda result: rank(result.verdict))
    undecided = _undecided(conclusion.requirements.values())
    review, foreign = _review(record)
    tests = effort_of_tests(record)
    incidents = [incident for incident in record.incidents if not incident.recovered]
    waivers = views.waivers(record, conclusion)
    return render(
        "sheet.html.jinja",
        record=record,
        conclusion=conclusion,
        strict=strict,
        meaning=views.meaning_of(conclusion),
        interrupted=views.interrupted(record),
        simulated=simulated(record),
        facts=[*views.first_facts(record), views.Fact("record-sha256", _sha256(record))],
        counts=[count for count in views.counts(conclusion) if count.all],
        levels=tuple(Level),
        tests=both(*(described(lang, tests) for lang in Lang)),
        again=record.judged_again,
        failed=failed[:_MOST_FAILED],
        failed_more=len(failed) - _MOST_FAILED,
        undecided=undecided[:_MOST_UNDECIDED],
        undecided_more=len(undecided) - _MOST_UNDECIDED,
        waivers=waivers[:_MOST_WAIVERS],
        waivers_more=len(waivers) - _MOST_WAIVERS,
        incidents=incidents[:_MOST_INCIDENTS],
        incidents_more=len(incidents) - _MOST_INCIDENTS,
        missing=len(views.missing(conclusion)),
        review=review,
        foreign=foreign,
    )


def _undecided(results: Iterable[RequirementResult]) -> list[Undecided]:
    """What was not judged, by its reason: first what makes the run not proven."""
    found: dict[tuple[bool, Verdict, str, str], list[str]] = {}
    for result in results:
        if result.unproven:
            key = (True, result.verdict, *reasons(result)[0])
        elif result.verdict in _UNDECIDED:
            key = (False, result.verdict, explain(Lang.EN, result), explain(Lang.ZH, result))
        else:
            continue
        found.setdefault(key, []).append(result.requirement.id)
    listed = [
        Undecided(verdict, unproven, both(en, zh), _listed(ids)) for (unproven, verdict, en, zh), ids in found.items()
    ]
    return sorted(listed, key=lambda entry: (not entry.unproven, rank(entry.verdict)))


def _listed(ids: Sequence[str]) -> str:
    named = " ".join(ids[:_MOST_IDS])
    return named if len(ids) <= _MOST_IDS else f"{named} ... ({len(ids)})"


def _review(record: RunRecord) -> tuple[Review | None, bool]:
    try:
        return load_review(record.path.parent), False
    except ReviewOfAnother:
        return None, True


def _sha256(record: RunRecord) -> str:
    """What ties the paper to the record. Raises `RecordError`."""
    try:
        with open_file(record.path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise RecordError(
            "{path}: no run record to read: {why}", path=record.path, why=problem.strerror or problem
        ) from problem
