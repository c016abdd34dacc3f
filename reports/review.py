"""What a person decides about a run, kept beside its record in review.json; `reports.sign_off` asks for it.

A review never changes a verdict. It holds for one record, whose SHA-256 it carries, and for the requirements that need
a person's eye: those that are INCONCLUSIVE or OBSERVED, and DEVIATIONs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from reports.events import RecordError
from reports.files import open_file
from reports.inert import inert
from reports.record import RunRecord
from reports.sentences import Sentence, say
from reports.verdicts import RequirementResult, Verdict, conclude

SCHEMA = 1
FILE = "review.json"
REVIEWABLE = frozenset({Verdict.DEVIATION, Verdict.INCONCLUSIVE, Verdict.OBSERVED})
_KEYS = frozenset({"schema", "reviewer", "decision", "date", "remark", "items", "record_sha256"})
_ITEM_KEYS = frozenset({"decision", "remark"})
_LARGEST = 1 << 24


class Decision(StrEnum):
    """What a reviewer says of an item, or of the run."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def told(self) -> Sentence:
        """In both languages."""
        return say("accepted") if self is Decision.ACCEPTED else say("rejected")


class ReviewOfAnother(RecordError):
    """A review.json beside a record that it was not made for."""


@dataclass(frozen=True)
class ItemReview:
    """What the reviewer says of one requirement."""

    decision: Decision
    remark: str = ""


@dataclass(frozen=True)
class Review:
    """A review; ``decision`` is None while the reviewer has not decided on the run as a whole."""

    record_sha256: str
    reviewer: str = ""
    decision: Decision | None = None
    date: str = ""
    """Of the last change; UTC, ISO 8601."""
    remark: str = ""
    items: Mapping[str, ItemReview] = field(default_factory=dict)

    @property
    def outcome(self) -> Sentence:
        """One line: who decided what; inert."""
        decided = say("undecided") if self.decision is None else self.decision.told
        return say("{decided} by {reviewer}", decided=decided, reviewer=inert(self.reviewer) or say("nobody named"))

    def to_json(self) -> str:
        """As review.json holds it."""
        document = {
            "schema": SCHEMA,
            "reviewer": self.reviewer,
            "decision": self.decision,
            "date": self.date,
            "remark": self.remark,
            "items": {name: {"decision": item.decision, "remark": item.remark} for name, item in self.items.items()},
            "record_sha256": self.record_sha256,
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def load_review(run_dir: Path) -> Review | None:
    """The review of a run; None when there is none yet.

    Raises `RecordError` for a review.json that is none, and `ReviewOfAnother` for that of another record.
    """
    path = run_dir / FILE
    if not path.exists():
        return None
    document = read_file(path, json.loads)
    schema = document.get("schema")
    if type(schema) is int and schema > SCHEMA:
        raise RecordError(
            "{path}: review schema {schema}; this suite reads schema {known}", path=path, schema=schema, known=SCHEMA
        )
    if schema != SCHEMA:
        raise RecordError("{path}: schema: {known} is expected", path=path, known=SCHEMA)
    check_keys(path, "", document, _KEYS)
    if missing := sorted(_KEYS - document.keys()):
        raise RecordError("{path}: {key} is missing", path=path, key=missing[0])
    review = Review(
        read_string(path, "record_sha256", document["record_sha256"]),
        read_string(path, "reviewer", document["reviewer"]),
        read_decision(path, "decision", document["decision"]) if document["decision"] is not None else None,
        read_string(path, "date", document["date"]),
        read_string(path, "remark", document["remark"]),
        read_items(path, document["items"]),
    )
    if review.record_sha256 != record_sha256(run_dir):
        raise ReviewOfAnother(
            "{path}: a review of another record, not of the one beside it: remove it, review again", path=path
        )
    return review


def record_sha256(run_dir: Path) -> str:
    """What binds a review to a record. Raises `RecordError`."""
    path = run_dir / "record.jsonl"
    try:
        with open_file(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise RecordError(
            "{path}: no run record to read: {why}", path=path, why=problem.strerror or problem
        ) from problem


def to_review(record: RunRecord) -> dict[str, RequirementResult]:
    """The requirements of a run that need a person's eye, in catalogue order."""
    results = conclude(record, record.strict).requirements
    return {name: result for name, result in results.items() if result.verdict in REVIEWABLE}


def read_items(path: Path, value: object) -> dict[str, ItemReview]:
    """The items of a review, by requirement. Raises `RecordError`, as the other readers do."""
    items: dict[str, ItemReview] = {}
    for name, entry in read_table(path, "items", value).items():
        place = f"items.{ascii(name)[1:-1]}"
        fields = read_table(path, place, entry)
        check_keys(path, f"{place}.", fields, _ITEM_KEYS)
        decision = read_decision(path, f"{place}.decision", fields.get("decision"))
        items[name] = ItemReview(decision, read_string(path, f"{place}.remark", fields.get("remark", "")))
    return items


def read_file(path: Path, parse: Callable[[str], Any]) -> dict[str, Any]:
    """A whole file as a table."""
    try:
        if path.stat().st_size > _LARGEST:
            raise RecordError("{path}: too large for a review", path=path)
        return read_table(path, "the file", parse(path.read_text("utf-8")))
    except OSError as problem:
        raise RecordError("{path}: cannot be read: {why}", path=path, why=problem.strerror or problem) from problem
    except (ValueError, RecursionError) as problem:
        raise RecordError("{path}: cannot be read: {why}", path=path, why=inert(str(problem))) from problem


def read_table(path: Path, place: str, value: object) -> dict[str, Any]:
    """A value that has to be a table."""
    if not isinstance(value, dict):
        raise RecordError("{path}: {place}: a table (an object of JSON) is expected", path=path, place=place)
    return value


def check_keys(path: Path, place: str, table: Mapping[str, object], known: frozenset[str]) -> None:
    """Refuse keys that nobody knows: they are misspelt."""
    for key in table:
        if key not in known:
            raise RecordError(
                "{path}: {place}{key}: unknown; known are {known}",
                path=path,
                place=place,
                key=ascii(key)[1:-1],
                known=sorted(known),
            )


def read_string(path: Path, place: str, value: object) -> str:
    """A value that has to be text."""
    if not isinstance(value, str):
        raise RecordError("{path}: {place}: a text is expected", path=path, place=place)
    return value


def read_decision(path: Path, place: str, value: object) -> Decision:
    """A value that has to be a decision."""
    if not isinstance(value, str) or value not in tuple(Decision):
        raise RecordError("{path}: {place}: accepted or rejected is expected", path=path, place=place)
    return Decision(value)
