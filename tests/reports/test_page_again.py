"""The page in a bundle is rendered again from the record: whatever was edited in it is found and named."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.__main__ import main
from reports.bundle import make
from reports.bundle.page import page, why_not_again
from reports.bundle.rederive import rederive
from reports.html.renderer import renderer, sources
from reports.record import RunRecord

OLD = Path(__file__).parent / "data" / "bundle-schema-1.zip"
_PACKED = re.compile(r'(class="packed" data-count="\d+">)([^<]*)(<)')


def _repacked(change: Callable[[bytes], bytes], level: int = 9, behind: bytes = b"") -> Callable[[str], str]:
    """Changes what a page has packed."""

    def changed(match: re.Match[str]) -> str:
        raw = change(zlib.decompress(base64.b64decode(match[2])))
        return f"{match[1]}{base64.b64encode(zlib.compress(raw, level) + behind).decode()}{match[3]}"

    return lambda markup: _PACKED.sub(changed, markup)


def _verified(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], edit: Callable[[str], str]
) -> tuple[int, str]:
    """What verify says of a bundle, signed and whole, in which the page was edited."""
    monkeypatch.setattr(make, "page", lambda record: edit(page(record).decode()).encode("utf-8", "surrogateescape"))
    bundle = run_dir / "edited.zip"
    bundle.write_bytes(make.pack(rederive(run_dir), run_dir, Ed25519PrivateKey.generate()))
    capsys.readouterr()
    status = main(["verify", str(bundle)])
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    assert printed.err == ""
    return status, printed.out


def test_an_untouched_page_verifies_and_the_time_is_told(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, line = _verified(run_dir, monkeypatch, capsys, lambda markup: markup)
    assert status == 0
    assert re.search(r"; report\.html rendered again in \d+\.\d s, the same\n$", line)


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda page: page.replace(">DEVIATION<", ">PASS<", 1), ["line ", ">PASS<", ">DEVIATION<"]),
        (lambda page: page.replace('class="number">1<', 'class="number">0<', 1), ["line ", 'number">0<', 'number">1<']),
        (lambda page: page.replace("86", "87", 1), ["line ", "87", "86"]),
        (lambda page: page.replace("</body>", "<script>x()</script></body>"), ["a script too many", "<script>x()"]),
        (lambda page: page.replace("</body>", "<ScRiPt>x()</ScRiPt></body>"), ["a script too many", "<ScRiPt>x()"]),
        (lambda page: page.replace("script-src 'sha256-", "script-src * 'sha256-").replace("&#39;", "'"), ["line "]),
        (lambda page: page.replace("</style>", ".fail{display:none}</style>"), ["line ", ".fail{display:none}"]),
        (lambda page: f"{page} ", ["line "]),
        (lambda page: page[:-1], ["line "]),
        (lambda page: page.replace("<html", "\udcff<html"), ["line 2 says", "\\xff"]),
        (_repacked(lambda raw: raw.replace(b"PASS", b"FAIL", 1)), ["packed details of its tests", "FAIL", "PASS"]),
        (_repacked(lambda raw: raw + b" " * 10**7), ["packed details of its tests"]),
        (_repacked(lambda raw: raw, behind=b"x"), ["something stands behind the packed details"]),
        (lambda page: _PACKED.sub(r"\1AAAA\3", page), ["packed details of its tests cannot be unpacked"]),
        (lambda page: _PACKED.sub(r"\1!\3", page), ["line "]),
    ],
)
def test_whatever_is_edited_is_found_and_named(
    run_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    edit: Callable[[str], str],
    named: list[str],
) -> None:
    status, line = _verified(run_dir, monkeypatch, capsys, edit)
    assert status == 1
    assert line.startswith("does not hold: report.html was changed: ")
    for part in named:
        assert part in line


def test_packed_otherwise_it_is_the_same_page(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another machine's zlib may make other bytes of the same."""
    status, _ = _verified(run_dir, monkeypatch, capsys, _repacked(lambda raw: raw, level=1))
    assert status == 0


