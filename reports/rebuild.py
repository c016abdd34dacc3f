"""``python -m reports rebuild RUN_DIR``: make the reports of a run again, from its record alone."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from reports.capture import write_capture
from reports.commands import Commands, add_lang, tell
from reports.files import write_whole
from reports.html import render_page
from reports.i18n import Lang
from reports.junit import write_junit
from reports.record import RunRecord
from reports.sentences import say
from reports.summary import write_summary
from reports.verdicts import conclude

_MADE_BY = {
    "rebuild": ("summary.json", "junit.xml", "capture.pcapng", "report.html"),
    "summary": ("summary.json",),
    "junit": ("junit.xml",),
    "html": ("report.html",),
    "capture": ("capture.pcapng",),
}


def add_commands(commands: Commands) -> None:
    """Add ``rebuild``, and one command for each of the files that it makes."""
    for command, files in _MADE_BY.items():
        parser = commands.add_parser(command, help=f"write {', '.join(files)}")
        parser.add_argument("run_dir", metavar="RUN_DIR", type=Path, help="a run's directory, with its record.jsonl")
        add_lang(parser)
        parser.add_argument(
            "--strict",
            action=argparse.BooleanOptionalAction,
            help="count DEVIATION as FAIL; default: as the run did",
        )
        parser.set_defaults(run=partial(rebuild, names=files))


def rebuild(options: argparse.Namespace, names: tuple[str, ...]) -> int:
    """Write these files from the record; returns 0. Raises `RecordError`."""
    record = RunRecord.load(options.run_dir / "record.jsonl")
    strict = record.strict if options.strict is None else options.strict
    lang = Lang(options.lang or record.lang)
    for name in names:
        made = _make(options.run_dir / name, record, options.lang, strict)
        path = options.run_dir / name
        tell(lang, str(path) if made else say("no {file}: no MQTT packet in this run", file=name))
    if record.damage is not None:
        tell(lang, record.damage)
    print(conclude(record, strict).verdict)
    return 0


def _make(path: Path, record: RunRecord, asked: str | None, strict: bool) -> bool:
    """Write one report; False when the run gives nothing to write.

    Without a language that was asked for the page speaks that of its run, and what programs read English.
    """
    match path.suffix:
        case ".pcapng":
            return write_capture(path, record, strict)
        case ".json":
            write_summary(path, record, strict)
        case ".xml":
            write_junit(path, record, strict, Lang(asked or Lang.EN))
        case _:
            write_whole(path, render_page(record, Lang(asked or record.lang), strict))
    return True
