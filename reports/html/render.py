"""Record in, HTML out. Bytes of the module are hostile: every value is made inert and escaped before it is shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports.html import views
from reports.html.transcript import MAX_HEX, Gap, Row, transcript
from reports.i18n import Lang, explain, meaning, meaning_of_run, text
from reports.inert import Segment, byte_segments, inert, segments
from reports.record import RunRecord
from reports.verdicts import Level, Verdict, conclude

_TEMPLATES = Path(__file__).parent / "templates"

STYLE = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
"""The one style sheet, to be inlined wherever the sections are shown."""


def render_summary(record: RunRecord, lang: Lang, strict: bool) -> str:
    """What stands on top of a report: verdict, identities, counts, concerns, requirements, observations.

    A fragment without style; see `STYLE`. Its links lead to the `anchor` of a test.
    """
    conclusion = conclude(record, strict)
    concerns = views.concerns(conclusion)
    return _render(
        "summary.html.jinja",
        lang,
        record=record,
        strict=strict,
        conclusion=conclusion,
        interrupted=views.interrupted(record),
        facts=views.facts(record, lang),
        counts=views.counts(conclusion),
        levels=tuple(Level),
        concerns=concerns[: views.FIRST_CONCERNS],
        concerns_more=max(0, len(concerns) - views.FIRST_CONCERNS),
        groups=views.groups(record, conclusion),
        observations=views.observations(conclusion),
        explain=partial(explain, lang),
    )


def render_test(record: RunRecord, nodeid: str, lang: Lang) -> str:
    """A test's findings and its transcript, as a fragment. Raises KeyError for a test that the record lacks."""
    test = record.tests[nodeid]
    findings = record.findings_of(nodeid)
    shown = views.worth_showing(findings)
    rows = transcript(record, nodeid, shown)
    return _render(
        "test.html.jinja",
        lang,
        test=test,
        start=record.events[test.first].t,
        findings=shown,
        findings_more=len(findings) - len(shown),
        rows=rows,
        row_of={seq: row.seqs[0] for row in rows if isinstance(row, Row) for seq in row.seqs},
        max_hex=MAX_HEX,
    )


def render_page(record: RunRecord, lang: Lang, strict: bool) -> str:
    """A whole report as one self-contained page that needs no script."""
    return _render(
        "page.html.jinja",
        lang,
        record=record,
        style=Markup(STYLE),
        summary=Markup(render_summary(record, lang, strict)),
        sections=[(test, Markup(render_test(record, test.nodeid, lang))) for test in record.tests.values()],
        strict=strict,
        bench_error=Verdict.BENCH_ERROR,
        worth_opening=(Verdict.FAIL, Verdict.BENCH_ERROR),
    )


def render_head(lang: Lang) -> str:
    """What the page pytest-html makes needs before our sections: the style, and its few words in our language."""
    return _render("head.html.jinja", lang, style=Markup(STYLE))


def chip(verdict: Verdict) -> Markup:
    """A verdict as the tables show it; to stand inside an element of class ``ml302``."""
    return Markup('<b class="chip {}">{}</b>').format(_css_class(verdict), verdict.value)


def anchor(nodeid: str) -> str:
    """The id under which a report shows a test."""
    return f"test-{hashlib.sha256(nodeid.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _render(template: str, lang: Lang, **values: object) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            t=partial(text, lang),
            meaning=partial(meaning, lang),
            meaning_of_run=partial(meaning_of_run, lang),
            **values,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert_by_default,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["chip"] = chip
    environment.filters["shown"] = _shown
    environment.filters["shown_bytes"] = _shown_bytes
    environment.filters["anchor"] = anchor
    environment.filters["css"] = _css_class
    environment.filters["compact"] = partial(json.dumps, ensure_ascii=False)
    environment.tests["gap"] = lambda row: isinstance(row, Gap)
    return environment


def _inert_by_default(value: object) -> object:
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _shown(value: str) -> Markup:
    """Text over one line or several, escapes set apart."""
    return Markup("<i>\\n</i>\n").join(_marked(segments(line)) for line in value.split("\n"))


def _shown_bytes(value: str) -> Markup:
    return _marked(byte_segments(value))


def _marked(pieces: Iterable[Segment]) -> Markup:
    return Markup("").join(
        Markup("<i>{}</i>").format(piece.text) if piece.escaped else escape(piece.text) for piece in pieces
    )


def _css_class(verdict: Verdict) -> str:
    return verdict.lower().replace(" ", "-")
