"""Two runs set against each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from reports.compare.anew import Anew, judged_anew
from reports.compare.answers import Compared, compare_answers
from reports.compare.observations import Difference, differences
from reports.compare.timing import Drift, drifts
from reports.runs import Entry, Run, Summary, Wording
from reports.verdicts import EXIT_FAIL, EXIT_OK, Level, Verdict, rank

_GOOD = frozenset({Verdict.PASS, Verdict.OBSERVED})
_GRAVITY = {Verdict.PASS: 0, Verdict.OBSERVED: 0, Verdict.DEVIATION: 1, Verdict.FAIL: 2}
"""How grave what was judged is. Verdicts that judge nothing are not here, nor is WAIVED: it hides how grave it is."""


class Change(StrEnum):
    """What became of a requirement. The values are the keys of the JSON file."""

    REGRESSED = "regressed"
    """It was kept, and is not; or its breach became graver."""
    FIXED = "fixed"
    """It was broken, and is kept; or its breach became less grave."""
    UNJUDGED = "no_longer_judged"
    """It was judged, and now the bench broke, could not see it, or did not test it."""
    JUDGED = "first_judged"
    """It is judged, and was not: nobody can say what changed."""
    WAIVER = "waiver"
    """It is as broken as it was, and a waiver came or went."""
    NEW = "new"
    """OLD's catalogue does not hold it."""
    GONE = "gone"
    """NEW's catalogue does not hold it."""


class Aspect(StrEnum):
    """What else may differ between two runs. The values are the keys of the JSON file."""

    SUITE = "suite"
    CATALOGUE = "catalogue"
    PROFILE = "profile"
    STRICT = "strict"
    RIG = "rig"
    MODEL = "model"
    UNIT = "serial_number"


@dataclass(frozen=True)
class Changed:
    """A requirement that changed; an entry is None where the run's catalogue does not hold it."""

    id: str
    change: Change
    old: Entry | None
    new: Entry | None

    @property
    def entry(self) -> Entry:
        """The newest that is known of it."""
        entry = self.new or self.old
        assert entry is not None
        return entry


@dataclass(frozen=True)
class Observed:
    """A requirement on which something else was observed than before."""

    id: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Caution:
    """Something besides the firmware that differs."""

    aspect: Aspect
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Comparison:
    """What changed from one run to another."""

    old: Run
    new: Run
    changed: tuple[Changed, ...]
    observed: tuple[Observed, ...]
    drifts: tuple[Drift, ...]
    cautions: tuple[Caution, ...]
    answers: Compared
    anew: Anew
    """What of OLD is otherwise by NEW's catalogue; ``changed`` starts from what it comes to by that."""
    wordings: dict[str, Wording]

    def of(self, change: Change) -> tuple[Changed, ...]:
        """The requirements that changed in this way, the gravest first."""
        return tuple(item for item in self.changed if item.change is change)

    @property
    def unchanged(self) -> int:
        """Requirements of both catalogues whose verdict means what it meant."""
        ids = self.old.summary.requirements.keys() & self.new.summary.requirements.keys()
        return len(ids - {item.id for item in self.changed})

    @property
    def same_firmware(self) -> str | None:
        """The firmware, when both runs name the same."""
        old, new = self.old.summary.module.revision, self.new.summary.module.revision
        return new if old == new else None

    @property
    def timed(self) -> bool:
        """Whether both runs hold latencies."""
        return bool(self.old.summary.latency and self.new.summary.latency)

    @property
    def lost_proof(self) -> tuple[str, ...]:
        """Mandated requirements that OLD saw kept and that NEW leaves unproven, in the catalogue's order.

        Only where NEW is NOT PROVEN: of a bench that broke nothing can be expected.
        """
        if self.new.summary.verdict is not Verdict.NOT_PROVEN:
            return ()
        old = self.anew.applied(self.old).summary.requirements
        return tuple(name for name in self.new.summary.not_proven if name in old and old[name].verdict in _GOOD)

    @property
    def less_proven(self) -> bool:
        """Whether NEW proves less of the module than OLD did."""
        went = self.old.summary.verdict is Verdict.PASS and self.new.summary.verdict is Verdict.NOT_PROVEN
        return went or bool(self.lost_proof)

    @property
    def regressed(self) -> bool:
        """Whether NEW is worse: it breaks more, or it proves less."""
        return bool(self.of(Change.REGRESSED)) or self.less_proven

    @property
    def exit_status(self) -> int:
        return EXIT_FAIL if self.regressed else EXIT_OK


