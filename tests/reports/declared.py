"""Made-up runs with declarations: a record with the findings, waivers and claims that a test asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.record import RecordWriter, RunRecord
from reports.verdicts import Verdict
from tests.reports.synthetic import write_head, write_test

FIRMWARE = "ML302_V1.0.7*"
"""Matches the revision of the made-up module."""
CLEAN = {"version": "0.1.0", "commit": "412282b0c0ffee", "dirty": False}


def waiver(requirement: str, **changes: object) -> dict[str, object]:
    """A waiver as the record holds it."""
    return {
        "requirement": requirement,
        "firmware": FIRMWARE,
        "reason": "known",
        "ticket": "FW-1",
        "owner": "QA",
        "expires": "2999-12-31",
        **changes,
    }


def observe(record: RecordWriter, requirement: str, verdict: Verdict = Verdict.OBSERVED, **facts: object) -> int:
    """A finding outside any test, with an observation where there are facts."""
    return record.write(
        "finding",
        requirement=requirement,
        verdict=verdict,
        title="observed",
        expected="",
        observed="",
        evidence=[],
        observation=facts or None,
    )


def made_up(
    path: Path,
    verdicts: Mapping[str, Verdict],
    *,
    waivers: Sequence[Mapping[str, object]] = (),
    claims: Mapping[str, object] | None = None,
    about: Mapping[str, object] | None = None,
    extra: Any = None,
    footer: bool = True,
    **changes: Any,
) -> RunRecord:
    """A run in which each requirement has one test with the given verdict."""
    with RecordWriter(path) as record:
        write_head(record, **changes)
        if claims is not None:
            record.write("pics", file="p.toml", sha256="00", claims=claims, **(about or {}))
        if waivers:
            record.write("waivers", file="w.toml", sha256="00", waivers=list(waivers))
        for identifier, verdict in verdicts.items():
            write_test(record, identifier, verdict)
        if extra is not None:
            extra(record)
        if footer:
            record.write("end", exit_status=0, verdict="PASS")
    return RunRecord.load(path)


def moved(record: RunRecord, day: str) -> RunRecord:
    """The same run, begun on another day."""
    lines = record.path.read_bytes().split(b"\n")
    first = json.loads(lines[0])
    first["wall"] = f"{day}T23:59:59.000000Z"
    lines[0] = json.dumps(first).encode("ascii")
    path = record.path.with_name(f"{day}.jsonl")
    path.write_bytes(b"\n".join(line for line in lines if b'"kind":"end"' not in line))
    return RunRecord.load(path)
