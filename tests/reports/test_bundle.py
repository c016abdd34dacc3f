"""``python -m reports bundle``: one file with the evidence of a run, the same for the same run, or none at all."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.__main__ import main
from reports.bundle.signing import PASSWORD_VARIABLE, PublicKey
from tests.reports.evidence import change_record, of_kind, rebuild, write_evidence, write_keys


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return write_evidence(tmp_path / "run")


@pytest.fixture
def bundle(run_dir: Path, tmp_path: Path) -> Path:
    """A signed bundle of the run."""
    private, _, _ = write_keys(tmp_path)
    assert main(["bundle", str(run_dir), "--key", str(private)]) == 0
    return run_dir / "bundle.zip"


def statement_of(bundle: Path) -> Any:
    """The statement of a signed bundle, read without any code of the suite."""
    with zipfile.ZipFile(bundle) as archive:
        envelope = json.loads(archive.read("attestation.intoto.jsonl"))
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    return json.loads(base64.b64decode(envelope["payload"]))


def test_it_holds_all_evidence_that_there_is_and_nothing_else(run_dir: Path, tmp_path: Path) -> None:
    for name in ("ca.pem", "simulator.log", "rig.toml"):
        (run_dir / name).write_text(f"# {name}\n")
    (run_dir / "notes.txt").write_text("private")
    assert main(["bundle", str(run_dir), "--output", str(tmp_path / "b.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            *("record.jsonl", "report.html", "junit.xml", "summary.json", "capture.pcapng", "rig.toml"),
            *("simulator.log", "ca.pem", "bundle.json", "SHA256SUMS", "statement.json"),
        ]
        assert archive.read("record.jsonl") == (run_dir / "record.jsonl").read_bytes()


def test_the_same_run_gives_the_same_bytes(run_dir: Path, tmp_path: Path) -> None:
    private, _, _ = write_keys(tmp_path)
    for name in ("one.zip", "two.zip"):
        assert main(["bundle", str(run_dir), "--key", str(private), "--output", str(tmp_path / name)]) == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_times_in_it_are_that_of_the_run(bundle: Path, run_dir: Path) -> None:
    started = json.loads((run_dir / "record.jsonl").read_text().splitlines()[0])["wall"]
    with zipfile.ZipFile(bundle) as archive:
        for entry in archive.infolist():
            assert "{:04}-{:02}-{:02}T{:02}:{:02}".format(*entry.date_time) == started[:16]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum")
def test_the_checksums_are_what_sha256sum_checks(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path / "out")
    done = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True)
    assert done.returncode == 0
    assert done.stdout.count(b": OK\n") == 6


def test_the_statement_is_an_in_toto_test_result(bundle: Path) -> None:
    statement = statement_of(bundle)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert {"record.jsonl", "SHA256SUMS", "bundle.json"} <= {subject["name"] for subject in statement["subject"]}
    predicate = statement["predicate"]
    assert predicate["result"] == "WARNED"
    assert predicate["passedTests"] == ["FMT-01", "FMT-04"]
    assert predicate["warnedTests"] == ["NW-01"]
    assert predicate["failedTests"] == []
    configuration = {entry["name"]: entry for entry in predicate["configuration"]}
    assert configuration["suite"]["digest"] == {"gitCommit": "412282b0c0ffee"}
    assert configuration["catalogue"]["digest"] == {"sha256": "ab" * 32}
    assert json.loads(base64.b64decode(configuration["rig"]["content"]))["name"] == "lab-07"
    # spec/v1/resource_descriptor.md: at least one of these
    assert all({"uri", "digest", "content"} & entry.keys() for entry in predicate["configuration"])


@pytest.mark.parametrize(
    ("verdict", "status", "result"), [("PASS", 0, "PASSED"), ("DEVIATION", 0, "WARNED"), ("FAIL", 1, "FAILED")]
)
def test_the_result_is_that_of_the_run(tmp_path: Path, verdict: str, status: int, result: str) -> None:
    run_dir = write_evidence(tmp_path / "run")

    def change(events: list[dict[str, Any]]) -> None:
        of_kind(events, "finding")[-1]["verdict"] = verdict
        of_kind(events, "test-end")[-1]["verdict"] = verdict
        events[-1].update(verdict=verdict, exit_status=status)

    change_record(run_dir, change)
    rebuild(run_dir)
    assert main(["bundle", str(run_dir)]) == 0
    with zipfile.ZipFile(run_dir / "bundle.zip") as archive:
        assert json.loads(archive.read("statement.json"))["predicate"]["result"] == result


def test_a_url_stands_in_the_statement(run_dir: Path, tmp_path: Path) -> None:
    private, _, _ = write_keys(tmp_path)
    assert main(["bundle", str(run_dir), "--key", str(private), "--url", "https://ci.example/7"]) == 0
    assert statement_of(run_dir / "bundle.zip")["predicate"]["url"] == "https://ci.example/7"
    assert main(["verify", str(run_dir / "bundle.zip")]) == 0


def test_the_signature_holds_without_the_suite(run_dir: Path, tmp_path: Path) -> None:
    private, _, public = write_keys(tmp_path)
    assert main(["bundle", str(run_dir), "--key", str(private)]) == 0
    with zipfile.ZipFile(run_dir / "bundle.zip") as archive:
        envelope = json.loads(archive.read("attestation.intoto.jsonl"))
    payload = base64.b64decode(envelope["payload"])
    # The pre-authentication encoding of DSSE v1
    kind = envelope["payloadType"].encode()
    encoded = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    [signature] = envelope["signatures"]
    assert signature["keyid"] == public.id
    public.key.verify(base64.b64decode(signature["sig"]), encoded)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_a_key_of_openssl_signs_and_its_id_is_what_openssl_computes(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private, public = tmp_path / "k.pem", tmp_path / "k.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", public, "-outform", "DER"], check=True, capture_output=True
    ).stdout
    digest = subprocess.run(["openssl", "dgst", "-sha256", "-r"], input=der, check=True, capture_output=True).stdout
    assert main(["bundle", str(run_dir), "--key", str(private)]) == 0
    capsys.readouterr()
    assert main(["verify", str(run_dir / "bundle.zip"), "--key", str(public)]) == 0
    assert digest.decode().split()[0] in capsys.readouterr().out


def test_a_key_of_openssh_signs(run_dir: Path, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    private, public = tmp_path / "id_ed25519", tmp_path / "id_ed25519.pub"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        + b" somebody@lab\n"
    )
    assert main(["bundle", str(run_dir), "--key", str(private)]) == 0
    assert main(["verify", str(run_dir / "bundle.zip"), "--key", str(public)]) == 0


def test_an_encrypted_key_is_opened_with_the_password_of_the_environment(
    run_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    private = tmp_path / "locked.pem"
    private.write_bytes(_pem(Ed25519PrivateKey.generate(), serialization.BestAvailableEncryption(b"open sesame")))
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert main(["bundle", str(run_dir), "--key", str(private)]) == 4
    assert "put its password into ML302_KEY_PASSWORD" in capsys.readouterr().err
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong")
    assert main(["bundle", str(run_dir), "--key", str(private)]) == 4
    assert "not its password" in capsys.readouterr().err
    assert not (run_dir / "bundle.zip").exists()
    monkeypatch.setenv(PASSWORD_VARIABLE, "open sesame")
    assert main(["bundle", str(run_dir), "--key", str(private)]) == 0


def _pem(key: Any, encryption: serialization.KeySerializationEncryption | None = None) -> bytes:
    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        encryption or serialization.NoEncryption(),
    )
    return pem


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no private key"),
        (b"rubbish", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "a malformed private key"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "a malformed private key"),
        (_pem(rsa.generate_private_key(65537, 2048)), "no ed25519 key"),
        (PublicKey(Ed25519PrivateKey.generate().public_key()).pem, "no private key"),
        (b"PRIVATE KEY" * 10_000, "too large for a key"),
        (None, "No such file or directory"),
    ],
    ids=["empty", "rubbish", "cut", "cut OpenSSH", "RSA", "public", "huge", "absent"],
)
def test_a_malformed_key_is_one_line_and_exit_4(
    run_dir: Path, tmp_path: Path, content: bytes | None, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.pem"
    if content is not None:
        path.write_bytes(content)
    capsys.readouterr()
    assert main(["bundle", str(run_dir), "--key", str(path)]) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{path}: ")
    assert printed.err.count("\n") == 1
    assert complaint in printed.err
    assert not (run_dir / "bundle.zip").exists()


@pytest.mark.parametrize("name", ["summary.json", "junit.xml", "report.html"])
def test_a_missing_report_is_one_line_that_says_how_to_make_it(
    run_dir: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (run_dir / name).unlink()
    capsys.readouterr()
    assert main(["bundle", str(run_dir)]) == 4
    assert capsys.readouterr().err == f"{run_dir / name}: missing; make it with: python -m reports rebuild {run_dir}\n"
    assert not (run_dir / "bundle.zip").exists()


def test_no_record_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", str(tmp_path)]) == 4
    assert "record.jsonl: no run record to read" in capsys.readouterr().err


@pytest.mark.parametrize("keep", [-1, -40])
def test_a_run_that_died_is_not_bundled(run_dir: Path, keep: int, capsys: pytest.CaptureFixture[str]) -> None:
    path = run_dir / "record.jsonl"
    path.write_bytes(path.read_bytes()[:keep])
    rebuild(run_dir)
    capsys.readouterr()
    assert main(["bundle", str(run_dir)]) == 4
    assert "no footer" in capsys.readouterr().err
    assert not (run_dir / "bundle.zip").exists()


def test_a_report_that_is_not_of_the_record_is_not_bundled(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(run_dir), "--strict"]) == 0
    capsys.readouterr()
    assert main(["bundle", str(run_dir)]) == 4
    error = capsys.readouterr().err
    assert "summary.json says" in error
    assert "python -m reports rebuild" in error
    assert not (run_dir / "bundle.zip").exists()


def test_the_record_cannot_be_overwritten_by_its_bundle(run_dir: Path) -> None:
    before = (run_dir / "record.jsonl").read_bytes()
    assert main(["bundle", str(run_dir), "--output", str(run_dir / "record.jsonl")]) == 4
    assert (run_dir / "record.jsonl").read_bytes() == before
