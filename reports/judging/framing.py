"""What a test expects of how an answer is framed, and of how all of a run were: looked up in the bytes of the line."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Self

from reports.judging.answer import Answer
from reports.judging.line import RawLine
from reports.judging.rulings import Rulings
from reports.judging.sights import Sight

if TYPE_CHECKING:
    from reports.judging.evidence import Claim, Recorded

_CRLF = "\r\n"
_NAMED = ("+<CMD>=err,n", "+<CMD>: err,n")
_ACCEPTED = frozenset(
    ("ERROR", "+CME ERROR: n", "+CME ERROR:n", "ERROR: n", *_NAMED, *(f"{form} + ERROR" for form in _NAMED))
)
"""The forms of FMT-10."""


class Fenced(NamedTuple):
    """What followed a command."""

    strays: int
    """Final result codes too many, up to the end of the next command."""
    answered: bool
    """Whether the next command, a query that is known to work, was answered as it should be."""


@dataclass(frozen=True)
class OfExchange(Sight):
    """Something about one command line and what came of it."""

    exchange: int


@dataclass(frozen=True)
class OneResult(OfExchange):
    """It got no second final result code: the next command, a query, got its own answer and no other."""

    check = "one-result"
    fence: int

    def look(self, record: Recorded) -> Fenced:
        strays = sum(1 for _ in _strays(record, self.exchange, self.fence))
        answer = record.answer(self.fence)
        answered = answer.result is not None and answer.result.ok and len(answer.information) == 1
        return Fenced(strays, answered)

    def kept(self, found: Fenced) -> bool:
        return found == Fenced(0, answered=True)


@dataclass(frozen=True)
class LinesEnd(OfExchange):
    """It was answered, and each line of the answer is text that ends in CR LF."""

    check = "lines-end"

    def look(self, record: Recorded) -> list[str] | None:
        """The lines that do not; None where it was not answered."""
        answer = record.answer(self.exchange)
        return None if answer.result is None else list(wrong_ends(record, record.claim(self.exchange), answer))

    def kept(self, found: list[str] | None) -> bool:
        return found == []


@dataclass(frozen=True)
class Echoed(OfExchange):
    """The command line came back as echo, or did not."""

    check = "echoed"
    on: bool

    def look(self, record: Recorded) -> bool:
        claim = record.claim(self.exchange)
        return any(line.text == claim.command for line in record.lines.raw_between(claim.first, claim.last))

    def kept(self, found: bool) -> bool:
        return found is self.on


@dataclass(frozen=True)
class SyntaxLine(OfExchange):
    """A line in one of these names stands in its answer."""

    check = "syntax-line"
    names: tuple[str, ...]
    """With their +."""

    def look(self, record: Recorded) -> list[str]:
        """Those lines."""
        begins = tuple(f"{name}{sign}" for name in self.names for sign in ":=")
        return [line for line in record.answer(self.exchange).lines if line.startswith(begins)]

    def kept(self, found: list[str]) -> bool:
        return bool(found)


@dataclass(frozen=True)
class OfRun(Sight):
    """Something about all exchanges up to an event, but for some; what is looked up are the events of those that are
    not as expected."""

    last: int
    besides: tuple[int, ...]
    """Exchanges that are not judged: something else than the module explains them, or another test judges them."""

    def look(self, record: Recorded) -> list[int]:
        left_out = frozenset(self.besides)
        return [event for event in self.culprits(record) if event not in left_out]

    def culprits(self, record: Recorded) -> Iterator[int]:
        """The exchanges that are not as expected."""
        raise NotImplementedError

    def kept(self, found: list[int]) -> bool:
        return not found


@dataclass(frozen=True)
class NoSecondResult(OfRun):
    """No command of the run got a second final result code; not judged is what followed where none could be told."""

    check = "no-second-result"

    def culprits(self, record: Recorded) -> Iterator[int]:
        events = record.exchanges(self.last)
        for event, following in itertools.zip_longest(events, events[1:]):
            end = self.last if following is None else record.claim(following).first - 1
            if not record.is_silent(event) and any(_left_over(record, (event,), end)):
                yield event


@dataclass(frozen=True)
class NoSilence(OfRun):
    """Every command of the run got a final result code."""

    check = "no-silence"

    def culprits(self, record: Recorded) -> Iterator[int]:
        return (event for event in record.exchanges(self.last) if record.is_silent(event))


@dataclass(frozen=True)
class AllLinesEnd(OfRun):
    """Every line of every answer is text that ends in CR LF."""

    check = "all-lines-end"

    def culprits(self, record: Recorded) -> Iterator[int]:
        for event in record.exchanges(self.last):
            if any(wrong_ends(record, record.claim(event), record.answer(event))):
                yield event


@dataclass(frozen=True)
class KnownCodes(OfRun):
    """Every error of a command of the manual that shows a code shows one in these ranges, both ends included."""

    check = "known-codes"
    codes: tuple[tuple[int, int], ...]
    rules: tuple[str, ...] = ()
    """The catalogue's code rules, of which any may hold."""

    @property
    def named(self) -> tuple[str, ...]:
        return self.rules

    @property
    def unnamed(self) -> bool:
        return not self.rules

    def under(self, rulings: Rulings) -> Self:
        found = rulings.any_of(self.rules)
        return self if found is None else replace(self, codes=found.codes)

    def culprits(self, record: Recorded) -> Iterator[int]:
        for event in record.exchanges(self.last):
            answer = record.answer(event)
            code = None if answer.result is None or answer.name not in record.names else answer.result.code
            if code is not None and not any(first <= code <= last for first, last in self.codes):
                yield event


