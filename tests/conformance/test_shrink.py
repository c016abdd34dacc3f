"""What brings a symptom about is made as short as it goes, and no shorter."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.grammar import may_be_sent
from conformance.shrink import Patience, ddmin, shortest
from conformance.tried import Tried

PLENTY = 100_000


def patient(tries: int = PLENTY) -> Patience:
    return Patience(tries, 1.0, clock=lambda: 0.0)


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.data())
def test_only_what_is_needed_is_left(items: list[int], data: st.DataObject) -> None:
    needed = data.draw(st.sets(st.sampled_from(items), max_size=4))

    def fails(part: Sequence[int]) -> bool:
        return needed <= {*part}

    left = ddmin(items, fails, patient())
    assert fails(left)
    assert sorted(left) == sorted(needed) or (not needed and len(left) == 1)


@pytest.mark.parametrize("tries", [0, 1, 5])
def test_patience_ends_it_with_what_is_known_to_fail(tries: int) -> None:
    asked: list[int] = []

    def fails(part: Sequence[int]) -> bool:
        asked.append(len(part))
        return 17 in part

    assert 17 in ddmin(range(64), fails, patient(tries))
    assert len(asked) == tries


def test_time_ends_it() -> None:
    moments = iter([0.0, 0.5, 2.0])
    assert len(ddmin(range(64), lambda part: True, Patience(9, 1.0, clock=lambda: next(moments)))) == 32


def test_lines_go_first_and_then_bytes() -> None:
    lines = [Tried(f'AT+ALYDEVICENAME="{number}"'.encode(), "", "") for number in range(9)]
    lines[4] = Tried(b"AT+ALYMQTTCFG=\x00,1,2", "", "")
    lines[8] = Tried(b'AT+ALYPRODUCTKEY="abc\xffdef"', "", "")

    def fails(part: Sequence[Tried]) -> bool:
        assert all(may_be_sent(tried.data) for tried in part)
        return any(b"\x00" in tried.data for tried in part[:-1]) and b"\xff" in part[-1].data

    left = shortest(lines, fails, patient())
    assert [tried.data for tried in left] == [b"AT+ALYMQTTCFG=\x00,1,2", b"AT\xff"]
