"""Robustness: property-based fuzzing of the module's parser, sequences against a model, decay."""

from __future__ import annotations

import itertools

from conformance.catalogue import BOUNDS, CLOSE, CONNECT_CFG, IDENTITY_VALUES
from conformance.fuzz import Canary, affordable, command_lines, corpus, fuzzing, other_lines
from conformance.state_model import explore
from conformance.values import sample
from fixtures.module import Module
from fixtures.power import Power
from fixtures.requirements import last, requirement
from fixtures.run import Run
from fixtures.verify import Verifier
from fixtures.volatile import resting
from fixtures.watch import beside
from rigs.at.commands import query_line, set_line

ROUNDS = {"smoke": 50, "full": 150, "soak": 2500}
"""Rounds of three commands per quarter of FZ-03's watch."""
QUARTERS = 4
FIRST_ROUNDS = 5
"""Rounds right after power-up that count as the first part."""
CONFIRMED = 3
"""How often slow answers are looked at again before they are said to stay slow."""


@requirement("FZ-01")
def test_any_command_line_gets_a_final_result_and_changes_nothing_it_should_not(
    module: Module, verify: Verifier, run: Run
) -> None:
    canary = Canary(module, verify)

    @fuzzing(module, run, examples=250, lines=command_lines(), always=corpus())
    def every_line_is_answered(line: bytes) -> None:
        canary.settle()
        answer = verify(module.send_hostile(line)).answered_in_time()
        canary.check(answer)

    every_line_is_answered()


@requirement("FZ-01")
def test_after_any_other_line_the_next_command_is_answered(module: Module, verify: Verifier, run: Run) -> None:
    canary = Canary(module, verify)

    @fuzzing(module, run, examples=60, lines=other_lines())
    def the_next_command_is_answered(line: bytes) -> None:
        canary.settle()
        module.send_ignored(line)
        canary.check(verify(module.send("AT")).ok())

    the_next_command_is_answered()


@requirement("FZ-02")
def test_any_sequence_of_commands_agrees_with_the_model(module: Module, verify: Verifier, run: Run) -> None:
    explore(module, verify, run)


@beside
@requirement("FZ-03")
def test_answers_do_not_slow_down(module: Module, verify: Verifier, run: Run) -> None:
    rounds = affordable(module, ROUNDS[run.profile], exchanges_each=12)
    judge_pace(module, verify, rounds, rounds, BOUNDS.slowdown_factor)


@requirement("FZ-03")
def test_answers_do_not_slow_down_after_power_up(module: Module, power: Power, verify: Verifier, run: Run) -> None:
    # Whatever builds up from the first command on may have reached its level before any other test looks.
    power.cycle()
    rounds = affordable(module, ROUNDS[run.profile], exchanges_each=12)
    judge_pace(module, verify, FIRST_ROUNDS, rounds, BOUNDS.settling_factor)


def judge_pace(module: Module, verify: Verifier, first: int, rounds: int, factor: float) -> None:
    """Judge that answers are as quick as in the ``first`` rounds after some times ``rounds`` more."""
    start = quickest_round(module, verify, first)
    allowed = max(factor * start, start + BOUNDS.slowdown_milliseconds / 1000)
    parts = [start]
    while parts[-1] <= allowed and len(parts) < QUARTERS:
        parts.append(quickest_round(module, verify, rounds))
        # Decay stays, however it came: steadily, in a step, or up to some level. A bench that was busy is quick again.
        for _ in range(CONFIRMED):
            if parts[-1] > allowed:
                parts.append(quickest_round(module, verify, FIRST_ROUNDS))
    verify.that(
        parts[-1] <= allowed,
        f"no answers {factor:g} times, and {BOUNDS.slowdown_milliseconds} ms, slower than at first",
        f"quickest three answers of each part in ms: {[round(1000 * seconds, 3) for seconds in parts]}",
    )


def quickest_round(module: Module, verify: Verifier, rounds: int) -> float:
    """The least that three answers took together in so many rounds, in seconds.

    The quickest, because a busy bench makes answers later and never sooner.
    """
    return min(_round(module, verify) for _ in range(rounds))


@requirement("FZ-04")
def test_ordinary_commands_do_not_make_the_module_restart(module: Module, verify: Verifier, run: Run) -> None:
    values = itertools.cycle(IDENTITY_VALUES)
    for number in range(affordable(module, ROUNDS[run.profile], exchanges_each=6)):
        value = next(values)
        verify(module.set(value, sample(value, variant=number % 5))).answered()
        verify(module.query(value)).answered()
        verify(module.set(value, sample(value, value.limit + 1))).answered()
        verify(module.execute(CLOSE.word)).answered()
    verify_no_restart(module, verify)


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
    observed = f"{len(restarts)}: {'; '.join(map(str, restarts[:5]))}" if restarts else "none"
    verify.that(not restarts, "no restart that nobody ordered, in the whole run", observed, evidence=evidence)


def _round(module: Module, verify: Verifier) -> float:
    """A query, a set and a refused set; the seconds that their answers took together."""
    region = CONNECT_CFG.parameter("region")
    lines = (
        query_line(CONNECT_CFG.name),
        set_line(CONNECT_CFG.name, *resting(CONNECT_CFG)),
        set_line(CONNECT_CFG.name, *CONNECT_CFG.replaced(region=region.refused[0])),
    )
    return sum(verify(module.send(line)).answered().seconds for line in lines)
