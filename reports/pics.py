"""PICS: what a vendor declares of a module, held against what the run saw of it, both ways.

Every claim is checked with what the tests recorded while they judged the requirements: the table `CLAIMS` says with
which requirement and which field of its observations. What was not seen is never taken for true.

A claim may announce as well that some requirements cannot be judged in full on this firmware, because it hides
what they speak of. That is no blank cheque: the exchanges behind an INCONCLUSIVE finding have to show this reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from reports.events import Kind, matches
from reports.severity import BREACHES, Verdict, join

if TYPE_CHECKING:
    from reports.events import Event, Pics
    from reports.finding import Finding
    from reports.record import RunRecord

YES, NO, UNKNOWN = "yes", "no", "unknown"
REGIONS = range(6)
"""The regions of +ALYCONNECTCFG (manual, section 2.4.5)."""
Value: TypeAlias = str | int


class ClaimKind(StrEnum):
    """What may be claimed: that the module does something or does not, up to what size, or which of several."""

    YES_NO = "yes-no"
    SIZE = "size"
    CHOICE = "choice"


class ClaimVerdict(StrEnum):
    """What a claim comes to. The values are the spelling used in every file."""

    TRUE = "true"
    FALSE = "false"
    NOT_CHECKED = "not checked"
    NOT_CLAIMED = "not claimed"


@dataclass(frozen=True)
class Seen:
    """What a run saw of a claim: in words, by which findings, and whether a claimed value agrees with it."""

    words: str
    evidence: tuple[int, ...]
    agrees: Callable[[Value], bool | None]
    """None when what was seen can neither confirm nor refute the value."""


Exchange: TypeAlias = Mapping[str, Any]
"""The fields of an exchange, as the record has them."""


@dataclass(frozen=True)
class Announcement:
    """What a claim of ``value`` says beforehand: parts of these requirements, or families, will be INCONCLUSIVE.

    ``shows`` tells of an exchange whether it shows that reason: one of those that the finding cites, or, of a finding
    that cites none, of those before it in its test.
    """

    value: Value
    requirements: tuple[str, ...]
    shows: Callable[[Exchange], bool]


@dataclass(frozen=True)
class Claim:
    """Something that a vendor may claim; ``requirement`` is the one (or the family) whose findings tell of it."""

    name: str
    kind: ClaimKind
    requirement: str
    look: Callable[[RunRecord, str], Seen | None]
    announces: Announcement | None = None

    def seen(self, record: RunRecord) -> Seen | None:
        """What the run saw of it; None when it saw nothing."""
        return self.look(record, self.requirement)

    @property
    def text(self) -> str:
        """The name under which its text is found: all regions share one."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class ClaimResult:
    """A claim, what was declared and seen of it, and what it comes to."""

    name: str
    text: str
    requirement: str | None
    claimed: Value | None
    seen: str | None
    verdict: ClaimVerdict
    evidence: tuple[int, ...]


Read: TypeAlias = Callable[[Mapping[str, Any]], object]
"""Looks into one observation; None when it holds nothing on the matter."""


def _field(name: str, *, equals: object = True) -> Read:
    return lambda observation: observation[name] == equals if name in observation else None


def _both(first: Read, second: Read) -> Read:
    def read(observation: Mapping[str, Any]) -> bool | None:
        seen = first(observation), second(observation)
        return None if None in seen else all(seen)

    return read


def _where(condition: Read, then: Read) -> Read:
    return lambda observation: then(observation) if condition(observation) else None


def _observed(read: Read) -> Callable[[RunRecord, str], Seen | None]:
    """It does when every observation says so: what comes and goes cannot be relied on."""
    return lambda record, requirement: _yes_no(_reads(record, requirement, read))


def _yes_no(flags: Iterable[tuple[object, int]]) -> Seen | None:
    seen = list(flags)
    if not seen:
        return None
    words = YES if all(flag for flag, _ in seen) else NO
    return Seen(words, tuple(seq for _, seq in seen), lambda claimed: claimed == words)


