"""The four identity values (manual 2.4.1-2.4.4)."""

from __future__ import annotations

import pytest

from tests.rigs.simulator.host import Simulator

LIMITS = {b"DEVICENAME": 32, b"DEVICESECRET": 64, b"PRODUCTKEY": 20, b"PRODUCTSECRET": 64}
each_value = pytest.mark.parametrize(("name", "limit"), LIMITS.items(), ids=lambda value: str(value))


def read(simulator: Simulator, name: bytes) -> bytes:
    line = simulator.ask(b"AT+ALY" + name + b"?")
    prefix = b"+ALY" + name + b":"
    assert line.startswith(prefix)
    return line.removeprefix(prefix)


@each_value
def test_lengths_up_to_the_limit_are_kept_and_beyond_it_refused(simulator: Simulator, name: bytes, limit: int) -> None:
    assert read(simulator, name) == b""
    for length in (1, 2, limit - 1, limit):
        value = (b"aZ09-_.:@" * 8)[:length]
        assert simulator.final(b'AT+ALY%b="%b"' % (name, value)) == b"OK"
        assert read(simulator, name) == value
    kept = read(simulator, name)
    for length in (limit + 1, limit + 64, 256, 256 + limit, 900):
        assert simulator.final(b'AT+ALY%b="%b"' % (name, b"x" * length)) == b"+CME ERROR: 708"
    in_characters = ("é" * (limit // 2 + 1)).encode()
    assert simulator.final(b'AT+ALY%b="%b"' % (name, in_characters)) == b"+CME ERROR: 708"
    assert read(simulator, name) == kept


@each_value
def test_a_malformed_set_is_refused_and_the_old_value_stays(simulator: Simulator, name: bytes, limit: int) -> None:
    assert simulator.final(b'AT+ALY%b="old"' % name) == b"OK"
    for arguments in (b"=", b'="a","b"', b"=a,b", b'="open', b'="a"b', b'=a"b', b'=open"', b'="open\\"', b""):
        assert simulator.final(b"AT+ALY%b%b" % (name, arguments)) in (b"+CME ERROR: 50", b"+CME ERROR: 708")
    assert read(simulator, name) == b"old"


def test_the_values_do_not_touch_each_other(simulator: Simulator) -> None:
    for name in LIMITS:
        assert simulator.final(b'AT+ALY%b="%b"' % (name, name)) == b"OK"
    assert simulator.final(b'AT+ALYPRODUCTKEY="other"') == b"OK"
    expected = {name: name for name in LIMITS} | {b"PRODUCTKEY": b"other"}
    assert {name: read(simulator, name) for name in LIMITS} == expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (rb'"say \"x\""', b'say "x"'),
        (rb'"a\\b"', rb"a\b"),
        (rb'"a\nb"', rb"a\nb"),
        (rb'"\\\""', rb"\""),
        (b'"a,b"', b"a,b"),
        (b"bare", b"bare"),
        (rb"ba\re"[:2] + rb"\\", rb"ba\\"),
        (b'""', b""),
    ],
)
def test_quotes_and_escapes(simulator: Simulator, written: bytes, meant: bytes) -> None:
    assert simulator.final(b'AT+ALYDEVICENAME="before"') == b"OK"
    assert simulator.final(b"AT+ALYDEVICENAME=" + written) == b"OK"
    assert read(simulator, b"DEVICENAME") == meant


@each_value
def test_the_test_form_is_not_a_set(simulator: Simulator, name: bytes, limit: int) -> None:
    assert simulator.final(b"AT+ALY%b=?" % name) == b"OK"
    assert read(simulator, name) == b""
