"""What the declarations of a run come to, line by line, for a terminal and for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reports.events import Incident
from reports.i18n import Lang, explain_missing, text
from reports.inert import inert
from reports.pics import ClaimResult, ClaimVerdict
from reports.record import RunRecord
from reports.verdicts import Conclusion
from reports.waivers import WaiverResult

SHOWN = 20
"""Things missing for a certificate that a terminal shows; summary.json has them all."""


def statements(record: RunRecord, conclusion: Conclusion, lang: Lang) -> Iterator[tuple[str, bool]]:
    """Lines about PICS, waivers and certification, each with whether it is bad news; none in a run without them."""
    yield from pics_lines(record, conclusion, lang)
    for found in conclusion.waivers:
        yield waiver_line(record, found, lang), found.problem
    yield from certification_lines(conclusion, lang)


def pics_lines(record: RunRecord, conclusion: Conclusion, lang: Lang) -> Iterator[tuple[str, bool]]:
    """How many claims are true, false, not checked and not claimed, and each false one."""
    if record.pics is None:
        return
    numbers = Counter(claim.verdict for claim in conclusion.claims)
    counts = ", ".join(f"{text(lang, f'claim-verdict.{verdict}')} {numbers[verdict]}" for verdict in ClaimVerdict)
    yield inert(text(lang, "claim.counts", file=record.pics.file, counts=counts)), False
    for claim in conclusion.false_claims:
        yield claim_line(claim, lang), True


def claim_line(claim: ClaimResult, lang: Lang) -> str:
    """A false claim in one line."""
    line = text(
        lang,
        "claim.false",
        claim=claim.name,
        claimed=claim.claimed,
        seen=claim.seen or text(lang, "claim.nothing-seen"),
        requirement=claim.requirement or "AT",
        what=text(lang, f"claim.{claim.text}"),
    )
    return inert(line)


def waiver_line(record: RunRecord, found: WaiverResult, lang: Lang) -> str:
    """What became of a waiver, and what to do."""
    waiver = found.waiver
    line = text(
        lang,
        f"waiver.{found.status}",
        requirement=waiver.requirement,
        firmware=waiver.firmware,
        revision=(record.module and record.module.revision) or text(lang, "unknown"),
        reason=waiver.reason,
        ticket=waiver.ticket,
        owner=waiver.owner or text(lang, "waiver.nobody"),
        expires=waiver.expires or text(lang, "waiver.never"),
    )
    return inert(line)


def certification_lines(conclusion: Conclusion, lang: Lang) -> Iterator[tuple[str, bool]]:
    """What is missing for a certificate; nothing in a run that was not made to certify, or that earned it."""
    certification = conclusion.certification
    if certification is None or certification.granted:
        return
    yield text(lang, "certificate.refused", count=len(certification.missing)), True
    for missing in certification.missing[:SHOWN]:
        verdict = f" {missing.verdict}" if missing.verdict else ""
        reason = explain_missing(lang, missing)
        yield inert(text(lang, "certificate.missing", about=missing.about, verdict=verdict, reason=reason)), True
    if len(certification.missing) > SHOWN:
        yield text(lang, "terminal.more", count=len(certification.missing) - SHOWN), True


def when(incident: Incident, lang: Lang) -> str:
    """From when to when an incident lasted, in seconds since the run began, as far as the record tells."""
    if incident.begin is None:
        return text(lang, "incident.at", at=f"{incident.t:.1f}")
    begin = f"{incident.begin:.1f}"
    if incident.end is None or incident.seconds is None:
        return text(lang, "incident.since", begin=begin)
    return text(lang, "incident.span", begin=begin, end=f"{incident.end:.1f}", seconds=f"{incident.seconds:.1f}")


def failures(record: RunRecord, conclusion: Conclusion, lang: Lang = Lang.EN) -> dict[str, list[str]]:
    """What makes a run FAIL besides its tests, by the name of a test case that a CI server can show."""
    found = {
        "pics": [claim_line(claim, lang) for claim in conclusion.false_claims],
        "waivers": [waiver_line(record, waiver, lang) for waiver in conclusion.bad_waivers],
        "certification": [line for line, _ in certification_lines(conclusion, lang)],
    }
    return {name: lines for name, lines in found.items() if lines}
