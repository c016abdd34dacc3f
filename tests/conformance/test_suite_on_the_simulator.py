"""The whole suite on the faultless simulator: every requirement is exercised, and none is found broken."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.catalogue import Form, load
from reports.timing import latencies, time_budget
from tests.fixtures.runs import ROOT, Outcome

# The run is shared, also with other files, so the tests have to stay in one process.
pytestmark = pytest.mark.xdist_group("whole-suite")


@pytest.fixture
def outcome(whole_run: Outcome) -> Outcome:
    return whole_run


def test_the_faultless_module_conforms(outcome: Outcome) -> None:
    assert outcome.exit_status == 0, outcome.output
    assert outcome.summary["verdict"] == "PASS"
    wrong = {name: verdict for name, verdict in outcome.verdicts.items() if verdict not in ("PASS", "OBSERVED")}
    assert not wrong


def test_every_requirement_of_the_catalogue_is_exercised(outcome: Outcome) -> None:
    assert list(outcome.summary["requirements"]) == list(load().requirements)
    assert outcome.verdicts.keys() == load().requirements.keys()


def test_what_is_open_is_observed_in_a_form_that_releases_can_be_compared_by(outcome: Outcome) -> None:
    entries = outcome.summary["requirements"]
    open_ones = [name for name, requirement in load().requirements.items() if requirement.level == "O"]
    assert open_ones
    assert not [name for name in open_ones if not entries[name].get("observations")]


def test_every_test_comes_to_a_judgement(outcome: Outcome) -> None:
    assert {str(test.verdict) for test in outcome.record.tests.values()} == {"PASS", "OBSERVED"}


def test_nothing_happens_to_the_bench(outcome: Outcome) -> None:
    assert outcome.record.complete
    assert not [incident for incident in outcome.record.incidents if not incident.recovered]


def test_the_record_is_as_its_schema_says(outcome: Outcome) -> None:
    # Of each shape of event a few: all of them would take as long as the run itself.
    validator = Draft202012Validator(json.loads((ROOT / "reports" / "record.schema.json").read_text("utf-8")))
    alike: defaultdict[str, list[Any]] = defaultdict(list)
    for line in (outcome.run_dir / "record.jsonl").read_text("ascii").splitlines():
        event = json.loads(line)
        alike[repr([(name, type(value)) for name, value in event.items()])].append(event)
    problems = [
        error.message for events in alike.values() for event in events[:50] for error in validator.iter_errors(event)
    ]
    assert len(alike) > 20
    assert not problems


def test_every_command_that_the_manual_knows_has_its_latency(outcome: Outcome) -> None:
    marks = {Form.QUERY: "?", Form.SET: "=", Form.TEST: "=?", Form.EXECUTE: ""}
    kinds = [f"AT{command.name}{marks[form]}" for command in load().commands.values() for form in command.forms]
    assert list(latencies(outcome.record)) == [*kinds, "AT", "other"]
    assert list(outcome.summary["latency"]) == [*kinds, "AT", "other"]
    for latency in outcome.summary["latency"].values():
        assert 0 < latency["p25"] <= latency["median"] <= latency["p75"] <= latency["p95"] <= latency["max"]
        assert 0 < latency["first_byte"] <= latency["max"]


def test_the_time_budget_accounts_for_the_whole_run(outcome: Outcome) -> None:
    budget = time_budget(outcome.record)
    assert budget.total == pytest.approx(outcome.record.seconds)
    assert budget.line == 0
    assert min(budget.power, budget.module, budget.network, budget.bench) > 0
    assert sum(outcome.summary["time_budget"].values()) == pytest.approx(outcome.summary["seconds"], abs=0.001)
