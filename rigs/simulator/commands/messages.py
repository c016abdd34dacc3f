"""Subscribe, unsubscribe, publish (manual 2.4.9-2.4.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rigs.simulator.commands.registry import command
from rigs.simulator.parser import Command, Form

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


@command("ALYMQTTSUB", Form.SET)
def subscribe(module: Firmware, command: Command) -> list[bytes]:
    topic, qos = module.parameters(command, 2)
    module.link.subscribe(module.topic(topic), module.number(qos, "qos"), module.patience())
    return []


@command("ALYMQTTUNSUB", Form.SET)
def unsubscribe(module: Firmware, command: Command) -> list[bytes]:
    (topic,) = module.parameters(command, 1)
    module.link.unsubscribe(module.topic(topic), module.patience())
    return []


@command("ALYMQTTPUB", Form.SET)
def publish(module: Firmware, command: Command) -> list[bytes]:
    topic, qos, payload = module.parameters(command, 3)
    module.link.publish(module.topic(topic), module.text(payload, "LINE"), module.number(qos, "qos"), module.patience())
    return []


@command("ALYMQTTSUB", Form.TEST)
def subscribe_syntax(module: Firmware, _command: Command) -> list[bytes]:
    return [module.dialect.information("ALYMQTTSUB", b"<topic>,<qos>")]


@command("ALYMQTTUNSUB", Form.TEST)
def unsubscribe_syntax(module: Firmware, _command: Command) -> list[bytes]:
    return [module.dialect.information("ALYMQTTUNSUB", b"<topic>")]


@command("ALYMQTTPUB", Form.TEST)
def publish_syntax(module: Firmware, _command: Command) -> list[bytes]:
    return [module.dialect.information("ALYMQTTPUB", b"<topic>,<qos>,<payload>")]
