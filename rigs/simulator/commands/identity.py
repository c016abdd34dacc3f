"""The four identity values (manual 2.4.1-2.4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rigs.simulator.commands.registry import command
from rigs.simulator.parser import Command, Form

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

VALUES = ("DEVICENAME", "DEVICESECRET", "PRODUCTKEY", "PRODUCTSECRET")


def _register(value: str) -> None:
    name = f"ALY{value}"

    @command(name, Form.QUERY)
    def query(module: Firmware, _command: Command) -> list[bytes]:
        return [module.dialect.information(name, module.dialect.text(module.memory.read(value)))]

    @command(name, Form.SET)
    def set_(module: Firmware, command: Command) -> list[bytes]:
        (parameter,) = module.parameters(command, 1)
        module.memory.write(value, module.text(parameter, value))
        return []

    @command(name, Form.TEST)
    def test(module: Firmware, _command: Command) -> list[bytes]:
        return [module.dialect.information(name, f"<{value.lower()}>".encode())]


for _value in VALUES:
    _register(_value)
