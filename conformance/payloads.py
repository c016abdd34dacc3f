"""Payloads that have to arrive unchanged, whichever way they go."""

from __future__ import annotations

from conformance.catalogue import BOUNDS
from conformance.values import PRINTABLE

_BOUNDARIES = {*range(1, 5), *range(60, 131), 200, *range(254, 259), 300, 400, 500, *range(510, 513)}
"""Payload sizes in bytes around the usual buffer limits, up to what has to arrive whole.

The packet's remaining length grows to two bytes somewhere between 60 and 130 (MQTT 3.1.1, section 2.2.3).
"""


_SECONDS = 20.0
"""What sending payloads of all sizes one after the other may take."""


def sizes(qos: int, pace: float) -> list[int]:
    """Payload sizes in bytes to be tried with one QoS: with 0 and 1 together every size that has to arrive whole.

    Those around the usual buffer limits are tried with both. Where the network is so slow (``pace``: seconds that an
    answer from the cloud takes) that all of them would take too long, they are as many as there is time for, from the
    smallest to the largest.
    """
    every = range(BOUNDS.payload_min_bytes, BOUNDS.payload_max_bytes + 1)
    wanted = [size for size in every if size % 2 == qos or size in _BOUNDARIES]
    most = max(2, min(len(wanted), int(_SECONDS / max(pace, 1e-6))))
    return [wanted[number * (len(wanted) - 1) // (most - 1)] for number in range(most)]


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
