"""``python -m reports show`` and ``certify``: the story of a run in the terminal, and what it lacks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.i18n import Lang
from reports.record import RunRecord
from reports.show.story import Story
from tests.reports.evidence import rebuild, write_keys

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


HOSTILE = "V1\x1b]0;owned\x07\x1b[31m\x00FAIL\x00"


@pytest.mark.parametrize("colour", [False, True])
def test_names_that_hold_terminal_codes_are_told_as_escapes(run_dir: Path, colour: bool) -> None:
    record = RunRecord.load(run_dir / "record.jsonl")
    events = [
        replace(event, data={**event.data, "revision": HOSTILE}) if event.kind == "module" else event
        for event in record.events
    ]
    rig = {**record.rig, "name": HOSTILE}
    events[0] = replace(events[0], data={**events[0].data, "rig": rig})
    lines = [*Story(RunRecord(record.path, tuple(events), False), Lang.EN, colour=colour).tell(None)]
    assert any(r"V1\x1b]0;owned\x07" in line for line in lines)
    assert all(re.sub(r"\x1b\[\d+m", "", line).isprintable() for line in lines)
    assert not any("\x1b]" in line or "\x1b[31mFAIL" in line for line in lines)


def test_a_line_is_cut_by_columns_and_no_colour_leaks(run_dir: Path) -> None:
    record = RunRecord.load(run_dir / "record.jsonl")
    for width in range(12, 60):
        for line in Story(record, Lang.ZH, width, colour=True).tell("NW-01"):
            assert line.count("\x1b[") in (0, 2), "what is painted is ended"
            shown = re.sub(r"\x1b\[\d+m", "", line)
            assert sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in shown) <= width


def test_a_terminal_that_knows_ascii_only_gets_escapes(run_dir: Path) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "reports", "show", str(run_dir), "--lang=zh"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert r"\u5224\u5b9a" in done.stdout


def test_a_strict_run_is_told_as_one(run_dir: Path) -> None:
    record = RunRecord.load(run_dir / "record.jsonl")
    events = (replace(record.events[0], data={**record.events[0].data, "strict": True}), *record.events[1:])
    lines = [*Story(RunRecord(record.path, events, False), Lang.EN).tell(None)]
    assert any(line.startswith("FAIL NW-01") for line in lines)


def test_a_bundle_tells_the_same_as_the_run_that_it_was_made_of(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rebuild(run_dir)
    key, _, _ = write_keys(tmp_path)
    bundle = tmp_path / "run.zip"
    assert main(["bundle", str(run_dir), "--key", str(key), "--output", str(bundle)]) == 0
    capsys.readouterr()
    assert told(capsys, str(bundle), "--lang=en") == told(capsys, str(run_dir), "--lang=en")
    assert main(["certify", str(bundle)]) == main(["certify", str(run_dir)])


@pytest.mark.parametrize(
    ("name", "offered"),
    [("NW-1", "NW-01"), ("nw-01", "NW-01"), ("test_silnt", "test_silent")],
)
def test_for_a_name_that_nothing_has_those_that_are_near_are_offered(
    run_dir: Path, name: str, offered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(run_dir), name]) == 4
    said = capsys.readouterr().err
    assert f"is named '{name}': perhaps " in said
    assert offered in said


def test_everything_is_told_where_it_is_asked_for(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = RunRecord.load(run_dir / "record.jsonl")
    lines = told(capsys, str(run_dir), "--all", "--lang=en")
    assert {f"{test.nodeid}: {test.verdict}" for test in record.tests.values()} <= set(lines)
    kept = next(finding for finding in record.findings if finding.verdict == "PASS")
    (line,) = (
        line
        for line in told(capsys, str(run_dir), str(kept.requirement), "--all", "--lang=en")
        if f"#{kept.seq} " in line
    )
    assert line.strip().startswith("PASS ")
    assert line.endswith(f" -- {kept.in_both.observed.en}")
