"""Which command lines are well formed: such a line is read by the command itself and not by the general parser."""

from __future__ import annotations

import re

from conformance.catalogue import BOUNDS, Command, Form, Kind, Type, load

_STRING = rb'"(?:[^"\\]|\\")*"'
_INTEGER = rb"[0-9]{1,10}"
_LARGEST = 2**32 - 1
"""What is beyond any integer that a parser may hold may be refused before the command sees it."""


def is_well_formed(line: bytes) -> bool:
    """Whether ``line`` is a command of the manual with the right number and types of parameters, in canonical form.

    Text beyond ASCII, integers beyond 32 bits and lines beyond what a general parser has to hold do not count: who
    answers them is left open (FMT-11).
    """
    name, operator, arguments = _parts(line)
    command = load().commands.get(name)
    if command is None or command.kind is Kind.URC or not line.isascii() or len(line) > BOUNDS.line_max_bytes:
        return False
    match operator:
        case b"":
            return Form.EXECUTE in command.forms and not arguments
        case b"?":
            return Form.QUERY in command.forms and not arguments
        case b"=?":
            return Form.TEST in command.forms and not arguments
    return Form.SET in command.forms and _fits(command, arguments)


def _parts(line: bytes) -> tuple[str, bytes, bytes]:
    match = re.fullmatch(rb"AT(\+[A-Z]+)(=\?|=|\?|)(.*)", line, re.DOTALL)
    return (match[1].decode(), match[2], match[3]) if match else ("", b"", b"")


def _fits(command: Command, arguments: bytes) -> bool:
    wanted = b",".join(_STRING if parameter.type is Type.STRING else _INTEGER for parameter in command.parameters)
    if re.fullmatch(wanted, arguments) is None:
        return False
    bare = re.sub(_STRING, b"", arguments)
    return all(int(number) <= _LARGEST for number in re.findall(_INTEGER, bare))
