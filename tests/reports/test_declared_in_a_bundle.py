"""PICS and waivers of a run against the files that lie beside its record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.declarations import load_pics, load_waivers
from reports.bundle.contents import DoesNotHold
from reports.bundle.rederive import rederive
from reports.events import Kind
from reports.record import RunRecord
from reports.verdicts import conclude
from tests.reports.evidence import change_record, of_kind, rebuild, write_evidence

PICS = """
schema = 1
vendor = " A vendor "
firmware = "ML302_*"
[claims]
regions = [0, 1]
sleeps = "no"
"""
WAIVERS = """
schema = 1
[[waiver]]
requirement = "NW"
firmware = "ML302_V1.0.7"
reason = "known"
ticket = "FW-1"
expires = 2999-12-31
"""
Lie = Callable[[dict[str, Any], dict[str, Any]], object]


class Families:
    """A catalogue in which the two requirements of the network are a family."""

    def expand(self, identifier: str) -> tuple[str, ...]:
        return ("NW-01", "NW-03") if identifier == "NW" else (identifier,)


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    """A run that was given both, as the suite's own reader reads them."""
    run_dir = write_evidence(tmp_path / "run")
    for name, text in ("pics.toml", PICS), ("waivers.toml", WAIVERS):
        (run_dir / name).write_text(text, "utf-8")
    pics = load_pics(run_dir / "pics.toml").fields
    waivers = load_waivers(run_dir / "waivers.toml", Families()).fields  # type: ignore[arg-type]

    def given(events: list[dict[str, Any]]) -> None:
        head = {"t": events[0]["t"], "test": None}
        position = 1 + next(index for index, event in enumerate(events) if event["kind"] == Kind.CATALOGUE)
        events[position:position] = [{**head, "kind": "pics", **pics}, {**head, "kind": "waivers", **waivers}]
        # Everything behind has moved, and so has what it points at.
        for number, event in enumerate(events):
            event["seq"] = number
            for name in ("from", "to"):
                if name in event:
                    event[name] += 2
            if "evidence" in event:
                event["evidence"] = [seq + 2 for seq in event["evidence"]]

    _write(run_dir, given)
    return run_dir


def _write(run_dir: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """The record changed, with the footer and the reports that it gives then."""
    change_record(run_dir, change)
    record = RunRecord.load(run_dir / "record.jsonl")
    found = conclude(record, record.strict)
    ends = {"verdict": found.verdict, "exit_status": found.exit_status}
    change_record(run_dir, lambda events: events[-1].update(ends))
    rebuild(run_dir)


def test_what_the_files_say_holds(declared: Path) -> None:
    rederive(declared)


LIES: dict[str, tuple[str, Lie]] = {
    "a claim": ("pics.toml", lambda pics, _: pics["claims"].update(sleeps="yes")),
    "a claim less": ("pics.toml", lambda pics, _: pics["claims"].pop("sleeps")),
    "a region": ("pics.toml", lambda pics, _: pics["claims"].update({"regions.3": "yes"})),
    "the firmware": ("pics.toml", lambda pics, _: pics.update(firmware="*")),
    "the vendor": ("pics.toml", lambda pics, _: pics.update(vendor="another")),
    "a waiver less": ("waivers.toml", lambda _, waivers: waivers["waivers"].pop()),
    "a waiver more": ("waivers.toml", lambda _, waivers: waivers["waivers"].append(waivers["waivers"][0])),
    "its requirement": ("waivers.toml", lambda _, waivers: waivers["waivers"][0].update(requirement="FMT-01")),
    "its firmware": ("waivers.toml", lambda _, waivers: waivers["waivers"][0].update(firmware="*")),
    "its day": ("waivers.toml", lambda _, waivers: waivers["waivers"][0].update(expires=None)),
    "its reason": ("waivers.toml", lambda _, waivers: waivers["waivers"][0].update(reason="fixed")),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_they_do_not_say_does_not_hold(declared: Path, lie: str) -> None:
    file, change = LIES[lie]
    _write(declared, lambda events: change(of_kind(events, "pics")[0], of_kind(events, "waivers")[0]))
    with pytest.raises(DoesNotHold, match=rf"event \d+ tells of {file} what the file does not say"):
        rederive(declared)
