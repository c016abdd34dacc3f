"""What an answer says is read once, and anew where it turns out to be another."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable

import pytest

from rigs.at import exchange as exchanges
from rigs.at.exchange import Exchange, NoResponse
from rigs.at.lines import Line, LineEnd
from rigs.at.results import Final, Form, Information
from tests.fixtures.runs import ROOT

QUERY = b"AT+ALYDEVICENAME?"
URC = b"+MQTTRECV:/a/b/user/c,OK"
SPELT_LIKE_ONE = b"+ALYDEVICENAME:err,708"


def lines(*texts: bytes) -> tuple[Line, ...]:
    return tuple(Line(text, LineEnd.CRLF, 0.0) for text in texts)


def said(exchange: Exchange) -> list[object]:
    """All that is asked of an exchange."""
    return [
        *(exchange.name, exchange.silent, exchange.ok, exchange.of_numbers, exchange.error, exchange.code),
        *(exchange.body, exchange.information, exchange.own_lines, exchange.others, exchange.says("x")),
    ]


def test_each_line_is_read_once_however_often_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()

    def counted(name: str, parser: Callable[..., object]) -> None:
        def parse(*given: object) -> object:
            read[name] += 1
            return parser(*given)

        monkeypatch.setattr(exchanges, name, parse)

    for name in ("command_name", "final_result", "information"):
        counted(name, getattr(exchanges, name))
    exchange = Exchange(0, QUERY, lines(URC, b"+ALYDEVICENAME:x", b"OK"), Final(Form.OK))
    first = said(exchange)
    assert all(said(exchange) == first for _ in range(9))
    assert read == {"command_name": 1, "final_result": 3, "information": 3}


def test_an_answer_that_comes_late_takes_the_place_of_the_silence() -> None:
    exchange = Exchange(0, QUERY, final=NoResponse(1.0))
    assert said(exchange) == [b"+ALYDEVICENAME", True, False, False, None, None, (), (), (), (), False]
    exchange.conclude(lines(URC, b"+ALYDEVICENAME:x", b"OK"), Final(Form.OK))
    assert (exchange.silent, exchange.ok, exchange.says("x")) == (False, True, True)
    assert exchange.information == (Information(":", b"x"),)
    assert exchange.own_lines == exchange.body[1:] + exchange.lines[-1:]
    assert exchange.others == (URC,)


def test_a_result_that_is_taken_back_makes_an_error_of_the_line_that_was_a_value() -> None:
    exchange = Exchange(0, QUERY, lines(SPELT_LIKE_ONE, b"OK"), Final(Form.OK))
    assert exchange.information == (Information(":", b"err,708"),)
    exchange.conclude(exchange.lines[:1], Final(Form.ERR_COLON, 708))
    assert (exchange.ok, exchange.code, exchange.information) == (False, 708, ())
    assert exchange.own_lines == exchange.lines


def test_a_port_that_was_lost_makes_silence_of_what_had_come() -> None:
    exchange = Exchange(0, QUERY, lines(b"+CME ERROR: 3"), Final(Form.CME_SPACED, 3))
    assert (exchange.error, exchange.code) == (Final(Form.CME_SPACED, 3), 3)
    exchange.conclude(exchange.lines, NoResponse(0.5, port_lost=True))
    assert (exchange.silent, exchange.error, exchange.code) == (True, None, None)


def test_an_answer_is_set_in_one_place_alone() -> None:
    """Set elsewhere, what was read of the one before would still be told."""
    set_at = set()
    for path in (path for folder in ("rigs", "fixtures", "conformance") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in ("lines", "final"):
                set_at.add((path.name, f"{ast.unparse(node.value)}.{node.attr}"))
    # Other classes have lines of their own.
    of_exchanges = {(file, name) for file, name in set_at if file == "exchange.py" or not name.startswith("self.")}
    assert of_exchanges == {("exchange.py", "self.lines"), ("exchange.py", "self.final")}
