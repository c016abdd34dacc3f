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
    *(f"conformance/test_{name}.py" for name in ("framing", "identity", "publish", "receive", "session")),
    *("-k", "not every_size and not many_messages and not soak"),
)
MOST = 24
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


def to_number(lines: list[str], _: Event) -> list[str]:
    return [*lines[:-1], "0"]


def to_result_alone(lines: list[str], _: Event) -> list[str]:
    return lines[-1:]


def to_late(lines: list[str], exchange: Event) -> list[str]:
    exchange["seconds"] = 10_000.0
    return lines


LIES: dict[str, tuple[Callable[[list[str], Event], list[str]], ...]] = {
    "ok": (to_error, to_silence),
    "refused": (to_ok, to_silence),
    "refused-by-code": (to_ok, to_error, to_silence),
    "answered": (to_silence,),
    "answered-in-time": (to_late, to_silence),
    "in-words": (to_number, to_silence),
    "informs": (to_result_alone,),
    "answers": (to_error, to_other_value, to_silence),
}
"""About an answer."""


def doubled(record: RunRecord, expectation: Event) -> RunRecord:
    """A downlink message is shown twice."""
    events = list(record.events)
    for event in events[expectation["first"] : expectation["last"] + 1]:
        if event.kind == "serial" and f"{expectation['topic']}," in event.data["data"]:
            line = f"+MQTTRECV:{expectation['topic']},{expectation['payloads'][0]}\r\n"
            events[event.seq] = replace(event, data={**event.data, "data": event.data["data"] + line})
            break
    return RunRecord(record.path, tuple(events), False)


def changed_packet(record: RunRecord, expectation: Event) -> RunRecord:
    """The last byte of each message to the topic is another one."""
    events, topic = list(record.events), expectation["topic"]
    for event in record.of_kind("mqtt"):
        if event.data["dir"] == "up" and (event.data["fields"] or {}).get("topic") == topic:
            events[event.seq] = replace(event, data={**event.data, "hex": event.data["hex"][:-2] + "00"})
    return RunRecord(record.path, tuple(events), False)


def other_event(record: RunRecord, expectation: Event) -> RunRecord:
    """What the gateway told of the connection was something else."""
    events = list(record.events)
    for event in record.of_kind("cloud"):
        if event.data["connection"] == expectation["connection"]:
            events[event.seq] = replace(event, data={**event.data, "event": "fault-on"})
    return RunRecord(record.path, tuple(events), False)


def same_as_before(record: RunRecord, expectation: Event) -> RunRecord:
    """The same was answered as in the earlier exchange."""
    before = record.events[expectation["than"]].data
    lie = lied(record, expectation["exchange"], lambda _lines, _exchange: list(before["lines"]))
    events = list(lie.events)
    exchange = events[expectation["exchange"]]
    hidden = {field: before[field] for field in ("masked", "labels") if field in before}
    events[exchange.seq] = replace(exchange, data={**exchange.data, **hidden})
    return RunRecord(record.path, tuple(events), False)


OTHER_LIES: dict[str, Callable[[RunRecord, Event], RunRecord]] = {
    "shown": doubled,
    "published": changed_packet,
    "came-online": other_event,
    "closed": other_event,
    "answers-other": same_as_before,
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
    exchange["final"] = last if last in ("OK", "0") else f"+CME ERROR: n (code {exchange['code']})"
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
    if expectation.get("codes"):
        return f"{kind}-by-code"
    return f"{kind}-in-time" if expectation.get("seconds") else kind


def some(record: RunRecord, kind: str) -> Iterator[tuple[int, Finding, Event]]:
    """Findings of that kind all over the run, with what each expects."""
    found = [
        finding
        for finding in record.findings
        if kind_of(finding) == kind and (finding.expectation or {}).get("payloads") != []
    ]
    assert found, f"the run judged nothing of the kind {kind}"
    for index, finding in enumerate(found[:: max(1, len(found) // MOST)][:MOST]):
        yield index, finding, dict(finding.expectation or {})


def lies(record: RunRecord) -> Iterator[tuple[Finding, RunRecord]]:
    """Findings, and the record that lies about what each rests on."""
    for kind, changes in LIES.items():
        for index, finding, expectation in some(record, kind):
            yield finding, lied(record, expectation["exchange"], changes[index % len(changes)])
    for kind, change in OTHER_LIES.items():
        for _, finding, expectation in some(record, kind):
            yield finding, change(record, expectation)


def test_the_run_itself_holds(told: Path) -> None:
    again = rederive(told).record.judged_again
    assert not again.contradictions
    assert again.made >= 0.9 * again.all
    assert str(again) == f"{again.made} of {again.all} judgements made again from the raw bytes"


def test_every_lie_is_found_and_named(told: Path) -> None:
    record, count = honest(told), 0
    for finding, lie in lies(record):
        accused = {found.seq: str(found.requirement) for found in lie.judged_again.contradictions}
        assert accused.get(finding.seq) == finding.requirement, finding
        count += 1
    assert count >= 200


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