@dataclass(frozen=True)
class AcceptedForms(OfRun):
    """Every error of a command of the manual is written in a form that a host of this module has to understand."""

    check = "accepted-forms"

    def culprits(self, record: Recorded) -> Iterator[int]:
        return (event for event, form in _forms(record, self.last) if form not in _ACCEPTED)


@dataclass(frozen=True)
class OneDialect(Sight):
    """The errors of the manual's commands, but for some, are all written in one form.

    Left out is what the module's general parser, or something else, may have answered in a form of its own.
    """

    check = "one-dialect"
    last: int
    besides: tuple[int, ...]

    def look(self, record: Recorded) -> list[str]:
        """The forms."""
        left_out = frozenset(self.besides)
        return sorted({form for event, form in _forms(record, self.last) if event not in left_out})

    def kept(self, found: list[str]) -> bool:
        return len(found) <= 1


@dataclass(frozen=True)
class NoFlood(Sight):
    """The module has not sent more than so many bytes that answer nothing, line ends counted for more."""

    check = "no-flood"
    allowance: int
    last: int

    def look(self, record: Recorded) -> int:
        """How many bytes were dropped for it."""
        return record.dropped(self.last)

    def kept(self, found: int) -> bool:
        return found == 0


def _forms(record: Recorded, last: int) -> Iterator[tuple[int, str]]:
    """The exchanges with a command of the manual that was refused, each with the form of its error."""
    for event in record.exchanges(last):
        answer = record.answer(event)
        if answer.name in record.names and answer.result is not None and not answer.result.ok:
            yield event, answer.form


def wrong_ends(record: Recorded, claim: Claim, answer: Answer) -> Iterator[str]:
    """The lines that answer a command, as they came, and do not end in CR LF or have something in front of them."""
    raw = record.lines.raw_between(claim.first, claim.last)
    taken = answer.result.taken if answer.result is not None else ()
    for index, text in enumerate(claim.lines):
        came = next((line for line in raw if line.text == text), None)
        own = index in taken or answer.informs(text)
        if own and (came is None or came.end != _CRLF or came.padded):
            yield text


def _strays(record: Recorded, first: int, last: int) -> Iterator[RawLine]:
    """Final result codes from one exchange to the end of another that belong to none of those in between."""
    between = [event for event in record.exchanges(last) if event >= first]
    return _left_over(record, between, record.claim(last).last)


def _left_over(record: Recorded, events: Collection[int], end: int) -> Iterator[RawLine]:
    """Final result codes that came from the beginning of these exchanges on, up to an event, and are none of theirs."""
    claims = [record.claim(event) for event in events]
    # Of a line that ends in CR it may not be known yet that it is over: what is claimed need not all be there.
    theirs = Counter(line for claim in claims for line in claim.lines)
    for line in record.lines.raw_between(claims[0].first, end):
        if theirs[line.text]:
            theirs[line.text] -= 1
        elif not line.doubtful and (result := Answer("", (line.text,)).result) is not None and result.readable:
            yield line
