"""Where the marks of the small charts stand, in percent of a chart's width, and how durations are written.

The templates turn them into inline SVG themselves. Of the libraries that draw SVG without a script, pygal and drawsvg
size a chart in pixels and its words with it, so that it shrinks to nothing on a phone, and svg.py writes words
unescaped; what is drawn here are a dozen lines and boxes, and the words stand beside them as text in both languages.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_FIRST_DECADE, _LAST_DECADE = -4, 3
"""0.1 ms and 1000 s: no command is answered faster over a line, and none is waited for longer."""
_MARGIN = 6.0
"""Percent left free at either end, for half a label."""
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis of time from ``10 ** low`` to ``10 ** high`` seconds; what lies beyond stands at its ends."""

    low: int
    high: int

    @classmethod
    def over(cls, durations: Iterable[float]) -> Axis:
        """The whole decades that hold all durations; at least one decade."""
        exponents = [math.log10(seconds) for seconds in durations if seconds > 0]
        low = min(max(math.floor(min(exponents, default=0.0)), _FIRST_DECADE), _LAST_DECADE - 1)
        return cls(low, max(min(math.ceil(max(exponents, default=0.0)), _LAST_DECADE), low + 1))

    def at(self, seconds: float) -> float:
        """Where a duration stands, in percent from the left."""
        exponent = math.log10(seconds) if seconds > 0 else self.low
        share = (exponent - self.low) / (self.high - self.low)
        return _MARGIN + min(max(share, 0.0), 1.0) * (100 - 2 * _MARGIN)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Every decade."""
        decades = (10.0**exponent for exponent in range(self.low, self.high + 1))
        return tuple(Tick(self.at(seconds), _decade(seconds)) for seconds in decades)


@dataclass(frozen=True)
class Slice:
    """A part of a whole: ``start`` and ``share`` in percent of it."""

    name: str
    amount: float
    start: float
    share: float


def slices(parts: Mapping[str, float]) -> tuple[Slice, ...]:
    """Parts one behind the other; of nothing at all each has no share."""
    whole = math.fsum(parts.values()) or 1.0
    found: list[Slice] = []
    start = 0.0
    for name, amount in parts.items():
        found.append(Slice(name, amount, start, share := amount / whole * 100))
        start += share
    return tuple(found)


def duration(seconds: float) -> str:
    """A duration in units that both languages write alike, to three digits."""
    if seconds < 0.9995:
        return f"{_three_digits(seconds * 1000)} ms"
    if seconds < _MINUTE - 0.05:
        return f"{_three_digits(seconds)} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    if minutes < _HOUR // _MINUTE:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def _three_digits(number: float) -> str:
    if number <= 0:
        return "0"
    return f"{number:.{max(0, min(2, 2 - math.floor(math.log10(number))))}f}"


def _decade(seconds: float) -> str:
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:g} s"
