"""certificate.json: that a firmware was certified, on what grounds. Derived from the run record alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from reports.criteria import Certification, examine
from reports.files import write_whole
from reports.i18n import Lang, text
from reports.planned import efforts_to_certificate
from reports.record import RecordError, RunRecord
from reports.verdicts import SEVERITY, Conclusion, conclude
from reports.waivers import WaiverResult, WaiverStatus

SCHEMA = 1
CERTIFICATE = "certificate.json"
_SIMULATOR = "simulator://"


def certify(record: RunRecord) -> Certification:
    """Whether a run earns a certificate, and what it lacks; a run without --certify never does."""
    return examine(record, conclude(record, record.strict))


def simulated(record: RunRecord) -> bool:
    """Whether the module under test was the suite's built-in simulator."""
    serial = record.rig.get("serial") or {}
    return str(serial.get("url", "")).startswith(_SIMULATOR)


def certificate(record: RunRecord) -> dict[str, Any] | None:
    """The certificate that a run earns, ready for JSON; None when it earns none."""
    conclusion = conclude(record, record.strict)
    module = record.module
    if not examine(record, conclusion).granted or module is None:
        return None
    made, again = efforts_to_certificate(conclusion), record.judged_again
    return {
        "schema": SCHEMA,
        "granted": True,
        "firmware": module.revision,
        "module": {"model": module.model, "revision": module.revision, "serial_number": module.serial_number},
        "simulator": simulated(record),
        **({"note": text(Lang.EN, "certificate.simulator")} if simulated(record) else {}),
        "rig": record.rig.get("name"),
        "suite": {name: (record.run.get("suite") or {}).get(name) for name in ("version", "commit")},
        "catalogue": record.catalogue_hash,
        "profile": record.run.get("profile"),
        "strict": record.strict,
        "date": record.started,
        "resumed": [resumed.to_summary() for resumed in record.resumptions],
        "record_sha256": _sha256(record.path),
        "verdict": conclusion.verdict,
        "counts": {verdict: count for verdict in SEVERITY if (count := conclusion.count(verdict))},
        **({"judgements": again.to_summary()} if again.made else {}),
        **({"effort": made} if made else {}),
        "waivers": [waiver_fields(found) for found in _applied(conclusion)],
        "pics": {"file": record.pics.file, "sha256": record.pics.sha256} if record.pics else None,
    }


def waiver_fields(found: WaiverResult) -> dict[str, Any]:
    """A waiver and what became of it, ready for JSON."""
    waiver = found.waiver
    return {
        "requirement": waiver.requirement,
        "firmware": waiver.firmware,
        "reason": waiver.reason,
        "ticket": waiver.ticket,
        "owner": waiver.owner,
        "expires": waiver.expires.isoformat() if waiver.expires else None,
        "status": found.status,
    }


def write_certificate(record: RunRecord) -> Path | None:
    """Write the certificate beside the record; None when the run earns none.

    Raises `RecordError` when the record cannot be read again, or the disk refuses.
    """
    content = certificate(record)
    if content is None:
        return None
    path = record.path.with_name(CERTIFICATE)
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    return path


def _applied(conclusion: Conclusion) -> list[WaiverResult]:
    return [found for found in conclusion.waivers if found.status is WaiverStatus.APPLIED]


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as problem:
        raise RecordError(
            "{path}: no run record to read: {why}", path=path, why=problem.strerror or problem
        ) from problem
