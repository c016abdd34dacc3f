"""``python -m reports show`` and ``certify``: the story of a run in the terminal, and what it lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.i18n import Lang
from reports.record import RunRecord
from reports.show.story import Story

SILENT = "conformance/test_network.py::test_silent"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["show", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_of_a_run_what_failed_comes_first(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, str(run_dir), "--lang=en")
    assert "Firmware: ML302_V1.0.7" in lines
    assert "Verdict: DEVIATION" in lines
    assert f"DEVIATION NW-01 #18 {SILENT}" in lines
    assert told(capsys, str(run_dir / "record.jsonl"), "--lang=en") == lines, "the record itself may be named"
    assert "判定：DEVIATION" in told(capsys, str(run_dir), "--lang=zh")


@pytest.mark.parametrize("name", [SILENT, "test_silent", "silent"])
def test_a_test_is_named_by_any_part_that_is_its_own(
    run_dir: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told(capsys, str(run_dir), name, "--lang=en")
    assert lines[0] == f"{SILENT}: DEVIATION"
    assert any(" > " in line for line in lines), "what was sent"
    (head,) = [index for index, line in enumerate(lines) if line.startswith("DEVIATION NW-01")]
    assert [line.strip().partition(":")[0] for line in lines[head + 1 : head + 3]] == ["Expected", "Observed"]
    assert lines[-1].startswith(f"Again: pytest {SILENT}")


def test_a_requirement_tells_its_text_and_who_judged_it(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, str(run_dir), "NW-01", "--lang=en")
    requirement = RunRecord.load(run_dir / "record.jsonl").requirements["NW-01"]
    assert lines[0] == f"NW-01 ({requirement.level.value}) DEVIATION: {requirement.en}"
    assert f"  {SILENT}" in lines
    assert requirement.zh in told(capsys, str(run_dir), "NW-01", "--lang=zh")[0]


def test_an_event_is_told_whole_with_what_stands_around_it(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = RunRecord.load(run_dir / "record.jsonl")
    event = next(event for event in record.events if event.kind == "serial")
    lines = told(capsys, str(run_dir), str(event.seq), "--lang=en")
    (at,) = [index for index, line in enumerate(lines) if line.startswith(f"> #{event.seq} ")]
    assert f"    hex: {event.data['data'].encode('latin-1').hex(' ')}" in lines
    assert at > 0
    assert all(line.startswith("  #") for line in lines[:at])


@pytest.mark.parametrize(
    ("about", "problem"),
    [
        ("nosuch", "no test, requirement or event of this run is named 'nosuch'"),
        ("test_", "names 2 tests: conformance/test_framing.py::test_answered"),
        ("99999", "no event 99999: the last one is "),
    ],
)
def test_what_is_not_there_is_one_line(
    run_dir: Path, about: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(run_dir), about]) == 4
    printed = capsys.readouterr()
    assert problem in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out


def test_a_run_that_died_is_told_as_such(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = run_dir / "record.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert "This run died: its record has no footer." in told(capsys, str(run_dir), "--lang=en")


def test_no_byte_of_the_module_reaches_the_terminal_as_it_was(
    run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for about in ([], ["silent"], ["test_answered"], ["NW-01"], *([str(number)] for number in range(20))):
        for line in told(capsys, str(run_dir), *about):
            assert line.isprintable(), line


def test_lines_are_cut_and_coloured_where_it_is_asked_for(run_dir: Path) -> None:
    record = RunRecord.load(run_dir / "record.jsonl")
    assert max(map(len, Story(record, Lang.EN, width=40).tell(None))) == 40
    assert any("\x1b[33mDEVIATION\x1b[0m" in line for line in Story(record, Lang.EN, colour=True).tell(None))


def test_what_a_run_lacks_for_a_certificate(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in run_dir.iterdir())
    assert main(["certify", str(run_dir), "--lang=en"]) == 6
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["  selection: a part of the suite was run", "Missing for a certificate: 1"]
    assert sorted(path.name for path in run_dir.iterdir()) == before, "it writes nothing"


def test_a_run_of_the_whole_suite_is_not_called_a_part(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = run_dir / "record.jsonl"
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()][:-1]
    for event in events:
        if event["kind"] == "catalogue":
            event["whole"] = True
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
    main(["certify", str(run_dir), "--lang=en"])
    assert "a part of the suite was run" not in capsys.readouterr().out
