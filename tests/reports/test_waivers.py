"""Waivers: what they excuse, what they never excuse, and when they themselves are at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.record import RecordError, RecordWriter, RunRecord
from reports.summary import summarise
from reports.verdicts import SEVERITY, Verdict, conclude, verdict_of_test
from tests.reports.declared import made_up, moved, observe, waiver
from tests.reports.synthetic import nodeid, write_head

F, B, D, W, I, N, P, O = SEVERITY  # noqa: E741


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("found", "comes_to", "status"),
    [
        (F, W, "applied"),
        (D, W, "applied"),
        (B, B, "not exercised"),
        (I, I, "not exercised"),
        (N, N, "not exercised"),
        (P, P, "stale"),
        (O, O, "stale"),
    ],
)
def test_a_waiver_excuses_a_breach_and_nothing_else(
    tmp_path: Path, found: Verdict, comes_to: Verdict, status: str, strict: bool
) -> None:
    record = made_up(tmp_path / "r.jsonl", {"ID-01": found}, waivers=[waiver("ID-01")])
    conclusion = conclude(record, strict)
    assert conclusion.requirements["ID-01"].verdict is comes_to
    assert verdict_of_test(record, record.tests[nodeid("ID-01")], strict) is comes_to
    assert [str(entry.status) for entry in conclusion.waivers] == [status]
    assert (conclusion.requirements["ID-01"].waiver is not None) is (status == "applied")
    assert conclusion.verdict is (F if status == "stale" else W if comes_to is W else comes_to)


def test_one_waiver_excuses_one_requirement(tmp_path: Path) -> None:
    conclusion = conclude(made_up(tmp_path / "r.jsonl", {"ID-01": F, "ID-02": F}, waivers=[waiver("ID-01")]), False)
    assert [conclusion.requirements[name].verdict for name in ("ID-01", "ID-02")] == [W, F]
    assert (conclusion.verdict, conclusion.exit_status) == (F, 1)


def test_a_broken_bench_shows_through_a_waived_breach(tmp_path: Path) -> None:
    record = made_up(
        tmp_path / "r.jsonl", {"ID-01": F}, waivers=[waiver("ID-01")], extra=lambda r: observe(r, "ID-01", B)
    )
    conclusion = conclude(record, False)
    assert conclusion.requirements["ID-01"].verdict is B
    assert conclusion.exit_status == 6
    assert str(conclusion.waivers[0].status) == "applied"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"expires": "2020-01-01"}, "expired"),
        ({"firmware": "ML302_V2*"}, "unmatched"),
        ({"firmware": "ml302*"}, "unmatched"),
        ({"expires": "2020-01-01", "firmware": "ML302_V2*"}, "expired"),
    ],
)
def test_a_waiver_that_does_not_hold_excuses_nothing_and_fails_the_run(
    tmp_path: Path, changes: dict[str, object], status: str
) -> None:
    conclusion = conclude(made_up(tmp_path / "r.jsonl", {"ID-01": F}, waivers=[waiver("ID-01", **changes)]), False)
    assert conclusion.requirements["ID-01"].verdict is F
    assert [str(entry.status) for entry in conclusion.bad_waivers] == [status]
    assert (
        conclude(made_up(tmp_path / "s.jsonl", {"ID-02": P}, waivers=[waiver("ID-01", **changes)]), False).exit_status
        == 1
    ), "whether or not its requirement was tested"


def test_the_day_of_the_run_decides_and_not_today(tmp_path: Path) -> None:
    record = made_up(tmp_path / "r.jsonl", {"ID-01": F}, waivers=[waiver("ID-01", expires="2020-06-30")])
    on_time, late = moved(record, "2020-06-30"), moved(record, "2020-07-01")
    assert conclude(on_time, False, died=False).verdict is W, "the day that it names is its last"
    assert conclude(late, False, died=False).verdict is F


def test_a_waiver_is_not_called_stale_before_all_tests_of_its_requirement_ran(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "r.jsonl") as writer:
        write_head(writer)
        writer.write("waivers", file="w.toml", sha256="00", waivers=[waiver("ID-01")])
        observe(writer, "ID-01", P)
        writer.write("end", exit_status=0, verdict="PASS")
    conclusion = conclude(RunRecord.load(tmp_path / "r.jsonl"), False)
    assert conclusion.requirements["ID-01"].verdict is P
    assert str(conclusion.waivers[0].status) == "not exercised"


def test_without_a_module_nothing_is_said_of_a_waiver(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "r.jsonl") as writer:
        writer.write("run", schema=1, rig={"name": "lab"})
        writer.write("waivers", file="w.toml", sha256="00", waivers=[waiver("ID-01")])
        writer.write("incident", text="no module", act="lab: plug one in", recovered=False)
        writer.write("end", exit_status=6, verdict="BENCH ERROR")
    conclusion = conclude(RunRecord.load(tmp_path / "r.jsonl"), False)
    assert str(conclusion.waivers[0].status) == "not exercised"
    assert conclusion.exit_status == 6


def test_the_summary_shows_the_waiver_beside_the_breach(tmp_path: Path) -> None:
    summary = summarise(made_up(tmp_path / "r.jsonl", {"ID-01": F}, waivers=[waiver("ID-01")]), False)
    assert summary["waivers"] == [{**waiver("ID-01"), "status": "applied"}]
    assert summary["requirements"]["ID-01"]["waiver"] == summary["waivers"][0]
    assert "waiver" not in summary["requirements"]["ID-02"]
    assert summary["requirements"]["ID-01"]["reason"].endswith("-- waived: known (FW-1)")
    assert summary["counts"]["WAIVED"]["all"] == 1
    assert summary["certification"] is None


@pytest.mark.parametrize("spoilt", [{"expires": "soon"}, {"expires": 3}, {"reason": None}])
def test_a_record_with_a_spoilt_waiver_is_told_in_one_line(tmp_path: Path, spoilt: dict[str, object]) -> None:
    entry = {key: value for key, value in waiver("ID-01", **spoilt).items() if value is not None}
    with pytest.raises(RecordError) as caught:
        made_up(tmp_path / "r.jsonl", {}, waivers=[entry])
    assert len(str(caught.value).splitlines()) == 1
