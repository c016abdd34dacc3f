"""What a test expects of what it sees, as data: a kind, its parameters, and by event numbers what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from typing import Any, ClassVar, Self

from reports.events import RecordError
from reports.judging.rulings import Rulings
from reports.sentences import say
from reports.severity import Verdict


class ExpectationError(RecordError):
    """An expectation of a record that no suite of this version writes. The message is one line."""


@dataclass(frozen=True)
class Expectation:
    """One of the kinds below.

    ``exchange`` and ``than`` are the numbers of exchange events of the record; ``first`` and ``last`` are the ends of a
    stretch of events; ``connection`` is the gateway's number of a connection.
    """

    check: ClassVar[str]
    kinds: ClassVar[dict[str, type[Expectation]]] = {}
    """All of them, by name."""

    def __init_subclass__(cls) -> None:
        if "check" in vars(cls):
            Expectation.kinds[cls.check] = cls

    @property
    def about(self) -> Iterator[int]:
        """The events that it is about."""
        return (getattr(self, field.name) for field in fields(self) if field.name in _REFERENCES)

    @property
    def breach(self) -> Verdict | None:
        """The verdict that a ruling gives its breach; None where the requirement's level says it."""
        return None

    @property
    def named(self) -> tuple[str, ...]:
        """The bounds, rules and rulings that its parameters come from, by the names that they have in the catalogue."""
        return ()

    @property
    def unnamed(self) -> bool:
        """Whether it has parameters of a ruling and does not tell which."""
        return False

    @property
    def watched(self) -> bool:
        """Whether it is about what had come by some event: how long the bench had watched may rest on a bound."""
        return "last" in vars(self)

    def under(self, rulings: Rulings) -> Self:
        """The same with the parameters that these rulings give it; what they do not name stays as it is."""
        return self

    def to_record(self) -> dict[str, Any]:
        """As the run record stores it; names that it does not have are left out."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        optional = _optional(self.check)
        return {"check": self.check} | {name: _plain(it) for name, it in told.items() if it or name not in optional}


_REFERENCES = frozenset({"exchange", "than", "fence", "last"})
NAMES = frozenset({"rules", "bound", "allowance", "ruling", "ruled"})
"""Parameters that say where the others are from. They came later: a record may lack them where they have a default."""


@dataclass(frozen=True, kw_only=True)
class RuledUpon(Expectation):
    """Something of which the ambiguity register says what its breach is, whatever the requirement's level.

    ``ruling`` is the entry's ID, ``ruled`` the verdict that it gives, if one of its own.
    """

    ruling: str | None = None
    ruled: Verdict | None = None

    @property
    def unruled(self) -> Verdict | None:
        """What a breach is in a record that names no ruling."""
        return Verdict.DEVIATION

    @property
    def breach(self) -> Verdict | None:
        if self.ruling is None:
            return self.unruled
        return None if self.ruled is None else Verdict(self.ruled)

    @property
    def named(self) -> tuple[str, ...]:
        return () if self.ruling is None else (self.ruling,)

    @property
    def unnamed(self) -> bool:
        return self.ruling is None and self.unruled is not None

    def under(self, rulings: Rulings) -> Self:
        if self.ruling is None or self.ruling not in rulings.breaches:
            return self
        return replace(self, ruled=rulings.breaches[self.ruling])


@dataclass(frozen=True)
class Ok(Expectation):
    """The command was answered OK."""

    check = "ok"
    exchange: int


@dataclass(frozen=True)
class Refused(Expectation):
    """It was answered by an error; with a code in one of the ranges, both ends included, where there are any.

    With ``exact`` False the module's general parser may have answered first, so that an error without a code is right.
    Where no command of the run has shown a code, none is expected. ``rules`` are the names of the catalogue's code
    rules of which any may hold; codes without one belong to this expectation alone.
    """

    check = "refused"
    exchange: int
    codes: tuple[tuple[int, int], ...] = ()
    exact: bool = True
    rules: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        return self.rules

    @property
    def unnamed(self) -> bool:
        return bool(self.codes) and not self.rules

    def under(self, rulings: Rulings) -> Self:
        found = rulings.any_of(self.rules)
        return self if found is None else replace(self, codes=found.codes, exact=found.exact)


@dataclass(frozen=True)
class Answered(Expectation):
    """It got a final result code, whichever; within so many ``seconds`` where they are given.

    They are those of the catalogue's ``bound``, and ``allowance`` seconds that the line itself takes.
    """

    check = "answered"
    exchange: int
    seconds: float | None = None
    bound: str | None = None
    allowance: float | None = None

    @classmethod
    def within(cls, exchange: int, bound: str, value: float, allowance: float) -> Self:
        """Within a bound of the catalogue, which is ``value`` seconds, and what the line takes."""
        allowance = round(allowance, 6)
        return cls(exchange, round(value + allowance, 6), bound, allowance)

    @property
    def named(self) -> tuple[str, ...]:
        return () if self.bound is None else (self.bound,)

    @property
    def unnamed(self) -> bool:
        return self.seconds is not None and self.bound is None

    def under(self, rulings: Rulings) -> Self:
        value = None if self.bound is None else rulings.bounds.get(self.bound)
        return self if value is None else replace(self, seconds=round(value + (self.allowance or 0.0), 6))


@dataclass(frozen=True)
class Answers(Expectation):
    """One information response with exactly these values, then OK: one string, or integers."""

    check = "answers"
    exchange: int
    values: tuple[str | int, ...]


@dataclass(frozen=True)
class AnswersOneOf(Expectation):
    """One information response with one of these strings, then OK."""

    check = "answers-one-of"
    exchange: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class Shown(Expectation):
    """Of the downlink messages of a topic exactly these were shown, each whole and once, from one event to another.

    Quotes around a payload are another judgement's matter (RV-01).
    """

    check = "shown"
    topic: str
    payloads: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Published(Expectation):
    """Exactly these messages went out to a topic, each once and unchanged, up to that event."""

    check = "published"
    topic: str
    payloads: tuple[str, ...]
    last: int


@dataclass(frozen=True)
class InWords(Expectation):
    """It got a final result code in words, as a host reads it: no number, no other spelling."""

    check = "in-words"
    exchange: int


@dataclass(frozen=True)
class Informs(RuledUpon):
    """Exactly one information response in the command's name, with that separator behind it where one is given.

    The ruling is on the other separators.
    """

    check = "informs"
    exchange: int
    separator: str | None = None

    @property
    def unruled(self) -> Verdict | None:
        return None if self.separator is None else Verdict.DEVIATION


@dataclass(frozen=True)
class AnswersOther(Expectation):
    """Another information response than in that earlier exchange."""

    check = "answers-other"
    exchange: int
    than: int


@dataclass(frozen=True)
class CameOnline(Expectation):
    """That connection at the gateway had come online by that event: its login was accepted. None: it never came."""

    check = "came-online"
    connection: int | None
    last: int


@dataclass(frozen=True)
class WasClosed(Expectation):
    """That connection at the gateway had been closed by that event, by whomever."""

    check = "closed"
    connection: int | None
    last: int


@cache
def _parameters(check: str) -> Mapping[str, str]:
    """The parameters of a kind, with the names of their types."""
    return {field.name: str(field.type) for field in fields(Expectation.kinds[check])}


def expectation_of(told: Any, event: int) -> Expectation:
    """The expectation that the finding of ``event`` tells.

    Raises `ExpectationError` for an unknown kind, for a parameter that is missing, unknown or of the wrong type, and
    for a reference to an event that does not come before.
    """
    where = say("the expectation of event {event}", event=event)
    if not isinstance(told, Mapping):
        raise ExpectationError("{where} is no object", where=where)
    kind = Expectation.kinds.get(str(told.get("check")))
    if kind is None:
        raise ExpectationError(
            "{where} is of a kind that this suite does not know: {check!a}", where=where, check=told.get("check")
        )
    known = _parameters(kind.check)
    for name in sorted(told.keys() - known.keys() - {"check"}):
        raise ExpectationError(
            "{where} ({check}) has a parameter that this suite does not know: {name!a}",
            where=where,
            check=kind.check,
            name=name,
        )
    for name in sorted(known.keys() - told.keys() - _optional(kind.check)):
        raise ExpectationError("{where} ({check}) lacks {name}", where=where, check=kind.check, name=name)
    for name, shape in known.items():
        if name in told and not _SHAPES[shape](told[name]):
            raise ExpectationError(
                "{where} ({check}) has a {name} that is none: {value!a}",
                where=where,
                check=kind.check,
                name=name,
                value=str(told[name])[:60],
            )
    expectation = kind(**{name: _frozen(told[name]) for name in known if name in told})
    for reference in expectation.about:
        if reference >= event:
            raise ExpectationError(
                "{where} ({check}) is about event {reference}, which does not come before it",
                where=where,
                check=kind.check,
                reference=reference,
            )
    return expectation


@cache
def _optional(check: str) -> frozenset[str]:
    """The parameters of a kind that a record may lack."""
    told = fields(Expectation.kinds[check])
    return frozenset(field.name for field in told if field.name in NAMES and field.default is not MISSING)


def _is_int(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_list(value: Any, *kinds: type) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(type(item) in kinds for item in value)


def _is_ranges(value: Any) -> bool:
    return _is_list(value, list) and all(len(item) == 2 and _is_list(item, int) for item in value)


_SHAPES = {
    "int": _is_int,
    "int | None": lambda value: value is None or _is_int(value),
    "str": lambda value: isinstance(value, str),
    "str | None": lambda value: value is None or isinstance(value, str),
    "Verdict | None": lambda value: value in (None, Verdict.DEVIATION, Verdict.OBSERVED),
    "bool": lambda value: isinstance(value, bool),
    "float | None": lambda value: value is None or type(value) in (int, float),
    "tuple[str | int, ...]": lambda value: _is_list(value, str, int) and len(value) > 0,
    "tuple[str, ...]": lambda value: _is_list(value, str),
    "tuple[int, ...]": lambda value: _is_list(value, int),
    "tuple[tuple[int, int], ...]": _is_ranges,
}
"""Whether a value of the record has the type of a field."""


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
