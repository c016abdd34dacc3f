"""The types of the rulings: the ambiguity register, the bounds, and the rules that say which error codes are right."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from conformance.catalogue.base import Bilingual, Data, FullId, Name
from reports.verdicts import Verdict


class Ambiguity(Data):
    """A place where the manual contradicts itself or is silent, and what was ruled.

    ``breach`` is the verdict on what it speaks of where the ruling makes it another than the requirement's level says.
    """

    id: Annotated[str, StringConstraints(pattern=r"^AMB-\d{2}$")]
    sections: tuple[str, ...] = Field(min_length=1)
    what: Bilingual
    ruling: Bilingual
    breach: Literal[Verdict.DEVIATION, Verdict.OBSERVED] | None = None
    requirements: tuple[FullId, ...] = Field(min_length=1)


class CodeRule(Bilingual):
    """Which codes an error may carry, as ranges with both ends included, and the requirements that judge by it.

    With ``exact`` False the general parser may have refused the line, so that an error without a code is right, too.
    """

    name: Name
    codes: tuple[tuple[int, int], ...] = Field(min_length=1)
    exact: bool = True
    requirements: tuple[FullId, ...] = Field(min_length=1)

    @field_validator("codes")
    @classmethod
    def _are_ranges(cls, codes: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        if any(not 0 <= first <= last for first, last in codes):
            raise ValueError("a range of codes goes from the lower to the higher, from 0 on")
        return codes


class Bound(Bilingual):
    """A number that a ruling fixes, with the reason for it and the requirements whose verdicts rest on it."""

    value: int | float
    unit: Literal["s", "ms", "bytes", "times", "fold", ""]
    requirements: tuple[FullId, ...] = Field(min_length=1)


class Bounds(Data):
    """The numbers that rulings fix. Units are in the names; ``Catalogue.bound_reasons`` has the reasons."""

    keepalive_min_seconds: int
    keepalive_max_seconds: int
    keepalive_max_multiple: int
    keepalive_periods: int
    keepalive_late_factor: float
    carrier_jitter_seconds: float
    tls_port: int
    answer_seconds: int
    request_seconds: int
    open_seconds: int
    delivery_seconds: int
    close_seconds: int
    drop_notice_seconds: int
    reconnect_seconds: int
    open_close_rounds: int
    burst_messages: int
    payload_min_bytes: int
    payload_max_bytes: int
    line_max_bytes: int
    slowdown_factor: float
    slowdown_milliseconds: int
    settling_factor: int
    growth_milliseconds: int
    standstill_seconds: int
    standstill_factor: int
    effort_seconds: int
    effort_most_seconds: int
    least_line_classes: int
    least_generated_lines: int
    least_corpus_lines: int
    least_ignored_lines: int
    least_sequences: int
    least_pace_rounds: int
    least_ordinary_rounds: int
    least_messages: int
    least_payload_sizes: int
    least_character_texts: int
    flood_bytes: int
    chatter_bytes: int
