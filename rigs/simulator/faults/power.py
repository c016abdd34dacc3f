"""Faults of what a power cycle keeps and forgets (manual 2.4.5, chapter 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from rigs.simulator.commands import Handler
from rigs.simulator.faults.registry import fault
from rigs.simulator.parser import Command, Form
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Flush = Callable[[dict[str, bytes]], None]


def _forget(module: Firmware, value: str) -> None:
    """Leave one value out of what is written down."""

    def flush(original: Flush, values: dict[str, bytes]) -> None:
        original({name: data for name, data in values.items() if name != value})

    wrap(module.memory, "flush", flush)


def _keep(module: Firmware, command: str) -> None:
    """Write the settings down with every set of ``command``, and take them up again at power-up."""
    for field in asdict(module.settings):
        if stored := module.memory.read(f"{command}.{field}"):
            setattr(module.settings, field, int(stored))

    def set_(original: Handler, module: Firmware, line: Command) -> list[bytes]:
        before = asdict(module.settings)
        original(module, line)
        for field, value in asdict(module.settings).items():
            if value != before[field]:
                module.memory.write(f"{command}.{field}", b"%d" % value)
        return []

    wrap_command(module, command, Form.SET, set_)


@fault("loses the ProductKey with the power", breaks=["PC-01-PK"])
def product_key_lost(module: Firmware) -> None:
    _forget(module, "PRODUCTKEY")


@fault("loses the DeviceName with the power", breaks=["PC-01-DN"])
def device_name_lost(module: Firmware) -> None:
    _forget(module, "DEVICENAME")


@fault("loses the DeviceSecret with the power", breaks=["PC-01-DS"])
def device_secret_lost(module: Firmware) -> None:
    _forget(module, "DEVICESECRET")


@fault("loses the ProductSecret with the power", breaks=["PC-02"])
def product_secret_lost(module: Firmware) -> None:
    _forget(module, "PRODUCTSECRET")


@fault("keeps the connection settings over a power cycle", breaks=["PC-03"])
def connection_settings_survive(module: Firmware) -> None:
    _keep(module, "ALYCONNECTCFG")


@fault("keeps the MQTT settings over a power cycle", breaks=["PC-04"])
def mqtt_settings_survive(module: Firmware) -> None:
    _keep(module, "ALYMQTTCFG")


@fault("writes to its memory only a while after the OK", breaks=["PC-05"])
def late_flush(module: Firmware) -> None:
    def flush(original: Flush, values: dict[str, bytes]) -> None:
        module.loop.call_later(2.0, lambda: original(values))

    wrap(module.memory, "flush", flush)


@fault("writes values of full length to its memory only a while after the OK", breaks=["PC-05"])
def late_flush_at_full_length(module: Firmware) -> None:
    def flush(original: Flush, values: dict[str, bytes]) -> None:
        if any(len(data) == module.limits[name] for name, data in values.items()):
            module.loop.call_later(2.0, lambda: original(values))
        else:
            original(values)

    wrap(module.memory, "flush", flush)


@fault("shortens a DeviceName of full length at power-up", breaks=["PC-01-DN", "PC-05"])
def full_length_shortened(module: Firmware) -> None:
    if len(name := module.memory.read("DEVICENAME")) == module.limits["DEVICENAME"]:
        module.memory.write("DEVICENAME", name[:-1])


@fault("stores a value in two steps, with half of it in between", breaks=["PC-06"])
def torn_write(module: Firmware) -> None:
    def write(original: Callable[[str, bytes], None], name: str, data: bytes) -> None:
        original(name, data[: len(data) // 2])
        module.loop.rest(0.05)
        original(name, data)

    wrap(module.memory, "write", write)
