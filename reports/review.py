"""``python -m reports review RUN_DIR``: what a person decides about a run, kept beside its record in review.json.

A review never changes a verdict. It holds for one record, whose SHA-256 it carries, and for the requirements that need
a person's eye: those that are INCONCLUSIVE or OBSERVED, and DEVIATIONs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.events import RecordError
from reports.files import write_whole
from reports.html import render_page
from reports.i18n import Lang, explain
from reports.inert import inert
from reports.record import RunRecord
from reports.verdicts import EXIT_OK, RequirementResult, Verdict, conclude

if TYPE_CHECKING:
    from reports.commands import Commands

SCHEMA = 1
FILE = "review.json"
REVIEWABLE = frozenset({Verdict.DEVIATION, Verdict.INCONCLUSIVE, Verdict.OBSERVED})
EXIT_INTERRUPTED = 130
_KEYS = frozenset({"schema", "reviewer", "decision", "date", "remark", "items", "record_sha256"})
_GIVEN_KEYS = frozenset({"reviewer", "decision", "remark", "items"})
_ITEM_KEYS = frozenset({"decision", "remark"})
_LARGEST = 1 << 24


class Decision(StrEnum):
    """What a reviewer says of an item, or of the run."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


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
    def outcome(self) -> str:
        """One line: who decided what; inert."""
        decided = "undecided" if self.decision is None else self.decision.value
        return f"{decided} by {inert(self.reviewer) or 'nobody named'}"

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
    document = _read(path, json.loads)
    schema = document.get("schema")
    if type(schema) is int and schema > SCHEMA:
        raise RecordError(f"{path}: review schema {schema}; this suite reads schema {SCHEMA}")
    if schema != SCHEMA:
        raise RecordError(f"{path}: schema: {SCHEMA} is expected")
    _check_keys(path, "", document, _KEYS)
    if missing := sorted(_KEYS - document.keys()):
        raise RecordError(f"{path}: {missing[0]} is missing")
    review = Review(
        _string(path, "record_sha256", document["record_sha256"]),
        _string(path, "reviewer", document["reviewer"]),
        _decision(path, "decision", document["decision"]) if document["decision"] is not None else None,
        _string(path, "date", document["date"]),
        _string(path, "remark", document["remark"]),
        _items(path, document["items"]),
    )
    if review.record_sha256 != record_sha256(run_dir):
        raise ReviewOfAnother(f"{path}: a review of another record, not of the one beside it: remove it, review again")
    return review


def record_sha256(run_dir: Path) -> str:
    """What binds a review to a record. Raises `RecordError`."""
    path = run_dir / "record.jsonl"
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise RecordError(f"{path}: no run record to read: {problem.strerror or problem}") from problem


def to_review(record: RunRecord) -> dict[str, RequirementResult]:
    """The requirements of a run that need a person's eye, in catalogue order."""
    results = conclude(record, record.strict).requirements
    return {name: result for name, result in results.items() if result.verdict in REVIEWABLE}


def add_commands(commands: Commands) -> None:
    """Add ``review``."""
    parser = commands.add_parser("review", help="record a reviewer's decision on a run and on its open items")
    parser.add_argument("run_dir", metavar="RUN_DIR", type=Path, help="a run's directory, with its record.jsonl")
    parser.add_argument("--reviewer", metavar="NAME", help="who decides")
    parser.add_argument("--decision", choices=[decision.value for decision in Decision], help="on the run as a whole")
    parser.add_argument("--remark", metavar="TEXT", help="on the run as a whole")
    parser.add_argument(
        "--item",
        action="append",
        default=[],
        metavar="ID=DECISION[:REMARK]",
        help="on one requirement: FMT-04=accepted:as on the release before; repeatable",
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="take reviewer, decision, remark and items from a .toml or .json file; the other options go before it",
    )
    parser.add_argument("--show", action="store_true", help="only show what has been decided and what has not")
    parser.set_defaults(run=review_run)


