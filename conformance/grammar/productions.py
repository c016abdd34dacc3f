"""The productions of the catalogue, and a command line in its parts, for mutations to take apart."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace
from random import Random

from conformance.catalogue import DEVICE_NAME, PRODUCT_KEY, Command, Form, Kind, Parameter, Type, load
from conformance.values import sample
from rigs.at.commands import quoted

_OPERATORS = {Form.EXECUTE: b"", Form.QUERY: b"?", Form.TEST: b"=?", Form.SET: b"="}
_TEXT = string.ascii_lowercase + string.digits + "-_.:"
_LARGEST_PERIOD = 2**31
PREFIX = f"/{sample(PRODUCT_KEY)}/{sample(DEVICE_NAME)}/user/"
"""How the topics of the device begin that the module is while it is fuzzed."""


@dataclass(frozen=True)
class Production:
    """One form of one command."""

    command: Command
    form: Form

    def __str__(self) -> str:
        return f"{self.command.word}{_OPERATORS[self.form].decode()}"

    @property
    def types(self) -> tuple[Type, ...]:
        """The types of the parameters that the form takes."""
        return tuple(parameter.type for parameter in self.parameters)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.command.parameters if self.form is Form.SET else ()

    def line(self, chance: Random) -> Line:
        """A valid line of it."""
        arguments = tuple(argument(parameter, chance) for parameter in self.parameters)
        return Line(self.command.name.encode(), _OPERATORS[self.form], arguments)


@dataclass(frozen=True)
class Line:
    """A command line in its parts; ``arguments`` as they stand on the line."""

    name: bytes
    operator: bytes
    arguments: tuple[bytes, ...] = ()
    prefix: bytes = b"AT"
    separator: bytes = b","
    end: bytes = b""

    def __bytes__(self) -> bytes:
        return b"".join((self.prefix, self.name, self.operator, self.separator.join(self.arguments), self.end))

    def with_argument(self, index: int, value: bytes) -> Line:
        """The same with another argument in that place."""
        return replace(self, arguments=(*self.arguments[:index], value, *self.arguments[index + 1 :]))


PRODUCTIONS = tuple(
    Production(command, form)
    for command in load().commands.values()
    if command.kind is not Kind.URC
    for form in command.forms
)


def text(chance: Random, size: int) -> bytes:
    """So many characters that stand for nothing on a command line."""
    return "".join(chance.choice(_TEXT) for _ in range(size)).encode()


def topic(chance: Random) -> str:
    """A topic of the device."""
    return PREFIX + text(chance, chance.randrange(1, 9)).decode()


def content(parameter: Parameter, chance: Random) -> bytes:
    """What a string parameter may hold, without its quotes."""
    if parameter.name == "topic":
        return topic(chance).encode()
    return text(chance, chance.randrange(1, (parameter.max_bytes or 64) + 1))


def argument(parameter: Parameter, chance: Random) -> bytes:
    """A valid argument, as it stands on a line."""
    if parameter.type is Type.STRING:
        return quoted(content(parameter, chance))
    lowest = parameter.min or 0
    highest = _LARGEST_PERIOD if parameter.max is None else parameter.max
    return str(chance.choice((lowest, highest, chance.randrange(lowest, highest + 1)))).encode()
