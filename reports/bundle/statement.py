"""What is signed: an in-toto Statement v1 with a test-result predicate v0.1, made from the record alone.

https://github.com/in-toto/attestation: spec/v1/statement.md, spec/predicates/test-result.md.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from reports.planned import efforts
from reports.record import RunRecord
from reports.verdicts import EXIT_OK, Conclusion, Verdict

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"

_PASSED = frozenset({Verdict.PASS, Verdict.OBSERVED})
_WARNED = frozenset({Verdict.DEVIATION, Verdict.WAIVED, Verdict.INCONCLUSIVE})
_FAILED = frozenset({Verdict.FAIL, Verdict.BENCH_ERROR})
_CONFIGURING = ("rig.toml", "pics.toml", "waivers.toml")


def statement(
    record: RunRecord, conclusion: Conclusion, digests: Mapping[str, str], url: str | None = None
) -> dict[str, Any]:
    """The statement about a run whose files have these SHA-256 digests.

    The tests it names are the requirements, which keep their IDs for ever; one that is NOT TESTED is in no list. A run
    that did not exit with 0 is FAILED whatever its verdict. ``url`` is where the run can be looked up, as its maker
    says.
    """
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in digests.items()],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _result(conclusion),
            "configuration": [*_configuration(record, digests), *_efforts(conclusion)],
            **({} if url is None else {"url": url}),
            "passedTests": _having(conclusion, _PASSED),
            "warnedTests": _having(conclusion, _WARNED),
            "failedTests": _having(conclusion, _FAILED),
        },
    }


def encode(document: Mapping[str, Any]) -> bytes:
    """A JSON document as a bundle spells it."""
    return json.dumps(document, indent=1).encode("ascii") + b"\n"


def _result(conclusion: Conclusion) -> str:
    if conclusion.exit_status != EXIT_OK or conclusion.verdict in _FAILED:
        return "FAILED"
    return "WARNED" if conclusion.verdict in _WARNED else "PASSED"


def _having(conclusion: Conclusion, verdicts: frozenset[Verdict]) -> list[str]:
    return [identifier for identifier, result in conclusion.requirements.items() if result.verdict in verdicts]


def _configuration(record: RunRecord, digests: Mapping[str, str]) -> list[dict[str, Any]]:
    """Resource descriptors (spec/v1/resource_descriptor.md) of what the run was made with."""
    suite = record.run.get("suite") or {}
    module = record.module
    used: list[dict[str, Any]] = [
        {
            "name": "suite",
            "uri": f"pkg:generic/ml302-conformance@{suite.get('version')}",
            **({"digest": {"gitCommit": suite["commit"]}} if suite.get("commit") else {}),
            "annotations": {
                "dirty": suite.get("dirty"),
                "profile": record.run.get("profile"),
                "strict": record.strict,
            },
        }
    ]
    if record.catalogue_hash is not None:
        used.append({"name": "catalogue", "digest": {"sha256": record.catalogue_hash}})
    used.append(_inline("rig", record.rig))
    used.append(
        _inline("module", {"model": module.model, "revision": module.revision} if module is not None else {}),
    )
    used += [{"name": name, "digest": {"sha256": digests[name]}} for name in _CONFIGURING if name in digests]
    return used


def _efforts(conclusion: Conclusion) -> list[dict[str, Any]]:
    """What was planned and done many times over; none for a record that does not tell."""
    made = {name: [one.fields() for one in several] for name, several in efforts(conclusion).items()}
    return [_inline("effort", made)] if made else []


def _inline(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A descriptor that carries its resource, as the record holds it."""
    content = base64.b64encode(json.dumps(value, sort_keys=True).encode("ascii")).decode("ascii")
    return {"name": name, "content": content, "mediaType": "application/json"}
