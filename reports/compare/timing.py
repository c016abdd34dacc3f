"""Whether a module answers more slowly, or faster, than it did: more than chance and the bench explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot, sqrt

from reports.runs import Latency

ERRORS = 3.0
"""Standard errors of the difference of two medians: chance alone goes beyond three once in 370 comparisons."""
SPREAD = 0.5
"""Share of the runs' mean interquartile range: below it the median has not left the middle half of the answers."""
SHARE = 0.25
"""Share of OLD's median: no two runs load the machine and the network alike."""
FLOOR = 0.002
"""Seconds. The machine's scheduler and a USB converter's latency timer add as much by themselves."""
MIN_COUNT = 5
"""Answers below which a median says nothing."""

_MEDIAN_ERROR = 0.93
"""Standard error of a median in units of IQR / sqrt(n), for values that are about normal: 1.2533 / 1.349."""


@dataclass(frozen=True)
class Drift:
    """A command whose answers became slower or faster; seconds."""

    command: str
    old: Latency
    new: Latency
    margin: float

    @property
    def change(self) -> float:
        """How much the median moved; negative is faster."""
        return self.new.median - self.old.median

    @property
    def ratio(self) -> float | None:
        """NEW's median in units of OLD's; None when OLD's is no time at all."""
        return self.new.median / self.old.median if self.old.median > 0 else None


def drifts(old: Mapping[str, Latency], new: Mapping[str, Latency]) -> tuple[Drift, ...]:
    """The commands of both runs whose median moved by more than its margin, the slower ones first."""
    found = [
        Drift(command, before, after, margin(before, after))
        for command, before in old.items()
        if (after := new.get(command)) is not None and min(before.count, after.count) >= MIN_COUNT
    ]
    moved = [drift for drift in found if abs(drift.change) > drift.margin]
    return tuple(sorted(moved, key=lambda drift: (-drift.change, drift.command)))


def margin(old: Latency, new: Latency) -> float:
    """What a median may move without a meaning, from the spread of both runs."""
    return max(
        ERRORS * hypot(_error(old), _error(new)),
        SPREAD * (_spread(old) + _spread(new)) / 2,
        SHARE * old.median,
        FLOOR,
    )


def _spread(latency: Latency) -> float:
    return max(0.0, latency.p75 - latency.p25)


def _error(latency: Latency) -> float:
    return _MEDIAN_ERROR * _spread(latency) / sqrt(latency.count)


def milliseconds(seconds: float) -> str:
    """A duration as a reader compares it."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
