"""Makes hostile text inert: what the module sends may hold terminal codes, bidi marks, or half a character.

Printable left-to-right characters stay; everything else becomes an escape: ``\\r``, ``\\x1b``, ``\\u202e``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

_PLAIN = re.compile(r"[\x20-\x7e]*")
_RUN = re.compile(r"[\x20-\x7e]+|.", re.DOTALL)
"""Most of what a module sends is plain ASCII: such runs are taken whole, all else character by character."""

_NAMED = {"\r": "\\r", "\n": "\\n", "\t": "\\t", "\0": "\\0"}
# Letters, numbers, punctuation and symbols; marks (M*) are left out because they pile up on their neighbours.
_VISIBLE_CATEGORIES = frozenset("LNPS")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Lone surrogates by which the UTF-8 decoder stands in for bytes that are not UTF-8.
_FIRST_STRAY, _LAST_STRAY = 0xDC80, 0xDCFF

_is_escaped = attrgetter("escaped")


class Segment(NamedTuple):
    """A piece of text to show; ``escaped`` when it stands for characters that cannot be shown themselves."""

    text: str
    escaped: bool


def segments(text: str) -> Iterator[Segment]:
    """Split text into shown and escaped pieces."""
    for escaped, run in groupby(map(_piece, _RUN.findall(text)), key=_is_escaped):
        yield Segment("".join(piece.text for piece in run), escaped)


def byte_segments(data: str) -> Iterator[Segment]:
    """The same for bytes given as latin-1 characters: whole UTF-8 characters are shown, stray bytes escaped."""
    return segments(decoded(data))


def decoded(data: str) -> str:
    """Bytes given as latin-1 characters read as UTF-8; stray bytes become the surrogates that `segments` escapes."""
    try:
        return data.encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Text after all: keep it as it is rather than lose it.
        return data


def inert(text: str, *, keep: str = "") -> str:
    """Text with everything unprintable escaped, save the characters of ``keep``."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(run if run in keep else _piece(run).text for run in _RUN.findall(text))


def inert_bytes(data: str) -> str:
    """Bytes, given as latin-1 characters, as one line of printable text."""
    return inert(decoded(data))


def _piece(run: str) -> Segment:
    return Segment(run, False) if _PLAIN.fullmatch(run) else _shown(run)


@cache
def _shown(character: str) -> Segment:
    if character == " " or (
        unicodedata.category(character)[0] in _VISIBLE_CATEGORIES
        and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT
    ):
        return Segment(character, False)
    code = ord(character)
    if _FIRST_STRAY <= code <= _LAST_STRAY:
        code -= 0xDC00
    elif character in _NAMED:
        return Segment(_NAMED[character], True)
    if code <= 0xFF:
        return Segment(f"\\x{code:02x}", True)
    return Segment(f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}", True)
