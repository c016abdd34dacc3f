"""How many sequences are tried, how long, and with what."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from conformance.catalogue import BOUNDS
from conformance.fuzz import lines_per_look, plainly, reproducible
from conformance.sequences.machine import Allowance, Bench
from conformance.sequences.messages import Topics
from fixtures.budget import Budget
from fixtures.findings import NO_MATTER_OF_THE_INPUT, Inconclusive, Spent, Unshrinkable
from fixtures.module import Module
from fixtures.online import Messages
from fixtures.power import Power
from fixtures.run import Run
from fixtures.verify import Verifier
from rigs.cloud.profile import ProfileName
from rigs.rig import Rig

# fmt: off
TOLD = (
    "ID-01", "ID-02", "ID-03", "ID-05", "ID-06", "ID-07", "CC-02", "CC-03", "CC-04", "CC-05", "CC-06", "CC-07",
    "MC-02", "MC-03", "MC-04", "MC-06", "MC-07", "PC-01", "PC-03", "PC-04", "PC-05", "OP-01", "OP-02", "OP-03", "OP-04",
    "CL-01", "SU-01", "SU-03", "SU-04", "UN-01", "PU-01", "PU-02", "PU-03", "PU-06", "RV-01", "RV-02", "RV-07", "SE-01",
    "SE-02", "NW-02", "TL-01",
)
# fmt: on
"""Requirements that a step may show to be broken, by their texts."""
_SEQUENCES = {"smoke": 5, "full": 28, "soak": 400}
_STEPS, _STEPS_OF_A_SLOW_MODULE = 50, 20
_LINES = 25
"""Commands with which `lines_per_look` reckons for a sequence; it counts a look at every value after each."""
_POWER_CYCLES, _POWER_CYCLES_OF_A_REAL_MODULE = 10, 2
_DROPS, _DROPS_OF_A_REAL_MODULE = 40, 3


def explore(messages: Messages, rig: Rig, verify: Verifier, run: Run) -> None:
    """Judge as many sequences as the profile plans and a slow module affords.

    With the simulator a failing one is made as short as some seconds allow; a real module's is told of as it was found:
    each try at a shorter one costs time and wear, and a whole deadline where the module falls silent.
    """
    planned = run.sequences or _SEQUENCES[run.profile]
    share = max(1.0, planned / _SEQUENCES["full"])
    budget = verify.budget("sequences", planned, BOUNDS.least_sequences, share=share)
    bench = _bench(messages, rig, verify, run, budget)

    class Sequences(Topics):
        def __init__(self) -> None:
            super().__init__(bench)

    steps = _STEPS_OF_A_SLOW_MODULE if bench.slow else _STEPS
    chosen = seed(run.sequence_seed)(Sequences) if run.sequence_seed is not None else Sequences
    try:
        with suppress(Spent), plainly():
            run_state_machine_as_test(chosen, settings=reproducible(planned, shrink=bench.shrinks, steps=steps))
    except NO_MATTER_OF_THE_INPUT as error:
        raise Unshrinkable(str(error)) from error
    finally:
        # A sequence may have made the cloud know the same device by another secret.
        bench.cloud.enrol(bench.module.device)
    verify.effort(budget.effort)


def _bench(messages: Messages, rig: Rig, verify: Verifier, run: Run, budget: Budget) -> Bench:
    """What the sequences run on; what a rig, or the cloud behind it, cannot do is left out of them."""
    module, cloud, simulated = messages.module, messages.cloud, run.rig_file.simulated
    mqtt = not run.rig_file.cloud.on_platform and run.rig_file.cloud.profile is not ProfileName.PLATFORM
    sees = not run.rig_file.cloud.on_platform
    drops = sees and not {"closing", "resetting"} & {*run.lacking}
    return Bench(
        module,
        cloud,
        messages.observer,
        rig,
        verify,
        None if rig.power is None else Power(rig, module, cloud),
        budget,
        Allowance(
            power_cycles=_POWER_CYCLES if simulated else _POWER_CYCLES_OF_A_REAL_MODULE,
            drops=(_DROPS if simulated else _DROPS_OF_A_REAL_MODULE) if drops else 0,
            sessions=(sessions := _can_log_in(module)),
            tls=sessions and _works_over_tls(messages),
        ),
        sees=sees,
        retains=mqtt,
        knows_anybody=mqtt,
        shrinks=simulated,
        slow=lines_per_look(module, verify, budget.planned * _LINES) > 1,
    )


def _can_log_in(module: Module) -> bool:
    """Whether the module holds what a login needs; where it does not, sequences do without sessions."""
    with suppress(Inconclusive):
        module.require_login_values()
        return True
    return False


def _works_over_tls(messages: Messages) -> bool:
    """Whether a session over TLS can be opened; what keeps it from that TL-01 judges."""
    module = messages.module
    module.configure_session(tls=True)
    connection, exchange = module.try_open(tls=True)
    works = exchange.ok and connection is not None and module.online_at(connection)
    if exchange.silent:
        module.rig.recover(exchange)
    module.close()
    messages.cloud.hang_up()
    return works
