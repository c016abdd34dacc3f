"""``python -m reports verify``: any byte changed anywhere is found, and everything said is derived again."""

from __future__ import annotations

import os
import re
import shutil
import struct
import warnings
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.__main__ import main
from reports.bundle.container import ContainerWriter, DosTime
from reports.bundle.contents import EVIDENCE, DoesNotHold
from reports.bundle.make import pack
from reports.bundle.rederive import rederive
from reports.bundle.verify import verify
from reports.events import RecordError
from reports.record import RunRecord
from tests.reports.evidence import write_evidence, write_keys

AGAIN = "0 of 2 judgements made again from the raw bytes; report.html rendered again, the same"
OLD = Path(__file__).parent / "data" / "bundle-schema-1.zip"


def bundled(run_dir: Path, *options: str) -> Path:
    assert main(["bundle", str(run_dir), *options]) == 0
    return run_dir / "bundle.zip"


def _without_time(line: str) -> str:
    """A line of verify but for how long rendering took."""
    return re.sub(r" in \d+\.\d s, the same", ", the same", line)


def detected(data: bytes) -> bool:
    """Whether a bundle of these bytes is refused."""
    try:
        verify(BytesIO(data))
    except (DoesNotHold, RecordError):
        return True
    return False


@pytest.mark.parametrize("signed", [True, False])
def test_a_bundle_that_holds_is_one_line_and_exit_0(
    run_dir: Path, tmp_path: Path, signed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    private, public, key = write_keys(tmp_path)
    bundle = bundled(run_dir, *(["--key", str(private)] if signed else []))
    capsys.readouterr()
    assert main(["verify", str(bundle)]) == 0
    line = _without_time(capsys.readouterr().out)
    started = RunRecord.load(run_dir / "record.jsonl").started[:19]
    head = f"verified: DEVIATION; firmware ML302_V1.0.7; rig lab-07; {started}Z; 2 tests; no review; "
    if signed:
        assert line == f"{head}signed by key {key.id}, not checked against a key of yours (--key); {AGAIN}\n"
        assert main(["verify", str(bundle), "--key", str(public)]) == 0
        assert _without_time(capsys.readouterr().out) == f"{head}signed by key {key.id}, the one given; {AGAIN}\n"
    else:
        assert line == f"{head}unsigned; {AGAIN}\n"


def test_a_bundle_needs_nothing_but_itself(run_dir: Path, tmp_path: Path) -> None:
    bundle = bundled(run_dir)
    alone = tmp_path / "elsewhere.bin"
    shutil.move(bundle, alone)
    shutil.rmtree(run_dir)
    assert main(["verify", str(alone)]) == 0


def test_the_key_of_another_does_not_verify(run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private, _, key = write_keys(tmp_path)
    _, other_file, other = write_keys(tmp_path, "other")
    bundle = bundled(run_dir, "--key", str(private))
    capsys.readouterr()
    assert main(["verify", str(bundle), "--key", str(other_file)]) == 1
    expected = f"does not hold: the bundle is signed by key {key.id}, not by the one given, {other.id}\n"
    assert capsys.readouterr().out == expected


def test_an_unsigned_bundle_does_not_verify_against_a_key(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, public, _ = write_keys(tmp_path)
    bundle = bundled(run_dir)
    capsys.readouterr()
    assert main(["verify", str(bundle), "--key", str(public)]) == 1
    assert capsys.readouterr().out.startswith("does not hold: the bundle is unsigned")


@pytest.mark.parametrize("content", [b"rubbish", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_malformed_public_key_is_one_line_and_exit_4(
    run_dir: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, bad = bundled(run_dir), tmp_path / "bad.pub"
    bad.write_bytes(content)
    capsys.readouterr()
    assert main(["verify", str(bundle), "--key", str(bad)]) == 4
    error = f"{bad}: a malformed public key: a PEM or OpenSSH public key is needed\n"
    assert capsys.readouterr().err == error


def test_a_private_key_is_not_taken_for_the_public_one(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private, _, _ = write_keys(tmp_path)
    bundle = bundled(run_dir, "--key", str(private))
    capsys.readouterr()
    assert main(["verify", str(bundle), "--key", str(private)]) == 4
    assert "a private key; give the public one" in capsys.readouterr().err


# Every byte


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_each_byte_changed_is_detected(run_dir: Path, flip: int, signed: bool) -> None:
    (run_dir / "simulator.log").write_bytes(b"")
    key = Ed25519PrivateKey.generate() if signed else None
    bundle = pack(rederive(run_dir), run_dir, key)
    assert not detected(bundle)
    changed = bytearray(bundle)
    missed = []
    for position in range(len(bundle)):
        changed[position] ^= flip
        if not detected(bytes(changed)):
            missed.append(position)
        changed[position] ^= flip
    assert missed == []


def test_each_byte_less_or_more_is_detected(run_dir: Path) -> None:
    bundle = pack(rederive(run_dir), run_dir, Ed25519PrivateKey.generate())
    step = 97
    for position in (*range(0, len(bundle), step), len(bundle) - 1):
        assert detected(bundle[:position] + bundle[position + 1 :])
        assert detected(bundle[:position])
        assert detected(bundle[:position] + b"\0" + bundle[position:])
    assert detected(bundle + b"\0")
    assert detected(bundle + bundle)


def test_compressed_otherwise_it_is_another_file(run_dir: Path) -> None:
    """The same content, but not the bytes that were attested."""
    bundle = pack(rederive(run_dir), run_dir, Ed25519PrivateKey.generate())
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    when = DosTime.of(RunRecord.load(run_dir / "record.jsonl").started)
    assert _rewritten(contents, when) == bundle
    assert detected(_rewritten(contents, when, deflated=()))


def _rewritten(contents: dict[str, bytes], when: DosTime, deflated: tuple[str, ...] = EVIDENCE) -> bytes:
    writer = ContainerWriter(when)
    for name, content in contents.items():
        writer.add(name, BytesIO(content), deflate=name in deflated)
    return writer.finish()


def test_another_time_of_the_files_is_detected(run_dir: Path) -> None:
    bundle = pack(rederive(run_dir), run_dir, None)
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert detected(_rewritten(contents, DosTime.of("2001-01-01T00:00:00Z")))


# What is no bundle


def _zip(*members: tuple[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive, warnings.catch_warnings(action="ignore"):
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


MANIFEST = ("bundle.json", b'{"schema": 1}')


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "not a bundle"),
        (b"rubbish" * 100, "not a bundle"),
        (_zip(), "not a bundle: bundle.json is missing"),
        (_zip(("bundle.json", b'{"schema": 3}')), "bundle schema 3; this suite reads up to schema 2"),
        (_zip(MANIFEST), "record.jsonl is missing from the bundle"),
        (_zip(MANIFEST, MANIFEST), "it holds 'bundle.json' twice"),
        (struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 0, 0, 0), "its directory is damaged"),
    ],
    # Not the bytes: they hold the time at which they were made, so that two processes would name the tests differently.
    ids=["empty", "rubbish", "no-manifest", "newer", "no-record", "twice", "cut"],
)
def test_what_is_no_bundle_is_one_line_and_exit_4(
    tmp_path: Path, data: bytes, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(data)
    assert main(["verify", str(path)]) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{path}: ")
    assert complaint in printed.err
    assert printed.err.count("\n") == 1


def test_no_file_at_all_is_one_line_and_exit_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "none.zip")]) == 4
    assert capsys.readouterr().err == f"{tmp_path / 'none.zip'}: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("name", ["notes.txt", "/etc/passwd", "../../escape", "record.jsonl/", "C:\\evil"])
def test_a_file_too_many_is_one_line_and_exit_4(
    run_dir: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = bundled(run_dir)
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    capsys.readouterr()
    assert main(["verify", str(bundle)]) == 4
    assert capsys.readouterr().err == f"{bundle}: {name!a} does not belong into a bundle\n"


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("name", ["capture.pcapng", "summary.json", "SHA256SUMS", "bundle.json"])
def test_a_file_too_few_is_one_line_and_exit_4(
    run_dir: Path, tmp_path: Path, name: str, signed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = pack(rederive(run_dir), run_dir, Ed25519PrivateKey.generate() if signed else None)
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        contents = {member: archive.read(member) for member in archive.namelist() if member != name}
    started = RunRecord.load(run_dir / "record.jsonl").started
    path = tmp_path / "b.zip"
    if name == "capture.pcapng":
        # A careful thief mends the manifest and the checksums too.
        (run_dir / name).unlink()
        mended = pack(rederive(run_dir), run_dir, None)
        with zipfile.ZipFile(BytesIO(mended)) as archive:
            contents |= {member: archive.read(member) for member in ("bundle.json", "SHA256SUMS")}
    path.write_bytes(_rewritten(contents, DosTime.of(started)))
    assert main(["verify", str(path)]) == 4
    assert f"{name}" in (error := capsys.readouterr().err)
    assert "missing" in error


def test_hostile_names_are_inert_in_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_dir = write_evidence(tmp_path / "run", rig={"name": "lab\x1b[31m\n\u202egnp"})
    capsys.readouterr()
    assert main(["verify", str(bundled(run_dir))]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert "rig lab\\x1b[31m\\n\\u202egnp;" in line


def test_verifying_leaves_nothing_behind(run_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = bundled(run_dir)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = sorted(run_dir.iterdir())
    assert main(["verify", str(bundle)]) == 0
    assert list(scratch.iterdir()) == []
    assert sorted(run_dir.iterdir()) == before


def test_an_old_bundle_still_verifies(capsys: pytest.CaptureFixture[str]) -> None:
    """Made once by ``python -m tests.reports.evidence``; whatever the suite becomes, this evidence has to stand."""
    assert main(["verify", str(OLD)]) == 0
    assert capsys.readouterr().out.startswith("verified: DEVIATION; firmware ML302_V1.0.7; rig lab-07; ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (["verify", "fifo"], "fifo: cannot be read: it is a pipe, not a file"),
        (["verify", "."], ".: cannot be read: it is a directory, not a file"),
        (["verify", os.devnull], f"{os.devnull}: cannot be read: it is a device, not a file"),
        (["rebuild", "run"], "run/record.jsonl: no run record to read: it is a pipe, not a file"),
        (["compare", "run", "run"], "run: summary.json cannot be read: it is a pipe, not a file"),
    ],
)
def test_what_is_no_file_is_refused_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    Path("run").mkdir()
    for name in ("record.jsonl", "summary.json"):
        os.mkfifo(Path("run", name))
    assert main(command) == 4
    assert capsys.readouterr().err == f"{complaint}\n"
