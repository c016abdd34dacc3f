"""Faults of a module that does not stop sending."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING

from rigs.simulator.faults.registry import fault
from rigs.simulator.patching import at_boot, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from rigs.simulator.firmware import Firmware

_QUERIES = 5
"""Queries after which a flood begins, so that the module comes up first."""
_MEGABYTE = 1 << 20
_PIECE = 8192


def _flood(module: Firmware, pieces: Iterator[bytes], after: int = _QUERIES) -> None:
    """From so many queries on the module sends these pieces, without end, and reads no more."""
    queries = 0

    def answer(original: Callable[[bytes], list[bytes]], line: bytes) -> list[bytes]:
        nonlocal queries
        queries += line.startswith(b"AT+ALY") and line.endswith(b"?")
        if queries < after:
            return original(line)
        for piece in pieces:
            module.console.transmit(piece)
        raise AssertionError("a flood has no end")

    wrap(module, "answer", answer)


@fault("sends one line without end once it has answered four queries", breaks=["FMT-01"])
def floods_without_line_ends(module: Firmware) -> None:
    _flood(module, cycle([b"U" * _PIECE]))


@fault("sends short lines without end once it has answered four queries", breaks=["FMT-01"])
def floods_with_short_lines(module: Firmware) -> None:
    _flood(module, cycle([b"u\r\n" * (_PIECE // 3)]))


@fault("sends lines of a megabyte without end once it has answered four queries", breaks=["FMT-01"])
def floods_with_long_lines(module: Firmware) -> None:
    _flood(module, cycle([*([b"L" * _PIECE] * 128), b"\r\n"]))


@fault("sends random bytes without end once it has answered four queries", breaks=["FMT-01"])
def floods_with_random_bytes(module: Firmware) -> None:
    random = Random(302)
    _flood(module, iter(lambda: random.randbytes(_PIECE), b""))


@fault("sends escape sequences of a terminal without end once it has answered four queries", breaks=["FMT-01"])
def floods_with_escape_sequences(module: Firmware) -> None:
    _flood(module, cycle([b"\x1b[31m\x1b]0;x\x07\x1b[2J" * (_PIECE // 16)]))


@fault("says OK without end once it has answered four queries", breaks=["FMT-01"])
def floods_with_results(module: Firmware) -> None:
    _flood(module, cycle([b"\r\nOK\r\n" * (_PIECE // 6)]))


@fault("sends short lines without end from the first query on", breaks=["FMT-01"])
def floods_from_the_first_query(module: Firmware) -> None:
    _flood(module, cycle([b"u\r\n" * (_PIECE // 3)]), after=1)


@fault("sends a megabyte of lines when it is powered up, and then answers", breaks=["FMT-01"])
def floods_for_a_while_at_power_up(module: Firmware) -> None:
    lines = b"\r\nboot: ............................................................\r\n" * 120

    def speak() -> None:
        for _ in range(_MEGABYTE // len(lines)):
            module.console.transmit(lines)

    at_boot(module, speak)
