"""What a lab does with a rig besides testing: ``python -m rigs restore RIG``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import TextIO

from rigs.errors import BenchError
from rigs.restore import restore
from rigs.rigfile import RigFileError, load
from rigs.sentence import Sentence

EXIT_USAGE, EXIT_BENCH_ERROR = 4, 6
GROUP = "ml302_conformance.telling"
"""Entry points, by language, of what tells a sentence in it: rigs know the English alone."""


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands; returns the exit status: 0, 4 for a wrong rig file, 6 for a broken bench."""
    parser = argparse.ArgumentParser(prog="python -m rigs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    give_back = commands.add_parser("restore", help="give a module the identity back that a run had borrowed")
    give_back.add_argument("rig", type=Path, metavar="RIG", help="rig file (TOML)")
    give_back.add_argument("--lang", choices=("zh", "en"), default="en", help="default: en")
    chosen = parser.parse_args(arguments)
    told = _teller(chosen.lang)
    try:
        restore(load(chosen.rig), lambda sentence: _print(told(sentence), sys.stdout))
    except RigFileError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return EXIT_USAGE
    except BenchError as error:
        _print(f"BENCH ERROR: {told(error.message)} -- {told(error.act)}", sys.stderr)
        return EXIT_BENCH_ERROR
    return 0


def _teller(lang: str) -> Callable[[Sentence], str]:
    """What tells a sentence in that language; where the suite is not installed there is English alone."""
    for found in entry_points(group=GROUP, name=lang):
        telling: Callable[[Sentence], str] = found.load()
        return telling
    return str


def _print(line: str, file: TextIO) -> None:
    """What the terminal cannot show stands there as an escape."""
    encoding = file.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), file=file)


if __name__ == "__main__":
    sys.exit(main())
