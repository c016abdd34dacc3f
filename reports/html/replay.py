"""How to see a finding again: the test alone, and its command lines by hand."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from reports.html.transcript import Lane, Row
from reports.record import RunRecord

MAX_LINES = 12
_SIMULATOR = "simulator:"
_BY_NAME = "--pyargs"
"""How the tests of an installed suite are named, wherever it lies."""


def pytest_command(record: RunRecord, nodeid: str) -> str:
    """The shell command that runs one test alone, on the same rig and with the same options."""
    run = record.run
    words = ["pytest", nodeid]
    if _BY_NAME in (run.get("arguments") or ()):
        file, colons, test = nodeid.partition("::")
        words = ["pytest", _BY_NAME, f"{file.removesuffix('.py').replace('/', '.')}{colons}{test}"]
    if not str((record.rig.get("serial") or {}).get("url", "")).startswith(_SIMULATOR):
        words += ["--rig", str(run.get("rig_file") or f"{record.rig.get('name') or 'rig'}.toml")]
    words += ["--profile", str(run.get("profile") or "full")]
    if record.strict:
        words.append("--strict")
    words += [str(word) for word in run.get("simulator") or ()]
    for fault in run.get("lacking") or ():
        words += ["--without-gateway-fault", str(fault)]
    return shlex.join(words)


def sent_before(rows: Iterable[Row], seq: int) -> Sequence[Row]:
    """The command lines of a test up to an event."""
    return [row for row in rows if row.lane is Lane.TX and row.seqs[0] < seq]
