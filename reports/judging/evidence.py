"""The evidence that a record holds, event by event, as the judge takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from reports.events import Event, Kind
from reports.judging.answer import Answer
from reports.judging.expectation import ExpectationError
from reports.judging.gateway import Gateway
from reports.judging.line import Lines, downlink
from reports.judging.sights import Sight

OPENED, CLOSED = "\u3010", "\u3011"
"""Round the label of a secret; no byte of a line is written as one of these."""


_RESTARTED = "the module restarted by itself"
"""How an incident begins that tells of a restart which nobody ordered."""


class Claim(NamedTuple):
    """What an exchange of the record says that it consists of, secrets masked."""

    first: int
    last: int
    """Events of its first byte and of its last."""
    command: str
    lines: tuple[str, ...]


class Recorded:
    """What a record has told so far; ``commands`` are the names of those of the manual, with their +."""

    def __init__(self, commands: Iterable[str]) -> None:
        self.names = {name.upper() for name in commands}
        self._answers: dict[int, Answer] = {}
        self._claims: dict[int, Claim] = {}
        self._by_number: dict[int, int] = {}
        self._replaced: dict[int, int] = {}
        """An exchange that was told again, with the answer that came late, and where."""
        self._found: dict[Sight, Any] = {}
        self._dropped: list[tuple[int, int]] = []
        self._restarted: list[int] = []
        self.lines = Lines()
        self.gateway = Gateway()
        self.shows_codes = False

    def add(self, event: Event) -> None:
        """Take up the next event."""
        match event.kind:
            case Kind.EXCHANGE:
                self._add_exchange(event)
            case Kind.SERIAL if event.data["dir"] == "rx":
                self.lines.feed(event.seq, event.data["data"], event.t)
                if count := event.data.get("dropped"):
                    self._dropped.append((event.seq, count))
            case Kind.MQTT | Kind.CLOUD:
                self.gateway.add(event)
            case Kind.INCIDENT if str(event.data["text"]).startswith(_RESTARTED):
                self._restarted.append(event.seq)

    def _add_exchange(self, event: Event) -> None:
        answer = answer_of(event.data)
        self._answers[event.seq] = answer
        claim = Claim(event.data["from"], event.data["to"], str(event.data["command"]), tuple(event.data["lines"]))
        self._claims[event.seq] = claim
        number = event.data["exchange"]
        if (earlier := self._by_number.get(number)) is not None:
            self._replaced[earlier] = event.seq
        self._by_number[number] = event.seq
        if answer.name in self.names and answer.result is not None and answer.result.code is not None:
            self.shows_codes = True

    def answer(self, event: int) -> Answer:
        found = self._answers.get(event)
        if found is None:
            raise ExpectationError("an expectation is about event {event}, which is no exchange", event=event)
        return found

    def claim(self, event: int) -> Claim:
        """What an exchange says of the bytes that it rests on; raises `ExpectationError` where the event is none."""
        found = self._claims.get(event)
        if found is None:
            raise ExpectationError("an expectation is about event {event}, which is no exchange", event=event)
        return found

    def exchanges(self, last: int) -> list[int]:
        """The events of the exchanges up to that one, in order, of one that was told again the last."""
        return [event for event in self._claims if event <= last and not self._replaced.get(event, last + 1) <= last]

    def dropped(self, last: int) -> int:
        """How many bytes of the module had been dropped by that event."""
        return sum(count for event, count in self._dropped if event <= last)

    def is_silent(self, event: int) -> bool:
        """Whether that event is an exchange that met with silence."""
        return event in self._answers and self._answers[event].silent

    def restarted_after(self, event: int) -> bool:
        """Whether the bench has told of a restart that nobody ordered since that event."""
        return any(told > event for told in self._restarted)

    def downlinks(self, topic: str, first: int, last: int) -> list[str]:
        found = (downlink(line, topic) for line in self.lines.downlinks_of(topic, first, last))
        return [payload for payload in found if payload is not None]

    def published(self, topic: str, last: int) -> list[str]:
        return self.gateway.published(topic, last)

    def events_of(self, connection: int, last: int) -> list[str]:
        return self.gateway.told(connection, last)

    def found(self, sight: Sight) -> Any:
        if sight not in self._found:
            self._found[sight] = sight.look(self)
        return self._found[sight]


def answer_of(exchange: Mapping[str, Any]) -> Answer:
    """What an exchange event says was answered, labels in place of what was masked."""
    masked, labels = exchange.get("masked") or {}, exchange.get("labels") or {}

    def told(place: str, text: str) -> str:
        if place not in masked:
            return text
        pieces, end = [], 0
        spans, names = masked.get(place, ()), labels.get(place, ())
        for (first, last), label in zip(spans, names, strict=True) if len(spans) == len(names) else ():
            pieces += [text[end:first], OPENED, label, CLOSED]
            end = last
        return "".join((*pieces, text[end:]))

    lines = tuple(told(f"/lines/{index}", str(line)) for index, line in enumerate(exchange.get("lines", ())))
    command = told("/command", str(exchange.get("command", "")))
    return Answer(command, lines, exchange["silent"], float(exchange.get("seconds", 0.0)))
