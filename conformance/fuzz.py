"""Hostile lines for the module's parser, and the canary that tells whether one of them did harm."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.strategies import SearchStrategy

from conformance.catalogue import CONNECT_CFG, IDENTITY_VALUES, Kind, load
from conformance.values import sample
from fixtures.budget import Budget
from fixtures.findings import NO_MATTER_OF_THE_INPUT, Breach, Spent, Unshrinkable
from fixtures.module import Module
from fixtures.run import Run
from fixtures.verify import Verifier
from reports.why import Why
from rigs.at.dialogue import Exchange
from rigs.at.results import command_name
from rigs.errors import BenchError
from rigs.sentence import say

# CR ends a line, LF may; backspace, DEL and CAN edit it, so that what is left may no longer begin with AT (V.250);
# a semicolon begins another command, which on a real module could be any.
_NOT_IN_LINES = b"\r\n\x08\x7f\x18;"
_BYTES = [byte for byte in range(256) if byte not in _NOT_IN_LINES]
_NO_COMMAND = [byte for byte in _BYTES if not chr(byte).isalpha() and byte not in b"&\\%+/"]
_LONGEST = 3000
_RECENT = 200
"""Answers by which the pace of the module is told."""
_LINES_PER_LOOK = 8

# fmt: off
_PIECES = [
    b'"', b'""', b'"a', b'a"', b'\\"', b"\\", b",", b",,", b"=", b"=?", b"?", b" ", b"\x00", b"\xff\xfe", b"%n",
    b"%s%s", b"-1", b"0", b"1", b"6", b"0x1", b"1e3", b"256", b"65536", b"4294967296", b"18446744073709551616",
    b"9" * 40,    b"x" * 33, b"x" * 65, b"{}", b"[]", b"'", b"\xe8\xae\xbe", b"OK", b"ERROR", b"AT", b"+ALYDEVICENAME",
]
# fmt: on
_NAMES = [command.word.encode() for command in load().commands.values() if command.kind is not Kind.URC]


def _bytes(alphabet: list[int], longest: int) -> SearchStrategy[bytes]:
    return st.lists(st.sampled_from(alphabet), max_size=longest).map(bytes)


def command_lines() -> SearchStrategy[bytes]:
    """Lines that begin with AT: mutated commands of the manual, near misses of their names, and noise.

    None of them can be a command of another kind that a real module would obey (reset, power-off, baud rate ...).
    """
    pieces = st.lists(st.one_of(st.sampled_from(_PIECES), _bytes(_BYTES, 8)), max_size=12).map(b"".join)
    mutated = st.builds(
        lambda name, operator, rest: b"AT+" + name + operator + rest,
        st.sampled_from(_NAMES),
        st.sampled_from([b"", b"=", b"?", b"=?", b" =", b"\x00", b"=="]),
        pieces,
    )
    near_miss = _bytes(_BYTES, 40).map(lambda rest: b"AT+ALY" + rest)
    noise = st.builds(
        lambda first, rest: b"AT" + bytes([first]) + rest, st.sampled_from(_NO_COMMAND), _bytes(_BYTES, 60)
    )
    nameless = _bytes(_NO_COMMAND, 8).map(lambda rest: b"AT+" + rest)
    repeated = st.builds(
        lambda name, piece, times: b"AT+" + name + b"=" + piece * times,
        st.sampled_from(_NAMES),
        st.sampled_from(_PIECES),
        st.integers(2, 60),
    )
    long = st.builds(
        lambda name, piece, size: (b"AT+" + name + b"=" + piece * size)[:size],
        st.sampled_from(_NAMES),
        st.sampled_from(_PIECES).filter(len),
        st.integers(900, _LONGEST),
    )
    return st.one_of(mutated, mutated, near_miss, noise, nameless, repeated, long)


def corpus() -> list[bytes]:
    """Lines that have brought parsers down before, tried in every run."""
    bare = [
        b"AT" + rest for rest in (b"+", b"=", b"?", b" ", b'"', b"\x00", b"+=", b"+?", b"+ALY", b"+ALY=", b"-" * 300)
    ]
    repeated = [b"AT+ALYDEVICENAME=" + piece * times for piece in _PIECES for times in (1, 17, 64)]
    return bare + repeated


def other_lines() -> SearchStrategy[bytes]:
    """Lines that do not begin with AT; a module may ignore them in silence."""
    return _bytes([byte for byte in _BYTES if byte not in b"aA"], 200).map(lambda rest: b"#" + rest)


def fuzzing(
    canary: Canary, run: Run, budget: Budget, *, lines: SearchStrategy[bytes]
) -> Callable[[Callable[[bytes], None]], Callable[[], None]]:
    """Run a check on as many lines as the budget affords: reproducibly, and with failing lines made as small as the
    rig bears.

    On hardware a failing line is reported as it was found: shrinking would cost more time, and more of the module's
    flash, than it is worth. So is one that is told of several.
    """

    def decorate(check: Callable[[bytes], None]) -> Callable[[], None]:
        @reproducible(budget.planned, shrink=run.rig_file.simulated)
        @given(lines)
        def fuzz(line: bytes) -> None:
            if not budget.affords():
                raise Spent
            try:
                check(line)
            except NO_MATTER_OF_THE_INPUT as error:
                raise Unshrinkable(str(error)) from error
            except Breach as breach:
                if breach.silence or canary.every > 1:
                    raise Unshrinkable(str(breach)) from breach
                raise
            budget.did()

        def afforded() -> None:
            with suppress(Spent), plainly():
                fuzz()

        return afforded

    return decorate


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
            if isinstance(behind, (pytest.skip.Exception, AssertionError, BenchError, Unshrinkable)):
                raise behind from behind.__cause__
            behind = behind.__context__
        raise


def reproducible(examples: int, *, shrink: bool, steps: int = 1) -> settings:
    """Hypothesis settings for a module: the same examples in every run, no time limit of hypothesis's own."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])],
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )


