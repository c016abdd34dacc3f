"""What a lab does with a rig besides testing: ``python -m rigs restore RIG``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rigs.errors import BenchError
from rigs.restore import restore
from rigs.rigfile import RigFileError, load

EXIT_USAGE, EXIT_BENCH_ERROR = 4, 6


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands; returns the exit status: 0, 4 for a wrong rig file, 6 for a broken bench."""
    parser = argparse.ArgumentParser(prog="python -m rigs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    give_back = commands.add_parser("restore", help="give a module the identity back that a run had borrowed")
    give_back.add_argument("rig", type=Path, metavar="RIG", help="rig file (TOML)")
    chosen = parser.parse_args(arguments)
    try:
        restore(load(chosen.rig), print)
    except RigFileError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return EXIT_USAGE
    except BenchError as error:
        print(f"BENCH ERROR: {error}", file=sys.stderr)
        return EXIT_BENCH_ERROR
    return 0


if __name__ == "__main__":
    sys.exit(main())
