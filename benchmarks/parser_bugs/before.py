"""The lines that the suite sent before its grammar, frozen as a baseline: mutated commands, near misses and noise."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

# fmt: off
_NAMES = [
    b"ALYPRODUCTKEY", b"ALYDEVICENAME", b"ALYDEVICESECRET", b"ALYPRODUCTSECRET", b"ALYCONNECTCFG", b"ALYMQTTCFG",
    b"ALYMQTTOPEN", b"ALYMQTTCLOSE", b"ALYMQTTSUB", b"ALYMQTTUNSUB", b"ALYMQTTPUB",
]
_PIECES = [
    b'"', b'""', b'"a', b'a"', b'\\"', b"\\", b",", b",,", b"=", b"=?", b"?", b" ", b"\x00", b"\xff\xfe", b"%n",
    b"%s%s", b"-1", b"0", b"1", b"6", b"0x1", b"1e3", b"256", b"65536", b"4294967296", b"18446744073709551616",
    b"9" * 40,    b"x" * 33, b"x" * 65, b"{}", b"[]", b"'", b"\xe8\xae\xbe", b"OK", b"ERROR", b"AT", b"+ALYDEVICENAME",
]
# fmt: on
_BYTES = [byte for byte in range(256) if byte not in b"\r\n\x08\x7f\x18;"]
_NO_COMMAND = [byte for byte in _BYTES if not chr(byte).isalpha() and byte not in b"&\\%+/"]
_LONGEST = 3000
_COMMANDS_FOR_EACH_OTHER = 10


def corpus() -> list[bytes]:
    """What every run began with."""
    bare = [
        b"AT" + rest for rest in (b"+", b"=", b"?", b" ", b'"', b"\x00", b"+=", b"+?", b"+ALY", b"+ALY=", b"-" * 300)
    ]
    return bare + [b"AT+ALYDEVICENAME=" + piece * times for piece in _PIECES for times in (1, 17, 64)]


def collect(count: int, chosen_by: int, take: Callable[[bytes], None]) -> None:
    """Have ``take`` called with so many generated lines, the same for the same seed."""

    @seed(chosen_by)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_lines())
    def generate(line: bytes) -> None:
        take(line)

    generate()


def _bytes(alphabet: list[int], longest: int) -> SearchStrategy[bytes]:
    return st.lists(st.sampled_from(alphabet), max_size=longest).map(bytes)


def _lines() -> SearchStrategy[bytes]:
    names, pieces = st.sampled_from(_NAMES), st.sampled_from(_PIECES)
    rest = st.lists(st.one_of(pieces, _bytes(_BYTES, 8)), max_size=12).map(b"".join)
    operators = st.sampled_from([b"", b"=", b"?", b"=?", b" =", b"\x00", b"=="])
    mutated = st.builds(lambda name, operator, rest: b"AT+" + name + operator + rest, names, operators, rest)
    near_miss = _bytes(_BYTES, 40).map(lambda rest: b"AT+ALY" + rest)
    firsts = st.sampled_from(_NO_COMMAND)
    noise = st.builds(lambda first, rest: b"AT" + bytes([first]) + rest, firsts, _bytes(_BYTES, 60))
    nameless = _bytes(_NO_COMMAND, 8).map(lambda rest: b"AT+" + rest)
    repeated = st.builds(
        lambda name, piece, times: b"AT+" + name + b"=" + piece * times, names, pieces, st.integers(2, 60)
    )
    long = st.builds(
        lambda name, piece, size: (b"AT+" + name + b"=" + piece * size)[:size],
        names,
        pieces,
        st.integers(900, _LONGEST),
    )
    other = _bytes([byte for byte in _BYTES if byte not in b"aA"], 200).map(lambda rest: b"#" + rest)
    commands = st.one_of(mutated, mutated, near_miss, noise, nameless, repeated, long)
    return st.integers(0, _COMMANDS_FOR_EACH_OTHER).flatmap(lambda turn: commands if turn else other)
