"""Decay: what hostile lines and long use do to a weak firmware."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from rigs.simulator.faults.registry import fault
from rigs.simulator.patching import wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Answer = Callable[[bytes], list[bytes]]


def _when(module: Firmware, condition: Callable[[bytes], bool], act: Callable[[], object]) -> None:
    """Do ``act`` instead of answering when the command line meets the condition."""

    def answer(original: Answer, line: bytes) -> list[bytes]:
        if condition(line):
            act()
        return original(line)

    wrap(module, "answer", answer)


@fault("crashes on a command line beyond 1024 bytes", breaks=["FMT-12", "FZ-01"])
def long_line_crashes(module: Firmware) -> None:
    _when(module, lambda line: len(line) > module.limits["LINE"], module.crash)


@fault("crashes on NUL in a command line", breaks=["FZ-01"])
def nul_crashes(module: Firmware) -> None:
    _when(module, lambda line: b"\0" in line, module.crash)


@fault("crashes on an odd number of quotes", breaks=["FMT-12", "FZ-01", "ID-07-DN"])
def unbalanced_quotes_crash(module: Firmware) -> None:
    _when(module, lambda line: line.count(b'"') % 2 == 1, module.crash)


@fault("crashes on %n in a command line", breaks=["FZ-01", "PU-03"])
def percent_n_crashes(module: Firmware) -> None:
    _when(module, lambda line: b"%n" in line, module.crash)


@fault("hangs on a command line with a byte above 0x7F", breaks=["FZ-01"])
def high_bytes_hang(module: Firmware) -> None:
    _when(module, lambda line: not line.isascii(), lambda: module.loop.rest(86400))


@fault("restarts by itself on a command without a name", breaks=["FZ-01"])
def nameless_command_restarts(module: Firmware) -> None:
    _when(module, lambda line: line.upper() in (b"AT+", b"AT+=", b"AT+?"), module.restart)


@fault("is silent on a line whose command it cannot read", breaks=["FZ-01", "FMT-01"])
def unreadable_is_silent(module: Firmware) -> None:
    def respond(original: Callable[[list[bytes]], None], lines: list[bytes]) -> None:
        original([] if lines in ([b"+CME ERROR: 50"], [b"+CME ERROR: 58"]) else lines)

    wrap(module.console, "respond", respond)


@fault("clears the DeviceName when a line has more than sixteen commas", breaks=["FZ-01"])
def commas_overwrite_memory(module: Firmware) -> None:
    _when(module, lambda line: line.count(b",") > 16, lambda: module.memory.write("DEVICENAME", b""))


@fault("takes a tenth of a millisecond longer with every command", breaks=["FZ-03"])
def slower_and_slower(module: Firmware) -> None:
    commands = count()
    wrap(module, "think", lambda _: module.wait(lambda: False, next(commands) / 10_000))


@fault("takes 4 ms longer with every command, without an upper end", breaks=["FZ-03"])
def later_and_later(module: Firmware) -> None:
    commands = count()
    wrap(module, "think", lambda _: module.wait(lambda: False, next(commands) / 250))


@fault("answers nothing any more after a thousand commands", breaks=["FZ-03"])
def dead_after_a_thousand(module: Firmware) -> None:
    commands = iter(range(1000))
    _when(module, lambda _: next(commands, None) is None, module.crash)


@fault("takes 30 ms longer with every command after the four hundredth", breaks=["FZ-03"])
def slower_after_400(module: Firmware) -> None:
    commands = count()
    wrap(module, "think", lambda _: module.wait(lambda: False, 0.03 if next(commands) > 400 else 0))


@fault("grows slower for some hundred commands, and stays 20 ms slower", breaks=["FZ-03"])
def slower_until_it_levels_off(module: Firmware) -> None:
    commands = count()
    wrap(module, "think", lambda _: module.wait(lambda: False, 0.02 * (1 - math.exp(-next(commands) / 150))))


@fault("answers every sixtieth query only after 12 s", breaks=["FMT-01", "FZ-01", "FZ-02", "FZ-03"])
def query_answered_after_12_s(module: Firmware) -> None:
    queries = count(1)

    def answer(original: Answer, line: bytes) -> list[bytes]:
        if line.endswith(b"?") and not line.endswith(b"=?") and next(queries) % 60 == 0:
            module.wait(lambda: False, 12)
        return original(line)

    wrap(module, "answer", answer)
