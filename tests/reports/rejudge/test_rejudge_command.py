"""The command over many runs: what is read, what is told, in which language, and with which exit status."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import select
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.record import RunRecord
from tests.fixtures.runs import ROOT, Outcome
from tests.reports.rejudge.small_run import Judged, catalogue, changed, entry, refused, rejudged, within, write

LATE = Judged("FMT-01", "FAIL", within(), seconds=12.0)
LENIENT = changed(lambda today: entry(today, "bounds", "answer_seconds").update(value=15))


def export(place: Path, today: object) -> str:
    path = place / "catalogue.json"
    path.write_text(today if isinstance(today, str) else json.dumps(today), "utf-8")
    return str(path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def bundle(run_dir: Path) -> Path:
    path = run_dir.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.write(run_dir / "record.jsonl", "record.jsonl")
    return path


def test_what_came_out_is_told_with_its_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = [LATE, Judged("FMT-01", "FAIL", within(), seconds=13.5)]
    open_one = Judged("FMT-04", "OBSERVED")

    def change(today: Any) -> None:
        entry(today, "bounds", "answer_seconds").update(value=15)
        entry(today, "requirements", "FMT-04").update(level="M")
        today["requirements"].append({**entry(today, "requirements", "FMT-01"), "id": "FMT-98"})

    run = write(tmp_path / "run", *late, open_one)
    rejudged(tmp_path, changed(change), run)
    lines = capsys.readouterr().out.splitlines()
    started = RunRecord.load(run / "record.jsonl").started[:19].replace("T", " ")
    assert lines == [
        f"Judged by catalogue {sha256(tmp_path / 'catalogue.json')[:12]}: {tmp_path}/catalogue.json",
        f"{run}: lab-07, firmware ML302_V1.0.7, {started}: FAIL -> NOT PROVEN; 2 of 3 judged anew, 3 otherwise",
        "  FMT-01 FAIL -> PASS",
        "    bound answer_seconds 10 -> 15: 12.000-13.500 s measured (2 judgements)",
        "  FMT-04 OBSERVED -> INCONCLUSIVE, not proven",
        "    level O -> M",
        "    recorded in words while it was open, which do not tell whether it was kept",
        "  FMT-98 none -> NOT TESTED",
        "    new: the run has nothing on it",
        "  not anew: 1 told in words only, 0 whose evidence is masked",
    ]


def test_it_is_told_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write(tmp_path / "run", LATE)
    assert main(["rejudge", str(run), "--catalogue", export(tmp_path, LENIENT), "--lang", "zh"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].endswith("：FAIL -> PASS；1 项判定中 1 项重新作出，1 项有变化")
    assert lines[2:] == ["  FMT-01 FAIL -> PASS", "    界限 answer_seconds 10 -> 15：实测 12.000 s"]


def test_contradictions_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lies = [Judged("FMT-01", "PASS", within(), seconds=12.0) for _ in range(7)]
    wrong = Judged("ID-03", "PASS", within(60), seconds=12.0)
    run = write(tmp_path / "run", *lies, wrong, footer="PASS")
    rejudged(tmp_path, catalogue(), run)
    told = [line for line in capsys.readouterr().out.splitlines() if "contradicts" in line or "more" in line]
    rests = "says PASS for FMT-01, and what it rests on gives FAIL"
    assert told[0].startswith("  the record contradicts itself: event ")
    assert sum(rests in line for line in told) == 5
    assert told[5] == "  and 2 more of this kind"
    assert told[6].endswith("judges ID-03 by answer_seconds, which its catalogue has otherwise")


@pytest.mark.parametrize("form", [lambda run: run, lambda run: run / "record.jsonl", bundle])
def test_a_run_may_be_a_directory_a_record_or_a_bundle(tmp_path: Path, form: Callable[[Path], Path]) -> None:
    place = form(write(tmp_path / "run", LATE))
    (run,) = rejudged(tmp_path, LENIENT, place)["runs"]
    assert (run["path"], run["verdict"]["now"]) == (str(place), "PASS")


def broken(place: Path) -> dict[Path, str]:
    """Inputs that are none, and what is said of each."""
    garbage, cut, hollow = place / "garbage", write(place / "cut", LATE), place / "hollow.zip"
    garbage.mkdir()
    (garbage / "record.jsonl").write_bytes(b"no json\n")
    lines = (cut / "record.jsonl").read_bytes().splitlines(keepends=True)
    (cut / "record.jsonl").write_bytes(b"".join(lines[:5] + lines[6:]))
    with zipfile.ZipFile(hollow, "w") as container:
        container.writestr("summary.json", "{}")
    (place / "empty").mkdir()
    (place / "no.zip").write_bytes(b"no zip")
    strange = write(
        place / "strange", Judged("FMT-01", "PASS", fields=(("expectation", {"check": "holds"}),)), footer=None
    )
    return {
        write(place / "old", LATE, schema=1): "record schema 1 does not tell what was expected as data",
        write(place / "newer", LATE, schema=2): "",
        place / "nothing": "no run directory and no bundle",
        garbage: "line 1 is no event of a run record",
        cut: "line 6 carries sequence number 6, not 5",
        hollow: "it holds no record.jsonl",
        place / "empty": "no run record to read",
        place / "no.zip": "File is not a zip file",
        strange: "of a kind that this suite does not know",
    }


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_cannot_be_judged_is_told_in_a_line_and_the_others_go_on(
    tmp_path: Path, jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = broken(tmp_path)
    words = ["rejudge", *map(str, inputs), "--catalogue", export(tmp_path, LENIENT), "--jobs", jobs]
    assert main([*words, "--json", str(tmp_path / "out.json")]) == 4
    said = capsys.readouterr()
    complaints = {path: problem for path, problem in inputs.items() if problem}
    assert len(said.err.splitlines()) == len(complaints)
    for line, (path, problem) in zip(said.err.splitlines(), complaints.items(), strict=True):
        assert str(path) in line
        assert problem in line
    assert "1 of 9 runs otherwise, 8 not judged" in said.out
    told = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert [run["verdict"]["now"] for run in told["runs"]] == ["PASS"]
    assert [item["path"] for item in told["not_judged"]] == list(map(str, complaints))


def test_many_runs_are_told_in_their_order_by_however_many_processes(tmp_path: Path) -> None:
    runs = [write(tmp_path / f"run-{number:02}", *[LATE] * (1 + number % 3)) for number in range(12)]
    alone = rejudged(tmp_path, LENIENT, *runs)
    words = ["rejudge", *map(str, runs), "--catalogue", export(tmp_path, LENIENT), "--jobs", "3"]
    assert main([*words, "--json", str(tmp_path / "out.json")]) == 1
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == alone
    assert [run["path"] for run in alone["runs"]] == list(map(str, runs))


def test_the_same_run_is_judged_once(tmp_path: Path) -> None:
    run = write(tmp_path / "run", LATE)
    (tmp_path / "latest").symlink_to(run)
    told = rejudged(tmp_path, LENIENT, run, tmp_path / "latest", run)
    assert [item["path"] for item in told["runs"]] == [str(run)]


def test_a_run_that_ended_before_it_had_a_catalogue_has_nothing_to_judge(tmp_path: Path) -> None:
    run = write(tmp_path / "run", footer=None)
    lines = (run / "record.jsonl").read_bytes().splitlines(keepends=True)
    (run / "record.jsonl").write_bytes(lines[0])
    (told,) = rejudged(tmp_path, LENIENT, run, status=0)["runs"]
    assert told["verdict"] == {"then": "BENCH ERROR", "now": "BENCH ERROR", "footer": None}


@pytest.mark.parametrize(
    ("today", "complaint"),
    [
        ("no json", "no JSON"),
        ("[]", "a JSON object was expected"),
        ({}, "it has no 'requirements'"),
        ({"requirements": [{"id": "FMT-01"}]}, "requirements: FMT-01: lacks 'section'"),
        (changed(lambda it: it["requirements"][0].update(level="X")), "requirements: FMT-01: 'X' is not a valid Level"),
        (
            changed(lambda it: it["bounds"][0].update(value="5")),
            "bounds: answer_seconds: the bound answer_seconds",
        ),
        (changed(lambda it: it["code_rules"][0].update(codes=[[1, "2"]])), "code_rules: wrong-parameter: codes are"),
        (changed(lambda it: it["ambiguities"][0].update(breach="BAD")), "ambiguities: AMB-01: 'BAD' is not a valid"),
    ],
)
def test_a_catalogue_that_is_none_is_told(
    tmp_path: Path, today: object, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = export(tmp_path, today)
    assert main(["rejudge", str(write(tmp_path / "run", LATE)), "--catalogue", path]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert path in line
    assert complaint in line


def test_a_catalogue_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rejudge", str(tmp_path), "--catalogue", str(tmp_path / "no.json")]) == 4
    assert capsys.readouterr().err == f"--catalogue {tmp_path}/no.json: cannot be read: No such file or directory\n"


def test_without_an_installed_suite_a_catalogue_has_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("reports.rejudge.today.entry_points", lambda group: ())
    assert main(["rejudge", str(tmp_path)]) == 4
    assert "no installed suite brings a catalogue" in capsys.readouterr().err
    broken_one = importlib.metadata.EntryPoint("suite", "no_such_module:to_record", "group")
    monkeypatch.setattr("reports.rejudge.today.entry_points", lambda group: (broken_one,))
    assert main(["rejudge", str(tmp_path)]) == 4
    assert "the catalogue of the installed suite: No module named 'no_such_module'" in capsys.readouterr().err


def test_the_suite_exports_what_it_judges_by(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "conformance.catalogue"], cwd=ROOT, capture_output=True, check=True)
    run = write(tmp_path / "run", Judged("ID-03", "PASS", refused("wrong-parameter"), "+CME ERROR: 708"))
    told = []
    for words in ([], ["--catalogue", export(tmp_path, done.stdout.decode("ascii"))]):
        main(["rejudge", str(run), *words, "--json", str(tmp_path / "out.json")])
        told.append(json.loads((tmp_path / "out.json").read_text("utf-8")))
    assert told[0]["runs"] == told[1]["runs"]
    assert told[0]["catalogue"] == json.loads(done.stdout)["hash"]
    assert told[1]["catalogue"] == sha256(tmp_path / "catalogue.json")
    assert "that of the installed suite" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["0", "-1", "many"])
def test_a_number_of_processes_that_is_none_is_told(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rejudge", "run", "--jobs", word])
    assert "is no number of processes" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for processes that are not its own, as Linux does")
def test_whoever_judges_ends_with_the_command(tmp_path: Path) -> None:
    """However it is ended: its processes wait for work that never comes."""
    runs = [str(write(tmp_path / f"run-{number}", LATE)) for number in range(200)]
    words = ["-m", "reports", "rejudge", *runs, "--catalogue", export(tmp_path, LENIENT), "--jobs", "2"]
    with subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE) as command:
        assert command.stdout is not None
        for _ in range(3):
            command.stdout.readline()
        children = Path(f"/proc/{command.pid}/task/{command.pid}/children").read_text("ascii").split()
        # Readable once the process has ended.
        ends = [os.pidfd_open(int(pid)) for pid in children]
        command.send_signal(signal.SIGKILL)
    try:
        assert ends
        for end in ends:
            assert select.select([end], [], [], 60)[0], "a process that judges has outlived the command"
    finally:
        for end in ends:
            os.close(end)


@pytest.mark.xdist_group("whole-suite")
def test_a_whole_run_comes_out_as_it_was_and_names_all_that_it_rests_on(whole_run: Outcome, tmp_path: Path) -> None:
    assert main(["rejudge", str(whole_run.run_dir), "--json", str(tmp_path / "out.json")]) == 0
    (run,) = json.loads((tmp_path / "out.json").read_text("utf-8"))["runs"]
    assert run["verdict"]["then"] == run["verdict"]["now"] == whole_run.summary["verdict"]
    reach = run["judgements"]
    told = whole_run.summary["judgements"]
    assert (reach["all"], reach["again"]) == (told["all"], told["again"])
    assert (reach["unnamed"], reach["unknown"], reach["otherwise"]) == (0, 0, 0)
    steps = [effort["what"] for it in whole_run.summary["requirements"].values() for effort in it.get("effort", ())]
    assert 0 < reach["counts_unnamed"] < reach["counts"]
    assert {"sequences", "generated-lines", "character-texts", "messages", "payload-sizes"} <= {*steps}
    # Another bound, another rule and another least number change what they decide.
    today = json.loads(json.dumps(_todays()))
    # No answer is that quick, whatever its line takes.
    entry(today, "bounds", "answer_seconds")["value"] = -10
    for name in ("least_sequences", "least_character_texts", "least_messages"):
        entry(today, "bounds", name)["value"] = 100_000
    entry(today, "code_rules", "not-open")["codes"] = [[799, 799]]
    (tmp_path / "today.json").write_text(json.dumps(today), "utf-8")
    words = ["rejudge", str(whole_run.run_dir), "--catalogue", str(tmp_path / "today.json")]
    assert main([*words, "--json", str(tmp_path / "out.json")]) == 1
    (run,) = json.loads((tmp_path / "out.json").read_text("utf-8"))["runs"]
    told = {name: outcome["now"] for name, outcome in run["requirements"].items()}
    assert told.items() >= {"CL-03": "DEVIATION", "SU-03": "FAIL", "FZ-01": "DEVIATION", "FZ-02": "DEVIATION"}.items()
    assert {told.get(name) for name in ("ID-01-DN", "PU-01")} == {"INCONCLUSIVE"}


def _todays() -> object:
    (found,) = importlib.metadata.entry_points(group="ml302_conformance.catalogue")
    return found.load()()
