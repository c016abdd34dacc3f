"""The time until a connection ended, by another bound than the run's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.judging import WasClosed
from tests.reports.rejudge.small_run import Catalogue, Judged, catalogue, changed, entry, rejudged, write

CLOSED = 7
"""The number of the connection."""


def by(value: float) -> Catalogue:
    return changed(lambda today: entry(today, "bounds", "close_seconds").update(value=value))


def closing(
    place: Path, verdict: str, *, ended: float | None, judged: float, late: bool = False, who: str = "module"
) -> Path:
    """A run in which a connection ended so many seconds after the answer to the command that closes it.

    ``late`` tells that the end came after the judgement.
    """
    run = write(place / "run", Judged("CL-01", verdict, lambda event: WasClosed(CLOSED, event)), footer=None)
    told = [json.loads(line) for line in (run / "record.jsonl").read_text("utf-8").splitlines()]
    exchange = next(number for number, event in enumerate(told) if event["kind"] == "exchange")
    start = told[exchange]["t"]
    finding = exchange + 1
    end = {"kind": "cloud", "event": "closed", "connection": CLOSED, "by": who, "how": "FIN"}
    end |= {"disconnect_seen": True, "reason": ""}
    if ended is not None:
        told.insert(finding + 1 if late else finding, {**end, "t": start + ended})
    last = finding + (ended is not None and not late)
    told[last]["expectation"]["last"] = last - 1
    told[last]["t"] = start + judged
    for number, event in enumerate(told):
        event["seq"] = number
        event["t"] = max(event["t"], told[number - 1]["t"] if number else 0.0)
    (run / "record.jsonl").write_text("".join(json.dumps(event) + "\n" for event in told), "utf-8")
    return run


def outcome(place: Path, today: Catalogue, run: Path, status: int = 1) -> dict[str, Any] | None:
    found = rejudged(place, today, run, status=status)["runs"][0]
    assert (found["contradictions"], found["judgements"]["unsaid"]) == ([], [])
    told: dict[str, Any] | None = found["requirements"].get("CL-01")
    return told


@pytest.mark.parametrize(
    ("then", "ended", "judged", "late", "today", "now", "came"),
    [
        ("PASS", 4.0, 4.1, False, 3, "FAIL", "4.000"),
        ("FAIL", None, 5.1, False, 10, "INCONCLUSIVE", "5.100"),
        ("FAIL", 5.5, 5.1, True, 10, "PASS", "5.500"),
    ],
    ids=["tighter", "looser, and not watched so long", "looser, and seen later"],
)
def test_another_bound(
    tmp_path: Path, then: str, ended: float | None, judged: float, late: bool, today: float, now: str, came: str
) -> None:
    found = outcome(tmp_path, by(today), closing(tmp_path, then, ended=ended, judged=judged, late=late))
    assert found is not None
    assert (found["then"], found["now"]) == (then, now)
    (cause,) = found["causes"]
    assert (cause["kind"], cause["name"], cause["came"]) == ("bound", "close_seconds", [came])


@pytest.mark.parametrize(
    ("then", "ended", "today"),
    [("PASS", 2.0, 3), ("PASS", 2.0, 10), ("FAIL", None, 3)],
    ids=["kept", "looser", "broken"],
)
def test_a_bound_on_the_same_side_changes_nothing(tmp_path: Path, then: str, ended: float | None, today: float) -> None:
    run = closing(tmp_path, then, ended=ended, judged=5.1 if ended is None else ended + 0.1)
    assert outcome(tmp_path, by(today), run, status=0) is None


def test_the_same_bound_gives_the_same(tmp_path: Path) -> None:
    assert outcome(tmp_path, catalogue(), closing(tmp_path, "PASS", ended=4.0, judged=4.1), status=0) is None


def test_what_the_bench_ends_after_the_judgement_tells_nothing(tmp_path: Path) -> None:
    run = closing(tmp_path, "FAIL", ended=5.5, judged=5.1, late=True, who="gateway")
    found = outcome(tmp_path, by(10), run)
    assert found is not None
    assert found["now"] == "INCONCLUSIVE"
