"""Today's catalogue: that of the installed suite, or one that was exported."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from reports.catalogue import Catalogue, catalogue_of
from reports.events import RecordError
from reports.files import open_file
from reports.inert import inert
from reports.sentences import say

GROUP = "ml302_conformance.catalogue"
"""The entry points by which an installed suite brings its catalogue: functions that give what a record carries of it.

Nothing here imports the suite: reports know records, and a catalogue is a part of one.
"""


def todays(path: Path | None) -> Catalogue:
    """The catalogue that ``python -m conformance.catalogue`` wrote to a file; of the installed suite without one.

    Somebody may have changed the file: its hash is that of the file itself.

    Raises `RecordError` where there is none, or one that no suite writes.
    """
    where = say("the installed suite") if path is None else str(path)
    data = _installed() if path is None else _exported(path)
    try:
        catalogue = catalogue_of(data)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RecordError("{where}: no catalogue: {why}", where=where, why=inert(str(problem))) from problem
    if not catalogue.requirements:
        raise RecordError("{where}: no catalogue: it has no 'requirements'", where=where)
    return catalogue


def _installed() -> Any:
    found = entry_points(group=GROUP)
    if not found:
        raise RecordError(
            "no installed suite brings a catalogue: install one (pip install), or name a file with --catalogue"
        )
    if len(found) > 1:
        raise RecordError("{count} installed suites bring a catalogue: name a file with --catalogue", count=len(found))
    try:
        return next(iter(found)).load()()
    except Exception as problem:  # whatever a suite that is half installed, or wrong in itself, raises
        raise RecordError("the catalogue of the installed suite: {why}", why=inert(str(problem))) from problem


def _exported(path: Path) -> Any:
    try:
        with open_file(path) as file:
            content = file.read()
        data = json.loads(content)
    except OSError as problem:
        raise RecordError(
            "--catalogue {path}: cannot be read: {why}", path=path, why=problem.strerror or problem
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise RecordError("--catalogue {path}: no JSON: {why}", path=path, why=problem) from problem
    if not isinstance(data, dict):
        raise RecordError("--catalogue {path}: no catalogue: a JSON object was expected", path=path)
    return data | {"hash": hashlib.sha256(content).hexdigest()}
