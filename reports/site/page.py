"""The pages of a history: one of all rigs, and one of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from reports.compare.timing import milliseconds
from reports.html.views import duration
from reports.i18n import Lang, text
from reports.inert import inert
from reports.pages import render
from reports.runs import Latency, Wording
from reports.site import charts
from reports.site.history import History, Past, file_name
from reports.verdicts import SEVERITY, Level, Verdict

INDEX = "index.html"
MAX_FIRMWARES = 40
"""Columns of the grid: a reader compares the newest ones."""
MAX_RUNS = 200
"""Runs in a trend."""


@dataclass(frozen=True)
class Row:
    """A requirement's line of the grid."""

    id: str
    level: Level
    wording: Wording | None
    trend: Markup
    cells: Markup


@dataclass(frozen=True)
class Timing:
    """A command's line of the timings."""

    command: str
    chart: Markup
    first: str
    last: str
    change: str


def pages(history: History, lang: Lang) -> dict[str, str]:
    """The content of every page by its file name."""
    files: dict[str, str] = {}
    for rig in history.rigs if len(history.rigs) > 1 else ():
        files[rig] = file_name(rig, files)
    links = list(files.items())
    made = {INDEX: _page(history, lang, links, None)}
    for rig, name in links:
        made[name] = _page(history.of_rig(rig), lang, links, rig)
    return made


def letter(verdict: Verdict) -> str:
    """A verdict in a cell of the grid."""
    return "–" if verdict is Verdict.NOT_TESTED else verdict[0]


def _page(history: History, lang: Lang, links: list[tuple[str, str]], rig: str | None) -> str:
    shown = dict(list(history.latest.items())[:MAX_FIRMWARES])
    recent = history.ended[-MAX_RUNS:]
    return render(
        "site.html.jinja",
        lang,
        several=True,
        title=text(lang, "site.title") if rig is None else text(lang, "site.of-rig", rig=inert(rig)),
        history=history,
        index=INDEX,
        links=links,
        rig=rig,
        legend=[(verdict, letter(verdict), charts.css(verdict)) for verdict in SEVERITY],
        firmwares=shown,
        left_out=len(history.latest) - len(shown),
        sections=_sections(history, list(shown.values()), recent),
        recent=len(recent),
        concerns=charts.concerns_over_time([run.counts for run in recent]),
        most=max((sum(run.counts.get(verdict, 0) for verdict in charts.OF_CONCERN) for run in recent), default=0),
        flaky=[(item, charts.strip(item.verdicts[-MAX_RUNS:]), charts.listed(item.counts)) for item in history.flaky()],
        timings=list(_timings(recent)),
        runs=list(reversed(history.runs)),
        listed=charts.listed,
        duration=duration,
    )


def _sections(history: History, columns: list[Past], recent: Sequence[Past]) -> list[tuple[str, list[Row]]]:
    """The grid by sections of the manual, in the catalogue's order."""
    order: dict[str, None] = {}
    for _, section in history.requirements.values():
        order.setdefault(section)
    known = {identifier for run in (*columns, *recent) for identifier in run.verdicts}
    rows: dict[str, list[Row]] = {section: [] for section in order}
    for identifier, (level, section) in history.requirements.items():
        if identifier in known:
            trend = charts.strip([run.verdicts.get(identifier) for run in recent])
            cells = Markup("").join(_cell(identifier, run) for run in columns)
            rows[section].append(Row(identifier, level, history.wordings.get(identifier), trend, cells))
    return [(section, items) for section, items in rows.items() if items]


def _cell(identifier: str, run: Past) -> Markup:
    verdict = run.verdicts.get(identifier)
    if verdict is None:
        return Markup("<td></td>")
    shown = f'class="{charts.css(verdict)}" title="{escape(inert(identifier))} {verdict}"'
    if run.link is None:
        return Markup(f'<td class="cell"><span {shown}>{letter(verdict)}</span></td>')
    target = escape(inert(f"{run.link}#{identifier}" if run.has_report else run.link))
    return Markup(f'<td class="cell"><a {shown} href="{target}">{letter(verdict)}</a></td>')


def _timings(runs: Sequence[Past]) -> Iterator[Timing]:
    for command in sorted({command for run in runs for command in run.latency}):
        latencies = [run.latency[command] for run in runs if command in run.latency]
        yield Timing(
            command,
            charts.line(latencies),
            milliseconds(latencies[0].median),
            milliseconds(latencies[-1].median),
            _change(latencies[0], latencies[-1]),
        )


def _change(first: Latency, last: Latency) -> str:
    return f"{(last.median / first.median - 1) * 100:+.0f} %" if first.median > 0 else ""
