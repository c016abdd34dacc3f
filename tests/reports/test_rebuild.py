"""``python -m reports``: every report can be made again from the record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.record import RecordWriter
from tests.reports.synthetic import write_head, write_run


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    write_run(tmp_path / "record.jsonl")
    return tmp_path


def test_rebuild_makes_all_reports(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebuild", str(run_dir)]) == 0
    made = {path.name for path in run_dir.iterdir()}
    assert made == {"record.jsonl", "summary.json", "junit.xml", "report.html", "capture.pcapng"}
    assert '<html lang="zh-CN">' in (run_dir / "report.html").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith("FAIL\n")


@pytest.mark.parametrize(
    ("command", "file"),
    [("html", "report.html"), ("summary", "summary.json"), ("junit", "junit.xml"), ("capture", "capture.pcapng")],
)
def test_one_report_alone(run_dir: Path, command: str, file: str) -> None:
    assert main([command, str(run_dir)]) == 0
    assert {path.name for path in run_dir.iterdir()} == {"record.jsonl", file}


@pytest.mark.parametrize("command", ["rebuild", "capture"])
def test_a_run_without_mqtt_packets_has_no_capture(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as record:
        write_head(record)
        record.write("end", exit_status=0, verdict="PASS")
    assert main([command, str(tmp_path), "--lang=en"]) == 0
    assert not (tmp_path / "capture.pcapng").exists()
    assert "no capture.pcapng: no MQTT packet in this run\n" in capsys.readouterr().out
    assert main([command, str(tmp_path), "--lang=zh"]) == 0
    assert "没有 capture.pcapng：本次运行没有 MQTT 报文\n" in capsys.readouterr().out


def test_a_packet_that_cannot_be_read_is_one_line_and_exit_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as record:
        write_head(record)
        record.write("mqtt", connection=1, dir="up", packet="PINGREQ", fields={}, hex="no hex")
    assert main(["capture", str(tmp_path)]) == 4
    assert capsys.readouterr().err.endswith("record.jsonl: line 4: a mqtt event without a proper 'hex'\n")


def test_a_hole_in_the_record_is_told_and_what_stands_before_it_is_rebuilt(
    run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = run_dir / "record.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    start, length = len(b"".join(lines[:-6])) + 3, len(lines[-6])
    content = record.read_bytes()
    record.write_bytes(content[:start] + b"\0" * length + content[start + length :])
    assert main(["rebuild", str(run_dir), "--lang", "en"]) == 0
    damage = f"the record is damaged behind line {len(lines) - 6}: {length} zero bytes stand where 2 events stood"
    assert damage in capsys.readouterr().out
    assert damage in (run_dir / "report.html").read_text(encoding="utf-8")
    assert damage in (run_dir / "junit.xml").read_text(encoding="utf-8")
    summary = json.loads((run_dir / "summary.json").read_text(encoding="utf-8"))
    assert not summary["complete"]
    assert damage in summary["incidents"][-1]["text"]


def test_language_and_strictness_can_be_chosen(run_dir: Path) -> None:
    assert main(["rebuild", str(run_dir), "--lang", "en", "--strict"]) == 0
    assert '<html lang="en">' in (run_dir / "report.html").read_text(encoding="utf-8")
    summary = json.loads((run_dir / "summary.json").read_text(encoding="utf-8"))
    assert summary["strict"] is True
    assert summary["counts"]["DEVIATION"]["all"] == 0


def test_a_rebuilt_summary_does_not_change(run_dir: Path) -> None:
    main(["summary", str(run_dir)])
    first = (run_dir / "summary.json").read_bytes()
    main(["summary", str(run_dir)])
    assert (run_dir / "summary.json").read_bytes() == first


@pytest.mark.parametrize("content", [None, b"", b"garbage\n"])
def test_a_record_that_is_none_is_one_line_and_exit_4(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "record.jsonl").write_bytes(content)
    assert main(["rebuild", str(tmp_path)]) == 4
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert "record.jsonl" in printed.err
