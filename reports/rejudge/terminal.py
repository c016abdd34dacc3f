"""What came out otherwise, in the terminal: a line for each run, and below it what changed and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.i18n import Lang, text
from reports.inert import inert
from reports.rejudge.causes import Cause, CauseKind
from reports.rejudge.rejudged import Outcome, Reach, Rejudged
from reports.severity import Verdict

_ESCAPES = {
    Verdict.FAIL: "31",
    Verdict.DEVIATION: "33",
    Verdict.WAIVED: "33",
    Verdict.BENCH_ERROR: "35",
    Verdict.NOT_PROVEN: "33",
    Verdict.INCONCLUSIVE: "33",
    Verdict.PASS: "32",
    Verdict.OBSERVED: "36",
}
_MOST = 5
"""Contradictions of a kind that a run shows."""
_CAME = 4
"""Codes that a line shows."""


@dataclass(frozen=True)
class Teller:
    """Tells what became of runs in one language."""

    lang: Lang
    colour: bool

    def tell(self, run: Rejudged) -> Iterator[str]:
        """One run: its line, and what is to be said of it."""
        reach = run.reach
        yield self._text(
            "rejudge.run",
            path=inert(str(run.path)),
            rig=run.rig or self._text("rejudge.none"),
            firmware=run.firmware or self._text("rejudge.none"),
            started=run.started.replace("T", " "),
            then=self._verdict(run.then),
            now=self._verdict(run.now),
            reach=self._text("rejudge.reach", again=reach.again, all=reach.all, otherwise=reach.otherwise),
        )
        for outcome in run.outcomes:
            yield f"  {self._outcome(outcome)}"
            yield from (f"    {self._cause(cause)}" for cause in outcome.causes)
        for item in run.declared:
            yield f"  {self._text(f'rejudge.{item.kind}', name=item.name, then=item.then, now=item.now)}"
        yield from self._contradictions(run)
        yield from self._reach(run)

    def total(self, runs: int, otherwise: int, not_read: int) -> str:
        """The last line but one: how many runs there were."""
        return self._text("rejudge.total", runs=runs, otherwise=otherwise, not_read=not_read)

    def total_reach(self, reaches: Sequence[Reach]) -> str:
        """The last line: how much of all of them was judged anew."""
        names = ("again", "all", "otherwise", "in_words", "masked", "unnamed")
        sums = {name: sum(getattr(reach, name) for reach in reaches) for name in names}
        return self._text("rejudge.total-reach", reach=self._text("rejudge.reach", **sums), **sums)

    def _outcome(self, outcome: Outcome) -> str:
        renamed = outcome.called not in ("", outcome.id)
        name = self._text("rejudge.called", id=outcome.id, called=outcome.called) if renamed else outcome.id
        then, now = self._proven(outcome.then, outcome.proven_then), self._proven(outcome.now, outcome.proven_now)
        return f"{inert(name)} {then} -> {now}"

    def _proven(self, verdict: Verdict | None, proven: bool) -> str:
        if verdict is None:
            return self._text("rejudge.none")
        shown = self._verdict(verdict)
        return shown if proven else self._text("rejudge.not-proven", verdict=shown)

    def _cause(self, cause: Cause) -> str:
        then, now = cause.then, cause.now
        if cause.kind is CauseKind.RULING:
            then, now = (it or self._text("rejudge.by-level") for it in (then, now))
        count = self._text("rejudge.count", count=cause.count) if cause.count > 1 else ""
        came = _span(cause.came) if cause.kind is CauseKind.BOUND else _few(cause.came)
        return inert(self._text(f"rejudge.{cause.kind}", name=cause.name, then=then, now=now, came=came, count=count))

    def _contradictions(self, run: Rejudged) -> Iterator[str]:
        if run.footer:
            yield f"  {self._text('rejudge.footer', footer=run.footer, then=run.then)}"
        lies = [
            self._text("rejudge.lie", seq=it.seq, requirement=it.requirement, says=it.says, gives=it.gives)
            for it in run.contradictions
        ]
        others = [
            self._text("rejudge.misapplied", seq=it.seq, requirement=it.requirement, names=", ".join(it.names))
            for it in run.misapplied
        ]
        for told in (lies, others):
            yield from (f"  {inert(line)}" for line in told[:_MOST])
            if len(told) > _MOST:
                yield f"  {self._text('rejudge.more', count=len(told) - _MOST)}"

    def _reach(self, run: Rejudged) -> Iterator[str]:
        reach = run.reach
        if reach.all > reach.again:
            yield f"  {self._text('rejudge.in-words', in_words=reach.in_words, masked=reach.masked)}"
        if reach.unnamed:
            yield f"  {self._text('rejudge.unnamed', count=reach.unnamed)}"
        if reach.unknown:
            yield f"  {self._text('rejudge.unknown', count=reach.unknown)}"
        if reach.counts_unnamed:
            yield f"  {self._text('rejudge.counts-unnamed', count=reach.counts_unnamed, all=reach.counts)}"
        for unsaid in reach.unsaid:
            told = {"name": inert(unsaid.bound), "then": unsaid.then, "now": unsaid.now, "count": unsaid.count}
            yield f"  {self._text('rejudge.unsaid', **told)}"

    def _verdict(self, verdict: Verdict) -> str:
        return f"\x1b[{_ESCAPES.get(verdict, '2')}m{verdict}\x1b[0m" if self.colour else verdict.value

    def _text(self, key: str, /, **values: object) -> str:
        return text(self.lang, key, **values)


def _span(seconds: Sequence[str]) -> str:
    """Measured times, from the shortest to the longest."""
    ordered = sorted(seconds, key=float)
    return "-".join(dict.fromkeys((ordered[0], ordered[-1]))) if ordered else "-"


def _few(came: Sequence[str]) -> str:
    return ", ".join(came[:_CAME]) + (", ..." if len(came) > _CAME else "")
