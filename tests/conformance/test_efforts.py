"""What the suite tries many times over: the corpus is whole, sizes are well chosen."""

from __future__ import annotations

from itertools import pairwise

import pytest

from conformance.catalogue import BOUNDS
from conformance.fuzz import corpus
from conformance.payloads import sizes


def test_the_whole_corpus_has_to_be_tried() -> None:
    assert len(corpus()) == len(set(corpus())) == BOUNDS.least_corpus_lines


@pytest.mark.parametrize("qos", [0, 1])
def test_the_first_payload_sizes_are_enough_on_a_slow_network(qos: int) -> None:
    first = sorted(sizes(qos)[: BOUNDS.least_payload_sizes])
    assert {1, 127, 128, 255, 256, 511, 512} <= {*first}
    assert max(after - before for before, after in pairwise(first)) <= 52


def test_both_qos_together_try_every_payload_size_once_at_least() -> None:
    assert {*sizes(0), *sizes(1)} == {*range(BOUNDS.payload_min_bytes, BOUNDS.payload_max_bytes + 1)}
    assert all(len(sizes(qos)) == len(set(sizes(qos))) for qos in (0, 1))
