"""What a firmware may accept and refuse where the manual leaves it the choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.habits.registry import habit
from rigs.simulator.parser import Command, Form, Parameter
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


def _strings(module: Firmware, accepts: Callable[[Parameter], bool], code: Code) -> None:
    def text(original: Callable[[Parameter, str], bytes], parameter: Parameter, limit: str) -> bytes:
        if not accepts(parameter):
            raise Refused(code)
        return original(parameter, limit)

    wrap(module, "text", text)


@habit("takes strings in quotes only")
def strings_only_quoted(module: Firmware) -> None:
    _strings(module, lambda parameter: parameter.quoted, Code.MALFORMED)


@habit("refuses empty strings, so that nothing can be cleared")
def empty_string_refused(module: Firmware) -> None:
    _strings(module, lambda parameter: parameter.value != b"", Code.PARAMETER)


@habit("refuses strings that are not ASCII")
def non_ascii_refused(module: Firmware) -> None:
    def write(original: Callable[[str, bytes], None], name: str, value: bytes) -> None:
        if not value.isascii():
            raise Refused(Code.PARAMETER)
        original(name, value)

    wrap(module.memory, "write", write)


@habit("takes integers without quotes only")
def integers_never_quoted(module: Firmware) -> None:
    def integer(original: Callable[[Parameter], int], parameter: Parameter) -> int:
        if parameter.quoted:
            raise Refused(Code.MALFORMED)
        return original(parameter)

    wrap(module, "integer", integer)


@habit("does not know commands in lower case")
def lower_case_refused(module: Firmware) -> None:
    def parse(original: Callable[[bytes], Command], line: bytes) -> Command:
        command = original(line)
        name = command.name if command.name.startswith("AT") else f"AT+{command.name}"
        written = line[: len(name)]
        if written != written.upper():
            raise Refused(Code.UNKNOWN)
        return command

    wrap(module, "parse_line", parse)


@habit("ignores a line that does not begin with AT")
def non_at_ignored(module: Firmware) -> None:
    def execute(original: Callable[[bytes], None], line: bytes) -> None:
        original(line if line[:2].upper() == b"AT" else b"")

    wrap(module, "execute", execute)


@habit("refuses QoS 2")
def qos_2_refused(module: Firmware) -> None:
    module.ranges["qos"] = range(2)


@habit("accepts port 0")
def port_0_accepted(module: Firmware) -> None:
    module.ranges["port"] = range(65536)


@habit("refuses payloads beyond 512 bytes")
def payload_limit_512(module: Firmware) -> None:
    def publish(original: Callable[..., None], topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        if len(payload) > 512:
            raise Refused(Code.PARAMETER)
        original(topic, payload, qos, seconds)

    wrap(module.link, "publish", publish)


@habit("refuses settings while the session is open")
def settings_refused_while_open(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if module.link.is_open:
            raise Refused(Code.NOT_ALLOWED)
        return original(module, command)

    for name in ("ALYCONNECTCFG", "ALYMQTTCFG"):
        wrap_command(module, name, Form.SET, set_)


@habit("answers CLOSE while closed with OK")
def close_while_closed_ok(module: Firmware) -> None:
    def close(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        return original(module, command) if module.link.is_open else []

    wrap_command(module, "ALYMQTTCLOSE", Form.EXECUTE, close)
