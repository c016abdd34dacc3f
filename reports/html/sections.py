"""The sections of the report below its first screen, in order. A new one is a line in `SECTIONS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts import Axis, duration, slices
from reports.html import views
from reports.html.details import Details
from reports.html.environment import render
from reports.html.rulings import ruled
from reports.html.words import both
from reports.i18n import Lang, text
from reports.planned import effort_of_tests, efforts, name, strength
from reports.record import RunRecord
from reports.review import ReviewOfAnother, load_review
from reports.timing import OTHER, Quantiles, latencies, time_budget
from reports.unproven import announced_by_claim, reasons
from reports.verdicts import Conclusion, Level

MAX_CONCERNS = 60
"""Findings shown in full; the list of tests holds all of them."""
MAX_OBSERVATIONS = 12
"""Different observations shown of one open requirement."""
MAX_REASONS = 3
"""Reasons shown of one requirement that is not proven."""
MAX_TESTS = 40
"""Tests named of one requirement."""
_PARTS = {
    "power": ("budget.power", "budget-holds.power"),
    "line": ("budget.line", "budget-holds.line"),
    "module": ("budget.module", "budget-holds.module"),
    "network": ("budget.network", "budget-holds.network"),
    "bench": ("budget.bench", "budget-holds.bench"),
}
"""Keys of the words for each part of the time budget: its name, and what it holds."""


@dataclass(frozen=True)
class Section:
    """A part of the page: its id, the key of its title, and its body in both languages.

    An empty body leaves the section out. Whoever asks for problems only sees one that is not ``of_problems`` only where
    a row of it is marked as bad.
    """

    id: str
    title: str
    render: Callable[[RunRecord, Conclusion], Markup]
    of_problems: bool = False


def _requirements(record: RunRecord, conclusion: Conclusion) -> Markup:
    groups = views.groups(record, conclusion)
    return render(
        "requirements.html.jinja",
        groups=groups,
        counts=views.counts(conclusion),
        levels=tuple(Level),
        most_tests=MAX_TESTS,
    )


def _findings(record: RunRecord, conclusion: Conclusion) -> Markup:
    concerns = views.concerns(conclusion)
    details = Details(record)
    shown = [(concern, details.of_finding(concern.finding)) for concern in concerns[:MAX_CONCERNS]]
    return render("findings.html.jinja", record=record, concerns=shown, more=len(concerns) - len(shown))


def _unproven(_: RunRecord, conclusion: Conclusion) -> Markup:
    return render(
        "unproven.html.jinja",
        unproven=[(result, reasons(result)) for result in conclusion.unproven],
        most=MAX_REASONS,
    )


def _announced(_: RunRecord, conclusion: Conclusion) -> Markup:
    announced = [result for result in conclusion.requirements.values() if result.announced_by]
    return render("announced.html.jinja", announced=announced)


def _certification(_: RunRecord, conclusion: Conclusion) -> Markup:
    certification = conclusion.certification
    return render("certification.html.jinja", certification=certification, missing=views.missing(conclusion))


def _pics(record: RunRecord, conclusion: Conclusion) -> Markup:
    return render(
        "pics.html.jinja",
        pics=record.pics,
        claims=conclusion.claims,
        requirements=record.requirements,
        announced=announced_by_claim(conclusion),
    )


def _waivers(record: RunRecord, conclusion: Conclusion) -> Markup:
    waivers = views.waivers(record, conclusion)
    return render("waivers.html.jinja", waivers=waivers, requirements=record.requirements)


def _observations(_: RunRecord, conclusion: Conclusion) -> Markup:
    return render("observations.html.jinja", observations=views.observations(conclusion), most=MAX_OBSERVATIONS)


def _ambiguities(record: RunRecord, conclusion: Conclusion) -> Markup:
    return render("ambiguities.html.jinja", register=ruled(record, conclusion))


def _latency(record: RunRecord, _: Conclusion) -> Markup:
    found = latencies(record)
    spreads = [latency.quantiles for latency in found.values() if latency.quantiles]
    axis = Axis.over(seconds for spread in spreads for seconds in (spread.p25, spread.max))
    return render(
        "latency.html.jinja", latencies=found, axis=axis, other=OTHER, duration=duration, chart_title=_title_of_latency
    )


def _title_of_latency(kind: str, spread: Quantiles) -> str:
    """What a chart says to those who cannot see it; the title of a picture has no room for two languages apart."""
    numbers = {name: duration(getattr(spread, name)) for name in ("median", "p95", "max")}
    return " / ".join(text(lang, "latency-chart", kind=kind, **numbers) for lang in Lang)


def _time_budget(record: RunRecord, _: Conclusion) -> Markup:
    budget = time_budget(record)
    parts = slices(budget.parts())
    titles = (
        ", ".join(f"{text(lang, _PARTS[part.name][0])} {duration(part.amount)}" for part in parts) for lang in Lang
    )
    return render(
        "time-budget.html.jinja",
        slices=parts,
        words=_PARTS,
        total=duration(budget.total),
        duration=duration,
        chart_title=" / ".join(titles),
    )


def _planned(record: RunRecord, conclusion: Conclusion) -> Markup:
    made = [(identifier, effort) for identifier, several in efforts(conclusion).items() for effort in several]
    tests = effort_of_tests(record)
    shown = [("", tests), *made] if made or tests.cut else []
    rows = [
        (identifier, one, both(*(name(lang, one.what) for lang in Lang)), both(*(strength(lang, one) for lang in Lang)))
        for identifier, one in shown
    ]
    return render("planned.html.jinja", rows=rows)


def _judged_again(record: RunRecord, _: Conclusion) -> Markup:
    return render("judged-again.html.jinja", again=record.judged_again)


def _incidents(record: RunRecord, _: Conclusion) -> Markup:
    return render("incidents.html.jinja", record=record, groups=views.incidents(record))


def _bounds(record: RunRecord, _: Conclusion) -> Markup:
    return render("bounds.html.jinja", bounds=[(bound, views.quantity(bound)) for bound in record.bounds])


def _review(record: RunRecord, conclusion: Conclusion) -> Markup:
    try:
        review, foreign = load_review(record.path.parent), False
    except ReviewOfAnother:
        review, foreign = None, True
    return render(
        "review.html.jinja",
        results=views.to_review(conclusion),
        observed={entry.result.requirement.id: entry for entry in views.observations(conclusion)},
        review=review,
        foreign=foreign,
    )


def _bench(record: RunRecord, _: Conclusion) -> Markup:
    return render("bench.html.jinja", record=record, facts=views.bench_facts(record))


SECTIONS: tuple[Section, ...] = (
    Section("findings", "findings-title", _findings, of_problems=True),
    Section("not-proven", "unproven", _unproven, of_problems=True),
    Section("requirements", "requirements", _requirements, of_problems=True),
    Section("certification", "certification", _certification, of_problems=True),
    Section("waivers", "waivers", _waivers),
    Section("pics", "pics", _pics),
    Section("announced", "announced", _announced),
    Section("observations", "observations", _observations),
    Section("ambiguities", "ambiguities", _ambiguities),
    Section("bounds", "bounds", _bounds),
    Section("planned", "planned", _planned),
    Section("judged-again", "judged-again", _judged_again),
    Section("latency", "latency", _latency),
    Section("time-budget", "budget", _time_budget),
    Section("incidents", "incidents", _incidents),
    Section("review", "review", _review),
    Section("bench", "bench", _bench),
)
