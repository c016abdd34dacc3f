"""The whole suite on the faultless simulator: every requirement is exercised, and none is found broken."""

from __future__ import annotations

import pytest

from conformance.catalogue import Form, load
from reports.timing import latencies, time_budget
from tests.fixtures.runs import Outcome, run

# The run is shared, so the tests have to stay in one process.
pytestmark = pytest.mark.xdist_group("whole-suite")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(tmp_path_factory.mktemp("whole") / "run")


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
