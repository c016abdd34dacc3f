"""The bounds that verdicts rest on: read from the record, and printed with number, unit, reason and requirements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reports.events import Bilingual, Bound, RecordError
from reports.html import render_page
from reports.i18n import Lang, text
from reports.record import RunRecord
from tests.fixtures.runs import ROOT
from tests.reports.declared import made_up
from tests.reports.synthetic import bounds
from tests.reports.unpacking import Page, readable


def _with(monkeypatch: pytest.MonkeyPatch, path: Path, entries: list[dict[str, Any]]) -> RunRecord:
    monkeypatch.setattr("tests.reports.synthetic.bounds", lambda: entries)
    return made_up(path / "r.jsonl", {})


def test_a_bound_is_read_whole(tmp_path: Path) -> None:
    first = made_up(tmp_path / "r.jsonl", {}).bounds[0]
    reason = Bilingual("Hosts wait as long for open_seconds.", "主机对 open_seconds 同样等待。")
    assert first == Bound("open_seconds", 150, "s", reason, ("ID-01", "RV-03"))


def test_a_record_without_bounds_has_none_and_its_report_no_such_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = _with(monkeypatch, tmp_path, [])
    assert record.bounds == ()
    assert text(Lang.EN, "bounds") not in Page(readable(render_page(record, Lang.EN, strict=False))).text


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"value": "150"}, "the bound open_seconds is no number"),
        ({"value": True}, "the bound open_seconds is no number"),
        ({"requirements": ["XX-01"]}, "requirements cited that the catalogue does not hold: XX-01"),
    ],
    ids=["text", "truth", "unknown"],
)
def test_what_is_no_bound_is_no_record(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RecordError, match=complaint):
        _with(monkeypatch, tmp_path, [bounds()[0] | changes])


def test_the_schema_knows_them() -> None:
    schema = json.loads((ROOT / "reports" / "record.schema.json").read_text("utf-8"))
    validator = Draft202012Validator(schema["$defs"]["catalogue"]["properties"]["bounds"])
    assert validator.is_valid(bounds())
    assert not validator.is_valid([bounds()[0] | {"value": "150"}])
    assert not validator.is_valid([bounds()[0] | {"reason": "none"}])


@pytest.mark.parametrize(
    ("lang", "quantities"),
    [(Lang.EN, ("150 s", "1.5 ×", "20 times", "3800 mV", "443")), (Lang.ZH, ("150 秒", "1.5 倍", "20 次"))],
)
def test_the_report_prints_each_with_its_reason_and_its_requirements(
    tmp_path: Path, lang: Lang, quantities: tuple[str, ...]
) -> None:
    page = Page(readable(markup := render_page(made_up(tmp_path / "r.jsonl", {}), lang, strict=False)))
    part = markup.partition('<section id="bounds">')[2].partition("</section>")[0]
    assert part.count('<a href="#RV-03">RV-03</a>') == len(bounds())
    for words in (text(lang, "bounds"), *quantities, *(entry[lang] for entry in bounds())):
        assert words in page.text
