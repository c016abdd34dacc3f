"""What surrounds the module: the carrier's network, its SIM, and the lab. Each has to leave every verdict as it is.

Importing the modules fills the catalogue.
"""

from rigs.simulator.conditions import lab, modem, network
from rigs.simulator.conditions.registry import CONDITIONS, Condition

__all__ = ["CONDITIONS", "Condition", "lab", "modem", "network"]
