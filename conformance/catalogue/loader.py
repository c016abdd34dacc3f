"""Reads the catalogue's TOML files, fills the placeholders of the texts and checks every cross-reference."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError, model_validator

from conformance.catalogue.base import Bilingual, Id, Suffix
from conformance.catalogue.factors import FactorModel
from conformance.catalogue.model import (
    Catalogue,
    CatalogueError,
    Command,
    ErrorCode,
    Kind,
    Requirement,
    Section,
    Table,
)
from conformance.catalogue.rulings import Ambiguity, Bound, Bounds, CodeRule
from reports.verdicts import Level

DATA = Path(__file__).parent / "data"

# A brace without its partner matches too, so that it is reported as an unknown placeholder.
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Error(Bilingual):
    code: int
    name: str

    @property
    def meaning(self) -> Bilingual:
        return Bilingual(en=self.en, zh=self.zh)


class _Family(Bilingual):
    """A requirement as written: with ``each`` it stands for one per suffix, whose command gives the section."""

    id: Id
    each: tuple[Suffix, ...] = ()
    section: str | None = None
    level: Level
    formerly: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _has_section(self) -> _Family:
        if self.section is None and not self.each:
            raise ValueError("section is missing")
        return self


class _SectionsFile(_File):
    section: tuple[Section, ...]


class _ErrorsFile(_File):
    error: tuple[_Error, ...]
    rule: tuple[CodeRule, ...]


class _CommandsFile(_File):
    command: tuple[Command, ...]


class _RequirementsFile(_File):
    table: Table
    requirement: tuple[_Family, ...]


class _AmbiguitiesFile(_File):
    ambiguity: tuple[Ambiguity, ...]


class _FactorsFile(_File):
    model: tuple[FactorModel, ...]


class _BoundsFile(RootModel[dict[str, Bound]]):
    """One table per bound, named as in `Bounds`."""

    model_config = ConfigDict(frozen=True, strict=True)


_FileType = TypeVar("_FileType", bound=BaseModel)


def read(folder: Path = DATA) -> Catalogue:
    """The catalogue in ``folder``. CatalogueError, with a line per problem, if anything in it is wrong."""
    return _Reader(folder).read()


class _Reader:
    """One reading: files first (the first broken one ends it), then all cross-checks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parsed: dict[str, object] = {}
        self._problems: list[str] = []

    def read(self) -> Catalogue:
        sections = self._file("sections.toml", _SectionsFile).section
        errors = self._file("errors.toml", _ErrorsFile)
        reasons = self._file("bounds.toml", _BoundsFile).root
        bounds = self._bounds(reasons)
        commands = self._file("commands.toml", _CommandsFile).command
        ambiguities = self._file("ambiguities.toml", _AmbiguitiesFile).ambiguity
        models = self._file("factors.toml", _FactorsFile).model
        names = [f"requirements/{path.name}" for path in sorted((self._folder / "requirements").glob("*.toml"))]
        tables = {name: self._file(name, _RequirementsFile) for name in names}
        sha256 = _sha256(self._parsed)

        self._check_errors(errors)
        self._check_unique("commands.toml", "command", (command.name for command in commands))
        self._check_unique("commands.toml", "suffix", (command.suffix for command in commands if command.suffix))
        self._check_unique("sections.toml", "section", (section.key for section in sections))
        self._check_unique("factors.toml", "model", (model.name for model in models))
        self._check_unique("requirements", "table", (file.table.key for file in tables.values()))
        texts = _Texts(commands, bounds, errors)
        requirements = self._requirements(tables, commands, texts)
        ambiguities = tuple(self._ambiguity(ambiguity, texts) for ambiguity in ambiguities)
        self._check_citations(requirements, commands, ambiguities, reasons)
        self._check_models(requirements, models)
        self._check_rules(requirements, errors.rule)
        self._check_former(tables, requirements)
        self._check_sections({section.key for section in sections}, tables, commands, ambiguities)
        if self._problems:
            raise CatalogueError(*dict.fromkeys(self._problems))
        return Catalogue(
            requirements=MappingProxyType(requirements),
            tables=MappingProxyType({file.table.key: file.table for file in tables.values()}),
            sections=MappingProxyType({section.key: section for section in sections}),
            commands=MappingProxyType({command.name: command for command in commands}),
            errors=MappingProxyType({ErrorCode(error.code): error.meaning for error in errors.error}),
            code_rules=MappingProxyType({rule.name: rule for rule in errors.rule}),
            bounds=bounds,
            bound_reasons=MappingProxyType(reasons),
            ambiguities=ambiguities,
            models=MappingProxyType({model.name: model for model in models}),
            sha256=sha256,
        )

    def _file(self, name: str, kind: type[_FileType]) -> _FileType:
        data: Any = None
        try:
            data = tomllib.loads((self._folder / name).read_text(encoding="utf-8"))
            self._parsed[name] = data
            # By way of JSON, because strict validation takes JSON's arrays and strings for tuples and enums.
            return kind.model_validate_json(json.dumps(data, default=str))
        except OSError as error:
            raise CatalogueError(f"{name}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{name}: not TOML in UTF-8: {error}") from error
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise CatalogueError(*(f"{name}: {_key(d['loc'], data)}: {d['msg']}" for d in details)) from error

    def _bounds(self, reasons: Mapping[str, Bound]) -> Bounds:
        try:
            return Bounds.model_validate({name: bound.value for name, bound in reasons.items()})
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise CatalogueError(*(f"bounds.toml: {_key(d['loc'], None)}: {d['msg']}" for d in details)) from error

    def _problem(self, file: str, key: str, text: str) -> None:
        self._problems.append(f"{file}: {key}: {text}")

    def _check_unique(self, file: str, what: str, keys: Iterable[str]) -> None:
        seen: set[str] = set()
        for key in keys:
            if key in seen:
                self._problem(file, key, f"this {what} is there twice")
            seen.add(key)

    def _check_errors(self, errors: _ErrorsFile) -> None:
        self._check_unique("errors.toml", "code", (str(error.code) for error in errors.error))
        data, code = {error.name: error.code for error in errors.error}, {e.name: e.value for e in ErrorCode}
        for name in sorted(data.keys() ^ code.keys()):
            self._problem("errors.toml", name, "must be in the data and in ErrorCode, is in one of them")
        for name in sorted(data.keys() & code.keys()):
            if data[name] != code[name]:
                self._problem("errors.toml", name, f"is {data[name]}, and {code[name]} in ErrorCode")
        self._check_unique("errors.toml", "rule", (rule.name for rule in errors.rule))
        for rule in errors.rule:
            if not any(first <= value <= last for first, last in rule.codes for value in code.values()):
                self._problem("errors.toml", rule.name, "accepts none of the codes")

    def _requirements(
        self, tables: Mapping[str, _RequirementsFile], commands: tuple[Command, ...], texts: _Texts
    ) -> dict[str, Requirement]:
        by_suffix = {command.suffix: command for command in commands if command.suffix}
        requirements: dict[str, Requirement] = {}
        for name, file in tables.items():
            for family in file.requirement:
                for suffix in family.each:
                    if suffix not in by_suffix:
                        self._problem(name, family.id, f"no command has the suffix {suffix}")
                found = [by_suffix[suffix] for suffix in family.each if suffix in by_suffix]
                for command in found if family.each else (None,):
                    requirement = self._requirement(name, file.table, family, command, texts)
                    if requirement.id in requirements:
                        self._problem(name, requirement.id, "this ID is there twice")
                    requirements[requirement.id] = requirement
        return requirements

    def _requirement(
        self, file: str, table: Table, family: _Family, command: Command | None, texts: _Texts
    ) -> Requirement:
        identifier = f"{family.id}-{command.suffix}" if command else family.id
        for lang, text in (("en", family.en), ("zh", family.zh)):
            if command and "{value}" not in text and "{command}" not in text:
                self._problem(file, f"{family.id}.{lang}", "stands for several values and does not name {value}")
        filled = self._filled(file, family.id, family, texts, command)
        return Requirement(
            id=identifier,
            family=family.id,
            suffix=command.suffix if command else None,
            section=family.section or (command.section if command else ""),
            table=table.key,
            level=family.level,
            formerly=tuple(f"{old}-{command.suffix}" if command else old for old in family.formerly),
            en=filled.en,
            zh=filled.zh,
        )

    def _ambiguity(self, ambiguity: Ambiguity, texts: _Texts) -> Ambiguity:
        what = self._filled("ambiguities.toml", f"{ambiguity.id}.what", ambiguity.what, texts)
        ruling = self._filled("ambiguities.toml", f"{ambiguity.id}.ruling", ambiguity.ruling, texts)
        return ambiguity.model_copy(update={"what": what, "ruling": ruling})

    def _filled(self, file: str, key: str, text: Bilingual, texts: _Texts, command: Command | None = None) -> Bilingual:
        try:
            return texts.fill(text, command)
        except KeyError as error:
            self._problem(file, key, f"unknown placeholder {error.args[0]}")
            return text

    def _check_citations(
        self,
        requirements: Mapping[str, Requirement],
        commands: tuple[Command, ...],
        ambiguities: tuple[Ambiguity, ...],
        bounds: Mapping[str, Bound],
    ) -> None:
        families = {requirement.family for requirement in requirements.values()}
        for name, bound in bounds.items():
            for cited in bound.requirements:
                if cited not in requirements and cited not in families:
                    self._problem("bounds.toml", name, f"no requirement {cited}")
        for command in commands:
            if command.power_cycle and command.power_cycle.requirement not in requirements:
                self._problem("commands.toml", command.name, f"no requirement {command.power_cycle.requirement}")
        for number, ambiguity in enumerate(ambiguities, start=1):
            if ambiguity.id != f"AMB-{number:02}":
                self._problem("ambiguities.toml", ambiguity.id, f"AMB-{number:02} belongs here")
            for cited in ambiguity.requirements:
                if cited not in requirements and cited not in families:
                    self._problem("ambiguities.toml", ambiguity.id, f"no requirement {cited}")

    def _check_rules(self, requirements: Mapping[str, Requirement], rules: tuple[CodeRule, ...]) -> None:
        known = requirements.keys() | {requirement.family for requirement in requirements.values()}
        for rule in rules:
            for cited in rule.requirements:
                if cited not in known:
                    self._problem("errors.toml", rule.name, f"no requirement {cited}")

    def _check_former(self, tables: Mapping[str, _RequirementsFile], requirements: Mapping[str, Requirement]) -> None:
        """A former ID is nobody's today, and was one requirement's alone."""
        former = [
            (name, family, old)
            for name, file in tables.items()
            for family in file.requirement
            for old in family.formerly
        ]
        self._check_unique("requirements", "former ID", (old for _, _, old in former))
        today = requirements.keys() | {requirement.family for requirement in requirements.values()}
        for name, family, old in former:
            if old in today:
                self._problem(name, family.id, f"was formerly {old}, which is there as well")

    def _check_models(self, requirements: Mapping[str, Requirement], models: tuple[FactorModel, ...]) -> None:
        families = {requirement.family for requirement in requirements.values()}
        for model in models:
            for cited in model.requirements:
                if cited not in requirements and cited not in families:
                    self._problem("factors.toml", model.name, f"no requirement {cited}")

    def _check_sections(
        self,
        known: set[str],
        tables: Mapping[str, _RequirementsFile],
        commands: tuple[Command, ...],
        ambiguities: tuple[Ambiguity, ...],
    ) -> None:
        cited = [
            (name, family.id, family.section)
            for name, file in tables.items()
            for family in file.requirement
            if family.section is not None
        ]
        cited += [("commands.toml", found.name, found.section) for found in commands]
        cited += [("ambiguities.toml", found.id, section) for found in ambiguities for section in found.sections]
        for file, key, section in cited:
            if section not in known:
                self._problem(file, key, f"no section {section!r}")


