"""Deliberately broken modules: each a few lines that patch the firmware, with the sentence that states the lie.

Importing the modules fills the catalogue.
"""

from rigs.simulator.faults import (
    changed,
    downlink,
    floods,
    framing,
    history,
    identity,
    messages,
    network,
    packets,
    power,
    restarts,
    robustness,
    session,
    settings,
)
from rigs.simulator.faults.registry import FAULTS, Fault

__all__ = [
    "FAULTS",
    "Fault",
    "changed",
    "downlink",
    "floods",
    "framing",
    "history",
    "identity",
    "messages",
    "network",
    "packets",
    "power",
    "restarts",
    "robustness",
    "session",
    "settings",
]
