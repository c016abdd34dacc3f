"""The page to sign: what it has to tell whoever puts a name under it, in both languages."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.events import RecordError
from reports.html.sheet import sheet
from reports.i18n import Lang, text
from reports.record import RecordWriter, RunRecord
from reports.verdicts import Verdict, conclude
from tests.reports.synthetic import HOSTILE_TEXT, requirements, write_head, write_run, write_test
from tests.reports.unpacking import Page

_WAIVER = {"firmware": "*", "reason": HOSTILE_TEXT, "ticket": "T-1", "owner": "QA", "expires": "2099-01-01"}


def _record(path: Path, verdicts: dict[str, Verdict], waived: tuple[str, ...] = (), **changes: object) -> RunRecord:
    with RecordWriter(path / "record.jsonl") as record:
        write_head(record, **changes)
        waivers = [{"requirement": identifier, **_WAIVER} for identifier in waived]
        record.write("waivers", file="w.toml", sha256="0" * 64, waivers=waivers)
        for number, (identifier, verdict) in enumerate(verdicts.items(), 1):
            write_test(record, identifier, verdict, number)
        record.write("end", exit_status=1, verdict="FAIL")
    return RunRecord.load(path / "record.jsonl")


def _markup(record: RunRecord, strict: bool = False) -> str:
    return str(sheet(record, conclude(record, strict), strict))


def test_it_tells_what_whoever_signs_has_to_know(tmp_path: Path) -> None:
    verdicts = {"FMT-01": Verdict.PASS, "ID-04": Verdict.FAIL, "ID-15": Verdict.INCONCLUSIVE, "PU-02": Verdict.FAIL}
    record = _record(tmp_path, verdicts, waived=("PU-02",))
    page = Page(_markup(record))
    digest = hashlib.sha256((tmp_path / "record.jsonl").read_bytes()).hexdigest()
    for fact in ("FAIL", "ML302_V1.0.7<script>", "861234567890123", "lab-07", "0.1.0", "412282b0c0ff", digest, "T-1"):
        assert fact in page.text
    for lang in Lang:
        for key in ("sheet-tested-by", "sheet-approved-by", "sheet-name", "sheet-date", "sheet-signature", "unproven"):
            assert text(lang, key) in page.text
    assert "script" not in page.tags


def test_what_failed_is_a_line_each_the_worst_first(tmp_path: Path) -> None:
    record = _record(tmp_path, {"FMT-01": Verdict.DEVIATION, "ID-04": Verdict.FAIL, "CC-01": Verdict.BENCH_ERROR})
    failed = re.findall(r'<th scope="row">(\w+-\d+)</th><td>.*?<b[^>]*>([A-Z ]+)</b>', _markup(record))
    assert failed == [("ID-04", "FAIL"), ("CC-01", "BENCH ERROR"), ("FMT-01", "DEVIATION")]


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    record = _record(tmp_path, {entry["id"]: Verdict.FAIL for entry in requirements()})
    markup = _markup(record)
    assert len(re.findall(r'<th scope="row">\w+-\d+</th>', markup)) == 24
    assert text(Lang.EN, "sheet-more", count=len(requirements()) - 24) in Page(markup).text


def test_nothing_found_is_said_so(tmp_path: Path) -> None:
    record = _record(tmp_path, {entry["id"]: Verdict.PASS for entry in requirements()})
    assert Page(_markup(record)).text.count(text(Lang.EN, "sheet-nothing")) == 3


def test_what_was_not_tested_is_told_once_by_its_reason(tmp_path: Path) -> None:
    text_of = Page(_markup(_record(tmp_path, {"FMT-01": Verdict.PASS}))).text
    for reason in ("reason.not-run", "reason.no-test"):
        for lang in Lang:
            assert text_of.count(text(lang, reason)) == 1


def test_a_strict_run_and_one_on_the_simulator_are_called_so(tmp_path: Path) -> None:
    record = _record(tmp_path, {"FMT-01": Verdict.DEVIATION}, rig={"name": "x", "serial": {"url": "simulator://"}})
    page = Page(_markup(record, strict=True)).text
    for lang in Lang:
        assert text(lang, "strict") in page
        assert text(lang, "sheet-simulator") in page


def test_the_decision_of_a_review_stands_on_it(tmp_path: Path) -> None:
    write_run(tmp_path / "record.jsonl")
    decided = ["--decision", "accepted", "--reviewer", "Li <b>Na</b>", "--remark", HOSTILE_TEXT.replace("\ud800", "")]
    assert main(["review", str(tmp_path), *decided]) == 0
    record = RunRecord.load(tmp_path / "record.jsonl")
    page = Page(_markup(record))
    assert "Li <b>Na</b>" in page.text
    assert "bold" not in page.tags
    assert text(Lang.ZH, "decision.accepted") in page.text
    with (tmp_path / "review.json").open("a") as file:
        file.write("x")
    with pytest.raises(RecordError, match="review"):
        _markup(record)
