"""Connection and MQTT settings (manual 2.4.5, 2.4.6): three integers each, gone with the power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rigs.simulator.commands.registry import command
from rigs.simulator.parser import Command, Form

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


def _register(name: str, fields: tuple[str, ...]) -> None:
    @command(name, Form.QUERY)
    def query(module: Firmware, _command: Command) -> list[bytes]:
        values = module.dialect.comma.join(b"%d" % getattr(module.settings, field) for field in fields)
        return [module.dialect.information(name, values)]

    @command(name, Form.SET)
    def set_(module: Firmware, command: Command) -> list[bytes]:
        parameters = module.parameters(command, len(fields))
        values = [module.number(parameter, field) for parameter, field in zip(parameters, fields, strict=True)]
        for field, value in zip(fields, values, strict=True):
            setattr(module.settings, field, value)
        return []

    @command(name, Form.TEST)
    def test(module: Firmware, _command: Command) -> list[bytes]:
        return [module.dialect.information(name, ",".join(f"<{field}>" for field in fields).encode())]


_register("ALYCONNECTCFG", ("region", "port", "tls_flag"))
_register("ALYMQTTCFG", ("clean_session", "timeout", "keepalive"))
