"""What a certificate demands of a run, and what a run lacks of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from reports.events import Kind
from reports.severity import Level, Verdict

if TYPE_CHECKING:
    from reports.record import RunRecord
    from reports.verdicts import Conclusion, RequirementResult

PROFILES = frozenset({"full", "soak"})
"""The profiles that exercise every requirement."""
NAMED = 3
"""How many of many tests are named."""
_ENOUGH = frozenset({Verdict.PASS, Verdict.WAIVED})
_NEVER = frozenset({Verdict.FAIL, Verdict.BENCH_ERROR})


class Lack(StrEnum):
    """What may keep a run from its certificate, besides the verdict on a requirement."""

    NOT_ASKED = "not-asked"
    DIED = "died"
    STOPPED = "stopped"
    VERDICT = "verdict"
    INCIDENT = "incident"
    NO_COMMIT = "no-commit"
    DIRTY = "dirty"
    PROFILE = "profile"
    SIMULATOR_OPTIONS = "simulator-options"
    GATEWAY = "gateway"
    PART = "part"
    NOT_RUN = "not-run"
    NO_REVISION = "no-revision"
    TWO_MODULES = "two-modules"
    WAIVER = "waiver"
    NO_OWNER = "no-owner"
    NO_EXPIRY = "no-expiry"
    CLAIM = "claim"


@dataclass(frozen=True)
class Missing:
    """Something that a certificate demands and the run lacks; ``result`` where it is about a requirement."""

    about: str
    lack: Lack
    values: Mapping[str, object] = field(default_factory=dict)
    verdict: Verdict | None = None
    result: RequirementResult | None = None


@dataclass(frozen=True)
class Certification:
    """Whether a run earns a certificate, and if not, all that it lacks."""

    missing: tuple[Missing, ...]

    @property
    def granted(self) -> bool:
        return not self.missing


def examine(record: RunRecord, conclusion: Conclusion) -> Certification:
    """Hold a run against everything that a certificate demands."""
    missing = [
        *_run(record, conclusion),
        *_suite(record),
        *_selection(record),
        *_module(record),
        *_requirements(conclusion),
        *_waivers(conclusion),
        *(
            Missing("pics", Lack.CLAIM, {"claim": claim.name, "claimed": claim.claimed, "seen": claim.seen})
            for claim in conclusion.false_claims
        ),
    ]
    if conclusion.verdict in _NEVER and not missing:
        missing.append(Missing("run", Lack.VERDICT, {"verdict": conclusion.verdict}, conclusion.verdict))
    return Certification(tuple(missing))


def _run(record: RunRecord, conclusion: Conclusion) -> Iterator[Missing]:
    if not record.certify:
        yield Missing("run", Lack.NOT_ASKED)
    if conclusion.died:
        yield Missing("run", Lack.DIED)
    if conclusion.stopped is not None:
        yield Missing("run", Lack.STOPPED, {"status": conclusion.stopped})
    if conclusion.verdict is Verdict.NOT_PROVEN:
        yield Missing("run", Lack.VERDICT, {"verdict": conclusion.verdict}, conclusion.verdict)
    for incident in record.incidents:
        if not incident.recovered:
            yield Missing("bench", Lack.INCIDENT, incident.in_both._asdict(), Verdict.BENCH_ERROR)


def lack_of_suite(suite: Mapping[str, object]) -> Lack | None:
    """What keeps a checkout of the suite, as the record has it, from certifying anything; None when nothing does."""
    if not suite.get("commit"):
        return Lack.NO_COMMIT
    return None if suite.get("dirty") is False else Lack.DIRTY


def _suite(record: RunRecord) -> Iterator[Missing]:
    if lack := lack_of_suite(record.run.get("suite") or {}):
        yield Missing("suite", lack)


def _selection(record: RunRecord) -> Iterator[Missing]:
    """What was left out. More than options can deselect a test, so what ran is held against what was declared."""
    if record.run.get("profile") not in PROFILES:
        yield Missing("selection", Lack.PROFILE, {"profile": record.run.get("profile")})
    if options := record.run.get("simulator"):
        yield Missing("selection", Lack.SIMULATOR_OPTIONS, {"options": " ".join(options)})
    if lacking := record.run.get("lacking"):
        yield Missing("selection", Lack.GATEWAY, {"faults": ", ".join(lacking)})
    if not record.whole:
        yield Missing("selection", Lack.PART)
    declared = dict.fromkeys(nodeid for nodeids in record.declared.values() for nodeid in nodeids)
    ended = {test.nodeid for test in record.tests.values() if test.verdict is not None}
    if absent := [nodeid for nodeid in declared if nodeid not in ended and nodeid not in record.left_out]:
        named = ", ".join(absent[:NAMED]) + (", ..." if len(absent) > NAMED else "")
        yield Missing("selection", Lack.NOT_RUN, {"count": len(absent), "of": len(declared), "tests": named})


def _module(record: RunRecord) -> Iterator[Missing]:
    if record.module is None or not record.module.revision:
        yield Missing("module", Lack.NO_REVISION)
    for name in ("model", "revision", "serial_number"):
        told = sorted({str(event.data[name]) for event in record.of_kind(Kind.MODULE) if event.data.get(name)})
        if len(told) > 1:
            yield Missing("module", Lack.TWO_MODULES, {"seen": ", ".join(told)})


def _requirements(conclusion: Conclusion) -> Iterator[Missing]:
    for identifier, result in conclusion.requirements.items():
        mandated = result.level is Level.MANDATED and result.verdict not in _ENOUGH
        if mandated or result.verdict in _NEVER:
            yield Missing(identifier, Lack.VERDICT, verdict=result.verdict, result=result)


def _waivers(conclusion: Conclusion) -> Iterator[Missing]:
    for found in conclusion.waivers:
        name = {"requirement": found.waiver.requirement}
        if found.problem:
            yield Missing("waivers", Lack.WAIVER, {**name, "status": found.status})
        if not found.waiver.owner:
            yield Missing("waivers", Lack.NO_OWNER, name)
        if found.waiver.expires is None:
            yield Missing("waivers", Lack.NO_EXPIRY, name)
