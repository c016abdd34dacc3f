"""The older of two runs by the catalogue of the newer: what that alone makes otherwise is no change of the module."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.events import RecordError
from reports.record import RunRecord
from reports.rejudge.rejudged import rejudge
from reports.runs import Entry, Run, read_record
from reports.verdicts import Verdict

_OLDEST = 2
"""The first schema of records that tell what was expected as data."""


@dataclass(frozen=True)
class ByCatalogue:
    """A requirement of OLD that NEW's catalogue judges otherwise."""

    id: str
    then: Verdict
    now: Verdict


@dataclass(frozen=True)
class Anew:
    """What OLD comes to by NEW's catalogue; ``why_not`` says in one line why that is not known."""

    otherwise: tuple[ByCatalogue, ...] = ()
    why_not: str = ""

    def applied(self, old: Run) -> Run:
        """OLD with the verdicts that NEW's catalogue gives it."""
        entries = dict(old.summary.requirements)
        for item in self.otherwise:
            entries[item.id] = _judged(entries[item.id], item.now)
        return replace(old, summary=old.summary.model_copy(update={"requirements": entries}))


def judged_anew(old: Run, new: Run) -> Anew:
    """OLD by NEW's catalogue, from both records; nothing where the catalogues are the same."""
    if old.summary.catalogue == new.summary.catalogue:
        return Anew()
    try:
        today = _record(new).catalogue
        found = rejudge(_record(old), today)
    except RecordError as problem:
        return Anew(why_not=str(problem))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        # A record may be well-formed and still hold what no run writes.
        return Anew(why_not=f"{type(problem).__name__}: {problem}")
    return Anew(
        tuple(
            ByCatalogue(outcome.id, outcome.then, outcome.now)
            for outcome in found.outcomes
            if outcome.then is not None and outcome.now is not None
            if outcome.then is not outcome.now and outcome.id in old.summary.requirements
        )
    )


def _record(run: Run) -> RunRecord:
    record = read_record(run.path, weigh=False)
    if record.run["schema"] < _OLDEST:
        raise RecordError(
            "{path}: record schema {schema} does not tell what was expected as data",
            path=run.path,
            schema=record.run["schema"],
        )
    if not record.requirements:
        raise RecordError("{path}: its record holds no catalogue", path=run.path)
    return record


def _judged(entry: Entry, now: Verdict) -> Entry:
    return entry.model_copy(update={"verdict": now})
