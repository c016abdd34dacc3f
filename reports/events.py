"""What a run record holds: its kinds of events, and the types that readers get them as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from types import NoneType
from typing import Any, NamedTuple

from reports.effort import Cut
from reports.sentences import Refusal, chinese_of
from reports.severity import SEVERITY, Level, Verdict

SCHEMA = 2
"""Version of the record's format; ``record.schema.json`` beside this file has it in full."""


class RecordError(Refusal):
    """A record cannot be written or read. The message is one line and says which file and why."""


class Kind(StrEnum):
    """The kinds of events a record of this schema knows. Readers skip over kinds that they do not know."""

    RUN = "run"
    PICS = "pics"
    WAIVERS = "waivers"
    CATALOGUE = "catalogue"
    MODULE = "module"
    TEST_START = "test-start"
    TEST_END = "test-end"
    SERIAL = "serial"
    EXCHANGE = "exchange"
    MQTT = "mqtt"
    CLOUD = "cloud"
    POWER = "power"
    FINDING = "finding"
    INCIDENT = "incident"
    RESUMED = "resumed"
    LEFT_OUT = "left-out"
    END = "end"


_FOUND = frozenset(verdict.value for verdict in SEVERITY)
SHAPES: dict[str, dict[str, type | tuple[type, ...] | frozenset[str]]] = {
    Kind.PICS: {"file": str, "sha256": str, "claims": dict},
    Kind.WAIVERS: {"file": str, "sha256": str, "waivers": list},
    Kind.TEST_START: {"requirements": list},
    Kind.TEST_END: {"verdict": _FOUND, "seconds": (int, float)},
    Kind.SERIAL: {"dir": frozenset({"tx", "rx"}), "data": str},
    Kind.EXCHANGE: {"exchange": int, "silent": bool, "from": int, "to": int},
    Kind.MQTT: {
        "connection": (int, NoneType),
        "dir": frozenset({"up", "down"}),
        "packet": str,
        "fields": (dict, NoneType),
        "hex": (str, NoneType),
    },
    Kind.CLOUD: {"connection": (int, NoneType), "event": str},
    Kind.POWER: {"action": str},
    Kind.FINDING: {"verdict": _FOUND, "evidence": list},
    Kind.LEFT_OUT: {"left_out": str, "cut": frozenset(cut.value for cut in Cut)},
    Kind.INCIDENT: {"text": str, "act": str, "recovered": bool},
    Kind.RESUMED: {"earlier": str, "died": bool, "kept": int},
    Kind.END: {"exit_status": int, "verdict": str, "events": int, "sha256": str},
}
"""The fields that readers rely on, by kind: their type, or the values allowed. Anything else is garbage."""


@dataclass(frozen=True)
class Event:
    """One line of a record: ``t`` in seconds since the run began, the kind's own fields in ``data``."""

    seq: int
    t: float
    wall: str | None
    """The same moment in UTC, ISO 8601, where the line says it; `reports.record.RunRecord.wall_of` says it of all."""
    kind: str
    test: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Requirement:
    """A requirement as the catalogue of the run had it; ``table`` names the group it belongs to."""

    id: str
    section: str
    table: str
    level: Level
    en: str
    zh: str
    formerly: tuple[str, ...] = ()
    """The IDs by which older catalogues call it."""


@dataclass(frozen=True)
class Section:
    """Where requirements come from: a section of the manual, or a source that it builds on."""

    key: str
    en: str
    zh: str


class Bilingual(NamedTuple):
    """A text in both languages."""

    en: str
    zh: str


class Said(NamedTuple):
    """What was expected, and what came."""

    expected: Bilingual
    observed: Bilingual


class Told(NamedTuple):
    """What went wrong, and who should act."""

    text: Bilingual
    act: Bilingual


@dataclass(frozen=True)
class Pair:
    """Two texts that should be the same, one latin-1 character for each byte; None on a side where there is none.

    ``place`` is the number of the value or message on its own side, from 1; on that of the expected where both are.
    """

    expected: str | None
    observed: str | None
    place: int = 1


@dataclass(frozen=True)
class Compared:
    """What was expected and what came as texts: the pairs that differ, and how many texts each side has."""

    pairs: tuple[Pair, ...]
    """The first ones of them."""
    expected: int
    observed: int
    different: int
    """Pairs that differ, those that are left out among them."""
    choices: int = 1
    """How many values were right, of which the nearest is compared."""
    messages: bool = False
    """Whether the texts are messages, not values of an answer."""


@dataclass(frozen=True)
class Ambiguity:
    """A place where the manual is silent or contradicts itself, what was ruled, and what rests on the ruling."""

    id: str
    sections: tuple[str, ...]
    what: Bilingual
    ruling: Bilingual
    requirements: tuple[str, ...]
    breach: Verdict | None = None
    """The verdict on what it speaks of, where the ruling makes it another than the requirement's level says."""


