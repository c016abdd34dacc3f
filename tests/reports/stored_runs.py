"""Run directories and bundles as they lie on a disk, made small: a summary, and the head of a record."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from tests.reports.synthetic import HOSTILE_TEXT

REQUIREMENTS = {
    "FMT-01": ("M", "2.3"),
    "FMT-04": ("O", "2.3"),
    "ID-01": ("M", "2.4.1"),
    "ID-03": ("M", "2.4.1"),
    "CC-05": ("I", "2.4.5"),
    "PU-01": ("M", "2.4.11"),
}
LATENCY = {"count": 400, "p25": 0.010, "median": 0.012, "p75": 0.015, "p95": 0.03, "max": 0.2}


def entry(identifier: str, verdict: str = "PASS", **fields: Any) -> dict[str, Any]:
    """A requirement's line of a summary."""
    level, section = REQUIREMENTS.get(identifier, ("M", "2.3"))
    tests = [f"conformance/test_section.py::test_{identifier}"]
    reason = f"{verdict.lower()} {HOSTILE_TEXT}"
    line = {"verdict": verdict, "level": level, "section": section, "reason": reason, "declared": tests, "run": tests}
    return {**line, "findings": 1, **fields}


def summary(verdicts: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A run in which all passed but what ``verdicts`` says: a verdict, or a whole line, or None for no such thing."""
    requirements = {identifier: entry(identifier) for identifier in REQUIREMENTS}
    requirements["FMT-04"] = entry("FMT-04", "OBSERVED", observations=[{"space_after_colon": False}])
    for identifier, said in (verdicts or {}).items():
        if said is None:
            del requirements[identifier]
        else:
            requirements[identifier] = entry(identifier, said) if isinstance(said, str) else said
    return {
        "schema": 1,
        "verdict": "PASS",
        "exit_status": 0,
        "complete": True,
        "rig": "lab-07",
        "module": {"model": "ML302", "revision": "ML302_V1.0.7", "serial_number": "861234567890123"},
        "suite": {"version": "0.1.0", "commit": "412282b0c0ffee", "dirty": False},
        "catalogue": "ab" * 32,
        "profile": "full",
        "strict": False,
        "started": "2026-11-20T08:00:00.000000Z",
        "seconds": 1800.5,
        "requirements": requirements,
        "latency": {"AT+ALYMQTTPUB=": dict(LATENCY)},
        **fields,
    }


def store(directory: Path, content: dict[str, Any]) -> Path:
    """A run's directory: its summary, the head of its record, and a report to link to."""
    directory.mkdir(parents=True)
    (directory / "summary.json").write_text(json.dumps(content), encoding="utf-8")
    (directory / "record.jsonl").write_text(_head(), encoding="utf-8")
    (directory / "report.html").write_text("<title>report</title>", encoding="utf-8")
    return directory


def bundle(path: Path, content: dict[str, Any]) -> Path:
    """The same in one zip."""
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("summary.json", json.dumps(content))
        made.writestr("record.jsonl", _head())
    return path


def latency(factor: float, **fields: Any) -> dict[str, Any]:
    """The latencies of a module that takes so many times as long."""
    return {"AT+ALYMQTTPUB=": {name: value * factor for name, value in LATENCY.items()} | {"count": 400} | fields}


def _head() -> str:
    catalogue = {
        "kind": "catalogue",
        "requirements": [
            {"id": identifier, "en": f"What {identifier} demands <b>", "zh": f"{identifier} 的要求 <b>"}
            for identifier in REQUIREMENTS
        ],
    }
    return f'{{"kind": "run"}}\n{json.dumps(catalogue)}\n'
