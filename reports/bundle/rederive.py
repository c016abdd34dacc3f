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
from reports.bundle.forms import check_forms
from reports.bundle.identity import check_identity
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
            f"{RECORD}: not as a run writes it: {inert(f'{type(problem).__name__}: {problem}')}"
        ) from problem


def _rederive(run_dir: Path) -> Rederived:
    record = RunRecord.load(run_dir / RECORD)
    if not record.complete or record.truncated:
        raise RecordError(f"{record.path}: no footer: the run died or its record was cut; such a run proves nothing")
    conclusion = conclude(record, record.strict)
    _check_footer(record, conclusion)
    _check_tests(record)
    _check_evidence(record)
    check_forms(record)
    check_wire(record)
    check_identity(record)
    for finding in record.judged_again.contradictions:
        raise DoesNotHold(contradiction(finding))
    for problem in misapplied(record.findings, record.catalogue.rulings):
        raise DoesNotHold(str(problem))
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
        raise DoesNotHold(f"the record's footer says {_said(*stated)}; its findings give {_said(*derived)}")


def _said(verdict: object, status: object) -> str:
    return f"{inert(str(verdict))} with exit status {inert(str(status))}"


def _check_tests(record: RunRecord) -> None:
    """A test's verdict is the join of its findings; one without any is NOT TESTED."""
    for test in record.tests.values():
        if test.verdict is None:
            raise DoesNotHold(f"test {inert(test.nodeid)} never ended, but the record has a footer")
        derived = join(finding.verdict for finding in record.findings_of(test.nodeid))
        if test.verdict is not derived:
            raise DoesNotHold(f"test {inert(test.nodeid)} says {test.verdict}; its findings give {derived}")


def _check_evidence(record: RunRecord) -> None:
    """Evidence are the first and last event of each stretch, all of them earlier than the finding."""
    for finding in record.findings:
        ends = finding.evidence
        proper = all(type(seq) is int and 0 <= seq < finding.seq for seq in ends)
        if not proper or len(ends) % 2 or any(first > last for first, last in list(pairwise(ends))[::2]):
            raise DoesNotHold(f"the finding of event {finding.seq} cites evidence that does not precede it")
        if finding.effort is not None and not finding.effort.enough and finding.verdict is not Verdict.INCONCLUSIVE:
            raise DoesNotHold(f"the finding of event {finding.seq} judges by less than the least that it says it needs")


def _check_inputs(run_dir: Path, record: RunRecord) -> None:
    """The files beside the record are those that the run was given."""
    for kind, name in _INPUTS.items():
        given = [event.data.get("sha256") for event in record.events if event.kind == kind]
        path = run_dir / name
        if not given and path.exists():
            raise DoesNotHold(f"{name} is in the bundle, but the run was given none")
        if given and not path.exists():
            raise RecordError(f"{path}: missing, but the run was given one")
        if given and [_sha256(path)] != given:
            raise DoesNotHold(f"{name} is not the file that the run was given")


def _check_summary(path: Path, record: RunRecord) -> None:
    stated = _json(path)
    derived = json.loads(json.dumps(summarise(record, record.strict)))
    if stated.get("schema") != derived["schema"]:
        raise RecordError(f"{path}: schema {inert(str(stated.get('schema')))}; this suite knows {derived['schema']}")
    for key in sorted(_CORE - stated.keys()):
        raise DoesNotHold(f"{SUMMARY} lacks {key!r}")
    for summary in (stated, derived):
        _drop_words(summary)
        summary["pics"] = _by_claim(summary.get("pics", []))
    _drop_later_claims(stated["pics"], derived["pics"])
    for where, said, given in _differences(stated, derived, ()):
        place = ".".join(where)
        raise DoesNotHold(f"{SUMMARY} says {_short(said)} for {inert(place)}; the record gives {_short(given)}")


def _drop_words(summary: dict[str, Any]) -> None:
    """Take out what explains a fact in words."""
    certification = summary.get("certification") or {}
    for entry in (*summary["requirements"].values(), *certification.get("missing", ())):
        entry.pop("reason", None)


def _by_claim(claims: Any) -> dict[str, Any]:
    """The claims of a summary by their names."""
    try:
        named = {str(entry["claim"]): entry for entry in claims}
    except (TypeError, KeyError) as problem:
        raise DoesNotHold(f"{SUMMARY} has claims without a name") from problem
    if len(named) != len(claims):
        raise DoesNotHold(f"{SUMMARY} tells a claim twice")
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
            f"{JUNIT} says {', '.join(said) or 'nothing'} for {inert(f'{classname}.{name}')}; "
            f"the record gives {', '.join(given) or 'nothing'}"
        )


def _cases(document: str, path: Path) -> Counter[tuple[str, str, str]]:
    """The test cases of a JUnit file: class, name, outcome; and the verdict of the run, as a case of its own."""
    if "<!" in document:
        raise DoesNotHold(f"{path.name} has a document type or a comment, which this suite never writes")
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as problem:
        raise DoesNotHold(f"{path.name} is no XML: {problem}") from problem
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
        said = " and ".join(sorted(stated)) or "nothing"
        raise DoesNotHold(f"{REPORT} says {said} for the run; the record gives {conclusion.verdict}")


def _check_review(run_dir: Path, conclusion: Conclusion) -> Review | None:
    """The review is of this record, and of items that it leaves to a person."""
    try:
        review = load_review(run_dir)
    except ReviewOfAnother as problem:
        raise DoesNotHold(f"{REVIEW} is the review of another record") from problem
    for name in review.items if review is not None else ():
        result = conclusion.requirements.get(name)
        if result is None or result.verdict not in REVIEWABLE:
            raise DoesNotHold(f"{REVIEW} decides on {inert(name)}, which is no item to review in this run")
    return review


def _check_certificate(path: Path, record: RunRecord) -> None:
    """The certificate is the one that the record earns, but for the words of its note."""
    derived = certificate(record)
    if not path.exists():
        if derived is not None:
            raise RecordError(f"{path}: missing, but the run earned it")
        return
    if derived is None:
        raise DoesNotHold(f"{CERTIFICATE} certifies a run that earned no certificate")
    stated, earned = _json(path), json.loads(json.dumps(derived))
    for key in (stated | earned).keys() - {"note"}:
        if stated.get(key) != earned.get(key):
            raise DoesNotHold(
                f"{CERTIFICATE} says {_short(stated.get(key))} for {inert(key)}; the record gives "
                f"{_short(earned.get(key))}"
            )


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(_text(path))
    except (ValueError, RecursionError) as problem:
        raise DoesNotHold(f"{path.name} is no JSON") from problem
    if not isinstance(document, dict):
        raise DoesNotHold(f"{path.name} is no JSON object")
    return document


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise RecordError(f"{path}: cannot be read: {problem.strerror or problem}") from problem


def _sha256(path: Path) -> str:
    return hashlib.sha256(_bytes(path)).hexdigest()
