"""The sections of the report below its first screen, in order. A new one is a line in `SECTIONS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from reports.html import views
from reports.html.details import Details
from reports.html.environment import render
from reports.html.review import load_review
from reports.record import RunRecord
from reports.verdicts import Conclusion, Level

MAX_CONCERNS = 60
"""Findings shown in full; the list of tests holds all of them."""
MAX_OBSERVATIONS = 12
"""Different observations shown of one open requirement."""
MAX_TESTS = 40
"""Tests named of one requirement."""


@dataclass(frozen=True)
class Section:
    """A part of the page: its id, the key of its title, and its body in both languages.

    An empty body leaves the section out.
    """

    id: str
    title: str
    render: Callable[[RunRecord, Conclusion], Markup]


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


def _waivers(_: RunRecord, conclusion: Conclusion) -> Markup:
    return render("waivers.html.jinja", waived=views.waived(conclusion))


def _observations(_: RunRecord, conclusion: Conclusion) -> Markup:
    return render("observations.html.jinja", observations=views.observations(conclusion), most=MAX_OBSERVATIONS)


def _incidents(record: RunRecord, _: Conclusion) -> Markup:
    return render("incidents.html.jinja", record=record)


def _review(record: RunRecord, conclusion: Conclusion) -> Markup:
    return render(
        "review.html.jinja",
        results=views.to_review(conclusion),
        observed={entry.result.requirement.id: entry for entry in views.observations(conclusion)},
        review=load_review(record.path),
    )


def _bench(record: RunRecord, _: Conclusion) -> Markup:
    return render("bench.html.jinja", record=record, facts=views.bench_facts(record))


SECTIONS: tuple[Section, ...] = (
    Section("requirements", "requirements", _requirements),
    Section("findings", "findings-title", _findings),
    Section("waivers", "waivers", _waivers),
    Section("observations", "observations", _observations),
    Section("incidents", "incidents", _incidents),
    Section("review", "review", _review),
    Section("bench", "bench", _bench),
)
