"""The serial line: echo, line ends, errors, hostile bytes (manual 2.3, V.250)."""

from __future__ import annotations

import pytest

from tests.rigs.simulator.host import Simulator


def test_a_new_module_echoes_and_answers_in_verbose_form() -> None:
    with Simulator(echo=True) as simulator:
        simulator.write(b"AT\r")
        assert simulator.read_until(b"OK\r\n") == b"AT\r\r\nOK\r\n"


def test_echo_obeys_ate(simulator: Simulator) -> None:
    simulator.write(b"AT\r")
    assert simulator.read_until(b"OK\r\n") == b"\r\nOK\r\n"
    assert simulator.final(b"ATE1") == b"OK"
    simulator.write(b"AT\r")
    assert simulator.read_until(b"OK\r\n") == b"AT\r\r\nOK\r\n"


def test_a_line_feed_behind_the_return_changes_nothing(simulator: Simulator) -> None:
    simulator.write(b"AT\r\nAT+CMEE?\r\n")
    assert simulator.read_until(b"OK\r\n") == b"\r\nOK\r\n"
    assert simulator.read_until(b"OK\r\n") == b"\r\n+CMEE: 1\r\n\r\nOK\r\n"
    assert simulator.ask(b"AT+CGMM") == b"ML302"


def test_lines_typed_ahead_and_byte_by_byte_are_answered_in_order(simulator: Simulator) -> None:
    for byte in b"AT+CGMM\rAT+CMEE?\rAT\r":
        simulator.write(bytes([byte]))
    assert [simulator.answer().lines for _ in range(3)] == [[b"ML302"], [b"+CMEE: 1"], []]


def test_names_are_known_in_any_case(simulator: Simulator) -> None:
    assert simulator.ask(b"at+alyConnectCfg?") == b"+ALYCONNECTCFG:0,1883,0"


@pytest.mark.parametrize(
    ("verbosity", "error"), [(b"0", b"ERROR"), (b"1", b"+CME ERROR: 58"), (b"2", b"+CME ERROR: unknown command")]
)
def test_cmee_decides_how_an_error_is_shown(simulator: Simulator, verbosity: bytes, error: bytes) -> None:
    assert simulator.final(b"AT+CMEE=" + verbosity) == b"OK"
    assert simulator.ask(b"AT+CMEE?") == b"+CMEE: " + verbosity
    assert simulator.final(b"AT+NOSUCH") == error


@pytest.mark.parametrize(
    "line",
    [b"AT+NOSUCH", b"AT+NOSUCH=1", b"AT+", b"AT+=", b"ATX9", b"AT\0", b"hello", b"\xff\xfe", b"AT+ALYMQTTOPEN!", b"A"],
)
def test_what_is_no_command_gets_one_error(simulator: Simulator, line: bytes) -> None:
    assert simulator.command(line).final == b"+CME ERROR: 58"
    assert simulator.final(b"AT") == b"OK"


def test_an_empty_line_is_not_answered(simulator: Simulator) -> None:
    simulator.write(b"\r\r\n\rAT\r")
    assert simulator.read_until(b"OK\r\n") == b"\r\nOK\r\n"


@pytest.mark.parametrize("length", [1025, 1026, 5000, 200_000])
def test_a_line_beyond_1024_bytes_is_swallowed_and_gets_one_error(simulator: Simulator, length: int) -> None:
    assert simulator.final(b'AT+ALYDEVICENAME="kept"') == b"OK"
    for start in range(0, length, 4096):
        simulator.write(b'AT+ALYDEVICENAME="'.ljust(length, b"x")[start : start + 4096])
    assert simulator.final(b"") == b"+CME ERROR: 708"
    assert simulator.ask(b"AT+ALYDEVICENAME?") == b"+ALYDEVICENAME:kept"


def test_a_line_of_1024_bytes_is_read(simulator: Simulator) -> None:
    assert simulator.final(b"AT+CMEE=".ljust(1024, b"0")) == b"OK"
    assert simulator.ask(b"AT+CMEE?") == b"+CMEE: 0"


def test_every_byte_but_the_return_survives_in_a_value(simulator: Simulator) -> None:
    every = bytes(byte for byte in range(256) if byte not in b'\r"\\')
    for start in range(0, len(every), 60):
        part = every[start : start + 60]
        assert simulator.final(b'AT+ALYDEVICESECRET="' + part + b'"') == b"OK"
        simulator.write(b"AT+ALYDEVICESECRET?\r")
        assert simulator.read_until(b"OK\r\n") == b"\r\n+ALYDEVICESECRET:" + part + b"\r\n\r\nOK\r\n"


@pytest.mark.parametrize("query", ["I", "+CGMM", "+CGMR", "+CGSN", "+CPIN?", "+CSQ", "+CEREG?", "+CGATT?"])
def test_the_module_says_who_and_where_it_is(simulator: Simulator, query: str) -> None:
    answer = simulator.command(f"AT{query}".encode())
    assert answer.lines
    assert answer.final == b"OK"
