"""Reproducers: what is written is read again, and a file that is anything else is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reproducer import (
    FORMAT,
    VERSION,
    Reproducer,
    ReproducerError,
    folder_of,
    read_all,
    read_findings,
    read_reproducer,
    regressions,
)
from conformance.tried import Symptom, Tried

CASE = Reproducer(
    Symptom.SILENCE,
    "a final result code",
    True,
    (Tried(b'AT+ALYDEVICENAME="\x00\xff', "ALYDEVICENAME=", "NUL"), Tried(b"AT", "half", "pause", True, True)),
    "c" * 64,
    "R1",
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = CASE.write(tmp_path / "made" / "now")
    assert path.name == CASE.name
    assert read_reproducer(path) == CASE
    assert CASE.write(tmp_path / "made" / "now") == path
    assert read_all(path.parent, "--findings") == [CASE]


def test_its_lines_can_be_typed() -> None:
    assert CASE.typed == ['AT+ALYDEVICENAME="\\0\\xff', "AT"]


def edited(path: Path, **changes: object) -> Path:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({FORMAT: VERSION + 1}, f"{FORMAT} is 2, and this suite reads 1"),
        ({"expected": "nothing"}, "it was edited or cut short"),
        ({"sha256": 1}, "it was edited or cut short"),
        ({"lines": []}, "it was edited or cut short"),
    ],
)
def test_another_version_and_an_edited_file_are_refused(
    tmp_path: Path, changes: dict[str, object], complaint: str
) -> None:
    path = edited(CASE.write(tmp_path), **changes)
    with pytest.raises(ReproducerError, match=complaint) as refused:
        read_reproducer(path)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(f"--replay {path}: ")


def test_a_line_that_no_module_may_be_sent_is_refused_though_the_file_is_whole(tmp_path: Path) -> None:
    path = Reproducer(Symptom.RESTART, "", False, (Tried(b"AT+CFUN=1,1", "", ""),)).write(tmp_path)
    with pytest.raises(ReproducerError, match="not one of the lines that may go to a module"):
        read_reproducer(path)


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReproducerError, match="cannot be read"):
        read_reproducer(tmp_path / "none.json")


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_file_that_was_cut_short_is_refused(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    path = CASE.write(tmp_path_factory.mktemp("cut"))
    whole = path.read_bytes()
    path.write_bytes(whole[: size % (len(whole) - 2)])
    with pytest.raises(ReproducerError):
        read_reproducer(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["lines", FORMAT, "data"]), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_other_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "case.json"
    path.write_bytes(content)
    with pytest.raises(ReproducerError):
        read_reproducer(path)


@pytest.mark.parametrize(
    ("model", "name"), [("ML302", "ML302"), ("../x y", "_x_y"), ("", "unknown"), (None, "unknown"), ("..", "unknown")]
)
def test_findings_are_kept_by_model(tmp_path: Path, model: str | None, name: str) -> None:
    assert folder_of(tmp_path, model) == tmp_path / name


def test_a_folder_of_findings_is_checked_before_a_run(tmp_path: Path) -> None:
    read_findings(tmp_path / "not there yet", "--findings")
    path = CASE.write(tmp_path / "ML302")
    read_findings(tmp_path, "--findings")
    edited(path, symptom="late")
    with pytest.raises(ReproducerError, match=r"^--findings .*sha256 does not fit"):
        read_findings(tmp_path, "--findings")
    with pytest.raises(ReproducerError, match="no folder"):
        read_findings(path, "--findings")


def test_the_regression_cases_can_be_read() -> None:
    assert all(case.lines for case in regressions())
