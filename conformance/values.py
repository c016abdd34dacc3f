"""Arguments that the tests try, derived from the catalogue's limits."""

from __future__ import annotations

import random
import string
from collections.abc import Iterable
from functools import cache

from conformance.catalogue import BOUNDS, IdentityValue, load
from fixtures.answers import CodeRule
from rigs.at.commands import Bare


def code_rule(name: str) -> CodeRule:
    """The catalogue's rule of that name, as the fixtures take it."""
    rule = load().code_rule(name)
    return CodeRule(rule.en, rule.codes, rule.exact, (rule.name,))


MALFORMED = code_rule("malformed")
"""What a malformed line may be refused with (FMT-11)."""

WRONG_PARAMETER = code_rule("wrong-parameter")
"""What a well-formed line with a value that the command does not take is refused with."""

MANUAL_CODES = code_rule("manual")
"""The codes of section 2.2."""

NOT_OPEN = code_rule("not-open")
"""What an operation that needs an open, or a closed, connection is refused with."""

ALREADY_OPEN = code_rule("already-open")
"""What OPEN is refused with while open."""

COLON = load().ruling("AMB-01")
"""The ruling that a colon separates the name of a command and its values."""

NO_QUOTES = load().ruling("AMB-35")
"""The ruling on quotes that a module adds to a downlink message."""

NO_INTEGERS = [Bare(b"-1"), Bare(b"x"), Bare(b""), Bare(b"0x1")]
"""What stands where an integer belongs, and is none that a parameter may hold."""

OWN_TOPIC = "<own topic>"
"""Stands for a topic of the device in arguments that tests are parametrised with: a cloud may refuse any other."""

PLATFORM_CHARACTERS = string.ascii_letters + string.digits + "-_.:@"
"""What the platform allows in names (ID-06)."""

KEEPALIVES = (1000, BOUNDS.keepalive_min_seconds * 1000)
"""In milliseconds: one that keeps the tests short where module and cloud take it, and the shortest that all take."""

WATCHED_KEEPALIVES = (2000, BOUNDS.keepalive_min_seconds * 1000)
"""The same for a link under watch: twice the first is more than one and a half times it and a carrier's jitter."""

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
"""Every printable ASCII character."""

_SAMPLE = 4096
_VARIANT = 131
"""Characters between the beginnings of two variants of a sample."""


def too_long(line_length: int) -> CodeRule:
    """What a value beyond its limit is refused with, on a command line of so many bytes (FMT-11, ID-03)."""
    return MALFORMED if line_length > BOUNDS.line_max_bytes else WRONG_PARAMETER


def on_topic(topic: str, arguments: Iterable[str | int | Bare]) -> list[str | int | Bare]:
    """The arguments with ``topic`` in the place of `OWN_TOPIC`."""
    return [topic if argument == OWN_TOPIC else argument for argument in arguments]


def sample(value: IdentityValue, length: int | None = None, *, variant: int = 0) -> str:
    """A legal text of ``length`` bytes for an identity value (half its limit by default).

    Variants differ from the first characters on, so that a mix-up shows. No 8 characters in a row of one value's
    samples stand in another's: what masks a secret hides nothing else.
    """
    size = max(1, value.limit // 2) if length is None else length
    return _samples(value.name)[_VARIANT * variant :][:size]


@cache
def _samples(name: str) -> str:
    return "".join(random.Random(f"302 {name}").choices(string.ascii_letters + string.digits, k=_SAMPLE))


def arranged(characters: str, value: IdentityValue) -> str:
    """All of ``characters``, in an order of its own for each value, for the same reason."""
    return "".join(random.Random(f"order {value.name}").sample(characters, len(characters)))


def longest(value: IdentityValue, *, variant: int = 0) -> list[str]:
    """Legal texts, the longest first: a module whose limit is wrong, which ID-02 judges, takes one of the others."""
    lengths = (value.limit, value.limit - 1, value.limit // 2)
    return [sample(value, length, variant=variant) for length in lengths]
