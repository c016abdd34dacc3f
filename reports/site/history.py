"""The runs of a directory, as much of each as a history shows."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from reports.events import RecordError
from reports.i18n import Lang, text
from reports.runs import RECORD, SUMMARY, Latency, Summary, Wording, read_summary, read_wordings
from reports.verdicts import Level, Verdict

REPORT = "report.html"
MARK = ".ml302-site"
"""The file that tells a site from any other directory."""

_STANDING = {
    Verdict.PASS: 0,
    Verdict.OBSERVED: 0,
    Verdict.DEVIATION: 1,
    Verdict.FAIL: 2,
    Verdict.WAIVED: 2,
    Verdict.INCONCLUSIVE: 3,
}
"""What a module did, for telling whether it does so each time. A bench that broke or left a test out tells nothing."""


@dataclass(frozen=True)
class Past:
    """One run of the history."""

    path: Path
    link: str | None
    """Where its report, or its bundle, is to be found from the site."""
    started: str
    began: str
    firmware: str
    rig: str
    profile: str
    suite: str
    judged_by: tuple[object, ...]
    """Whatever may change a verdict besides the module."""
    verdict: Verdict
    complete: bool
    seconds: float
    verdicts: Mapping[str, Verdict]
    catalogue: Mapping[str, tuple[Level, str]]
    """Level and section of each requirement."""
    latency: Mapping[str, Latency]

    @cached_property
    def has_report(self) -> bool:
        """Whether the link leads to a report, where every requirement has its place."""
        return self.link is not None and self.path.is_dir()

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """Requirements by verdict."""
        return Counter(self.verdicts.values())


@dataclass(frozen=True)
class Broken:
    """Something that should have been a run, and why it is none."""

    name: str
    en: str
    zh: str


@dataclass(frozen=True)
class Flaky:
    """A requirement whose verdict changed although neither firmware nor suite did."""

    id: str
    firmware: str
    suite: str
    rigs: tuple[str, ...]
    counts: Mapping[Verdict, int]
    flips: int
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class History:
    """Runs in the order of time, and what the newest catalogue says of the requirements."""

    runs: tuple[Past, ...]
    broken: tuple[Broken, ...] = ()
    requirements: Mapping[str, tuple[Level, str]] = field(default_factory=dict)
    """Level and section, in the catalogue's order, the newest catalogue first."""
    wordings: Mapping[str, Wording] = field(default_factory=dict)

    @cached_property
    def ended(self) -> tuple[Past, ...]:
        """The runs that reached their end: what the others left untested says nothing."""
        return tuple(run for run in self.runs if run.complete)

    @cached_property
    def rigs(self) -> tuple[str, ...]:
        return tuple(sorted({run.rig for run in self.runs}))

    @cached_property
    def latest(self) -> Mapping[str, Past]:
        """The latest run of each firmware, the newest first; one that died only where there is no other."""
        latest: dict[str, Past] = {}
        for run in reversed(self.runs):
            if run.firmware not in latest or (run.complete and not latest[run.firmware].complete):
                latest[run.firmware] = run
        return dict(sorted(latest.items(), key=lambda item: item[1].started, reverse=True))

    def of_rig(self, rig: str) -> History:
        """The history of one rig; what could not be read belongs to none."""
        return History(tuple(run for run in self.runs if run.rig == rig), (), self.requirements, self.wordings)

    def flaky(self) -> tuple[Flaky, ...]:
        """The most restless first."""
        groups: dict[object, list[Past]] = {}
        for run in self.ended:
            groups.setdefault((run.firmware, run.judged_by), []).append(run)
        found = [item for runs in groups.values() if len(runs) > 1 for item in _flaky(runs)]
        return tuple(sorted(found, key=lambda item: (-item.flips, item.id, item.firmware)))