@dataclass(frozen=True)
class Bound:
    """A number that verdicts rest on: its unit (may be empty), its reason, and the requirements that it decides."""

    name: str
    value: int | float
    unit: str
    reason: Bilingual
    requirements: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """A command of the manual: ``name`` with its +, ``forms`` out of query, set, test and execute."""

    name: str
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """The identity of the module under test; None where it did not say."""

    model: str | None
    revision: str | None
    serial_number: str | None
    identity: Mapping[str, Any]
    dialect: Mapping[str, Any]


@dataclass(frozen=True)
class TestRun:
    """One test of the run. ``verdict`` and ``seconds`` are None for a test that never ended."""

    __test__ = False  # the name is the domain's word; it is no test class

    nodeid: str
    requirements: tuple[str, ...]
    verdict: Verdict | None
    seconds: float | None
    first: int
    last: int | None


class About(StrEnum):
    """Whose trouble an incident is."""

    BENCH = "bench"
    MODULE = "module"
    SURROUNDINGS = "surroundings"
    """Of whatever lies around bench and module: no network, a second reader on the port, strangers at the gateway."""


@dataclass(frozen=True)
class Incident:
    """Something that went wrong, and who should act; ``requirements`` could not be judged because of it.

    ``begin`` and ``end`` are seconds since the run began, None where the record does not tell, or not yet.
    """

    seq: int
    t: float
    test: str | None
    text: str
    act: str
    recovered: bool
    requirements: tuple[str, ...] = ()
    about: About = About.BENCH
    begin: float | None = None
    end: float | None = None
    lost: bool = False
    """Whether the bench was lost for good, which ended the run."""
    chinese: tuple[str, str] | None = None
    """``text`` and ``act`` in Chinese; None where the record has them in English only."""

    @property
    def in_both(self) -> Told:
        """What it says in both languages, as far as there are two."""
        text, act = self.chinese or (self.text, self.act)
        return Told(Bilingual(self.text, text), Bilingual(self.act, act))

    @property
    def seconds(self) -> float | None:
        """How long it lasted; None where the record does not tell."""
        return None if self.begin is None or self.end is None else self.end - self.begin


@dataclass(frozen=True)
class Pics:
    """What the vendor declares of a module (protocol implementation conformance statement).

    ``module`` and ``firmware`` are patterns of the model and the revision that it is made for, None for any.
    ``claims`` holds what was claimed, by the name of the claim.
    """

    file: str
    sha256: str
    vendor: str | None
    module: str | None
    firmware: str | None
    claims: Mapping[str, Any]


@dataclass(frozen=True)
class Waiver:
    """Excuses the breach of one requirement by the firmware whose revision matches a pattern, up to a day."""

    requirement: str
    firmware: str
    reason: str
    ticket: str
    owner: str | None
    expires: date | None

    def expired(self, day: date) -> bool:
        """Whether the waiver does not hold any more on ``day``; it still does on the day that it names."""
        return self.expires is not None and day > self.expires

    def in_force(self, revision: str | None, day: date) -> bool:
        """Whether the waiver holds for the firmware of this revision on ``day``."""
        return not self.expired(day) and matches(self.firmware, revision)


def matches(pattern: str, text: str | None) -> bool:
    """Whether a module's name for itself matches a pattern with ``*``, ``?`` and ``[...]``; None counts as empty."""
    return fnmatchcase(text or "", pattern)


def waiver_of(entry: Mapping[str, Any]) -> Waiver:
    """A waiver as the run record holds it."""
    expires = entry.get("expires")
    return Waiver(
        str(entry["requirement"]),
        str(entry["firmware"]),
        str(entry["reason"]),
        str(entry["ticket"]),
        entry.get("owner"),
        None if expires is None else date.fromisoformat(expires),
    )


def bilingual_of(entry: Mapping[str, Any]) -> Bilingual:
    """A text in both languages as the run record holds it."""
    return Bilingual(str(entry["en"]), str(entry["zh"]))


def bound_of(entry: Mapping[str, Any]) -> Bound:
    """A bound as the run record holds it. Raises ValueError for one that is no number."""
    value = entry["value"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"the bound {entry['name']} is no number")
    return Bound(str(entry["name"]), value, str(entry["unit"]), bilingual_of(entry), tuple(entry["requirements"]))


def incident_of(event: Event) -> Incident:
    """An incident as the run record holds it. Raises ValueError where it is about something unknown."""
    data = event.data
    return Incident(
        event.seq,
        event.t,
        event.test,
        data["text"],
        data["act"],
        bool(data["recovered"]),
        tuple(data.get("requirements", ())),
        About(data.get("about", About.BENCH)),
        _seconds(data.get("begin")),
        _seconds(data.get("end")),
        bool(data.get("lost", False)),
        (chinese_of(data, "text"), chinese_of(data, "act")) if "said" in data else None,
    )


def pics_of(event: Event) -> Pics:
    """A PICS as the run record holds it."""
    data = event.data
    return Pics(
        data["file"], data["sha256"], data.get("vendor"), data.get("module"), data.get("firmware"), data["claims"]
    )


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)
