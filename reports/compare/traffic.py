"""What the module did at the gateway otherwise than before, connection by connection, whatever was judged of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest
from typing import Any, NamedTuple

from reports.compare.drawn import Drawn, Labels
from reports.compare.observations import same_duration

NOTHING = "-"
"""In place of what only one of the runs has."""
_TIMESTAMP = re.compile(r"timestamp=\d+")


class Fact(StrEnum):
    """What of a connection changed. The values are the keys of the JSON file."""

    CONNECTIONS = "connections"
    """How many there were in a test."""
    LOGIN = "login"
    """A field of CONNECT."""
    SUBSCRIPTION = "subscription"
    """Topic and QoS, or a topic that was given up."""
    MESSAGE = "message"
    """Topic, payload, QoS, retain and DUP flag."""
    END = "end"
    """Whether the module ended it without DISCONNECT, of a connection that began in the same test."""
    TIME_TO_LOGIN = "time-to-login"
    """From the connection to CONNECT, seconds."""
    TIME_TO_CONFIRM = "time-to-confirm"
    """From a message to the module to its PUBACK, the longest of the connection, seconds."""
    TIME_TO_END = "time-to-end"
    """From DISCONNECT to the end of the connection, seconds."""


class Did(NamedTuple):
    """Something that the module did, and where it stands in the record."""

    told: str
    event: int


@dataclass
class Connection:
    """A connection within one test, as far as the module decides what becomes of it."""

    event: int
    """Its first in the test."""
    began: bool = False
    """Whether it was made in the test."""
    spoilt: bool = False
    """Whether the gateway sent bytes that are no MQTT: whoever ends it first then is chance."""
    did: dict[Fact, list[Did]] = field(default_factory=dict)
    seconds: dict[Fact, float] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)

    def add(self, fact: Fact, told: str, event: int) -> None:
        self.did.setdefault(fact, []).append(Did(told, event))

    def begin(self, what: str, t: float) -> None:
        self._since[what] = t

    def ends(self, what: str, fact: Fact, t: float) -> None:
        """Something has come to its end that had begun in the same test; the longest counts."""
        if (since := self._since.pop(what, None)) is not None:
            self.seconds[fact] = max(t - since, self.seconds.get(fact, 0.0))


Connections = dict[int, Connection]
"""Of one test, by their numbers in the run, in the order in which they were first told of."""


@dataclass(frozen=True)
class Changed:
    """A fact that changed in the same way ``count`` times; test and events are those of the first."""

    fact: Fact
    old: str
    new: str
    test: str
    old_event: int
    new_event: int
    count: int = 1


def connections_of(
    events: Iterable[Mapping[str, Any]], drawn: Drawn, labels: Mapping[str, Labels]
) -> dict[str, Connections]:
    """The connections of each test, from the gateway's events of the record."""
    found: dict[str, Connections] = {}
    for event in events:
        number, test = event.get("connection"), event["test"] or ""
        if number is None:
            continue
        connection = found.setdefault(test, {}).setdefault(number, Connection(event["seq"]))
        _take(connection, event, _Texts(drawn, labels.get(test) or Labels()))
    return found


class _Texts(NamedTuple):
    drawn: Drawn
    labels: Labels

    def told(self, text: Any) -> str:
        """A text of the module without what belongs to the run."""
        return self.labels.known(self.drawn.left_out(str(text)))


