"""The command line of judging runs anew, and its JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.commands import tell
from reports.files import write_whole
from reports.i18n import Lang, text
from reports.inert import inert
from reports.rejudge.archive import NotRead, rejudge_all
from reports.rejudge.rejudged import Rejudged
from reports.rejudge.terminal import Teller
from reports.rejudge.today import todays
from reports.verdicts import EXIT_BAD_INPUT, EXIT_OK

if TYPE_CHECKING:
    from reports.commands import Commands

SCHEMA = 1
EXIT_OTHERWISE = 1
_HASH = 12
"""Characters of a hash that a line shows."""


def add_commands(commands: Commands) -> None:
    """Add ``rejudge``."""
    parser = commands.add_parser(
        "rejudge",
        help="judge old runs by today's catalogue; exit status 1 when something is otherwise",
    )
    parser.add_argument(
        "runs", metavar="RUN_OR_BUNDLE", type=Path, nargs="+", help="a run's directory, its record.jsonl, or its bundle"
    )
    parser.add_argument(
        "--catalogue",
        metavar="FILE",
        type=Path,
        help="judge by this catalogue, written by python -m conformance.catalogue; default: the installed suite's",
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write what came out as JSON as well")
    parser.add_argument("--jobs", metavar="N", type=_jobs, help="processes; default: one for each core")
    parser.add_argument("--lang", choices=[lang.value for lang in Lang], default=Lang.EN.value, help="default: en")
    parser.set_defaults(run=run)


def _jobs(word: str) -> int:
    if not word.isdecimal() or not int(word):
        raise argparse.ArgumentTypeError(f"{word!r} is no number of processes: 1 or more")
    return int(word)


def run(options: argparse.Namespace) -> int:
    """Judge, show, write; returns 4 when a run could not be judged, else 1 when something is otherwise.

    Raises `RecordError` where there is no catalogue, or the JSON file cannot be written.
    """
    lang, today = Lang(options.lang), todays(options.catalogue)
    teller = Teller(lang, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    where = text(lang, "rejudge.installed") if options.catalogue is None else inert(str(options.catalogue))
    _print(text(lang, "rejudge.catalogue", hash=str(today.hash)[:_HASH], where=where))
    done: list[Rejudged] = []
    not_read: list[NotRead] = []
    for found in rejudge_all(_distinct(options.runs), today, options.jobs or os.cpu_count() or 1):
        if isinstance(found, NotRead):
            not_read.append(found)
            tell(lang, found.problem, sys.stderr)
            continue
        done.append(found)
        for line in teller.tell(found):
            _print(line)
    otherwise = sum(found.otherwise for found in done)
    status = EXIT_BAD_INPUT if not_read else EXIT_OTHERWISE if otherwise else EXIT_OK
    if len(done) + len(not_read) > 1:
        _print(teller.total(len(done) + len(not_read), otherwise, len(not_read)))
        _print(teller.total_reach([found.reach for found in done]))
    if options.json is not None:
        document = as_json(done, not_read, str(today.hash), status)
        write_whole(options.json, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return status


def as_json(done: Iterable[Rejudged], not_read: Iterable[NotRead], catalogue: str, exit_status: int) -> dict[str, Any]:
    """What came out, for other programs."""
    return {
        "schema": SCHEMA,
        "exit_status": exit_status,
        "catalogue": catalogue,
        "runs": [_run_as_json(found) for found in done],
        "not_judged": [{"path": str(found.path), "problem": found.problem} for found in not_read],
    }


def _run_as_json(found: Rejudged) -> dict[str, Any]:
    told = asdict(found)
    outcomes = {outcome.pop("id"): outcome for outcome in told.pop("outcomes")}
    verdict = {"then": told.pop("then"), "now": told.pop("now"), "footer": told.pop("footer") or None}
    return {
        "path": str(told.pop("path")),
        "otherwise": found.otherwise,
        "verdict": verdict,
        "requirements": outcomes,
        "judgements": told.pop("reach"),
        **told,
    }


def _distinct(paths: Sequence[Path]) -> list[Path]:
    """Each run once: where a pattern names them all, ``latest`` is one of them."""
    return list({path.resolve(): path for path in reversed(paths)}.values())[::-1]


def _print(line: str) -> None:
    """On a terminal that cannot show a character its escape stands there."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)
