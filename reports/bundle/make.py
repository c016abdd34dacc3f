"""Makes the bundle of a run: the same run gives the same bytes, and only a run that verifies gives any."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.bundle.container import ContainerWriter, DosTime
from reports.bundle.contents import (
    ENVELOPE,
    EVIDENCE,
    MANIFEST,
    PUBLIC_KEY,
    REPORT,
    REQUIRED,
    STATEMENT,
    SUMS,
    DoesNotHold,
)
from reports.bundle.page import page
from reports.bundle.rederive import Rederived, rederive
from reports.bundle.signing import PublicKey, sign
from reports.bundle.verify import Verified, manifest, sums, verify
from reports.events import RecordError
from reports.html.renderer import renderer


def make(run_dir: Path, key: Ed25519PrivateKey | None, url: str | None = None) -> tuple[bytes, Verified]:
    """The bundle of a run, signed when there is a key, and what verifying it says.

    Raises `RecordError` when a file is missing, or when what is there would not verify.
    """
    missing = [name for name in REQUIRED if not (run_dir / name).is_file()]
    if REQUIRED[0] not in missing and missing:
        raise RecordError(
            "{path}: missing; make it with: python -m reports rebuild {run_dir}",
            path=run_dir / missing[0],
            run_dir=run_dir,
        )
    try:
        bundle = pack(rederive(run_dir), run_dir, key, url)
        return bundle, verify(BytesIO(bundle), None if key is None else PublicKey(key.public_key()))
    except DoesNotHold as problem:
        raise RecordError(
            "{run_dir}: not bundled: {why}; if the record is right: python -m reports rebuild {run_dir}",
            run_dir=run_dir,
            why=problem,
        ) from problem


def pack(run: Rederived, run_dir: Path, key: Ed25519PrivateKey | None, url: str | None = None) -> bytes:
    """A bundle of whatever evidence the directory holds. Raises `RecordError`."""
    writer = ContainerWriter(DosTime.of(run.record.started))
    digests = {
        name: _add_page(writer, run) if name == REPORT else _add(writer, run_dir / name)
        for name in EVIDENCE
        if (run_dir / name).is_file()
    }
    packed = writer.file.getvalue()
    digests[MANIFEST] = _store(writer, MANIFEST, manifest(len(packed), hashlib.sha256(packed).hexdigest(), renderer()))
    digests[SUMS] = _store(writer, SUMS, sums(digests))
    payload = run.statement(digests, url)
    if key is None:
        _store(writer, STATEMENT, payload)
    else:
        _store(writer, ENVELOPE, sign(payload, key))
        _store(writer, PUBLIC_KEY, PublicKey(key.public_key()).pem)
    return writer.finish()


def _add_page(writer: ContainerWriter, run: Rederived) -> str:
    """The page as the record gives it: that of a run may hold what pytest captured, which the record does not."""
    content = page(run.record)
    writer.add(REPORT, BytesIO(content), deflate=True)
    return hashlib.sha256(content).hexdigest()


def _add(writer: ContainerWriter, path: Path) -> str:
    try:
        with path.open("rb") as file:
            writer.add(path.name, file, deflate=True)
            file.seek(0)
            return _digest(file)
    except OSError as problem:
        raise RecordError("{path}: cannot be read: {why}", path=path, why=problem.strerror or problem) from problem


def _store(writer: ContainerWriter, name: str, content: bytes) -> str:
    writer.add(name, BytesIO(content), deflate=False)
    return hashlib.sha256(content).hexdigest()


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(1 << 16):
        digest.update(chunk)
    return digest.hexdigest()
