"""The form of results, and what a stored profile makes of it (V.250, 6.2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rigs.simulator.host import Simulator


@pytest.fixture
def raw(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A module with the habit or the fault that the test is parametrised with, to which nothing has been said."""
    with Simulator(*request.param.split(), echo=True) as simulator:
        yield simulator


def exchange(module: Simulator, line: bytes, answer: bytes) -> None:
    module.write(line + b"\r")
    assert module.read_until(answer) == answer


@pytest.mark.parametrize("raw", ["--habit profile-v0"], indirect=True)
def test_results_are_numbers_until_atv1(raw: Simulator) -> None:
    exchange(raw, b"AT", b"AT\r0\r")
    exchange(raw, b"ATE0", b"ATE0\r0\r")
    exchange(raw, b"AT+CGMM", b"ML302\r\n0\r")
    exchange(raw, b"AT+NOSUCH", b"+CME ERROR: 58\r")
    exchange(raw, b"AT+CMEE=0", b"0\r")
    exchange(raw, b"AT+NOSUCH", b"4\r")
    exchange(raw, b"ATV1", b"\r\nOK\r\n")
    exchange(raw, b"AT+NOSUCH", b"\r\nERROR\r\n")
    exchange(raw, b"ATV0", b"0\r")


@pytest.mark.parametrize("raw", ["--habit profile-q1"], indirect=True)
def test_results_stay_away_until_atq0(raw: Simulator) -> None:
    exchange(raw, b"ATE0", b"ATE0\r")
    raw.write(b"AT\rAT+NOSUCH\r")
    exchange(raw, b"AT+CGMM", b"\r\nML302\r\n")
    exchange(raw, b"ATQ0", b"\r\nOK\r\n")
    exchange(raw, b"AT+CGMM", b"\r\nML302\r\n\r\nOK\r\n")
    raw.write(b"ATQ1\r")
    exchange(raw, b"AT+CGMM", b"\r\nML302\r\n")


@pytest.mark.parametrize("raw", ["--habit profile-v0 --habit profile-q1"], indirect=True)
def test_basic_commands_may_share_a_line(raw: Simulator) -> None:
    exchange(raw, b"ATE0Q0V1", b"ATE0Q0V1\r\r\nOK\r\n")
    exchange(raw, b"AT", b"\r\nOK\r\n")
    exchange(raw, b"ATE0X7", b"\r\n+CME ERROR: 58\r\n")


@pytest.mark.parametrize("raw", ["--fault stays-numeric"], indirect=True)
def test_a_module_that_knows_no_words(raw: Simulator) -> None:
    exchange(raw, b"ATV1", b"ATV1\r0\r")
    exchange(raw, b"ATE0V1", b"ATE0V1\r0\r")
    exchange(raw, b"AT", b"0\r")


@pytest.mark.parametrize("raw", ["--habit profile-loaded-late"], indirect=True)
def test_a_profile_that_is_loaded_late(raw: Simulator) -> None:
    assert raw.final(b"ATE0") == b"OK"
    assert raw.ask(b"AT+CMEE?") == b"+CMEE: 1"
    while (answer := raw.command(b"AT+CMEE?")).lines == [b"+CMEE: 1"]:
        pass
    # Loaded between two commands, or while one was on its way.
    assert answer.lines[-1] == b"+CMEE: 0"
    exchange(raw, b"AT", b"AT\r\r\nOK\r\n")
    assert raw.final(b"ATE0") == b"OK"
    assert raw.final(b"AT+CMEE=1") == b"OK"
    assert raw.ask(b"AT+CMEE?") == b"+CMEE: 1"


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ("--habit echo-cr-cr-lf", b"AT+CGMM\r\r\n\r\nML302\r\n\r\nOK\r\n"),
        ("--habit cr-cr-lf-ends", b"AT+CGMM\r\r\nML302\r\r\n\r\nOK\r\r\n"),
        ("--habit urc-before-ok", b"AT+CGMM\r\r\nML302\r\n\r\n+CTZV: +32\r\n\r\nOK\r\n"),
        ("--fault nul-before-lines", b"AT+CGMM\r\r\n\0ML302\r\n\r\n\0OK\r\n"),
    ],
    indirect=["raw"],
)
def test_how_lines_end(raw: Simulator, answer: bytes) -> None:
    exchange(raw, b"AT+CGMM", answer)


@pytest.mark.parametrize("raw", ["--habit deaf-while-busy --latency 0.2"], indirect=True)
def test_what_comes_during_a_command_is_lost(raw: Simulator) -> None:
    assert raw.final(b"ATE0") == b"OK"
    raw.write(b"AT+CGMM\rAT+CGMR\r")
    assert raw.answer().lines == [b"ML302"]
    assert raw.ask(b"AT+CEREG?") == b"+CEREG: 0,1"
