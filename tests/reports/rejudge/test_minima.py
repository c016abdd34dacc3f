"""The least that a proof needs, by another catalogue: a run proves more, or less, than it did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.reports.rejudge.small_run import Catalogue, Judged, catalogue, changed, entry, rejudged, write

LEAST = "least_sequences"


def counted(done: int, minimum: int = 5, what: str = "sequences", requirement: str = "CL-01") -> Judged:
    """A count of steps, with the verdict that its own minimum gives."""
    effort = {
        "what": what,
        "planned": 20,
        "done": done,
        "minimum": minimum,
        "cut": None if done == 20 else "time limit",
    }
    verdict = "PASS" if done >= minimum else "INCONCLUSIVE"
    return Judged(requirement, verdict, fields=(("effort", effort),))


def least(value: int) -> Catalogue:
    """A catalogue in which so many sequences have to be tried."""

    def add(today: Catalogue) -> None:
        words = {"en": "Words.", "zh": "\u6587\u5b57\u3002"}
        today["bounds"].append({"name": LEAST, "value": value, "unit": "times", **words, "requirements": ["CL-01"]})

    return changed(add)


def only_run(
    place: Path, today: Catalogue, *judged: Judged, status: int, of: Catalogue | None = None
) -> dict[str, Any]:
    told = rejudged(place, today, write(place / "run", *judged, of=least(5) if of is None else of), status=status)
    run: dict[str, Any] = told["runs"][0]
    return run


@pytest.mark.parametrize(
    ("done", "minimum", "today", "verdicts"),
    [
        (7, 5, 8, ("PASS", "INCONCLUSIVE")),
        (4, 5, 4, ("INCONCLUSIVE", "PASS")),
        (12, 10, 7, ("PASS", "INCONCLUSIVE")),
        (8, 10, 4, ("INCONCLUSIVE", "PASS")),
    ],
    ids=["raised", "lowered", "raised for two parts", "lowered for two parts"],
)
def test_another_minimum(tmp_path: Path, done: int, minimum: int, today: int, verdicts: tuple[str, str]) -> None:
    run = only_run(tmp_path, least(today), counted(done, minimum), status=1)
    outcome = run["requirements"]["CL-01"]
    assert (outcome["then"], outcome["now"]) == verdicts
    then, now = ("NOT PROVEN" if verdict == "INCONCLUSIVE" else "PASS" for verdict in verdicts)
    assert (outcome["proven_then"], outcome["proven_now"]) == (then == "PASS", now == "PASS")
    cause = outcome["causes"][0]
    parts = minimum // 5
    assert (cause["kind"], cause["name"], cause["came"]) == ("minimum", LEAST, [str(done)])
    assert (cause["then"], cause["now"]) == (str(minimum), str(today * parts))
    assert run["judgements"]["counts"] == 1


def test_a_minimum_that_is_still_reached_changes_nothing(tmp_path: Path) -> None:
    run = only_run(tmp_path, least(7), counted(7), status=0)
    assert (run["requirements"], run["judgements"]["counts_unnamed"]) == ({}, 0)


def test_a_lower_minimum_proves_nothing_of_a_breach(tmp_path: Path) -> None:
    run = only_run(tmp_path, least(3), Judged("CL-01", "FAIL"), counted(4), status=0)
    assert run["verdict"] == {"then": "FAIL", "now": "FAIL", "footer": None}


@pytest.mark.parametrize("judged", [counted(7, 6), counted(7, what="combinations")], ids=["no multiple", "no bound"])
def test_a_minimum_that_is_no_bound_s_stands(tmp_path: Path, judged: Judged) -> None:
    run = only_run(tmp_path, least(20), judged, status=0)
    assert (run["requirements"], run["judgements"]["counts_unnamed"]) == ({}, 1)


def test_a_record_whose_catalogue_had_no_such_bound_keeps_its_minimum(tmp_path: Path) -> None:
    run = only_run(tmp_path, least(20), counted(7), status=0, of=catalogue())
    assert (run["requirements"], run["judgements"]["counts_unnamed"]) == ({}, 1)


def test_steps_that_were_too_few_are_so_at_any_level(tmp_path: Path) -> None:
    today = least(5)
    entry(today, "requirements", "CL-01")["level"] = "I"
    run = only_run(tmp_path, today, counted(4), status=1)
    outcome = run["requirements"]["CL-01"]
    assert (outcome["now"], outcome["causes"][0]["kind"]) == ("INCONCLUSIVE", "level")


def test_the_terminal_tells_what_was_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    only_run(tmp_path, least(8), counted(7), counted(7, what="combinations"), status=1)
    said = capsys.readouterr().out
    assert f"least number {LEAST} 5 -> 8: 7 done" in said
    assert "minimum as then: 1 of 2 counts of steps" in said
