"""Keys and the signed envelope: ed25519 (RFC 8032) over a DSSE v1 envelope.

The envelope and its pre-authentication encoding are securesystemslib's (of the in-toto and TUF projects), the keys
pyca/cryptography's. The predicate is plain JSON: the in-toto-attestation package would bring protobuf for that.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from reports.bundle.contents import ENVELOPE, DoesNotHold
from reports.events import RecordError
from reports.sentences import say

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PASSWORD_VARIABLE = "ML302_KEY_PASSWORD"
_LARGEST_KEY = 1 << 16
_HOW_TO_MAKE = say("make one with: openssl genpkey -algorithm ed25519")


@dataclass(frozen=True)
class PublicKey:
    """A public key; its ``id`` is the SHA-256 of its DER encoding (SubjectPublicKeyInfo), in hex."""

    key: Ed25519PublicKey

    @property
    def id(self) -> str:
        der = self.key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()

    @property
    def pem(self) -> bytes:
        return self.key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """The private key of a PEM (PKCS#8) or OpenSSH file. Raises `RecordError`.

    An encrypted one is opened with the password in the environment variable ``ML302_KEY_PASSWORD``.
    """
    data = _read(path)
    if b"PRIVATE KEY" not in data:
        raise RecordError(
            "{path}: no private key: a PEM or OpenSSH file is needed; {make}", path=path, make=_HOW_TO_MAKE
        )
    load: Callable[[bytes, bytes | None], Any] = (
        serialization.load_ssh_private_key if b"OPENSSH" in data else serialization.load_pem_private_key
    )
    try:
        key = _unlocked(path, data, load)
    except UnsupportedAlgorithm as problem:
        raise RecordError(
            "{path}: a private key of a kind that cannot be read here; {make}", path=path, make=_HOW_TO_MAKE
        ) from problem
    except (ValueError, TypeError) as problem:
        raise RecordError(
            "{path}: a malformed private key, or not its password; {make}", path=path, make=_HOW_TO_MAKE
        ) from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise RecordError("{path}: a private key, but no ed25519 key; {make}", path=path, make=_HOW_TO_MAKE)
    return key


def _unlocked(path: Path, data: bytes, load: Callable[[bytes, bytes | None], Any]) -> object:
    try:
        return load(data, None)
    except TypeError as locked:
        password = os.environ.get(PASSWORD_VARIABLE)
        if not password:
            raise RecordError(
                "{path}: the key is encrypted: put its password into {variable}", path=path, variable=PASSWORD_VARIABLE
            ) from locked
        return load(data, password.encode())


def load_public_key(path: Path) -> PublicKey:
    """The public key of a PEM (SubjectPublicKeyInfo) or OpenSSH file. Raises `RecordError`."""
    data = _read(path)
    if b"PRIVATE KEY" in data:
        raise RecordError("{path}: a private key; give the public one: openssl pkey -in KEY -pubout", path=path)
    return parse_public_key(data, str(path))


def parse_public_key(data: bytes, name: str) -> PublicKey:
    """A public key from the bytes of a file of that name. Raises `RecordError`."""
    try:
        key: object = (
            serialization.load_ssh_public_key(data)
            if data.startswith(b"ssh-")
            else serialization.load_pem_public_key(data)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise RecordError(
            "{name}: a malformed public key: a PEM or OpenSSH public key is needed", name=name
        ) from problem
    if not isinstance(key, Ed25519PublicKey):
        raise RecordError("{name}: a public key, but no ed25519 key", name=name)
    return PublicKey(key)


def sign(payload: bytes, key: Ed25519PrivateKey) -> bytes:
    """A DSSE envelope around ``payload`` with one signature, as one line of JSON."""
    public = SSlibKey.from_crypto(key.public_key(), keyid=PublicKey(key.public_key()).id)
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(CryptoSigner(key, public))
    return _line(envelope)


def opened(data: bytes, key: PublicKey) -> bytes:
    """The payload of an envelope that ``key`` has signed. Raises `DoesNotHold`."""
    try:
        envelope = Envelope.from_dict(json.loads(data))
        # Decoders forgive much; a bundle has each envelope spelled in one way only.
        intact = _line(envelope) == data and envelope.payload_type == PAYLOAD_TYPE
        if intact and list(envelope.signatures) == [key.id]:
            envelope.verify([SSlibKey.from_crypto(key.key, keyid=key.id)], 1)
            return envelope.payload
    except VerificationError:
        pass
    except Exception as problem:
        # Whatever a library makes of a mutilated envelope: it is none.
        raise DoesNotHold("{file} was changed: it is no envelope", file=ENVELOPE) from problem
    raise DoesNotHold("{file} was changed: its signature does not hold", file=ENVELOPE)


def _line(envelope: Envelope) -> bytes:
    return json.dumps(envelope.to_dict(), separators=(",", ":")).encode() + b"\n"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_KEY + 1)
    except OSError as problem:
        raise RecordError("{path}: cannot read the key: {why}", path=path, why=problem.strerror or problem) from problem
    if len(data) > _LARGEST_KEY:
        raise RecordError("{path}: too large for a key", path=path)
    return data
