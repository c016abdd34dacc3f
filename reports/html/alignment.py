"""Two texts of bytes laid beside each other, column by column: what is the same on both sides, and what is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

_TOKEN = re.compile("\u3010[^\u3010\u3011]*\u3011|.", re.DOTALL)
"""The label of a masked secret stays whole; all else is taken byte by byte."""
_LABEL_SIZE = re.compile("\u3010\\d+:(\\d+)")
_MOST_COMPARISONS = 400_000
"""Bytes of one side times bytes of the other that are searched for what they share; beyond, place by place."""


class Column(NamedTuple):
    """What stands at one place: a byte as a latin-1 character, a label, or None where this side has nothing."""

    expected: str | None
    observed: str | None

    @property
    def deviates(self) -> bool:
        return self.expected != self.observed


def aligned(expected: str, observed: str) -> list[Column]:
    """Both texts, what they share in the same columns."""
    one, other = tokens(expected), tokens(observed)
    begin = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest = min(len(one), len(other)) - begin
    end = next((at for at in range(rest) if one[-1 - at] != other[-1 - at]), rest)
    middle = _middle(one[begin : len(one) - end], other[begin : len(other) - end])
    return [
        *map(Column, one[:begin], other[:begin]),
        *middle,
        *map(Column, one[len(one) - end :], one[len(one) - end :]),
    ]


def _middle(one: Sequence[str], other: Sequence[str]) -> Iterator[Column]:
    if len(one) * len(other) > _MOST_COMPARISONS:
        yield from (Column(*pair) for pair in zip_longest(one, other))
        return
    for _, begin, end, first, last in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        yield from (Column(*pair) for pair in zip_longest(one[begin:end], other[first:last]))


def tokens(text: str) -> list[str]:
    """The bytes and labels of a text."""
    return _TOKEN.findall(text)


def is_label(token: str) -> bool:
    return len(token) > 1


def size(token: str | None) -> int:
    """How many bytes of the line a token stands for."""
    if token is None:
        return 0
    found = _LABEL_SIZE.match(token)
    return int(found[1]) if found else 1


def offsets(side: Sequence[str | None]) -> list[int]:
    """The byte at which each column begins on that side."""
    found, at = [], 0
    for token in side:
        found.append(at)
        at += size(token)
    return found


def stretches(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Bytes, each as (first, how many), joined to stretches (first, last)."""
    joined: list[tuple[int, int]] = []
    for first, count in places:
        if joined and joined[-1][1] == first - 1:
            joined[-1] = (joined[-1][0], first + count - 1)
        else:
            joined.append((first, first + count - 1))
    return joined
