"""summary.json: the verdicts of a run for other programs; what explains one in words, in both languages."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from reports.certification import waiver_fields
from reports.events import About, Incident
from reports.files import write_whole
from reports.i18n import Lang, explain, explain_missing
from reports.inert import inert
from reports.pics import ClaimResult
from reports.planned import effort_of_tests, efforts_of
from reports.record import RunRecord
from reports.timing import latencies_to_summary, time_budget_to_summary
from reports.verdicts import SEVERITY, Conclusion, Level, RequirementResult, conclude, verdict_of_test
from reports.waivers import WaiverResult

SCHEMA = 1


def summarise(record: RunRecord, strict: bool) -> dict[str, Any]:
    """The summary of a run, ready for JSON. Every requirement of the catalogue is listed."""
    conclusion = conclude(record, strict)
    module = record.module
    waivers = {found.waiver.requirement: found for found in conclusion.waivers}
    return {
        "schema": SCHEMA,
        "verdict": conclusion.verdict,
        "exit_status": conclusion.exit_status,
        "complete": record.complete,
        "rig": record.rig.get("name"),
        "module": {
            "model": module.model if module else None,
            "revision": module.revision if module else None,
            "serial_number": module.serial_number if module else None,
            "identity": dict(module.identity) if module else {},
        },
        "suite": record.run.get("suite"),
        "catalogue": record.catalogue_hash,
        "profile": record.run.get("profile"),
        "strict": strict,
        "started": record.started,
        "seconds": round(record.seconds, 3),
        "resumed": [resumed.to_summary() for resumed in record.resumptions],
        "counts": _counts(conclusion),
        "latency": latencies_to_summary(record),
        "judgements": record.judged_again.to_summary(),
        "effort": {"tests": effort_of_tests(record).fields()},
        "time_budget": time_budget_to_summary(record),
        "tests": dict(
            Counter(
                verdict_of_test(record, test, strict) if test.verdict else "unfinished"
                for test in record.tests.values()
            )
        ),
        "not_proven": [result.requirement.id for result in conclusion.unproven],
        "incidents": [_incident(incident) for incident in record.incidents],
        "requirements": {
            identifier: _entry(result, waivers.get(identifier))
            for identifier, result in conclusion.requirements.items()
        },
        "pics": [_claim(claim) for claim in conclusion.claims],
        "waivers": [waiver_fields(found) for found in conclusion.waivers],
        "certification": _certification(conclusion),
    }


def _counts(conclusion: Conclusion) -> dict[str, dict[str, int]]:
    """Per verdict the number of requirements of each level and of all."""
    return {
        verdict: {
            **{level.value: conclusion.count(verdict, level) for level in Level},
            "all": conclusion.count(verdict),
        }
        for verdict in SEVERITY
    }


def _incident(incident: Incident) -> dict[str, Any]:
    """An incident; what the record does not tell is left out."""
    times = {"begin": incident.begin, "end": incident.end, "seconds": incident.seconds}
    return {
        "text": incident.text,
        "act": incident.act,
        **({} if incident.chinese is None else dict(zip(("text_zh", "act_zh"), incident.chinese, strict=True))),
        "recovered": incident.recovered,
        **({} if incident.about is About.BENCH else {"about": incident.about}),
        **{name: round(seconds, 3) for name, seconds in times.items() if seconds is not None},
    }


def _claim(claim: ClaimResult) -> dict[str, Any]:
    return {
        "claim": claim.name,
        "requirement": claim.requirement,
        "claimed": claim.claimed,
        "seen": claim.seen,
        "verdict": claim.verdict,
        "evidence": list(claim.evidence),
    }


def _certification(conclusion: Conclusion) -> dict[str, Any] | None:
    """Whether the run earned its certificate, and all that it lacks; None in a run that was not made to certify."""
    if conclusion.certification is None:
        return None
    return {
        "granted": conclusion.certification.granted,
        "missing": [
            {
                "requirement": missing.about if missing.result else None,
                "about": missing.about,
                "verdict": missing.verdict,
                "reason": inert(explain_missing(Lang.EN, missing)),
                "reason_zh": inert(explain_missing(Lang.ZH, missing)),
            }
            for missing in conclusion.certification.missing
        ],
    }


def _entry(result: RequirementResult, waiver: WaiverResult | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "verdict": result.verdict,
        "level": result.level,
        "section": result.requirement.section,
        "reason": inert(explain(Lang.EN, result)),
        "reason_zh": inert(explain(Lang.ZH, result)),
        "declared": list(result.declared),
        "run": list(result.run),
        "findings": len(result.findings),
    }
    if observations := [item.observation for item in result.findings if item.observation is not None]:
        entry["observations"] = observations
    if made := efforts_of(result):
        entry["effort"] = [effort.fields() for effort in made]
    if result.hidden:
        entry["not_seen"] = len(result.hidden)
    if result.announced_by:
        entry["announced_by"] = list(result.announced_by)
    if waiver is not None:
        entry["waiver"] = waiver_fields(waiver)
    return entry


def write_summary(path: Path, record: RunRecord, strict: bool) -> None:
    """Write summary.json, whole or not at all. Raises `RecordError` when the disk refuses."""
    write_whole(path, json.dumps(summarise(record, strict), ensure_ascii=False, indent=2) + "\n")
