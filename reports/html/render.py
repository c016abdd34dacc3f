"""Record in, HTML out: one page in both languages, whoever writes the file around it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from reports.html import views
from reports.html.details import Details
from reports.html.environment import TEMPLATES, render
from reports.html.sections import SECTIONS
from reports.html.sheet import sheet
from reports.html.transcript import MAX_ROWS
from reports.html.tree import Chunk, pack, to_html
from reports.html.words import TAGS
from reports.i18n import Lang, text
from reports.record import RunRecord
from reports.verdicts import Level, Verdict, conclude

STYLE = "\n".join(
    (TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "diff.css", "sheet.css", "charts.css")
)
"""The style, to be inlined wherever the sections are shown."""
_SCRIPT = (TEMPLATES / "report.js").read_text(encoding="utf-8")

_FIRST_CONCERNS = 5
_FIRST_NEWS = 6
_FIRST_UNPROVEN = 12
"""Requirements named in the banner, so that it leaves room for the rest of the first screen."""
_BAD = frozenset({Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.DEVIATION, Verdict.WAIVED})
_OPEN_AT_FIRST = 10
_PLAIN_LIMIT = 600_000
"""Characters of HTML spent on bad tests that can be read without script; later ones are packed as the good are."""
_PACKED_LIMIT = 3_200_000
_ROWS_AT_MOST = (MAX_ROWS, 60, 20)
"""Rows of a packed transcript: fewer where a run is so large that its page would pass `_PACKED_LIMIT`."""


def render_page(record: RunRecord, lang: Lang, strict: bool, logs: Mapping[str, str] | None = None) -> str:
    """A whole report as one self-contained page, shown in ``lang`` at first."""
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return render(
        "page.html.jinja",
        tag=TAGS[lang],
        title=text(lang, "title-of-rig", rig=record.rig.get("name") or "?"),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        style=Markup(STYLE),
        body=render_body(record, lang, strict, logs),
    )


def render_body(record: RunRecord, lang: Lang, strict: bool, logs: Mapping[str, str] | None = None) -> Markup:
    """All of a report but the style, as a fragment. ``logs`` are what pytest captured of each test.

    Raises `RecordError` when a review lies beside the record that cannot be read.
    """
    conclusion = conclude(record, strict)
    concerns = views.concerns(conclusion)
    tests = views.listed(record, strict)
    plain, chunks = _details(Details(record, logs), tests)
    return render(
        "report.html.jinja",
        record=record,
        tag=TAGS[lang],
        strict=strict,
        conclusion=conclusion,
        meaning=views.meaning_of(conclusion),
        interrupted=views.interrupted(record),
        news=views.news(record, conclusion)[:_FIRST_NEWS],
        first_unproven=_FIRST_UNPROVEN,
        facts=views.first_facts(record),
        counts=views.counts(conclusion),
        levels=tuple(Level),
        concerns=concerns[:_FIRST_CONCERNS],
        concerns_more=len(concerns) - _FIRST_CONCERNS,
        sections=[(section, body) for section in SECTIONS if (body := section.render(record, conclusion))],
        sheet=sheet(record, conclusion, strict),
        tests=tests,
        test_counts=views.counts_of_tests(tests),
        plain=plain,
        open_at_first=_OPEN_AT_FIRST,
        chunks=chunks,
        script=Markup(_SCRIPT),
    )


def render_head() -> Markup:
    """What a page made by others needs before `render_body`."""
    return Markup('<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{}</style>').format(
        Markup(STYLE)
    )


def _details(details: Details, tests: Sequence[views.ListedTest]) -> tuple[list[Markup], list[Chunk]]:
    """The first bad tests in plain HTML, and all other tests, in order, packed."""
    plain: list[Markup] = []
    size = 0
    for listed in tests:
        if listed.verdict not in _BAD:
            break
        plain.append(to_html(details.of_test(listed.test.nodeid)))
        size += len(plain[-1])
        if size > _PLAIN_LIMIT:
            break
    return plain, _packed(details, [listed.test.nodeid for listed in tests[len(plain) :]])


def _packed(details: Details, nodeids: Sequence[str]) -> list[Chunk]:
    chunks: list[Chunk] = []
    for limit in _ROWS_AT_MOST:
        chunks = pack(details.of_test(nodeid, limit) for nodeid in nodeids)
        if sum(len(chunk.data) for chunk in chunks) <= _PACKED_LIMIT:
            break
    return chunks
