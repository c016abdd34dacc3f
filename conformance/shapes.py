"""Texts of every class of value, for identity values, topics and payloads: those that a firmware may misread."""

from __future__ import annotations

import itertools
import random
import string
from functools import cache

from conformance.values import PLATFORM_CHARACTERS

_DRAWN = {
    "mixed": string.ascii_letters + string.digits,
    "digits": string.digits,
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
    "hexadecimal": "0123456789abcdef",
    "platform": PLATFORM_CHARACTERS,
    "punctuation": "-_.:@",
    "braces": "{}[]()<>",
    "marks": "!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
}
"""Characters that a text of such a class is drawn from."""
_BEGINNINGS = {
    "leading-zeros": ("00", "digits"),
    "negative": ("-", "digits"),
    "prefixed": ("0x", "hexadecimal"),
    "exponent": ("1e", "digits"),
    "result": ("OK", "mixed"),
    "error": ("ERROR", "mixed"),
    "command": ("AT+", "upper"),
    "answer": ("+ALY", "upper"),
    "format": ("%s%n%", "lower"),
    "question": ("?", "mixed"),
    "equals": ("=?", "mixed"),
    "comma": (",", "mixed"),
    "blank-first": (" ", "mixed"),
    "brace-first": ("{", "mixed"),
    "bracket-first": ("[", "mixed"),
}
"""How a text of such a class begins, and what the rest is drawn from."""
_ENDINGS = {
    "blank-last": ("mixed", " "),
    "comma-last": ("mixed", ","),
    "brace-last": ("mixed", "}"),
}
_REPEATED = {"zeros": "0", "one-letter": "a", "commas": ",", "questions": "?", "blanks": " "}
_BEYOND_ASCII = ((0xE0, 0xF6), (0x4E00, 0x9FA5), (0x1F600, 0x1F640))
"""Characters of two, three and four bytes: the first and the last."""
_LONGEST = 4096

SHAPES = (*_DRAWN, *_BEGINNINGS, *_ENDINGS, *_REPEATED)
"""Every class of text that `shaped` knows."""


def shaped(shape: str, length: int, whose: str) -> str:
    """A text of that class and length in bytes, the same each time, another one for everybody: ``whose``.

    Raises KeyError for a class that there is not.
    """
    if shape in _REPEATED:
        return _REPEATED[shape] * length
    if shape in _BEGINNINGS:
        begin, rest = _BEGINNINGS[shape]
        return (begin + _drawn(rest, whose))[:length]
    if shape in _ENDINGS:
        rest, end = _ENDINGS[shape]
        return _drawn(rest, whose)[: length - len(end)] + end
    return _drawn(shape, whose)[:length]


def beyond_ascii(length: int, whose: str) -> str:
    """A text of so many bytes in UTF-8, with characters of two, three and four bytes as far as they fit."""
    draw = random.Random(f"{whose} beyond ASCII")
    text = shaped("mixed", 1, whose)
    for first, last in itertools.cycle(_BEYOND_ASCII):
        character = chr(draw.randint(first, last))
        if len((text + character).encode()) > length:
            break
        text += character
    return text + "x" * (length - len(text.encode()))


@cache
def _drawn(shape: str, whose: str) -> str:
    return "".join(random.Random(f"{whose} {shape}").choices(_DRAWN[shape], k=_LONGEST))


def akin(kin: str, text: str, whose: str) -> str:
    """A text that differs from another one only so much, of which a firmware may think that it is the same.

    ``longer`` is one byte longer, so that ``text`` is its beginning; ``shorter`` one byte shorter.
    Raises KeyError for a kinship that there is not.
    """
    middle = len(text) // 2
    return {
        "other": shaped("mixed", max(1, len(text) - 2), f"{whose} other"),
        "equal": text,
        "case": text.swapcase(),
        "front": _another(text[0]) + text[1:],
        "middle": text[:middle] + _another(text[middle]) + text[middle + 1 :],
        "end": text[:-1] + _another(text[-1]),
        "longer": f"{text}x",
        "shorter": text[:-1],
    }[kin]


def _another(character: str) -> str:
    """Another character of the same class."""
    for characters in (string.digits, string.ascii_lowercase, string.ascii_uppercase, "-_.:@"):
        if character in characters:
            return characters[(characters.index(character) + 1) % len(characters)]
    return "x"
