"""The certificate authority behind the gateway: made anew, or kept on disk so that a module is told only once."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from rigs.errors import BenchError
from rigs.sentence import Sentence, say

_LIFE_LEFT = timedelta(days=7)  # so that no run outlives its authority
_PUBLIC = 0o644


KEY_TYPE = trustme.KeyType.RSA
"""Of every key of the bench: the platform's are RSA keys, and a module's TLS may know no others."""


def new_authority(name: str = "ML302 test bench") -> trustme.CA:
    """An authority that no module knows yet."""
    return trustme.CA(organization_name=name, key_type=KEY_TYPE)


@dataclass(frozen=True)
class KeptFile:
    """A file of the authority; ``key`` is what the rig file or the command line calls it."""

    path: Path
    key: str

    def __str__(self) -> str:
        return f"{self.key}: {self.path}"

    @property
    def exists(self) -> bool:
        return os.path.lexists(self.path)


def kept_authority(certificate: KeptFile, private_key: KeptFile | None) -> trustme.CA:
    """The authority of these files (PEM). Raises BenchError, which names the file, its key and the remedy.

    Without ``private_key`` the authority is made anew and ``certificate`` is written. With it, the authority in the two
    files serves again; when neither exists both are written, the private key for its owner's eyes only.
    """
    if private_key is None:
        return _written_anew(certificate)
    match certificate.exists, private_key.exists:
        case True, True:
            return _read(certificate, private_key)
        case False, False:
            return _made(certificate, private_key)
        case True, False:
            missing, there = private_key, certificate
        case _:
            missing, there = certificate, private_key
    raise BenchError(
        say("{missing} is missing, but {path} exists", missing=missing, path=there.path),
        act=say(
            "put it back, or delete {path}: both are made anew then, and the module has to be given the new one",
            path=there.path,
        ),
    )


def _written_anew(certificate: KeptFile) -> trustme.CA:
    if certificate.exists:
        try:
            x509.load_pem_x509_certificate(_content(certificate))
        except ValueError as error:
            raise BenchError(
                say(
                    "{certificate} holds something else than a certificate, which would be overwritten",
                    certificate=certificate,
                ),
                act=say("name a file for the certificate alone, or delete that one"),
            ) from error
    authority = new_authority()
    with _draft(certificate, authority.cert_pem.bytes()) as draft, _writing(certificate):
        draft.chmod(_PUBLIC)
        draft.replace(certificate.path)
    return authority


def _made(certificate: KeptFile, private_key: KeptFile) -> trustme.CA:
    authority = new_authority()
    with (
        _draft(certificate, authority.cert_pem.bytes()) as public,
        _draft(private_key, authority.private_key_pem.bytes()) as secret,
    ):
        public.chmod(_PUBLIC)
        with _writing(private_key):
            _place(secret, private_key.path)
        try:
            with _writing(certificate):
                _place(public, certificate.path)
        except BenchError:
            private_key.path.unlink()  # of no use without its certificate, and in the way of the next run
            raise
    return authority


def _place(draft: Path, path: Path) -> None:
    """Let ``draft`` appear as ``path``, whole, and never in the place of what another run has put there meanwhile."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        draft.rename(path)


@contextmanager
def _draft(file: KeptFile, content: bytes) -> Iterator[Path]:
    """``content`` in a file beside ``file`` that only its owner can read, from its first moment on."""
    with _writing(file):
        descriptor, name = tempfile.mkstemp(prefix=f".{file.path.name}.", suffix=".draft", dir=file.path.parent)
    draft = Path(name)
    try:
        with _writing(file), os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _writing(file: KeptFile) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise BenchError(
            say("{file} has just been made by another run", file=file), act=say("run again: both files are there now")
        ) from error
    except OSError as error:
        raise BenchError(
            say("{file} cannot be written ({strerror})", file=file, strerror=error.strerror or error),
            act=say("name a place in {key} that exists and can be written to", key=file.key),
        ) from error


def _content(file: KeptFile) -> bytes:
    try:
        if not stat.S_ISREG(file.path.stat().st_mode):
            raise BenchError(
                say("{file} is no ordinary file", file=file), act=say("name a file in {key}", key=file.key)
            )
        return file.path.read_bytes()
    except OSError as error:
        raise BenchError(
            say("{file} cannot be read ({strerror})", file=file, strerror=error.strerror or error),
            act=say("give the bench the right to read it"),
        ) from error


def _read(certificate: KeptFile, private_key: KeptFile) -> trustme.CA:
    anew = say(
        "put the right file there, or delete {certificate} and {private_key}: "
        "both are made anew then, and the module has to be given the new certificate",
        certificate=certificate.path,
        private_key=private_key.path,
    )
    secret = _content(private_key)
    _check_secrecy(private_key)
    try:
        known = x509.load_pem_x509_certificate(_content(certificate))
    except ValueError as error:
        raise BenchError(
            say("{certificate} is no certificate in PEM form", certificate=certificate), act=anew
        ) from error
    try:
        key = load_pem_private_key(secret, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: it wants a password
        raise BenchError(
            say("{private_key} is no private key in PEM form without a password", private_key=private_key), act=anew
        ) from error
    if key.public_key() != known.public_key():
        raise BenchError(
            say(
                "{private_key} is not the private key of the certificate {path}",
                private_key=private_key,
                path=certificate.path,
            ),
            act=anew,
        )
    if (flaw := _flaw(known)) is not None:
        raise BenchError(say("{certificate} {flaw}", certificate=certificate, flaw=flaw), act=anew)
    authority = trustme.CA.from_pem(known.public_bytes(Encoding.PEM), secret)
    try:
        authority.issue_cert("localhost")
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound) as error:
        raise BenchError(
            say("{certificate} cannot sign the gateway's certificates ({why})", certificate=certificate, why=error),
            act=anew,
        ) from error
    return authority


def _check_secrecy(private_key: KeptFile) -> None:
    """As ssh does: a private key that others can read is nobody's."""
    mode = stat.S_IMODE(private_key.path.stat().st_mode)
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BenchError(
            say("{private_key} is open to others than its owner (mode {mode:04o})", private_key=private_key, mode=mode),
            act=say(
                "chmod 600 {path}; if others may have read it, delete it and the certificate", path=private_key.path
            ),
        )


def _flaw(certificate: x509.Certificate) -> Sentence | None:
    """Why this certificate is of no use as an authority now."""
    now = datetime.now(UTC)
    if now < certificate.not_valid_before_utc:
        return say(
            "is not valid before {day} (or this machine's clock is wrong)", day=certificate.not_valid_before_utc.date()
        )
    day = certificate.not_valid_after_utc.date()
    if now > certificate.not_valid_after_utc:
        return say("expired on {day}", day=day)
    if now > certificate.not_valid_after_utc - _LIFE_LEFT:
        return say("expires on {day}, in less than {days} days", day=day, days=_LIFE_LEFT.days)
    try:
        extensions = certificate.extensions
        may_sign = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        may_sign &= extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except (ValueError, x509.ExtensionNotFound):
        may_sign = False
    if may_sign:
        return None
    return say("is not the certificate of an authority (CA:TRUE and the key usage keyCertSign)")
