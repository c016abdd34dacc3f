"""A catalogue as a run record carries it: what was demanded, read the same way whoever brings it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from reports.events import Ambiguity, Bound, Command, Requirement, Section, bilingual_of, bound_of
from reports.judging.rulings import Codes, Rulings
from reports.severity import Level, Verdict

_T = TypeVar("_T")


@dataclass(frozen=True)
class CodeRule:
    """Which codes of an error are right, in words too, and the requirements that judge by it."""

    name: str
    accepts: Codes
    requirements: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Requirements by ID and sections by key, both in order; the rulings; the commands of the manual."""

    hash: str | None
    requirements: dict[str, Requirement]
    sections: dict[str, Section]
    """Titles are empty where the catalogue gave none."""
    ambiguities: tuple[Ambiguity, ...]
    bounds: tuple[Bound, ...]
    """The numbers that verdicts rest on; none in a record of a suite that did not write them."""
    code_rules: tuple[CodeRule, ...]
    """None in a record of a suite that gave its rules no names."""
    commands: tuple[Command, ...]

    @cached_property
    def rulings(self) -> Rulings:
        """What judgements rest on, by name."""
        return Rulings(
            {bound.name: bound.value for bound in self.bounds},
            {rule.name: rule.accepts for rule in self.code_rules},
            {ambiguity.id: ambiguity.breach for ambiguity in self.ambiguities},
        )

    @property
    def command_names(self) -> tuple[str, ...]:
        """Those of the manual's commands that can be sent, with their +."""
        return tuple(command.name for command in self.commands)


def catalogue_of(data: Mapping[str, Any]) -> Catalogue:
    """The catalogue that an event of a record, or an export, holds; an empty one of no data.

    Raises ValueError, with the key and what is wrong there, for what no suite writes.
    """
    requirements = {found.id: found for found in _each(data, "requirements", _requirement)}
    titles = {found.key: found for found in _each(data, "sections", _section)}
    cited = (requirement.section for requirement in requirements.values())
    return Catalogue(
        data.get("hash"),
        requirements,
        {key: titles.get(key, Section(key, "", "")) for key in dict.fromkeys((*titles, *cited))},
        tuple(_each(data, "ambiguities", _ambiguity)),
        tuple(_each(data, "bounds", bound_of)),
        tuple(_each(data, "code_rules", _code_rule)),
        tuple(_each(data, "commands", _command)),
    )


def _each(data: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any]], _T]) -> Iterator[_T]:
    """The entries of a list of the catalogue, which may be missing."""
    for number, entry in enumerate(data.get(key, ())):
        try:
            yield read(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            names = (entry.get(name) for name in ("id", "name", "key")) if isinstance(entry, Mapping) else ()
            label = next((str(name) for name in names if name is not None), str(number))
            what = f"lacks {problem}" if isinstance(problem, KeyError) else str(problem)
            raise ValueError(f"{key}: {label}: {what}") from problem


def _section(entry: Mapping[str, Any]) -> Section:
    return Section(entry["key"], entry.get("en", ""), entry.get("zh", ""))


def _command(entry: Mapping[str, Any]) -> Command:
    return Command(str(entry["name"]), tuple(map(str, entry["forms"])))


def _requirement(entry: Mapping[str, Any]) -> Requirement:
    formerly = tuple(map(str, entry.get("formerly", ())))
    texts = (entry["id"], entry["section"], entry["table"], Level(entry["level"]), entry["en"], entry["zh"])
    return Requirement(*texts, formerly)


def _ambiguity(entry: Mapping[str, Any]) -> Ambiguity:
    return Ambiguity(
        entry["id"],
        tuple(entry["sections"]),
        bilingual_of(entry["what"]),
        bilingual_of(entry["ruling"]),
        tuple(entry["requirements"]),
        None if entry.get("breach") is None else Verdict(entry["breach"]),
    )


def _code_rule(entry: Mapping[str, Any]) -> CodeRule:
    ranges = tuple((first, last) for first, last in entry["codes"])
    if not ranges or any(type(code) is not int for accepted in ranges for code in accepted):
        raise ValueError("codes are ranges such as [[705, 706]]")
    return CodeRule(str(entry["name"]), Codes(ranges, entry["exact"] is True), tuple(entry["requirements"]))
