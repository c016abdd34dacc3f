"""What the bench masked or dropped is told apart from what the module sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.bundle.wire import check_wire
from reports.events import Event
from reports.html.details import Details
from reports.html.transcript import rows_of
from reports.html.tree import to_html
from reports.record import RecordWriter, RunRecord
from reports.verdicts import Verdict
from tests.reports.synthetic import nodeid, write_head

TEST = nodeid("ID-01")


def one_test(tmp_path: Path, *events: tuple[str, dict[str, Any]], verdict: Verdict = Verdict.FAIL) -> RunRecord:
    """A run of one test that consists of these events, all of them the evidence of its finding."""
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("test-start", test=TEST, requirements=["ID-01"])
        seqs = [writer.write(kind, test=TEST, **fields) for kind, fields in events]
        finding = {"title": "t", "expected": "e", "observed": "o", "evidence": [seqs[0], seqs[-1]]}
        writer.write("finding", test=TEST, requirement="ID-01", verdict=verdict, observation=None, **finding)
        writer.write("test-end", test=TEST, verdict=verdict, seconds=1.0)
    return RunRecord.load(path)


def page_of(record: RunRecord) -> str:
    return str(to_html(Details(record).of_test(TEST)))


def received(data: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "serial", {"dir": "rx", "data": data, **more}


def test_masked_bytes_are_set_apart_from_stars_of_the_module(tmp_path: Path) -> None:
    page = page_of(one_test(tmp_path, received("a:** b:***\r\n", masked={"/data": [[7, 10]]})))
    assert 'a:** b:<mark class="masked">***</mark>' in page
    assert "61 3a 2a 2a 20 62 3a ** ** ** 0d 0a" in page


def test_pieces_of_an_answer_that_are_joined_keep_what_was_masked(tmp_path: Path) -> None:
    first, second = received("x*", masked={"/data": [[1, 2]]}), received("**y", masked={"/data": [[0, 1]]})
    (row,) = (row for row in rows_of(one_test(tmp_path, first, second), TEST) if row.data is not None)
    assert (row.data, row.masked) == ("x***y", ((1, 2), (2, 3)))


def test_masked_bytes_of_a_packet_are_no_bytes_in_the_dump(tmp_path: Path) -> None:
    packet = {"connection": 1, "dir": "up", "packet": "CONNECT", "fields": None, "hex": "1004612a2a2a"}
    page = page_of(one_test(tmp_path, ("mqtt", {**packet, "masked": {"/hex": [[8, 12]]}})))
    assert "10 04 61 2a ** **" in page


@pytest.mark.parametrize("masked", [{"/data": [[0, 10_000]]}, {"/elsewhere": [[0, 1]]}, {}])
def test_stretches_that_fit_no_string_hide_nothing(tmp_path: Path, masked: dict[str, Any]) -> None:
    record = one_test(tmp_path, received("OK\r\n", masked=masked))
    assert "OK" in page_of(record)
    assert isinstance(record.events[0], Event)


def test_dropped_bytes_are_told_where_they_are_missing(tmp_path: Path) -> None:
    record = one_test(tmp_path, received("UUUU"), received("", dropped=3_000_000), received("\r\nOK\r\n"))
    rows = [row for row in rows_of(record, TEST) if row.data is not None]
    assert [(row.data, row.dropped) for row in rows] == [("UUUU", 3_000_000), ("\r\nOK\r\n", 0)]
    page = page_of(record)
    assert "3000000 bytes dropped here: the module floods the line" in page
    assert "此处丢弃 3000000 字节" in page


def exchange(*lines: str, to: int, silent: bool = False) -> tuple[str, dict[str, Any]]:
    claim = {"exchange": 0, "command": "AT", "lines": [*lines], "final": "OK", "code": None, "silent": silent}
    return "exchange", {**claim, "seconds": 0.1, "from": to - 1, "to": to}


def test_fill_bytes_in_front_of_a_line_are_no_contradiction(tmp_path: Path) -> None:
    sent = ("serial", {"dir": "tx", "data": "AT\r"})
    # The record's first four events are its head and the beginning of the test.
    check_wire(one_test(tmp_path, sent, received("\x11\x00abc\r\nOK\r\n"), exchange("abc", "OK", to=5)))


def test_a_line_of_which_the_beginning_was_dropped_is_no_contradiction(tmp_path: Path) -> None:
    sent = ("serial", {"dir": "tx", "data": "AT\r"})
    events = [received("lost"), received("", dropped=9), sent, received("rest\r\nOK\r\n"), exchange("rest", "OK", to=7)]
    check_wire(one_test(tmp_path, *events))
