"""The exchanges of a record as turns of one dialogue: one command line each, none within another, in order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.bundle.contents import DoesNotHold
from reports.bundle.likeness import MASK, same
from reports.events import Event
from reports.judging.answer import Answer
from reports.sentences import say

_ENDS = re.compile(r"[\r\n]*")
_OWN = re.compile(r"(?:(?:AT|ATV1|ATQ0|AT\+BENCHFENCE)[\r\n]+)*")
"""What the bench sends on its own account, behind a silence, until the late answer has come."""
_MASKED = re.compile(r'\+\w*SECRET\s*[=:][*"?]+', re.IGNORECASE)
"""An answer in the name of a command that sets a secret: its code was masked like a value, and may be any."""
BRINGS_TEXT = re.compile(r"\+(?:CMT|CBM|CDS):.*", re.DOTALL)
"""URCs with a text on the line behind, which may look like a final result code (3GPP TS 27.005, 3.4.1)."""
_UNREADABLE = {
    "0": frozenset({"0"}),
    "4": frozenset({"4"}),
    "OK": frozenset({"OK in another spelling"}),
    "ERROR": frozenset({"ERROR in another spelling"}),
}
"""What the dialogue calls a result code that can only have been meant as one, by its text in upper case."""


@dataclass
class Turns:
    """The exchanges so far. ``take`` raises `DoesNotHold` for one that cannot follow them."""

    _told: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    """By number, what was told of it last."""
    _highest: int = -1
    _end: int = -1
    """The last event of any."""

    def take(self, event: Event, sent: Sequence[Event]) -> None:
        """Take up the next exchange; ``sent`` are the events of what the bench sent within it."""
        claim = event.data
        number = claim["exchange"]
        earlier = self._told.get(number)
        if earlier is None:
            if number <= self._highest:
                raise _strange(event, say("its number comes after {number}", number=self._highest))
            if claim["from"] <= self._end:
                raise _strange(event, "its events are those of another exchange, too")
        elif (claim["command"], claim["from"]) != (earlier["command"], earlier["from"]) or not earlier["silent"]:
            raise _strange(event, "its number is that of another exchange")
        elif number != self._highest:
            raise _strange(event, "it is told again after another one")
        _check_sent(event, "".join(item.data["data"] for item in sent), again=earlier is not None)
        self._told[number] = claim
        self._highest = max(self._highest, number)
        self._end = max(self._end, claim["to"])


def _strange(event: Event, what: str) -> DoesNotHold:
    return DoesNotHold(
        "exchange {exchange} (event {seq}) cannot be: {what}",
        exchange=event.data["exchange"],
        seq=event.seq,
        what=say(what),
    )


def _check_sent(event: Event, sent: str, *, again: bool) -> None:
    """The command line alone was sent; where it was answered late, then also the bench's own lines."""
    command = str(event.data["command"])
    begun, rest = sent[: len(command)], sent[len(command) :]
    if not sent or not same(begun, command):
        raise contradicted(event, "the command it claims was not sent")
    if not (_ENDS.fullmatch(rest) or (again and _OWN.fullmatch(rest.lstrip("\r\n")))):
        raise contradicted(event, "more was sent than the command it claims")


def contradicted(event: Event, what: str) -> DoesNotHold:
    return DoesNotHold(
        "exchange {exchange} (event {seq}) contradicts the serial bytes: {what}",
        exchange=event.data["exchange"],
        seq=event.seq,
        what=say(what),
    )


def check_result(event: Event) -> None:
    """The claimed lines end with the final result code that is claimed, read from them anew."""
    claim = event.data
    lines = tuple(map(str, claim["lines"]))
    if claim["silent"]:
        if claim["code"] is not None:
            raise contradicted(event, "it claims silence, and a code")
        return
    answer = Answer(str(claim["command"]), lines)
    if any(_MASKED.fullmatch(line.strip(" \r")) for line in lines) and claim["final"] != "OK":
        return
    result = answer.result
    if result is None or claim["code"] != result.code or claim["final"] not in _names(answer):
        raise contradicted(event, "no line of it is the final result it claims")
    if _goes_on(answer):
        raise contradicted(event, "it goes on behind its final result")


def _names(answer: Answer) -> frozenset[str]:
    """How the dialogue may call the final result code of an answer."""
    result = answer.result
    assert result is not None
    if not result.readable:
        return _UNREADABLE[answer.lines[-1].strip(" \r").upper()]
    if result.ok:
        return frozenset({"OK"})
    return frozenset({answer.form if result.code is None else f"{answer.form} (code {result.code})"})


def _goes_on(answer: Answer) -> bool:
    """Whether lines stand behind the first final result code that no dialogue waits for.

    Behind an error in the command's name more may come, up to a line ERROR or, as an answer to a query, OK. Where a
    text message came, the last result code before the line fell quiet counts.
    """
    for index, line in enumerate(answer.lines):
        if BRINGS_TEXT.match(line):
            return False
        result = Answer(answer.command, (line,)).result
        if result is None or not result.readable:
            continue
        behind = [Answer(answer.command, (later,)).result for later in answer.lines[index + 1 :]]
        if not names_a_command(line):
            return bool(behind)
        return any(found is not None and found.readable for found in behind[:-1])
    return False


def names_a_command(line: str) -> bool:
    """Whether a line is an error that names its command."""
    return Answer("", (line,)).form in ("+<CMD>=err,n", "+<CMD>: err,n")


def check_masks(event: Event) -> None:
    """What is masked in an exchange shows nothing, and each label is as long as its stretch."""
    masked, labels = event.data.get("masked") or {}, event.data.get("labels") or {}
    places = {"/command": event.data["command"]}
    places |= {f"/lines/{index}": line for index, line in enumerate(event.data["lines"])}
    for place, spans in masked.items():
        hidden = [places.get(place, "")[first:last] for first, last in spans]
        if any(not text or text.strip(MASK) for text in hidden):
            raise _strange(event, "what it calls masked can be read")
        lengths = [int(label.partition("=")[0].partition(":")[2]) for label in labels.get(place, ())]
        if place in labels and lengths != list(map(len, hidden)):
            raise _strange(event, "a label is not as long as what it stands for")
