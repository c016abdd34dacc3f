"""The power driver that a rig file names."""

from __future__ import annotations

from rigs.power.driver import CommandPower, PowerDriver
from rigs.rigfile import Driver, RigFile


def power_of(rig_file: RigFile, timeout: float) -> PowerDriver | None:
    """The driver of a rig other than the built-in simulator's; None where the rig has no power control."""
    power = rig_file.power
    if rig_file.driver is Driver.NONE:
        return None
    assert power.on is not None
    assert power.off is not None
    return CommandPower(power.on, power.off, timeout)
