"""The report plugin drives pytest-html for real, under a stand-in for the plugin that owns the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from junitparser import JUnitXml

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
from tests.reports.synthetic import requirements, run_fields, write_head

pytest_plugins = ["fixtures.reporting"]
WORDS = {"deviates": Verdict.DEVIATION, "inconclusive": Verdict.INCONCLUSIVE, "untested": Verdict.NOT_TESTED,
         "fails": Verdict.FAIL, "breaks": Verdict.BENCH_ERROR, "observes": Verdict.OBSERVED, "passes": Verdict.PASS}
IDS = [entry["id"] for entry in requirements()]

def verdict_of(nodeid):
    return next(verdict for word, verdict in WORDS.items() if word in nodeid)

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
FOOTER
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


@pytest.fixture
def run(
    pytester: pytest.Pytester, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, pytest.RunResult]:
    """A finished conformance run of seven tests, one of each verdict: its directory, and what pytest printed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    lang, footer = getattr(request, "param", ("en", ""))
    head = f"HOSTILE = {HOSTILE!r}\nLANG = {lang!r}\n"
    pytester.makeconftest(head + CONFTEST.replace("FOOTER", footer))
    pytester.makepyfile(TESTS.format(hostile=HOSTILE))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    return pytester.path / "run", result


def _rows(run_dir: Path) -> list[dict[str, object]]:
    import html
    import re

    page = (run_dir / "report.html").read_text(encoding="utf-8")
    blob = re.search(r'data-jsonblob="(.*?)"', page, re.S)
    assert blob is not None
    tests = json.loads(html.unescape(blob[1]))["tests"]
    return [row for rows in tests.values() for row in rows]
