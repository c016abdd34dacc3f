"""Certificates: what a run may not lack, each lack by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reports.certification import certificate, certify, write_certificate
from reports.criteria import Lack
from reports.i18n import Lang, explain_missing
from reports.record import RecordWriter, RunRecord
from reports.statements import statements
from reports.verdicts import Verdict, conclude
from tests.reports.declared import CLEAN, waiver
from tests.reports.synthetic import run_fields

LEVELS = {"ID-01": "M", "ID-02": "M", "CC-01": "I", "FMT-04": "O"}
GOOD = {"ID-01": Verdict.PASS, "ID-02": Verdict.PASS, "CC-01": Verdict.PASS, "FMT-04": Verdict.OBSERVED}
MODULE = {"model": "ML302", "revision": "V1", "serial_number": "8", "identity": {}, "dialect": {}}


def _run(
    path: Path,
    verdicts: Mapping[str, Verdict] = GOOD,
    *,
    modules: tuple[Mapping[str, Any], ...] = (MODULE,),
    waivers: tuple[Mapping[str, Any], ...] = (),
    whole: bool = True,
    absent: tuple[str, ...] = (),
    left_out: tuple[str, ...] = (),
    incident: bool = False,
    status: int | None = 0,
    **changes: Any,
) -> RunRecord:
    with RecordWriter(path) as record:
        fields = run_fields(**{"certify": True, "suite": CLEAN, **changes})
        record.write("run", **fields)
        if waivers:
            record.write("waivers", file="w.toml", sha256="00", waivers=list(waivers))
        record.write(
            "catalogue",
            hash="ab",
            requirements=[
                {"id": name, "section": "2.3", "table": "t", "level": level, "en": name, "zh": name}
                for name, level in LEVELS.items()
            ],
            sections=[{"key": "2.3", "en": "2.3", "zh": "2.3"}],
            tests={name: [name, *(absent if name == "ID-01" else ())] for name in LEVELS},
            left_out=list(left_out),
            whole=whole,
        )
        for module in modules:
            record.write("module", **module)
        for name, verdict in verdicts.items():
            record.write("test-start", test=name, requirements=[name])
            record.write(
                "finding",
                test=name,
                requirement=name,
                verdict=verdict,
                title="t",
                expected="e",
                observed="o",
                evidence=[],
                observation=None,
            )
            record.write("test-end", test=name, verdict=verdict, seconds=0.1)
        if incident:
            record.write("incident", text="it broke", act="lab: mend it", recovered=False)
        if status is not None:
            record.write("end", exit_status=status, verdict="PASS")
    return RunRecord.load(path)


def _lacks(record: RunRecord) -> list[tuple[str, str]]:
    found = certify(record)
    assert certificate(record) is None
    assert write_certificate(record) is None
    assert not record.path.with_name("certificate.json").exists()
    return [(missing.about, str(missing.lack)) for missing in found.missing]


def test_a_run_that_lacks_nothing_is_certified(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl", absent=("soak",), left_out=("soak",))
    assert certify(record).granted
    conclusion = conclude(record, False)
    assert (conclusion.verdict, conclusion.exit_status) == (Verdict.PASS, 0)
    path = write_certificate(record)
    assert path is not None
    assert path.name == "certificate.json"
    made = certificate(record)
    assert made is not None
    assert made["simulator"] is False
    assert "note" not in made
    assert made["counts"] == {"PASS": 3, "OBSERVED": 1}


@pytest.mark.parametrize(
    ("changes", "lack"),
    [
        ({"certify": False}, ("run", "not-asked")),
        ({"status": None}, ("run", "died")),
        ({"status": 2}, ("run", "stopped")),
        ({"incident": True}, ("bench", "incident")),
        ({"suite": {**CLEAN, "commit": None, "dirty": None}}, ("suite", "no-commit")),
        ({"suite": {**CLEAN, "dirty": True}}, ("suite", "dirty")),
        ({"suite": {"commit": "c0ffee"}}, ("suite", "dirty")),
        ({"profile": "smoke"}, ("selection", "profile")),
        ({"simulator": ["--fault", "ok-twice"]}, ("selection", "simulator-options")),
        ({"lacking": ["closing"]}, ("selection", "gateway")),
        ({"whole": False}, ("selection", "part")),
        ({"absent": ("another",)}, ("selection", "not-run")),
        ({"modules": ({**MODULE, "revision": None},)}, ("module", "no-revision")),
        ({"modules": (MODULE, {**MODULE, "serial_number": "9"})}, ("module", "two-modules")),
        ({"verdicts": {**GOOD, "ID-01": Verdict.FAIL}}, ("ID-01", "verdict")),
        ({"verdicts": {**GOOD, "ID-01": Verdict.DEVIATION}}, ("ID-01", "verdict")),
        ({"verdicts": {**GOOD, "ID-01": Verdict.OBSERVED}}, ("ID-01", "verdict")),
        ({"verdicts": {**GOOD, "ID-01": Verdict.NOT_TESTED}}, ("ID-01", "verdict")),
        ({"verdicts": {**GOOD, "CC-01": Verdict.BENCH_ERROR}}, ("CC-01", "verdict")),
        ({"verdicts": {**GOOD, "CC-01": Verdict.DEVIATION}, "strict": True}, ("CC-01", "verdict")),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_lack_by_itself_is_in_the_way(tmp_path: Path, changes: dict[str, Any], lack: tuple[str, str]) -> None:
    record = _run(tmp_path / "r.jsonl", **changes)
    assert _lacks(record) == [lack]
    if record.certify:
        assert conclude(record, record.strict).exit_status == (2 if changes.get("status") == 2 else 6)


def test_what_is_not_proven_is_not_certified_and_the_run_says_so(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl", {**GOOD, "ID-01": Verdict.INCONCLUSIVE})
    assert _lacks(record) == [("run", "verdict"), ("ID-01", "verdict")]
    (run, requirement) = certify(record).missing
    assert explain_missing(Lang.EN, run) == "the run's verdict is NOT PROVEN"
    assert (requirement.verdict, explain_missing(Lang.EN, requirement)) == (Verdict.INCONCLUSIVE, "o")
    conclusion = conclude(record, record.strict)
    assert (conclusion.verdict, conclusion.exit_status) == (Verdict.NOT_PROVEN, 6)


def test_the_bench_may_break_on_the_last_line(tmp_path: Path) -> None:
    """A finding on no requirement makes the run FAIL, and no requirement of it is missing."""
    with RecordWriter(tmp_path / "extra.jsonl") as record:
        for event in _run(tmp_path / "r.jsonl").events[:-1]:
            record.write(event.kind, test=event.test, **event.data)
        fields = {"title": "", "expected": "", "observed": "", "evidence": []}
        record.write("finding", requirement=None, verdict="BENCH ERROR", **fields)
        record.write("end", exit_status=6, verdict="BENCH ERROR")
    assert _lacks(RunRecord.load(tmp_path / "extra.jsonl")) == [("run", "verdict")]


def test_a_module_that_did_not_always_say_who_it_is_is_one_module(tmp_path: Path) -> None:
    assert certify(_run(tmp_path / "r.jsonl", modules=({**MODULE, "revision": None}, MODULE))).granted


def test_a_deviation_from_what_is_implied_is_not_in_the_way(tmp_path: Path) -> None:
    assert certify(_run(tmp_path / "r.jsonl", {**GOOD, "CC-01": Verdict.DEVIATION})).granted


def test_a_waiver_stands_for_a_pass_when_somebody_answers_for_it(tmp_path: Path) -> None:
    broken = {**GOOD, "ID-01": Verdict.FAIL}
    good = waiver("ID-01", firmware="V*")
    record = _run(tmp_path / "r.jsonl", broken, waivers=(good,))
    made = certificate(record)
    assert made is not None
    assert made["waivers"] == [{**good, "status": "applied"}]
    nobodys = _run(tmp_path / "s.jsonl", broken, waivers=({**good, "owner": None, "expires": None},))
    assert _lacks(nobodys) == [("waivers", "no-owner"), ("waivers", "no-expiry")]
    old = _run(tmp_path / "t.jsonl", broken, waivers=({**good, "expires": "2020-01-01"},))
    assert _lacks(old) == [("ID-01", "verdict"), ("waivers", "waiver")]


def test_every_lack_has_its_line_in_both_languages(tmp_path: Path) -> None:
    record = _run(tmp_path / "r.jsonl", {}, modules=(), whole=False, suite={}, profile="smoke", status=None)
    conclusion = conclude(record, False)
    for lang in Lang:
        lines = [line for line, bad in statements(record, conclusion, lang) if bad]
        assert conclusion.certification is not None
        assert len(lines) == len(conclusion.certification.missing) + 1
        assert str(len(conclusion.certification.missing)) in lines[0]
    assert {missing.lack for missing in conclusion.certification.missing} >= {Lack.DIED, Lack.PART, Lack.NO_REVISION}
