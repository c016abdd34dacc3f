"""What was answered to one command line, read from its lines alone.

A parser of its own, kept apart from the dialogue's on purpose: a mistake of the one that talked to the module does not
vouch for itself. Text is that of the record: one latin-1 character for each byte, labels in place of secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

_COMMAND = re.compile(r"AT(\+[A-Z0-9]+)", re.IGNORECASE)
_NUMBERED = (
    re.compile(r"\+CME ERROR: ?(\d{1,10})"),
    re.compile(r"\+CMS ERROR:\s*(\d{1,10}).*", re.DOTALL),
    re.compile(r"ERROR: ?(\d{1,10})"),
)
"""The spellings of an error that carry a code and name no command (requirement FMT-10)."""
_WORDED = re.compile(r"\+CM[ES] ERROR:.*", re.DOTALL)
_NAMED = re.compile(r"(\+[A-Z0-9]+)[=:] ?err, ?(\d{1,10})", re.IGNORECASE)
_FAMILY, _PARSER, _RECEIVED = "+ALY", "+AT", "+MQTTRECV"
_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_INTEGER = re.compile(r"[0-9]{1,20}")


class Result(NamedTuple):
    """A final result code. ``readable`` is False where it can only have been meant as one: a number, or misspelt."""

    ok: bool
    code: int | None = None
    lines: int = 1
    """How many of the last lines it takes: an error in a command's name may be followed by a line ERROR."""
    readable: bool = True


@dataclass(frozen=True)
class Answer:
    """One command line and what came of it; ``lines`` end with the final result code, URCs are among them."""

    command: str
    lines: tuple[str, ...]
    silent: bool = False
    """No final result code came in time. Never the same as an error."""
    seconds: float = 0.0
    """From the command line to the final result code, or for as long as it was waited for."""

    @property
    def name(self) -> str:
        """``+NAME`` of an extended command in upper case, else nothing."""
        match = _COMMAND.match(self.command)
        return match[1].upper() if match else ""

    @cached_property
    def result(self) -> Result | None:
        """The final result code; None for silence, and where the last line is none."""
        if self.silent or not self.lines:
            return None
        *before, last = (line.strip(" \r") for line in self.lines)
        if last == "ERROR" and before and (code := self._named_error(before[-1])) is not None:
            return Result(False, code, lines=2)
        return self._result(last)

    @property
    def information(self) -> list[str]:
        """What the information responses that carry the name of the command say, behind ``+NAME:`` or ``+NAME=``."""
        return [line[len(self.name) + 1 :] for line in self._body() if self._informs(line)]

    @property
    def body(self) -> list[str]:
        """The lines that may answer: bare ones and those in the command's name; others with a plus sign are URCs."""
        return [line for line in self._body() if not line.startswith("+") or self._informs(line)]

    @property
    def separators(self) -> list[str]:
        """What stands behind ``+NAME`` in each of them."""
        return [line[len(self.name)] for line in self._body() if self._informs(line)]

    def says(self, values: Sequence[str | int]) -> bool:
        """Whether it is OK with one information response that carries exactly these: one string, or integers."""
        told = self.information
        if self.result is None or not self.result.ok or len(told) != 1:
            return False
        if all(isinstance(value, int) for value in values):
            return _integers(told[0]) == tuple(values)
        return len(values) == 1 and values[0] in readings(told[0])

    def _body(self) -> Iterator[str]:
        taken = self.result.lines if self.result is not None else 0
        yield from self.lines[: len(self.lines) - taken]

    def _informs(self, line: str) -> bool:
        name = self.name
        return bool(name) and line.startswith(name) and line[len(name) : len(name) + 1] in (":", "=")

    def _result(self, text: str) -> Result | None:
        if text in ("OK", "ERROR"):
            return Result(text == "OK")
        for spelling in _NUMBERED:
            if match := spelling.fullmatch(text):
                return Result(False, int(match[1]))
        if _WORDED.fullmatch(text):
            return Result(False)
        if (code := self._named_error(text)) is not None:
            return Result(False, code)
        if text in ("0", "4"):
            return Result(text == "0", readable=False)
        return Result(text.upper() == "OK", readable=False) if text.upper() in ("OK", "ERROR") else None

    def _named_error(self, text: str) -> int | None:
        """The code of an error that names this command, or another of its family (the manual's 2.4.10 mixes two up)."""
        match = _NAMED.fullmatch(text)
        if match is None:
            return None
        named, name = match[1].upper(), self.name
        may_answer = not name or named in (name, _PARSER) or (named.startswith(_FAMILY) and name.startswith(_FAMILY))
        return int(match[2]) if may_answer and named != _RECEIVED else None


def readings(value: str) -> tuple[str, ...]:
    """The strings that the text behind ``+NAME:`` may stand for: as it is, or without one space, or without quotes."""
    bare = value.removeprefix(" ")
    match = _QUOTED.fullmatch(bare)
    if match is None:
        return value, bare
    return value, bare, match[1], match[1].replace('\\"', '"')


def _integers(value: str) -> tuple[int, ...] | None:
    fields = [field.strip(" ") for field in value.split(",")]
    return tuple(map(int, fields)) if all(map(_INTEGER.fullmatch, fields)) else None