def _one_of(values: Iterable[tuple[object, int]]) -> Seen | None:
    seen = [(str(value), seq) for value, seq in values]
    if not seen:
        return None
    distinct = {value for value, _ in seen}
    return Seen(", ".join(sorted(distinct)), tuple(seq for _, seq in seen), lambda claimed: {claimed} == distinct)


def _up_to(largest: int, refused: int | None, evidence: Sequence[int]) -> Seen:
    """A limit that lies from ``largest`` to below ``refused``; the suite found no end of it where that is None."""

    def agrees(claimed: Value) -> bool | None:
        if not isinstance(claimed, int):
            return None
        if claimed < largest:
            return False
        return None if refused is None else claimed < refused

    words = (
        f"at least {largest}"
        if refused is None
        else f"{largest}"
        if refused == largest + 1
        else f"{largest}..{refused - 1}"
    )
    return Seen(words, tuple(evidence), agrees)


def _by_verdict(record: RunRecord, requirement: str) -> Seen | None:
    """It does when the requirement was kept, and does not when it was broken, waived or not."""
    findings = list(_findings(record, requirement))
    broken = [(False, finding.seq) for finding in findings if finding.verdict in BREACHES]
    if broken:
        return _yes_no(broken)
    kept = join(finding.verdict for finding in findings) is Verdict.PASS
    return _yes_no((True, finding.seq) for finding in findings if finding.verdict is Verdict.PASS) if kept else None


def _publish_limit(record: RunRecord, requirement: str) -> Seen | None:
    for finding in _findings(record, requirement):
        limit = finding.observation if isinstance(finding.observation, Mapping) else {}
        largest, refused = limit.get("largest_payload_accepted"), limit.get("smallest_refused_beyond")
        if isinstance(largest, int) and isinstance(refused, int | None):
            return _up_to(largest, refused, [finding.seq])
    return None


def _downlink_limit(record: RunRecord, requirement: str) -> Seen | None:
    whole: dict[int, bool] = {}
    evidence: list[int] = []
    for finding in _findings(record, requirement):
        shown = finding.observation if isinstance(finding.observation, Mapping) else {}
        if isinstance(size := shown.get("size"), int) and "bytes_shown" in shown:
            whole[size] = shown["bytes_shown"] == [size]
            evidence.append(finding.seq)
    if not whole:
        return None
    refused = min((size for size, kept in whole.items() if not kept), default=None)
    # Smaller payloads have to be shown whole in any case, and the requirement itself judges that.
    largest = max((size for size in whole if refused is None or size < refused), default=min(whole) - 1)
    return _up_to(largest, refused, evidence)


def _dialect(record: RunRecord, requirement: str) -> Seen | None:
    """The spellings of all errors of the run; without them those that the module was probed for."""
    used = [
        (spelling, seq)
        for spellings, seq in _reads(record, requirement, lambda observation: observation.get("dialects"))
        if isinstance(spellings, list)
        for spelling in spellings
    ]
    return _one_of(used) or _one_of(
        (form, event.seq)
        for event in record.of_kind(Kind.MODULE)
        for form in (event.data.get("dialect") or {}).get("forms", ())
    )


def _error_codes(record: RunRecord, _: str) -> Seen | None:
    dialects = [(event.data.get("dialect") or {}, event.seq) for event in record.of_kind(Kind.MODULE)]
    return _yes_no((bool(dialect.get("shows_codes")), seq) for dialect, seq in dialects if dialect.get("forms"))


def _certificates(record: RunRecord, requirement: str) -> Seen | None:
    """A module that has not shown that it takes the right certificate shows nothing by refusing a wrong one."""
    tls = _by_verdict(record, "TL-01")
    if tls is None or tls.words != YES:
        return None
    return _observed(_where(lambda o: "certificate" in o, _field("accepted", equals=False)))(record, requirement)


def _lowest_tls(record: RunRecord, requirement: str) -> Seen | None:
    return _one_of(_reads(record, requirement, lambda observation: observation.get("lowest")))


def _region(number: int) -> Claim:
    taken = _both(_field("accepted"), _field("returned"))
    look = _observed(_where(_field("region", equals=number), taken))
    return Claim(f"regions.{number}", ClaimKind.YES_NO, "CC-02", look)


