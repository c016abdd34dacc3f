"""Verifies a bundle from nothing but itself: its bytes, its signature, and everything it says from its raw record."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from reports.bundle.container import Container, DosTime
from reports.bundle.contents import (
    ENVELOPE,
    EVIDENCE,
    MANIFEST,
    PUBLIC_KEY,
    REPORT,
    REQUIRED,
    SCHEMA,
    SIGNED_TAIL,
    STATEMENT,
    SUMS,
    UNSIGNED_TAIL,
    DoesNotHold,
)
from reports.bundle.page import check_page, read_renderer, why_not_again
from reports.bundle.rederive import Rederived, rederive
from reports.bundle.signing import PublicKey, opened, parse_public_key
from reports.bundle.statement import encode
from reports.events import RecordError
from reports.i18n import Lang, text, told
from reports.inert import inert
from reports.judging.recorded import Again
from reports.record import RunRecord
from reports.review import Review
from reports.sentences import Sentence, in_both, say
from reports.verdicts import Level, Verdict
from reports.why import Why

_LARGEST_TEXT = 1 << 24
"""Of the files that the bundle itself adds."""


@dataclass(frozen=True)
class Verified:
    """What a bundle that holds says. ``key_id`` is None when nobody signed it."""

    verdict: Verdict
    firmware: str
    rig: str
    started: str
    tests: int
    review: Review | None
    key_id: str | None
    key_given: bool
    again: Again
    """How many of its judgements were made again."""
    taken_on_trust: tuple[Sentence, ...]
    """The mandated requirements with judgements that were not, each with the reason."""
    page: Sentence
    """Whether its page was rendered again, or why it cannot be."""

    @property
    def told(self) -> Sentence:
        """One line; what comes from the module or from people is made inert."""
        facts = [
            self.verdict.value,
            say("firmware {firmware}", firmware=inert(self.firmware)),
            say("rig {rig}", rig=inert(self.rig)),
            f"{inert(self.started[:19])}Z",
            say("{count} tests", count=self.tests),
            say("no review") if self.review is None else say("review {outcome}", outcome=self.review.outcome),
            self._signed,
            self.again.told,
            self.page,
        ]
        if self.taken_on_trust:
            facts.insert(-1, say("mandated and not made again: {names}", names=list(self.taken_on_trust)))
        return in_both("; ".join(facts), "；".join(told(Lang.ZH, fact) for fact in facts))

    def __str__(self) -> str:
        return self.told

    @property
    def _signed(self) -> Sentence:
        if self.key_id is None:
            return say("unsigned")
        if self.key_given:
            return say("signed by key {key}, the one given", key=self.key_id)
        return say("signed by key {key}, not checked against a key of yours (--key)", key=self.key_id)


def verify(file: BinaryIO, key: PublicKey | None = None) -> Verified:
    """Check a bundle; with a ``key`` also that its owner signed it.

    Raises `DoesNotHold` for one that was changed or contradicts itself, `RecordError` for what is no bundle, lacks a
    file or has one too many, or is of a newer schema.
    """
    container = Container(file)
    _check_schema(container)
    tail = _check_names(container)
    container.check()
    rendered_by = _check_manifest(container)
    digests = _digests(container)
    key_id, payload = _check_attestation(container, tail, digests, key)
    with tempfile.TemporaryDirectory(prefix="ml302-verify-") as place:
        run_dir = Path(place)
        _extract(container, run_dir)
        try:
            run = rederive(run_dir)
            page = _check_page(run_dir, run, rendered_by)
            _check_statement(payload, run.statement(digests, _url(payload)))
        except RecordError as problem:
            raise problem.without(f"{run_dir}/") from problem
    if container.when != DosTime.of(run.record.started):
        raise DoesNotHold("the times of the files are not that of the run")
    module = run.record.module
    return Verified(
        run.conclusion.verdict,
        (module.revision if module is not None else None) or "unknown",
        str(run.record.rig.get("name")),
        run.record.started,
        len(run.record.tests),
        run.review,
        key_id,
        key is not None,
        run.record.judged_again,
        taken_on_trust(run.record),
        page,
    )


def taken_on_trust(record: RunRecord) -> tuple[Sentence, ...]:
    """The mandated requirements of which a judgement was not made again, each with the reason."""
    again = record.judged_again
    if not again.made:
        # A record of an older suite, whose judgements are all told in words.
        return ()
    return tuple(
        say(
            "{requirement} ({reasons})",
            requirement=inert(identifier),
            reasons=[_reason(why) for why in again.reasons[identifier]],
        )
        for identifier in sorted(again.not_made)
        if identifier in record.requirements and record.requirements[identifier].level is Level.MANDATED
    )


def _reason(why: Why) -> Sentence:
    return in_both(why.value, text(Lang.ZH, f"why.{why}"))


def _check_page(run_dir: Path, run: Rederived, rendered_by: Mapping[str, str] | None) -> Sentence:
    """Render the page again and compare, where the same suite rendered it; what came of it in words."""
    if reason := why_not_again(rendered_by):
        return say("{file} was not rendered again: {reason}", file=REPORT, reason=reason)
    began = time.monotonic()
    check_page((run_dir / REPORT).read_bytes(), run.record)
    return say("{file} rendered again in {seconds:.1f} s, the same", file=REPORT, seconds=time.monotonic() - began)


def _check_schema(container: Container) -> None:
    """First of all, so that a bundle of a later suite is told from a damaged one."""
    if MANIFEST not in container.members:
        raise RecordError("not a bundle: {file} is missing", file=MANIFEST)
    manifest = _manifest(container)
    schema = manifest.get("schema")
    if type(schema) is int and schema > SCHEMA:
        raise RecordError(
            "bundle schema {schema}; this suite reads up to schema {known}: verify with a newer one",
            schema=schema,
            known=SCHEMA,
        )
    if type(schema) is not int or schema < 1:
        raise DoesNotHold("{file} was changed: it has no schema of a bundle", file=MANIFEST)


def _check_names(container: Container) -> tuple[str, ...]:
    """What the bundle adds to the evidence. Every file is one that belongs there, in its place."""
    names = list(container.members)
    tail = SIGNED_TAIL if ENVELOPE in names else UNSIGNED_TAIL
    for name in (*REQUIRED, *tail):
        if name not in names:
            raise RecordError("{name} is missing from the bundle", name=name)
    for name in names:
        if name not in EVIDENCE and name not in tail:
            raise RecordError("{name!a} does not belong into a bundle", name=name)
    if names != [name for name in (*EVIDENCE, *tail) if name in names]:
        raise DoesNotHold("the files are not in their order")
    if any(member.deflated != (name in EVIDENCE) for name, member in container.members.items()):
        raise DoesNotHold("a file is not packed as in a bundle")
    return tail


def _manifest(container: Container) -> dict[str, Any]:
    data = b"".join(container.content(MANIFEST, _LARGEST_TEXT))
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise DoesNotHold("{file} was changed: it is no JSON", file=MANIFEST) from problem
    if not isinstance(manifest, dict):
        raise DoesNotHold("{file} was changed: it is no JSON object", file=MANIFEST)
    return manifest


def _check_manifest(container: Container) -> Mapping[str, str] | None:
    """What stands before the manifest is, to the last bit of its compression, what the manifest says.

    Returns by what the page was rendered; None where the schema does not tell.
    """
    told = _manifest(container)
    rendered_by = None if told.get("schema") == 1 else read_renderer(told.get("renderer"))
    end = container.members[MANIFEST].start
    digest = hashlib.sha256()
    for chunk in container.raw(0, end):
        digest.update(chunk)
    if b"".join(container.content(MANIFEST)) != manifest(end, digest.hexdigest(), rendered_by):
        raise DoesNotHold("the packed files were changed: they are not what the manifest says")
    return rendered_by


def manifest(length: int, sha256: str, renderer: Mapping[str, str] | None) -> bytes:
    """The manifest of a bundle whose evidence takes up the first ``length`` bytes of the file.

    ``renderer`` is by what its page was rendered; None in one of schema 1, which did not tell.
    """
    packed = {"bytes": length, "sha256": sha256}
    if renderer is None:
        return encode({"schema": 1, "packed": packed})
    return encode({"schema": SCHEMA, "packed": packed, "renderer": dict(renderer)})


def sums(digests: Mapping[str, str]) -> bytes:
    """SHA256SUMS, as sha256sum writes and checks it."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode("ascii")


