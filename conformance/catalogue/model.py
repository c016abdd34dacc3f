"""The types of the catalogue: what a requirement, a command and an error code are, and the whole of it. All frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from conformance.catalogue.base import Bilingual, Data, FullId, Name, Suffix
from conformance.catalogue.factors import FactorModel
from conformance.catalogue.rulings import Ambiguity, Bound, Bounds, CodeRule
from reports.verdicts import Level


class CatalogueError(Exception):
    """The catalogue's data contradicts itself; ``problems`` has one line each, naming file and key."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnknownRequirementError(CatalogueError):
    """Somebody cites a requirement that the catalogue does not have."""


class Kind(StrEnum):
    """What a command is for."""

    IDENTITY = "identity"
    SETTINGS = "settings"
    SESSION = "session"
    PUBSUB = "pubsub"
    URC = "urc"


class Form(StrEnum):
    """How a command may be written: ``AT+X?``, ``AT+X=...``, ``AT+X=?``, ``AT+X``."""

    QUERY = "query"
    SET = "set"
    TEST = "test"
    EXECUTE = "execute"


class Type(StrEnum):
    """Type of a command's parameter."""

    STRING = "string"
    INTEGER = "int"


class ErrorCode(IntEnum):
    """The codes of section 2.2. Their meanings are ``Catalogue.errors``."""

    NETWORK = 700
    NO_PRODUCT_KEY = 701
    NO_PRODUCT_SECRET = 702
    NO_DEVICE_NAME = 703
    NO_DEVICE_SECRET = 704
    INVALID_OPERATION = 705
    NOT_ALLOWED = 706
    ALREADY_OPEN = 707
    PARAMETER = 708


class Choice(Bilingual):
    """A value of an integer parameter that has a meaning; ``platform`` is the cloud platform's name for it."""

    value: int
    platform: str | None = None


