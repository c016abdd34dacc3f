"""Robustness: property-based fuzzing of the module's parser, sequences against a model, decay."""

from __future__ import annotations

from conformance.catalogue import CONNECT_CFG
from conformance.fuzz import Canary, affordable, command_lines, corpus, fuzzing, other_lines
from conformance.state_model import explore
from fixtures.module import Module
from fixtures.requirements import requirement
from fixtures.run import Run
from fixtures.verify import Verifier
from fixtures.watch import beside
from rigs.at.commands import query_line, set_line

ROUNDS = {"smoke": 50, "full": 150, "soak": 2500}
"""Rounds of three commands per quarter of FZ-03's watch."""


@requirement("FZ-01")
def test_any_command_line_gets_a_final_result_and_changes_nothing_it_should_not(
    module: Module, verify: Verifier, run: Run
) -> None:
    canary = Canary(module, verify)

    @fuzzing(module, run, examples=250, lines=command_lines(), always=corpus())
    def every_line_is_answered(line: bytes) -> None:
        canary.settle()
        answer = verify(module.send_hostile(line)).answered()
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
    quarters: list[float] = []
    rounds = affordable(module, ROUNDS[run.profile], exchanges_each=12)
    for _ in range(4):
        # The quickest round, because a busy bench makes answers later and never sooner.
        quarters.append(min(_round(module, verify) for _ in range(rounds)))
    decays = quarters == sorted(quarters) and quarters[-1] > max(1.5 * quarters[0], quarters[0] + 0.002)
    verify.that(
        not decays,
        "the last quarter answers as fast as the first",
        f"quickest answers of each quarter in ms: {[round(1000 * seconds, 3) for seconds in quarters]}",
    )


def _round(module: Module, verify: Verifier) -> float:
    """A query, a set and a refused set; the seconds that their answers took together."""
    region = CONNECT_CFG.parameter("region")
    lines = (
        query_line(CONNECT_CFG.name),
        set_line(CONNECT_CFG.name, *CONNECT_CFG.defaults),
        set_line(CONNECT_CFG.name, *CONNECT_CFG.replaced(region=region.refused[0])),
    )
    return sum(verify(module.send(line)).answered().seconds for line in lines)