def _take(connection: Connection, event: Mapping[str, Any], texts: _Texts) -> None:
    seq, t = event["seq"], float(event["t"])
    if event["kind"] == "cloud":
        if event["event"] == "connected":
            connection.began = True
            connection.begin("login", t)
        elif event["event"] == "raw-sent":
            connection.spoilt = True
        elif event["event"] == "closed" and connection.began:
            connection.ends("end", Fact.TIME_TO_END, t)
            # With DISCONNECT either side may be the first to close, and the cloud's end is the bench's own.
            if event.get("by") == "module" and not event.get("disconnect_seen") and not connection.spoilt:
                connection.add(Fact.END, f"by the module, {event.get('how')} without DISCONNECT", seq)
        return
    fields, up = event.get("fields") or {}, event["dir"] == "up"
    match (event["packet"], up):
        case ("CONNECT", True):
            connection.ends("login", Fact.TIME_TO_LOGIN, t)
            for told in _login(fields, texts):
                connection.add(Fact.LOGIN, told, seq)
        case ("SUBSCRIBE", True):
            for wanted in fields.get("subscriptions", ()):
                told = f"{texts.told(wanted.get('topic_filter'))} QoS {wanted.get('qos')}"
                connection.add(Fact.SUBSCRIPTION, told, seq)
        case ("UNSUBSCRIBE", True):
            for topic in fields.get("topic_filters", ()):
                connection.add(Fact.SUBSCRIPTION, f"{texts.told(topic)} given up", seq)
        case ("PUBLISH", True):
            connection.add(Fact.MESSAGE, _message(fields, texts), seq)
        case ("PUBLISH", False) if fields.get("qos"):
            connection.begin(f"confirm {fields.get('packet_id')}", t)
        case ("PUBACK", True):
            connection.ends(f"confirm {fields.get('packet_id')}", Fact.TIME_TO_CONFIRM, t)
        case ("DISCONNECT", True):
            connection.begin("end", t)


def _login(fields: Mapping[str, Any], texts: _Texts) -> list[str]:
    """The fields of a CONNECT, each by itself: the same ones in the same order."""
    told = {
        "client": _TIMESTAMP.sub("timestamp=<n>", texts.told(fields.get("client_id"))),
        "user": texts.told(fields.get("username")),
        "clean session": str(fields.get("clean_session")).lower(),
        "keep-alive": fields.get("keep_alive"),
        "will": NOTHING if fields.get("will") is None else texts.told(fields["will"]),
    }
    return [f"{name} {value}" for name, value in told.items()]


def _message(fields: Mapping[str, Any], texts: _Texts) -> str:
    flags = "".join(f" {name}" for name in ("retain", "dup") if fields.get(name))
    return f"{texts.told(fields.get('topic'))} QoS {fields.get('qos')}{flags}: {texts.told(fields.get('payload'))}"


def compare_traffic(
    old: Mapping[str, Connections], new: Mapping[str, Connections], tests: Collection[str]
) -> tuple[Changed, ...]:
    """What changed in these tests, which both runs made alike; each way of changing once."""
    counts: Counter[tuple[Fact, str, str]] = Counter()
    first: dict[tuple[Fact, str, str], Changed] = {}
    for test in tests:
        for changed in _changes(test, _used(old.get(test, {})), _used(new.get(test, {}))):
            key = (changed.fact, changed.old, changed.new)
            counts[key] += 1
            first.setdefault(key, changed)
    return tuple(
        Changed(it.fact, it.old, it.new, it.test, it.old_event, it.new_event, counts[key])
        for key, it in sorted(first.items(), key=lambda item: list(Fact).index(item[0][0]))
    )


def _used(connections: Connections) -> list[Connection]:
    """Those that were made in the test or used there: the end of one may be seen by the next test."""
    return [connection for connection in connections.values() if connection.began or connection.did]


def _changes(test: str, old: list[Connection], new: list[Connection]) -> Iterator[Changed]:
    if len(old) != len(new):
        first = [side[0].event if side else 0 for side in (old, new)]
        yield Changed(Fact.CONNECTIONS, str(len(old)), str(len(new)), test, *first)
        return
    for before, after in zip(old, new, strict=True):
        for fact in Fact:
            yield from _of_fact(fact, test, before, after)


def _of_fact(fact: Fact, test: str, old: Connection, new: Connection) -> Iterator[Changed]:
    """What comes behind the first thing that is otherwise may follow from it, but for the fields of one login."""
    if fact in old.seconds and fact in new.seconds:
        took, takes = old.seconds[fact], new.seconds[fact]
        if not same_duration(took, takes):
            yield Changed(fact, f"{took:.1f} s", f"{takes:.1f} s", test, old.event, new.event)
        return
    for before, after in zip_longest(old.did.get(fact, ()), new.did.get(fact, ())):
        one, other = (Did(NOTHING, side.event) if did is None else did for did, side in ((before, old), (after, new)))
        if one.told != other.told:
            yield Changed(fact, one.told, other.told, test, one.event, other.event)
            if fact is not Fact.LOGIN or NOTHING in (one.told, other.told):
                return
