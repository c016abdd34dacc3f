"""From a command line to a command: name, form and raw parameters (V.250 5.4, manual 2.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from rigs.simulator.codes import Code, Refused


class Form(Enum):
    """What a command line asks of its command."""

    EXECUTE = "execute"
    QUERY = "query"
    TEST = "test"
    SET = "set"


@dataclass(frozen=True)
class Parameter:
    """One parameter as it stood on the line, and what it means: unescaped and without its quotes."""

    value: bytes
    quoted: bool


@dataclass(frozen=True)
class Command:
    """A parsed line. ``name`` is upper case and without the ``+``; ``arguments`` is what follows the ``=`` of a set."""

    name: str
    form: Form
    arguments: bytes = b""


_EXTENDED = re.compile(rb"AT\+([A-Z][A-Z0-9]*)(.*)", re.IGNORECASE | re.DOTALL)
_BASIC = re.compile(rb"AT(.*)", re.IGNORECASE | re.DOTALL)


def parse_line(line: bytes) -> Command:
    """Read one command line, without its CR. A basic command (``AT``, ``ATE0``) is an execute of its own name.

    Raises :class:`Refused` for a line that is no command, or that goes on behind a question mark.
    """
    extended = _EXTENDED.fullmatch(line)
    if extended is None:
        basic = _BASIC.fullmatch(line)
        if basic is None or basic[1].startswith(b"+"):
            raise Refused(Code.UNKNOWN)
        return Command("AT" + basic[1].decode("latin-1").upper(), Form.EXECUTE)
    name, rest = extended[1].decode("ascii").upper(), extended[2]
    match rest[:1]:
        case b"":
            return Command(name, Form.EXECUTE)
        case b"?" if rest == b"?":
            return Command(name, Form.QUERY)
        case b"?":
            raise Refused(Code.MALFORMED)
        case b"=" if rest == b"=?":
            return Command(name, Form.TEST)
        case b"=":
            return Command(name, Form.SET, rest[1:])
    raise Refused(Code.UNKNOWN)


def split_parameters(arguments: bytes) -> list[Parameter]:
    r"""Split at the commas outside quotes.

    Within quotes ``\"`` is a quote, ``\\`` a backslash, any other backslash itself.
    Raises :class:`Refused` when a quote stays open or stands in the middle of a parameter.
    """
    parameters = []
    at = 0
    while True:
        if arguments[at : at + 1] == b'"':
            value, at = _quoted(arguments, at + 1)
            parameters.append(Parameter(value, quoted=True))
            if arguments[at : at + 1] not in (b"", b","):
                raise Refused(Code.MALFORMED)
        else:
            comma = arguments.find(b",", at)
            end = len(arguments) if comma < 0 else comma
            value, at = arguments[at:end], end
            if b'"' in value:
                raise Refused(Code.MALFORMED)
            parameters.append(Parameter(value, quoted=False))
        if at == len(arguments):
            return parameters
        at += 1


def _quoted(arguments: bytes, at: int) -> tuple[bytes, int]:
    value = bytearray()
    while at < len(arguments):
        byte = arguments[at]
        if byte == ord('"'):
            return bytes(value), at + 1
        if byte == ord("\\") and arguments[at + 1 : at + 2] in (b'"', b"\\"):
            at += 1
            byte = arguments[at]
        value.append(byte)
        at += 1
    raise Refused(Code.MALFORMED)


def integer(parameter: Parameter) -> int:
    """A parameter that must be a decimal number without sign. Raises :class:`Refused`."""
    if not parameter.value.isdigit():
        raise Refused(Code.MALFORMED)
    return int(parameter.value)
