"""A conformance run without a bench: pytest and pytest-html under a stand-in for the plugin that owns the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.synthetic import HOSTILE

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """
import types
from pathlib import Path
import pytest
from fixtures.run import run_key
from reports.record import RecordWriter, RunRecord
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
        verdict_of=verdict_of,
        read_back=lambda: RunRecord.load(run_dir / "record.jsonl"), rig_file=types.SimpleNamespace(name="lab-07"))

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


def staged_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, lang: str, at_the_end: str = "", *options: str
) -> pytest.RunResult:
    """Run seven tests, one of each verdict, in ``pytester.path``; the run's directory is ``run`` there."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    head = f"HOSTILE = {HOSTILE!r}\nLANG = {lang!r}\nWORDS = {WORDS!r}\n"
    pytester.makeconftest(head + CONFTEST + at_the_end)
    pytester.makepyfile(TESTS.format(hostile=HOSTILE))
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
