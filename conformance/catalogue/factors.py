"""The types of the factors: what may matter to a command, from which combinations to try are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from conformance.catalogue.base import Data, FullId, Name

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")]
Level = Word | int
"""A value of a factor: a word that the tests know how to bring about, or a number as it is."""
Row = dict[str, str | int]
"""One combination: factor -> level."""
Pattern = Mapping[str, tuple[Level, ...]]
"""Factor -> some of its levels: what combines one of each factor named fits it."""


class FactorModel(Data):
    """What may matter to a command or a requirement, and how thoroughly the combinations are tried.

    Every combination of levels of ``strength`` factors stands in some row, but for those that fit one of ``never``:
    they cannot be, or the manual leaves them open. ``least`` is how many rows have to be tried before the requirements
    can be judged by them.
    """

    name: Name
    requirements: tuple[FullId, ...] = Field(min_length=1)
    strength: int = Field(ge=2, le=3)
    least: int = Field(ge=1)
    factors: Mapping[Name, tuple[Level, ...]]
    never: tuple[Pattern, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> FactorModel:
        if len(self.factors) < self.strength:
            raise ValueError(f"strength {self.strength} takes as many factors, and there are {len(self.factors)}")
        for factor, levels in self.factors.items():
            if len(levels) != len(set(levels)) or len(levels) < 2:
                raise ValueError(f"{factor} wants two levels at least, each once")
        for pattern in self.never:
            self.check(pattern)
        return self

    def check(self, pattern: Pattern) -> None:
        """Raises ValueError for a pattern of factors or levels that the model does not have."""
        for factor, levels in pattern.items():
            if factor not in self.factors:
                raise ValueError(f"there is no factor {factor!r}; there are {', '.join(self.factors)}")
            if unknown := [level for level in levels if level not in self.factors[factor]]:
                raise ValueError(f"{factor} has no level {unknown[0]!r}")
