"""Payloads: which characters stand side by side, and how long they are."""

from __future__ import annotations

import itertools

from conformance.payloads import side_by_side
from conformance.values import PRINTABLE


def test_any_two_characters_stand_side_by_side_somewhere() -> None:
    payloads = side_by_side()
    pairs = {pair for payload in payloads for pair in itertools.pairwise(payload)}
    marks = [character for character in PRINTABLE if not character.isalnum()]
    assert {*itertools.product(marks, repeat=2)} <= pairs
    assert {("\\", letter) for letter in "nrtux0"} <= pairs


def test_each_is_shorter_by_a_byte_than_the_one_before_and_framed_otherwise() -> None:
    *payloads, last = side_by_side()
    assert [len(one) - len(other) for one, other in itertools.pairwise(payloads)] == [1] * (len(payloads) - 1)
    assert len(last) < len(payloads[-1])
    assert {payload[0] + payload[-1] for payload in payloads} >= {'""', "{}", "[]", "  "}


def test_characters_that_are_left_out_are_in_none() -> None:
    assert not [payload for payload in side_by_side(without='\\"') if "\\" in payload or '"' in payload]
