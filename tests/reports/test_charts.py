"""The geometry of the charts, and how durations are written."""

from __future__ import annotations

import pytest

from reports.charts import Axis, Slice, duration, slices


@pytest.mark.parametrize(
    ("durations", "low", "high"),
    [
        ([0.0004, 0.3], -4, 0),
        ([0.02, 0.05], -2, -1),
        ([0.01, 0.1], -2, -1),
        ([0.1], -1, 0),
        ([], 0, 1),
        ([0.0], 0, 1),
        ([1e-9, 1e9], -4, 3),
        ([1e9], 2, 3),
        ([1e-9], -4, -3),
    ],
)
def test_an_axis_spans_whole_decades(durations: list[float], low: int, high: int) -> None:
    assert Axis.over(durations) == Axis(low, high)


def test_marks_stand_in_order_and_never_beyond_the_ends() -> None:
    axis = Axis(-3, 0)
    moments = [0.0, 1e-9, 0.001, 0.002, 0.01, 0.5, 1.0, 100.0]
    places = [axis.at(seconds) for seconds in moments]
    assert places == sorted(places)
    assert places[0] == places[2] == axis.ticks[0].at
    assert places[-1] == places[-2] == axis.ticks[-1].at
    assert 0 < places[0] < places[-1] < 100
    assert axis.at(0.01) - axis.at(0.001) == pytest.approx(axis.at(0.1) - axis.at(0.01))


def test_ticks_are_the_decades() -> None:
    assert [tick.label for tick in Axis(-4, 2).ticks] == [
        "0.1 ms",
        "1 ms",
        "10 ms",
        "100 ms",
        "1 s",
        "10 s",
        "100 s",
    ]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.0, "0 ms"),
        (0.000004, "0.00 ms"),
        (0.000614, "0.61 ms"),
        (0.00123, "1.23 ms"),
        (0.0123, "12.3 ms"),
        (0.3145, "314 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.00 s"),
        (1.234, "1.23 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (125.4, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7380.0, "2 h 03 min"),
    ],
)
def test_durations_have_three_digits_and_the_unit_that_fits(seconds: float, written: str) -> None:
    assert duration(seconds) == written


def test_slices_stand_one_behind_the_other() -> None:
    assert slices({"a": 1.0, "b": 0.0, "c": 3.0}) == (
        Slice("a", 1.0, 0.0, 25.0),
        Slice("b", 0.0, 25.0, 0.0),
        Slice("c", 3.0, 25.0, 75.0),
    )
    assert [part.share for part in slices({"a": 0.0, "b": 0.0})] == [0.0, 0.0]
