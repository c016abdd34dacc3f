"""The authority on disk: made once, used again, and refused with one clear line when it is of no use."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from rigs.cloud.authority import KeptFile, kept_authority
from rigs.cloud.pki import Pki
from rigs.cloud.service import Cloud
from rigs.errors import BenchError
from tests.rigs.cloud.wire import Wire

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@pytest.fixture
def certificate(tmp_path: Path) -> KeptFile:
    return KeptFile(tmp_path / "ca.pem", "cloud.ca_file")


@pytest.fixture
def private_key(tmp_path: Path) -> KeptFile:
    return KeptFile(tmp_path / "ca.key", "cloud.ca_key_file")


@pytest.fixture
def complaint(certificate: KeptFile, private_key: KeptFile) -> Callable[[], str]:
    """What is said against the two files: one line, with the remedy."""

    def complain() -> str:
        with pytest.raises(BenchError) as caught:
            kept_authority(certificate, private_key)
        assert len(str(caught.value).splitlines()) == 1
        assert caught.value.act
        return str(caught.value)

    return complain


def mode(file: KeptFile) -> int:
    return file.path.stat().st_mode & 0o777


def put(file: KeptFile, content: bytes) -> None:
    file.path.write_bytes(content)
    file.path.chmod(0o600)


def pem(key: Key, password: bytes | None = None) -> bytes:
    cipher = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, cipher)


def self_signed(
    key: Key,
    *,
    ca: bool = True,
    may_sign: bool = True,
    since: timedelta = timedelta(days=-1),
    until: timedelta = timedelta(days=365),
    identified: bool = True,
) -> bytes:
    """A certificate such as a company's authority might have."""
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "A company")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(True, False, False, False, False, may_sign, may_sign, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    if identified:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.PEM)


def test_both_files_are_made_and_serve_again(certificate: KeptFile, private_key: KeptFile) -> None:
    first = kept_authority(certificate, private_key)
    assert certificate.path.read_bytes() == first.cert_pem.bytes()
    assert (mode(certificate), mode(private_key)) == (0o644, 0o600)
    before = private_key.path.read_bytes()
    again = kept_authority(certificate, private_key)
    assert again.cert_pem.bytes() == first.cert_pem.bytes()
    assert (certificate.path.read_bytes(), private_key.path.read_bytes()) == (first.cert_pem.bytes(), before)
    assert sorted(path.name for path in certificate.path.parent.iterdir()) == ["ca.key", "ca.pem"], "no drafts are left"


def test_a_module_told_once_trusts_every_later_cloud(certificate: KeptFile, private_key: KeptFile) -> None:
    kept_authority(certificate, private_key)
    trusting = ssl.create_default_context(cafile=str(certificate.path))
    for _ in range(2):
        with Cloud(pki=Pki(kept_authority(certificate, private_key))) as cloud:
            assert cloud.pki.ca_pem == certificate.path.read_bytes()
            Wire(cloud.tls_address, trusting).socket.close()


def test_the_private_key_is_secret_from_its_first_moment(
    certificate: KeptFile, private_key: KeptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    link = os.link

    def watching(source: Path, target: Path) -> None:
        seen.append(Path(source).stat().st_mode & 0o777)
        link(source, target)

    monkeypatch.setattr("os.link", watching)
    umask = os.umask(0)
    try:
        kept_authority(certificate, private_key)
    finally:
        os.umask(umask)
    assert seen == [0o600, 0o644], "key, then certificate"
    assert mode(private_key) == 0o600


def test_a_file_system_without_hard_links_will_do(
    certificate: KeptFile, private_key: KeptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_source: Path, _target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuses)
    kept_authority(certificate, private_key)
    assert mode(private_key) == 0o600
    kept_authority(certificate, private_key)


def test_the_certificate_alone_is_written_anew(certificate: KeptFile) -> None:
    first = kept_authority(certificate, None)
    assert certificate.path.read_bytes() == first.cert_pem.bytes()
    second = kept_authority(certificate, None)
    assert certificate.path.read_bytes() == second.cert_pem.bytes() != first.cert_pem.bytes()
    assert mode(certificate) == 0o644


@pytest.mark.parametrize("content", [b"", b'name = "lab-07"\n', b"-----BEGIN CERTIFICATE-----\nx\n", bytes(range(256))])
def test_what_is_no_certificate_is_not_overwritten(certificate: KeptFile, content: bytes) -> None:
    put(certificate, content)
    with pytest.raises(BenchError, match=r"cloud\.ca_file: .* holds something else than a certificate") as caught:
        kept_authority(certificate, None)
    assert "name a file for the certificate alone" in caught.value.act
    assert certificate.path.read_bytes() == content


def test_a_missing_private_key_is_told(
    certificate: KeptFile, private_key: KeptFile, complaint: Callable[[], str]
) -> None:
    kept_authority(certificate, private_key)
    private_key.path.unlink()
    said = complaint()
    assert f"cloud.ca_key_file: {private_key.path} is missing" in said
    assert f"put it back, or delete {certificate.path}" in said
    assert not private_key.path.exists()


def test_a_missing_certificate_is_told(
    certificate: KeptFile, private_key: KeptFile, complaint: Callable[[], str]
) -> None:
    kept_authority(certificate, private_key)
    certificate.path.unlink()
    said = complaint()
    assert f"cloud.ca_file: {certificate.path} is missing" in said
    assert f"put it back, or delete {private_key.path}" in said


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620])
def test_a_private_key_open_to_others_is_refused_as_ssh_does(
    certificate: KeptFile, private_key: KeptFile, complaint: Callable[[], str], bits: int
) -> None:
    kept_authority(certificate, private_key)
    private_key.path.chmod(bits)
    said = complaint()
    assert f"open to others than its owner (mode {bits:04o})" in said
    assert f"chmod 600 {private_key.path}" in said
    private_key.path.chmod(0o600)
    kept_authority(certificate, private_key)