def lines_per_look(module: Module, verify: Verifier, planned: int) -> int:
    """After how many lines the canary is looked at: after each, unless the plan does not fit into its time so."""
    recent = [exchange.seconds for exchange in module.exchanges[-_RECENT:] if not exchange.silent]
    each = (1 + Canary.QUERIES) * statistics.median(recent) if recent else 0.0
    return 1 if planned * each <= verify.bounds.effort_seconds else _LINES_PER_LOOK


class Canary:
    """Values that no hostile line may change unless the module took it for a valid one and said OK.

    ``say`` sends a line and returns the exchange that tells what the module made of it; on a slow module the values are
    looked at only after ``every`` so many lines, and the lines sent again, by halves, where one has changed.
    """

    CONNECTION = (4, 4884, 1)
    """Volatile: the defaults in its place tell of a restart."""
    QUERIES = len(IDENTITY_VALUES) + 1
    """Exchanges that a look costs."""

    def __init__(self, module: Module, verify: Verifier, say: Callable[[bytes], Exchange], every: int = 1) -> None:
        self._module = module
        self._verify = verify
        self._say = say
        self.every = every
        self._values: dict[str, tuple[str | int, ...]] = {
            **{value.name: (sample(value),) for value in IDENTITY_VALUES},
            CONNECT_CFG.name: self.CONNECTION,
        }
        self._unsettled = {*self._values}
        self._unseen: list[bytes] = []

    def settle(self) -> None:
        """Put the canary values in place that the last line may have changed."""
        if not self._unsettled:
            return
        if self._unsettled == {*self._values}:
            self._module.touch_everything()
            self._module.reset()
        for name in self._unsettled:
            self._verify.given(self._module.set(name, *self._values[name]))
        self._unsettled = set()
        # What they did to the value that is set again would not be seen any more.
        for line in self._unseen:
            self._say(line)

    def note(self, line: bytes, answer: Exchange) -> None:
        """After a refused line every value is as it was; after an accepted one nothing is known.

        On a slow module only the value that it sets is another, and the lines before it have yet to be looked at.
        """
        if not answer.ok or answer.command == b"AT":
            self._unseen.append(line)
            if len(self._unseen) >= self.every:
                self.look()
            return
        named = command_name(answer.command).removeprefix(b"+").decode("latin-1").upper()
        if self.every > 1 and named in self._values:
            self._unsettled = {named}
            return
        if self._unseen:
            self.look()
        self._unsettled = {*self._values}

    def look(self) -> None:
        """Judge that every value is as it was before the lines since the last look."""
        self.settle()
        suspects, self._unseen = self._unseen, []
        for name, values in self._values.items():
            answer = self._module.query(name)
            if len(suspects) > 1 and answer.ok and not answer.says(*values):
                self._blame(suspects, answer)
            self._verify(answer).still_answers(*values)

    def _blame(self, suspects: list[bytes], answer: Exchange) -> NoReturn:
        """Judge that a value has changed, by the one of several lines that does it again, or by all of them."""
        culprits = suspects
        while len(culprits) > 1:
            half = len(culprits) // 2
            guilty = next((part for part in (culprits[:half], culprits[half:]) if self._harmful(part)), None)
            if guilty is None:
                break
            culprits = guilty
        self._verify.that(
            False,
            say(
                "{line}: as it was before {count} refused line(s)",
                line=self._verify.show(answer),
                count=len(culprits),
            ),
            self._verify.answer(answer),
            evidence=answer.evidence,
            replay=[*culprits, answer.command],
            why=Why.POLLUTED,
        )
        raise AssertionError("a breach of an open requirement")

    def _harmful(self, lines: list[bytes]) -> bool:
        """Whether any value is another one after these lines alone."""
        self._unsettled = {*self._values}
        self.settle()
        for line in lines:
            self._say(line)
        self._unsettled = {*self._values}
        return not all(self._module.query(name).says(*values) for name, values in self._values.items())
