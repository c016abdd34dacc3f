"""Planned and done: in the record, the summary, the report, the terminal, the certificate and the statement."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reports.bundle.statement import statement
from reports.certification import certificate
from reports.effort import Cut, Effort, Strength, effort_of
from reports.html import render_page
from reports.i18n import Lang
from reports.planned import cut_lines, described, efforts
from reports.record import RecordWriter, RunRecord
from reports.summary import summarise
from reports.unproven import reasons
from reports.verdicts import Verdict, conclude
from tests.fixtures.runs import ROOT
from tests.reports.declared import CLEAN
from tests.reports.synthetic import run_fields
from tests.reports.unpacking import Page, readable

WHOLE = Effort("corpus-lines", 122, 122, 122)
CUT = Effort("generated-lines", 250, 160, 150, Cut.SLOW)
SHORT = Effort("sequences", 10, 2, 5, Cut.SLOW)
PAIRS = Effort("combinations", 98, 98, 30, None, Strength(2, 605, 605))
SOME_TRIPLES = Effort("combinations", 400, 120, 30, Cut.SLOW, Strength(3, 5148, 4011))


def _run(
    path: Path,
    *made: Effort | dict[str, Any],
    left_out: tuple[str, ...] = (),
    level: str = "I",
    cut: Cut | None = None,
    broken_off: bool = False,
) -> RunRecord:
    """A run of one test, whose findings rest on these efforts; ``left_out`` are tests that its profile leaves out.

    ``cut`` is what keeps another test of the same requirement from beginning, and ends that one, too: ``broken_off``.
    """
    with RecordWriter(path) as record:
        record.write("run", **run_fields(certify=cut is None, suite=CLEAN))
        record.write(
            "catalogue",
            hash="ab",
            requirements=[{"id": "FZ-01", "section": "2.3", "table": "t", "level": level, "en": "FZ", "zh": "FZ"}],
            sections=[{"key": "2.3", "en": "2.3", "zh": "2.3"}],
            tests={"FZ-01": ["fuzz", *left_out, *(["cut"] if cut else [])]},
            left_out=list(left_out),
            whole=True,
        )
        record.write("module", model="ML302", revision="V1", serial_number="8", identity={}, dialect={})
        record.write("test-start", test="fuzz", requirements=["FZ-01"])
        verdict = Verdict.PASS
        for effort in made:
            fields = effort if isinstance(effort, dict) else effort.fields()
            verdict = Verdict.PASS if fields["done"] >= fields["minimum"] else Verdict.INCONCLUSIVE
            record.write(
                "finding",
                test="fuzz",
                requirement="FZ-01",
                verdict=verdict,
                title="planned and done",
                expected="e",
                observed="o",
                evidence=[],
                observation=None,
                effort=fields,
            )
        record.write("test-end", test="fuzz", verdict=verdict, seconds=0.1)
        if cut:
            record.write("left-out", left_out="cut", cut=cut)
        if cut and broken_off:
            record.write("left-out", left_out="fuzz", cut=cut)
        record.write("end", exit_status=0, verdict=verdict)
    return RunRecord.load(path)


def test_an_effort_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl", WHOLE, CUT)
    assert [finding.effort for finding in record.findings] == [WHOLE, CUT]
    assert [effort_of(effort.fields()) for effort in (PAIRS, SOME_TRIPLES)] == [PAIRS, SOME_TRIPLES]
    assert efforts(conclude(record, False)) == {"FZ-01": (WHOLE, CUT)}


@pytest.mark.parametrize(
    "change",
    [{"done": "many"}, {"planned": 1.5}, {"minimum": -1}, {"cut": "boredom"}],
    ids=["text", "fraction", "negative", "unknown"],
)
def test_what_is_no_effort_is_no_record(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"an effort counts|boredom"):
        effort_of(CUT.fields() | change)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"factors": 1}, "a strength is 2 or 3"),
        ({"done": 606}, "no more combinations are tried than there are"),
        ({"done": 604}, "has tried all of its combinations"),
        ({"planned": "all"}, "an effort counts"),
    ],
)
def test_what_is_no_strength_is_no_record(change: dict[str, Any], why: str) -> None:
    fields = PAIRS.fields()
    with pytest.raises(ValueError, match=why):
        effort_of(fields | {"strength": fields["strength"] | change})


def test_the_schema_knows_it() -> None:
    schema = json.loads((ROOT / "reports" / "record.schema.json").read_text("utf-8"))
    validator = Draft202012Validator(schema["$defs"]["finding"]["properties"]["effort"])
    assert all(validator.is_valid(effort.fields()) for effort in (WHOLE, CUT, SHORT, PAIRS, SOME_TRIPLES))


def test_the_summary_has_it_by_requirement_and_for_the_tests(tmp_path: Path) -> None:
    summary = summarise(_run(tmp_path / "r.jsonl", WHOLE, CUT, left_out=("soak",)), strict=False)
    assert summary["requirements"]["FZ-01"]["effort"] == [WHOLE.fields(), CUT.fields()]
    assert summary["requirements"]["FZ-01"]["verdict"] == "PASS"
    assert summary["effort"]["tests"] == Effort("tests", 2, 1, 0, Cut.PROFILE).fields()


def test_less_than_the_least_is_inconclusive(tmp_path: Path) -> None:
    summary = summarise(_run(tmp_path / "r.jsonl", CUT, SHORT), strict=False)
    assert summary["requirements"]["FZ-01"]["verdict"] == "INCONCLUSIVE"


@pytest.mark.parametrize("lang", Lang)
def test_the_report_shows_it_beside_the_verdict_and_in_a_table(tmp_path: Path, lang: Lang) -> None:
    record = _run(tmp_path / "r.jsonl", WHOLE, CUT)
    shown = Page(readable(render_page(record, lang, strict=False))).text
    assert described(lang, CUT) in shown
    assert described(lang, WHOLE) not in shown, "beside the verdict stands only what was cut"
    assert {"en": "Planned and done", "zh": "计划与完成"}[lang] in shown


@pytest.mark.parametrize(
    ("effort", "lang", "said"),
    [
        (PAIRS, Lang.EN, "strength 2, 605 of 605 pairs of values"),
        (PAIRS, Lang.ZH, "强度 2，取值两两搭配 605/605"),
        (SOME_TRIPLES, Lang.EN, "120 of 400 combinations, strength 3, 4011 of 5148 triples of values: slow answers"),
        (SOME_TRIPLES, Lang.ZH, "组合 120/400，强度 3，取值三三搭配 4011/5148：应答较慢"),
    ],
)
def test_report_and_certificate_say_the_strength(tmp_path: Path, effort: Effort, lang: Lang, said: str) -> None:
    record = _run(tmp_path / "r.jsonl", effort)
    assert said in Page(readable(render_page(record, lang, strict=False))).text
    earned = certificate(record)
    assert earned is not None
    assert earned["effort"] == [{"requirement": "FZ-01", **effort.fields()}]


def test_the_terminal_says_what_was_cut(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl", WHOLE, CUT, SHORT, left_out=("soak",))
    assert list(cut_lines(record, conclude(record, False), Lang.EN)) == [
        "Planned and done: 1 of 2 tests: profile",
        "Planned and done: FZ-01 160 of 250 generated command lines: slow answers, "
        "2 of 10 sequences of commands: slow answers",
    ]


def test_the_certificate_and_the_statement_say_it(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl", WHOLE, CUT)
    earned = certificate(record)
    assert earned is not None
    assert earned["effort"] == [{"requirement": "FZ-01", **effort.fields()} for effort in (WHOLE, CUT)]
    used = statement(record, conclude(record, False), {})["predicate"]["configuration"]
    content = next(entry["content"] for entry in used if entry["name"] == "effort")
    assert json.loads(base64.b64decode(content)) == {"FZ-01": [WHOLE.fields(), CUT.fields()]}


def test_a_record_that_tells_none_has_none(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl")
    summary = summarise(record, strict=False)
    assert "effort" not in summary["requirements"]["FZ-01"]
    assert "Planned and done" not in Page(readable(render_page(record, Lang.EN, strict=False))).text


@pytest.mark.parametrize("cut", [Cut.TIME_LIMIT, Cut.SLOW])
def test_a_mandated_requirement_whose_tests_were_cut_is_not_proven(tmp_path: Path, cut: Cut) -> None:
    record = _run(tmp_path / "r.jsonl", WHOLE, level="M", cut=cut)
    conclusion = conclude(record, False)
    assert (conclusion.verdict, conclusion.exit_status) == (Verdict.NOT_PROVEN, 7)
    assert [[reason.en for reason in reasons(result)] for result in conclusion.unproven] == [
        [f"1 of its 2 tests left out: {cut}"]
    ]
    assert efforts(conclusion)["FZ-01"][-1] == Effort("tests", 2, 1, 0, cut)
    assert certificate(record) is None
    shown = Page(readable(render_page(record, Lang.EN, strict=False))).text
    assert f"1 of its 2 tests left out: {cut}" in shown
    assert f"1 of 2 tests: {cut}" in shown


def test_an_implied_one_keeps_its_verdict_and_shows_it(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl", WHOLE, cut=Cut.TIME_LIMIT)
    conclusion = conclude(record, False)
    assert (conclusion.verdict, conclusion.exit_status) == (Verdict.PASS, 0)
    assert efforts(conclusion)["FZ-01"][-1] == Effort("tests", 2, 1, 0, Cut.TIME_LIMIT)


def test_a_test_that_was_broken_off_counts_as_left_out(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl", WHOLE, level="M", cut=Cut.TIME_LIMIT, broken_off=True)
    conclusion = conclude(record, False)
    assert conclusion.exit_status == 7
    assert efforts(conclusion)["FZ-01"][-1] == Effort("tests", 2, 0, 0, Cut.TIME_LIMIT)
    assert summarise(record, strict=False)["effort"]["tests"]["done"] == 0
