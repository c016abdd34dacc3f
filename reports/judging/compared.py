"""Both sides of a judgement as texts that can be laid beside each other: what was expected, and what came.

Text is that of the record: one latin-1 character for each byte, labels in place of secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import singledispatch
from itertools import product, zip_longest

from reports.events import Compared, Pair
from reports.judging.answer import Answer, readings
from reports.judging.expectation import (
    Answers,
    AnswersOneOf,
    Expectation,
    Informs,
    Published,
    Shown,
)
from reports.judging.judge import Evidence
from reports.judging.sights import Arrived

_MOST = 3
"""Pairs that are laid beside each other: a module that goes wrong once often does so hundreds of times."""


def compared(expectation: Expectation, evidence: Evidence) -> Compared | None:
    """What differs; None where nothing does, and where the expectation names no text."""
    found = _sides(expectation, evidence)
    return found if found is not None and found.pairs else None


@singledispatch
def _sides(expectation: Expectation, evidence: Evidence) -> Compared | None:
    return None


@_sides.register
def _(expectation: Answers, evidence: Evidence) -> Compared | None:
    answer, values = evidence.answer(expectation.exchange), expectation.values
    if all(isinstance(value, int) for value in values):
        # Blanks around integers are tolerated.
        told = [",".join(field.strip(" ") for field in item.split(",")) for item in answer.information]
        return _of([",".join(map(str, values))], told) if answer.result is not None or told else None
    return _values([str(value) for value in values], answer)


@_sides.register
def _(expectation: AnswersOneOf, evidence: Evidence) -> Compared | None:
    return _values(expectation.values, evidence.answer(expectation.exchange))


@_sides.register
def _(expectation: Informs, evidence: Evidence) -> Compared | None:
    answer = evidence.answer(expectation.exchange)
    if expectation.separator is None or len(answer.separators) != 1:
        return None
    (said,), (value,) = answer.separators, answer.information
    return _of([f"{answer.name}{expectation.separator}{value}"], [f"{answer.name}{said}{value}"])


@_sides.register
def _(expectation: Shown, evidence: Evidence) -> Compared | None:
    shown = evidence.downlinks(expectation.topic, expectation.first, expectation.last)
    # Quotes around a payload are another judgement's matter (RV-01).
    bare = [_without_quotes(came, expectation.payloads) for came in shown]
    return _of(expectation.payloads, bare, messages=True)


@_sides.register
def _(expectation: Published, evidence: Evidence) -> Compared | None:
    return _of(expectation.payloads, evidence.published(expectation.topic, expectation.last), messages=True)


@_sides.register
def _(expectation: Arrived, evidence: Evidence) -> Compared | None:
    """Against the nearest of the messages that came: more of them are no matter of this judgement."""
    came = evidence.published(expectation.topic, expectation.last)
    nearest = sorted(came, key=lambda payload: _distance(payload, expectation.payload))[:1]
    return _of([expectation.payload], nearest, messages=True)


def _without_quotes(came: str, wanted: Sequence[str]) -> str:
    return came[1:-1] if came not in wanted and any(came == f'"{payload}"' for payload in wanted) else came


def _values(choices: Sequence[str], answer: Answer) -> Compared | None:
    """The value that the information response tells against the nearest of those that are right."""
    told = answer.information
    if not told:
        return _of(choices[:1], [], len(choices)) if answer.result is not None else None
    read = product(choices, readings(told[0]))
    nearest, came = min(read, key=lambda pair: _distance(*pair))
    return _of([nearest], [came, *told[1:]], len(choices))


def _distance(one: str, other: str) -> tuple[int, int]:
    """How far two texts are from each other: what they do not share at either end; then, how unlike they are long."""
    shorter = min(len(one), len(other))
    begin = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    end = next((at for at in range(shorter - begin) if one[-1 - at] != other[-1 - at]), shorter - begin)
    return max(len(one), len(other)) - begin - end, abs(len(one) - len(other))


def _of(expected: Sequence[str], observed: Sequence[str], choices: int = 1, *, messages: bool = False) -> Compared:
    found = list(_differing(expected, observed))
    return Compared(tuple(found[:_MOST]), len(expected), len(observed), len(found), choices, messages)


def _differing(expected: Sequence[str], observed: Sequence[str]) -> Iterator[Pair]:
    """What was lost, what came besides, what came otherwise, in order: one lost message moves the others up."""
    for tag, begin, end, first, last in SequenceMatcher(None, expected, observed, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for at, (one, other) in enumerate(zip_longest(expected[begin:end], observed[first:last])):
            yield Pair(one, other, (begin if one is not None else first) + at + 1)
