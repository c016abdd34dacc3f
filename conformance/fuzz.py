"""Hostile lines for the module's parser: those that are known, and those that property-based testing looks for."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition

from conformance.grammar import CLASSES, LineClass
from conformance.search import Search
from conformance.tried import Tried
from fixtures.budget import Budget
from fixtures.findings import NO_MATTER_OF_THE_INPUT, Breach, Spent, Unshrinkable
from fixtures.module import Module
from fixtures.verify import Verifier
from rigs.errors import BenchError, Unseen

_RECENT = 200
"""Answers by which the pace of the module is told."""
_LINES_PER_LOOK = 8
_QUERIES_PER_LOOK = 5
_SLOWER = 4
"""Times its typical answer from which on an answer is worth to be looked for."""

# fmt: off
_PIECES = [
    b'"', b'""', b'"a', b'a"', b'\\"', b"\\", b",", b",,", b"=", b"=?", b"?", b" ", b"\x00", b"\xff\xfe", b"%n",
    b"%s%s", b"-1", b"0", b"1", b"6", b"0x1", b"1e3", b"256", b"65536", b"4294967296", b"18446744073709551616",
    b"9" * 40,    b"x" * 33, b"x" * 65, b"{}", b"[]", b"'", b"\xe8\xae\xbe", b"OK", b"ERROR", b"AT;", b"+ALYDEVICENAME",
]
# fmt: on


def corpus() -> list[bytes]:
    """Lines that have brought parsers down before, tried in every run."""
    bare = [
        b"AT" + rest for rest in (b"+", b"=", b"?", b" ", b'"', b"\x00", b"+=", b"+?", b"+ALY", b"+ALY=", b"-" * 300)
    ]
    repeated = [b"AT+ALYDEVICENAME=" + piece * times for piece in _PIECES for times in (1, 17, 64)]
    return bare + repeated


def searching(search: Search, budget: Budget) -> Callable[[], None]:
    """Lines of any class, as many as the budget affords, with an eye for answers that are long, rare or slow.

    The same lines in every run, as long as the module answers the same; how slow an answer is counts in coarse steps.
    """
    forms: Counter[str] = Counter()

    @reproducible(budget.planned, shrink=False, targeted=True)
    @given(st.sampled_from(CLASSES), st.randoms(use_true_random=False))
    def explore(made: LineClass, chance: Random) -> None:
        if search.exhausted or not budget.affords():
            raise Spent
        try:
            answer = search.try_line(Tried.of(made, made.line(chance)))
        except NO_MATTER_OF_THE_INPUT as error:
            raise Unshrinkable(str(error)) from error
        except Breach as breach:
            raise Unshrinkable(str(breach)) from breach
        budget.did()
        if answer is None:
            return
        form = f"{made.production} {answer.final} {len(answer.body)}"
        forms[form] += 1
        target(float(sum(len(line.text) for line in answer.lines)), label="length")
        target(-float(forms[form]), label="rarity")
        target(float(slowness(answer.seconds, search.probes)), label="slowness")

    def afforded() -> None:
        with suppress(Spent), plainly():
            explore()

    return afforded


def slowness(seconds: float, typical: Sequence[float]) -> int:
    """How many times an answer took four times as long as those to known questions, as a power; 0 for the most."""
    usual = statistics.median(typical[-_RECENT:]) if typical else 0.0
    return max(0, int(math.log(max(seconds, 1e-9) / usual, _SLOWER))) if usual else 0


@contextmanager
def plainly() -> Iterator[None]:
    """Raise what a test case ended with, where hypothesis puts a complaint about its data in front of it.

    A restart or a network that goes away may end a case where another with the same beginning went on.
    """
    try:
        yield
    except FlakyStrategyDefinition as complaint:
        behind = complaint.__context__
        while behind is not None:
            if isinstance(behind, (pytest.skip.Exception, AssertionError, BenchError, Unshrinkable, Unseen)):
                raise behind from behind.__cause__
            behind = behind.__context__
        raise


def reproducible(examples: int, *, shrink: bool, steps: int = 1, targeted: bool = False) -> settings:
    """Hypothesis settings for a module: the same examples in every run, no time limit of hypothesis's own."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[
            Phase.explicit,
            Phase.generate,
            *([Phase.target] if targeted else []),
            *([Phase.shrink] if shrink else []),
        ],
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )


def lines_per_look(module: Module, verify: Verifier, planned: int) -> int:
    """After how many lines the canary is looked at: after each, unless the plan does not fit into its time so."""
    recent = [exchange.seconds for exchange in module.exchanges[-_RECENT:] if not exchange.silent]
    each = (1 + _QUERIES_PER_LOOK) * statistics.median(recent) if recent else 0.0
    return 1 if planned * each <= verify.effort_seconds else _LINES_PER_LOOK
