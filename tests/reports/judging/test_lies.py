"""Lies that agree with themselves: bytes, exchange, hashes and footer all say it, and only the expectation does not."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reports.bundle.contents import DoesNotHold
from reports.bundle.rederive import rederive
from reports.bundle.verify import taken_on_trust
from reports.events import Kind
from reports.finding import Finding
from reports.judging import Expectation
from reports.judging.recorded import Again, contradiction, weighed
from reports.record import RunRecord
from reports.severity import Level, Verdict
from tests.fixtures.runs import run
from tests.reports.judging.lies import LIES, OTHER_LIES, Event, Told, lied

pytestmark = pytest.mark.xdist_group("lies")

TESTS = (
    *(f"conformance/test_{name}.py" for name in ("framing", "identity", "publish", "receive", "session", "subscribe")),
    "conformance/test_tls.py",
    "conformance/test_network.py::test_the_link_is_kept_alive",
    "conformance/test_network.py::"
    "test_a_publish_that_is_never_acknowledged_ends_and_does_not_stand_in_the_way_of_the_next",
    *("-k", "not every_size and not many_messages and not soak"),
)
MOST = 16
"""Lies of each kind."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outcome = run(tmp_path_factory.mktemp("lies") / "run", *TESTS, "--lang=en")
    assert outcome.exit_status == 0, outcome.output
    return outcome.run_dir


def honest(run_dir: Path) -> RunRecord:
    return RunRecord.load(run_dir / "record.jsonl")


def write(record: Told, run_dir: Path) -> None:
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
    if kind == "refused" and expectation.get("codes"):
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


def lies(record: RunRecord) -> Iterator[tuple[Finding, Told]]:
    """Findings, and the record that lies about what each rests on."""
    for kind, changes in LIES.items():
        for index, finding, expectation in some(record, kind):
            yield finding, lied(Told.by(record), expectation["exchange"], changes[index % len(changes)])
    for kind, change in OTHER_LIES.items():
        for _, finding, expectation in some(record, kind):
            yield finding, change(Told.by(record), expectation)


def test_the_run_itself_holds(told: Path) -> None:
    again = rederive(told).record.judged_again
    assert not again.contradictions
    assert again.made >= 0.9 * again.all
    assert str(again) == f"{again.made} of {again.all} judgements made again from the raw bytes"


def test_there_is_a_lie_about_every_kind() -> None:
    told_of = {kind.removesuffix("-by-code").removesuffix("-in-time") for kind in (*LIES, *OTHER_LIES)}
    # Which of several values it is decides nothing.
    assert Expectation.kinds.keys() - told_of == {"answers-one-of"}


def test_every_lie_is_found_and_named(told: Path) -> None:
    record, count = honest(told), 0
    names = [command.name for command in record.commands]
    for finding, lie in lies(record):
        (found,) = Again.of(weighed([finding], lie.events, record.requirements, names)).contradictions
        assert contradiction(found).startswith(
            f"the finding of event {finding.seq} says PASS for {finding.requirement}; "
        )
        count += 1
    assert count >= 200


def test_a_lie_that_all_hashes_agree_with_does_not_hold(told: Path, tmp_path: Path) -> None:
    """As it was tried from outside: what is bad is called PASS, and everything else of the record is made to agree."""
    shutil.copytree(told, tmp_path / "run")
    record = honest(told)
    for kind, changes in LIES.items():
        finding = next(finding for finding in record.findings if kind_of(finding) == kind)
        assert finding.expectation is not None
        write(lied(Told.by(record), finding.expectation["exchange"], changes[0]), tmp_path / "run")
        with pytest.raises(DoesNotHold, match=r"event \d+ says PASS for [A-Z]+-\d+.*; .* (FAIL|DEVIATION)"):
            rederive(tmp_path / "run")


def test_a_judgement_that_claims_to_be_hidden_by_a_mask_does_not_hold(told: Path, tmp_path: Path) -> None:
    shutil.copytree(told, tmp_path / "run")
    record = honest(told)
    finding = next(one for one in record.findings if one.requirement == "FMT-05" and one.expectation)
    events = list(record.events)
    lie = {**events[finding.seq].data, "derivable": False}
    events[finding.seq] = replace(events[finding.seq], data=lie)
    write(Told(tuple(events)), tmp_path / "run")
    with pytest.raises(DoesNotHold, match=rf"event {finding.seq} says that a mask hides what it rests on"):
        rederive(tmp_path / "run")


def test_mandated_judgements_that_are_not_made_again_are_named(told: Path) -> None:
    record = honest(told)
    finding = next(one for one in record.findings if one.requirement == "FMT-05" and one.expectation)
    events = list(record.events)
    words = {"title": "", "expected": "an error", "observed": "an error", "why": "words"}
    data = {name: value for name, value in events[finding.seq].data.items() if name != "expectation"} | words
    events[finding.seq] = replace(events[finding.seq], data=data)
    assert taken_on_trust(record) == ()
    assert taken_on_trust(RunRecord(record.path, tuple(events), False)) == ("FMT-05 (words)",)


def test_words_beside_an_expectation_say_what_follows_from_it(told: Path) -> None:
    record = honest(told)
    finding = next(one for one in record.findings if kind_of(one) == "answers")
    events = list(record.events)
    words = {"title": "another", "expected": "another", "observed": "another"}
    events[finding.seq] = replace(events[finding.seq], data={**events[finding.seq].data, **words})
    (again,) = (one for one in RunRecord(record.path, tuple(events), False).findings if one.seq == finding.seq)
    assert (again.title, again.expected, again.observed) == (finding.title, finding.expected, finding.observed)


def test_silence_is_laid_to_a_restart_only_where_one_was_told(told: Path) -> None:
    record = honest(told)
    mandated = [name for name, one in record.requirements.items() if one.level is Level.MANDATED]
    finding = next(one for one in record.findings if kind_of(one) == "ok" and one.requirement in mandated)
    assert finding.expectation is not None
    silent = lied(Told.by(record), finding.expectation["exchange"], LIES["ok"][1])
    claim = replace(finding, verdict=Verdict.DEVIATION, otherwise=True)
    restart = {"text": "the module restarted by itself about AT", "act": "vendor", "recovered": True}
    names = [command.name for command in record.commands]
    for told_of, derived in (False, Verdict.FAIL), (True, Verdict.DEVIATION):
        events = list(silent.events)
        if told_of:
            events[finding.seq] = replace(events[finding.seq], kind=Kind.INCIDENT, data=restart)
        (found,) = weighed([claim], events, record.requirements, names)
        assert found.derived is derived


@pytest.mark.parametrize("field", ["model", "revision", "serial_number", "identity"])
def test_another_name_of_the_module_does_not_hold(told: Path, tmp_path: Path, field: str) -> None:
    shutil.copytree(told, tmp_path / "run")
    record = honest(told)
    (module,) = record.of_kind("module")
    lie = {"AT+CGMR": ["ML302_V9.9.9"]} if field == "identity" else "ML302_V9.9.9"
    events = list(record.events)
    events[module.seq] = replace(module, data={**module.data, field: lie})
    write(Told(tuple(events)), tmp_path / "run")
    with pytest.raises(DoesNotHold, match=rf"event {module.seq} says .*otherwise"):
        rederive(tmp_path / "run")