def compare(old: Run, new: Run, wordings: dict[str, Wording] | None = None) -> Comparison:
    """Set two runs against each other; ``wordings`` are the requirements in words, where they are known.

    Their records are read for the answers, and, where the catalogues differ, to judge OLD by that of NEW.
    """
    anew = judged_anew(old, new)
    drifted = drifts(old.summary.latency, new.summary.latency)
    return Comparison(
        old,
        new,
        tuple(sorted(_changed(anew.applied(old).summary, new.summary), key=_gravest_first)),
        tuple(_observed(old.summary, new.summary)),
        drifted,
        tuple(_cautions(old.summary, new.summary)),
        compare_answers(old, new, {drift.command for drift in drifted}),
        anew,
        wordings or {},
    )


def change_of(old: Verdict, new: Verdict) -> Change | None:
    """What a pair of verdicts means; None: the same as before."""
    if old is new or (old in _GOOD and new in _GOOD):
        return None
    if not _judged(old) or not _judged(new):
        return _change_of_judging(old, new)
    if Verdict.WAIVED in (old, new):
        other = new if old is Verdict.WAIVED else old
        if other not in _GOOD:
            return Change.WAIVER
        return Change.FIXED if old is Verdict.WAIVED else Change.REGRESSED
    return Change.REGRESSED if _GRAVITY[new] > _GRAVITY[old] else Change.FIXED


def _change_of_judging(old: Verdict, new: Verdict) -> Change | None:
    if _judged(old):
        return Change.UNJUDGED
    return Change.JUDGED if _judged(new) else None


def _judged(verdict: Verdict) -> bool:
    return verdict in _GRAVITY or verdict is Verdict.WAIVED


def _changed(old: Summary, new: Summary) -> Iterator[Changed]:
    for identifier in dict.fromkeys((*new.requirements, *old.requirements)):
        before, after = old.requirements.get(identifier), new.requirements.get(identifier)
        change = _change(before, after)
        if change is not None:
            yield Changed(identifier, change, before, after)


def _change(before: Entry | None, after: Entry | None) -> Change | None:
    if before is None:
        return Change.NEW
    return Change.GONE if after is None else change_of(before.verdict, after.verdict)


def _gravest_first(item: Changed) -> tuple[int, int]:
    # Sorting is stable: the catalogue's order decides among equals.
    return rank(item.entry.verdict), list(Level).index(item.entry.level)


def _observed(old: Summary, new: Summary) -> Iterator[Observed]:
    """Where one of the runs observed nothing at all, there is nothing to compare."""
    for identifier, after in new.requirements.items():
        before = old.requirements.get(identifier)
        if before is None or not before.observations or not after.observations:
            continue
        same_tests = sorted(before.run) == sorted(after.run)
        if found := differences(before.observations, after.observations, same_tests=same_tests):
            yield Observed(identifier, found)


def _cautions(old: Summary, new: Summary) -> Iterator[Caution]:
    for aspect, before, after in (
        (Aspect.SUITE, _said(old.suite), _said(new.suite)),
        (Aspect.CATALOGUE, old.catalogue, new.catalogue),
        (Aspect.PROFILE, old.profile, new.profile),
        (Aspect.STRICT, _said(old.strict), _said(new.strict)),
        (Aspect.RIG, old.rig, new.rig),
        (Aspect.MODEL, old.module.model, new.module.model),
        (Aspect.UNIT, old.module.serial_number, new.module.serial_number),
    ):
        if before != after or (aspect is Aspect.SUITE and new.suite is not None and new.suite.dirty):
            yield Caution(aspect, before, after)


def _said(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
