"""A small run whose record holds together: what it claims was said is what went over the wire.

``python -m tests.reports.evidence FILE`` makes the bundle that `test_verify` keeps, signed with a key that
is thrown away.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.__main__ import main
from reports.bundle.signing import PublicKey
from reports.record import RecordWriter
from reports.verdicts import RULES

ANSWERED = "conformance/test_framing.py::test_answered"
SILENT = "conformance/test_network.py::test_silent"
REQUIREMENTS = {"FMT-01": "M", "FMT-04": "O", "NW-01": "I", "NW-03": "O"}
_PUBLISH = bytes([0x30, 7, 0, 3]) + b"/ab" + b"hi"

Change = Callable[[list[dict[str, Any]]], object]


def write_evidence(run_dir: Path, **changes: Any) -> Path:
    """A run directory with a complete record and all its reports."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with RecordWriter(run_dir / "record.jsonl") as record:
        _write(record, changes)
    rebuild(run_dir)
    return run_dir


def rebuild(run_dir: Path) -> None:
    """Make the reports of a run directory again."""
    assert main(["rebuild", str(run_dir)]) == 0


def change_record(run_dir: Path, change: Change) -> None:
    """Let ``change`` have the events of a record, and write what it makes of them, with a footer that fits."""
    path = run_dir / "record.jsonl"
    events: list[dict[str, Any]] = []
    for line in path.read_text("ascii").splitlines():
        # Each with its test, so that a change of one is none of the next.
        events.append({"test": events[-1]["test"] if events else None} | json.loads(line))
    change(events)
    lines: list[bytes] = []
    for event in events:
        if event["kind"] == "end":
            event |= {"events": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
        lines.append(f"{json.dumps(event)}\n".encode("ascii"))
    path.write_bytes(b"".join(lines))


def of_kind(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["kind"] == kind]


def write_keys(where: Path, name: str = "key") -> tuple[Path, Path, PublicKey]:
    """A new pair of keys: the private file, the public file, and the public key."""
    key = Ed25519PrivateKey.generate()
    private, public = where / f"{name}.pem", where / f"{name}.pub"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(PublicKey(key.public_key()).pem)
    return private, public, PublicKey(key.public_key())


def _write(record: RecordWriter, changes: dict[str, Any]) -> None:
    fields = {
        "schema": 1,
        "rules": RULES,
        "suite": {"version": "0.1.0", "commit": "412282b0c0ffee", "dirty": False},
        "host": {"system": "Linux"},
        "profile": "full",
        "strict": False,
        "lang": "en",
        "rig": {"name": "lab-07", "serial": {"url": "/dev/ttyUSB0"}},
    }
    pics = changes.pop("pics", None)
    record.write("run", **{**fields, **changes})
    if pics is not None:
        record.write("pics", **pics)
    record.write(
        "catalogue",
        hash="ab" * 32,
        requirements=[
            {"id": name, "section": "2.3", "table": "framing", "level": level, "en": f"Text of {name}.", "zh": "要求"}
            for name, level in REQUIREMENTS.items()
        ],
        sections=[{"key": "2.3", "en": "Format", "zh": "格式"}],
        tests={"FMT-01": [ANSWERED], "FMT-04": [ANSWERED], "NW-01": [SILENT], "NW-03": []},
    )
    record.write("module", identity={"ATI": ["ML302"]}, model="ML302", revision="ML302_V1.0.7", serial_number="86")
    record.write("test-start", test=ANSWERED, requirements=["FMT-01", "FMT-04"])
    sent = record.write("serial", test=ANSWERED, dir="tx", data="AT+ALYDEVICENAME?\r")
    record.write("serial", test=ANSWERED, dir="rx", data="\r\n+ALYDEVICENAME: a")
    got = record.write("serial", test=ANSWERED, dir="rx", data="b\r\n\r\nOK\r\n")
    _exchange(record, ANSWERED, 0, "AT+ALYDEVICENAME?", ["+ALYDEVICENAME: ab", "OK"], "OK", None, (sent, got))
    refused = record.write("serial", test=ANSWERED, dir="tx", data="AT+ALYDEVICESECRET=*****\r")
    answer = record.write("serial", test=ANSWERED, dir="rx", data="\r\n+CME ERROR: 708\r\n")
    _exchange(
        record,
        ANSWERED,
        1,
        "AT+ALYDEVICESECRET=*****",
        ["+CME ERROR: 708"],
        "+CME ERROR: n (code 708)",
        708,
        (refused, answer),
    )
    _find(record, ANSWERED, "FMT-01", "PASS", [sent, got])
    _find(record, ANSWERED, "FMT-04", "OBSERVED", [sent, got], {"space": True})
    record.write("test-end", test=ANSWERED, verdict="PASS", seconds=0.25)
    record.write("test-start", test=SILENT, requirements=["NW-01"])
    record.write(
        "mqtt",
        connection=1,
        dir="up",
        packet="PUBLISH",
        fields={"topic": "/ab", "qos": 0, "payload": "hi"},
        hex=_PUBLISH.hex(),
    )
    asked = record.write("serial", test=SILENT, dir="tx", data="AT\r")
    _exchange(record, SILENT, 2, "AT", [], "no final result within 5.0 s", None, (asked, asked), silent=True)
    _find(record, SILENT, "NW-01", "DEVIATION", [asked, asked])
    record.write("test-end", test=SILENT, verdict="DEVIATION", seconds=5.1)
    record.write("end", exit_status=0, verdict="DEVIATION")


def _exchange(
    record: RecordWriter,
    test: str,
    number: int,
    command: str,
    lines: list[str],
    final: str,
    code: int | None,
    stretch: tuple[int, int],
    *,
    silent: bool = False,
) -> None:
    record.write(
        "exchange",
        test=test,
        exchange=number,
        command=command,
        lines=lines,
        final=final,
        code=code,
        silent=silent,
        seconds=0.5,
        **{"from": stretch[0], "to": stretch[1]},
    )


def _find(
    record: RecordWriter, test: str, requirement: str, verdict: str, evidence: list[int], observation: Any = None
) -> None:
    record.write(
        "finding",
        test=test,
        requirement=requirement,
        verdict=verdict,
        title="the answer",
        expected="OK",
        observed="OK",
        evidence=evidence,
        observation=observation,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        private, _, _ = write_keys(Path(place))
        run = write_evidence(Path(place) / "run")
        sys.exit(main(["bundle", str(run), "--key", str(private), "--output", sys.argv[1]]))
