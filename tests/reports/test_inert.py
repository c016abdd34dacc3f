"""Hostile text: nothing that a terminal, a browser or an XML parser could act on survives."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from reports.inert import byte_segments, inert, inert_bytes


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('AT+ALYMQTTPUB=/t,0,"{\\"a\\":1}"', 'AT+ALYMQTTPUB=/t,0,"{\\"a\\":1}"'),
        ("\r\n\t\0", "\\r\\n\\t\\0"),
        ("\x1b[31m\x9b", "\\x1b[31m\\x9b"),
        ("a\u202eb\u2066\u200f\ufeff", "a\\u202eb\\u2066\\u200f\\ufeff"),
        ("\u05d0\u0627", "\\u05d0\\u0627"),
        ("e\u0301", "e\\u0301"),
        ("\ud800\ufffe\U000e0001", "\\ud800\\ufffe\\U000e0001"),
        ("测试，é€", "测试，é€"),
        ("\u00a0\u3000\u2028", "\\xa0\\u3000\\u2028"),
    ],
)
def test_what_can_be_shown_stays_and_the_rest_is_escaped(raw: str, shown: str) -> None:
    assert inert(raw) == shown


def test_chosen_characters_can_be_kept() -> None:
    assert inert("a\nb\r", keep="\n") == "a\nb\\r"


def test_no_steering_character_slips_through() -> None:
    # Where characters that steer rather than show live; the planes between hold ideographs or nothing.
    codes = (*range(0x12000), *range(0x1D000, 0x20000), *range(0xE0000, 0xE0200), sys.maxunicode)
    shown = "".join(inert(chr(code)) for code in codes)
    assert {unicodedata.category(character)[0] for character in shown} <= set("LNPSZ")
    assert not {unicodedata.bidirectional(character) for character in shown} & {"R", "AL", "AN", "RLO", "LRO"}


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("测试".encode(), "测试"),
        ("测试".encode()[:4], "测\\xe8"),
        (b"\xff\x80A", "\\xff\\x80A"),
        (b"\xe2\x80\xae", "\\u202e"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
        (b"\xc0\xaf", "\\xc0\\xaf"),
    ],
)
def test_bytes_are_read_as_utf8_where_they_are(data: bytes, shown: str) -> None:
    assert inert_bytes(data.decode("latin-1")) == shown


def test_escapes_are_told_from_text_that_looks_like_them() -> None:
    pieces = list(byte_segments("\\r\r"))
    assert [(piece.text, piece.escaped) for piece in pieces] == [("\\r", False), ("\\r", True)]


def test_text_in_the_place_of_bytes_is_shown_rather_than_lost() -> None:
    assert inert_bytes("测\x1b") == "测\\x1b"
