"""Makes what brings a symptom about as short as it goes: fewer lines first, then fewer bytes (delta debugging)."""

from __future__ import annotations

import itertools
import string
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from conformance.grammar import may_be_sent
from conformance.tried import Tried

_T = TypeVar("_T")
_LETTERS_AND_DIGITS = (string.ascii_letters + string.digits).encode()


class Patience:
    """So many tries, and so many seconds, for making one sequence shorter."""

    def __init__(self, tries: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._tries = tries
        self._clock = clock
        self._ends = clock() + seconds

    def lasts(self) -> bool:
        """Whether one more try may be made, which counts as made."""
        self._tries -= 1
        return self._tries >= 0 and self._clock() < self._ends


def ddmin(items: Sequence[_T], fails: Callable[[Sequence[_T]], bool], patience: Patience) -> Sequence[_T]:
    """A part of ``items`` that still fails and of which, patience permitting, no item can be left out.

    ``items`` as a whole are known to fail.
    """
    parts = 2
    while len(items) > 1:
        size = -(-len(items) // parts)
        for start in range(0, len(items), size):
            rest = [*items[:start], *items[start + size :]]
            if not patience.lasts():
                return items
            if rest and fails(rest):
                items, parts = rest, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(items))
    return items


def shortest(lines: Sequence[Tried], fails: Callable[[Sequence[Tried]], bool], patience: Patience) -> Sequence[Tried]:
    """The fewest lines, and then of the last of them the fewest bytes, that still fail; what is tried may be sent."""
    # One line alone is what it mostly is, and one of the last.
    alone = ([line] for line in reversed(lines) if len(lines) > 1)
    found = [*itertools.islice((one for one in alone if patience.lasts() and fails(one)), 1)]
    lines = found[0] if found else ddmin(lines, fails, patience)
    *before, last = lines

    def with_bytes(data: Sequence[int]) -> Sequence[Tried]:
        return [*before, replace(last, data=bytes(data))]

    # What stands for nothing goes at once, where it can.
    bare = [*last.data[:2], *(byte for byte in last.data[2:] if byte not in _LETTERS_AND_DIGITS)]
    if len(bare) < len(last.data) and may_be_sent(bytes(bare)) and patience.lasts() and fails(with_bytes(bare)):
        last = replace(last, data=bytes(bare))
    data = ddmin(
        list(last.data),
        lambda left: left[:2] == [*last.data[:2]] and may_be_sent(bytes(left)) and fails(with_bytes(left)),
        patience,
    )
    return with_bytes(data)
