"""``python -m reports ... --lang zh``: what the commands print is Chinese but for names, numbers and bytes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.i18n import Lang
from reports.junit import render_junit
from reports.record import RunRecord
from reports.summary import summarise
from tests.fixtures.sentences import english_in
from tests.reports.evidence import write_evidence, write_keys

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return write_evidence(tmp_path / "run")


def test_a_bundle_that_holds(run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private, public, key = write_keys(tmp_path)
    assert main(["bundle", str(run_dir), "--key", str(private), "--lang=zh"]) == 0
    made = capsys.readouterr().out
    assert main(["verify", str(run_dir / "bundle.zip"), "--key", str(public), "--lang=zh"]) == 0
    line = capsys.readouterr().out
    assert line.startswith("校验通过：DEVIATION；固件 ML302_V1.0.7；台架 lab-07；")
    assert f"；由所给密钥 {key.id} 签名；2 项判定中有 0 项由原始字节重新判定；report.html 已重新渲染（" in line
    assert not english_in(line)
    assert not english_in(made.replace(str(run_dir), ""))


def test_a_bundle_that_does_not_hold(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", str(run_dir)]) == 0
    bundle = run_dir / "bundle.zip"
    content = bytearray(bundle.read_bytes())
    content[len(content) // 4] ^= 1
    bundle.write_bytes(content)
    capsys.readouterr()
    assert main(["verify", str(bundle), "--lang=zh"]) == 1
    line = capsys.readouterr().out
    assert line.startswith("不成立：")
    assert not english_in(line)


@pytest.mark.parametrize("command", ["verify", "show", "compare", "rebuild", "certify", "rejudge", "review", "bundle"])
def test_what_cannot_be_read(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """But for the operating system's own words, which are told as they are."""
    missing = tmp_path / "missing"
    others = [str(missing)] if command == "compare" else []
    assert main([command, str(missing), *others, "--lang=zh"]) == 4
    said = capsys.readouterr().err
    assert _CHINESE.search(said)
    assert not english_in(said.replace(str(tmp_path), "").replace("No such file or directory", ""))


def test_what_a_reviewer_has_decided(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(run_dir), "--decision=accepted", "--reviewer=质检", "--lang=zh"]) == 0
    assert capsys.readouterr().out.endswith("项；本次运行：接受，评审人：质检\n")
    assert json.loads((run_dir / "review.json").read_text("utf-8"))["decision"] == "accepted"


def test_what_a_reviewer_is_asked(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "a"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    assert main(["review", str(run_dir), "--lang=zh"]) == 0
    assert asked
    assert not any(english_in(question) for question in asked)
    assert all(map(_CHINESE.search, asked))
    assert not english_in(capsys.readouterr().out)


def test_a_junit_file_is_english_unless_it_is_asked_for_in_chinese(run_dir: Path) -> None:
    """Its messages alone: cases, outcomes and properties are the same, so that a bundle of it holds."""
    record = RunRecord.load(run_dir / "record.jsonl")
    english, chinese = (render_junit(record, False, lang) for lang in (Lang.EN, Lang.ZH))
    assert main(["junit", str(run_dir)]) == 0
    assert (run_dir / "junit.xml").read_text("utf-8") == english
    assert main(["junit", str(run_dir), "--lang=zh"]) == 0
    assert (run_dir / "junit.xml").read_text("utf-8") == chinese
    assert "：预期 " in chinese
    assert ": expected " not in chinese
    assert main(["bundle", str(run_dir)]) == 0
    assert main(["verify", str(run_dir / "bundle.zip")]) == 0


def test_a_summary_explains_every_verdict_in_both_languages(run_dir: Path) -> None:
    summary = summarise(RunRecord.load(run_dir / "record.jsonl"), strict=False)
    entries = summary["requirements"].values()
    assert entries
    assert all(bool(entry["reason"]) == bool(entry["reason_zh"]) for entry in entries)
    not_tested = next(entry for entry in entries if entry["verdict"] == "NOT TESTED")
    assert _CHINESE.search(not_tested["reason_zh"])


def test_a_comparison_quotes_each_reason_in_its_language(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_evidence(tmp_path / "other")
    summary = json.loads((other / "summary.json").read_text("utf-8"))
    name, entry = next(item for item in summary["requirements"].items() if item[1]["verdict"] == "NOT TESTED")
    entry |= {"verdict": "FAIL", "reason": "what it was in words", "reason_zh": "以中文表述的原因"}
    (other / "summary.json").write_text(json.dumps(summary), "utf-8")
    page = tmp_path / "page.html"
    assert main(["compare", str(run_dir), str(other), "--lang=zh", f"--html={page}"]) == 0
    told = capsys.readouterr().out
    assert name in told
    assert "> 以中文表述的原因" in told
    assert "what it was in words" not in told
    assert '<span lang="zh-CN">以中文表述的原因</span>' in page.read_text("utf-8")
