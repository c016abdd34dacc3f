"""Changed answers in words, as many of them as a reader looks at; the JSON file holds them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

from reports.compare.answers import NO_RESULT, SILENCE, Alike, Compared, Differs, Group, Pair, Part
from reports.compare.judgements import Judged
from reports.compare.timing import milliseconds
from reports.html.words import both, word
from reports.i18n import Lang, text
from reports.inert import inert

_LONGEST = 160
"""Characters of an answer that are shown."""
_BYTE = re.compile(r"[\x00-\x1f\x7f-\xff]")


class Bounds(NamedTuple):
    """How many groups are shown, and how many ways of changing in each."""

    groups: int
    ways: int


PAGE = Bounds(100, 4)
TERMINAL = Bounds(12, 3)


@dataclass(frozen=True)
class Row:
    """One way in which answers changed, as the page shows it."""

    parts: list[tuple[Markup, Markup, Markup]]
    """What changed, what it was, and what it is."""
    count: int
    command: str
    """The command line of the first of them, or what it is in place of one."""
    test: str
    events: Markup


@dataclass(frozen=True)
class Rows:
    """The ways in which answers to one kind of command on one requirement changed."""

    command: str | Markup
    requirement: str
    count: int
    rows: list[Row]
    more: int
    """Changed answers in ways that are not shown."""


def about_answers(answers: Compared, lang: Lang) -> Iterator[str]:
    """Why answers are not compared, or how many of them are, each a line."""
    if answers.why_not is not None:
        run = text(lang, f"compare.{answers.whose}") if answers.whose else ""
        yield text(lang, f"compare.unanswered.{answers.why_not}", run=run, detail=answers.detail)
        return
    key = "compare.answers-of" if answers.changed else "compare.answers-same"
    yield text(lang, key, changed=answers.changed, count=answers.count)
    if answers.parted:
        old, new = sum(each.old_count for each in answers.parted), sum(each.new_count for each in answers.parted)
        yield text(lang, "compare.parted", old=old, new=new, tests=len(answers.parted))


def counts(answers: Compared, lang: Lang) -> list[str]:
    """How often each part of an answer changed."""
    return [f"{text(lang, f'compare.part.{part}')} {count}" for part in Part if (count := answers.with_part(part))]


def unshown(answers: Compared, bounds: Bounds) -> tuple[int, int]:
    """How many groups are beyond the bounds, and how many answers they hold."""
    rest = answers.groups[bounds.groups :]
    return len(rest), sum(group.count for group in rest)


def traffic_lines(answers: Compared, lang: Lang, most: int) -> list[str]:
    """What the module did otherwise at the gateway, each way once, and how many ways are not told."""
    told = [
        text(
            lang,
            "compare.traffic-changed",
            count=it.count,
            fact=text(lang, f"compare.fact.{it.fact}"),
            old=_shown(it.old),
            new=_shown(it.new),
            test=it.test.rpartition("/")[2],
            events=text(lang, "compare.events", old=it.old_event, new=it.new_event),
        )
        for it in answers.traffic[:most]
    ]
    rest = len(answers.traffic) - most
    return [*told, text(lang, "compare.more-traffic", count=rest)] if rest > 0 else told


def more_alike(group: Group, bounds: Bounds) -> int:
    """How many answers of a group changed in ways beyond the bounds."""
    return sum(len(alike.pairs) for alike in group.alike[bounds.ways :])


def sides(differs: Differs, pair: Pair, lang: Lang) -> tuple[str, str]:
    """What it was and what it is; of time that of the first of the pairs, with the ratio."""
    if differs.part is Part.TIME:
        old, new = (0.0 if judged.answer is None else judged.answer.seconds for judged in (pair.old, pair.new))
        ratio = f" (x {new / old:.3g})" if old else ""
        return milliseconds(old), milliseconds(new) + ratio
    return _side(differs.old, lang), _side(differs.new, lang)


def _side(value: str | None, lang: Lang) -> str:
    words = {SILENCE: "compare.silence", NO_RESULT: "compare.no-result", "": "compare.nothing", None: "compare.nothing"}
    return text(lang, words[value]) if value in words else _shown(value or "")


def command_line(pair: Pair) -> str:
    """The command line of NEW; what else was expected where there is none."""
    return pair.new.expectation.check if pair.new.answer is None else _shown(pair.new.answer.command)


def _shown(value: str) -> str:
    """Text of the module, harmless, a beginning of it where it is long."""
    whole = inert(_BYTE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), value))
    return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}... ({len(value)})"


def answer_rows(answers: Compared) -> list[Rows]:
    """What the page shows."""
    return [
        Rows(
            group.command or word("compare.no-command"),
            group.requirement,
            group.count,
            [_row(alike) for alike in group.alike[: PAGE.ways]],
            more_alike(group, PAGE),
        )
        for group in answers.groups[: PAGE.groups]
    ]


def _row(alike: Alike) -> Row:
    first = alike.pairs[0]
    parts = []
    for differs in alike.differs:
        (old_en, new_en), (old_zh, new_zh) = (sides(differs, first, lang) for lang in (Lang.EN, Lang.ZH))
        parts.append((word(f"compare.part.{differs.part}"), both(old_en, old_zh), both(new_en, new_zh)))
    events = word("compare.events", old=_event(first.old), new=_event(first.new))
    return Row(parts, len(alike.pairs), command_line(first), first.new.test, events)


def _event(judged: Judged) -> int:
    return int(judged.event if judged.exchange is None else judged.exchange)


def answers_as_json(answers: Compared) -> dict[str, Any]:
    """All of it, for other programs."""
    if answers.why_not is not None:
        return {"compared": False, "why_not": answers.why_not, "run": answers.whose or None, "detail": answers.detail}
    return {
        "compared": True,
        "judgements": answers.count,
        "changed": answers.changed,
        "parts": {part.value: answers.with_part(part) for part in Part},
        "groups": [_group_as_json(group) for group in answers.groups],
        "traffic": [
            {
                "fact": it.fact.value,
                "old": it.old,
                "new": it.new,
                "count": it.count,
                "test": it.test,
                "events": {"old": it.old_event, "new": it.new_event},
            }
            for it in answers.traffic
        ],
        "without_counterpart": {
            parted.test: {
                "old": {"count": parted.old_count, "first_event": parted.old},
                "new": {"count": parted.new_count, "first_event": parted.new},
            }
            for parted in answers.parted
        },
    }


def _group_as_json(group: Group) -> dict[str, Any]:
    return {
        "command": group.command,
        "requirement": group.requirement,
        "count": group.count,
        "changes": [
            {
                "differs": {differs.part.value: {"old": differs.old, "new": differs.new} for differs in alike.differs},
                "count": len(alike.pairs),
                "answers": [_pair_as_json(pair) for pair in alike.pairs],
            }
            for alike in group.alike
        ],
    }


def _pair_as_json(pair: Pair) -> dict[str, Any]:
    return {
        "test": pair.new.test,
        "check": pair.new.expectation.check,
        "old": _as_json(pair.old),
        "new": _as_json(pair.new),
    }


def _as_json(judged: Judged) -> dict[str, Any]:
    told: dict[str, Any] = {"finding": judged.event, "verdict": judged.verdict}
    if judged.answer is None:
        return told | {"observed": judged.observed or None}
    answer = judged.answer
    return told | {
        "exchange": judged.exchange,
        "command": answer.command,
        "lines": list(answer.lines),
        "silent": answer.silent,
        "seconds": answer.seconds,
    }
