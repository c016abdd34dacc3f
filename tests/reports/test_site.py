"""The history of many runs: what it tells, what it survives, and how it is put in its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.site.history import History, collect
from reports.verdicts import Verdict
from tests.reports.stored_runs import bundle, latency, store, summary


def day(number: int) -> str:
    return f"2026-11-{number:02d}T08:00:00.000000Z"


def module(revision: str) -> dict[str, str]:
    return {"model": "ML302", "revision": revision, "serial_number": "861234567890123"}


def history(directory: Path) -> History:
    return collect(directory, directory / "site")


def page(directory: Path, name: str = "index.html") -> str:
    assert main(["site", str(directory)]) == 0
    return (directory / "site" / name).read_text(encoding="utf-8")


def cells(content: str, identifier: str) -> list[str]:
    """The letters in a requirement's line of the grid."""
    row = re.search(rf'<tr><th scope="row">{identifier}</th>.*?</tr>', content, re.DOTALL)
    assert row
    return re.findall(r'<td class="cell"><\w+ [^>]*>(.)<', row[0])


def test_a_column_is_the_latest_run_of_a_firmware_the_newest_first(tmp_path: Path) -> None:
    store(tmp_path / "a", summary({"ID-01": "FAIL"}, started=day(1), module=module("V1")))
    store(tmp_path / "b", summary({"ID-01": "DEVIATION"}, started=day(2), module=module("V1")))
    store(tmp_path / "c", summary({"ID-03": "NOT TESTED"}, started=day(3), module=module("V2")))
    content = page(tmp_path)
    assert cells(content, "ID-01") == ["P", "D"]
    assert cells(content, "ID-03") == ["–", "P"]
    assert 'href="../c/report.html#ID-01"' in content


def test_a_run_that_died_does_not_hide_one_that_did_not(tmp_path: Path) -> None:
    store(tmp_path / "a", summary({"ID-01": "FAIL"}, started=day(1)))
    store(tmp_path / "b", summary({"ID-01": "NOT TESTED"}, started=day(2), complete=False))
    content = page(tmp_path)
    assert cells(content, "ID-01") == ["F"]
    assert "died before its end" in content


def test_bundles_count_and_a_run_beside_its_bundle_counts_once(tmp_path: Path) -> None:
    store(tmp_path / "b", summary(started=day(1)))
    bundle(tmp_path / "a.zip", summary(started=day(1)))
    bundle(tmp_path / "c.zip", summary(started=day(2)))
    (tmp_path / "latest").symlink_to("b")
    runs = history(tmp_path).runs
    assert [run.path.name for run in runs] == ["b", "c.zip"]
    assert [run.link for run in runs] == ["../b/report.html", "../c.zip"]


def test_broken_runs_are_listed_with_their_reason(tmp_path: Path) -> None:
    store(tmp_path / "good", summary())
    store(tmp_path / "newer", summary(schema=2))
    (store(tmp_path / "died", summary()) / "summary.json").unlink()
    (tmp_path / "empty").mkdir()
    (tmp_path / "half.zip").write_bytes(b"PK\x03\x04half")
    (tmp_path / "notes.txt").write_text("no run", encoding="utf-8")
    found = {item.name: item.en for item in history(tmp_path).broken}
    assert found.keys() == {"newer", "died", "empty", "half.zip"}
    assert "schema 2" in found["newer"]
    assert "the run died" in found["died"]
    content = page(tmp_path)
    assert str(tmp_path) not in content
    assert "summary schema 2; this suite reads schema 1" in content


def test_a_verdict_that_changes_with_neither_firmware_nor_suite_is_flaky(tmp_path: Path) -> None:
    for number, verdict in enumerate(["PASS", "FAIL", "WAIVED", "PASS", "BENCH ERROR", "PASS"], start=1):
        store(tmp_path / f"run-{number}", summary({"ID-01": verdict}, started=day(number)))
    (flaky,) = history(tmp_path).flaky()
    assert flaky.id == "ID-01"
    assert flaky.flips == 2
    assert flaky.counts == {Verdict.PASS: 3, Verdict.FAIL: 1, Verdict.WAIVED: 1}


