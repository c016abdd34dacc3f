"""How long a connection took to end, and what another bound makes of that: the record has both times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reports.events import Event, Kind
from reports.finding import Finding
from reports.judging import Expectation, Judgement, WasClosed
from reports.judging.rulings import Rulings

BOUND = "close_seconds"
"""The catalogue's bound on the time from the answer to the command that closes to the end of the connection."""


class Waited(NamedTuple):
    """What another bound makes of a wait."""

    judgement: Judgement
    """Hidden where the bench stopped watching before today's bound, and nothing it saw later tells."""
    seconds: float
    """How long it took, or for how long it had been watched in vain."""


def waited(
    finding: Finding, expectation: Expectation | None, events: Sequence[Event], then: Rulings, now: Rulings
) -> Waited | None:
    """A judgement on the end of a connection by today's bound.

    None where it is about something else, where the bound is the same or unknown, or where the record does not tell
    since when the bench waited.
    """
    bound = now.bounds.get(BOUND)
    if not isinstance(expectation, WasClosed) or bound is None or then.bounds.get(BOUND) in (None, bound):
        return None
    since = _since(finding, events)
    if expectation.connection is None or since is None or finding.otherwise:
        return None
    until, ended = _watched(expectation.connection, finding, since, events)
    seconds = max(0.0, until - events[since].t)
    if seconds > bound:
        return Waited(Judgement.BROKEN, seconds)
    return Waited(Judgement.KEPT if ended else Judgement.HIDDEN, seconds)


def _since(finding: Finding, events: Sequence[Event]) -> int | None:
    """The answer behind which the bench waited: it sends nothing while it waits for an end."""
    for seq in range(finding.seq - 1, -1, -1):
        event = events[seq]
        if event.kind == Kind.TEST_START:
            return None
        if event.kind == Kind.EXCHANGE and event.test == finding.test:
            return seq
    return None


def _watched(connection: int, finding: Finding, since: int, events: Sequence[Event]) -> tuple[float, bool]:
    """Until when the connection was watched, and whether it ended then.

    An end that came before the answer was told is one, and so is one behind the judgement, as long as the bench had
    done nothing more to the module.
    """
    for event in _of_the_test(finding, since, events):
        told = event.data
        if event.kind == Kind.CLOUD and told.get("event") == "closed" and told.get("connection") == connection:
            # What the bench itself ends once it has judged is no end by the module.
            return event.t, event.seq < finding.seq or told.get("by") == "module"
    return events[finding.seq].t, False


def _of_the_test(finding: Finding, since: int, events: Sequence[Event]) -> Sequence[Event]:
    first = since
    while first and events[first].kind != Kind.TEST_START:
        first -= 1
    last = finding.seq
    while last + 1 < len(events) and events[last + 1].kind in (Kind.CLOUD, Kind.MQTT, Kind.FINDING):
        last += 1
    return events[first : last + 1]
