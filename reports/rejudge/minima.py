"""The least that a requirement's proof needs, by another catalogue than the run's own."""

from __future__ import annotations

from dataclasses import replace

from reports.effort import Effort
from reports.finding import Finding
from reports.judging import Judgement
from reports.judging.judge import verdict_of
from reports.judging.rulings import Rulings
from reports.severity import Level, Verdict

LEAST = "least_"
"""How the names of such bounds begin."""


def bound_of_steps(what: str) -> str:
    """The catalogue's name for the least of some steps: ``least_generated_lines`` of ``generated-lines``."""
    return f"{LEAST}{what.replace('-', '_')}"


def times_of(effort: Effort, rulings: Rulings) -> int | None:
    """How many times the bound of its steps an effort's minimum is; None where it rests on no bound of these rulings.

    A test that does the same in several parts adds the minima of all of them up.
    """
    value = int(rulings.bounds.get(bound_of_steps(effort.what), 0))
    if value <= 0 or not effort.minimum or effort.minimum % value:
        return None
    return effort.minimum // value


def under(effort: Effort, then: Rulings, now: Rulings) -> Effort:
    """The same steps with the minimum of these rulings; as it is where that rests on no bound that both hold."""
    times, value = times_of(effort, then), now.bounds.get(bound_of_steps(effort.what))
    return effort if times is None or value is None else replace(effort, minimum=times * int(value))


def counted(then: Finding, now: Effort, before: Level, after: Level) -> Verdict:
    """The verdict of a finding that counts steps, by another minimum and another level."""
    assert then.effort is not None
    if (then.effort.minimum, before) == (now.minimum, after) or then.verdict is not _verdict(then.effort, before):
        return then.verdict
    return _verdict(now, after)


def _verdict(effort: Effort, level: Level) -> Verdict:
    return verdict_of(Judgement.KEPT if effort.enough else Judgement.HIDDEN, level)
