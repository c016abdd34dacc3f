"""summary.json: the verdicts of a run for other programs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from reports.files import write_whole
from reports.i18n import Lang, explain
from reports.inert import inert
from reports.record import RunRecord
from reports.timing import latencies_to_summary, time_budget_to_summary
from reports.verdicts import SEVERITY, Conclusion, Level, RequirementResult, conclude

SCHEMA = 1


def summarise(record: RunRecord, strict: bool) -> dict[str, Any]:
    """The summary of a run, ready for JSON. Every requirement of the catalogue is listed."""
    conclusion = conclude(record, strict)
    module = record.module
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
        "counts": _counts(conclusion),
        "latency": latencies_to_summary(record),
        "time_budget": time_budget_to_summary(record),
        "tests": dict(Counter(test.verdict or "unfinished" for test in record.tests.values())),
        "incidents": [
            {"text": incident.text, "act": incident.act, "recovered": incident.recovered}
            for incident in record.incidents
        ],
        "requirements": {identifier: _entry(record, result) for identifier, result in conclusion.requirements.items()},
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


def _entry(record: RunRecord, result: RequirementResult) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "verdict": result.verdict,
        "level": result.level,
        "section": result.requirement.section,
        "reason": inert(explain(Lang.EN, result)),
        "declared": list(result.declared),
        "run": list(result.run),
        "findings": len(result.findings),
    }
    if observations := [item.observation for item in result.findings if item.observation is not None]:
        entry["observations"] = observations
    return entry


def write_summary(path: Path, record: RunRecord, strict: bool) -> None:
    """Write summary.json, whole or not at all. Raises `RecordError` when the disk refuses."""
    write_whole(path, json.dumps(summarise(record, strict), ensure_ascii=False, indent=2) + "\n")
