"""The report plugin drives pytest-html for real, under a stand-in for the plugin that owns the run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.reports.staged_run import ROOT, WORDS, staged_run
from tests.reports.unpacking import Page, readable, unpacked

pytest_plugins = ["pytester"]

LOST_RECORD = '    Path("run/record.jsonl").unlink()'
REFUSED_PAGE = '    Path("run/report.html").mkdir()'


@pytest.fixture
def run(
    pytester: pytest.Pytester, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, pytest.RunResult]:
    """A finished conformance run of seven tests, one of each verdict: its directory, and what pytest printed."""
    lang, at_the_end = getattr(request, "param", ("en", ""))
    return pytester.path / "run", staged_run(pytester, monkeypatch, lang, at_the_end)


def _page(run_dir: Path) -> str:
    return (run_dir / "report.html").read_text(encoding="utf-8")


def test_a_run_leaves_all_its_files(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, _ = run
    assert {path.name for path in run_dir.iterdir()} == {"record.jsonl", "report.html", "summary.json", "junit.xml"}
    summary = json.loads((run_dir / "summary.json").read_text(encoding="utf-8"))
    assert summary["verdict"] == "FAIL"
    assert len(summary["requirements"]) == 100


def test_the_page_shows_each_test_once_with_our_verdict(run: tuple[Path, pytest.RunResult]) -> None:
    page = _page(run[0])
    for word, verdict in WORDS.items():
        rows = re.findall(
            rf'<details class="test item" data-verdict="([a-z-]+)"[^>]*>\n<summary>.*{word}.*</summary>', page
        )
        assert rows == [verdict.lower().replace(" ", "-")]
    # What pytest-html knows of them is in its file no longer.
    assert "&#34;tests&#34;: {}" in page


def test_the_page_shows_what_pytest_captured(run: tuple[Path, pytest.RunResult]) -> None:
    page = readable(_page(run[0]))
    assert page.count('<pre class="log">') == 2
    assert "RuntimeError: teardown" in page


def test_what_cannot_be_collected_is_in_the_page(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(test_malformed="print('<img src=x onerror=alert(1)>\\x1b[2J'); raise RuntimeError('<b>no</b>')")
    staged_run(pytester, monkeypatch, "en", "", "--continue-on-collection-errors")
    page = _page(pytester.path / "run")
    assert "What could not be collected" in page
    assert "test_malformed.py" in page
    assert not re.search("[\x00-\x08\x0e-\x1f]|\\\\u001b", page)


def test_the_page_holds_the_final_record(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, _ = run
    page = _page(run_dir)
    assert 'class="banner fail"' in page
    assert "The run died" not in page


def test_hostile_bytes_reach_the_page_as_text(run: tuple[Path, pytest.RunResult]) -> None:
    run_dir, _ = run
    page = _page(run_dir)
    assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202e]", page + unpacked(page))
    shown = Page(f"<div>{unpacked(page)}</div>")
    assert not {"script", "img"} & set(shown.tags)
    ours = page.partition('id="report"')[2].partition("</script>\n</div>")[0]
    assert "<script>window" not in ours
    assert "<img" not in ours
    assert "&lt;script&gt;window.hacked" in ours


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
    page = _page(run_dir)
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
    result.stdout.fnmatch_lines(["BENCH ERROR: report.html: cannot be written: *"])
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def test_without_pytest_html_the_page_is_ours(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    result = staged_run(pytester, monkeypatch, "en", "", "-p", "no:html")
    page = _page(pytester.path / "run")
    assert "data-jsonblob" not in page
    assert "RuntimeError: teardown" in readable(page)
    result.stdout.fnmatch_lines(["Report: *"])


def test_an_ordinary_session_is_left_alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest('pytest_plugins = ["fixtures.reporting"]')
    pytester.makepyfile("def test_passes(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    assert "Verdict" not in result.stdout.str()
    assert not list(pytester.path.glob("**/report.html"))
