"""Opening and closing the MQTT session (manual 2.4.7, 2.4.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands.registry import command
from rigs.simulator.parser import Command, Form

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


@command("ALYMQTTOPEN", Form.EXECUTE)
def open_session(module: Firmware, _command: Command) -> list[bytes]:
    if module.link.is_open:
        raise Refused(Code.ALREADY_OPEN)
    module.check_identity()
    module.link.open(module.dial())
    return []


@command("ALYMQTTCLOSE", Form.EXECUTE)
def close_session(module: Firmware, _command: Command) -> list[bytes]:
    if not module.link.is_open:
        raise Refused(Code.INVALID_OPERATION)
    module.link.close(module.patience())
    return []


@command("ALYMQTTOPEN", Form.TEST)
@command("ALYMQTTCLOSE", Form.TEST)
def exists(_module: Firmware, _command: Command) -> list[bytes]:
    return []
