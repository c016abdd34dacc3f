"""Pieces of sentences about judgements: the module's bytes, and texts in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reports.events import Bilingual
from reports.judging.answer import Answer
from reports.texts import TEXTS

LONGEST = 120
"""Characters of a line that a sentence shows."""
MOST = 6
"""Lines, or messages, that it shows."""
_BYTE = re.compile(r"[^\x20-\x7e\u3010\u3011]")


def listed(lines: Iterable[str]) -> str:
    """Lines in a row, no more than a reader bears."""
    all_of_them = [shown(line) for line in lines]
    more = [f"+{len(all_of_them) - MOST}"] if len(all_of_them) > MOST else []
    return " / ".join((*all_of_them[:MOST], *more))


def shown(line: str) -> str:
    """A line as it was, what is no ASCII as escapes, and its length where it is cut."""
    whole = _BYTE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), line)
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}... ({len(line)})"


def either(choices: list[str]) -> Bilingual:
    """Choices, with an "or" between them."""
    between = TEXTS["expected.or"]
    return Bilingual(between.en.join(choices), between.zh.join(choices))


def text(key: str, **values: object) -> Bilingual:
    """A text in both languages; a value that has two itself gives each its own."""
    entry = TEXTS[key]
    english, chinese = (
        {name: value[index] if isinstance(value, Bilingual) else value for name, value in values.items()}
        for index in range(2)
    )
    return Bilingual(entry.en.format_map(english), entry.zh.format_map(chinese))


def came(answer: Answer) -> Bilingual:
    """What was answered, and how long it took."""
    lines = listed(answer.lines)
    if answer.silent:
        key = "came.silence-but" if lines else "came.silence"
        return text(key, lines=lines, seconds=f"{answer.seconds:.1f}")
    return text("came.answer", lines=lines, ms=f"{answer.seconds * 1000:.1f}")


def ranges(codes: Iterable[tuple[int, int]]) -> Bilingual:
    """Ranges of error codes."""
    return either([str(first) if first == last else f"{first}-{last}" for first, last in codes])
