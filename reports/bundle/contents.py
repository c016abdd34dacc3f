"""What a bundle holds, in this order, and the error of one that contradicts itself."""

from __future__ import annotations

from reports.sentences import Refusal

SCHEMA = 2
"""Of `MANIFEST`, which every later schema keeps as a member that is stored uncompressed under this name.

From 2 on it tells by what the page was rendered.
"""

RECORD = "record.jsonl"
REPORT = "report.html"
JUNIT = "junit.xml"
SUMMARY = "summary.json"
REVIEW = "review.json"
CERTIFICATE = "certificate.json"

REQUIRED = (RECORD, REPORT, JUNIT, SUMMARY)
EVIDENCE = (
    *REQUIRED,
    "capture.pcapng",
    "rig.toml",
    "pics.toml",
    "waivers.toml",
    REVIEW,
    CERTIFICATE,
    "simulator.log",
    "ca.pem",
)
"""Files of a run directory that are evidence: the required ones, and whichever of the others exist."""

MANIFEST = "bundle.json"
SUMS = "SHA256SUMS"
ENVELOPE = "attestation.intoto.jsonl"
"""The statement in its signed envelope; the name is the in-toto convention."""
STATEMENT = "statement.json"
"""The bare statement of a bundle that nobody signed: an envelope has at least one signature."""
PUBLIC_KEY = "public-key.pem"

SIGNED_TAIL = (MANIFEST, SUMS, ENVELOPE, PUBLIC_KEY)
UNSIGNED_TAIL = (MANIFEST, SUMS, STATEMENT)


class DoesNotHold(Refusal):
    """A bundle was changed, or says what its record does not give. The message is one line."""
