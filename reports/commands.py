"""What every command of ``python -m reports`` registers itself with, and how it speaks."""

from __future__ import annotations

import argparse
import sys
from typing import TextIO, TypeAlias

from reports.i18n import Lang, told

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What a module's ``add_commands`` gets. Each command sets the default ``run``, a function from the parsed options to
the exit status; a `reports.record.RecordError` that it raises is shown as one line, with exit status 4."""


def add_lang(parser: argparse.ArgumentParser, default: str = "") -> None:
    """Add ``--lang``; without a default the run's own language is taken."""
    told_default = f"default: {default}" if default else "default: the run's own"
    parser.add_argument("--lang", choices=[lang.value for lang in Lang], default=default or None, help=told_default)


def tell(lang: Lang, sentence: str, file: TextIO | None = None) -> None:
    """Print a sentence in that language; what the terminal cannot show as an escape."""
    stream = file or sys.stdout
    encoding = stream.encoding or "utf-8"
    print(told(lang, sentence).encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
