"""Small charts as inline SVG. Neighbours that are alike are drawn as one: a thousand quiet runs weigh little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from markupsafe import Markup

from reports.runs import Latency
from reports.verdicts import SEVERITY, Verdict

OF_CONCERN = tuple(
    verdict for verdict in SEVERITY if verdict not in (Verdict.PASS, Verdict.OBSERVED, Verdict.NOT_TESTED)
)
_HEIGHT = 100


def strip(verdicts: Sequence[Verdict | None]) -> Markup:
    """One verdict per run, from left to right; None where the run did not know the requirement."""
    counts = Counter(verdict for verdict in verdicts if verdict is not None)
    parts = []
    start = 0
    for verdict, group in groupby(verdicts):
        width = len(list(group))
        if verdict is not None:
            parts.append(_bar(verdict, start, 0, width, 1))
        start += width
    return _svg("strip", start, 1, listed(counts), Markup("".join(parts)))


def concerns_over_time(runs: Sequence[Mapping[Verdict, int]]) -> Markup | None:
    """The requirements of each run that are of concern, by verdict, the worst at the bottom; None where none ever is.

    Those that were kept are left out: beside a hundred of them nobody would see the one that was not.
    """
    columns = [tuple(counts.get(verdict, 0) for verdict in OF_CONCERN) for counts in runs]
    tallest = max((sum(heights) for heights in columns), default=0)
    if not tallest:
        return None
    parts = []
    start = 0
    for heights, group in groupby(columns):
        width = len(list(group))
        top = tallest
        for verdict, height in zip(OF_CONCERN, heights, strict=True):
            top -= height
            if height:
                parts.append(_bar(verdict, start, top, width, height))
        start += width
    return _svg("counts-over-time", start, tallest, listed(runs[-1]), Markup("".join(parts)))


def line(latencies: Sequence[Latency]) -> Markup:
    """The median of each run, and the middle half around it as a band."""
    points = [*latencies, latencies[-1]] if len(latencies) == 1 else latencies
    longest = max(max(item.p75, item.median) for item in points) or 1.0
    upper = [_point(index, item.p75, longest) for index, item in enumerate(points)]
    lower = [_point(index, item.p25, longest) for index, item in enumerate(points)]
    medians = [_point(index, item.median, longest) for index, item in enumerate(points)]
    drawn = Markup('<polygon class="band" points="{}"/><polyline class="line" points="{}"/>').format(
        " ".join([*upper, *reversed(lower)]), " ".join(medians)
    )
    return _svg("line-chart", len(points) - 1, _HEIGHT, f"{latencies[-1].median * 1000:.3g} ms", drawn)


def listed(counts: Mapping[Verdict, int]) -> str:
    """The counts in words, the worst verdict first."""
    return ", ".join(f"{verdict} {counts[verdict]}" for verdict in SEVERITY if counts.get(verdict))


def css(verdict: Verdict) -> str:
    """The class under which the style sheet knows a verdict."""
    return verdict.lower().replace(" ", "-")


def _point(index: int, seconds: float, longest: float) -> str:
    return f"{index},{_HEIGHT * (1 - max(0.0, seconds) / longest):.1f}"


def _bar(verdict: Verdict, x: int, y: int, width: int, height: int) -> str:
    # Numbers and names of ours: nothing to escape, and a page has a hundred thousand of them.
    return f'<rect class="{css(verdict)}" x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _svg(name: str, width: int, height: int, label: str, drawn: Markup) -> Markup:
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(name, max(width, 1), height, label, drawn)
