"""``python -m reports show RUN [TEST|REQUIREMENT|EVENT]`` and ``python -m reports certify RUN``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reports.certification import simulated
from reports.criteria import Lack, examine
from reports.i18n import Lang, explain_missing, text
from reports.inert import inert
from reports.record import RunRecord
from reports.runs import read_record
from reports.show.story import Story
from reports.verdicts import EXIT_NOT_CERTIFIED, EXIT_OK, conclude

if TYPE_CHECKING:
    from reports.commands import Commands


def add_commands(commands: Commands) -> None:
    """Add ``show`` and ``certify``."""
    parser = commands.add_parser("show", help="the story of a run, a test, a requirement or an event, in the terminal")
    _add_run(parser)
    parser.add_argument(
        "about",
        metavar="TEST|REQUIREMENT|EVENT",
        nargs="?",
        help="a part of a test's node id, a requirement or a family, or an event's number; default: the whole run",
    )
    parser.add_argument("--all", action="store_true", help="tell what was kept as well, and every test of the run")
    parser.add_argument("--width", type=int, default=0, metavar="N", help="cut lines to N characters; default: do not")
    parser.set_defaults(run=_show)
    parser = commands.add_parser("certify", help="what an existing run lacks for a certificate; writes nothing")
    _add_run(parser)
    parser.set_defaults(run=_certify)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_dir", metavar="RUN", type=Path, help="a run's directory, its record.jsonl, or its bundle")
    parser.add_argument("--lang", choices=[lang.value for lang in Lang], help="default: the run's own")


def _load(options: argparse.Namespace) -> tuple[RunRecord, Lang]:
    record = read_record(options.run_dir)
    return record, Lang(options.lang or record.lang)


def _show(options: argparse.Namespace) -> int:
    """Print the story; returns 0. Raises `RecordError`."""
    record, lang = _load(options)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for line in Story(record, lang, max(0, options.width), colour, everything=options.all).tell(options.about):
        _print(line)
    return EXIT_OK


def _certify(options: argparse.Namespace) -> int:
    """Print what is missing; returns 0 when nothing is but --certify itself, else 6. Raises `RecordError`."""
    record, lang = _load(options)
    certification = examine(record, conclude(record, record.strict))
    missing = [entry for entry in certification.missing if entry.lack is not Lack.NOT_ASKED]
    for entry in missing:
        verdict = f" {entry.verdict}" if entry.verdict else ""
        reason = explain_missing(lang, entry)
        _print(inert(text(lang, "certificate.missing", about=entry.about, verdict=verdict, reason=reason)))
    _print(text(lang, "certify.lacks", count=len(missing)) if missing else text(lang, "certify.nothing"))
    if simulated(record):
        _print(text(lang, "certificate.simulator"))
    return EXIT_NOT_CERTIFIED if missing else EXIT_OK


def _print(line: str) -> None:
    """On a terminal that cannot show a character its escape stands there."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding))
