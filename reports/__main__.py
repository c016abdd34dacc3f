"""``python -m reports COMMAND``: everything that is made of run records after the run."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from reports import bundle, compare, rebuild, rejudge, show, sign_off, site
from reports.commands import tell
from reports.i18n import Lang
from reports.record import RecordError
from reports.verdicts import EXIT_BAD_INPUT

_MODULES = (rebuild, show, compare, rejudge, site, bundle, sign_off)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status: the command's own, or 4 when something cannot be read or written."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except RecordError as error:
        tell(Lang(options.lang or Lang.EN), error.told, sys.stderr)
        return EXIT_BAD_INPUT
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description="What is made of run records after the run.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _MODULES:
        module.add_commands(commands)
    return parser


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as of any tool in a pipe: whoever reads has seen enough
    sys.exit(main())
