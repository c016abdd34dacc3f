"""What counts as a change between two runs, and what does not."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.compare import Change, Comparison, compare
from reports.compare.command import as_json
from reports.compare.comparison import Aspect, change_of
from reports.compare.observations import Difference, differences
from reports.compare.timing import drifts, margin
from reports.record import RecordWriter
from reports.runs import Latency, load_run
from reports.verdicts import Verdict
from tests.reports.stored_runs import LATENCY, bundle, entry, latency, store, summary
from tests.reports.synthetic import write_run

V = Verdict


def compared(directory: Path, old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    return compare(load_run(store(directory / "old", old)), load_run(store(directory / "new", new)))


def ids(comparison: Comparison, change: Change) -> list[str]:
    return [item.id for item in comparison.of(change)]


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (V.PASS, V.FAIL, Change.REGRESSED),
        (V.PASS, V.DEVIATION, Change.REGRESSED),
        (V.OBSERVED, V.FAIL, Change.REGRESSED),
        (V.DEVIATION, V.FAIL, Change.REGRESSED),
        (V.PASS, V.WAIVED, Change.REGRESSED),
        (V.FAIL, V.PASS, Change.FIXED),
        (V.FAIL, V.DEVIATION, Change.FIXED),
        (V.WAIVED, V.PASS, Change.FIXED),
        (V.FAIL, V.WAIVED, Change.WAIVER),
        (V.WAIVED, V.DEVIATION, Change.WAIVER),
        (V.PASS, V.BENCH_ERROR, Change.UNJUDGED),
        (V.FAIL, V.NOT_TESTED, Change.UNJUDGED),
        (V.WAIVED, V.INCONCLUSIVE, Change.UNJUDGED),
        (V.NOT_TESTED, V.FAIL, Change.JUDGED),
        (V.BENCH_ERROR, V.PASS, Change.JUDGED),
        (V.PASS, V.OBSERVED, None),
        (V.NOT_TESTED, V.BENCH_ERROR, None),
        (V.WAIVED, V.WAIVED, None),
    ],
)
def test_what_a_pair_of_verdicts_means(old: Verdict, new: Verdict, change: Change | None) -> None:
    assert change_of(old, new) is change


def test_every_pair_of_verdicts_has_a_meaning() -> None:
    for old in Verdict:
        assert change_of(old, old) is None
        for new in Verdict:
            forth, back = change_of(old, new), change_of(new, old)
            opposite = {
                Change.REGRESSED: Change.FIXED,
                Change.FIXED: Change.REGRESSED,
                Change.UNJUDGED: Change.JUDGED,
                Change.JUDGED: Change.UNJUDGED,
            }
            assert back is (opposite.get(forth, forth) if forth else None)


def test_requirements_come_and_go(tmp_path: Path) -> None:
    comparison = compared(
        tmp_path,
        summary({"CC-05": None, "PU-01": "FAIL"}),
        summary({"FMT-01": None, "CC-05": "FAIL", "ID-03": "DEVIATION", "ID-01": "FAIL", "PU-01": "PASS"}),
    )
    assert ids(comparison, Change.NEW) == ["CC-05"]
    assert ids(comparison, Change.GONE) == ["FMT-01"]
    assert ids(comparison, Change.REGRESSED) == ["ID-01", "ID-03"]
    assert ids(comparison, Change.FIXED) == ["PU-01"]
    assert comparison.unchanged == 1
    assert comparison.exit_status == 1


@pytest.mark.parametrize("verdict", ["BENCH ERROR", "NOT TESTED", "INCONCLUSIVE"])
def test_what_is_no_longer_judged_is_no_regression_of_the_firmware(tmp_path: Path, verdict: str) -> None:
    comparison = compared(tmp_path, summary(), summary({"ID-01": verdict}))
    assert ids(comparison, Change.UNJUDGED) == ["ID-01"]
    assert comparison.exit_status == 0


def _unproven(*names: str, old: str = "PASS", **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    new = summary(dict.fromkeys(names, "INCONCLUSIVE"), verdict="NOT PROVEN", not_proven=list(names), **fields)
    return summary(dict.fromkeys(names, old), verdict=old), new


def test_what_is_no_longer_proven_is_a_regression_of_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comparison = compared(tmp_path, *_unproven("ID-01", "PU-01"))
    assert ids(comparison, Change.UNJUDGED) == ["ID-01", "PU-01"]
    assert (comparison.lost_proof, comparison.exit_status) == (("ID-01", "PU-01"), 1)
    assert main(["compare", str(tmp_path / "old"), str(tmp_path / "new"), "--html", str(tmp_path / "c.html")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "2 no longer proven" in lines
    assert lines[2].startswith("NEW  NOT PROVEN ")
    assert any(line.startswith("NEW is NOT PROVEN: ") and line.endswith(": ID-01") for line in lines)
    page = (tmp_path / "c.html").read_text("utf-8")
    assert "2 项不再获证明" in page
    assert '<section class="banner fail">' in page
    assert as_json(comparison)["no_longer_proven"] == ["ID-01", "PU-01"]


def test_what_was_not_proven_before_either_is_no_regression(tmp_path: Path) -> None:
    _, new = _unproven("ID-01")
    comparison = compared(tmp_path, new, new)
    assert (comparison.lost_proof, comparison.exit_status) == ((), 0)
    older = compared(tmp_path / "older", *_unproven("ID-01", old="INCONCLUSIVE"))
    assert older.exit_status == 0, "an earlier suite had no word for it"


def test_a_run_that_passed_a_part_and_proves_less_of_the_whole_regressed(tmp_path: Path) -> None:
    old, new = _unproven("ID-01", old="NOT TESTED")
    assert compared(tmp_path, old | {"verdict": "PASS"}, new).exit_status == 1


def test_a_broken_bench_proves_nothing_and_regressed_nothing(tmp_path: Path) -> None:
    old, new = _unproven("ID-01")
    assert compared(tmp_path, old, new | {"verdict": "BENCH ERROR"}).exit_status == 0


def test_a_run_is_the_same_as_itself(tmp_path: Path) -> None:
    comparison = compared(tmp_path, summary(), summary())
    assert not any((comparison.changed, comparison.observed, comparison.drifts, comparison.cautions))
    assert comparison.same_firmware == "ML302_V1.0.7"


def test_whatever_else_differs_is_said(tmp_path: Path) -> None:
    new = summary(
        suite={"version": "0.2.0", "commit": "0123456789abcdef", "dirty": False},
        catalogue="cd" * 32,
        profile="smoke",
        strict=True,
        rig="lab-08",
        module={"model": "ML305", "revision": "ML302_V1.0.8", "serial_number": None},
    )
    comparison = compared(tmp_path, summary(), new)
    assert [caution.aspect for caution in comparison.cautions] == list(Aspect)
    assert comparison.same_firmware is None


def test_two_suites_with_uncommitted_changes_may_differ(tmp_path: Path) -> None:
    dirty = {"version": "0.1.0", "commit": "412282b0c0ffee", "dirty": True}
    comparison = compared(tmp_path, summary(suite=dirty), summary(suite=dirty))
    assert [caution.aspect for caution in comparison.cautions] == [Aspect.SUITE]


# Observations


def changed(old: list[Any], new: list[Any], same_tests: bool = True) -> tuple[Difference, ...]:
    return differences(old, new, same_tests=same_tests)


def test_the_order_of_observations_says_nothing() -> None:
    many = [{"keepalive": number, "accepted": number % 2 == 0} for number in range(20)]
    assert not changed(many, many[::-1])
    assert not changed([{"a": 1, "b": 2}], [{"b": 2, "a": 1}])


def test_the_order_within_an_observation_counts() -> None:
    assert changed([{"shown": ["a", "b"]}], [{"shown": ["b", "a"]}])


def test_the_device_that_a_run_made_up_is_no_change() -> None:
    old = {"sent": "OK", "shown": ["+MQTTRECV:/a1D1JdOAhiP/bench-lyq47Ksz/user/t193,OK"]}
    new = {"sent": "OK", "shown": ["+MQTTRECV:/a19ZkDgN081/bench-aWJhcbmb/user/t207,OK"]}
    assert not changed([old], [new])
    assert changed([old], [new | {"shown": [new["shown"][0] + "!"]}])


@pytest.mark.parametrize(("new", "same"), [(2, True), (3, True), (2.9, True), (12, False), (None, False)])
def test_a_duration_is_compared_within_its_resolution(new: float | None, same: bool) -> None:
    old = {"keepalive": 1000, "noticed_after_seconds": 2}
    found = changed([old], [old | {"noticed_after_seconds": new}])
    assert (not found) is same


def test_other_numbers_are_compared_exactly() -> None:
    assert changed([{"keepalive": 1000}], [{"keepalive": 1001}])
    assert changed([{"accepted": True}], [{"accepted": 1}])
    assert not changed([{"share": 0.1 + 0.2}], [{"share": 0.3}])


def test_how_many_lines_ended_so_is_no_change_but_another_end_is() -> None:
    old = [{"line_ends": {"CRLF": 256}}]
    assert not changed(old, [{"line_ends": {"CRLF": 265}}])
    assert changed(old, [{"line_ends": {"CRLF": 255, "LF": 1}}])
    assert changed(old, [{"line_ends": {"LF": 256}}])


def test_a_changed_fact_is_named_beside_those_that_say_where() -> None:
    old = [{"keepalive": number, "accepted": True} for number in (0, 1, 1000)]
    new = [
        {"keepalive": 0, "accepted": True},
        {"keepalive": 1000, "accepted": False},
        {"keepalive": 1, "accepted": True},
    ]
    (difference,) = changed(old, new)
    (field,) = difference.fields
    assert (field.name, field.old, field.new) == ("accepted", "true", "false")
    assert difference.context == '{"keepalive": 1000}'


def test_observations_that_come_and_go_count_only_where_the_same_tests_ran(tmp_path: Path) -> None:
    one, two = {"keepalive": 0, "accepted": True}, {"offered": ["x"]}
    assert changed([one], [one, two]) == (Difference(None, two),)
    assert changed([one, two], [one]) == (Difference(two, None),)
    assert not changed([one], [one, two], same_tests=False)
    old = summary({"FMT-04": entry("FMT-04", "OBSERVED", observations=[one])})
    new = summary({"FMT-04": entry("FMT-04", "OBSERVED", observations=[one, two], run=["another"])})
    assert not compared(tmp_path, old, new).observed


def test_odd_observations_are_compared_too() -> None:
    assert changed(["a", 1, None], ["a", 2, None]) == (Difference(1, None), Difference(None, 2))


def test_where_one_run_observed_nothing_nothing_changed(tmp_path: Path) -> None:
    new = summary({"FMT-04": "NOT TESTED"})
    comparison = compared(tmp_path, summary(), new)
    assert not comparison.observed
    assert ids(comparison, Change.UNJUDGED) == ["FMT-04"]


# Timing


def timed(**changes: float) -> Latency:
    return Latency.model_validate(LATENCY | changes)


def test_a_module_twice_as_slow_drifts() -> None:
    old = {"AT": timed()}
    (drift,) = drifts(old, {"AT": Latency.model_validate(latency(2.0)["AT+ALYMQTTPUB="])})
    assert drift.change == pytest.approx(0.012)
    assert drift.ratio == pytest.approx(2.0)
    (drift,) = drifts({"AT": Latency.model_validate(latency(2.0)["AT+ALYMQTTPUB="])}, old)
    assert drift.change < 0


@pytest.mark.parametrize("factor", [0.85, 1.0, 1.2])
def test_what_two_runs_of_one_module_differ_by_is_no_drift(factor: float) -> None:
    assert not drifts({"AT": timed()}, {"AT": Latency.model_validate(latency(factor)["AT+ALYMQTTPUB="])})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # Below what the bench adds: the simulator's half a millisecond, doubled.
        ({"p25": 0.0004, "median": 0.0005, "p75": 0.0006}, {"p25": 0.0008, "median": 0.001, "p75": 0.0012}),
        # The answers are scattered: the medians lie in the middle half of either.
        ({"p25": 0.1, "median": 0.3, "p75": 0.9}, {"p25": 0.1, "median": 0.6, "p75": 0.9}),
        # Too few answers for their spread: three standard errors of the difference.
        (
            {"p25": 0.01, "median": 0.02, "p75": 0.03, "count": 5},
            {"p25": 0.02, "median": 0.04, "p75": 0.05, "count": 5},
        ),
        ({"count": 4}, {"p25": 0.1, "median": 0.1, "p75": 0.1, "count": 4}),
    ],
)
def test_a_difference_within_the_margin_is_no_drift(old: dict[str, float], new: dict[str, float]) -> None:
    assert not drifts({"AT": timed(**old)}, {"AT": timed(**new)})


def test_the_margin_grows_with_the_spread_and_shrinks_with_the_number_of_answers() -> None:
    wide = timed(p25=0.005, p75=0.025)
    assert margin(wide, wide) > margin(timed(), timed())
    few, many = timed(p25=0.005, p75=0.025, count=5), timed(p25=0.005, p75=0.025, count=5000)
    assert margin(few, few) > margin(many, many)


def test_a_command_of_one_run_only_does_not_drift() -> None:
    assert not drifts({"AT": timed()}, {"ATE0": timed()})


# The command line


def test_exit_status_and_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = store(tmp_path / "old", summary({"PU-01": "FAIL"}))
    new = store(tmp_path / "new", summary({"ID-03": "FAIL", "ID-01": "NOT TESTED"}, latency=latency(3), rig="lab-08"))
    assert main(["compare", str(old), str(new)]) == 1
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert max(map(len, printed.splitlines())) <= 100
    for wanted in ("Regressed (1)", "Fixed (1)", "No longer judged (1)", "Timing drift (1)", "rig: lab-07 / lab-08"):
        assert wanted in printed
    assert "What ID-03 demands <b>" in printed
    assert main(["compare", str(new), str(new)]) == 0
    assert "no regression" in capsys.readouterr().out


def test_the_table_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = store(tmp_path / "old", summary()), store(tmp_path / "new", summary({"ID-03": "FAIL"}))
    assert main(["compare", str(old), str(new), "--lang", "zh"]) == 1
    printed = capsys.readouterr().out
    assert "退化 (1)" in printed
    assert "ID-03 的要求" in printed


def test_bundles_and_runs_without_a_summary(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write_run(tmp_path / "run" / "record.jsonl")
    zipped = bundle(tmp_path / "old.zip", summary({"FMT-01": "FAIL"}))
    comparison = compare(load_run(zipped), load_run(tmp_path / "run"))
    assert comparison.old.summary.requirements["FMT-01"].verdict is Verdict.FAIL
    assert comparison.new.summary.verdict is Verdict.FAIL
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"record.jsonl"}


def test_a_summary_that_cannot_be_read_is_made_again_from_the_record(tmp_path: Path) -> None:
    write_run(tmp_path / "record.jsonl")
    (tmp_path / "summary.json").write_text("{", encoding="utf-8")
    assert load_run(tmp_path).summary.rig == "lab-07"
    assert (tmp_path / "summary.json").read_text(encoding="utf-8") == "{"


def test_a_run_that_died_is_said_to_have_died(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as record:
        record.write("run", schema=1, rig={"name": "lab-07"})
    assert main(["compare", str(tmp_path), str(tmp_path)]) == 0
    assert "NEW died before its end" in capsys.readouterr().out


def test_json_and_page(tmp_path: Path) -> None:
    old = store(tmp_path / "old", summary())
    new = store(tmp_path / "new", summary({"ID-03": "FAIL"}, latency=latency(3)))
    page, data = tmp_path / "c.html", tmp_path / "c.json"
    assert main(["compare", str(old), str(new), "--html", str(page), "--json", str(data)]) == 1
    loaded = json.loads(data.read_text(encoding="utf-8"))
    assert loaded["exit_status"] == 1
    assert loaded["requirements"]["regressed"]["ID-03"]["old"]["verdict"] == "PASS"
    assert loaded["requirements"]["regressed"]["ID-03"]["new"]["verdict"] == "FAIL"
    assert loaded["timing"]["drift"]["AT+ALYMQTTPUB="]["ratio"] == pytest.approx(3)
    assert {change.value for change in Change} == loaded["requirements"].keys()
    shown = page.read_text(encoding="utf-8")
    assert "退化" in shown
    assert "Regressed" in shown
    assert "<b>bold" not in shown
    assert "\u202e" not in shown


def test_a_run_without_latencies_is_compared_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    untimed = {name: value for name, value in summary().items() if name != "latency"}
    old, new = store(tmp_path / "old", untimed), store(tmp_path / "new", summary())
    assert main(["compare", str(old), str(new)]) == 0
    assert "timing is not compared" in capsys.readouterr().out


BAD = {
    "missing": lambda path: None,
    "empty": lambda path: path.mkdir(),
    "no zip": lambda path: path.write_text("PK", encoding="utf-8"),
    "zip of something else": lambda path: _zip(path, "readme.txt", "hello"),
    "newer schema": lambda path: _summary(path, summary(schema=2)),
    "no object": lambda path: _summary(path, []),
    "a verdict that is none": lambda path: _summary(path, summary({"ID-01": "FINE"})),
    "a number that is none": lambda path: _summary(path, summary(seconds="\x1b[31m")),
    "cut in the middle": lambda path: _text(path, json.dumps(summary())[:900]),
    "nested without end": lambda path: _text(path, "[" * 100_000),
    "not a number": lambda path: _text(path, json.dumps(summary(seconds=float("nan")))),
}


def _zip(path: Path, name: str, content: str) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(name, content)


def _summary(path: Path, content: object) -> None:
    _text(path, json.dumps(content))


def _text(path: Path, content: str) -> None:
    path.mkdir()
    (path / "summary.json").write_text(content, encoding="utf-8")


@pytest.mark.parametrize("made", BAD)
def test_bad_input_is_one_line_and_exit_4(made: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, page = store(tmp_path / "good", summary()), tmp_path / "bad", tmp_path / "page.html"
    BAD[made](bad)
    for arguments in ([good, bad], [bad, good]):
        assert main(["compare", *map(str, arguments), "--html", str(page)]) == 4
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1
        assert str(bad) in printed.err
        assert "\x1b" not in printed.err
    assert not page.exists()


def test_a_file_that_cannot_be_written_is_one_line_and_exit_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = store(tmp_path / "run", summary())
    assert main(["compare", str(run), str(run), "--json", str(tmp_path / "nowhere" / "c.json")]) == 4
    assert capsys.readouterr().err.count("\n") == 1


def test_half_a_character_of_the_module_does_no_harm(tmp_path: Path) -> None:
    odd = entry("FMT-04", "OBSERVED", observations=[{"shown": "\ud800"}], reason="\udfff")
    run = load_run(store(tmp_path / "run", summary({"FMT-04": odd})))
    assert run.summary.requirements["FMT-04"].reason == "\\udfff"
