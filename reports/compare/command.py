"""The command line of the comparison, and its JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.compare.answer_words import answers_as_json
from reports.compare.comparison import Change, Changed, Comparison, compare
from reports.compare.page import render_comparison
from reports.compare.terminal import lines
from reports.compare.timing import Drift
from reports.files import write_whole
from reports.i18n import Lang
from reports.runs import Entry, Latency, Run, load_run, read_wordings

if TYPE_CHECKING:
    from reports.commands import Commands

SCHEMA = 1


def add_commands(commands: Commands) -> None:
    """Add ``compare``."""
    parser = commands.add_parser(
        "compare", help="what changed between two runs; exit status 1 when something regressed or is no longer proven"
    )
    parser.add_argument("old", metavar="OLD", type=Path, help="a run's directory, or its bundle")
    parser.add_argument("new", metavar="NEW", type=Path, help="the run to judge, likewise")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write the comparison as a page as well")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write it as JSON as well")
    parser.add_argument("--lang", choices=[lang.value for lang in Lang], default=Lang.EN.value, help="default: en")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, show, write; returns 1 when something regressed or is proven no more. Raises `RecordError`."""
    lang = Lang(options.lang)
    old, new = load_run(options.old), load_run(options.new)
    comparison = compare(old, new, read_wordings(options.old) | read_wordings(options.new))
    files = {options.html: render_comparison(comparison, lang), options.json: _json(comparison)}
    for path, content in files.items():
        if path is not None:
            write_whole(path, content)
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines(comparison, lang, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")):
        print(line.encode(encoding, "backslashreplace").decode(encoding))
    return comparison.exit_status


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison for other programs."""
    return {
        "schema": SCHEMA,
        "exit_status": comparison.exit_status,
        "old": _run_as_json(comparison.old),
        "new": _run_as_json(comparison.new),
        "cautions": {caution.aspect.value: {"old": caution.old, "new": caution.new} for caution in comparison.cautions},
        "by_catalogue": {
            "why_not": comparison.anew.why_not or None,
            "otherwise": {item.id: {"then": item.then, "now": item.now} for item in comparison.anew.otherwise},
        },
        "requirements": {
            change.value: {item.id: _changed_as_json(item) for item in comparison.of(change)} for change in Change
        },
        "no_longer_proven": list(comparison.lost_proof),
        "unchanged": comparison.unchanged,
        "observations": {
            item.id: [{"old": difference.old, "new": difference.new} for difference in item.differences]
            for item in comparison.observed
        },
        "answers": answers_as_json(comparison.answers),
        "timing": {
            "compared": comparison.timed,
            "drift": {drift.command: _drift_as_json(drift) for drift in comparison.drifts},
        },
    }


def _json(comparison: Comparison) -> str:
    return json.dumps(as_json(comparison), ensure_ascii=False, indent=2) + "\n"


def _run_as_json(run: Run) -> dict[str, Any]:
    return {
        "path": str(run.path),
        **run.summary.model_dump(mode="json", exclude={"schema_number", "requirements", "latency"}),
    }


def _changed_as_json(item: Changed) -> dict[str, Any]:
    return {"level": item.entry.level, "old": _entry_as_json(item.old), "new": _entry_as_json(item.new)}


def _entry_as_json(entry: Entry | None) -> Mapping[str, str] | None:
    return None if entry is None else {"verdict": entry.verdict, "reason": entry.reason}


def _drift_as_json(drift: Drift) -> dict[str, Any]:
    return {"old": _latency(drift.old), "new": _latency(drift.new), "margin": drift.margin, "ratio": drift.ratio}


def _latency(latency: Latency) -> dict[str, Any]:
    return latency.model_dump(mode="json")
