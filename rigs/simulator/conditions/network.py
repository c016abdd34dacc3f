"""A carrier's network that is not always there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rigs.simulator.conditions.registry import condition
from rigs.simulator.parser import Form

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

LATE = 2.0
"""Seconds from power-up to registration; a real module takes up to a minute."""
PERIOD, PAUSE = 20.0, 2.0
"""So often the network goes away, and for so long, in seconds."""


@condition("the module answers at once and is registered in the network 2 s later")
def late_network(module: Firmware) -> None:
    module.search_network(LATE)


@condition("as late-network, and no command tells whether the module is registered")
def late_network_mum(module: Firmware) -> None:
    late_network(module)
    for name in ("CREG", "CEREG", "CGATT"):
        module.commands.pop((name, Form.QUERY), None)


@condition("every 20 s the network goes away for 2 s, and every connection with it")
def network_pauses(module: Firmware) -> None:
    # By the machine's clock, so that a pause may meet a module at any age.
    into = time.monotonic() % PERIOD
    if into < PAUSE:
        module.search_network(PAUSE - into)
    _lose_later(module, PERIOD - into)


def _lose_later(module: Firmware, seconds: float) -> None:
    def lose() -> None:
        module.radio.lose()
        module.search_network(PAUSE)
        _lose_later(module, PERIOD)

    module.loop.call_later(seconds, lose)
