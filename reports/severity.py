"""The verdicts there are, how bad each is, and how binding the requirements are that they are given on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

_T = TypeVar("_T")


class Verdict(StrEnum):
    """What a test found out about a requirement. The values are the spelling used in every file."""

    PASS = "PASS"
    FAIL = "FAIL"
    DEVIATION = "DEVIATION"
    WAIVED = "WAIVED"
    OBSERVED = "OBSERVED"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_TESTED = "NOT TESTED"
    BENCH_ERROR = "BENCH ERROR"
    NOT_PROVEN = "NOT PROVEN"
    """Of a run alone: a mandated requirement that it set out to judge is INCONCLUSIVE, and nobody announced that."""


class Level(StrEnum):
    """How binding a requirement is: stated by the manual, implied by it, or left open."""

    MANDATED = "M"
    IMPLIED = "I"
    OPEN = "O"


_SEVERITY: tuple[Verdict, ...] = (
    Verdict.FAIL,
    Verdict.BENCH_ERROR,
    Verdict.NOT_PROVEN,
    Verdict.DEVIATION,
    Verdict.WAIVED,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_TESTED,
    Verdict.PASS,
    Verdict.OBSERVED,
)

SEVERITY: tuple[Verdict, ...] = tuple(verdict for verdict in _SEVERITY if verdict is not Verdict.NOT_PROVEN)
"""The verdicts of findings, tests and requirements, the worst first."""

BREACHES = frozenset({Verdict.FAIL, Verdict.DEVIATION})
"""The verdicts that say that the module did something else than a requirement, and that a waiver may excuse."""


def rank(verdict: Verdict) -> int:
    """Where a verdict stands among all of them; the worst is 0."""
    return _SEVERITY.index(verdict)


def worst(found: Iterable[_T], verdict_of: Callable[[_T], Verdict]) -> _T | None:
    """What has the most severe verdict, the first of equals; None where there is nothing."""
    return min(found, key=lambda one: rank(verdict_of(one)), default=None)


def join(verdicts: Iterable[Verdict]) -> Verdict:
    """The most severe of some verdicts, whatever their order; none at all is NOT TESTED."""
    return worst(verdicts, lambda verdict: verdict) or Verdict.NOT_TESTED


def join_run(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a run in which all of these occur.

    NOT TESTED does not spoil a run: a smoke run leaves most requirements untested and may still pass.
    """
    worst = join(verdict for verdict in verdicts if verdict is not Verdict.NOT_TESTED)
    return Verdict.PASS if worst is Verdict.OBSERVED else worst


def hardened(verdict: Verdict, strict: bool) -> Verdict:
    """A DEVIATION is a FAIL in a strict run."""
    return Verdict.FAIL if strict and verdict is Verdict.DEVIATION else verdict


def effective(verdict: Verdict, strict: bool, waived: bool) -> Verdict:
    """What a verdict comes to: a waiver excuses a breach and nothing else, a strict run hardens the others."""
    return Verdict.WAIVED if waived and verdict in BREACHES else hardened(verdict, strict)
