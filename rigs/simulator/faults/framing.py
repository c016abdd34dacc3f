"""Faults of the way commands are read and answers are written (manual 2.3)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code
from rigs.simulator.faults.registry import fault
from rigs.simulator.parser import Form
from rigs.simulator.patching import accepting, wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Answer = Callable[[bytes], list[bytes]]


def _answer(module: Firmware, change: Callable[[bytes, list[bytes]], list[bytes]]) -> None:
    """Give ``change(line, response)`` instead of the response."""

    def answer(original: Answer, line: bytes) -> list[bytes]:
        return change(line, original(line))

    wrap(module, "answer", answer)


@fault("says OK behind every error", breaks=["FMT-01"])
def error_and_ok(module: Firmware) -> None:
    _answer(module, lambda _, lines: lines if b"OK" in lines else [*lines, b"OK"])


@fault("says OK twice after a set", breaks=["FMT-01"])
def ok_twice(module: Firmware) -> None:
    _answer(module, lambda line, lines: [*lines, b"OK"] if b"=" in line and lines == [b"OK"] else lines)


@fault("says nothing after a query's information response", breaks=["FMT-01", "ID-01-DN", "CC-01"])
def query_without_ok(module: Firmware) -> None:
    _answer(module, lambda line, lines: lines[:-1] if line.endswith(b"?") and len(lines) > 1 else lines)


@fault("ends its lines with a bare LF", breaks=["FMT-02"])
def lines_end_in_lf(module: Firmware) -> None:
    module.console.frame = lambda line: line + b"\n"


@fault("ends its lines with a bare CR", breaks=["FMT-02"])
def lines_end_in_cr(module: Firmware) -> None:
    module.console.frame = lambda line: b"\r" + line + b"\r"


@fault("answers a query of ALYMQTTCFG under the name of ALYCONNECTCFG", breaks=["FMT-03"])
def wrong_name_in_answer(module: Firmware) -> None:
    _answer(module, lambda _, lines: [line.replace(b"+ALYMQTTCFG:", b"+ALYCONNECTCFG:") for line in lines])


@fault("writes = where the colon belongs", breaks=["FMT-03"])
def equals_in_answer(module: Firmware) -> None:
    module.dialect.colon = b"="


@fault("says OK to a command that it does not know", breaks=["FMT-05"])
def unknown_is_ok(module: Firmware) -> None:
    wrap(module, "handler", lambda handler, command: module.commands.get((command.name, command.form), accepting))


@fault("is silent on a command that it does not know", breaks=["FMT-05", "FMT-01"])
def unknown_is_silent(module: Firmware) -> None:
    _answer(module, lambda _, lines: [] if lines == [b"+CME ERROR: 58"] else lines)


@fault("does not know AT alone", breaks=["FMT-08"])
def bare_at_refused(module: Firmware) -> None:
    del module.commands["AT", Form.EXECUTE]


@fault("takes an LF behind a CR for the next command line's first byte", breaks=["FMT-08"])
def lf_not_swallowed(module: Firmware) -> None:
    module.console.swallows_lf = False


@fault("writes every second error as a bare ERROR", breaks=["FMT-10"])
def dialects_mixed(module: Firmware) -> None:
    errors = count()
    numbered = module.dialect.error
    module.dialect.error = lambda name, number: [b"ERROR"] if next(errors) % 2 else numbered(name, number)


@fault("shows a parameter error as 100", breaks=["FMT-11", "ID-03-DN"])
def code_out_of_family(module: Firmware) -> None:
    module.dialect.numbers[Code.PARAMETER] = 100


@fault("puts what is left of an over-long line in front of the next one", breaks=["FMT-12"])
def rest_carried_over(module: Firmware) -> None:
    carried: list[bytes] = []

    def next_line(original: Callable[[], bytes | None]) -> bytes | None:
        line = original()
        if line is None:
            return None
        if len(line) > module.limits["LINE"]:
            carried.append(line[-8:])
            return line
        return carried.pop() + line if carried else line

    wrap(module.console, "next_line", next_line)


@fault("takes what is left of an over-long line for a line of its own", breaks=["FMT-12"])
def over_long_line_split(module: Firmware) -> None:
    left: list[bytes] = []
    module.console.limit *= 8

    def next_line(original: Callable[[], bytes | None]) -> bytes | None:
        line = left.pop() if left else original()
        limit = module.limits["LINE"]
        if line is not None and len(line) > limit:
            left.append(line[limit:])
            return line[:limit]
        return line

    wrap(module.console, "next_line", next_line)


@fault("answers the next command with an error too after a refused one", breaks=["FMT-12"])
def error_sticks(module: Firmware) -> None:
    pending: list[list[bytes]] = []

    def answer(original: Answer, line: bytes) -> list[bytes]:
        if pending:
            return pending.pop()
        lines = original(line)
        if b"OK" not in lines:
            pending.append(lines)
        return lines

    wrap(module, "answer", answer)


@fault("echoes whatever ATE says", breaks=["FMT-13"])
def echo_stays(module: Firmware) -> None:
    module.commands["ATE0", Form.EXECUTE] = accepting


@fault("never echoes", breaks=["FMT-13"])
def echo_never(module: Firmware) -> None:
    module.console.echo = False
    module.commands["ATE1", Form.EXECUTE] = accepting


@fault("puts a NUL before each line", breaks=["FMT-02"])
def nul_before_lines(module: Firmware) -> None:
    module.console.frame = lambda line: b"\r\n\0" + line + b"\r\n"


@fault("starts with ATV0, and ATV1 changes nothing", breaks=["FMT-01"])
def stays_numeric(module: Firmware) -> None:
    module.console.verbose = False
    module.commands["ATV1", Form.EXECUTE] = accepting


@fault("reads on in the next line where a quote was not closed", breaks=["FMT-12"])
def open_quote_reads_on(module: Firmware) -> None:
    carried: list[bytes] = []

    def next_line(original: Callable[[], bytes | None]) -> bytes | None:
        line = original()
        if not line:
            return line
        if carried:
            return carried.pop() + line
        if line.count(b'"') % 2:
            carried.append(line)
        return line

    wrap(module.console, "next_line", next_line)


@fault("loses the first byte of the line behind an over-long one", breaks=["FMT-12"])
def next_line_beheaded(module: Firmware) -> None:
    lost: list[bool] = []

    def next_line(original: Callable[[], bytes | None]) -> bytes | None:
        line = original()
        if line and lost:
            lost.clear()
            return line[1:]
        if line and len(line) > module.limits["LINE"]:
            lost.append(True)
        return line

    wrap(module.console, "next_line", next_line)


@fault("answers a malformed line a second time, 30 ms later", breaks=["FMT-01", "FMT-12"])
def malformed_answered_twice(module: Firmware) -> None:
    def answer(line: bytes, lines: list[bytes]) -> list[bytes]:
        if lines == [b"+CME ERROR: 50"]:
            module.loop.call_later(0.03, lambda: module.console.urc(lines[-1]))
        return lines

    _answer(module, answer)
