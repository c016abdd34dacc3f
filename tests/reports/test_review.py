"""``python -m reports review``: decisions of a person, kept whole, bound to one record, and no verdict changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.events import RecordError
from reports.review import Decision, ItemReview, ReviewOfAnother, load_review
from tests.reports.evidence import change_record, write_evidence


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """Its items to review are FMT-04 (OBSERVED) and NW-01 (DEVIATION)."""
    return write_evidence(tmp_path / "run")


def review(run_dir: Path, *options: str) -> int:
    return main(["review", str(run_dir), *options])


def answer(monkeypatch: pytest.MonkeyPatch, *answers: str | type[BaseException]) -> list[str]:
    """Sit at the terminal and give these answers; returns the questions that were asked."""
    script: Iterator[str | type[BaseException]] = iter(answers)
    asked: list[str] = []

    def reply(question: str) -> str:
        asked.append(question)
        given = next(script)
        if isinstance(given, str):
            return given
        raise given

    monkeypatch.setattr("builtins.input", reply)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    return asked


def test_a_run_that_nobody_reviewed_has_no_review(run_dir: Path) -> None:
    assert load_review(run_dir) is None


def test_the_options_fill_the_review(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    options = ["--reviewer", "QA lab", "--decision", "accepted", "--remark", "as before"]
    assert review(run_dir, *options, "--item", "FMT-04=accepted:one space: fine", "--item", "NW-01=rejected") == 0
    found = load_review(run_dir)
    assert found is not None
    assert (found.reviewer, found.decision, found.remark) == ("QA lab", Decision.ACCEPTED, "as before")
    assert found.items == {
        "FMT-04": ItemReview(Decision.ACCEPTED, "one space: fine"),
        "NW-01": ItemReview(Decision.REJECTED),
    }
    document = json.loads((run_dir / "review.json").read_text("utf-8"))
    assert list(document) == ["schema", "reviewer", "decision", "date", "remark", "items", "record_sha256"]
    assert document["record_sha256"] == hashlib.sha256((run_dir / "record.jsonl").read_bytes()).hexdigest()
    assert capsys.readouterr().out.splitlines() == [
        "FMT-04     OBSERVED     accepted  one space: fine",
        "NW-01      DEVIATION    rejected",
        "2 of 2 items decided; the run: accepted by QA lab (as before)",
    ]


def test_a_later_decision_replaces_an_earlier_one_and_keeps_the_rest(run_dir: Path) -> None:
    review(run_dir, "--reviewer", "QA lab", "--item", "FMT-04=accepted")
    review(run_dir, "--item", "FMT-04=rejected:on second thought")
    found = load_review(run_dir)
    assert found is not None
    assert found.reviewer == "QA lab"
    assert found.decision is None
    assert found.items == {"FMT-04": ItemReview(Decision.REJECTED, "on second thought")}


def test_a_review_changes_no_verdict(run_dir: Path) -> None:
    before = (run_dir / "summary.json").read_bytes()
    review(run_dir, "--decision", "rejected", "--item", "NW-01=rejected")
    assert main(["summary", str(run_dir)]) == 0
    assert (run_dir / "summary.json").read_bytes() == before


def test_the_report_is_made_again(run_dir: Path) -> None:
    (run_dir / "report.html").write_text("old")
    review(run_dir, "--decision", "accepted")
    assert (run_dir / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_review_becomes_part_of_the_bundle(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review(run_dir, "--reviewer", "Li\x1b[1m Wei", "--decision", "rejected")
    assert main(["bundle", str(run_dir)]) == 0
    capsys.readouterr()
    assert main(["verify", str(run_dir / "bundle.zip")]) == 0
    assert "; review rejected by Li\\x1b[1m Wei; unsigned" in capsys.readouterr().out


FILES = {
    "r.toml": 'reviewer = "质检室"\ndecision = "accepted"\n[items.FMT-04]\ndecision = "accepted"\nremark = "ok"\n',
    "r.json": '{"reviewer": "质检室", "decision": "accepted",'
    ' "items": {"FMT-04": {"decision": "accepted", "remark": "ok"}}}',
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_fills_the_review(run_dir: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name], "utf-8")
    assert review(run_dir, "--from", str(tmp_path / name), "--decision", "rejected") == 0
    found = load_review(run_dir)
    assert found is not None
    assert (found.reviewer, found.decision) == ("质检室", Decision.REJECTED)
    assert found.items == {"FMT-04": ItemReview(Decision.ACCEPTED, "ok")}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("r.txt", "", "a .toml or .json file is expected"),
        ("r.toml", None, "cannot be read: No such file or directory"),
        ("r.toml", "decision = ", "cannot be read: Invalid value"),
        ("r.json", "[]", "the file: a table (an object of JSON) is expected"),
        ("r.json", "[" * 100_000, "cannot be read"),
        ("r.toml", "reviwer = 'x'", "reviwer: unknown; known are decision, items, remark, reviewer"),
        ("r.toml", "reviewer = 7", "reviewer: a text is expected"),
        ("r.toml", "decision = 'yes'", "decision: accepted or rejected is expected"),
        ("r.toml", "items = 1", "items: a table (an object of JSON) is expected"),
        ("r.toml", "items.FMT-04.remark = 'x'", "items.FMT-04.decision: accepted or rejected is expected"),
        ("r.toml", "items.FMT-04.why = 'x'", "items.FMT-04.why: unknown; known are decision, remark"),
        ("r.toml", "items.FMT-01.decision = 'accepted'", "'FMT-01' is no item to review in this run"),
    ],
)
def test_a_bad_file_is_one_line_and_exit_4(
    run_dir: Path, tmp_path: Path, name: str, content: str | None, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    capsys.readouterr()
    assert review(run_dir, "--from", str(path)) == 4
    error = capsys.readouterr().err
    assert error.startswith(f"{path}: ")
    assert complaint in error
    assert error.count("\n") == 1
    assert not (run_dir / "review.json").exists()


@pytest.mark.parametrize(
    ("item", "complaint"),
    [
        ("FMT-01=accepted", "--item: 'FMT-01' is no item to review in this run; its items are FMT-04, NW-01"),
        ("ZZ-9=accepted", "'ZZ-9' is no item to review"),
        ("FMT-04", "ID=accepted or ID=rejected is expected"),
        ("FMT-04=maybe", "ID=accepted or ID=rejected is expected"),
        ("\x1b=accepted", "'\\x1b' is no item to review"),
    ],
)
def test_a_bad_item_is_one_line_and_exit_4(
    run_dir: Path, item: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert review(run_dir, "--item", "FMT-04=accepted", "--item", item) == 4
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert not (run_dir / "review.json").exists()


def test_nothing_to_record_is_one_line_and_exit_4(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    capsys.readouterr()
    assert review(run_dir) == 4
    assert capsys.readouterr().err.startswith("review: nothing to record: give --reviewer")


def test_show_only_shows(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert review(run_dir, "--show") == 0
    assert capsys.readouterr().out.endswith("0 of 2 items decided; the run: undecided by nobody named\n")
    assert not (run_dir / "review.json").exists()


def test_it_asks_for_each_item_and_then_for_the_whole(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answer(monkeypatch, "?", "a", "one space", "R", "", "QA lab", "a", "fine")
    assert review(run_dir) == 0
    found = load_review(run_dir)
    assert found is not None
    assert found.items == {"FMT-04": ItemReview(Decision.ACCEPTED, "one space"), "NW-01": ItemReview(Decision.REJECTED)}
    assert (found.reviewer, found.decision, found.remark) == ("QA lab", Decision.ACCEPTED, "fine")
    assert len(asked) == 8
    shown = capsys.readouterr().out
    assert "[1/2] FMT-04 OBSERVED: Text of FMT-04." in shown
    assert '{"space": true}' in shown


@pytest.mark.parametrize("end", [KeyboardInterrupt, EOFError])
def test_breaking_off_loses_nothing_and_the_next_time_goes_on(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    answer(monkeypatch, "a", "first", end)
    assert review(run_dir) == 130
    found = load_review(run_dir)
    assert found is not None
    assert found.items == {"FMT-04": ItemReview(Decision.ACCEPTED, "first")}
    asked = answer(monkeypatch, "r", "second", "", "l")
    assert review(run_dir) == 0
    found = load_review(run_dir)
    assert found is not None
    assert list(found.items) == ["FMT-04", "NW-01"]
    assert found.decision is None
    assert len(asked) == 4


def test_quitting_and_skipping_keep_what_there_is(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "s", "q")
    assert review(run_dir) == 0
    assert not (run_dir / "review.json").exists()


def test_a_review_of_another_record_is_refused(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review(run_dir, "--decision", "accepted")
    change_record(run_dir, lambda events: events[0].update(host="another"))
    with pytest.raises(ReviewOfAnother):
        load_review(run_dir)
    capsys.readouterr()
    assert review(run_dir, "--decision", "rejected") == 4
    assert "a review of another record, not of the one beside it" in capsys.readouterr().err


def _document(**changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "reviewer": "",
        "decision": None,
        "date": "",
        "remark": "",
        "items": {},
        "record_sha256": "",
        **changes,
    }


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (_document(schema=2), "review schema 2; this suite reads schema 1"),
        (_document(schema="1"), "schema: 1 is expected"),
        (_document(more=1), "more: unknown"),
        ({"schema": 1}, "date is missing"),
        (_document(decision="maybe"), "decision: accepted or rejected is expected"),
        (_document(items={"FMT-04": {}}), "items.FMT-04.decision: accepted or rejected is expected"),
    ],
)
def test_a_review_that_is_none_is_one_line(run_dir: Path, document: dict[str, Any], complaint: str) -> None:
    (run_dir / "review.json").write_text(json.dumps(document))
    with pytest.raises(RecordError, match=complaint):
        load_review(run_dir)
