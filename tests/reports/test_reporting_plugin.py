"""The report plugin drives pytest-html for real, under a stand-in for the plugin that owns the run."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from reports.verdicts import SEVERITY
from tests.reports.synthetic import HOSTILE

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """
import types
from pathlib import Path
import pytest
from fixtures.run import run_key
from reports.record import RecordWriter
from reports.verdicts import Verdict
from reports.verdicts import SEVERITY
from tests.reports.synthetic import requirements, run_fields, write_head

pytest_plugins = ["fixtures.reporting"]
IDS = [entry["id"] for entry in requirements()]

def verdict_of(nodeid):
    return next(Verdict(verdict) for word, verdict in WORDS.items() if word in nodeid)

@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    run_dir = Path("run")
    run_dir.mkdir()
    record = RecordWriter(run_dir / "record.jsonl")
    write_head(record)
    config.stash[run_key] = types.SimpleNamespace(
        run_dir=run_dir, record=record, record_path=run_dir / "record.jsonl", lang=LANG, strict=False,
        verdict_of=verdict_of, rig_file=types.SimpleNamespace(name="lab-07"))

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    record = item.config.stash[run_key].record
    identifier = IDS[item.session.items.index(item)]
    record.write("test-start", test=item.nodeid, requirements=[identifier])
    seq = record.write("serial", test=item.nodeid, dir="rx", data=HOSTILE)
    verdict = verdict_of(item.nodeid)
    record.write("finding", test=item.nodeid, requirement=identifier, verdict=verdict, title="title",
                 expected="OK", observed=HOSTILE, evidence=[seq], observation=None)
    record.write("test-end", test=item.nodeid, verdict=verdict, seconds=0.01)

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if verdict_of(item.nodeid) is Verdict.DEVIATION and report.when == "call":
        report.outcome, report.wasxfail = "skipped", "deviation"
    return report

def pytest_sessionfinish(session):
    record = session.config.stash[run_key].record
    record.write("end", exit_status=1, verdict="FAIL")
    record.close()
"""
TESTS = """
import pytest
HOSTILE = {hostile!r}
@pytest.fixture
def broken_end():
    yield
    raise RuntimeError("teardown")
def test_passes(): pass
def test_observes(): pass
def test_deviates(): assert 0
@pytest.mark.parametrize("x", ["<script>window.hacked=1</script>"])
def test_fails(x):
    print(HOSTILE)
    assert 0, HOSTILE
def test_inconclusive(): pytest.skip("no codes")
def test_untested(): pytest.skip("no power")
def test_breaks(broken_end): assert 0
"""


WORDS = {
    "deviates": "DEVIATION",
    "inconclusive": "INCONCLUSIVE",
    "untested": "NOT TESTED",
    "fails": "FAIL",
    "breaks": "BENCH ERROR",
    "observes": "OBSERVED",
    "passes": "PASS",
}
LOST_RECORD = '    Path("run/record.jsonl").unlink()'
REFUSED_PAGE = '    Path("run/report.html").mkdir()'


def _run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, lang: str, at_the_end: str, *options: str
) -> pytest.RunResult:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    head = f"HOSTILE = {HOSTILE!r}\nLANG = {lang!r}\nWORDS = {WORDS!r}\n"
    pytester.makeconftest(head + CONFTEST + at_the_end)
    pytester.makepyfile(TESTS.format(hostile=HOSTILE))
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)


@pytest.fixture
def run(
    pytester: pytest.Pytester, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, pytest.RunResult]:
    """A finished conformance run of seven tests, one of each verdict: its directory, and what pytest printed."""
    lang, at_the_end = getattr(request, "param", ("en", ""))
    return pytester.path / "run", _run(pytester, monkeypatch, lang, at_the_end)


def _rows(run_dir: Path) -> list[dict[str, Any]]:
    """The rows of the page's table of tests, as its script gets them."""
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    blob = re.search(r'data-jsonblob="(.*?)"', page, re.S)
    assert blob is not None
    tests = json.loads(html.unescape(blob[1]))["tests"]
    return [row for rows in tests.values() for row in rows]


def _row(run_dir: Path, word: str) -> dict[str, Any]:
    (row,) = [row for row in _rows(run_dir) if word in row["test"]]
    return row


def test_a_run_leaves_all_its_files(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, _ = run
    assert {path.name for path in run_dir.iterdir()} == {"record.jsonl", "report.html", "summary.json", "junit.xml"}
    summary = json.loads((run_dir / "summary.json").read_text(encoding="utf-8"))
    assert summary["verdict"] == "FAIL"
    assert len(summary["requirements"]) == 100


def test_the_page_shows_our_verdicts_each_once(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, _ = run
    rows = _rows(run_dir)
    assert len(rows) == 7
    for word, verdict in WORDS.items():
        row = _row(run_dir, word)
        assert f">{verdict}<" in row["resultsTableRow"][1]
        assert SEVERITY[row["verdict"]] == verdict
        assert row["extras"][0]["content"].count("<h4>") == 2
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    assert "Expected failures" not in page
    for verdict in SEVERITY:
        assert f">1 {verdict}" in page


def test_the_page_can_filter_by_each_verdict(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, _ = run
    results = [row["result"] for row in _rows(run_dir)]
    assert len(set(results)) == len(results)
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    for result in results:
        assert f'data-test-result="{result}"' in page


def test_the_page_holds_the_final_record(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, _ = run
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    assert 'class="banner fail"' in page
    assert "The run died" not in page


def test_hostile_bytes_reach_the_page_as_text(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, _ = run
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202e]", page)
    row = _row(run_dir, "fails")
    shown = row["log"] + row["extras"][0]["content"] + "".join(row["resultsTableRow"])
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;" in shown


def test_the_terminal_names_verdict_failures_and_report(run: tuple[Path, pytest.RunResult]) -> None:
    _, result = run
    result.stdout.fnmatch_lines(
        ["*Verdict: FAIL*", "Requirements: FAIL 1,*", "FMT-04 FAIL: expected OK; *", "Report: *"]
    )
    summary = result.stdout.str().partition("Verdict: FAIL")[2].partition("Report:")[0]
    assert "\x1b[31m" not in summary


@pytest.mark.parametrize("run", [("zh", "")], indirect=True)
def test_the_run_speaks_chinese(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, result = run
    result.stdout.fnmatch_lines(["判定：FAIL（不符合手册）", "报告：*"])
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    assert 'lang="zh-CN"' in page
    assert "设置返回 OK" in page


@pytest.mark.parametrize("run", [("en", LOST_RECORD)], indirect=True)
def test_a_record_that_vanished_is_a_bench_error_in_one_line(run: tuple[Path, pytest.RunResult]) -> None:
    _, result = run
    result.stdout.fnmatch_lines(["BENCH ERROR: *record.jsonl: no run record to read*"])
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("run", [("en", REFUSED_PAGE)], indirect=True)
def test_a_page_that_cannot_be_written_is_a_bench_error_in_one_line(run: tuple[Path, pytest.RunResult]) -> None:
    _, result = run
    result.stdout.fnmatch_lines(["BENCH ERROR: report.html: cannot write the report: *"])
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def test_without_pytest_html_the_page_is_ours(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    result = _run(pytester, monkeypatch, "en", "", "-p", "no:html")
    page = (pytester.path / "run" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "test_breaks" in page
    result.stdout.fnmatch_lines(["Report: *"])


def test_an_ordinary_session_is_left_alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest('pytest_plugins = ["fixtures.reporting"]')
    pytester.makepyfile("def test_passes(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    assert "Verdict" not in result.stdout.str()
    assert not list(pytester.path.glob("**/report.html"))
