"""Writes command lines the way the manual's example does: strings in quotes, integers bare."""

from __future__ import annotations

import re

Argument = str | bytes | int


class Bare(bytes):
    """An argument that goes out as it is: unquoted, malformed, or already escaped."""


def quoted(text: str | bytes) -> bytes:
    """A string argument in quotes, a quote inside it as ``\\"`` (manual, chapter 3)."""
    raw = text.encode() if isinstance(text, str) else text
    return b'"' + raw.replace(b'"', b'\\"') + b'"'


def _rendered(argument: Argument) -> bytes:
    if isinstance(argument, Bare):
        return bytes(argument)
    if isinstance(argument, int):
        return str(argument).encode()
    return quoted(argument)


def set_line(name: str, *arguments: Argument) -> bytes:
    """``AT+NAME=a,b``"""
    return f"AT+{name}=".encode() + b",".join(_rendered(argument) for argument in arguments)


def query_line(name: str) -> bytes:
    """``AT+NAME?``"""
    return f"AT+{name}?".encode()


def syntax_line(name: str) -> bytes:
    """``AT+NAME=?``"""
    return f"AT+{name}=?".encode()


def execute_line(name: str) -> bytes:
    """``AT+NAME``"""
    return f"AT+{name}".encode()


_QUOTED = re.compile(rb'"(.*)"', re.DOTALL)


def readings(value: bytes) -> tuple[bytes, ...]:
    """The strings that the text behind ``+NAME:`` may stand for: as it is, or without one space, or without quotes."""
    bare = value.removeprefix(b" ")
    match = _QUOTED.fullmatch(bare)
    if match is None:
        return tuple(dict.fromkeys((value, bare)))
    return tuple(dict.fromkeys((value, bare, match.group(1), match.group(1).replace(b'\\"', b'"'))))


def integers(value: bytes) -> tuple[int, ...] | None:
    """The decimal integers that the text behind ``+NAME:`` lists, or None when it lists anything else."""
    fields = [field.strip(b" ") for field in value.split(b",")]
    return tuple(int(field) for field in fields) if all(re.fullmatch(rb"[0-9]{1,20}", f) for f in fields) else None
