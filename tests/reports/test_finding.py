"""A finding is the same whether a test has just made it or the record tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reports.effort import Cut, Effort
from reports.finding import Finding, finding_of
from reports.judging import Ok, Refused
from reports.record import RecordWriter, RunRecord
from reports.severity import Verdict
from reports.why import Why
from tests.reports.synthetic import nodeid, write_head

TEXTS = ("what is judged", "this", "that")
OK, REFUSED = Ok(1).to_record(), Refused(1, ((708, 708),), rules=("wrong-parameter",)).to_record()
FOUND = {
    "in words": Finding("ID-01", Verdict.FAIL, *TEXTS, (1, 1), why=Why.WORDS),
    "of no requirement": Finding(None, Verdict.BENCH_ERROR, *TEXTS),
    "observed": Finding("ID-01", Verdict.OBSERVED, *TEXTS, observation={"seconds": 1.5, "codes": [700, None]}),
    "counted": Finding("ID-01", Verdict.INCONCLUSIVE, *TEXTS, effort=Effort("lines", 9, 3, 5, Cut.SLOW)),
    "breach as data": Finding("ID-01", Verdict.FAIL, *TEXTS, (1, 1), expectation=REFUSED),
    "laid to a restart": Finding("ID-01", Verdict.DEVIATION, *TEXTS, (1, 1), expectation=OK, otherwise=True),
    "masked": Finding("ID-01", Verdict.PASS, *TEXTS, (1, 1), expectation=OK, derivable=False, why=Why.MASKED),
}


def recorded(path: Path, finding: Finding) -> Iterator[Finding]:
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("serial", test=nodeid("ID-01"), dir="rx", data="OK\r\n")
        writer.write("finding", test=nodeid("ID-01"), **finding.fields())
    events = RunRecord.read(path, path.read_bytes(), weigh=False).events
    return (finding_of(event) for event in events if event.kind == "finding")


@pytest.mark.parametrize("finding", FOUND.values(), ids=FOUND)
def test_what_a_test_found_is_what_the_record_tells(tmp_path: Path, finding: Finding) -> None:
    (told,) = recorded(tmp_path / "record.jsonl", finding)
    assert told.seq > 0
    assert told == replace(finding, seq=told.seq, test=nodeid("ID-01"))


def test_words_that_follow_from_data_are_left_to_whoever_reads(tmp_path: Path) -> None:
    kept = Finding("ID-01", Verdict.PASS, *TEXTS, (1, 1), expectation=OK)
    (told,) = recorded(tmp_path / "record.jsonl", kept)
    assert (told.title, told.expected, told.observed) == ("", "", "")
    assert told.expectation == kept.expectation
