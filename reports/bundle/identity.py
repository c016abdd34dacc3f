"""What a record says the module is, against what the module said itself."""

from __future__ import annotations

from reports.bundle.contents import DoesNotHold
from reports.events import Event, Kind
from reports.inert import inert
from reports.judging.evidence import answer_of
from reports.record import RunRecord

_SINCE = 2
"""Schema of the record from which on the module event holds what the lines below give."""
_NAMED_BY = {"model": "AT+CGMM", "revision": "AT+CGMR", "serial_number": "AT+CGSN"}
"""Fields of the module event, and the commands that are asked for them (3GPP TS 27.007, chapter 5)."""
_LONGEST, _MOST = 128, 8
"""Bytes of a line, and lines, that are kept of an answer."""
_MASKED = "\u3010"


def check_identity(record: RunRecord) -> None:
    """Raise `DoesNotHold` where model, revision or IMEI are not what the answers before them say."""
    if record.run.get("schema", 0) < _SINCE:
        return
    answers: dict[str, list[str]] = {}
    for event in record.events:
        if event.kind == Kind.EXCHANGE:
            _take(event, answers)
        elif event.kind == Kind.MODULE:
            _check(event, answers)


def _take(event: Event, answers: dict[str, list[str]]) -> None:
    answer = answer_of(event.data)
    if answer.result is not None and answer.result.ok:
        answers[answer.command] = [
            line[:_LONGEST].encode("latin-1", "replace").decode("utf-8", "replace") for line in answer.body[:_MOST]
        ]


def _check(event: Event, answers: dict[str, list[str]]) -> None:
    for command, lines in (event.data.get("identity") or {}).items():
        if lines != answers.get(command) and _MASKED not in "".join(lines):
            raise DoesNotHold(
                "event {seq} says that {command} was answered otherwise than it was",
                seq=event.seq,
                command=inert(command),
            )
    for field, command in _NAMED_BY.items():
        said = event.data.get(field)
        if said is not None and not any(said in line for line in answers.get(command, ())) and _MASKED not in said:
            raise DoesNotHold(
                "event {seq} says {field} {said}; {command} was answered otherwise",
                seq=event.seq,
                field=field,
                said=inert(str(said)),
                command=command,
            )
