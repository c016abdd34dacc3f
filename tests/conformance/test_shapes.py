"""Texts of every class: of the right length, the same each time, and so akin to others as their name says."""

from __future__ import annotations

import pytest

from conformance.shapes import SHAPES, akin, beyond_ascii, shaped


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("length", [1, 2, 7, 64, 512])
def test_a_text_has_its_length_and_is_printable(shape: str, length: int) -> None:
    text = shaped(shape, length, "whose")
    assert len(text.encode()) == length
    assert text.isprintable()
    assert text.isascii()
    assert '"' not in text
    assert "\\" not in text
    assert text == shaped(shape, length, "whose")


@pytest.mark.parametrize(
    ("shape", "begins", "ends"),
    [
        ("leading-zeros", "00", ""),
        ("blank-first", " ", ""),
        ("blank-last", "", " "),
        ("command", "AT+", ""),
    ],
)
def test_a_text_is_of_its_class(shape: str, begins: str, ends: str) -> None:
    text = shaped(shape, 12, "whose")
    assert text.startswith(begins)
    assert text.endswith(ends)


def test_texts_of_different_values_have_no_8_characters_in_common() -> None:
    for shape in ("mixed", "digits", "platform", "marks", "command"):
        one, other = (shaped(shape, 64, whose) for whose in ("ALYDEVICENAME", "ALYDEVICESECRET"))
        assert not {one[at : at + 8] for at in range(57)} & {other[at : at + 8] for at in range(57)}


def test_a_class_that_there_is_not_is_no_class() -> None:
    with pytest.raises(KeyError):
        shaped("round", 3, "whose")
    with pytest.raises(KeyError):
        akin("cousin", "abc", "whose")


@pytest.mark.parametrize(
    ("kin", "expected"),
    [
        ("equal", "aB3"), ("case", "Ab3"), ("front", "bB3"), ("middle", "aC3"), ("end", "aB4"),
        ("longer", "aB3x"), ("shorter", "aB"),
    ],
)  # fmt: skip
def test_kinships(kin: str, expected: str) -> None:
    assert akin(kin, "aB3", "whose") == expected


@pytest.mark.parametrize("length", [1, 2, 3, 4, 10, 20, 32, 64])
def test_a_text_beyond_ascii_has_its_length_in_bytes(length: int) -> None:
    text = beyond_ascii(length, "whose")
    assert len(text.encode()) == length
    assert text == beyond_ascii(length, "whose")
    assert text.isascii() == (length < 3)
    assert {len(character.encode()) for character in beyond_ascii(10, "whose")} == {1, 2, 3, 4}
