"""Values by their classes: what an identity value may be and may not, and what the settings may be."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from conformance.catalogue import BOUNDS, CONNECT_CFG, MQTT_CFG, IdentityValue, Settings
from conformance.values import MALFORMED, PLATFORM_CHARACTERS, PRINTABLE, WRONG_PARAMETER, arranged, sample, too_long
from fixtures.answers import CodeRule
from rigs.at.commands import Argument, Bare, set_line

_SHORTEST_NAME = 4
"""Bytes: the cloud knows no shorter names."""
_UNQUOTED = PRINTABLE.replace('"', "").replace("\\", "")


def _digits(value: IdentityValue, variant: int, length: int) -> str:
    return "".join(random.Random(f"digits {value.name} {variant}").choices(string.digits, k=length))


def _one_character_changed(old: str, variant: int) -> str:
    at = variant * 7 % len(old)
    return f"{old[:at]}{'y' if old[at] == 'x' else 'x'}{old[at + 1 :]}"


LEGAL: dict[str, tuple[str, Callable[[IdentityValue, str, int], str]]] = {
    "half": ("ID-01", lambda value, _, variant: sample(value, variant=variant)),
    "digits": ("ID-01", lambda value, _, variant: _digits(value, variant, max(2, value.limit // 3))),
    "leading-zeros": ("ID-01", lambda value, _, variant: "00" + _digits(value, variant, value.limit // 3)),
    "the-same": ("ID-01", lambda _, old, __: old),
    "other-case": ("ID-06", lambda _, old, __: old.swapcase()),
    "one-character-changed": ("ID-01", lambda _, old, variant: _one_character_changed(old, variant)),
    "shorter": ("ID-01", lambda _, old, __: old[:-1] or old),
    "longer": ("ID-01", lambda value, old, __: f"{old}z"[: value.limit]),
    "one-byte": ("ID-02", lambda value, _, variant: sample(value, 1, variant=variant)),
    "two-bytes": ("ID-02", lambda value, _, variant: sample(value, 2, variant=variant)),
    "one-below-the-limit": ("ID-02", lambda value, _, variant: sample(value, value.limit - 1, variant=variant)),
    "the-limit": ("ID-02", lambda value, _, variant: sample(value, value.limit, variant=variant)),
    "punctuation": ("ID-06", lambda value, _, variant: _piece(PLATFORM_CHARACTERS, value, variant)),
    "printable": ("ID-01", lambda value, _, variant: f"x{_piece(_UNQUOTED, value, variant)[:-2]}y"),
}
"""Class -> the family of requirements that a set of it breaks when it is refused or lost, and how it is made.

It is made of the identity value, of what that holds now, and of a number.
"""


def _piece(characters: str, value: IdentityValue, variant: int) -> str:
    every = arranged(characters, value) * 2
    start = variant * 11 % len(characters)
    return every[start : start + value.limit]


REFUSED: dict[str, tuple[str, Callable[[IdentityValue, int], tuple[Argument, ...]]]] = {
    "one-beyond": ("ID-03", lambda value, variant: (sample(value, value.limit + 1, variant=variant),)),
    "beyond": ("ID-03", lambda value, variant: (sample(value, value.limit + 2 + 31 * variant, variant=variant),)),
    "far-beyond": ("ID-03", lambda value, variant: (sample(value, value.limit + 256, variant=variant),)),
    "nothing": ("ID-07", lambda _, __: (Bare(b""),)),
    "two": ("ID-07", lambda value, variant: (sample(value, 3, variant=variant), sample(value, 2))),
    "open-quote": ("ID-07", lambda value, variant: (Bare(b'"' + sample(value, 5, variant=variant).encode()),)),
}
"""Class -> the family of requirements that speaks of it, and the arguments."""


def refusal_of(family: str, value: IdentityValue, arguments: tuple[Argument, ...]) -> CodeRule:
    """What these arguments have to be refused with."""
    return too_long(len(set_line(value.name, *arguments))) if family == "ID-03" else MALFORMED


def is_a_name(text: str) -> bool:
    """Whether the cloud may know a device by it."""
    return len(text) >= _SHORTEST_NAME and not {*text} - {*PLATFORM_CHARACTERS}


FIELDS: dict[tuple[Settings, str], tuple[str, tuple[int, ...]]] = {
    (CONNECT_CFG, "region"): ("CC-02", tuple(CONNECT_CFG.parameter("region").values)),
    (CONNECT_CFG, "port"): ("CC-05", (1, 255, 256, 443, 1883, 8883, 32768, 65534, 65535)),
    (CONNECT_CFG, "tls_flag"): ("CC-04", (0, 1)),
    (MQTT_CFG, "clean_session"): ("MC-02", (0, 1)),
    (MQTT_CFG, "timeout"): ("MC-03", (2000, 2345, 3456, 5000)),
    (MQTT_CFG, "keepalive"): (
        "MC-03",
        (BOUNDS.keepalive_min_seconds * 1000, 45678, 60000, 65536, 90000, BOUNDS.keepalive_max_seconds * 1000),
    ),
}
"""A field of the settings -> the requirement that a set of it breaks when it is refused or lost, and legal numbers.

The timeouts are long enough for every network and short enough to be waited for.
"""

_NUMBERLESS = Bare(b"x")

REFUSED_SETTINGS: list[tuple[Settings, str, CodeRule | None, tuple[Argument, ...]]] = [
    *((CONNECT_CFG, "CC-03", WRONG_PARAMETER, (n, 1884, 1)) for n in CONNECT_CFG.parameter("region").refused),
    *((CONNECT_CFG, "CC-04", None, (3, 1885, n)) for n in CONNECT_CFG.parameter("tls_flag").refused),
    *((CONNECT_CFG, "CC-05", None, (3, n, 1)) for n in CONNECT_CFG.parameter("port").refused),
    (CONNECT_CFG, "CC-04", None, (2, 1886, _NUMBERLESS)),
    *((CONNECT_CFG, "CC-07", MALFORMED, wrong) for wrong in ((Bare(b""),), (4,), (4, 1887), (4, 1887, 1, 1))),
    *((MQTT_CFG, "MC-02", None, (n, 3001, 61000)) for n in MQTT_CFG.parameter("clean_session").refused),
    *((MQTT_CFG, "MC-04", MALFORMED, wrong) for wrong in ((Bare(b""),), (1, 3002), (1, 3003, 62000, 1))),
    (MQTT_CFG, "MC-04", MALFORMED, (1, 3004, _NUMBERLESS)),
    (MQTT_CFG, "MC-04", MALFORMED, (1, 2**32 + 3005, 63000)),
]
"""Settings command, the requirement that has it refused, what with, and its arguments."""

STAYS = {CONNECT_CFG: "CC-06", MQTT_CFG: "MC-04"}
"""The requirement that a refused set breaks when it changes a field."""
