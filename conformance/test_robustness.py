"""Robustness: property-based fuzzing of the module's parser, sequences against a model, decay."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from statistics import median

import pytest

from conformance.catalogue import BOUNDS, CLOSE, CONNECT_CFG, DEVICE_NAME, IDENTITY_VALUES
from conformance.fuzz import corpus, searching
from conformance.fuzz_session import may_reach_cloud
from conformance.grammar import CLASSES, halves, in_order, interleaved, other_lines
from conformance.plugin import findings_of
from conformance.search import Search
from conformance.sequences.explore import TOLD, explore
from conformance.tried import NO_COMMAND, Tried
from conformance.values import PRINTABLE, sample
from fixtures.budget import Budget, together
from fixtures.module import Module
from fixtures.online import Messages
from fixtures.power import Power
from fixtures.requirements import derived, first, judges_pace, last, requirement, tells
from fixtures.run import Run
from fixtures.verify import Verifier
from fixtures.volatile import resting
from fixtures.watch import beside
from reports.effort import Effort
from reports.why import Why
from rigs.at.commands import Bare, query_line, set_line
from rigs.cpu_wait import waited
from rigs.rig import Rig
from rigs.sentence import say

SWEEPS = {"smoke": 0, "full": 1, "soak": 4}
"""Times that every class of line is visited."""
SEARCHED = {"smoke": 25, "full": 250, "soak": 2500}
"""Lines that property-based testing looks for, beyond those."""
OTHER_LINES = {"smoke": 6, "full": 60, "soak": 600}
"""Lines that are no command lines."""
EMPTY_LINES = [b"\r" * count for count in (1, 3, 9, 20)]
_CONTROLS = [bytes([byte]) for byte in (*range(0x20), 0x7F) if byte not in b"\r\x11\x13"]
RUNS = [first + 20 * byte for first in (b"", b"AT") for byte in _CONTROLS]
"""A control character over and over; XON and XOFF may stop the module's output."""
MARKS = [character for character in PRINTABLE if not character.isalnum()]
ONE_CHARACTER = [set_line(DEVICE_NAME.name, Bare(f'"{mark * 4}"'.encode())) for mark in MARKS]
"""Values of nothing but one mark."""
HALVES = {"smoke": 1, "full": 4, "soak": 40}
"""Commands that break off, and whose CR comes only after a silence."""
AT_A_TIME, SHARE = 30, 4
"""Lines in one session, and every how many of those that need none are sent in one all the same."""
ROUNDS = {"smoke": 50, "full": 150, "soak": 2500}
"""Rounds of three commands per quarter of FZ-03's watch."""
QUARTERS = 4
FIRST_ROUNDS = 5
"""Rounds right after power-up that count as the first part."""
EARLY_ROUNDS = 10
"""Rounds of each later part before all other tests of a run."""
CONFIRMED = 3
"""How often slow answers are looked at again before they are said to stay slow."""


@derived
@requirement("FZ-01", "FMT-11")
def test_any_command_line_gets_a_final_result_and_changes_nothing_it_should_not(
    module: Module, verify: Verifier, run: Run, pytestconfig: pytest.Config
) -> None:
    search = Search(module, verify, run, findings_of(pytestconfig))
    known = verify.budget("corpus-lines", len(corpus()), BOUNDS.least_corpus_lines)
    sweep = verify.budget("line-classes", len(CLASSES) * SWEEPS[run.profile], BOUNDS.least_line_classes)
    searched = verify.budget("generated-lines", SEARCHED[run.profile], BOUNDS.least_generated_lines)
    search.try_earlier()
    for line in known.of(corpus()):
        search.try_line(Tried(line, "corpus", repr(line)))
        if search.exhausted:
            break
    for number in range(SWEEPS[run.profile]):
        visit(search, sweep, number)
    searching(search, searched)()
    search.conclude()
    for budget in (known, sweep, searched):
        verify.effort(budget.effort, of="FZ-01")
    verify.effort(Effort("session-lines", search.session_lines, search.session_lines, 0), of="FZ-01")


def visit(search: Search, budget: Budget, number: int) -> None:
    """One line of every class, over a closed and an open session in turn."""
    for opened, made in interleaved(in_order(), AT_A_TIME, SHARE):
        lines = [Tried.of(one, one.nth(number)) for one in made]
        in_session = [tried for tried in lines if opened and may_reach_cloud(tried.data)]
        for tried in budget.of(in_session):
            search.open_session()
            search.try_line(tried)
            if search.exhausted:
                return
        if in_session:
            search.end_session()
        for tried in budget.of([tried for tried in lines if tried not in in_session]):
            search.try_line(tried)
            if search.exhausted:
                return


@derived
@requirement("FZ-01")
def test_after_any_other_line_the_next_command_is_answered(module: Module, verify: Verifier, run: Run) -> None:
    search = Search(module, verify, run)
    budget = verify.budget("ignored-lines", OTHER_LINES[run.profile], BOUNDS.least_ignored_lines)
    tried = [
        *(
            Tried(half, "half a command", "then silence", loose=True, pauses=True)
            for half in halves(HALVES[run.profile])
        ),
        *(Tried(line, NO_COMMAND, "empty lines", loose=True) for line in EMPTY_LINES),
        *(Tried(line, NO_COMMAND, "one control character", loose=True) for line in RUNS),
        *(Tried(line, "set", "one character only") for line in ONE_CHARACTER),
    ]
    noise = (Tried(line, NO_COMMAND, "noise", loose=True) for line in budget.of(other_lines(budget.planned)))
    for line in itertools.chain(tried, noise):
        search.try_line(line)
        if search.exhausted:
            break
    search.conclude()
    verify.effort(budget.effort)