def _registration(observation: Mapping[str, Any]) -> bool | None:
    """With a ProductSecret alone: OPEN works, or its code says that the module does not even try."""
    if "registers" not in observation:
        return None
    return True if observation["registers"] else False if observation.get("code") in (702, 704) else None


def _delivered(observation: Mapping[str, Any]) -> bool | None:
    copies = observation.get("copies")
    return copies > 0 if isinstance(copies, int) else None


def _never(record: RunRecord, requirement: str) -> None:
    """Of a claim that the bench acts upon, so that it cannot see whether it had to."""


def _without_code(exchange: Exchange) -> bool:
    return _refused(exchange) and exchange["code"] is None


def _empty(exchange: Exchange) -> bool:
    return str(exchange["command"]).endswith('=""')


def _non_ascii_refused(exchange: Exchange) -> bool:
    # A secret is masked, so what it held is not to be seen.
    command = str(exchange["command"])
    return _refused(exchange) and (not command.isascii() or command.endswith('*"'))


def _refused(exchange: Exchange) -> bool:
    return not exchange["silent"] and exchange["final"] != "OK"


_CODES = (
    *("ID-03", "ID-07", "CC-03", "CC-07", "MC-04", "OP-03", "OP-04", "OP-05", "OP-06", "CL-03", "SU-02", "SU-03"),
    *("PU-04", "FMT-11", "FZ-02"),
)
"""The requirements that ask for a certain code, or for one of several."""
_ACCEPTED = _field("accepted")
CLAIMS: tuple[Claim, ...] = (
    Claim("tls", ClaimKind.YES_NO, "TL-01", _by_verdict),
    Claim("verifies_certificates", ClaimKind.YES_NO, "TL-02", _certificates),
    Claim("lowest_tls_version", ClaimKind.CHOICE, "TL-02", _lowest_tls),
    *(_region(number) for number in REGIONS),
    Claim("dynamic_registration", ClaimKind.YES_NO, "OP-03", _observed(_registration)),
    Claim("dialect", ClaimKind.CHOICE, "FMT-10", _dialect, Announcement("ERROR", _CODES, _without_code)),
    Claim("error_codes", ClaimKind.YES_NO, "FMT-10", _error_codes, Announcement(NO, _CODES, _without_code)),
    Claim("lower_case_commands", ClaimKind.YES_NO, "FMT-06", _observed(_field("understood"))),
    Claim("unquoted_strings", ClaimKind.YES_NO, "FMT-09", _observed(_both(_ACCEPTED, _field("returned")))),
    Claim(
        "non_ascii_identity",
        ClaimKind.YES_NO,
        "ID-04",
        _observed(_both(_ACCEPTED, _field("returned_unchanged"))),
        Announcement(NO, ("ID-04",), _non_ascii_refused),
    ),
    Claim(
        "empty_identity",
        ClaimKind.YES_NO,
        "ID-08",
        _observed(_both(_ACCEPTED, _field("old_value_kept", equals=False))),
        Announcement(NO, ("OP-01", "OP-03"), _empty),
    ),
    Claim("port_0", ClaimKind.YES_NO, "CC-05", _observed(_field("port_0_accepted"))),
    Claim("largest_publish_payload", ClaimKind.SIZE, "PU-06", _publish_limit),
    Claim("largest_downlink_payload", ClaimKind.SIZE, "RV-07", _downlink_limit),
    Claim("empty_payload", ClaimKind.YES_NO, "PU-04", _observed(_both(_ACCEPTED, _field("arrived", equals=[""])))),
    Claim("qos_2_subscribe", ClaimKind.YES_NO, "SU-02", _observed(_field("qos_2_accepted"))),
    Claim(
        "wildcard_subscribe",
        ClaimKind.YES_NO,
        "SU-06",
        _observed(_both(_ACCEPTED, _delivered)),
    ),
    Claim("waits_for_puback", ClaimKind.YES_NO, "PU-05", _observed(_field("ok_without_puback", equals=False))),
    Claim("republishes_with_dup", ClaimKind.YES_NO, "PU-05", _observed(_field("repeated_with_dup"))),
    Claim("automatic_reconnect", ClaimKind.YES_NO, "NW-02", _observed(_field("reconnects_by_itself"))),
    Claim("connects_at_power_up", ClaimKind.YES_NO, "PC-07", _observed(_field("connects_by_itself"))),
    Claim("sleeps", ClaimKind.YES_NO, "FMT-08", _never),
)
"""All claims that a PICS may make, in the order in which they are shown."""


