"""What came of one command line: its lines and its one final result code, or its silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from rigs.at.commands import integers, readings
from rigs.at.lines import Line, LineEnd
from rigs.at.results import Final, Information, command_name, final_result, information
from rigs.sentence import say

_GLIMPSE = 64
"""Bytes shown of a line that did not end."""


@dataclass(frozen=True)
class NoResponse:
    """Silence: no final result code came within the deadline. Never the same as an error."""

    waited: float
    """Seconds."""
    partial: bytes = b""
    """The unterminated rest of what came, if anything."""
    port_lost: bool = False
    """The module's port went away before an answer came, and came back."""

    def __str__(self) -> str:
        count = len(self.partial) - _GLIMPSE
        more = say(" and {count} bytes more", count=count) if count > 0 else ""
        only = say(", only {glimpse}{more}", glimpse=repr(self.partial[:_GLIMPSE]), more=more) if self.partial else ""
        gone = say("; the port went away meanwhile and came back") if self.port_lost else ""
        return say("no final result within {seconds:.1f} s{only}{gone}", seconds=self.waited, only=only, gone=gone)


@dataclass
class Exchange:
    """One command line and everything the module answered to it.

    An answer is read once, however often it is asked what it says: ``lines`` and ``final`` are set by `conclude` alone.
    """

    number: int
    command: bytes
    """The command line without its CR."""
    lines: tuple[Line, ...] = ()
    """Every line up to and including the final result code, URCs among them."""
    final: Final | NoResponse = field(default_factory=lambda: NoResponse(0.0))
    seconds: float = 0.0
    """From the write to the final result code."""
    strays: list[Line] = field(default_factory=list)
    """Final result codes that came after the final result code, before the next command line."""
    started: float = 0.0
    """Monotonic time of the write."""
    cut_short: bool = False
    """It was given less than the whole deadline, because the same command had met with silence just before."""
    echoed: bool = False
    """Whether the command line came back as echo."""
    excused: bool = False
    """Something else than the module explains what came of it, or that nothing did."""
    repeated: bool = False
    """It was sent to see whether the line before it does again what it did; no test's matter."""
    number_meant: bytes = b""
    """The number that came in place of OK, from a stored profile that was loaded late; it is none of the lines."""
    unwatched: bool = False
    """Of what came after it, it cannot be told what it answers."""
    evidence: tuple[int, int] = (-1, -1)
    """First and last event of this exchange in the run record."""

    def conclude(self, lines: Iterable[Line], final: Final | NoResponse) -> None:
        """This is what came of it; where that is another answer than before, late, say, it is read anew."""
        self.lines, self.final = tuple(lines), final
        for reading in _READINGS:
            self.__dict__.pop(reading, None)

    @cached_property
    def name(self) -> bytes:
        """``+NAME`` of an extended command, else nothing."""
        return command_name(self.command)

    @cached_property
    def silent(self) -> bool:
        return isinstance(self.final, NoResponse)

    @cached_property
    def ok(self) -> bool:
        return isinstance(self.final, Final) and self.final.ok

    @cached_property
    def of_numbers(self) -> bool:
        """Whether its result is as ATV0 has it: a number, or an error in words that ends in CR as one does (V.250)."""
        if not isinstance(self.final, Final):
            return False
        return self.final.form.wrong or (not self.ok and self.lines[-1].end is LineEnd.CR)

    @cached_property
    def error(self) -> Final | None:
        """The error it ended with; None for OK and for silence."""
        return self.final if isinstance(self.final, Final) and not self.final.ok else None

    @cached_property
    def code(self) -> int | None:
        return self.error.code if self.error else None

    @cached_property
    def body(self) -> tuple[Line, ...]:
        """The lines without those that make up the final result code."""
        return tuple(line for line, concludes, _ in self._roles if not concludes)

    @cached_property
    def information(self) -> tuple[Information, ...]:
        """The information responses that carry the exact name of the command."""
        return tuple(told for _, concludes, told in self._roles if told is not None and not concludes)

    @cached_property
    def own_lines(self) -> tuple[Line, ...]:
        """The lines that answer this command: its information responses and its final result code."""
        return tuple(line for line, concludes, told in self._roles if concludes or told is not None)

    @cached_property
    def others(self) -> tuple[bytes, ...]:
        """The lines that are neither an information response of this command nor its final result code."""
        return tuple(line.text for line, concludes, told in self._roles if told is None and not concludes)

    def says(self, *values: str | bytes | int) -> bool:
        """Whether it is OK with one information response that carries exactly ``values``: one string, or integers."""
        if not self.ok or len(self.information) != 1:
            return False
        carried = self.information[0].value
        if all(isinstance(value, int) for value in values):
            return integers(carried) == values
        wanted = values[0].encode() if isinstance(values[0], str) else values[0]
        return len(values) == 1 and wanted in readings(carried)

    @cached_property
    def _roles(self) -> tuple[tuple[Line, bool, Information | None], ...]:
        """Each line, whether it is of the final result code, and what it says as an information response."""
        return tuple((line, self._concludes(line), information(line.text, self.name)) for line in self.lines)

    def _concludes(self, line: Line) -> bool:
        result = final_result(line.text, self.name)
        if isinstance(self.final, Final) and self.final.form.wrong:
            return line is self.lines[-1]
        # Where OK follows, a line that looks like an error in the command's name is a value that looks like one.
        return result is not None and not (self.ok and result.form.names_the_command)


_READINGS = tuple(name for name, it in vars(Exchange).items() if isinstance(it, cached_property) and name != "name")
"""What follows from the answer."""
