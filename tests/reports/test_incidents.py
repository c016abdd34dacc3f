"""Incidents: of the bench, of the module and of the surroundings, told apart, with the time that they took."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.events import About, RecordError
from reports.html import render_page
from reports.i18n import Lang, text
from reports.record import RecordWriter, RunRecord
from reports.statements import when
from reports.summary import summarise
from reports.verdicts import Verdict, conclude
from tests.reports.declared import made_up
from tests.reports.unpacking import Page, readable


def _incident(text: str, **fields: Any) -> Callable[[RecordWriter], object]:
    return lambda record: record.write("incident", **{"text": text, "act": "lab: look", "recovered": True, **fields})


AWAY = _incident("no network", about="surroundings", begin=12.25, end=41.0)
LASTING = _incident("a second reader on the port", about="surroundings", begin=50.0, end=None)
SILENT = _incident("the module fell silent", about="module")
OLD = _incident("the relay clicked twice")


def _run(path: Path, *write: Callable[[RecordWriter], object]) -> RunRecord:
    def extra(record: RecordWriter) -> None:
        for each in write:
            each(record)

    return made_up(path / "r.jsonl", {"ID-01": Verdict.PASS}, extra=extra)


def test_each_is_read_with_whose_trouble_it_is_and_its_time(tmp_path: Path) -> None:
    away, lasting, silent, old = _run(tmp_path, AWAY, LASTING, SILENT, OLD).incidents
    assert (away.about, away.begin, away.end, away.seconds) == (About.SURROUNDINGS, 12.25, 41.0, 28.75)
    assert (lasting.begin, lasting.end, lasting.seconds) == (50.0, None, None)
    assert silent.about is About.MODULE
    assert (old.about, old.begin, old.seconds) == (About.BENCH, None, None)


def test_trouble_of_nobody_known_is_no_record(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="'weather' is not a valid About"):
        _run(tmp_path, _incident("rain", about="weather"))


def test_what_recovered_around_bench_and_module_changes_no_verdict(tmp_path: Path) -> None:
    kept = _incident("no network", about="surroundings", begin=1.0, end=2.0, requirements=["ID-01", "ID-02"])
    conclusion = conclude(_run(tmp_path, kept), strict=False)
    assert (conclusion.verdict, conclusion.exit_status) == (Verdict.PASS, 0)
    assert conclusion.requirements["ID-02"].verdict is Verdict.NOT_TESTED


def test_what_did_not_recover_broke_the_bench(tmp_path: Path) -> None:
    gone = _incident("no network", about="surroundings", begin=1.0, recovered=False)
    conclusion = conclude(_run(tmp_path, gone), strict=False)
    assert (conclusion.verdict, conclusion.exit_status) == (Verdict.BENCH_ERROR, 6)


def test_the_summary_leaves_out_what_the_record_does_not_tell(tmp_path: Path) -> None:
    away, lasting, old = summarise(_run(tmp_path, AWAY, LASTING, OLD), strict=False)["incidents"]
    base = {"act": "lab: look", "recovered": True}
    assert away == {
        "text": "no network",
        **base,
        "about": "surroundings",
        "begin": 12.25,
        "end": 41.0,
        "seconds": 28.75,
    }
    assert lasting == {"text": "a second reader on the port", **base, "about": "surroundings", "begin": 50.0}
    assert old == {"text": "the relay clicked twice", **base}


@pytest.mark.parametrize(
    ("lang", "away", "lasting", "at"),
    [
        (Lang.EN, "12.2 s to 41.0 s, 28.8 s", "from 50.0 s on", "at 0."),
        (Lang.ZH, "12.2 秒至 41.0 秒，共 28.8 秒", "自 50.0 秒起", "第 0."),
    ],
)
def test_the_time_in_words(tmp_path: Path, lang: Lang, away: str, lasting: str, at: str) -> None:
    first, second, third = _run(tmp_path, AWAY, LASTING, OLD).incidents
    assert when(first, lang) == away
    assert when(second, lang) == lasting
    assert when(third, lang).startswith(at)


@pytest.mark.parametrize("lang", list(Lang))
def test_the_report_groups_them(tmp_path: Path, lang: Lang) -> None:
    markup = render_page(_run(tmp_path, OLD, AWAY, SILENT, AWAY), lang, strict=False)
    part = markup.partition('<section id="incidents">')[2].partition("</section>")[0]
    places = [part.index(text(lang, f"about.{about}")) for about in About]
    assert places == sorted(places)
    words = Page(readable(markup)).text
    assert words.count(text(lang, "incident.span", begin="12.2", end="41.0", seconds="28.8")) == 2
    assert text(lang, "incidents-lasted", seconds="57.5") in words
    assert text(lang, "about-surroundings") in words
