"""Payloads that have to arrive unchanged, whichever way they go."""

from __future__ import annotations

from conformance.catalogue import BOUNDS
from conformance.values import PRINTABLE

_BOUNDARIES = {*range(1, 5), *range(60, 131), 200, *range(254, 259), 300, 400, 500, *range(510, 513)}
"""Payload sizes in bytes around the usual buffer limits, up to what has to arrive whole.

The packet's remaining length grows to two bytes somewhere between 60 and 130 (MQTT 3.1.1, section 2.2.3).
"""

_LONGEST_PAIRS = 110
"""Bytes that are no matter of their number yet."""

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


_SIDE_BY_SIDE = "".join(character for character in PRINTABLE if not character.isalnum()) + "0anrtux"
"""All but most letters and digits: those are left that an escape may be made with."""
_FRAMES = ("{}", "{{{}}}", '"{}"', "[{}]", " {} ", "'{}'", "({})", "<{}>", "/{}", "\\{}", "{},")


def side_by_side(*, without: str = "", braces: bool = False) -> list[str]:
    """Payloads in which any two characters stand side by side somewhere, each shorter by a byte than the one before.

    They begin and end with different ones that belong together, or all with ``braces``, as JSON does. ``without`` are
    characters that are in none of them.
    """
    characters = [character for character in _SIDE_BY_SIDE if character not in without]
    pairs = (one + "".join(one + other for other in characters[place + 1 :]) for place, one in enumerate(characters))
    frames = ["{{{}}}"] if braces else [frame for frame in _FRAMES if not set(frame) & set(without)]
    rest = "".join(pairs) + characters[0]
    payloads: list[str] = []
    for size in range(_LONGEST_PAIRS, 1, -1):
        frame = frames[len(payloads) % len(frames)]
        room = size - len(frame.format(""))
        payloads.append(frame.format(rest[:room]))
        if len(rest) <= room:
            break
        # The last one of these is the first one of the next.
        rest = rest[room - 1 :]
    return payloads
