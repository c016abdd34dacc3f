"""Hostile lines for the module's parser, and the canary that tells whether one of them did harm."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.catalogue import CONNECT_CFG, IDENTITY_VALUES, Kind, load
from conformance.values import sample
from fixtures.findings import NO_MATTER_OF_THE_INPUT, Breach, Unshrinkable
from fixtures.module import Module
from fixtures.run import Run
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange

# CR ends a line, LF may; backspace, DEL and CAN edit it, so that what is left may no longer begin with AT (V.250);
# a semicolon begins another command, which on a real module could be any.
_NOT_IN_LINES = b"\r\n\x08\x7f\x18;"
_BYTES = [byte for byte in range(256) if byte not in _NOT_IN_LINES]
_NO_COMMAND = [byte for byte in _BYTES if not chr(byte).isalpha() and byte not in b"&\\%+/"]
_LONGEST = 3000
_SECONDS = 20.0

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
    module: Module, run: Run, *, examples: int, lines: SearchStrategy[bytes], always: Sequence[bytes] = ()
) -> Callable[[Callable[[bytes], None]], Callable[[], None]]:
    """Run a check on many lines: reproducibly, and with failing lines made as small as the rig bears.

    ``always`` are lines to be tried first, as far as a slow module lets them all be afforded.

    ``examples`` is the budget of a full run; smoke takes a tenth, soak tenfold. On hardware a failing line is reported
    as it was found: shrinking would cost more time, and more of the module's flash, than it is worth.
    """
    factor = {"smoke": 0.1, "full": 1.0, "soak": 10.0}[run.profile]
    wanted = affordable(module, int(examples * factor), exchanges_each=6)

    def decorate(check: Callable[[bytes], None]) -> Callable[[], None]:
        @reproducible(wanted, shrink=run.rig_file.simulated)
        @given(lines)
        def fuzz(line: bytes) -> None:
            try:
                check(line)
            except NO_MATTER_OF_THE_INPUT as error:
                raise Unshrinkable(str(error)) from error
            except Breach as breach:
                if breach.silence:
                    raise Unshrinkable(str(breach)) from breach
                raise

        for line in reversed(always[: affordable(module, len(always), exchanges_each=6)]):
            fuzz = example(line)(fuzz)
        return fuzz

    return decorate


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


def affordable(module: Module, wanted: int, exchanges_each: int) -> int:
    """``wanted``, or as many as fit into the time that one robustness test may take on a slow module."""
    recent = [exchange.seconds for exchange in module.exchanges[-200:] if not exchange.silent]
    each = exchanges_each * max(statistics.median(recent), 1e-6) if recent else 1e-6
    return max(1, min(wanted, int(_SECONDS / each)))


class Canary:
    """Values that no hostile line may change unless the module took it for a valid one and said OK."""

    CONNECTION = (4, 4884, 1)
    """Volatile: the defaults in its place tell of a restart."""

    def __init__(self, module: Module, verify: Verifier) -> None:
        self._module = module
        self._verify = verify
        self._settled = False

    def settle(self) -> None:
        """Put the canary values in place, if the last line may have changed them."""
        if self._settled:
            return
        self._module.touch_everything()
        self._module.reset()
        for value in IDENTITY_VALUES:
            self._verify.given(self._module.set(value, sample(value)))
        self._verify.given(self._module.set(CONNECT_CFG, *self.CONNECTION))
        self._settled = True

    def check(self, answer: Exchange) -> None:
        """After a refused line every value is as it was; after an accepted one nothing is known."""
        if answer.ok and answer.command != b"AT":
            self._settled = False
            return
        for value in IDENTITY_VALUES:
            self._verify(self._module.query(value)).still_answers(sample(value))
        self._verify(self._module.query(CONNECT_CFG)).still_answers(*self.CONNECTION)
