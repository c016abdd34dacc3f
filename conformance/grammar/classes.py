"""The classes of lines, a production and a mutation each, and the order in which a run visits them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from conformance.catalogue import CLOSE, OPEN, Kind
from conformance.grammar.mutations import ANY_BYTE, MUTATIONS, Mutation
from conformance.grammar.productions import PRODUCTIONS, Production
from conformance.grammar.safety import may_be_sent

_TRIES = 40
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class LineClass:
    """Lines of one production after one mutation."""

    production: Production
    mutation: Mutation

    def __str__(self) -> str:
        return f"{self.production}: {self.mutation.name}"

    @property
    def loose(self) -> bool:
        """Whether only the next command tells what the module made of such a line."""
        return self.mutation.loose

    @property
    def needs_session(self) -> bool:
        """Whether its command does most while a session is open."""
        return self.production.command.kind is Kind.PUBSUB

    def line(self, chance: Random) -> bytes:
        """One that may be sent to any module."""
        return self._first(chance, _TRIES) or self.nth(0)

    def _first(self, chance: Random, tries: int) -> bytes:
        """The first of so many that may be sent; nothing where none may."""
        for _ in range(tries):
            line = self.mutation.make(self.production.line(chance), self.production, chance)
            if may_be_sent(line):
                return line
        return b""

    @property
    def harmless(self) -> bool:
        """Whether any such line may be sent, that of number 0 among them."""
        return bool(self._first(Random(f"{self} 0"), _TRIES))

    def nth(self, number: int) -> bytes:
        """The same in every run."""
        return self.line(Random(f"{self} {number}"))


def _suits(production: Production, mutation: Mutation) -> bool:
    # While another command runs, OPEN and CLOSE would leave it open for how long nothing answers.
    waits = production.command in (OPEN, CLOSE) and mutation.loose
    return mutation.suits(production) and not waits


CLASSES = tuple(
    made
    for production in PRODUCTIONS
    for mutation in MUTATIONS
    if _suits(production, mutation) and (made := LineClass(production, mutation)).harmless
)


def in_order(classes: Sequence[LineClass] = CLASSES) -> list[LineClass]:
    """All of ``classes``, in an order of which every beginning is spread over productions and mutations."""
    size = len(classes)
    step = next((step for step in range(max(1, int(size * _GOLDEN)), size) if math.gcd(step, size) == 1), 1)
    return [classes[place * step % size] for place in range(size)]


def interleaved(made: Sequence[LineClass], size: int, share: int) -> Iterator[tuple[bool, list[LineClass]]]:
    """Classes in pieces of ``size``, in turn for a closed and an open session; every ``share``-th of those that need
    none goes into an open one all the same."""
    apart: dict[bool, list[LineClass]] = {False: [], True: []}
    for number, one in enumerate(made):
        apart[one.needs_session or number % share == 0].append(one)
    queues = {opened: _pieces(classes, size) for opened, classes in apart.items()}
    while any(queues.values()):
        for opened, queue in queues.items():
            if queue:
                yield opened, queue.pop(0)


def _pieces(items: Iterable[LineClass], size: int) -> list[list[LineClass]]:
    found = list(items)
    return [found[start : start + size] for start in range(0, len(found), size)]


def other_line(chance: Random) -> bytes:
    """A line that does not begin with AT; a module may ignore it in silence."""
    while True:
        size = chance.randrange(200)
        line = b"#" + bytes(chance.choice(ANY_BYTE) for _ in range(size) if size)
        if may_be_sent(line):
            return line


def other_lines(count: int) -> Iterator[bytes]:
    """So many of them, the same in every run."""
    yield from (other_line(Random(f"other {number}")) for number in range(count))


def halves(count: int) -> Iterator[bytes]:
    """So many valid commands that break off somewhere, the same in every run."""
    for number, production in zip(range(count), itertools.cycle(reversed(PRODUCTIONS))):
        chance = Random(f"half {number}")
        line = bytes(production.line(chance))
        yield next(half for half in (line[: chance.randrange(2, len(line))] for _ in line) if may_be_sent(half))
