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


@habit("refuses empty strings, so that nothing can be cleared", declares={"empty_identity": "no"})
def empty_string_refused(module: Firmware) -> None:
    _strings(module, lambda parameter: parameter.value != b"", Code.PARAMETER)


@habit("refuses strings that are not ASCII", declares={"non_ascii_identity": "no"})
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


@habit("refuses topics beyond 64 bytes")
def topic_limit_64(module: Firmware) -> None:
    module.limits["TOPIC"] = 64


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


@habit("refuses wildcards in a topic")
def wildcards_refused(module: Firmware) -> None:
    def topic(original: Callable[[Parameter], bytes], parameter: Parameter) -> bytes:
        if set(parameter.value) & set(b"+#"):
            raise Refused(Code.PARAMETER)
        return original(parameter)

    wrap(module, "topic", topic)


@habit("refuses control characters in strings")
def control_characters_refused(module: Firmware) -> None:
    _strings(module, lambda parameter: not any(byte < 0x20 or byte == 0x7F for byte in parameter.value), Code.PARAMETER)


@habit("refuses quotes and backslashes in identity values")
def quotes_in_identity_refused(module: Firmware) -> None:
    def write(original: Callable[[str, bytes], None], name: str, value: bytes) -> None:
        if set(value) & set(b'"\\'):
            raise Refused(Code.PARAMETER)
        original(name, value)

    wrap(module.memory, "write", write)


@habit("answers UNSUB of a topic that it did not subscribe to with an error")
def unknown_unsub_refused(module: Firmware) -> None:
    topics: set[bytes] = set()

    def subscribe(original: Callable[[bytes, int, float], None], topic: bytes, qos: int, seconds: float) -> None:
        original(topic, qos, seconds)
        topics.add(topic)

    def unsubscribe(original: Callable[[bytes, float], None], topic: bytes, seconds: float) -> None:
        original(topic, seconds)
        # A session that lasts may hold one from before the last power cycle.
        if topic not in topics and module.settings.clean_session:
            raise Refused(Code.NOT_ALLOWED)
        topics.discard(topic)

    wrap(module.link, "subscribe", subscribe)
    wrap(module.link, "unsubscribe", unsubscribe)


@habit("answers CLOSE while closed with OK", deviates=["CL-03"])
def close_while_closed_ok(module: Firmware) -> None:
    def close(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        return original(module, command) if module.link.is_open else []

    wrap_command(module, "ALYMQTTCLOSE", Form.EXECUTE, close)