def check_claims(record: RunRecord) -> tuple[ClaimResult, ...]:
    """Every claim that can be made, made or not; none at all in a run without a PICS."""
    pics = record.pics
    if pics is None:
        return ()
    return (*_about(record, pics), *(_check(record, claim, pics.claims.get(claim.name)) for claim in CLAIMS))


def announcing(record: RunRecord, claims: Iterable[ClaimResult]) -> dict[int, str]:
    """The INCONCLUSIVE findings that the PICS announced, by sequence number, each with the claim that did.

    ``claims`` are what `check_claims` makes of the record. A false claim announces nothing.
    """
    standing = {claim.name: claim.claimed for claim in claims if claim.verdict is not ClaimVerdict.FALSE}
    made = [
        (claim.name, claim.announces)
        for claim in CLAIMS
        if claim.announces is not None and standing.get(claim.name) == claim.announces.value
    ]
    return {
        finding.seq: name
        for name, announcement in reversed(made)
        for finding in record.findings
        if finding.verdict is Verdict.INCONCLUSIVE
        and any(_belongs(finding.requirement, family) for family in announcement.requirements)
        and any(announcement.shows(exchange) for exchange in _exchanges(record, finding))
    }


def _exchanges(record: RunRecord, finding: Finding) -> Iterator[Exchange]:
    """The exchanges that a finding rests on; of one that cites none those before it in its test."""
    if finding.evidence:
        events: Iterable[Event] = (record.events[seq] for seq in finding.evidence if seq < finding.seq)
    elif finding.test in record.tests:
        events = (event for event in record.events_of(finding.test) if event.seq < finding.seq)
    else:
        events = ()
    return (event.data for event in events if event.kind == Kind.EXCHANGE and "command" in event.data)


def _belongs(name: str | None, family: str) -> bool:
    """Whether a requirement is the one of this name, or a member of the family."""
    return name is not None and (name == family or name.startswith(f"{family}-"))


def _about(record: RunRecord, pics: Pics) -> Iterator[ClaimResult]:
    """Whether the PICS is about this module at all."""
    module = record.module
    for name, pattern, seen in (
        ("module", pics.module, module.model if module else None),
        ("firmware", pics.firmware, module.revision if module else None),
    ):
        if pattern is not None:
            verdict = _verdict(matches(pattern, seen) if module else None)
            yield ClaimResult(name, name, None, pattern, seen, verdict, ())


def _check(record: RunRecord, claim: Claim, claimed: Value | None) -> ClaimResult:
    seen = claim.seen(record)
    if claimed is None or claimed == UNKNOWN:
        verdict = ClaimVerdict.NOT_CLAIMED
    else:
        verdict = _verdict(seen.agrees(claimed) if seen else None)
    return ClaimResult(
        claim.name,
        claim.text,
        claim.requirement,
        claimed,
        seen.words if seen else None,
        verdict,
        seen.evidence if seen else (),
    )


def _verdict(agrees: bool | None) -> ClaimVerdict:
    if agrees is None:
        return ClaimVerdict.NOT_CHECKED
    return ClaimVerdict.TRUE if agrees else ClaimVerdict.FALSE


def _findings(record: RunRecord, requirement: str) -> Iterator[Finding]:
    """The findings on a requirement, or on all members of a family."""
    for finding in record.findings:
        if _belongs(finding.requirement, requirement):
            yield finding


def _reads(record: RunRecord, requirement: str, read: Read) -> Iterator[tuple[object, int]]:
    """What ``read`` finds in the observations on a requirement, each with its sequence number."""
    for finding in _findings(record, requirement):
        if isinstance(finding.observation, Mapping) and (value := read(finding.observation)) is not None:
            yield value, finding.seq
