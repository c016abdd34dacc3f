"""Runs as `compare` and `site` take them: a run's directory, or the bundle that was made of it."""

from __future__ import annotations

import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reports.events import Bilingual, Kind, RecordError
from reports.files import open_file
from reports.inert import inert
from reports.record import RunRecord
from reports.summary import SCHEMA, summarise
from reports.verdicts import Level, Verdict

SUMMARY = "summary.json"
RECORD = "record.jsonl"

_MAX_SUMMARY = 64 * 2**20
"""Bytes. A bundle comes from anywhere: it may promise more than memory holds."""
_MAX_RECORD = 2**30
_CHUNK = 2**20
_MAX_LINE = 16 * 2**20
_HEAD = 16
"""Lines of a record among which the catalogue stands."""
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
UNREADABLE = (
    *(OSError, EOFError, UnicodeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(RuntimeError, NotImplementedError),
)
"""What reading a file, or a member of a zip, may raise; the last two of members encrypted or packed in exotic ways."""


class _Foreign(BaseModel):
    """Read from a file of another time and place: what is not named here is let be."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class Entry(_Foreign):
    """A requirement's line of a summary."""

    verdict: Verdict
    level: Level
    section: str = ""
    reason: str = ""
    reason_zh: str = ""
    run: tuple[str, ...] = ()
    observations: tuple[Any, ...] = ()

    @property
    def why(self) -> Bilingual:
        """The reason in both languages; that of an older suite is English in both."""
        return Bilingual(self.reason, self.reason_zh or self.reason)


class Latency(_Foreign):
    """How long the answers to one command took, in seconds."""

    count: int = Field(ge=1)
    p25: float
    median: float
    p75: float


class Module(_Foreign):
    """The module's identity; None where it did not say."""

    model: str | None = None
    revision: str | None = None
    serial_number: str | None = None


class Suite(_Foreign):
    """Which suite judged."""

    version: str | None = None
    commit: str | None = None
    dirty: bool | None = None

    def __str__(self) -> str:
        words = [word[:12] for word in (self.version, self.commit) if word]
        return " ".join([*words, "+"] if self.dirty else words)


class Summary(_Foreign):
    """A summary.json, as much of it as is compared."""

    schema_number: Literal[1] = Field(alias="schema")
    verdict: Verdict
    complete: bool
    rig: str | None = None
    module: Module
    suite: Suite | None = None
    catalogue: str | None = None
    profile: str | None = None
    strict: bool = False
    started: str
    seconds: float
    requirements: dict[str, Entry]
    not_proven: tuple[str, ...] = ()
    latency: dict[str, Latency] = Field(default_factory=dict)

    @property
    def began(self) -> str:
        """The start of the run, UTC, to the second."""
        return self.started.partition(".")[0].replace("T", " ")


class Wording(NamedTuple):
    """A requirement in words."""

    en: str
    zh: str


@dataclass(frozen=True)
class Run:
    """A run read back: where it lies, and its summary."""

    path: Path
    summary: Summary


def load_run(path: Path) -> Run:
    """A run's summary; made again from the record, in memory, where the directory holds none that can be read.

    Raises `RecordError` when there is neither.
    """
    try:
        return Run(path, read_summary(path))
    except RecordError:
        if not _is_there(path / RECORD):
            raise
    record = RunRecord.load(path / RECORD)
    return Run(path, _parsed(str(path / RECORD), json.dumps(summarise(record, record.strict)).encode()))


def read_record(path: Path, *, weigh: bool = True) -> RunRecord:
    """The record of a run's directory, of its bundle, or the file itself.

    ``weigh`` tells whether its findings are judged again. Raises `RecordError`.
    """
    folder, name = (path.parent, path.name) if path.suffix == ".jsonl" else (path, RECORD)
    try:
        with opened(folder, name) as file:
            return RunRecord.read(path, _content(file, path), weigh=weigh)
    except UNREADABLE as problem:
        raise RecordError("{path}: no run record to read: {why}", path=path, why=reason(problem)) from problem


def _content(file: IO[bytes], path: Path) -> bytes:
    content = bytearray()
    while chunk := file.read(_CHUNK):
        content += chunk
        if len(content) > _MAX_RECORD:
            raise RecordError(
                "{path}: its record is larger than the {most} MiB that one may have",
                path=path,
                most=_MAX_RECORD >> 20,
            )
    return bytes(content)


def read_summary(path: Path) -> Summary:
    """The summary.json of a run's directory or bundle. Raises `RecordError`."""
    where = f"{path}: {SUMMARY}"
    try:
        with opened(path, SUMMARY) as file:
            content = file.read(_MAX_SUMMARY + 1)
    except UNREADABLE as problem:
        raise RecordError("{where} cannot be read: {why}", where=where, why=reason(problem)) from problem
    if len(content) > _MAX_SUMMARY:
        raise RecordError(
            "{where}: larger than the {most} MiB that a summary may have",
            where=where,
            most=_MAX_SUMMARY >> 20,
        )
    return _parsed(where, content)


def read_wordings(path: Path) -> dict[str, Wording]:
    """What the requirements of a run say, from the head of its record; empty when that cannot be read.

    The words only explain the identifiers: a run without them is compared all the same.
    """
    try:
        with opened(path, RECORD) as file:
            lines = iter(lambda: file.readline(_MAX_LINE), b"")
            events = (json.loads(line) for line in islice(lines, _HEAD))
            catalogue: Mapping[str, Any] = next(event for event in events if event["kind"] == Kind.CATALOGUE)
            return {entry["id"]: Wording(str(entry["en"]), str(entry["zh"])) for entry in catalogue["requirements"]}
    except (*UNREADABLE, RecordError, StopIteration, ValueError, KeyError, TypeError):
        return {}


def record_lines(path: Path) -> Iterator[bytes]:
    """The lines of a run's record, up to one that was cut off or that a hole of zeros broke off.

    Raises `RecordError` where there is none to be read.
    """
    try:
        with opened(path, RECORD) as file:
            for line in iter(lambda: file.readline(_MAX_LINE), b""):
                if len(line) == _MAX_LINE:
                    raise RecordError(
                        "{path}: {file}: a line of more than {most} MiB",
                        path=path,
                        file=RECORD,
                        most=_MAX_LINE >> 20,
                    )
                if not line.endswith(b"\n") or b"\0" in line:
                    return
                yield line
    except UNREADABLE as problem:
        raise RecordError(
            "{path}: {file} cannot be read: {why}", path=path, file=RECORD, why=reason(problem)
        ) from problem


def _is_there(path: Path) -> bool:
    """Whether a file is there to be read, also where nobody may look."""
    try:
        return path.is_file()
    except OSError:
        return False


@contextmanager
def opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """A file of a run's directory, or the member of that name of a bundle."""
    if path.is_dir():
        with open_file(path / name) as plain:
            yield plain
        return
    if not path.is_file():
        raise RecordError("{path}: no run directory and no bundle", path=path)
    with zipfile.ZipFile(path) as bundle:
        if name not in bundle.namelist():
            raise RecordError("{path}: no bundle of a run: it holds no {name}", path=path, name=name)
        with bundle.open(name) as member:
            yield member


def _parsed(where: str, content: bytes) -> Summary:
    try:
        return _validated(content)
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_input=False)
    if any(error["loc"] == ("schema",) and error["type"] == "literal_error" for error in errors):
        raise RecordError(
            "{where}: summary schema {schema}; this suite reads schema {known}",
            where=where,
            schema=_schema(content),
            known=SCHEMA,
        )
    place = ".".join(str(part) for part in errors[0]["loc"])
    raise RecordError("{where}: {what}", where=where, what=inert(f"{place + ': ' if place else ''}{errors[0]['msg']}"))


def _validated(content: bytes) -> Summary:
    try:
        return Summary.model_validate_json(content)
    except ValidationError:
        if not _HALF_CHARACTER.search(content):
            raise
    # Half a character that a module sent: JSON may hold it, strings proper may not.
    escaped = re.sub("[\ud800-\udfff]", lambda half: f"\\\\u{ord(half[0]):04x}", _text(content))
    return Summary.model_validate_json(escaped)


def _text(content: bytes) -> str:
    """The JSON with every character that it escapes as itself."""
    try:
        return json.dumps(json.loads(content), ensure_ascii=False)
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")


def _schema(content: bytes) -> str:
    return inert(json.dumps(json.loads(content).get("schema")))[:20]


def reason(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem) or type(problem).__name__
