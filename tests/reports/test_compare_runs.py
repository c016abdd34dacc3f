"""Two real runs of the simulator set against each other: the same firmware, a legal habit, a fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.record import RunRecord
from tests.fixtures.runs import Outcome, run

PARTS = (
    "conformance/test_identity.py",
    "conformance/test_connection_settings.py",
    "conformance/test_session.py",
    "conformance/test_subscribe.py",
    "conformance/test_network.py",
)
"""With values that each run draws: devices, secrets, ports, topics; and with sessions that the cloud ends."""
_CHOSEN = "not many_times_over and not silent and not certificate and not power_cut and not bad_network"


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return made(tmp_path_factory.mktemp("earlier"))


def made(directory: Path, *options: str) -> Outcome:
    return run(directory / "run", *PARTS, "-k", _CHOSEN, "-q", "--lang", "en", *options)


def answers(old: Outcome, new: Outcome, directory: Path) -> tuple[int, dict[str, Any]]:
    """The exit status of the comparison, and what it says of the answers."""
    status = main(["compare", str(old.run_dir), str(new.run_dir), "--json", str(directory / "c.json")])
    told: dict[str, Any] = json.loads((directory / "c.json").read_text("utf-8"))["answers"]
    assert told["compared"] is True
    return status, told


def results(told: dict[str, Any]) -> set[tuple[str, str]]:
    """The final result codes that changed."""
    changes = [change["differs"] for group in told["groups"] for change in group["changes"]]
    return {(differs["result"]["old"], differs["result"]["new"]) for differs in changes if "result" in differs}


def test_two_runs_of_the_same_firmware_answer_alike(earlier: Outcome, tmp_path: Path) -> None:
    later = made(tmp_path, "--hypothesis-seed=7")
    assert (earlier.exit_status, later.exit_status) == (0, 0)
    status, told = answers(earlier, later, tmp_path)
    judgements = _as_data(earlier)
    assert judgements > 400
    assert status == 0
    assert (told["groups"], told["without_counterpart"], told["judgements"]) == ([], {}, judgements)
    assert told["traffic"] == []


def _as_data(outcome: Outcome) -> int:
    record: RunRecord = outcome.record
    return sum(finding.expectation is not None for finding in record.findings)


def test_a_legal_habit_shows_as_answers_that_changed(earlier: Outcome, tmp_path: Path) -> None:
    habits = ("closed-is-706", "malformed-is-3", "quoted-values")
    other = made(tmp_path, *(f"--habit={habit}" for habit in habits))
    assert other.exit_status == 0
    assert other.verdicts == earlier.verdicts
    status, told = answers(earlier, other, tmp_path)
    assert (status, told["without_counterpart"], told["judgements"]) == (0, {}, _as_data(earlier))
    assert results(told) == {("ERROR 705", "ERROR 706"), ("ERROR 50", "ERROR 3")}
    assert told["parts"]["verdict"] == told["parts"]["information"] == told["parts"]["time"] == 0
    forms = [change["differs"]["form"] for group in told["groups"] for change in group["changes"][:1] if _form(change)]
    assert {(form["old"], form["new"]) for form in forms} == {(":... / OK", ':"..." / OK')}
    assert {group["command"] for group in told["groups"] if group["requirement"] == "CL-03"} == {"AT+ALYMQTTCLOSE"}


def _form(change: dict[str, Any]) -> bool:
    return "form" in change["differs"]


def test_a_fault_shows_as_a_verdict_and_an_answer_that_changed(earlier: Outcome, tmp_path: Path) -> None:
    faulty = made(tmp_path, "--fault=limit-one-too-high-dn")
    status, told = answers(earlier, faulty, tmp_path)
    assert (faulty.exit_status, status) == (1, 1)
    first, *_ = (group for group in told["groups"] if group["requirement"] == "ID-03-DN")
    assert first["command"] == "AT+ALYDEVICENAME="
    assert first["changes"][0]["differs"] == {
        "verdict": {"old": "PASS", "new": "FAIL"},
        "result": {"old": "ERROR 708", "new": "OK"},
    }
