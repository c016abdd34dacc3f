"""How command lines are written and how values in answers are read."""

from __future__ import annotations

import pytest

from rigs.at.commands import Bare, execute_line, integers, query_line, readings, set_line, syntax_line


def test_strings_are_quoted_integers_and_bare_bytes_are_not() -> None:
    assert set_line("ALYMQTTPUB", "/a/b", 1, "{}") == b'AT+ALYMQTTPUB="/a/b",1,"{}"'
    assert set_line("ALYDEVICENAME", Bare(b'"open')) == b'AT+ALYDEVICENAME="open'
    assert set_line("ALYDEVICENAME", b"\xff") == b'AT+ALYDEVICENAME="\xff"'
    assert set_line("ALYDEVICENAME", "设备") == 'AT+ALYDEVICENAME="设备"'.encode()


def test_a_quote_inside_a_string_is_escaped() -> None:
    assert set_line("ALYMQTTPUB", "t", 0, '{"a":1}') == rb'AT+ALYMQTTPUB="t",0,"{\"a\":1}"'


def test_the_other_forms() -> None:
    assert query_line("ALYMQTTCFG") == b"AT+ALYMQTTCFG?"
    assert syntax_line("ALYMQTTSUB") == b"AT+ALYMQTTSUB=?"
    assert execute_line("ALYMQTTOPEN") == b"AT+ALYMQTTOPEN"


@pytest.mark.parametrize("shown", [b"name", b" name", b'"name"', b' "name"'])
def test_a_value_may_be_shown_behind_a_space_and_in_quotes(shown: bytes) -> None:
    assert b"name" in readings(shown)


@pytest.mark.parametrize("shown", [b"name ", b"  name", b"name'", b"'name'", b"nam"])
def test_nothing_else_stands_for_it(shown: bytes) -> None:
    assert b"name" not in readings(shown)


def test_a_value_that_holds_quotes_may_be_shown_escaped_or_not() -> None:
    assert b'a"b' in readings(b'"a"b"')
    assert b'a"b' in readings(rb'"a\"b"')


@pytest.mark.parametrize(
    ("shown", "values"),
    [
        (b"0,1883,0", (0, 1883, 0)),
        (b" 0, 2000, 60000", (0, 2000, 60000)),
        (b"", None),
        (b"0,,0", None),
        (b"-1", None),
        (b"0x1", None),
        (b'"0"', None),
        (b"1" * 21, None),
    ],
)
def test_integers_are_decimal_digits_and_nothing_else(shown: bytes, values: tuple[int, ...] | None) -> None:
    assert integers(shown) == values
