"""The run record: nothing is lost on the way to disk and back, and garbage is told from a run that died."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reports.record import RecordError, RecordWriter, RunRecord
from reports.verdicts import Verdict, conclude
from tests.reports.synthetic import HOSTILE, nodeid, run_fields, write_head, write_run, write_test

ALL_BYTES = bytes(range(256))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.jsonl"


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def _rewritten(path: Path, number: int, **changes: object) -> None:
    lines = _lines(path)
    lines[number] = json.dumps({**json.loads(lines[number]), **changes}).encode() + b"\n"
    path.write_bytes(b"".join(lines))


def test_bytes_come_back_as_they_were(path: Path) -> None:
    with RecordWriter(path) as writer:
        writer.write("run", **run_fields())
        writer.write("serial", dir="rx", data=ALL_BYTES)
    data = RunRecord.load(path).events[1].data["data"]
    assert data.encode("latin-1") == ALL_BYTES


def test_every_event_is_one_line_on_disk_before_write_returns(path: Path) -> None:
    with RecordWriter(path) as writer:
        for number in range(3):
            assert writer.write("serial", dir="tx", data="\r\n\x85\u2028\x00") == number
            assert len(_lines(path)) == number + 1


def test_time_is_that_of_the_event(path: Path) -> None:
    before = time.monotonic()
    with RecordWriter(path) as writer:
        writer.write("run", **run_fields())
        writer.write("power", at=before + 100, action="on")
    record = RunRecord.load(path)
    first, second = record.events
    assert 99 < second.t - first.t < 101
    assert record.wall_of(second) > record.wall_of(first)
    assert record.wall_of(second).endswith("Z")


def test_an_event_belongs_to_the_test_of_the_one_before_unless_it_says_otherwise(path: Path) -> None:
    tests = [None, "a", "a", None, None, "b", "b"]
    with RecordWriter(path) as writer:
        writer.write("run", **run_fields())
        for test in tests:
            writer.write("power", test=test, action="on")
        writer.keep("power", test="b", action="off")
    record = RunRecord.load(path, writer.unwritten)
    assert [event.test for event in record.events[1:]] == [*tests, "b"]
    told = [json.loads(line).get("test", "as before") for line in _lines(path)]
    assert told == [None, "as before", "a", "as before", None, "as before", "b", "as before"]


def test_threads_share_a_writer(path: Path) -> None:
    with RecordWriter(path) as writer:
        writer.write("run", **run_fields())
        threads = [
            threading.Thread(target=lambda: [writer.write("cloud", event="x" * 3000) for _ in range(50)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(RunRecord.load(path).events) == 201


def test_a_closed_writer_refuses(path: Path) -> None:
    writer = RecordWriter(path)
    writer.close()
    writer.close()
    with pytest.raises(RecordError, match="closed"):
        writer.write("end")


def test_events_that_came_too_late_for_the_file_are_read_behind_it(path: Path) -> None:
    with RecordWriter(path) as writer:
        write_head(writer)
    there = len(_lines(path))
    writer.keep("incident", text="the disk is full", act="lab: free it", recovered=False)
    writer.keep("cloud", event="listening", connection=None)
    record = RunRecord.load(path, writer.unwritten)
    assert [event.seq for event in record.events] == list(range(there + 2))
    assert [incident.text for incident in record.incidents] == ["the disk is full"]
    assert not RunRecord.load(path).incidents, "what is on the disk does not hold them"


def test_an_existing_record_is_never_overwritten(path: Path) -> None:
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(RecordError, match="exists"):
        RecordWriter(path)
    assert path.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("fields", [{"seq": 1}, {"wall": ""}, {"t": 0.0}])
def test_the_record_keeps_its_own_field_names(path: Path, fields: dict[str, object]) -> None:
    with RecordWriter(path) as writer, pytest.raises(ValueError, match="taken"):
        writer.write("cloud", **fields)


def test_what_cannot_be_stored_leaves_no_trace(path: Path) -> None:
    with RecordWriter(path) as writer:
        writer.write("run", **run_fields())
        with pytest.raises(TypeError):
            writer.write("cloud", event=object())
        with pytest.raises(ValueError, match="frobnicate"):
            writer.write("frobnicate")
        assert writer.write("cloud", event="listening") == 1
    assert len(RunRecord.load(path).events) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not unlink open files")
def test_a_vanished_file_is_noticed(path: Path) -> None:
    with RecordWriter(path) as writer:
        path.unlink()
        with pytest.raises(RecordError, match="vanished"):
            writer.write("run", **run_fields())


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is POSIX")
def test_a_full_disk_raises_and_leaves_whole_lines(path: Path) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
from reports.record import RecordError, RecordWriter
from tests.reports.synthetic import run_fields
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = RecordWriter(Path(sys.argv[1]))
writer.write("run", **run_fields())
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    for _ in range(100):
        writer.write("cloud", event="x" * 99)
except RecordError as error:
    print(error)
try:
    writer.write("cloud", event="x" * 9999)
except RecordError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=_root(), timeout=60
    )
    assert done.stdout.count("cannot write the run record") == 2
    record = RunRecord.load(path)
    assert not record.truncated
    assert len(record.events) > 5


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_killed_run_leaves_a_readable_record(path: Path) -> None:
    code = """
