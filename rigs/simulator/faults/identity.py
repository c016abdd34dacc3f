"""Faults of the identity values (manual 2.4.1-2.4.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.faults.registry import SUFFIXES, identity_fault
from rigs.simulator.parser import Command, Form, Parameter
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


def _store(module: Firmware, value: str, change: Callable[[bytes], bytes]) -> None:
    """Store ``change(data)`` where ``data`` was set."""

    def write(original: Callable[[str, bytes], None], name: str, data: bytes) -> None:
        original(name, change(data) if name == value else data)

    wrap(module.memory, "write", write)


def _judge(module: Firmware, value: str, verdict: Callable[[bytes], Code | None]) -> None:
    """Let ``verdict(data)`` alone decide whether ``data`` is accepted."""

    def text(original: Callable[[Parameter, str], bytes], parameter: Parameter, limit: str) -> bytes:
        if limit != value:
            return original(parameter, limit)
        if code := verdict(parameter.value):
            raise Refused(code)
        return parameter.value

    wrap(module, "text", text)


@identity_fault("says OK to {value} and stores nothing", breaks=["ID-01"])
def not_stored(module: Firmware, value: str) -> None:
    _store(module, value, lambda _: module.memory.read(value))


@identity_fault("loses the last byte of {value}", breaks=["ID-01"])
def last_byte_lost(module: Firmware, value: str) -> None:
    _store(module, value, lambda data: data[:-1])


@identity_fault("refuses a {value} of exactly the maximum length", breaks=["ID-02"])
def limit_one_too_low(module: Firmware, value: str) -> None:
    module.limits[value] -= 1


@identity_fault("refuses a {value} of one byte", breaks=["ID-02"])
def single_byte_refused(module: Firmware, value: str) -> None:
    _judge(module, value, lambda data: None if 2 <= len(data) <= module.limits[value] else Code.PARAMETER)


@identity_fault("accepts one byte more than {value} may have", breaks=["ID-03"])
def limit_one_too_high(module: Firmware, value: str) -> None:
    module.limits[value] += 1


@identity_fault("cuts a {value} that is too long and says OK", breaks=["ID-03"])
def cut_with_ok(module: Firmware, value: str) -> None:
    limit = module.limits[value]
    _judge(module, value, lambda _: None)
    _store(module, value, lambda data: data[:limit])


@identity_fault("keeps the length of {value} in eight bits", breaks=["ID-03"])
def length_wraps_at_256(module: Firmware, value: str) -> None:
    _judge(module, value, lambda data: Code.PARAMETER if len(data) % 256 > module.limits[value] else None)


@identity_fault("refuses a {value} that is too long with 706 instead of 708", breaks=["ID-03"])
def wrong_code_for_length(module: Firmware, value: str) -> None:
    _judge(module, value, lambda data: Code.NOT_ALLOWED if len(data) > module.limits[value] else None)


@identity_fault("forgets {value} when a new one is refused", breaks=["ID-03", "ID-07"])
def erased_by_refusal(module: Firmware, value: str) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        try:
            return original(module, command)
        except Refused:
            module.memory.write(value, b"")
            raise

    wrap_command(module, f"ALY{value}", Form.SET, set_)


@identity_fault("counts the characters of {value} instead of its bytes", breaks=["ID-04"])
def characters_counted(module: Firmware, value: str) -> None:
    limit = module.limits[value]
    _judge(module, value, lambda data: Code.PARAMETER if len(data.decode("utf-8", "replace")) > limit else None)


@identity_fault("keeps the first {value} for ever and says OK to every other", breaks=["ID-05"])
def first_value_sticks(module: Firmware, value: str) -> None:
    _store(module, value, lambda data: module.memory.read(value) or data)


@identity_fault("writes {value} over its neighbour as well", breaks=["ID-05"])
def cross_talk(module: Firmware, value: str) -> None:
    neighbour = list(SUFFIXES)[list(SUFFIXES).index(value) - 1]

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        original(module, command)
        module.memory.write(neighbour, module.memory.read(value)[: module.limits[neighbour]])
        return []

    wrap_command(module, f"ALY{value}", Form.SET, set_)


@identity_fault("stores {value} in upper case", breaks=["ID-06"])
def upper_case(module: Firmware, value: str) -> None:
    _store(module, value, bytes.upper)


@identity_fault("turns the dashes of {value} into underscores", breaks=["ID-06"])
def dashes_lost(module: Firmware, value: str) -> None:
    _store(module, value, lambda data: data.replace(b"-", b"_"))


@identity_fault("ends {value} at its first colon", breaks=["ID-06"])
def cut_at_colon(module: Firmware, value: str) -> None:
    _store(module, value, lambda data: data.partition(b":")[0])


@identity_fault("accepts a {value} whose quote is never closed", breaks=["ID-07"])
def open_quote_accepted(module: Firmware, value: str) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        unclosed = command.arguments.count(b'"') == 1
        arguments = command.arguments.rstrip(b'"') + b'"' if unclosed else command.arguments
        return original(module, Command(command.name, command.form, arguments))

    wrap_command(module, f"ALY{value}", Form.SET, set_)


@identity_fault("takes the first of two arguments as {value} and says OK", breaks=["ID-07"])
def second_argument_ignored(module: Firmware, value: str) -> None:
    def set_(_original: Handler, module: Firmware, command: Command) -> list[bytes]:
        first, *_ = module.split_parameters(command.arguments)
        module.memory.write(value, module.text(first, value))
        return []

    wrap_command(module, f"ALY{value}", Form.SET, set_)


@identity_fault("takes a missing argument for an empty {value}", breaks=["ID-07"])
def missing_argument_clears(module: Firmware, value: str) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        return original(module, Command(command.name, command.form, command.arguments or b'""'))

    wrap_command(module, f"ALY{value}", Form.SET, set_)


@identity_fault("has {value}, at its full length, eat the first byte of the value behind it", breaks=["ID-05"])
def neighbour_overwritten(module: Firmware, value: str) -> None:
    names = list(SUFFIXES)
    neighbour = names[(names.index(value) + 1) % len(names)]

    def write(original: Callable[[str, bytes], None], name: str, data: bytes) -> None:
        original(name, data)
        if name == value and len(data) == module.limits[value]:
            original(neighbour, module.memory.read(neighbour)[1:])

    wrap(module.memory, "write", write)
