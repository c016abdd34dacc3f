"""A finding of the search for harmful lines as a file: the lines that show it again, for ``pytest --replay FILE``.

Such a file is a regression case as it stands: moved into ``conformance/regressions`` it is played in every run.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.catalogue import load
from conformance.grammar import may_be_sent
from conformance.tried import Symptom, Tried
from reports.inert import inert_bytes

FORMAT = "ml302-reproducer"
VERSION = 1
REGRESSIONS = Path(__file__).with_name("regressions")
_OPTION = "--replay"
_LONGEST_LINE, _MOST_LINES = 8192, 64


class ReproducerError(Exception):
    """A file that is no reproducer of this version; one line: file, what is wrong, what would be right."""


@dataclass(frozen=True)
class Reproducer:
    """Lines that bring a symptom about, on a module in the known state, ``session`` saying whether one is open."""

    symptom: Symptom
    expected: str
    session: bool
    lines: tuple[Tried, ...]
    catalogue: str = ""
    """Hash of the catalogue that the finding was made with."""
    firmware: str = ""
    """Revision of the firmware that showed it."""

    @property
    def name(self) -> str:
        """What its file is called: the same lines have the same name in every run."""
        lines = repr([(tried.data, tried.loose) for tried in self.lines])
        return f"{self.symptom}-{hashlib.sha256(lines.encode()).hexdigest()[:10]}.json"

    @property
    def typed(self) -> list[str]:
        """The lines as they are to be pasted into a terminal; bytes that cannot be typed as escapes."""
        return [inert_bytes(tried.data.decode("latin-1")) for tried in self.lines]

    def write(self, folder: Path) -> Path:
        """Its file in ``folder``; raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.name
        content = self._content()
        content["sha256"] = _digest(content)
        path.write_text(json.dumps(content, indent=1, ensure_ascii=True) + "\n", "utf-8")
        return path

    def _content(self) -> dict[str, Any]:
        return {
            FORMAT: VERSION,
            "catalogue": self.catalogue or load().sha256,
            "firmware": self.firmware,
            "symptom": self.symptom.value,
            "expected": self.expected,
            "session": self.session,
            "lines": [
                {
                    "data": tried.data.decode("latin-1"),
                    "loose": tried.loose,
                    "pauses": tried.pauses,
                    "production": tried.production,
                    "mutation": tried.mutation,
                }
                for tried in self.lines
            ],
        }


def read_reproducer(path: Path, option: str = _OPTION) -> Reproducer:
    """The reproducer in that file; raises `ReproducerError`."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ReproducerError(
            f"{option} {path}: cannot be read ({error.strerror}): name a reproducer of an earlier run"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ReproducerError(f"{option} {path}: no JSON, or cut short: take the file as the run wrote it") from error
    if not isinstance(content, dict) or FORMAT not in content:
        raise ReproducerError(f"{option} {path}: no reproducer: name one of the files in a run's reproducers folder")
    if content[FORMAT] != VERSION:
        raise ReproducerError(
            f"{option} {path}: {FORMAT} is {content[FORMAT]!r}, and this suite reads {VERSION}: "
            "use the release of the suite that wrote it"
        )
    if content.pop("sha256", None) != _digest(content):
        raise ReproducerError(
            f"{option} {path}: sha256 does not fit: it was edited or cut short: take the file as the run wrote it"
        )
    try:
        return _of(content)
    except (KeyError, TypeError, ValueError, UnicodeError) as error:
        what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise ReproducerError(f"{option} {path}: {what}: take the file as the run wrote it") from error


def read_all(folder: Path, option: str) -> list[Reproducer]:
    """The reproducers in a folder, in the order of their names; none where there is no such folder.

    Raises `ReproducerError`.
    """
    return [read_reproducer(path, option) for path in sorted(folder.glob("*.json"))]


def folder_of(findings: Path, model: str | None) -> Path:
    """Where in a folder of findings those of one module model lie."""
    return findings / (re.sub(r"[^A-Za-z0-9._-]", "_", model or "").strip(".") or "unknown")


def read_findings(findings: Path, option: str) -> None:
    """See that every file in a folder of findings can be read; raises `ReproducerError`."""
    if findings.exists() and not findings.is_dir():
        raise ReproducerError(f"{option} {findings}: no folder: name one, which need not exist yet")
    for path in sorted(findings.rglob("*.json")):
        read_reproducer(path, option)


def regressions() -> list[Reproducer]:
    """The cases that every run plays; raises `ReproducerError`."""
    return read_all(REGRESSIONS, "regression case")


def _of(content: dict[str, Any]) -> Reproducer:
    lines = content["lines"]
    if not isinstance(lines, list) or not 0 < len(lines) <= _MOST_LINES:
        raise ValueError(f"lines: not a list of 1 to {_MOST_LINES}")
    return Reproducer(
        Symptom(content["symptom"]),
        str(content["expected"]),
        content["session"] is True,
        tuple(map(_line, lines)),
        str(content["catalogue"]),
        str(content["firmware"]),
    )


def _line(entry: dict[str, Any]) -> Tried:
    data = str(entry["data"]).encode("latin-1")
    if len(data) > _LONGEST_LINE or not may_be_sent(data):
        raise ValueError(f"data: {data[:40]!r} is not one of the lines that may go to a module")
    return Tried(
        data, str(entry["production"]), str(entry["mutation"]), entry["loose"] is True, entry["pauses"] is True
    )


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
