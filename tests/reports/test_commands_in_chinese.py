"""``python -m reports ... --lang zh``: what the commands print is Chinese but for names, numbers and bytes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from reports.__main__ import main
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
