"""``python -m reports review RUN_DIR``: takes a reviewer's decisions on a run, from options, a file or a dialogue."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reports.commands import Commands, add_lang, tell
from reports.events import RecordError
from reports.files import write_whole
from reports.html import render_page
from reports.i18n import Lang, chosen, explain, text, told
from reports.inert import inert
from reports.record import RunRecord
from reports.review import (
    FILE,
    Decision,
    ItemReview,
    Review,
    check_keys,
    load_review,
    read_decision,
    read_file,
    read_items,
    read_string,
    record_sha256,
    to_review,
)
from reports.sentences import Sentence, say
from reports.verdicts import EXIT_OK, RequirementResult

EXIT_INTERRUPTED = 130
_GIVEN_KEYS = frozenset({"reviewer", "decision", "remark", "items"})


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
    add_lang(parser)
    parser.set_defaults(run=sign_off)


def sign_off(options: argparse.Namespace) -> int:
    """Take decisions from the options, or ask for them; returns 0, or 130 when interrupted. Raises `RecordError`."""
    record = RunRecord.load(options.run_dir / "record.jsonl")
    items = to_review(record)
    review = load_review(options.run_dir) or Review(record_sha256(options.run_dir))
    desk = _Desk(options.run_dir, record, items, Lang(options.lang or record.lang))
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
            tell(desk.lang, f"\n{text(desk.lang, 'review.interrupted')}")
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

    def __init__(self, run_dir: Path, record: RunRecord, items: Mapping[str, RequirementResult], lang: Lang) -> None:
        self.review = Review("")
        self._run_dir = run_dir
        self._record = record
        self._items = items
        self.lang = lang
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
            decision = "-" if item is None else told(self.lang, item.decision.told)
            remark = f"  {inert(item.remark)}" if item is not None and item.remark else ""
            doubt = f"  {text(self.lang, 'review.not-proven')}" if result.unproven else ""
            tell(self.lang, f"{name:<10} {result.verdict:<12} {decision:<8}{doubt}{remark}")
        decided = sum(name in review.items for name in self._items)
        remark = f" ({inert(review.remark)})" if review.remark else ""
        outcome = told(self.lang, review.outcome)
        tell(
            self.lang,
            text(self.lang, "review.decided", decided=decided, count=len(self._items), outcome=outcome) + remark,
        )

    def ask(self, review: Review) -> None:
        """Ask for whatever is still open. Each answer is kept before the next question."""
        self.review = review
        open_items = [name for name in self._items if name not in review.items]
        for number, name in enumerate(open_items, 1):
            tell(self.lang, f"\n[{number}/{len(open_items)}] {self._describe(self._items[name])}")
            answer = _choose(text(self.lang, "review.ask-item"), ("a", "r", "s", "q"))
            if answer == "q":
                return
            if answer == "s":
                continue
            item = ItemReview(Decision.ACCEPTED if answer == "a" else Decision.REJECTED, self._ask_remark())
            self.keep(replace(self.review, items={**self.review.items, name: item}))
        print()
        if not self.review.reviewer and (reviewer := input(text(self.lang, "review.ask-name")).strip()):
            self.keep(replace(self.review, reviewer=reviewer))
        if self.review.decision is None:
            answer = _choose(text(self.lang, "review.ask-run"), ("a", "r", "l"))
            if answer != "l":
                decision = Decision.ACCEPTED if answer == "a" else Decision.REJECTED
                self.keep(replace(self.review, decision=decision, remark=self._ask_remark()))
        self.show(self.review)

    def _ask_remark(self) -> str:
        return input(text(self.lang, "review.ask-remark")).strip()

    def _describe(self, result: RequirementResult) -> str:
        lang = self.lang
        requirement = result.requirement
        words = requirement.zh if lang is Lang.ZH else requirement.en
        lines = [f"{requirement.id} {result.verdict}: {inert(words)}", f"  {inert(explain(lang, result))}"]
        for finding in [finding for finding in result.findings[:5] if finding.observation is not None]:
            title, seen = chosen(lang, finding.title_in_both), json.dumps(finding.observation, ensure_ascii=False)
            lines.append(f"  {inert(title)}: {inert(seen)}")
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
            raise RecordError(
                "{source}: {name!a} is no item to review in this run; {items}",
                source=changes.source,
                name=name,
                items=_choice(items),
            )
    return replace(
        review,
        reviewer=review.reviewer if changes.reviewer is None else changes.reviewer,
        decision=review.decision if changes.decision is None else changes.decision,
        remark=review.remark if changes.remark is None else changes.remark,
        items={**review.items, **changes.items},
    )


def _choice(items: Iterable[str]) -> Sentence:
    names = list(items)
    return say("its items are {names}", names=names) if names else say("it has none")


def _item_option(text: str) -> tuple[str, ItemReview]:
    name, equals, rest = text.partition("=")
    decision, _, remark = rest.partition(":")
    if not equals or decision not in tuple(Decision):
        raise RecordError(
            "--item {given!a}: ID=accepted or ID=rejected is expected, with or without :REMARK", given=text
        )
    return name, ItemReview(Decision(decision), remark)


def _from_file(path: Path) -> _Changes:
    readers: dict[str, Callable[[str], Any]] = {".toml": tomllib.loads, ".json": json.loads}
    if path.suffix not in readers:
        raise RecordError("{path}: a .toml or .json file is expected", path=path)
    document = read_file(path, readers[path.suffix])
    check_keys(path, "", document, _GIVEN_KEYS)
    return _Changes(
        str(path),
        read_string(path, "reviewer", document["reviewer"]) if "reviewer" in document else None,
        read_decision(path, "decision", document["decision"]) if "decision" in document else None,
        read_string(path, "remark", document["remark"]) if "remark" in document else None,
        read_items(path, document.get("items", {})),
    )