class _Texts:
    """Fills ``{placeholder}``s of requirement texts with numbers that have their home elsewhere in the data."""

    def __init__(self, commands: tuple[Command, ...], bounds: Bounds, errors: _ErrorsFile) -> None:
        codes = [error.code for error in errors.error]
        self._common = {
            **{name: str(value) for name, value in bounds.model_dump().items()},
            "code_min": str(min(codes, default=0)),
            "code_max": str(max(codes, default=0)),
            **{f"{rule.name}_code": str(rule.codes[0][0]) for rule in errors.rule},
        }
        for command in commands:
            if command.kind is Kind.SETTINGS:
                defaults = ",".join(str(parameter.default) for parameter in command.parameters)
                self._common[f"{command.name}.defaults"] = defaults
            for parameter in command.parameters:
                if parameter.min is not None and parameter.max is not None:
                    key = f"{command.name}.{parameter.name}"
                    self._common[key] = f"{parameter.min}-{parameter.max}"
                    self._common[f"{key}.min"] = str(parameter.min)
                    self._common[f"{key}.max"] = str(parameter.max)
                    self._common[f"{key}.refused"] = ", ".join(map(str, parameter.refused))

    def fill(self, text: Bilingual, command: Command | None) -> Bilingual:
        """The text without placeholders; KeyError names one that is unknown.

        With ``command`` an identity command, its own placeholders are known too.
        """
        return Bilingual(en=self._fill(text, "en", command), zh=self._fill(text, "zh", command))

    def _fill(self, text: Bilingual, lang: Literal["zh", "en"], command: Command | None) -> str:
        values = self._common
        if command is not None:
            limit = command.parameters[0].max_bytes or 0
            numbers = {"limit": limit, "below": limit - 1, "above": limit + 1}
            own = {name: str(number) for name, number in numbers.items()}
            values = values | own | {"value": command.text(lang), "command": command.name}

        def value(found: re.Match[str]) -> str:
            if found[1] not in values:
                raise KeyError(found[0])
            return values[found[1]]

        return _PLACEHOLDER.sub(value, text.text(lang))


def _key(loc: tuple[int | str, ...], data: Any) -> str:
    """A path in a TOML file, its list items called by their id, name or key where they have one."""
    parts = []
    for step in loc:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            data = None
        label = next((data[key] for key in ("id", "name", "key") if isinstance(data, dict) and key in data), step)
        parts.append(str(label if isinstance(step, int) else step))
    return ".".join(parts)


def _sha256(parsed: Mapping[str, object]) -> str:
    # Of the parsed data, not of the bytes: comments and line ends (a checkout may change them) demand nothing.
    canonical = json.dumps(parsed, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
