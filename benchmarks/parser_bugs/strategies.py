"""Where the lines come from: five strategies, each a fixed list for a seed."""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

from benchmarks.parser_bugs import before
from conformance.fuzz import corpus
from conformance.grammar import CLASSES, in_order, other_lines

Take = Callable[[bytes], None]
Strategy = Callable[[int, int, Take], None]
"""Gives so many lines, chosen by a seed, to whoever takes them."""
Made = list[tuple[bytes, float]]
"""Lines, and the seconds that making each of them and those before it took."""

_LONGEST_NOISE = 100
_NOT_CR = [byte for byte in range(256) if byte != 0x0D]
_CLASSES_FOR_EACH_OTHER = 30
"""About what a full run of the suite has."""
_OBEYED = re.compile(rb"AT[ ]*[&EZIVQ]|\+[ ]*CMEE", re.IGNORECASE)


def is_sent(line: bytes) -> bool:
    """Whether a line goes to the module: the few commands that would change its echo or its error codes do not, since
    the oracle rests on them. The look-alike has none that are dangerous."""
    return not _OBEYED.search(line)


def random_bytes(count: int, chosen_by: int) -> Iterator[bytes]:
    """Any bytes but CR behind AT."""
    chance = Random(chosen_by)
    for _ in range(count):
        yield b"AT" + bytes(chance.choices(_NOT_CR, k=chance.randint(1, _LONGEST_NOISE)))


def grammar(count: int, chosen_by: int) -> Iterator[bytes]:
    """What FZ-01 sends: the corpus, then lines of every class."""
    yield from corpus()
    yield from classes(count, chosen_by)


def classes(count: int, chosen_by: int) -> Iterator[bytes]:
    """A line of every class in the order of a full run, again and again, and the lines that are no commands.

    Each seed begins elsewhere in that order. The search for long, rare and slow answers is left out.
    """
    chance = Random(chosen_by)
    order = in_order(CLASSES)
    start = chance.randrange(len(order))
    others = other_lines(count)
    for number in range(count):
        if number % _CLASSES_FOR_EACH_OTHER == 0:
            yield next(others)
        yield order[(start + number) % len(order)].line(chance)


def of_before(count: int, chosen_by: int, take: Take) -> None:
    """What FZ-01 sent before that: its corpus, then what hypothesis made of pieces."""
    for line in before.corpus():
        take(line)
    before.collect(count, chosen_by, take)


def boofuzz(count: int, chosen_by: int) -> Iterator[bytes]:
    """Of an equivalent grammar; boofuzz is imported for nothing else."""
    lines: Iterator[bytes] = importlib.import_module("benchmarks.parser_bugs.boofuzz_lines").lines(count, chosen_by)
    return lines


def _each(lines: Callable[[int, int], Iterator[bytes]]) -> Strategy:
    def give(count: int, chosen_by: int, take: Take) -> None:
        for line in lines(count, chosen_by):
            take(line)

    return give


STRATEGIES: dict[str, Strategy] = {
    "random": _each(random_bytes),
    "before": of_before,
    "grammar": _each(grammar),
    "no-corpus": _each(classes),
    "boofuzz": _each(boofuzz),
}


class _Enough(BaseException):
    """Ends the making of lines; no exception that hypothesis would take for a failure."""


def made(strategy: str, chosen_by: int, count: int) -> Made:
    """The first ``count`` lines of a strategy that are sent."""
    began = time.process_time()
    found: Made = []

    def take(line: bytes) -> None:
        if is_sent(line):
            found.append((line, time.process_time() - began))
        if len(found) == count:
            raise _Enough

    with suppress(_Enough):
        # Some are left out.
        STRATEGIES[strategy](2 * count, chosen_by, take)
    return found
