"""summary.json and junit.xml: what other programs read."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from junitparser import JUnitXml

from reports.events import RecordError
from reports.files import write_whole
from reports.junit import write_junit
from reports.record import RecordWriter, RunRecord
from reports.summary import write_summary
from reports.verdicts import SEVERITY, Verdict, conclude
from tests.reports.synthetic import nodeid, requirements, write_head, write_run, write_test


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    write_run(tmp_path / "record.jsonl")
    return RunRecord.load(tmp_path / "record.jsonl")


def _summary(record: RunRecord, strict: bool = False) -> dict[str, object]:
    path = record.path.with_name("summary.json")
    write_summary(path, record, strict)
    loaded: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _junit(record: RunRecord, strict: bool = False) -> ElementTree.Element:
    path = record.path.with_name("junit.xml")
    write_junit(path, record, strict)
    (suite,) = ElementTree.parse(path).getroot()
    return suite


def _cases(suite: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Test cases by the requirement that they cite."""
    return {
        prop.get("value", ""): case
        for case in suite.iter("testcase")
        for prop in case.iter("property")
        if prop.get("name") == "requirement"
    }


def test_summary_lists_every_requirement_and_the_identity(record: RunRecord) -> None:
    summary = _summary(record)
    assert summary["schema"] == 1
    assert summary["verdict"] == "FAIL"
    assert summary["rig"] == "lab-07"
    assert isinstance(summary["module"], dict)
    assert summary["module"]["revision"] == "ML302_V1.0.7<script>"
    entries = summary["requirements"]
    assert isinstance(entries, dict)
    assert list(entries) == [entry["id"] for entry in requirements()]
    assert {entry["verdict"] for entry in entries.values()} == {verdict.value for verdict in SEVERITY} - {"WAIVED"}
    assert entries["FMT-20"]["reason"] == "no test covers it yet"


def test_summary_of_a_run_that_saw_no_module(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        writer.write("run", schema=1)
        writer.write("incident", text="no such port", act="plug it in", recovered=False)
        writer.write("end", exit_status=6, verdict="BENCH ERROR")
    summary = _summary(RunRecord.load(tmp_path / "record.jsonl"))
    assert summary["verdict"] == "BENCH ERROR"
    assert summary["module"] == {"model": None, "revision": None, "serial_number": None, "identity": {}}
    assert summary["requirements"] == {}


def test_observations_are_kept_for_comparison(record: RunRecord) -> None:
    entries = _summary(record)["requirements"]
    assert isinstance(entries, dict)
    observed = [entry for entry in entries.values() if entry["verdict"] == "OBSERVED"]
    assert observed
    assert all(entry["observations"][0]["space after the colon"] is True for entry in observed)


def test_a_refused_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RecordError, match=r"nowhere.*cannot be written"):
        write_whole(tmp_path / "nowhere" / "summary.json", "new")
    write_whole(path, "new\ud800")
    assert path.read_text(encoding="utf-8") == "new\\ud800"
    assert [entry.name for entry in tmp_path.iterdir()] == ["summary.json"]


def test_junit_names_the_rig_and_counts(record: RunRecord) -> None:
    suite = _junit(record)
    assert suite.get("name") == "ml302-conformance[lab-07]"
    assert int(suite.get("tests", "")) == len(record.tests) + len(conclude(record, False).unproven)
    results = [case.find(tag) is not None for case in suite.iter("testcase") for tag in ("failure", "error", "skipped")]
    counted = sum(int(suite.get(name, "")) for name in ("failures", "errors", "skipped"))
    assert sum(results) == counted > 0


@pytest.mark.parametrize(
    ("verdict", "element"),
    [
        (Verdict.PASS, None),
        (Verdict.OBSERVED, None),
        (Verdict.DEVIATION, None),
        (Verdict.FAIL, "failure"),
        (Verdict.BENCH_ERROR, "error"),
        (Verdict.INCONCLUSIVE, "skipped"),
        (Verdict.NOT_TESTED, "skipped"),
    ],
)
def test_junit_speaks_of_each_verdict_in_its_own_words(
    record: RunRecord, verdict: Verdict, element: str | None
) -> None:
    identifier = next(finding.requirement for finding in record.findings if finding.verdict is verdict)
    case = _cases(_junit(record))[str(identifier)]
    found = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
    assert found == ([] if element is None else [element])
    assert [prop.get("value") for prop in case.iter("property") if prop.get("name") == "verdict"] == [verdict]
    output = case.findtext("system-out", "")
    assert verdict in output
    if verdict is not Verdict.PASS:
        assert "\\x1b" in output
        assert "\\u202e" in output


def test_junit_fails_a_deviation_when_strict(record: RunRecord) -> None:
    identifier = next(finding.requirement for finding in record.findings if finding.verdict is Verdict.DEVIATION)
    assert _cases(_junit(record, strict=True))[str(identifier)].find("failure") is not None


def test_junit_of_a_dead_run_is_not_green(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        write_test(writer, "ID-01", Verdict.PASS)
        writer.write("test-start", test=nodeid("ID-02"), requirements=["ID-02"])
    suite = _junit(RunRecord.load(path))
    assert int(suite.get("errors", "")) == 2
    assert _cases(suite)["ID-02"].find("error") is not None


def test_junit_of_a_bench_that_never_reached_a_test_is_not_green(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("incident", text="no such port", act="plug it in", recovered=False)
        writer.write("end", exit_status=6, verdict="BENCH ERROR")
    error = _junit(RunRecord.load(path)).find("testcase/error")
    assert error is not None
    assert error.get("message") == "no such port -- plug it in"


def test_junitparser_reads_it_back(record: RunRecord) -> None:
    write_junit(record.path.with_name("junit.xml"), record, strict=False)
    cases = len(record.tests) + len(conclude(record, False).unproven)
    assert JUnitXml.fromfile(str(record.path.with_name("junit.xml"))).tests == cases
