"""Payloads that have to arrive unchanged, whichever way they go."""

from __future__ import annotations

from conformance.catalogue import BOUNDS
from conformance.values import PRINTABLE

_BOUNDARIES = {*range(1, 5), *range(60, 131), 200, *range(254, 259), 300, 400, 500, *range(510, 513)}
"""Payload sizes in bytes around the usual buffer limits, up to what has to arrive whole.

The packet's remaining length grows to two bytes somewhere between 60 and 130 (MQTT 3.1.1, section 2.2.3).
"""

_FIRST = (1, 512, 127, 128, 129, 255, 256, 257, 511)
"""Those of them that go first where there is no time for all."""


def sizes(qos: int) -> list[int]:
    """Payload sizes in bytes to be tried with one QoS: with 0 and 1 together every size that has to arrive whole.

    Those around the usual buffer limits are tried with both. They come in the order of their worth: the ends and some
    limits, then some from the smallest to the largest, as many as have to be tried, then the rest.
    """
    every = range(BOUNDS.payload_min_bytes, BOUNDS.payload_max_bytes + 1)
    wanted = [size for size in every if size % 2 == qos or size in _BOUNDARIES]
    others, rest = BOUNDS.least_payload_sizes - len(_FIRST), [size for size in wanted if size not in _FIRST]
    targets = [every[number * (len(every) - 1) // (others - 1)] for number in range(others)]
    spread = [min(rest, key=lambda size: abs(size - target)) for target in targets]
    return [*dict.fromkeys([*_FIRST, *spread, *wanted])]


TEXTS = {
    "words": "hello world",
    "json": '{"message":"hello!"}',
    "nested-json": '{"a":{},"b":[],"c":[{}],"d":""}',
    "quotes": 'a"b""c"',
    "commas": ",a,,b,",
    "brackets": "[({<>})]",
    "colons": "a:b::c",
    "spaces": " a  b ",
    "line-like": "+MQTTRECV:/x,y",
    "error-like": "+CME ERROR: 700",
    "format": "%n%s%d%%",
    "printable": PRINTABLE.replace("\\", ""),
    "only-a-quote": '"',
    "only-a-comma": ",",
}
"""Payloads that arrive unchanged in both directions; a backslash is looked at apart."""


UTF8_TEXTS = {"chinese": "温度26℃", "accent": "é", "emoji": "😀 ok", "mixed": '{"状态":"正常"},é'}


def pattern(size: int) -> str:
    """``size`` bytes in which a cut, a repetition or a shift shows."""
    return "".join(f"{number:04}|" for number in range(size // 5 + 1))[:size]