class Parameter(Data):
    """One parameter of a command. A limit or default that neither the manual nor a ruling gives is None.

    ``max_bytes`` limits a string. ``min`` and ``max`` (both inclusive) bound an integer, in ``unit`` if it has one;
    ``refused`` are out-of-range integers that have to be tried, ``recorded`` those whose treatment is only recorded.
    """

    name: Name
    type: Type
    secret: bool = False
    max_bytes: int | None = Field(default=None, gt=0)
    unit: Literal["ms"] | None = None
    min: int | None = None
    max: int | None = None
    default: int | None = None
    refused: tuple[int, ...] = ()
    recorded: tuple[int, ...] = ()
    choices: tuple[Choice, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Parameter:
        numeric = (self.unit, self.min, self.max, self.default)
        if self.type is Type.STRING and (any(fact is not None for fact in numeric) or self.choices):
            raise ValueError("a string has neither unit, range, default nor choices")
        if self.type is Type.INTEGER and self.max_bytes is not None:
            raise ValueError("an integer has no max_bytes")
        if self.default is not None and not self.allows(self.default):
            raise ValueError(f"the default {self.default} is out of range")
        if self.choices and [choice.value for choice in self.choices] != list(self.values):
            raise ValueError("choices must name each value from min to max, in order")
        if any(self.max is not None and self.allows(value) for value in self.refused + self.recorded):
            raise ValueError("a value to be refused or recorded is in range")
        return self

    def allows(self, value: int) -> bool:
        """Whether an integer lies within ``min`` and ``max``."""
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    @property
    def values(self) -> range:
        """Every integer allowed; ValueError if the range is open."""
        if self.min is None or self.max is None:
            raise ValueError(f"{self.name} has no closed range")
        return range(self.min, self.max + 1)


class PowerCycle(Data):
    """Whether a command's values survive a power cycle, and the requirement that says so."""

    kept: bool
    requirement: FullId


class Command(Bilingual):
    """One of the eleven commands, or the URC. ``name`` has the leading +; ``en`` and ``zh`` are short titles."""

    name: Annotated[str, StringConstraints(pattern=r"^\+[A-Z]+$")]
    kind: Kind
    section: str
    suffix: Suffix | None = None
    forms: tuple[Form, ...]
    power_cycle: PowerCycle | None = None
    parameters: tuple[Parameter, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Command:
        identity = self.kind is Kind.IDENTITY
        if identity != (self.suffix is not None):
            raise ValueError("an identity command, and no other, has a suffix")
        if identity and (len(self.parameters) != 1 or self.parameters[0].max_bytes is None):
            raise ValueError("an identity command has one parameter, with max_bytes")
        if self.kind is Kind.SETTINGS and any(parameter.default is None for parameter in self.parameters):
            raise ValueError("every parameter of a settings command has a default")
        if (self.kind in (Kind.IDENTITY, Kind.SETTINGS)) != (self.power_cycle is not None):
            raise ValueError("identity and settings commands, and no others, have a power_cycle")
        return self

    @property
    def word(self) -> str:
        """The name without its +, as it stands behind AT+."""
        return self.name.removeprefix("+")

    @property
    def title(self) -> Bilingual:
        return Bilingual(en=self.en, zh=self.zh)

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError if there is none."""
        return {parameter.name: parameter for parameter in self.parameters}[name]


@dataclass(frozen=True)
class IdentityValue:
    """One of the four identity values. ``name`` is the command without its +, ``limit`` is in bytes.

    ``survives`` is the level at which the value has to survive a power cycle. ``title`` is a short name.
    """

    name: str
    suffix: str
    limit: int
    secret: bool
    survives: Level
    section: str
    title: Bilingual

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Settings:
    """A settings command. ``name`` is the command without its +, ``defaults`` what a query returns after power-up."""

    name: str
    parameters: tuple[Parameter, ...]
    defaults: tuple[int, ...]
    section: str
    title: Bilingual

    def __str__(self) -> str:
        return self.name

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError if there is none."""
        return {parameter.name: parameter for parameter in self.parameters}[name]

    def replaced(self, **values: int) -> tuple[int, ...]:
        """The defaults with some parameters, given by name, set to other values; KeyError for an unknown name."""
        named = dict(zip((parameter.name for parameter in self.parameters), self.defaults, strict=True))
        if unknown := values.keys() - named.keys():
            raise KeyError(f"{self.name} has no parameter {', '.join(sorted(unknown))}")
        return tuple((named | values).values())


class Requirement(Bilingual):
    """One requirement. ``family`` is its ID without the suffix, the ID itself for the majority that have none.

    ``section`` is a key of ``Catalogue.sections``, ``table`` one of ``Catalogue.tables``; ``formerly`` are the IDs by
    which older catalogues call it.
    """

    id: str
    family: str
    suffix: str | None
    section: str
    table: str
    level: Level
    formerly: tuple[str, ...] = ()


class Section(Bilingual):
    """A section of the manual, or another source, that requirements come from."""

    key: str


class Table(Bilingual):
    """A group of requirements."""

    key: Name


@dataclass(frozen=True)
class Catalogue:
    """Everything the suite demands. All mappings keep the order of the data; nothing in it can be changed.

    ``errors`` are the meanings of the error codes, ``models`` what may matter to commands and requirements.
    ``sha256`` (hex) is of the data, comments left out: equal hashes mean equal demands.
    """

    requirements: Mapping[str, Requirement]
    tables: Mapping[str, Table]
    sections: Mapping[str, Section]
    commands: Mapping[str, Command]
    errors: Mapping[ErrorCode, Bilingual]
    code_rules: Mapping[str, CodeRule]
    bounds: Bounds
    bound_reasons: Mapping[str, Bound]
    ambiguities: tuple[Ambiguity, ...]
    models: Mapping[str, FactorModel]
    sha256: str

    def get(self, identifier: str) -> Requirement:
        """The requirement of that full ID; UnknownRequirementError if there is none."""
        if identifier not in self.requirements:
            raise self._unknown(identifier, self.requirements)
        return self.requirements[identifier]

    def expand(self, identifier: str) -> tuple[str, ...]:
        """The full IDs that a family's ID stands for, in catalogue order; a full ID stands for itself.

        UnknownRequirementError if it is neither.
        """
        if identifier in self.requirements:
            return (identifier,)
        members = tuple(key for key, found in self.requirements.items() if found.family == identifier)
        if not members:
            raise self._unknown(identifier, [*self.requirements, *{r.family for r in self.requirements.values()}])
        return members

    def family(self, identifier: str) -> str:
        """The family of a full ID: ID-03 for ID-03-DN, the ID itself where there is no suffix.

        UnknownRequirementError if there is no such ID.
        """
        return self.get(identifier).family

    def code_rule(self, name: str) -> CodeRule:
        """The rule of that name; CatalogueError if there is none."""
        if name not in self.code_rules:
            raise CatalogueError(f"no code rule {name!r} in the catalogue")
        return self.code_rules[name]

    def model(self, name: str) -> FactorModel:
        """The model of factors of that name; CatalogueError if there is none."""
        if name not in self.models:
            raise CatalogueError(f"no model {name!r} in the catalogue")
        return self.models[name]

    def ruling(self, identifier: str) -> Ambiguity:
        """The entry of the ambiguity register; CatalogueError if there is none."""
        for ambiguity in self.ambiguities:
            if ambiguity.id == identifier:
                return ambiguity
        raise CatalogueError(f"no ruling {identifier!r} in the catalogue")

    def to_record(self) -> dict[str, object]:
        """All of it that a run record carries, ready for JSON."""
        return {
            "hash": self.sha256,
            "requirements": self.requirements_to_record(),
            "sections": self.sections_to_record(),
            "ambiguities": self.ambiguities_to_record(),
            "commands": self.commands_to_record(),
            "bounds": self.bounds_to_record(),
            "code_rules": self.code_rules_to_record(),
        }

    def requirements_to_record(self) -> list[dict[str, object]]:
        """The requirements as the run record carries them."""
        fields = {"id", "section", "table", "level", "en", "zh"}
        return [
            requirement.model_dump(mode="json", include=fields)
            | ({"formerly": list(requirement.formerly)} if requirement.formerly else {})
            for requirement in self.requirements.values()
        ]

    def code_rules_to_record(self) -> list[dict[str, object]]:
        """Every code rule, families of requirements spelled out, as the run record carries them."""
        return [
            rule.model_dump(mode="json")
            | {"requirements": [full for cited in rule.requirements for full in self.expand(cited)]}
            for rule in self.code_rules.values()
        ]

    def sections_to_record(self) -> list[dict[str, str]]:
        """Key and titles of every section, in the order of a report, as the run record carries them."""
        return [section.model_dump(mode="json") for section in self.sections.values()]

    def ambiguities_to_record(self) -> list[dict[str, object]]:
        """The ambiguity register as the run record carries it, each family of requirements spelled out."""
        return [
            ambiguity.model_dump(mode="json", exclude_none=True)
            | {"requirements": [full for cited in ambiguity.requirements for full in self.expand(cited)]}
            for ambiguity in self.ambiguities
        ]

    def resting_on(self, bound: str) -> tuple[str, ...]:
        """The requirements whose verdicts rest on that bound, families spelled out."""
        return tuple(full for cited in self.bound_reasons[bound].requirements for full in self.expand(cited))

    def bounds_to_record(self) -> list[dict[str, object]]:
        """Every bound with its unit, reason and requirements (families spelled out), as the run record carries them."""
        return [
            {"name": name, **bound.model_dump(mode="json")} | {"requirements": list(self.resting_on(name))}
            for name, bound in self.bound_reasons.items()
        ]

    def commands_to_record(self) -> list[dict[str, object]]:
        """Name and forms of every command that can be sent, as the run record carries them."""
        sent = (command for command in self.commands.values() if command.forms)
        return [command.model_dump(mode="json", include={"name", "forms"}) for command in sent]

    @staticmethod
    def _unknown(identifier: str, known: Mapping[str, object] | list[str]) -> UnknownRequirementError:
        near = get_close_matches(identifier, known, n=3)
        hint = f"; near it: {', '.join(near)}" if near else ""
        return UnknownRequirementError(f"no requirement {identifier!r} in the catalogue{hint}")
