"""Two runs of different catalogues: what the catalogue alone makes otherwise is no change of the module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from tests.reports.rejudge.small_run import Catalogue, Judged, changed, entry, within, write

BROKEN = Judged("FMT-01", "FAIL", within(), seconds=12.0)
LENIENT = changed(lambda today: entry(today, "bounds", "answer_seconds").update(value=15))
STRICT = changed(lambda today: entry(today, "bounds", "answer_seconds").update(value=3))
IMPLIED = changed(lambda today: entry(today, "requirements", "FMT-01").update(level="I"))


def told(place: Path, old: Judged, new: Judged, of: Catalogue | None, status: int, **fields: Any) -> dict[str, Any]:
    """The comparison of a run by the usual catalogue with one by another."""
    runs = write(place / "old", old, **fields), write(place / "new", new, of=of)
    out = place / "out.json"
    assert main(["compare", *map(str, runs), "--json", str(out)]) == status
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def classes(found: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [*items] for name, items in found["requirements"].items() if "FMT-01" in items}


@pytest.mark.parametrize(
    ("old", "new", "of", "now"),
    [
        (BROKEN, Judged("FMT-01", "PASS", within(15), seconds=12.0), LENIENT, "PASS"),
        (
            Judged("FMT-01", "PASS", within(), seconds=5.0),
            Judged("FMT-01", "FAIL", within(3), seconds=5.0),
            STRICT,
            "FAIL",
        ),
        (BROKEN, Judged("FMT-01", "DEVIATION", within(), seconds=12.0), IMPLIED, "DEVIATION"),
    ],
    ids=["looser bound", "tighter bound", "another level"],
)
def test_what_the_catalogue_makes_otherwise_is_one_line_and_no_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: Judged, new: Judged, of: Catalogue, now: str
) -> None:
    found = told(tmp_path, old, new, of, 0)
    assert classes(found) == {}
    assert found["by_catalogue"] == {"why_not": None, "otherwise": {"FMT-01": {"then": old.verdict, "now": now}}}
    out = capsys.readouterr().out.replace("\n", " ")
    assert out.count(f"FMT-01 {old.verdict} -> {now}") == 1
    assert "no change of the module" in out


def test_a_module_that_is_worse_by_the_same_catalogue_regressed(tmp_path: Path) -> None:
    """The verdicts are the same, and it took longer than what is allowed by now."""
    found = told(tmp_path, BROKEN, Judged("FMT-01", "FAIL", within(15), seconds=20.0), LENIENT, 1)
    assert classes(found) == {"regressed": ["FMT-01"]}


def test_a_module_that_is_better_than_the_tighter_bound_is_no_regression(tmp_path: Path) -> None:
    old, new = (Judged("FMT-01", "PASS", within(value), seconds=seconds) for value, seconds in ((10, 5.0), (3, 1.0)))
    assert classes(told(tmp_path, old, new, STRICT, 0)) == {"fixed": ["FMT-01"]}


def test_where_the_record_tells_nothing_the_line_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(tmp_path, BROKEN, Judged("FMT-01", "PASS", within(15), seconds=12.0), LENIENT, 0, schema=1)
    assert "schema 1" in found["by_catalogue"]["why_not"]
    assert classes(found) == {"fixed": ["FMT-01"]}
    assert "could not be judged by that of NEW" in capsys.readouterr().out.replace("\n", " ")


def test_the_same_catalogue_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(tmp_path, BROKEN, BROKEN, None, 0)
    assert found["by_catalogue"] == {"why_not": None, "otherwise": {}}
    assert "catalogue judges" not in capsys.readouterr().out