def _digests(container: Container) -> dict[str, str]:
    """The digest of each file that the statement is about, checked against SHA256SUMS."""
    digests = {}
    for name in (*(name for name in EVIDENCE if name in container.members), MANIFEST, SUMS):
        digest = hashlib.sha256()
        for chunk in container.content(name):
            digest.update(chunk)
        digests[name] = digest.hexdigest()
    listed = b"".join(container.content(SUMS, _LARGEST_TEXT))
    summed = {name: digest for name, digest in digests.items() if name != SUMS}
    if listed != sums(summed):
        names = {line[66:].decode("latin-1") for line in listed.splitlines()}
        _check_same_names(SUMS, names, set(summed))
        raise DoesNotHold("{file} does not match the files", file=SUMS)
    return digests


def _check_same_names(where: str, listed: set[str], there: set[str]) -> None:
    for name in sorted(listed - there):
        raise RecordError("{name!a} is missing from the bundle; {where} names it", name=name, where=where)
    for name in sorted(there - listed):
        raise RecordError("{name} does not belong into the bundle; {where} does not name it", name=name, where=where)


def _check_attestation(
    container: Container, tail: tuple[str, ...], digests: Mapping[str, str], key: PublicKey | None
) -> tuple[str | None, bytes]:
    """Who signed, and the statement's bytes."""
    if STATEMENT in tail:
        if key is not None:
            raise DoesNotHold("the bundle is unsigned, and not signed by key {id}", id=key.id)
        payload, key_id = b"".join(container.content(STATEMENT, _LARGEST_TEXT)), None
    else:
        enclosed = b"".join(container.content(PUBLIC_KEY, _LARGEST_TEXT))
        signer = _enclosed_key(enclosed)
        if key is not None and signer.id != key.id:
            raise DoesNotHold(
                "the bundle is signed by key {id}, not by the one given, {given}", id=signer.id, given=key.id
            )
        payload, key_id = opened(b"".join(container.content(ENVELOPE, _LARGEST_TEXT)), signer), signer.id
    subjects = _subjects(payload)
    _check_same_names(say("the attestation"), set(subjects), set(digests))
    for name, digest in digests.items():
        if subjects[name] != digest:
            raise DoesNotHold("{name} is not the file that was attested", name=name)
    return key_id, payload