def test_a_verdict_that_changes_with_the_firmware_or_the_suite_is_not(tmp_path: Path) -> None:
    store(tmp_path / "a", summary({"ID-01": "FAIL"}, started=day(1)))
    store(tmp_path / "b", summary(started=day(2), module=module("V2")))
    store(tmp_path / "c", summary(started=day(3), suite={"version": "0.2.0", "commit": "1", "dirty": False}))
    store(tmp_path / "d", summary(started=day(4), complete=False))
    assert not history(tmp_path).flaky()


def test_each_rig_has_a_page_of_its_own(tmp_path: Path) -> None:
    names = ["lab-07", "lab 07", 'x"><script>window.hacked=1</script>', "../../etc"]
    for number, rig in enumerate(names, start=1):
        store(tmp_path / f"run-{number}", summary(started=day(number), rig=rig))
    index = page(tmp_path)
    made = {path.name for path in (tmp_path / "site").glob("*.html")}
    assert len(made) == 5
    assert made == {"index.html", *re.findall(r'class="page" href="([^"]+)"', index)}
    assert all(re.fullmatch(r"[\w.-]+", name) for name in made)


def test_timing_follows_each_command(tmp_path: Path) -> None:
    store(tmp_path / "a", summary(started=day(1)))
    store(tmp_path / "b", summary(started=day(2), latency=latency(2)))
    content = page(tmp_path)
    assert "AT+ALYMQTTPUB=" in content
    assert "+100 %" in content


def test_hostile_texts_are_inert_and_nothing_is_loaded(tmp_path: Path) -> None:
    hostile = '"><script>window.hacked=1</script><img src=x onerror="window.hacked=1">\u202e'
    content = summary(module=module(hostile), rig=hostile, profile=hostile, suite={"version": hostile})
    content["requirements"][hostile] = content["requirements"]["ID-01"]
    content["latency"] = {hostile: latency(1)["AT+ALYMQTTPUB="]}
    store(tmp_path / "a<b>", content)
    shown = page(tmp_path)
    assert "<img" not in shown
    assert shown.count("<script>") == 1
    assert "\u202e" not in shown
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", shown)


def test_an_older_site_is_replaced_as_a_whole(tmp_path: Path) -> None:
    for number, rig in enumerate(("one", "two"), start=1):
        store(tmp_path / f"run-{number}", summary(started=day(number), rig=rig))
    page(tmp_path)
    assert (tmp_path / "site" / "rig-two.html").exists()
    (tmp_path / "run-2" / "summary.json").unlink()
    page(tmp_path)
    assert not (tmp_path / "site" / "rig-two.html").exists()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_is_no_site_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store(tmp_path / "run", summary())
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert main(["site", str(tmp_path), "--output", str(home)]) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert (home / "thesis.txt").exists()


@pytest.mark.parametrize("made", ["missing", "file", "empty"])
def test_a_directory_that_holds_no_runs_is_one_line_and_exit_4(
    made: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "runs"
    if made == "file":
        directory.write_text("x", encoding="utf-8")
    elif made == "empty":
        directory.mkdir()
    assert main(["site", str(directory)]) == 4
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert str(directory) in printed.err
    assert not (tmp_path / "runs" / "site").exists()


def test_a_disk_that_refuses_leaves_the_old_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store(tmp_path / "run", summary())
    before = page(tmp_path)

    def refuse(self: Path, *arguments: object, **options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert main(["site", str(tmp_path)]) == 4
    assert "No space left" in capsys.readouterr().err
    monkeypatch.undo()
    assert (tmp_path / "site" / "index.html").read_text(encoding="utf-8") == before
