"""The search for harmful lines, on firmware that is known to be weak: every cause is told, and can be shown again."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.grammar import CLASSES
from conformance.reproducer import Reproducer, read_reproducer
from conformance.tried import Symptom
from tests.fixtures.runs import Outcome, run

pytestmark = pytest.mark.xdist_group("search-on-the-simulator")
TEST = "conformance/test_robustness.py::test_any_command_line_gets_a_final_result_and_changes_nothing_it_should_not"
WEAK = ("--fault", "commas-overwrite-memory", "--fault", "nameless-command-restarts")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(tmp_path_factory.mktemp("weak"), TEST, *WEAK)


@pytest.fixture(scope="module")
def reproducers(found: Outcome) -> dict[Symptom, tuple[Path, Reproducer]]:
    files = sorted((found.run_dir / "reproducers").iterdir())
    cases = {path: read_reproducer(path) for path in files}
    return {case.symptom: (path, case) for path, case in cases.items()}


def test_both_causes_are_told_by_one_run(found: Outcome) -> None:
    assert found.verdicts == {"FZ-01": "DEVIATION"}
    told = [finding.observed for finding in found.record.findings if finding.verdict == "DEVIATION"]
    assert any("+ALYDEVICENAME: / OK" in text for text in told)
    assert any("restarted by itself" in text for text in told)
    assert all("shown again by pytest --replay reproducers/" in text for text in told)


def test_the_reproducers_are_as_short_as_it_goes(reproducers: dict[Symptom, tuple[Path, Reproducer]]) -> None:
    assert {Symptom.CHANGED, Symptom.RESTART} == {*reproducers}
    _, changed = reproducers[Symptom.CHANGED]
    assert len(changed.lines) == 1
    assert changed.lines[0].data.count(b",") == 17
    _, restarted = reproducers[Symptom.RESTART]
    assert [tried.data for tried in restarted.lines] in ([b"AT+"], [b"AT+="], [b"AT+?"])


@pytest.mark.parametrize("symptom", [Symptom.CHANGED, Symptom.RESTART])
def test_a_reproducer_tells_weak_firmware_from_mended(
    reproducers: dict[Symptom, tuple[Path, Reproducer]], tmp_path: Path, symptom: Symptom
) -> None:
    path, _ = reproducers[symptom]
    weak = run(tmp_path / "weak", "--replay", str(path), *WEAK)
    mended = run(tmp_path / "mended", "--replay", str(path))
    assert (weak.exit_status, weak.verdicts["FZ-01"]) == (0, "DEVIATION")
    assert (mended.exit_status, mended.verdicts["FZ-01"]) == (0, "PASS")


def test_a_file_that_was_cut_short_is_a_usage_error(
    reproducers: dict[Symptom, tuple[Path, Reproducer]], tmp_path: Path
) -> None:
    path = tmp_path / "cut.json"
    path.write_bytes(reproducers[Symptom.CHANGED][0].read_bytes()[:200])
    refused = run(tmp_path, "--replay", str(path)).usage_error
    assert refused.endswith("no JSON, or cut short: take the file as the run wrote it")
    assert run(tmp_path, "--findings", str(tmp_path)).usage_error.startswith(f"ERROR: --findings {path}: ")


def test_a_right_module_is_sent_a_line_of_every_class_and_nothing_is_found(tmp_path: Path) -> None:
    right = run(tmp_path, TEST)
    assert right.exit_status == 0, right.output
    assert right.verdicts == {"FZ-01": "PASS"}
    efforts = {effort["what"]: effort for effort in right.summary["requirements"]["FZ-01"]["effort"]}
    assert efforts["line-classes"]["done"] == efforts["line-classes"]["planned"] == len(CLASSES)
    assert efforts["session-lines"]["done"] * 3 >= len(CLASSES)
    assert not (right.run_dir / "reproducers").exists()