def _enclosed_key(data: bytes) -> PublicKey:
    try:
        key = parse_public_key(data, PUBLIC_KEY)
    except RecordError as problem:
        raise DoesNotHold("{file} was changed: {why}", file=PUBLIC_KEY, why=problem) from problem
    if key.pem != data:
        raise DoesNotHold("{file} was changed", file=PUBLIC_KEY)
    return key


def _subjects(payload: bytes) -> dict[str, str]:
    try:
        return {subject["name"]: subject["digest"]["sha256"] for subject in json.loads(payload)["subject"]}
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise DoesNotHold("the statement was changed: it names no subjects") from problem


def _url(payload: bytes) -> str | None:
    """The one thing in a statement that its maker says and the record does not."""
    predicate = json.loads(payload).get("predicate")
    url = predicate.get("url") if isinstance(predicate, dict) else None
    return url if isinstance(url, str) else None


def _check_statement(payload: bytes, expected: bytes) -> None:
    if payload == expected:
        return
    stated, derived = json.loads(payload), json.loads(expected)
    predicates = stated.get("predicate"), derived["predicate"]
    if isinstance(predicates[0], dict) and predicates[0].get("result") != predicates[1]["result"]:
        said = inert(str(predicates[0].get("result")))
        raise DoesNotHold(
            "the statement says {said}; the record gives {given}", said=said, given=predicates[1]["result"]
        )
    raise DoesNotHold("the statement is not what the record gives")


def _extract(container: Container, run_dir: Path) -> None:
    """Lay the evidence out as the run directory it came from."""
    try:
        for name in EVIDENCE:
            if name in container.members:
                with (run_dir / name).open("xb") as file:
                    for chunk in container.content(name):
                        file.write(chunk)
    except OSError as problem:
        raise RecordError(
            "{run_dir}: cannot unpack the bundle: {why}", run_dir=run_dir, why=problem.strerror or problem
        ) from problem