@derived
@tells(*TOLD)
@requirement("FZ-02")
def test_any_sequence_of_commands_agrees_with_the_model(
    messages: Messages, rig: Rig, verify: Verifier, run: Run
) -> None:
    explore(messages, rig, verify, run)


@first
@judges_pace
@requirement("FZ-03")
def test_answers_do_not_come_later_and_later(module: Module, verify: Verifier) -> None:
    # Told before it holds up all other tests.
    judge_pace(module, verify, FIRST_ROUNDS, EARLY_ROUNDS, BOUNDS.slowdown_factor, BOUNDS.growth_milliseconds)


@beside
@judges_pace
@derived
@requirement("FZ-03")
def test_answers_do_not_slow_down(module: Module, verify: Verifier, run: Run) -> None:
    rounds = ROUNDS[run.profile]
    judge_pace(module, verify, rounds, rounds, BOUNDS.slowdown_factor)


@judges_pace
@derived
@requirement("FZ-03")
def test_answers_do_not_slow_down_after_power_up(module: Module, power: Power, verify: Verifier, run: Run) -> None:
    # Whatever builds up from the first command on may have reached its level before any other test looks.
    power.cycle()
    judge_pace(module, verify, FIRST_ROUNDS, ROUNDS[run.profile], BOUNDS.settling_factor)


def judge_pace(
    module: Module,
    verify: Verifier,
    at_first: int,
    rounds: int,
    factor: float,
    milliseconds: int = BOUNDS.slowdown_milliseconds,
) -> None:
    """Judge that answers are as quick as in the first rounds after some times ``rounds`` more."""
    budgets = [
        verify.budget("pace-rounds", planned, min(planned, BOUNDS.least_pace_rounds), share=1 / QUARTERS)
        for planned in (at_first, *[rounds] * (QUARTERS - 1))
    ]
    start, *_ = parts = [quickest_round(module, verify, budgets[0].rounds())]
    allowed = max(factor * start, start + milliseconds / 1000)
    for budget in budgets[1:]:
        parts.append(quickest_round(module, verify, budget.rounds()))
        # Decay stays, however it came: steadily, in a step, or up to some level. A bench that was busy is quick again,
        # and one that stays busy knows how long it has waited for a processor itself.
        for _ in range(CONFIRMED):
            if parts[-1] > allowed:
                parts.append(usual_round(module, verify, range(FIRST_ROUNDS)))
        if parts[-1] > allowed:
            break
    verify.that(
        parts[-1] <= allowed,
        say(
            "no answers {factor:g} times, and {milliseconds} ms, slower than at first",
            factor=factor,
            milliseconds=milliseconds,
        ),
        say(
            "quickest three answers of each part in ms: {parts}",
            parts=[round(1000 * seconds, 3) for seconds in parts],
        ),
        why=Why.PACES,
    )
    verify.effort(together(budgets))


def quickest_round(module: Module, verify: Verifier, rounds: Iterable[int]) -> float:
    """The least that three answers took together in some rounds, in seconds; 0 where there was time for none.

    The quickest, because a busy bench makes answers later and never sooner.
    """
    return min((_round(module, verify) for _ in rounds), default=0.0)


def usual_round(module: Module, verify: Verifier, rounds: Iterable[int]) -> float:
    """What three answers take together in some rounds, without what the bench itself has waited for a processor.

    The median: what other threads of the bench have waited is taken off as well, and may be too much.
    """

    def took() -> float:
        before = waited()
        return _round(module, verify) - (waited() - before)

    return max(0.0, median(took() for _ in rounds))


@derived
@requirement("FZ-04")
def test_ordinary_commands_do_not_make_the_module_restart(module: Module, verify: Verifier, run: Run) -> None:
    values = itertools.cycle(IDENTITY_VALUES)
    budget = verify.budget("ordinary-rounds", ROUNDS[run.profile], BOUNDS.least_ordinary_rounds)
    for number in budget.rounds():
        value = next(values)
        verify(module.set(value, sample(value, variant=number % 5))).answered()
        verify(module.query(value)).answered()
        verify(module.set(value, sample(value, value.limit + 1))).answered()
        verify(module.execute(CLOSE.word)).answered()
    verify_no_restart(module, verify)
    verify.effort(budget.effort)


@last
@requirement("FZ-04")
def test_the_module_never_restarted_by_itself(module: Module, verify: Verifier) -> None:
    if not module.ordinary_exchanges:
        verify.give_up("no command was sent in this run")
    verify_no_restart(module, verify)


def verify_no_restart(module: Module, verify: Verifier) -> None:
    """Judge all of the run so far: every restart but those of power cycles and of commands that order one."""
    restarts = module.rig.restarts
    evidence = [event for restart in restarts for event in restart.evidence]
    told = [restart.told for restart in restarts[:5]]
    observed = say("{count}: {restarts}", count=len(restarts), restarts=told) if restarts else say("none")
    expected = say("no restart that nobody ordered, in the whole run")
    verify.that(not restarts, expected, observed, evidence=evidence, why=Why.RESTARTS)


def _round(module: Module, verify: Verifier) -> float:
    """A query, a set and a refused set; the seconds that their answers took together."""
    region = CONNECT_CFG.parameter("region")
    lines = (
        query_line(CONNECT_CFG.name),
        set_line(CONNECT_CFG.name, *resting(CONNECT_CFG)),
        set_line(CONNECT_CFG.name, *CONNECT_CFG.replaced(region=region.refused[0])),
    )
    return sum(verify(module.send(line)).answered().seconds for line in lines)
