"""``python -m reports rebuild RUN_DIR``: make the reports of a run again, from its record alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.capture import write_capture
from reports.files import write_whole
from reports.html import render_page
from reports.i18n import Lang
from reports.junit import write_junit
from reports.record import RecordError, RunRecord
from reports.summary import write_summary
from reports.verdicts import conclude

EXIT_BAD_INPUT = 4
_MADE_BY = {
    "rebuild": ("summary.json", "junit.xml", "capture.pcapng", "report.html"),
    "summary": ("summary.json",),
    "junit": ("junit.xml",),
    "html": ("report.html",),
    "capture": ("capture.pcapng",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status: 0, or 4 when the record cannot be read or a report not be written."""
    options = _parser().parse_args(arguments)
    try:
        record = RunRecord.load(options.run_dir / "record.jsonl")
        strict = record.strict if options.strict is None else options.strict
        lang = Lang(options.lang or record.lang)
        for name in _MADE_BY[options.command]:
            made = _make(options.run_dir / name, record, lang, strict)
            print(options.run_dir / name if made else f"no {name}: no MQTT packet in this run")
    except RecordError as error:
        print(error, file=sys.stderr)
        return EXIT_BAD_INPUT
    print(conclude(record, strict).verdict)
    return 0


def _make(path: Path, record: RunRecord, lang: Lang, strict: bool) -> bool:
    """Write one report; False when the run gives nothing to write."""
    match path.suffix:
        case ".pcapng":
            return write_capture(path, record, strict)
        case ".json":
            write_summary(path, record, strict)
        case ".xml":
            write_junit(path, record, strict)
        case _:
            write_whole(path, render_page(record, lang, strict))
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m reports", description="Make the reports of a run again, from its record alone."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, files in _MADE_BY.items():
        sub = commands.add_parser(command, help=f"write {', '.join(files)}")
        sub.add_argument("run_dir", metavar="RUN_DIR", type=Path, help="a run's directory, with its record.jsonl")
        sub.add_argument("--lang", choices=[lang.value for lang in Lang], help="default: the run's own")
        sub.add_argument(
            "--strict",
            action=argparse.BooleanOptionalAction,
            help="count DEVIATION as FAIL; default: as the run did",
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
