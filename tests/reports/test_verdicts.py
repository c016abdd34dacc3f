"""Verdicts: joined by severity, proven by findings only, and never lost with the run."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from reports.record import RecordWriter, RunRecord
from reports.severity import worst
from reports.verdicts import SEVERITY, Level, Reason, Verdict, conclude, derive, join
from tests.reports.synthetic import nodeid, requirements, run_fields, write_head, write_test

F, B, D, W, I, N, P, O = SEVERITY  # noqa: E741


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., RunRecord]:
    """Makes the record of a run in which each of the given findings is the outcome of a test of its own."""

    def make(
        *verdicts: Verdict, died: bool = False, extra: Callable[[RecordWriter], object] | None = None
    ) -> RunRecord:
        path = tmp_path / "record.jsonl"
        with RecordWriter(path) as record:
            write_head(record)
            for number, verdict in enumerate(verdicts, start=1):
                write_test(record, f"ID-{number:02d}", verdict)
            if extra is not None:
                extra(record)
            if not died:
                record.write("end", exit_status=0, verdict="PASS")
        return RunRecord.load(path)

    return make


def test_the_worse_verdict_wins_in_any_order() -> None:
    assert [str(verdict) for verdict in SEVERITY] == [
        "FAIL",
        "BENCH ERROR",
        "DEVIATION",
        "WAIVED",
        "INCONCLUSIVE",
        "NOT TESTED",
        "PASS",
        "OBSERVED",
    ]
    for first, second in permutations(SEVERITY, 2):
        assert join([first, second]) is min(first, second, key=SEVERITY.index)
    assert join([]) is Verdict.NOT_TESTED


def test_of_equally_bad_ones_the_first_is_the_worst() -> None:
    found = [("a", P), ("b", D), ("c", F), ("d", F)]
    assert worst(found, lambda entry: entry[1]) == ("c", F)
    assert worst([], lambda entry: entry) is None


def test_every_requirement_of_the_catalogue_is_listed(run: Callable[..., RunRecord]) -> None:
    results = derive(run(P), strict=False)
    assert list(results) == [entry["id"] for entry in requirements()]
    assert results["ID-01"].verdict is P
    assert results["FMT-01"].level is Level.IMPLIED
    assert all(result.verdict is N for name, result in results.items() if name != "ID-01")


def test_a_requirement_is_exercised_only_by_a_finding_that_cites_it(run: Callable[..., RunRecord]) -> None:
    def silent_test(record: RecordWriter) -> None:
        record.write("test-start", test="t", requirements=["ID-05"])
        record.write("test-end", test="t", verdict="PASS", seconds=0.1)

    results = derive(run(P, extra=silent_test), strict=False)
    assert results["ID-05"].verdict is N
    assert results["ID-05"].reason is Reason.NO_ASSERTION
    assert results["ID-05"].run == ("t",)
    assert results["ID-06"].reason is Reason.NOT_RUN
    assert results["ID-06"].declared == (nodeid("ID-06"),)
    assert results["ID-20"].reason is Reason.NO_TEST


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        ({"whole": True, "tests": {}}, Reason.NO_TEST),
        ({"whole": False, "tests": {}}, Reason.NOT_SELECTED),
        ({"whole": True, "tests": {"FMT-01": ["t"]}, "not_selected": ["t"]}, Reason.NOT_SELECTED),
        ({"whole": True, "tests": {"FMT-01": ["t"]}, "left_out": ["t"]}, Reason.LEFT_OUT),
        ({"tests": {"FMT-01": ["t", "u"]}, "left_out": ["t"], "not_selected": ["u"]}, Reason.NOT_SELECTED),
        ({"tests": {"FMT-01": ["t", "u"]}, "left_out": ["t"]}, Reason.NOT_RUN),
    ],
)
def test_why_nobody_tested_it(tmp_path: Path, selection: dict[str, Any], reason: Reason) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as record:
        record.write("run", **run_fields())
        record.write("catalogue", hash="ab" * 32, requirements=requirements(), **selection)
        record.write("end", exit_status=0, verdict="NOT TESTED")
    result = derive(RunRecord.load(tmp_path / "record.jsonl"), strict=False)["FMT-01"]
    assert (result.verdict, result.reason) == (N, reason)


def test_the_worst_finding_decides_and_all_are_kept(run: Callable[..., RunRecord]) -> None:
    def again(record: RecordWriter) -> None:
        for verdict in (D, P):
            record.write(
                "finding",
                requirement="ID-01",
                verdict=verdict,
                title=str(verdict),
                expected="",
                observed="",
                evidence=[],
                observation=None,
            )

    result = derive(run(P, extra=again), strict=False)["ID-01"]
    assert result.verdict is D
    assert result.decisive is not None
    assert result.decisive.title == "DEVIATION"
    assert [finding.verdict for finding in result.findings] == [P, D, P]


@pytest.mark.parametrize(
    ("verdicts", "overall", "status"),
    [
        ((P, F, B), F, 1),
        ((P, B, D), B, 6),
        ((P, B, I), B, 6),
        ((P, D, I), Verdict.NOT_PROVEN, 7),
        ((I, D, P), D, 0),
        ((P, I, N), I, 0),
        ((P, N), P, 0),
        ((O, N), P, 0),
        ((N,), N, 0),
        ((), N, 0),
    ],
)
def test_overall_verdict_and_exit_status(
    run: Callable[..., RunRecord], verdicts: tuple[Verdict, ...], overall: Verdict, status: int
) -> None:
    conclusion = conclude(run(*verdicts), strict=False)
    assert (conclusion.verdict, conclusion.exit_status) == (overall, status)


def test_strict_counts_a_deviation_as_fail(run: Callable[..., RunRecord]) -> None:
    conclusion = conclude(run(P, D), strict=True)
    assert (conclusion.verdict, conclusion.exit_status) == (F, 1)
    assert conclusion.requirements["ID-02"].verdict is F
    assert conclusion.requirements["ID-02"].findings[0].verdict is D


def test_a_run_that_died_is_a_bench_error_unless_the_module_failed(run: Callable[..., RunRecord]) -> None:
    def unfinished(record: RecordWriter) -> None:
        record.write("test-start", test="t", requirements=["ID-05"])

    record = run(P, died=True, extra=unfinished)
    conclusion = conclude(record, strict=False)
    assert conclusion.died
    assert (conclusion.verdict, conclusion.exit_status) == (B, 6)
    assert conclusion.requirements["ID-01"].verdict is P
    assert conclusion.requirements["ID-05"].reason is Reason.RUN_DIED
    assert conclusion.requirements["ID-06"].reason is Reason.RUN_DIED
    assert conclude(record, strict=False, died=False).verdict is P


def test_a_failure_outlives_the_run(run: Callable[..., RunRecord]) -> None:
    conclusion = conclude(run(F, died=True), strict=False)
    assert (conclusion.verdict, conclusion.exit_status) == (F, 1)


@pytest.mark.parametrize(("recovered", "overall"), [(True, P), (False, B)])
def test_an_incident_that_nobody_recovered_from_is_a_bench_error(
    run: Callable[..., RunRecord], recovered: bool, overall: Verdict
) -> None:
    record = run(P, extra=lambda r: r.write("incident", text="mute", act="look", recovered=recovered))
    assert conclude(record, strict=False).verdict is overall


@pytest.mark.parametrize(("recovered", "verdict"), [(True, N), (False, B)])
def test_an_incident_spoils_the_requirements_that_it_kept_from_being_judged(
    run: Callable[..., RunRecord], recovered: bool, verdict: Verdict
) -> None:
    kept = ["ID-01", "ID-02"]
    record = run(
        F, extra=lambda r: r.write("incident", text="mute", act="look", recovered=recovered, requirements=kept)
    )
    results = derive(record, strict=False)
    assert results["ID-01"].verdict is F, "what was found before stands"
    assert results["ID-02"].verdict is verdict
    assert (results["ID-02"].reason is Reason.BENCH_BROKE) is not recovered
    assert results["ID-03"].verdict is N


def test_a_test_whose_bench_broke_before_any_assertion_counts(run: Callable[..., RunRecord]) -> None:
    def broken(record: RecordWriter) -> None:
        record.write("test-start", test="t", requirements=["ID-05"])
        record.write("test-end", test="t", verdict="BENCH ERROR", seconds=0.1)

    conclusion = conclude(run(P, extra=broken), strict=False)
    assert conclusion.verdict is B
    assert conclusion.requirements["ID-05"].verdict is N
    assert conclusion.requirements["ID-05"].reason is Reason.BENCH_BROKE


def test_counts_add_up(run: Callable[..., RunRecord]) -> None:
    conclusion = conclude(run(*SEVERITY), strict=False)
    assert sum(conclusion.count(verdict) for verdict in SEVERITY) == len(requirements())
    for verdict in SEVERITY:
        assert conclusion.count(verdict) == sum(conclusion.count(verdict, level) for level in Level)
