"""Derives everything again from the raw record, and compares: the record with itself, the reports with the record.

What can be judged again is: the footer, each test's verdict from its findings, each finding's evidence, the exchanges
and packets from their bytes (see `wire`), and from that the verdicts that the reports state. Wording is not compared:
a later suite may word a reason differently, and still has to verify what an earlier one bundled.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from reports.bundle.contents import CERTIFICATE, JUNIT, RECORD, REPORT, REVIEW, SUMMARY, DoesNotHold
from reports.bundle.declared import check_declared
from reports.bundle.forms import check_forms
from reports.bundle.identity import check_identity
from reports.bundle.resumed import check_resumed
from reports.bundle.statement import encode, statement
from reports.bundle.wire import check_wire
from reports.certification import certificate
from reports.events import RecordError
from reports.inert import inert
from reports.judging.recorded import contradiction, misapplied
from reports.junit import render_junit
from reports.pics import ClaimVerdict
from reports.record import RunRecord
from reports.review import REVIEWABLE, Review, ReviewOfAnother, load_review
from reports.sentences import Sentence, say
from reports.summary import summarise
from reports.verdicts import Conclusion, Verdict, conclude, join

_STATED_VERDICT = re.compile(rb'data-run-verdict="([A-Z ]*)"')
"""How the report states the verdict of the run to programs; text of the module cannot, its quotes are escaped."""
_CORE = frozenset({"verdict", "exit_status", "counts", "requirements"})
"""Keys of the summary that every suite has written."""
_EXTENSIBLE = frozenset({(), ("counts",)})
"""Objects of the summary to which a later suite may have added keys; each requirement's entry is another."""
_OUTCOMES = ("failure", "error", "skipped")
_INPUTS = {"pics": "pics.toml", "waivers": "waivers.toml"}
"""Kinds of events that hold what a file of the run said, and that file."""


@dataclass(frozen=True)
class Rederived:
    """A run as its record alone gives it, and the review that belongs to that record."""

    record: RunRecord
    conclusion: Conclusion
    review: Review | None

    def statement(self, digests: Mapping[str, str], url: str | None) -> bytes:
        """The statement about the run, as a bundle spells it."""
        with _strange_records_told():
            return encode(statement(self.record, self.conclusion, digests, url))


def rederive(run_dir: Path) -> Rederived:
    """Judge a run directory from its record alone and compare its reports with that.

    Raises `DoesNotHold` for the first contradiction, and `RecordError` for what cannot be read.
    """
    with _strange_records_told():
        return _rederive(run_dir)


@contextmanager
def _strange_records_told() -> Iterator[None]:
    """A record may be well-formed and still hold what no run writes: that is bad input and no crash."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise RecordError(
            "{file}: not as a run writes it: {why}", file=RECORD, why=inert(f"{type(problem).__name__}: {problem}")
        ) from problem


def _rederive(run_dir: Path) -> Rederived:
    record = RunRecord.load(run_dir / RECORD)
    if not record.complete or record.truncated:
        raise RecordError(
            "{path}: no footer: the run died or its record was cut; such a run proves nothing", path=record.path
        )
    conclusion = conclude(record, record.strict)
    _check_footer(record, conclusion)
    _check_tests(record)
    _check_evidence(record)
    check_forms(record)
    check_resumed(record, run_dir / RECORD)
    check_wire(record)
    check_identity(record)
    for finding in record.judged_again.contradictions:
        raise DoesNotHold(contradiction(finding))
    for problem in misapplied(record.findings, record.catalogue.rulings):
        raise DoesNotHold(problem.told)
    _check_inputs(run_dir, record)
    _check_summary(run_dir / SUMMARY, record)
    _check_junit(run_dir / JUNIT, record)
    _check_report(run_dir / REPORT, conclusion)
    _check_certificate(run_dir / CERTIFICATE, record)
    return Rederived(record, conclusion, _check_review(run_dir, conclusion))


def _check_footer(record: RunRecord, conclusion: Conclusion) -> None:
    footer = record.footer or {}
    derived = (conclusion.verdict.value, conclusion.exit_status)
    stated = (footer.get("verdict"), footer.get("exit_status"))
    if stated != derived:
        raise DoesNotHold(
            "the record's footer says {said}; its findings give {given}", said=_said(*stated), given=_said(*derived)
        )


def _said(verdict: object, status: object) -> Sentence:
    return say("{verdict} with exit status {status}", verdict=inert(str(verdict)), status=inert(str(status)))


def _check_tests(record: RunRecord) -> None:
    """A test's verdict is the join of its findings; one without any is NOT TESTED."""
    for test in record.tests.values():
        if test.verdict is None:
            raise DoesNotHold("test {test} never ended, but the record has a footer", test=inert(test.nodeid))
        derived = join(finding.verdict for finding in record.findings_of(test.nodeid))
        if test.verdict is not derived:
            raise DoesNotHold(
                "test {test} says {said}; its findings give {given}",
                test=inert(test.nodeid),
                said=test.verdict,
                given=derived,
            )


