"""Lies that agree with themselves: bytes, exchange, hashes and footer all say it, and only the expectation does not."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.bundle.contents import DoesNotHold
from reports.bundle.rederive import rederive
from reports.events import Finding
from reports.record import RunRecord
from reports.severity import Verdict
from tests.fixtures.runs import run

pytestmark = pytest.mark.xdist_group("lies")

TESTS = (
    *("conformance/test_identity.py", "conformance/test_connection_settings.py", "conformance/test_mqtt_settings.py"),
    *("conformance/test_receive.py", "conformance/test_session.py"),
)
MOST = 40
"""Lies of each kind."""
Event = dict[str, Any]
REFUSED, OTHER = "+CME ERROR: 709", "0_0"


def to_error(lines: list[str], _: Event) -> list[str]:
    return [*lines[:-1], REFUSED]


def to_ok(lines: list[str], _: Event) -> list[str]:
    return [*lines[:-1], "OK"]


def to_other_value(lines: list[str], exchange: Event) -> list[str]:
    name = re.sub(r"^AT|\?$", "", exchange["command"])
    return [f"{name}:{OTHER}" if line.startswith(name) else line for line in lines]


def to_silence(_: list[str], exchange: Event) -> list[str]:
    exchange["silent"] = True
    return []


LIES: dict[str, tuple[Callable[[list[str], Event], list[str]], ...]] = {
    "ok": (to_error, to_silence),
    "refused": (to_ok, to_silence),
    "refused-by-code": (to_ok, to_error, to_silence),
    "answered": (to_silence,),
    "answers": (to_error, to_other_value, to_silence),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outcome = run(tmp_path_factory.mktemp("lies") / "run", *TESTS, "--lang=en")
    assert outcome.exit_status == 0, outcome.output
    return outcome.run_dir


def honest(run_dir: Path) -> RunRecord:
    return RunRecord.load(run_dir / "record.jsonl")


def lied(record: RunRecord, number: int, change: Callable[[list[str], Event], list[str]]) -> RunRecord:
    """The record in which that exchange, and the bytes that it rests on, say something else."""
    exchange: Event = dict(record.events[number].data)
    lines = exchange["lines"] = change(exchange["lines"], exchange)
    for field in ("masked", "labels"):
        told = exchange.get(field, {})
        exchange[field] = {place: found for place, found in told.items() if not place.startswith("/lines")}
    last = lines[-1] if lines else ""
    code = re.fullmatch(r"\+CME ERROR: (\d+)", last)
    exchange["code"] = int(code[1]) if code else None
    exchange["final"] = last if last == "OK" else f"+CME ERROR: n (code {exchange['code']})"
    events = list(record.events)
    events[number] = replace(events[number], data=exchange)
    came = "".join(f"\r\n{line}\r\n" for line in lines)
    for event in events[exchange["from"] : exchange["to"] + 1]:
        if event.kind == "serial" and event.data["dir"] == "rx":
            data = {name: value for name, value in event.data.items() if name != "masked"}
            events[event.seq] = replace(event, data=data | {"data": came})
            came = ""
    return RunRecord(record.path, tuple(events), False)


def write(record: RunRecord, run_dir: Path) -> None:
    """With the footer's hash made again."""
    lines = []
    for event in record.events[:-1]:
        told = {"seq": event.seq, "t": event.t, "wall": event.wall, "kind": event.kind, "test": event.test}
        lines.append(json.dumps(told | dict(event.data), separators=(",", ":")).encode() + b"\n")
    honest_footer = json.loads((run_dir / "record.jsonl").read_bytes().splitlines()[-1])
    footer = honest_footer | {"sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    (run_dir / "record.jsonl").write_bytes(b"".join((*lines, json.dumps(footer).encode() + b"\n")))


def kind_of(finding: Finding) -> str:
    """The kind of what a finding expects and sees kept; empty where it says no more than what was observed."""
    expectation = (finding.expectation or {}) if finding.verdict is Verdict.PASS else {}
    kind: str = expectation.get("check", "")
    return f"{kind}-by-code" if expectation.get("codes") else kind


def lies(record: RunRecord) -> Iterator[tuple[Finding, Callable[[list[str], Event], list[str]]]]:
    """Findings, and a lie about what each rests on."""
    for kind, changes in LIES.items():
        found = [finding for finding in record.findings if kind_of(finding) == kind]
        assert found, f"the run judged nothing of the kind {kind}"
        for index, finding in enumerate(found[:: max(1, len(found) // MOST)][:MOST]):
            yield finding, changes[index % len(changes)]


def test_the_run_itself_holds(told: Path) -> None:
    again = rederive(told).record.judged_again
    assert not again.contradictions
    assert again.made >= 0.9 * again.all
    assert str(again) == f"{again.made} of {again.all} judgements made again from the raw bytes"


def test_every_lie_is_found_and_named(told: Path) -> None:
    record, count = honest(told), 0
    for finding, change in lies(record):
        assert finding.expectation is not None
        again = lied(record, finding.expectation["exchange"], change).judged_again
        assert finding.seq in [accused.seq for accused in again.contradictions], (finding, change)
        count += 1
    assert count >= 150


def test_a_lie_that_all_hashes_agree_with_does_not_hold(told: Path, tmp_path: Path) -> None:
    """As it was tried from outside: what is bad is called PASS, and everything else of the record is made to agree."""
    shutil.copytree(told, tmp_path / "run")
    record = honest(told)
    for kind, changes in LIES.items():
        finding = next(finding for finding in record.findings if kind_of(finding) == kind)
        assert finding.expectation is not None
        write(lied(record, finding.expectation["exchange"], changes[0]), tmp_path / "run")
        with pytest.raises(DoesNotHold, match=r"event \d+ says PASS for [A-Z]+-\d+.*; .* (FAIL|DEVIATION)"):
            rederive(tmp_path / "run")


@pytest.mark.parametrize("field", ["model", "revision", "serial_number", "identity"])
def test_another_name_of_the_module_does_not_hold(told: Path, tmp_path: Path, field: str) -> None:
    shutil.copytree(told, tmp_path / "run")
    record = honest(told)
    (module,) = record.of_kind("module")
    lie = {"AT+CGMR": ["ML302_V9.9.9"]} if field == "identity" else "ML302_V9.9.9"
    events = list(record.events)
    events[module.seq] = replace(module, data={**module.data, field: lie})
    write(RunRecord(record.path, tuple(events), False), tmp_path / "run")
    with pytest.raises(DoesNotHold, match=rf"event {module.seq} says .*otherwise"):
        rederive(tmp_path / "run")
