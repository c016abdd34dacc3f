"""The review of a run, as it lies beside the record: what a person decided where the bench does not judge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.record import RecordError

FILE = "review.json"


@dataclass(frozen=True)
class Decision:
    """What was decided about one item, or about the whole run; empty where nothing was."""

    decision: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Review:
    """A review. ``fits`` tells whether it was made of this very record."""

    reviewer: str
    date: str
    whole: Decision
    items: Mapping[str, Decision]
    fits: bool


def load_review(record_path: Path) -> Review | None:
    """The review beside a record, None when there is none. Raises `RecordError` for one that cannot be read."""
    path = record_path.with_name(FILE)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise RecordError(f"{path}: cannot read the review: {problem.strerror or problem}") from problem
    try:
        data = json.loads(raw)
        items = {str(name): _decision(entry) for name, entry in (data.get("items") or {}).items()}
        made_of = data.get("record_sha256")
        fits = made_of is None or made_of == hashlib.sha256(record_path.read_bytes()).hexdigest()
        return Review(str(data.get("reviewer") or ""), str(data.get("date") or ""), _decision(data), items, fits)
    except (ValueError, AttributeError) as problem:
        raise RecordError(f"{path}: not a review: {problem}") from problem


def _decision(entry: Mapping[str, Any]) -> Decision:
    return Decision(str(entry.get("decision") or ""), str(entry.get("remark") or ""))
