"""FZ-02's sequences against seeded faults: each is caught, under the requirement that its step breaks as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.runs import run

SEQUENCES = ("conformance/test_robustness.py", "-k", "sequence_of_commands")


@pytest.mark.parametrize(
    ("fault", "verdicts"),
    [
        ("cross-talk-ds", {"FZ-02": "DEVIATION", "ID-05-DS": "FAIL"}),
        ("never-clean", {"FZ-02": "DEVIATION", "MC-06": "FAIL"}),
    ],
)
def test_a_fault_is_told_of_under_what_it_breaks(tmp_path: Path, fault: str, verdicts: dict[str, str]) -> None:
    outcome = run(tmp_path / "run", "--fault", fault, "--sequences", "10", *SEQUENCES, "--lang", "en")
    assert outcome.verdicts == verdicts, outcome.output


def test_another_seed_draws_other_sequences(tmp_path: Path) -> None:
    runs = [run(tmp_path / seed, "--sequences", "4", "--sequence-seed", seed, *SEQUENCES) for seed in ("1", "2")]
    one, two = (
        [event.data["command"].split("=")[0] for event in outcome.record.events if event.kind == "exchange"]
        for outcome in runs
    )
    assert one != two


def test_the_number_of_sequences_is_what_was_asked_for(tmp_path: Path) -> None:
    outcome = run(tmp_path / "run", "--sequences", "3", *SEQUENCES)
    efforts = [finding.effort for finding in outcome.record.findings if finding.effort is not None]
    assert [(effort.planned, effort.done) for effort in efforts] == [(3, 3)]
