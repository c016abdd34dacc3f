"""What a record may hold at all: forms that no suite of its schema writes do not hold."""

from __future__ import annotations

from reports.bundle.contents import DoesNotHold
from reports.finding import Finding
from reports.record import RunRecord
from reports.sentences import Sentence, say
from reports.severity import Verdict
from reports.why import Why

_RULES = 2
"""The least version of the rules that a suite which writes schema 2 judges by."""


def check_forms(record: RunRecord) -> None:
    """Raise `DoesNotHold` for rules and findings that no suite writes like that."""
    schema = record.run["schema"]
    if schema >= 2 and record.rules < _RULES:
        raise DoesNotHold(
            "the record is of schema {schema} and says that it is judged by rules {rules}",
            schema=schema,
            rules=record.rules,
        )
    masked = _first_masked(record)
    for finding in record.findings:
        complaint = _complaint(finding, schema)
        hides = finding.expectation is not None and not finding.derivable and finding.why is not Why.PARSERS
        if hides and masked.get(finding.test, finding.seq) >= finding.seq:
            complaint = say("says that a mask hides what it rests on; nothing before it in its test is masked")
        if complaint:
            raise DoesNotHold("the finding of event {event} {complaint}", event=finding.seq, complaint=complaint)


def _first_masked(record: RunRecord) -> dict[str | None, int]:
    """The first event of each test in which something is masked."""
    found: dict[str | None, int] = {}
    for event in record.events:
        if event.data.get("masked"):
            found.setdefault(event.test, event.seq)
    return found


def _complaint(finding: Finding, schema: int) -> Sentence | None:
    if schema < 2:
        return None if finding.expectation is None else say("has an expectation, in a record of schema 1")
    if finding.observation is not None and finding.verdict is not Verdict.OBSERVED:
        return say("only records something and says {said}", said=finding.verdict)
    effort = finding.effort
    if effort is None:
        return None
    what = effort.what.replace("-", " ")
    expected = f"at least {effort.minimum} of {effort.planned} {what}"
    observed = f"{effort.done} of {effort.planned} {what}" + (f" ({effort.cut})" if effort.cut else "")
    if finding.expectation is not None or (finding.expected, finding.observed) != (expected, observed):
        return say("judges something else than the effort that it counts")
    return None