def test_another_version_of_the_suite_says_that_it_cannot_render_it_and_does_not_fail(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make, "renderer", lambda: {**renderer(), "code": "ab" * 32})
    status, line = _verified(run_dir, monkeypatch, capsys, lambda markup: markup.replace("<h1>", "<h1>Later: "))
    assert status == 0
    ours = renderer()["code"][:12]
    told = f"rendered by another version of the suite (abababababab, this one is {ours})"
    assert line.endswith(f"; report.html was not rendered again: {told}\n")


def test_what_else_a_page_depends_on_is_named() -> None:
    assert why_not_again(renderer()) is None
    assert str(why_not_again({**renderer(), "python": "2.7"})).startswith("rendered by Python 2.7, here 3.")
    assert "another version of the suite" in str(why_not_again({**renderer(), "new": "x"}))


def test_an_old_bundle_says_that_it_does_not_tell_by_what_its_page_was_rendered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["verify", str(OLD)]) == 0
    told = (
        "report.html was not rendered again: the bundle is of schema 1, which does not tell by what it was rendered\n"
    )
    assert capsys.readouterr().out.endswith(told)


@pytest.mark.parametrize("told", [None, "x", {"python": "3"}, {"code": 1}])
def test_a_manifest_that_does_not_tell_by_what_does_not_hold(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], told: object
) -> None:
    def manifest(length: int, sha256: str, _: object) -> bytes:
        return json.dumps({"schema": 2, "packed": {"bytes": length, "sha256": sha256}, "renderer": told}).encode()

    monkeypatch.setattr(make, "manifest", manifest)
    status, line = _verified(run_dir, monkeypatch, capsys, lambda markup: markup)
    assert (status, line) == (1, "does not hold: the manifest does not tell by what the page was rendered\n")


def test_what_pytest_captured_stays_out_of_the_bundle(run_dir: Path) -> None:
    report = run_dir / "report.html"
    report.write_text(report.read_text("utf-8").replace("</body>", "<pre>captured</pre></body>"), "utf-8")
    assert main(["bundle", str(run_dir)]) == 0
    with zipfile.ZipFile(run_dir / "bundle.zip") as bundle:
        assert bundle.read("report.html") == page(RunRecord.load(run_dir / "record.jsonl"))
    assert "captured" in report.read_text("utf-8"), "the page of the run stays as it was"


def test_a_page_depends_on_the_record_alone(run_dir: Path) -> None:
    """Neither on the clock, nor on time zone, language, order of sets, or where the record lies."""
    code = "import sys, pathlib; from reports.bundle.page import page; from reports.record import RunRecord; "
    code += "sys.stdout.buffer.write(page(RunRecord.load(pathlib.Path(sys.argv[1]))))"
    elsewhere = run_dir.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "record.jsonl").write_bytes((run_dir / "record.jsonl").read_bytes())
    root = Path(__file__).parents[2]
    pages = [
        subprocess.run(
            [sys.executable, "-c", code, str(path / "record.jsonl")],
            cwd=where,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": lang},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for path, where, seed, zone, lang in (
            (run_dir, root, "1", "UTC", "C.UTF-8"),
            (elsewhere, elsewhere, "2", "Asia/Shanghai", "C"),
        )
    ]
    assert pages[0] == pages[1] == page(RunRecord.load(run_dir / "record.jsonl"))


def test_the_fingerprint_is_of_what_takes_part_in_rendering() -> None:
    root = Path(__file__).parents[2]
    names = {path.relative_to(root).as_posix() for path in sources()}
    needed = ("html/render.py", "html/diff.py", "html/templates/report.js", "html/templates/sheet.html.jinja")
    needed += ("texts/report.py", "judging/judge.py", "judging/words.py", "inert.py", "charts.py", "record.py")
    assert {f"reports/{name}" for name in needed} <= names
    assert not {name for name in names if name.startswith(("reports/compare", "reports/site", "reports/bundle"))}
    assert re.fullmatch(r"[0-9a-f]{64}", renderer()["code"])
