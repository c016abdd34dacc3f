"""Connection and MQTT settings (manual 2.4.5, 2.4.6)."""

from __future__ import annotations

import pytest

from tests.rigs.simulator.host import Simulator

CONNECTION = b"ALYCONNECTCFG"
MQTT = b"ALYMQTTCFG"


def read(simulator: Simulator, name: bytes) -> bytes:
    return simulator.ask(b"AT+" + name + b"?").removeprefix(b"+" + name + b":")


def test_the_defaults(simulator: Simulator) -> None:
    assert read(simulator, CONNECTION) == b"0,1883,0"
    assert read(simulator, MQTT) == b"0,2000,60000"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        *[(CONNECTION, b"%d,1883,0" % region) for region in range(6)],
        (CONNECTION, b"0,1,1"),
        (CONNECTION, b"5,65535,1"),
        (MQTT, b"1,2000,60000"),
        (MQTT, b"0,5000,30000"),
        (MQTT, b"1,1,1200000"),
        (MQTT, b"0,4294967295,0"),
    ],
)
def test_what_is_set_is_returned(simulator: Simulator, name: bytes, values: bytes) -> None:
    assert simulator.final(b"AT+" + name + b"=" + values) == b"OK"
    assert read(simulator, name) == values


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        *[(CONNECTION, b"%d,443,1" % region, 708) for region in (6, 255, 256, 65536, 2**32, 10**30)],
        *[(CONNECTION, region + b",443,1", 50) for region in (b"-1", b"+1", b"x", b"", b"0x1", b" 1", b"1.0")],
        (CONNECTION, b"1,443,2", 708),
        (CONNECTION, b"1,0,1", 708),
        (CONNECTION, b"1,65536,1", 708),
        (CONNECTION, b"1,443", 50),
        (CONNECTION, b"1,443,1,1", 50),
        (CONNECTION, b"", 50),
        (MQTT, b"2,3000,90000", 708),
        (MQTT, b"1,4294967296,90000", 708),
        (MQTT, b"1,3000,-1", 50),
        (MQTT, b"1,3000", 50),
    ],
)
def test_a_refused_set_leaves_everything_as_it_was(simulator: Simulator, name: bytes, values: bytes, code: int) -> None:
    before = read(simulator, name)
    assert simulator.final(b"AT+" + name + b"=" + values) == b"+CME ERROR: %d" % code
    assert read(simulator, name) == before
