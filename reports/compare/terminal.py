"""A comparison in the terminal: plain lines of a hundred columns, in colour where it is a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from reports.compare.answer_words import TERMINAL, command_line, counts, more_alike, sides, traffic_lines, unshown
from reports.compare.answers import Compared, Group
from reports.compare.comparison import Change, Changed, Comparison
from reports.compare.observations import Difference, shown
from reports.compare.page import HEADINGS, headline, notes, said
from reports.compare.timing import Drift, milliseconds
from reports.i18n import Lang, chosen, text
from reports.inert import inert
from reports.runs import Run
from reports.verdicts import Verdict

WIDTH = 100

_ESCAPES = {
    Verdict.FAIL: "31",
    Verdict.DEVIATION: "33",
    Verdict.WAIVED: "33",
    Verdict.BENCH_ERROR: "35",
    Verdict.NOT_PROVEN: "33",
    Verdict.PASS: "32",
    Verdict.OBSERVED: "36",
}
_VERDICT = max(len(verdict) for verdict in Verdict)
_ID = 12
_DETAIL = " " * 4
_MAX_LINES = 3
"""Lines that one quotation may take: the page and the JSON file have the rest."""


@dataclass(frozen=True)
class _Style:
    lang: Lang
    colour: bool

    def paint(self, content: str, code: str) -> str:
        return f"\x1b[{code}m{content}\x1b[0m" if self.colour else content

    def verdict(self, verdict: Verdict, width: int = 0) -> str:
        # Padded before it is painted: escapes take no column.
        return self.paint(verdict.value.ljust(width), _ESCAPES.get(verdict, "2"))


def lines(comparison: Comparison, lang: Lang, *, colour: bool = False) -> Iterator[str]:
    """The comparison line by line."""
    style = _Style(lang, colour)
    yield from _run(comparison.old, "compare.old", style)
    yield from _run(comparison.new, "compare.new", style)
    for note in notes(comparison, lang):
        yield from _wrapped(note)
    if comparison.cautions:
        yield from _wrapped(text(lang, "compare.cautions"))
        for caution in comparison.cautions:
            yield from _wrapped(said(caution, lang), first="- ", indent="  ")
    for change, heading in HEADINGS.items():
        if items := comparison.of(change):
            yield from _heading(heading, len(items), style)
            for item in items:
                yield from _changed(item, comparison, style)
    if comparison.observed:
        yield from _heading("compare.observations", len(comparison.observed), style)
        for observed in comparison.observed:
            yield f"  {inert(observed.id)}"
            for difference in observed.differences:
                yield from _wrapped(_difference(difference, lang), indent=_DETAIL, limit=_MAX_LINES)
    if comparison.answers.changed:
        yield from _heading("compare.answers-changed", comparison.answers.changed, style)
        yield from _answers(comparison.answers, style)
    if comparison.answers.traffic:
        yield from _heading("compare.traffic", len(comparison.answers.traffic), style)
        for line in traffic_lines(comparison.answers, lang, TERMINAL.groups):
            yield from _wrapped(line, first="  ", indent=_DETAIL, limit=_MAX_LINES)
    if comparison.drifts:
        yield from _heading("compare.timing", len(comparison.drifts), style)
        yield from (_drift(drift, lang) for drift in comparison.drifts)
    yield ""
    yield from _total(comparison, style)


def _run(run: Run, key: str, style: _Style) -> Iterator[str]:
    summary = run.summary
    name = text(style.lang, key)
    firmware = inert(summary.module.revision or text(style.lang, "unknown"))
    rig = inert(summary.rig or text(style.lang, "unknown"))
    yield f"{_padded(name, 4)} {style.verdict(summary.verdict, _VERDICT)} {firmware}  {rig}  {inert(summary.began)}"
    yield from _wrapped(str(run.path), indent=" " * 5)


def _heading(key: str, count: int, style: _Style) -> Iterator[str]:
    yield ""
    yield style.paint(f"{text(style.lang, key)} ({count})", "1")


def _changed(item: Changed, comparison: Comparison, style: _Style) -> Iterator[str]:
    verdicts = " -> ".join(
        style.verdict(entry.verdict, _VERDICT if place == 0 and item.new else 0)
        for place, entry in enumerate((item.old, item.new))
        if entry is not None
    )
    yield f"  {_padded(inert(item.id), _ID)} {item.entry.level}  {verdicts}"
    if wording := comparison.wordings.get(item.id):
        words = wording.zh if style.lang is Lang.ZH else wording.en
        yield from _wrapped(words, indent=_DETAIL, limit=_MAX_LINES)
    if why := chosen(style.lang, item.entry.why):
        yield from _wrapped(f"> {why}", indent=_DETAIL, limit=_MAX_LINES)


def _difference(difference: Difference, lang: Lang) -> str:
    if fields := difference.fields:
        changes = ", ".join(f"{field.name}: {field.old} -> {field.new}" for field in fields)
        return f"{changes}  {difference.context}".rstrip()
    if difference.new is None:
        return f"{text(lang, 'compare.went')}: {shown(difference.old)}"
    if difference.old is None:
        return f"{text(lang, 'compare.came')}: {shown(difference.new)}"
    return f"{shown(difference.old)} -> {shown(difference.new)}"


def _answers(answers: Compared, style: _Style) -> Iterator[str]:
    yield from _wrapped(" | ".join(counts(answers, style.lang)), indent="  ")
    for group in answers.groups[: TERMINAL.groups]:
        yield from _group(group, style)
    groups, count = unshown(answers, TERMINAL)
    if groups:
        yield from _wrapped(text(style.lang, "compare.more-groups", groups=groups, count=count), indent="  ")


def _group(group: Group, style: _Style) -> Iterator[str]:
    yield f"  {group.command or text(style.lang, 'compare.no-command')}  {inert(group.requirement)} ({group.count})"
    for alike in group.alike[: TERMINAL.ways]:
        first = alike.pairs[0]
        changes = []
        for differs in alike.differs:
            old, new = sides(differs, first, style.lang)
            changes.append(f"{text(style.lang, f'compare.part.{differs.part}')}: {old} -> {new}")
        content = f"{len(alike.pairs)} x  {', '.join(changes)}  {command_line(first)}"
        yield from _wrapped(content, indent=_DETAIL, limit=_MAX_LINES)
    if more := more_alike(group, TERMINAL):
        yield f"{_DETAIL}{text(style.lang, 'compare.more-alike', count=more)}"


def _drift(drift: Drift, lang: Lang) -> str:
    change = "" if drift.ratio is None else f"{(drift.ratio - 1) * 100:+.0f} %"
    medians = f"{milliseconds(drift.old.median):>9} -> {milliseconds(drift.new.median):<9}"
    margin = f"{text(lang, 'compare.margin')} {milliseconds(drift.margin)}"
    return f"  {inert(drift.command)[:24]:<24} {medians} {change:>8}  {margin}  ({drift.old.count}/{drift.new.count})"


def _total(comparison: Comparison, style: _Style) -> Iterator[str]:
    yield style.paint(headline(comparison, style.lang), "31;1" if comparison.regressed else "32;1")
    counts = [
        f"{text(style.lang, key)}: {len(items)}"
        for change, key in HEADINGS.items()
        if change is not Change.REGRESSED and (items := comparison.of(change))
    ]
    yield from _wrapped(" | ".join([*counts, text(style.lang, "compare.unchanged", count=comparison.unchanged)]))


def _wrapped(content: str, *, first: str = "", indent: str = "", limit: int | None = None) -> Iterator[str]:
    """Inert text in lines of `WIDTH` columns at most."""
    pieces = _pieces(inert(content), WIDTH - len(indent))
    if limit is not None and len(pieces) > limit:
        pieces = [*pieces[: limit - 1], f"{pieces[limit - 1][: WIDTH // 2 - len(indent)]} ..."]
    for number, piece in enumerate(pieces):
        yield f"{first if first and number == 0 else indent}{piece}"


def _pieces(content: str, width: int) -> list[str]:
    """The text cut at its last blank that fits, or anywhere: Chinese has none, nor has a payload."""
    pieces = []
    while content:
        end = _fitting(content, width)
        blank = content.rfind(" ", 1, end + 1) if end < len(content) else -1
        cut = blank if blank > end // 2 else end
        pieces.append(content[:cut].rstrip())
        content = content[cut:].lstrip()
    return pieces


def _fitting(content: str, width: int) -> int:
    """How many characters fit in so many columns, one at least."""
    used = 0
    for index, character in enumerate(content):
        used += _columns(character)
        if used > width:
            return max(1, index)
    return len(content)


def _padded(content: str, width: int) -> str:
    return content + " " * max(0, width - sum(map(_columns, content)))


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