import sys
from pathlib import Path
from reports.record import RecordWriter
from tests.reports.synthetic import write_head
writer = RecordWriter(Path(sys.argv[1]))
write_head(writer)
writer.write("cloud", event="listening")
print("ready", flush=True)
sys.stdin.read()
"""
    victim = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_root(),
    )
    with victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "ready\n"
        os.kill(victim.pid, signal.SIGKILL)
    record = RunRecord.load(path)
    assert record.events[-1].kind == "cloud"
    assert not record.complete


def test_a_half_written_last_line_is_dropped(path: Path) -> None:
    write_run(path)
    whole = len(RunRecord.load(path).events)
    path.write_bytes(path.read_bytes()[:-7])
    record = RunRecord.load(path)
    assert record.truncated
    assert not record.complete
    assert len(record.events) == whole - 1


def test_zero_bytes_after_a_power_cut_are_dropped(path: Path) -> None:
    write_run(path)
    path.write_bytes(path.read_bytes() + b"\0" * 512)
    assert RunRecord.load(path).complete


def holed(path: Path, first: int, last: int) -> bytes:
    """A record in which zero bytes stand from the middle of one line to the middle of another; what it was before."""
    whole, lines = path.read_bytes(), _lines(path)
    start, end = (len(b"".join(lines[:number])) + 5 for number in (first, last))
    path.write_bytes(whole[:start] + b"\0" * (end - start) + whole[end:])
    return whole


def test_what_stands_before_a_hole_of_zeros_is_read_and_what_is_lost_is_said(path: Path) -> None:
    write_run(path)
    lines = len(_lines(path))
    whole = RunRecord.load(path)
    before = holed(path, 8, 11)
    record = RunRecord.load(path)
    assert record.events[:8] == whole.events[:8]
    size = path.read_bytes().count(b"\0")
    damage = (
        f"the record is damaged behind line 8: {size} zero bytes stand where 4 events stood, "
        f"and the {lines - 12} lines behind them are not used"
    )
    assert record.damage == damage
    assert [incident.text for incident in record.incidents] == [damage]
    assert not record.complete, "the footer behind the hole does not stand for these lines"
    assert len(path.read_bytes()) == len(before)


def test_a_run_with_a_hole_in_its_record_has_died(path: Path) -> None:
    write_run(path)
    holed(path, 4, 11)
    conclusion = conclude(RunRecord.load(path), strict=False)
    assert conclusion.died
    assert conclusion.exit_status == 6


def test_a_hole_to_the_last_line_says_no_number(path: Path) -> None:
    write_run(path)
    holed(path, 8, len(_lines(path)) - 1)
    record = RunRecord.load(path)
    assert record.damage is not None
    assert "stand where events stood, and the 0 lines behind" in record.damage


def test_a_record_of_which_a_hole_leaves_nothing_is_refused(path: Path) -> None:
    write_run(path)
    holed(path, 0, 2)
    with pytest.raises(RecordError, match="no complete line"):
        RunRecord.load(path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no complete line"),
        (b"no json\n", "line 1 is no event"),
        (b"[]\n", "line 1 is no event"),
        (b"\xff\xfe\n", "line 1 is no event"),
        (b"[" * 100_000 + b"\n", "line 1 is no event"),
        (b'{"seq": 0, "t": 0, "wall": "", "kind": "cloud", "test": null, "event": "x"}\n', "does not open"),
        (b'{"seq": 0, "t": 0, "wall": "", "kind": "run", "test": null, "schema": 3}\n', "schema 3"),
        (b'{"seq": 3, "t": 0, "wall": "", "kind": "run", "test": null, "schema": 1}\n', "sequence number 3"),
    ],
)
def test_garbage_is_refused_in_one_line(path: Path, content: bytes, complaint: str) -> None:
    path.write_bytes(content)
    with pytest.raises(RecordError, match=complaint) as caught:
        RunRecord.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("serial", {"dir": "sideways"}),
        ("serial", {"dir": []}),
        ("serial", {"data": None}),
        ("finding", {"verdict": "SPLENDID"}),
        ("finding", {"requirement": "XX-99"}),
        ("test-end", {"verdict": "pass"}),
        ("test-end", {"test": "conformance/unheard_of.py::test_it"}),
        ("mqtt", {"fields": "none"}),
        ("catalogue", {"requirements": [{"id": "ID-01"}]}),
    ],
)
def test_an_event_out_of_shape_is_refused_in_one_line(path: Path, kind: str, changes: dict[str, object]) -> None:
    write_run(path)
    number = next(i for i, line in enumerate(_lines(path)) if json.loads(line)["kind"] == kind)
    _rewritten(path, number, **changes)
    with pytest.raises(RecordError) as caught:
        RunRecord.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_record_is_refused(path: Path) -> None:
    with pytest.raises(RecordError, match="no run record"):
        RunRecord.load(path)


def test_kinds_of_later_suites_are_kept_and_ignored(path: Path) -> None:
    write_run(path)
    lines = _lines(path)
    *before, footer = lines
    event = json.loads(before[-1])
    event.update(seq=event["seq"] + 1, kind="weather")
    later = b"".join(before) + json.dumps(event).encode() + b"\n"
    end = json.loads(footer)
    end.update(seq=end["seq"] + 1, events=end["seq"] + 1, sha256=hashlib.sha256(later).hexdigest())
    path.write_bytes(later + json.dumps(end).encode() + b"\n")
    assert RunRecord.load(path).complete


def test_nothing_comes_after_the_footer(path: Path) -> None:
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("end", exit_status=0, verdict="PASS")
        with pytest.raises(RecordError, match="has its footer already"):
            writer.write("cloud", event="late")
    assert RunRecord.load(path).complete


@pytest.mark.parametrize("number", [0, 1, 5])
def test_a_line_that_was_changed_after_the_run_is_noticed(path: Path, number: int) -> None:
    write_run(path)
    lines = _lines(path)
    event = json.loads(lines[number])
    event["t"] += 0.5
    lines[number] = json.dumps(event).encode() + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(RecordError, match=r"record\.jsonl: the footer stands for other lines than these"):
        RunRecord.load(path)


def test_a_line_behind_the_footer_is_noticed(path: Path) -> None:
    write_run(path)
    lines = _lines(path)
    path.write_bytes(b"".join([*lines, lines[-1].replace(b'"seq":%d' % (len(lines) - 1), b'"seq":%d' % len(lines))]))
    with pytest.raises(RecordError, match=rf"line {len(lines)} is a footer, and 1 lines come after it"):
        RunRecord.load(path)


def test_the_record_gives_back_what_the_run_knew(path: Path) -> None:
    write_run(path)
    record = RunRecord.load(path)
    assert record.rig["name"] == "lab-07"
    assert record.lang == "zh"
    assert len(record.requirements) == 100
    assert record.sections["2.4.1"].zh.startswith("设备名")
    assert record.declared["ID-01"] == (nodeid("ID-01"),)
    test = record.tests[nodeid("ID-01")]
    assert test.requirements == ("ID-01",)
    assert test.seconds == 0.25
    (finding,) = record.findings_of(test.nodeid)
    assert finding.requirement == "ID-01"
    assert [incident.recovered for incident in record.incidents] == [True] * 3


def test_the_record_gives_back_the_register_and_the_commands(path: Path) -> None:
    write_run(path)
    record = RunRecord.load(path)
    first = record.ambiguities[0]
    assert (first.id, first.sections, first.requirements) == ("AMB-01", ("2.3",), ("FMT-01",))
    assert first.what.zh.startswith("2.3 节")
    assert first.ruling.en == "The colon it is."
    assert [command.name for command in record.commands] == ["+ALYDEVICENAME", "+ALYMQTTOPEN", "+ALYMQTTPUB"]
    assert record.commands[0].forms == ("query", "set")


def test_a_ruling_for_a_requirement_that_is_not_there_is_refused(path: Path) -> None:
    write_run(path, footer=False)
    path.write_text(path.read_text("utf-8").replace('"requirements":["FMT-01"]}', '"requirements":["FMT-99"]}', 1))
    with pytest.raises(RecordError, match="FMT-99"):
        RunRecord.load(path)


def test_the_last_identity_with_a_revision_counts(path: Path) -> None:
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("module", identity={}, model="ML302", revision="V2", serial_number=None, dialect={})
        writer.write("module", identity={}, model=None, revision=None, serial_number=None, dialect={})
    module = RunRecord.load(path).module
    assert module is not None
    assert module.revision == "V2"


def test_a_test_sees_its_own_events_and_those_of_nobody_while_it_ran(path: Path) -> None:
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("cloud", event="before")
        write_test(writer, "ID-01", Verdict.PASS)
        write_test(writer, "ID-02", Verdict.PASS)
    record = RunRecord.load(path)
    events = record.events_of(nodeid("ID-01"))
    assert {event.test for event in events} == {nodeid("ID-01"), None}
    assert [event.data["packet"] for event in events if event.kind == "mqtt"] == ["PUBLISH", "PUBACK"]
    assert "before" not in [event.data.get("event") for event in events]
    assert [event.t for event in events] == sorted(event.t for event in events)
    assert any(event.data.get("data") == HOSTILE for event in events)


def _root() -> Path:
    return Path(__file__).resolve().parents[2]
