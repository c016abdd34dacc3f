"""The documents of a run against its record: statement, summary, claims, JUnit, page, review, certificate."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.__main__ import main
from reports.bundle.contents import DoesNotHold
from reports.bundle.make import pack
from reports.bundle.rederive import Rederived, rederive
from reports.events import RecordError
from reports.record import RunRecord
from reports.verdicts import conclude
from tests.reports.evidence import change_record, write_evidence


def test_a_statement_that_the_record_does_not_give_does_not_hold(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = RunRecord.load(run_dir / "record.jsonl")
    strict = Rederived(record, conclude(record, True), None)
    path = tmp_path / "b.zip"
    path.write_bytes(pack(strict, run_dir, Ed25519PrivateKey.generate()))
    capsys.readouterr()
    assert main(["verify", str(path)]) == 1
    assert capsys.readouterr().out == "does not hold: the statement says FAILED; the record gives WARNED\n"


def _changed_summary(run_dir: Path, *keys: str, to: Any) -> None:
    path = run_dir / "summary.json"
    summary = json.loads(path.read_text("utf-8"))
    entry = summary
    for key in keys[:-1]:
        entry = entry[key]
    entry[keys[-1]] = to
    path.write_text(json.dumps(summary), "utf-8")


@pytest.mark.parametrize(
    ("keys", "to"),
    [
        (("verdict",), "PASS"),
        (("exit_status",), 1),
        (("exit_status",), False),
        (("complete",), 1),
        (("module", "revision"), "ML302_V1.0.8"),
        (("rig",), "lab-08"),
        (("started",), "2001-01-01"),
        (("counts", "FAIL", "all"), 3),
        (("tests", "PASS"), 20),
        (("requirements", "NW-01", "verdict"), "PASS"),
        (("requirements", "NW-01", "findings"), 3),
        (("requirements", "FMT-04", "observations"), []),
        (("requirements", "ZZ-01"), {"verdict": "PASS"}),
        (("requirements",), {}),
        (("certified",), True),
    ],
)
def test_a_summary_that_the_record_does_not_give_does_not_hold(run_dir: Path, keys: tuple[str, ...], to: Any) -> None:
    _changed_summary(run_dir, *keys, to=to)
    with pytest.raises(DoesNotHold, match=r"summary\.json says .*; the record gives "):
        rederive(run_dir)


def _with_pics(run_dir: Path, **claims: str) -> Path:
    """The run again, given a PICS."""
    lines = "".join(f'{name} = "{value}"\n' for name, value in claims.items())
    (run_dir / "pics.toml").write_text(f"schema = 1\n[claims]\n{lines}", "utf-8")
    digest = hashlib.sha256((run_dir / "pics.toml").read_bytes()).hexdigest()
    write_evidence(run_dir, pics={"file": "p.toml", "sha256": digest, "claims": claims})
    return run_dir


def test_a_bundle_of_a_suite_that_knew_fewer_claims_holds(tmp_path: Path) -> None:
    run_dir = _with_pics(tmp_path, dialect="ERROR")
    rederive(run_dir)
    pics = json.loads((run_dir / "summary.json").read_text("utf-8"))["pics"]
    fewer = [entry for entry in pics if entry["claim"] != "sleeps"]
    _changed_summary(run_dir, "pics", to=fewer)
    rederive(run_dir)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda pics: [entry for entry in pics if entry["claim"] != "dialect"], "says null for pics.dialect"),
        (lambda pics: [*pics, {"claim": "naps", "verdict": "true"}], "for pics.naps; the record gives null"),
        (lambda pics: [*pics, pics[0]], "tells a claim twice"),
        (lambda pics: [{}, *pics], "has claims without a name"),
    ],
    ids=["kept-back", "made-up", "twice", "nameless"],
)
def test_claims_that_the_record_does_not_give_do_not_hold(tmp_path: Path, change: Any, complaint: str) -> None:
    run_dir = _with_pics(tmp_path, dialect="ERROR")
    pics = json.loads((run_dir / "summary.json").read_text("utf-8"))["pics"]
    _changed_summary(run_dir, "pics", to=change(pics))
    with pytest.raises(DoesNotHold, match=complaint):
        rederive(run_dir)


def test_words_and_later_keys_of_a_summary_may_differ(run_dir: Path) -> None:
    _changed_summary(run_dir, "requirements", "NW-03", "reason", to="none of its tests was run")
    path = run_dir / "summary.json"
    summary = json.loads(path.read_text("utf-8"))
    for key in ("profile", "tests"):
        del summary[key]
    path.write_text(json.dumps(summary), "utf-8")
    rederive(run_dir)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('value="DEVIATION"', 'value="PASS"', "junit.xml says"),
        ("</testcase>", '<failure message="x"/></testcase>', "junit.xml says failure for"),
        ('name="test_silent"', 'name="test_other"', "junit.xml says"),
        ("<testsuites", "<!DOCTYPE x><testsuites", "document type"),
        ("</testsuites>", "", "junit.xml is no XML"),
    ],
)
def test_a_junit_file_that_the_record_does_not_give_does_not_hold(
    run_dir: Path, old: str, new: str, complaint: str
) -> None:
    path = run_dir / "junit.xml"
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new), "utf-8")
    with pytest.raises(DoesNotHold, match=complaint):
        rederive(run_dir)


@pytest.mark.parametrize("new", ['data-run-verdict="PASS"', "", 'data-run-verdict="PASS" data-run-verdict="DEVIATION"'])
def test_a_report_that_shows_another_verdict_does_not_hold(run_dir: Path, new: str) -> None:
    path = run_dir / "report.html"
    content = path.read_text("utf-8")
    assert content.count('data-run-verdict="DEVIATION"') >= 1
    path.write_text(content.replace('data-run-verdict="DEVIATION"', new), "utf-8")
    with pytest.raises(DoesNotHold, match=r"report\.html says"):
        rederive(run_dir)


def test_a_review_of_another_record_does_not_hold(run_dir: Path) -> None:
    assert main(["review", str(run_dir), "--decision", "accepted"]) == 0
    change_record(run_dir, lambda events: events[0].update(host="another"))
    with pytest.raises(DoesNotHold, match=r"review\.json is the review of another record"):
        rederive(run_dir)


def test_a_review_of_what_needs_none_does_not_hold(run_dir: Path) -> None:
    assert main(["review", str(run_dir), "--item", "FMT-04=accepted"]) == 0
    path = run_dir / "review.json"
    path.write_text(path.read_text("utf-8").replace("FMT-04", "FMT-01"), "utf-8")
    with pytest.raises(DoesNotHold, match="decides on FMT-01, which is no item to review"):
        rederive(run_dir)


def test_declarations_that_the_run_was_not_given_do_not_hold(run_dir: Path) -> None:
    (run_dir / "waivers.toml").write_text("schema = 1\n")
    with pytest.raises(DoesNotHold, match=r"waivers\.toml is in the bundle, but the run was given none"):
        rederive(run_dir)


def test_a_certificate_that_the_run_did_not_earn_does_not_hold(run_dir: Path) -> None:
    (run_dir / "certificate.json").write_text('{"schema": 1}')
    with pytest.raises((DoesNotHold, RecordError), match=r"certificate"):
        rederive(run_dir)