def review_run(options: argparse.Namespace) -> int:
    """Take decisions from the options, or ask for them; returns 0, or 130 when interrupted. Raises `RecordError`."""
    record = RunRecord.load(options.run_dir / "record.jsonl")
    items = to_review(record)
    review = load_review(options.run_dir) or Review(record_sha256(options.run_dir))
    desk = _Desk(options.run_dir, record, items)
    if options.show:
        desk.show(review)
        return EXIT_OK
    changes = _changes(options)
    if changes:
        desk.keep(_changed(review, changes, items))
    elif sys.stdin.isatty():
        try:
            desk.ask(review)
        except (KeyboardInterrupt, EOFError):
            print("\nwhat was answered is kept; the same command goes on from there")
            return EXIT_INTERRUPTED
        finally:
            desk.render()
        return EXIT_OK
    else:
        raise RecordError(
            "review: nothing to record: give --reviewer, --decision, --remark, --item or --from, or --show"
        )
    desk.render()
    desk.show(desk.review)
    return EXIT_OK


class _Desk:
    """Where one run is reviewed: keeps every answer at once, and shows where the review stands."""

    def __init__(self, run_dir: Path, record: RunRecord, items: Mapping[str, RequirementResult]) -> None:
        self.review = Review("")
        self._run_dir = run_dir
        self._record = record
        self._items = items
        self._kept = False

    def keep(self, review: Review) -> None:
        """Write review.json, whole or not at all."""
        self.review = replace(review, date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        write_whole(self._run_dir / FILE, self.review.to_json())
        self._kept = True

    def render(self) -> None:
        """Make report.html again when something was decided: it shows the review."""
        if self._kept:
            page = render_page(self._record, Lang(self._record.lang), self._record.strict)
            write_whole(self._run_dir / "report.html", page)

    def show(self, review: Review) -> None:
        """Every item and the whole, decided or not."""
        for name, result in self._items.items():
            item = review.items.get(name)
            decision = "-" if item is None else item.decision.value
            remark = f"  {inert(item.remark)}" if item is not None and item.remark else ""
            print(f"{name:<10} {result.verdict:<12} {decision:<8}{remark}")
        decided = sum(name in review.items for name in self._items)
        remark = f" ({inert(review.remark)})" if review.remark else ""
        print(f"{decided} of {len(self._items)} items decided; the run: {review.outcome}{remark}")

    def ask(self, review: Review) -> None:
        """Ask for whatever is still open. Each answer is kept before the next question."""
        self.review = review
        open_items = [name for name in self._items if name not in review.items]
        for number, name in enumerate(open_items, 1):
            print(f"\n[{number}/{len(open_items)}] {self._describe(self._items[name])}")
            answer = _choose("accept, reject, skip or quit", ("a", "r", "s", "q"))
            if answer == "q":
                return
            if answer == "s":
                continue
            item = ItemReview(Decision.ACCEPTED if answer == "a" else Decision.REJECTED, input("  remark: ").strip())
            self.keep(replace(self.review, items={**self.review.items, name: item}))
        print()
        if not self.review.reviewer and (reviewer := input("your name: ").strip()):
            self.keep(replace(self.review, reviewer=reviewer))
        if self.review.decision is None:
            answer = _choose("the run as a whole: accept, reject or leave it open", ("a", "r", "l"))
            if answer != "l":
                decision = Decision.ACCEPTED if answer == "a" else Decision.REJECTED
                self.keep(replace(self.review, decision=decision, remark=input("  remark: ").strip()))
        self.show(self.review)

    def _describe(self, result: RequirementResult) -> str:
        lang = Lang(self._record.lang)
        requirement = result.requirement
        words = requirement.zh if lang is Lang.ZH else requirement.en
        lines = [f"{requirement.id} {result.verdict}: {inert(words)}", f"  {inert(explain(lang, result))}"]
        lines += [
            f"  {inert(finding.title)}: {inert(json.dumps(finding.observation, ensure_ascii=False))}"
            for finding in result.findings[:5]
            if finding.observation is not None
        ]
        return "\n".join(lines)


def _choose(question: str, letters: tuple[str, ...]) -> str:
    while True:
        answer = input(f"  {question} [{'/'.join(letters)}]: ").strip().lower()[:1]
        if answer in letters:
            return answer


@dataclass(frozen=True)
class _Changes:
    """What is to be set; None, or no item, is left as it was. ``source`` names it in messages."""

    source: str
    reviewer: str | None = None
    decision: Decision | None = None
    remark: str | None = None
    items: Mapping[str, ItemReview] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.items) or any(value is not None for value in (self.reviewer, self.decision, self.remark))