def _check_evidence(record: RunRecord) -> None:
    """Evidence are the first and last event of each stretch, all of them earlier than the finding."""
    for finding in record.findings:
        ends = finding.evidence
        proper = all(type(seq) is int and 0 <= seq < finding.seq for seq in ends)
        if not proper or len(ends) % 2 or any(first > last for first, last in list(pairwise(ends))[::2]):
            raise DoesNotHold("the finding of event {event} cites evidence that does not precede it", event=finding.seq)
        if finding.effort is not None and not finding.effort.enough and finding.verdict is not Verdict.INCONCLUSIVE:
            raise DoesNotHold(
                "the finding of event {event} judges by less than the least that it says it needs", event=finding.seq
            )


def _check_inputs(run_dir: Path, record: RunRecord) -> None:
    """The files beside the record are those that the run was given, and say what the record says of them."""
    for kind, name in _INPUTS.items():
        events = [event for event in record.events if event.kind == kind]
        given = [event.data.get("sha256") for event in events]
        path = run_dir / name
        if not given and path.exists():
            raise DoesNotHold("{file} is in the bundle, but the run was given none", file=name)
        if given and not path.exists():
            raise RecordError("{path}: missing, but the run was given one", path=path)
        if given and [_sha256(path)] != given:
            raise DoesNotHold("{file} is not the file that the run was given", file=name)
        for event in events:
            check_declared(record, event, path, _bytes(path))


def _check_summary(path: Path, record: RunRecord) -> None:
    stated = _json(path)
    derived = json.loads(json.dumps(summarise(record, record.strict)))
    if stated.get("schema") != derived["schema"]:
        raise RecordError(
            "{path}: schema {schema}; this suite knows {known}",
            path=path,
            schema=inert(str(stated.get("schema"))),
            known=derived["schema"],
        )
    for key in sorted(_CORE - stated.keys()):
        raise DoesNotHold("{file} lacks {key!r}", file=SUMMARY, key=key)
    for summary in (stated, derived):
        _drop_words(summary)
        summary["pics"] = _by_claim(summary.get("pics", []))
    _drop_later_claims(stated["pics"], derived["pics"])
    for where, said, given in _differences(stated, derived, ()):
        place = ".".join(where)
        raise DoesNotHold(
            "{file} says {said} for {place}; the record gives {given}",
            file=SUMMARY,
            said=_short(said),
            place=inert(place),
            given=_short(given),
        )


def _drop_words(summary: dict[str, Any]) -> None:
    """Take out what explains a fact in words."""
    certification = summary.get("certification") or {}
    for entry in (*summary["requirements"].values(), *certification.get("missing", ())):
        entry.pop("reason", None)
        entry.pop("reason_zh", None)
    for incident in summary.get("incidents") or ():
        incident.pop("text_zh", None)
        incident.pop("act_zh", None)


def _by_claim(claims: Any) -> dict[str, Any]:
    """The claims of a summary by their names."""
    try:
        named = {str(entry["claim"]): entry for entry in claims}
    except (TypeError, KeyError) as problem:
        raise DoesNotHold("{file} has claims without a name", file=SUMMARY) from problem
    if len(named) != len(claims):
        raise DoesNotHold("{file} tells a claim twice", file=SUMMARY)
    return named


def _drop_later_claims(stated: Mapping[str, Any], derived: dict[str, Any]) -> None:
    """Take out what nobody could claim of an earlier suite; nobody did, then."""
    for name in [*derived]:
        if name not in stated and derived[name]["verdict"] == ClaimVerdict.NOT_CLAIMED:
            del derived[name]