def test_a_pair_that_does_not_belong_together_is_refused(
    certificate: KeptFile, private_key: KeptFile, complaint: Callable[[], str]
) -> None:
    kept_authority(certificate, private_key)
    put(private_key, trustme.CA().private_key_pem.bytes())
    assert f"cloud.ca_key_file: {private_key.path} is not the private key of the certificate" in complaint()


@pytest.mark.parametrize("content", [b"", b"nonsense", bytes(range(256))])
def test_garbage_is_refused(
    certificate: KeptFile, private_key: KeptFile, complaint: Callable[[], str], content: bytes
) -> None:
    kept_authority(certificate, private_key)
    good = private_key.path.read_bytes()
    put(private_key, content)
    assert f"cloud.ca_key_file: {private_key.path} is no private key in PEM form" in complaint()
    put(private_key, good)
    put(certificate, content)
    assert f"cloud.ca_file: {certificate.path} is no certificate in PEM form" in complaint()


def test_a_private_key_with_a_password_is_refused(
    certificate: KeptFile, private_key: KeptFile, complaint: Callable[[], str]
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    put(certificate, self_signed(key))
    put(private_key, pem(key, b"password"))
    assert "is no private key in PEM form without a password" in complaint()


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ({"since": timedelta(days=-30), "until": timedelta(days=-1)}, "expired on "),
        ({"until": timedelta(days=3)}, "in less than 7 days"),
        ({"since": timedelta(days=2)}, "or this machine's clock is wrong"),
        ({"ca": False}, "is not the certificate of an authority"),
        ({"may_sign": False}, "is not the certificate of an authority"),
        ({"identified": False}, "cannot sign the gateway's certificates"),
    ],
)
def test_a_certificate_of_no_use_is_refused(
    certificate: KeptFile,
    private_key: KeptFile,
    complaint: Callable[[], str],
    features: dict[str, timedelta],
    said: str,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    put(certificate, self_signed(key, **features))  # type: ignore[arg-type]
    put(private_key, pem(key))
    complained = complaint()
    assert complained.startswith(f"cloud.ca_file: {certificate.path} ")
    assert said in complained
    assert f"delete {certificate.path} and {private_key.path}" in complained


def test_an_authority_of_ones_own_serves(certificate: KeptFile, private_key: KeptFile) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    put(certificate, self_signed(key))
    put(private_key, pem(key))
    trusting = ssl.create_default_context(cafile=str(certificate.path))
    with Cloud(pki=Pki(kept_authority(certificate, private_key))) as cloud:
        Wire(cloud.tls_address, trusting).socket.close()


def test_a_kind_of_key_that_cannot_sign_here_is_refused(
    certificate: KeptFile, private_key: KeptFile, complaint: Callable[[], str]
) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    put(certificate, self_signed(key))
    put(private_key, pem(key))
    assert "cannot sign the gateway's certificates" in complaint()


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    nowhere = KeptFile(tmp_path / "no" / "ca.pem", "cloud.ca_file")
    here = KeptFile(tmp_path / "ca.key", "cloud.ca_key_file")
    for private_key in (None, here):
        with pytest.raises(BenchError, match=r"cloud\.ca_file: .*cannot be written \(No such file") as caught:
            kept_authority(nowhere, private_key)
        assert "name a place in cloud.ca_file that exists" in caught.value.act
    assert list(tmp_path.iterdir()) == [], "no key without its certificate"


def test_a_certificate_that_turns_out_unwritable_leaves_no_key_behind(
    certificate: KeptFile, private_key: KeptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def refuses_certificates(source: Path, target: Path) -> None:
        if Path(target) == certificate.path:
            raise FileExistsError(17, "File exists")
        link(source, target)

    monkeypatch.setattr("os.link", refuses_certificates)
    with pytest.raises(BenchError, match="has just been made by another run"):
        kept_authority(certificate, private_key)
    assert list(certificate.path.parent.iterdir()) == []


def test_two_runs_that_start_at_once_do_not_mix_their_files(
    certificate: KeptFile, private_key: KeptFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = trustme.CA()
    link = os.link

    def overtaken(source: Path, target: Path) -> None:
        put(private_key, other.private_key_pem.bytes())
        put(certificate, other.cert_pem.bytes())
        link(source, target)

    monkeypatch.setattr("os.link", overtaken)
    with pytest.raises(BenchError, match="has just been made by another run") as caught:
        kept_authority(certificate, private_key)
    assert "run again" in caught.value.act
    assert kept_authority(certificate, private_key).cert_pem.bytes() == other.cert_pem.bytes()


@pytest.mark.parametrize("odd", ["folder", "socket"])
def test_what_is_no_file_is_told(tmp_path: Path, private_key: KeptFile, odd: str) -> None:
    place = KeptFile(tmp_path / "odd", "cloud.ca_file")
    put(private_key, b"")
    with socket.socket(socket.AF_UNIX) as listener:
        if odd == "folder":
            place.path.mkdir()
        else:
            listener.bind(str(place.path))
        for key in (None, private_key):
            with pytest.raises(BenchError, match=r"cloud\.ca_file: .*odd is no ordinary file"):
                kept_authority(place, key)
    assert place.path.exists()


def test_a_dangling_link_is_told(certificate: KeptFile, private_key: KeptFile, complaint: Callable[[], str]) -> None:
    certificate.path.symlink_to("nowhere")
    put(private_key, b"")
    assert "cannot be read (No such file or directory)" in complaint()
