"""The command line of the site, and how it is put in its place."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reports.events import RecordError
from reports.i18n import Lang
from reports.site.history import MARK, collect
from reports.site.page import INDEX, pages
from reports.verdicts import EXIT_OK

if TYPE_CHECKING:
    from reports.commands import Commands


def add_commands(commands: Commands) -> None:
    """Add ``site``."""
    parser = commands.add_parser("site", help="make pages of the history of many runs")
    parser.add_argument("directory", metavar="DIR", type=Path, help="where run directories and bundles lie")
    parser.add_argument("--output", metavar="DIR", type=Path, help="where the pages go; default: DIR/site")
    parser.add_argument("--lang", choices=[lang.value for lang in Lang], default=Lang.EN.value, help="default: en")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the site; returns 0. Raises `RecordError`."""
    site = options.output or options.directory / "site"
    _check_replaceable(site)
    history = collect(options.directory, site)
    _put(site, pages(history, Lang(options.lang)))
    print(site / INDEX)
    return EXIT_OK


def _check_replaceable(site: Path) -> None:
    """A site may take the place of an older one, and of nothing else."""
    if site.is_symlink() or (site.exists() and not site.is_dir()):
        raise RecordError("{site}: the site needs a directory of its own, and this is none", site=site)
    if site.is_dir() and not (site / MARK).is_file() and any(site.iterdir()):
        raise RecordError(
            "{site}: holds other files than a site's; name an empty or a new directory by --output", site=site
        )


def _put(site: Path, files: Mapping[str, str]) -> None:
    """Put the pages in their place at once: a reader sees the old site or the new one."""
    draft = site.with_name(f".{site.name}.{os.getpid()}.draft")
    old = site.with_name(f".{site.name}.{os.getpid()}.old")
    try:
        try:
            draft.mkdir(parents=True)
            for name, content in {MARK: "", **files}.items():
                (draft / name).write_text(content, encoding="utf-8", errors="backslashreplace")
            if site.exists():
                site.rename(old)
            try:
                draft.rename(site)
            except OSError:
                if old.exists():
                    old.rename(site)
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as problem:
        raise RecordError(
            "{site}: cannot write the site: {why}", site=site, why=problem.strerror or problem
        ) from problem
