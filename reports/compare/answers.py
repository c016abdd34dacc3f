"""What the module answered otherwise than before, judgement by judgement, whatever the verdicts say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from reports.compare.judgements import Judged, Judgements, read_judgements
from reports.compare.observations import same_duration
from reports.compare.traffic import Changed, compare_traffic
from reports.events import RecordError
from reports.judging import Answer, Answers, AnswersOneOf
from reports.runs import Run
from reports.timing import kind_of, kinds_of

SILENCE, NO_RESULT = "silence", "none"
"""In place of a final result code: nothing came in time; nothing that is one came."""
AS_SET, EXPECTED = "<as set>", "<as expected>"
"""In place of an information response: what had been set before; one of several values that are right."""

_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_INTEGER = re.compile(r"[0-9]{1,20}")
_COMMAND = re.compile(r"AT(\+[A-Z0-9]+)", re.IGNORECASE)


class Part(StrEnum):
    """What of an answer changed, the weightiest first. The values are the keys of the JSON file."""

    VERDICT = "verdict"
    RESULT = "result"
    """OK, an error, its code, or silence."""
    INFORMATION = "information"
    """What the information response says."""
    FORM = "form"
    """How it is said: the spelling of an error, separator, blanks, quotes."""
    TIME = "time"


class WhyNot(StrEnum):
    """Why answers are not compared. The values stand in the JSON file."""

    SCHEMA = "schema"
    """A record of that time holds no expectations as data."""
    CATALOGUE = "catalogue"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Differs:
    """A part that changed; both sides are None for time, of which each answer has its own."""

    part: Part
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True)
class Pair:
    """The same judgement in both runs, with what differs."""

    old: Judged
    new: Judged
    differs: tuple[Differs, ...]


@dataclass(frozen=True)
class Alike:
    """Pairs that differ in the same way."""

    differs: tuple[Differs, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Group:
    """Changed answers to one kind of command on one requirement; the kind is None where no exchange is judged."""

    command: str | None
    requirement: str
    alike: tuple[Alike, ...]

    @property
    def count(self) -> int:
        return sum(len(alike.pairs) for alike in self.alike)


@dataclass(frozen=True)
class Parted:
    """A test in which the runs did not go on alike: so many judgements of either have no counterpart.

    ``old`` and ``new`` are the events of the first of them, None where there is none.
    """

    test: str
    old: int | None
    new: int | None
    old_count: int
    new_count: int


@dataclass(frozen=True)
class Compared:
    """The answers of two runs set against each other; where ``why_not`` says that they are not, nothing else does."""

    groups: tuple[Group, ...] = ()
    parted: tuple[Parted, ...] = ()
    count: int = 0
    """Judgements that were made in both runs."""
    traffic: tuple[Changed, ...] = ()
    """What the module did at the gateway otherwise, in tests that both runs made alike."""
    why_not: WhyNot | None = None
    whose: str = ""
    """``old`` or ``new``, where one run is the reason."""
    detail: str = ""
    """The schema of its record, or why it cannot be read."""

    @property
    def changed(self) -> int:
        """Judgements whose answer, or verdict, changed."""
        return sum(group.count for group in self.groups)

    def with_part(self, part: Part) -> int:
        """Judgements in which that changed."""
        return sum(
            len(alike.pairs)
            for group in self.groups
            for alike in group.alike
            if any(differs.part is part for differs in alike.differs)
        )


def compare_answers(old: Run, new: Run, drifted: Collection[str] = ()) -> Compared:
    """The answers of two runs, from their records; of commands that ``drifted`` as a whole no single time counts."""
    if old.summary.catalogue != new.summary.catalogue:
        return Compared(why_not=WhyNot.CATALOGUE)
    found: list[Judgements] = []
    for whose, run in (("old", old), ("new", new)):
        try:
            judgements = read_judgements(run.path)
        except RecordError as problem:
            return Compared(why_not=WhyNot.UNREADABLE, whose=whose, detail=str(problem))
        if not judgements.as_data:
            return Compared(why_not=WhyNot.SCHEMA, whose=whose, detail=str(judgements.schema))
        found.append(judgements)
    return _compared(found[0], found[1], drifted)


def _compared(old: Judgements, new: Judgements, drifted: Collection[str]) -> Compared:
    kinds = frozenset(kinds_of(new.commands))
    changed: dict[tuple[str | None, str], list[Pair]] = {}
    parted = []
    whole = []
    count = 0
    for test in dict.fromkeys((*new.by_test, *old.by_test)):
        before, after = old.by_test.get(test, []), new.by_test.get(test, [])
        same = _alike(before, after)
        count += same
        if same < max(len(before), len(after)):
            parted.append(_parted(test, before[same:], after[same:]))
        else:
            whole.append(test)
        for one, other in zip(before[:same], after[:same], strict=True):
            kind = None if other.answer is None else kind_of(other.answer.command, kinds)
            if differs := tuple(_differences(one, other, known=kind in kinds, timed=kind not in drifted)):
                changed.setdefault((kind, other.requirement), []).append(Pair(one, other, differs))
    groups = (Group(kind, requirement, _grouped(pairs)) for (kind, requirement), pairs in changed.items())
    traffic = compare_traffic(old.connections, new.connections, whole)
    return Compared(tuple(sorted(groups, key=_weightiest_first)), tuple(parted), count, traffic)


def _alike(old: Sequence[Judged], new: Sequence[Judged]) -> int:
    """How many judgements of a test are the same from its beginning on.

    What comes behind the first other one may find the module in another state.
    """
    pairs = zip_longest(old, new)
    return next(
        (number for number, (one, other) in enumerate(pairs) if one is None or other is None or not one.same_as(other)),
        len(old),
    )


def _parted(test: str, old: Sequence[Judged], new: Sequence[Judged]) -> Parted:
    first_old, first_new = (judged[0].event if judged else None for judged in (old, new))
    return Parted(test, first_old, first_new, len(old), len(new))


def _grouped(pairs: Iterable[Pair]) -> tuple[Alike, ...]:
    found: dict[tuple[Differs, ...], list[Pair]] = {}
    for pair in pairs:
        found.setdefault(pair.differs, []).append(pair)
    alike = (Alike(differs, tuple(members)) for differs, members in found.items())
    return tuple(sorted(alike, key=lambda item: _weight(item.differs)))


def _weight(differs: Sequence[Differs]) -> int:
    return list(Part).index(differs[0].part)


def _weightiest_first(group: Group) -> int:
    # Sorting is stable: the order of the tests decides among equals.
    return min(_weight(alike.differs) for alike in group.alike)


def _differences(old: Judged, new: Judged, *, known: bool, timed: bool) -> Iterator[Differs]:
    """What differs, in the order of `Part`; information counts only of a ``known`` command, one of the manual."""
    if old.verdict is not new.verdict:
        yield Differs(Part.VERDICT, str(old.verdict), str(new.verdict))
    before, after = old.answer, new.answer
    if before is None or after is None:
        return
    if (before.lines, before.silent, old.was_set) != (after.lines, after.silent, new.was_set):
        yield from _differences_in_lines(old, before, new, after, known)
    if timed and not (before.silent or after.silent or same_duration(before.seconds, after.seconds)):
        yield Differs(Part.TIME)


def _differences_in_lines(old: Judged, before: Answer, new: Judged, after: Answer, known: bool) -> Iterator[Differs]:
    results = result_of(before), result_of(after)
    same_ending = _same_ending(before, after)
    # Which code a session gives that has just been ended depends on whether the module knows of it yet.
    if results[0] != results[1] and not (same_ending and old.dropped and new.dropped):
        yield Differs(Part.RESULT, *results)
    if not same_ending:
        return
    told, shapes = zip(_information(old, before), _information(new, after), strict=True)
    if known and told[0] != told[1]:
        yield Differs(Part.INFORMATION, *told)
    spellings = spelling_of(before), spelling_of(after)
    forms = [" / ".join(filter(None, form)) for form in zip(shapes if known else ("", ""), spellings, strict=True)]
    # Whether a code is there at all is told by the result, and how many lines there are by what they say.
    comparable = _shows_code(before) is _shows_code(after) and len(before.body) == len(after.body)
    if comparable and forms[0] != forms[1]:
        yield Differs(Part.FORM, *forms)


def _same_ending(old: Answer, new: Answer) -> bool:
    """Whether both were answered OK, or both by an error: else what came before it means something else."""
    endings = [None if answer.result is None else answer.result.ok for answer in (old, new)]
    return endings[0] is not None and endings[0] is endings[1]


def _shows_code(answer: Answer) -> bool:
    return answer.result is not None and answer.result.code is not None


def result_of(answer: Answer) -> str:
    """The final result code without its spelling: ``OK``, ``ERROR``, ``ERROR 705``, `SILENCE` or `NO_RESULT`."""
    result = answer.result
    if result is None:
        return SILENCE if answer.silent else NO_RESULT
    if result.ok:
        return "OK"
    return "ERROR" if result.code is None else f"ERROR {result.code}"


def spelling_of(answer: Answer) -> str:
    """The final result code as it is spelt, its code as ``n``."""
    result = answer.result
    if result is None:
        return ""
    whole = " / ".join(answer.lines[index].strip(" \r") for index in result.taken)
    if result.code is None:
        return whole
    head, _, tail = whole.rpartition(str(result.code))
    return f"{head}n{tail}"


def _information(judged: Judged, answer: Answer) -> tuple[str, str]:
    """What the lines before the final result code say, without what belongs to the run, and in which form."""
    read = [_read(answer, line) for line in answer.body]
    told = " / ".join(judged.left_out(said) for said, _ in read)
    form = " / ".join(form for _, form in read)
    match judged.expectation:
        case AnswersOneOf(values=values) if any(answer.says([value]) for value in values):
            return EXPECTED, form
        case Answers():
            # Which value is right is part of the expectation, which is the same in both runs.
            return told, form
    if judged.was_set is not None and len(read) == 1 and read[0][0] == _bare(judged.was_set)[0]:
        return AS_SET, form
    return told, form


def _read(answer: Answer, line: str) -> tuple[str, str]:
    """What a line says, and its form: separator, a blank behind it, quotes, blanks between integers."""
    if not line.startswith("+"):
        return line, ""
    match = _COMMAND.match(answer.command)
    name = len(match[1]) if match else 0
    said, form = _bare(line[name + 1 :])
    return said, line[name : name + 1] + form


def _bare(text: str) -> tuple[str, str]:
    """A value without a blank in front, quotes around it, or blanks between integers, and its form."""
    value = text.removeprefix(" ")
    blank = " " if value != text else ""
    if quoted := _QUOTED.fullmatch(value):
        return quoted[1].replace('\\"', '"'), f'{blank}"..."'
    numbers = [number.strip(" ") for number in value.split(",")]
    if all(map(_INTEGER.fullmatch, numbers)):
        return ",".join(str(int(number)) for number in numbers), f"{blank}{re.sub('[0-9]+', 'n', value)}"
    return value, f"{blank}..."