def _differences(stated: Any, derived: Any, where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """What is stated otherwise than derived, and where."""
    if not (isinstance(stated, dict) and isinstance(derived, dict)):
        if stated != derived or type(stated) is not type(derived):
            yield where, stated, derived
        return
    extensible = where in _EXTENSIBLE or (len(where) == 2 and where[0] == "requirements")
    for key in derived.keys() - stated.keys():
        if not extensible or key == "verdict":
            yield (*where, key), None, derived[key]
    for key, value in stated.items():
        if key not in derived:
            yield (*where, key), value, None
        else:
            yield from _differences(value, derived[key], (*where, key))


def _short(value: Any) -> str:
    text = inert(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 60 else f"{text[:57]}..."


def _check_junit(path: Path, record: RunRecord) -> None:
    stated, derived = _cases(_text(path), path), _cases(render_junit(record, record.strict), path)
    for case in sorted((stated - derived) + (derived - stated)):
        (classname, name, _), given = case, [outcome for *names, outcome in derived if names == list(case[:2])]
        said = [outcome for *names, outcome in stated if names == list(case[:2])]
        raise DoesNotHold(
            "{file} says {said} for {place}; the record gives {given}",
            file=JUNIT,
            said=said or say("nothing"),
            place=inert(f"{classname}.{name}"),
            given=given or say("nothing"),
        )


def _cases(document: str, path: Path) -> Counter[tuple[str, str, str]]:
    """The test cases of a JUnit file: class, name, outcome; and the verdict of the run, as a case of its own."""
    if "<!" in document:
        raise DoesNotHold("{file} has a document type or a comment, which this suite never writes", file=path.name)
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as problem:
        raise DoesNotHold("{file} is no XML: {why}", file=path.name, why=problem) from problem
    cases = Counter((case.get("classname", ""), case.get("name", ""), _outcome(case)) for case in root.iter("testcase"))
    for properties in root.iterfind("testsuite/properties"):
        for entry in properties:
            if entry.get("name") == "verdict":
                cases["run", "verdict", entry.get("value", "")] += 1
    return cases


def _outcome(case: ElementTree.Element) -> str:
    found = [child.tag for child in case if child.tag in _OUTCOMES]
    return " ".join(found) or "passed"


def _check_report(path: Path, conclusion: Conclusion) -> None:
    stated = {value.decode("ascii") for value in _STATED_VERDICT.findall(_bytes(path))}
    if stated != {conclusion.verdict.value}:
        said = sorted(stated) or say("nothing")
        raise DoesNotHold(
            "{file} says {said} for the run; the record gives {given}",
            file=REPORT,
            said=said,
            given=conclusion.verdict,
        )


def _check_review(run_dir: Path, conclusion: Conclusion) -> Review | None:
    """The review is of this record, and of items that it leaves to a person."""
    try:
        review = load_review(run_dir)
    except ReviewOfAnother as problem:
        raise DoesNotHold("{file} is the review of another record", file=REVIEW) from problem
    for name in review.items if review is not None else ():
        result = conclusion.requirements.get(name)
        if result is None or result.verdict not in REVIEWABLE:
            raise DoesNotHold(
                "{file} decides on {name}, which is no item to review in this run", file=REVIEW, name=inert(name)
            )
    return review


def _check_certificate(path: Path, record: RunRecord) -> None:
    """The certificate is the one that the record earns, but for the words of its note."""
    derived = certificate(record)
    if not path.exists():
        if derived is not None:
            raise RecordError("{path}: missing, but the run earned it", path=path)
        return
    if derived is None:
        raise DoesNotHold("{file} certifies a run that earned no certificate", file=CERTIFICATE)
    stated, earned = _json(path), json.loads(json.dumps(derived))
    for key in (stated | earned).keys() - {"note"}:
        if stated.get(key) != earned.get(key):
            raise DoesNotHold(
                "{file} says {said} for {place}; the record gives {given}",
                file=CERTIFICATE,
                said=_short(stated.get(key)),
                place=inert(key),
                given=_short(earned.get(key)),
            )


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(_text(path))
    except (ValueError, RecursionError) as problem:
        raise DoesNotHold("{file} is no JSON", file=path.name) from problem
    if not isinstance(document, dict):
        raise DoesNotHold("{file} is no JSON object", file=path.name)
    return document


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise RecordError("{path}: cannot be read: {why}", path=path, why=problem.strerror or problem) from problem


def _sha256(path: Path) -> str:
    return hashlib.sha256(_bytes(path)).hexdigest()