def collect(directory: Path, site: Path) -> History:
    """Read the summaries of all runs that lie in a directory; the site will lie in another.

    Raises `RecordError` when the directory cannot be listed or holds nothing of a run.
    """
    try:
        entries = sorted(directory.iterdir())
    except OSError as problem:
        raise RecordError(
            "{directory}: cannot be listed: {why}", directory=directory, why=problem.strerror or problem
        ) from problem
    broken: list[Broken] = []
    found: dict[tuple[str, str], Past] = {}
    link_to = _linker(site)
    for path in entries:
        try:
            run = _past(path, read_summary(path), link_to) if _may_be_run(path, site) else None
        except (RecordError, OSError) as problem:
            broken.append(_broken(path, problem))
            continue
        # A run and its bundle are one run. Directories come to lie beside their bundles in no certain order.
        if run is not None and ((run.started, run.rig) not in found or path.is_dir()):
            found[run.started, run.rig] = run
    if not found and not broken:
        raise RecordError("{directory}: no run directory and no bundle in it", directory=directory)
    runs = sorted(found.values(), key=lambda run: run.started)
    requirements: dict[str, tuple[Level, str]] = {}
    for run in reversed(runs):
        requirements |= {name: entry for name, entry in run.catalogue.items() if name not in requirements}
    wordings = next((words for run in reversed(runs) if (words := read_wordings(run.path))), {})
    return History(tuple(runs), tuple(broken), requirements, wordings)


def _may_be_run(path: Path, site: Path) -> bool:
    """Links are left out: the runs that they lead to lie here as well."""
    if path.is_symlink() or path.name.startswith(".") or path == site or (path / MARK).exists():
        return False
    return path.is_dir() or path.suffix == ".zip"


def _broken(path: Path, problem: RecordError | OSError) -> Broken:
    if isinstance(problem, OSError):
        reason = problem.strerror or str(problem)
        return Broken(path.name, reason, reason)
    if path.is_dir() and not (path / SUMMARY).exists():
        key = "site.no-summary" if (path / RECORD).exists() else "site.empty"
        return Broken(path.name, text(Lang.EN, key), text(Lang.ZH, key))
    # Where this machine keeps its runs is nobody's business on a page.
    told = problem.told.changed(lambda text: text.removeprefix(f"{path.parent}{os.sep}"))
    return Broken(path.name, told, told.chinese)


def _past(path: Path, summary: Summary, link_to: Callable[[Path], str]) -> Past:
    target = path / REPORT if path.is_dir() else path
    module = summary.module
    return Past(
        path=path,
        link=link_to(target) if target.is_file() else None,
        started=summary.started,
        began=summary.began,
        firmware=module.revision or module.model or "?",
        rig=summary.rig or "?",
        profile=summary.profile or "?",
        suite=str(summary.suite or "?"),
        judged_by=(summary.suite, summary.catalogue, summary.strict, module.model),
        verdict=summary.verdict,
        complete=summary.complete,
        seconds=summary.seconds,
        verdicts={identifier: entry.verdict for identifier, entry in summary.requirements.items()},
        catalogue={identifier: (entry.level, entry.section) for identifier, entry in summary.requirements.items()},
        latency=summary.latency,
    )


def _linker(site: Path) -> Callable[[Path], str]:
    origin = site.absolute()

    def link_to(path: Path) -> str:
        return quote(os.path.relpath(path.absolute(), origin).replace(os.sep, "/"))

    return link_to


def _flaky(runs: list[Past]) -> Iterator[Flaky]:
    for identifier in dict.fromkeys(identifier for run in runs for identifier in run.verdicts):
        verdicts = [(run, verdict) for run in runs if (verdict := run.verdicts.get(identifier)) in _STANDING]
        flips = _flips(verdict for _, verdict in verdicts if verdict is not None)
        if flips:
            seen = tuple(verdict for _, verdict in verdicts if verdict is not None)
            rigs = tuple(sorted({run.rig for run, _ in verdicts}))
            yield Flaky(identifier, runs[-1].firmware, runs[-1].suite, rigs, Counter(seen), flips, seen)


def _flips(verdicts: Iterable[Verdict]) -> int:
    standings = [_STANDING[verdict] for verdict in verdicts]
    return sum(before != after for before, after in pairwise(standings))


def file_name(rig: str, taken: Mapping[str, str]) -> str:
    """The page of a rig, whatever its name holds."""
    plain = re.sub(r"[^0-9A-Za-z_-]+", "-", rig).strip("-")[:40] or "unnamed"
    name = f"rig-{plain}.html"
    number = 2
    while name in taken.values():
        name = f"rig-{plain}-{number}.html"
        number += 1
    return name
