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
_FORMS = {
    "ERROR": re.compile(r"ERROR"),
    "+CME ERROR: n": re.compile(r"\+CME ERROR: \d{1,10}"),
    "+CME ERROR:n": re.compile(r"\+CME ERROR:\d{1,10}"),
    "+CME ERROR: text": re.compile(r"\+CME ERROR:.*", re.DOTALL),
    "+CMS ERROR: n": re.compile(r"\+CMS ERROR:.*", re.DOTALL),
    "ERROR: n": re.compile(r"ERROR: ?\d{1,10}"),
    "+<CMD>=err,n": re.compile(r"\+[A-Z0-9]+= ?err, ?\d{1,10}", re.IGNORECASE),
    "+<CMD>: err,n": re.compile(r"\+[A-Z0-9]+: ?err, ?\d{1,10}", re.IGNORECASE),
}
"""The ways to write an error, by the names that FMT-10 gives them."""
_FAMILY, _PARSER, _RECEIVED = "+ALY", "+AT", "+MQTTRECV"
_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_INTEGER = re.compile(r"[0-9]{1,20}")


class Result(NamedTuple):
    """A final result code. ``readable`` is False where it can only have been meant as one: a number, or misspelt."""

    ok: bool
    code: int | None = None
    readable: bool = True
    taken: tuple[int, ...] = ()
    """The lines, from 0, that make it up: an error in a command's name may be followed by a line ERROR."""


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
        """The final result code; None for silence, and where there is none.

        URCs may stand behind an error in the command's name, which a line ERROR may follow or not.
        """
        if self.silent:
            return None
        texts = [line.strip(" \r") for line in self.lines]
        for index in range(len(texts) - 1, -1, -1):
            found = self._result(texts[index], index)
            if found is None or not (found.readable or index == len(texts) - 1):
                continue
            if texts[index] == "ERROR":
                errors = ((before, self._named_error(texts[before])) for before in range(index - 1, -1, -1))
                named = next(((before, code) for before, code in errors if code is not None), None)
                return found if named is None else Result(False, named[1], taken=(named[0], index))
            return found
        return None

    @property
    def form(self) -> str:
        """How its error is written, for comparing errors with each other; empty where it is none."""
        if self.result is None or self.result.ok:
            return ""
        *_, text = texts = [self.lines[index].strip(" \r") for index in self.result.taken]
        if len(texts) > 1:
            return f"{_form(texts[0])} + ERROR"
        return _form(text)

    @property
    def information(self) -> list[str]:
        """What the information responses that carry the name of the command say, behind ``+NAME:`` or ``+NAME=``."""
        return [line[len(self.name) + 1 :] for line in self._body() if self.informs(line)]

    @property
    def body(self) -> list[str]:
        """The lines that may answer: bare ones and those in the command's name; others with a plus sign are URCs."""
        return [line for line in self._body() if not line.startswith("+") or self.informs(line)]

    @property
    def separators(self) -> list[str]:
        """What stands behind ``+NAME`` in each of them."""
        return [line[len(self.name)] for line in self._body() if self.informs(line)]

    def says(self, values: Sequence[str | int]) -> bool:
        """Whether it is OK with one information response that carries exactly these: one string, or integers."""
        told = self.information
        if self.result is None or not self.result.ok or len(told) != 1:
            return False
        if all(isinstance(value, int) for value in values):
            return _integers(told[0]) == tuple(values)
        return len(values) == 1 and values[0] in readings(told[0])

    def _body(self) -> Iterator[str]:
        taken = self.result.taken if self.result is not None else ()
        yield from (line for index, line in enumerate(self.lines) if index not in taken)

    def informs(self, line: str) -> bool:
        """Whether a line is an information response in the name of the command."""
        name = self.name
        return bool(name) and line.startswith(name) and line[len(name) : len(name) + 1] in (":", "=")

    def _result(self, text: str, index: int) -> Result | None:
        """The final result code that the line ``index`` is by itself."""
        taken = (index,)
        if text in ("OK", "ERROR"):
            return Result(text == "OK", taken=taken)
        for spelling in _NUMBERED:
            if match := spelling.fullmatch(text):
                return Result(False, int(match[1]), taken=taken)
        if _WORDED.fullmatch(text):
            return Result(False, taken=taken)
        if (code := self._named_error(text)) is not None:
            return Result(False, code, taken=taken)
        if text in ("0", "4"):
            return Result(text == "0", readable=False, taken=taken)
        if text.upper() in ("OK", "ERROR"):
            return Result(text.upper() == "OK", readable=False, taken=taken)
        return None

    def _named_error(self, text: str) -> int | None:
        """The code of an error that names this command, or another of its family (the manual's 2.4.10 mixes two up)."""
        match = _NAMED.fullmatch(text)
        if match is None:
            return None
        named, name = match[1].upper(), self.name
        may_answer = not name or named in (name, _PARSER) or (named.startswith(_FAMILY) and name.startswith(_FAMILY))
        return int(match[2]) if may_answer and named != _RECEIVED else None


def _form(text: str) -> str:
    return next((name for name, spelling in _FORMS.items() if spelling.fullmatch(text)), "another form")


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