def _changes(options: argparse.Namespace) -> _Changes:
    """What a file and the options want set; the options win."""
    given = _Changes("--item") if options.source is None else _from_file(options.source)
    items = dict(map(_item_option, options.item))
    return replace(
        given,
        reviewer=given.reviewer if options.reviewer is None else options.reviewer,
        decision=given.decision if options.decision is None else Decision(options.decision),
        remark=given.remark if options.remark is None else options.remark,
        items={**given.items, **items},
    )


def _changed(review: Review, changes: _Changes, items: Mapping[str, RequirementResult]) -> Review:
    for name in changes.items:
        if name not in items:
            raise RecordError(f"{changes.source}: {name!a} is no item to review in this run; {_choice(items)}")
    return replace(
        review,
        reviewer=review.reviewer if changes.reviewer is None else changes.reviewer,
        decision=review.decision if changes.decision is None else changes.decision,
        remark=review.remark if changes.remark is None else changes.remark,
        items={**review.items, **changes.items},
    )


def _choice(items: Iterable[str]) -> str:
    names = ", ".join(items)
    return f"its items are {names}" if names else "it has none"


def _item_option(text: str) -> tuple[str, ItemReview]:
    name, equals, rest = text.partition("=")
    decision, _, remark = rest.partition(":")
    if not equals or decision not in tuple(Decision):
        raise RecordError(f"--item {text!a}: ID=accepted or ID=rejected is expected, with or without :REMARK")
    return name, ItemReview(Decision(decision), remark)


def _from_file(path: Path) -> _Changes:
    readers: dict[str, Callable[[str], Any]] = {".toml": tomllib.loads, ".json": json.loads}
    if path.suffix not in readers:
        raise RecordError(f"{path}: a .toml or .json file is expected")
    document = _read(path, readers[path.suffix])
    _check_keys(path, "", document, _GIVEN_KEYS)
    return _Changes(
        str(path),
        _string(path, "reviewer", document["reviewer"]) if "reviewer" in document else None,
        _decision(path, "decision", document["decision"]) if "decision" in document else None,
        _string(path, "remark", document["remark"]) if "remark" in document else None,
        _items(path, document.get("items", {})),
    )


def _items(path: Path, value: object) -> dict[str, ItemReview]:
    items: dict[str, ItemReview] = {}
    for name, entry in _table(path, "items", value).items():
        place = f"items.{ascii(name)[1:-1]}"
        fields = _table(path, place, entry)
        _check_keys(path, f"{place}.", fields, _ITEM_KEYS)
        decision = _decision(path, f"{place}.decision", fields.get("decision"))
        items[name] = ItemReview(decision, _string(path, f"{place}.remark", fields.get("remark", "")))
    return items


def _read(path: Path, parse: Callable[[str], Any]) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise RecordError(f"{path}: too large for a review")
        return _table(path, "the file", parse(path.read_text("utf-8")))
    except OSError as problem:
        raise RecordError(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except (ValueError, RecursionError) as problem:
        raise RecordError(f"{path}: cannot be read: {inert(str(problem))}") from problem


def _table(path: Path, place: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RecordError(f"{path}: {place}: a table (an object of JSON) is expected")
    return value


def _check_keys(path: Path, place: str, table: Mapping[str, object], known: frozenset[str]) -> None:
    for key in table:
        if key not in known:
            raise RecordError(f"{path}: {place}{ascii(key)[1:-1]}: unknown; known are {', '.join(sorted(known))}")


def _string(path: Path, place: str, value: object) -> str:
    if not isinstance(value, str):
        raise RecordError(f"{path}: {place}: a text is expected")
    return value


def _decision(path: Path, place: str, value: object) -> Decision:
    if not isinstance(value, str) or value not in tuple(Decision):
        raise RecordError(f"{path}: {place}: accepted or rejected is expected")
    return Decision(value)
