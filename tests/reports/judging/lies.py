"""How a record is made to lie: the bytes, and with them the exchange or the packets, say something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from reports.events import Event as RecordedEvent
from reports.record import RunRecord

Event = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The events of a record, whose findings nobody has weighed yet."""

    events: tuple[RecordedEvent, ...]

    @classmethod
    def by(cls, record: RunRecord) -> Told:
        return cls(record.events)

    def of_kind(self, kind: str) -> Iterator[RecordedEvent]:
        return (event for event in self.events if event.kind == kind)


Lie = Callable[[Told, Event], Told]
REFUSED, OTHER = "+CME ERROR: 709", "0_0"


def to_error(lines: list[str], _: Event) -> list[str]:
    return [*lines[:-1], REFUSED]


def to_ok(lines: list[str], _: Event) -> list[str]:
    return [*lines[:-1], "OK"]


def to_other_value(lines: list[str], exchange: Event) -> list[str]:
    name = re.sub(r"^AT|\?$", "", exchange["command"])
    return [f"{name}:{OTHER}" if line.startswith(name) else line for line in lines]


def to_silence(_: list[str], exchange: Event) -> list[str]:
    exchange["silent"] = True
    return []


def to_number(lines: list[str], _: Event) -> list[str]:
    return [*lines[:-1], "0"]


def to_result_alone(lines: list[str], _: Event) -> list[str]:
    return lines[-1:]


def to_late(lines: list[str], exchange: Event) -> list[str]:
    exchange["seconds"] = 10_000.0
    return lines


LIES: dict[str, tuple[Callable[[list[str], Event], list[str]], ...]] = {
    "ok": (to_error, to_silence),
    "refused": (to_ok, to_silence),
    "refused-by-code": (to_ok, to_error, to_silence),
    "answered": (to_silence,),
    "answered-in-time": (to_late, to_silence),
    "in-words": (to_number, to_silence),
    "informs": (to_result_alone,),
    "answers": (to_error, to_other_value, to_silence),
}
"""About an answer."""


def doubled(record: Told, expectation: Event) -> Told:
    """A downlink message is shown twice."""
    events = list(record.events)
    for event in events[expectation["first"] : expectation["last"] + 1]:
        if event.kind == "serial" and f"{expectation['topic']}," in event.data["data"]:
            line = f"+MQTTRECV:{expectation['topic']},{expectation['payloads'][0]}\r\n"
            events[event.seq] = replace(event, data={**event.data, "data": event.data["data"] + line})
            break
    return Told(tuple(events))


def changed_packet(record: Told, expectation: Event) -> Told:
    """The last byte of each message to the topic is another one."""
    events, topic = list(record.events), expectation["topic"]
    for event in record.of_kind("mqtt"):
        if event.data["dir"] == "up" and (event.data["fields"] or {}).get("topic") == topic:
            events[event.seq] = replace(event, data={**event.data, "hex": event.data["hex"][:-2] + "00"})
    return Told(tuple(events))


def other_event(record: Told, expectation: Event) -> Told:
    """What the gateway told of the connection was something else."""
    events = list(record.events)
    for event in record.of_kind("cloud"):
        if event.data["connection"] == expectation["connection"]:
            events[event.seq] = replace(event, data={**event.data, "event": "fault-on"})
    return Told(tuple(events))


def same_as_before(record: Told, expectation: Event) -> Told:
    """The same was answered as in the earlier exchange."""
    before = record.events[expectation["than"]].data
    lie = lied(record, expectation["exchange"], lambda _lines, _exchange: list(before["lines"]))
    events = list(lie.events)
    exchange = events[expectation["exchange"]]
    hidden = {field: before[field] for field in ("masked", "labels") if field in before}
    events[exchange.seq] = replace(exchange, data={**exchange.data, **hidden})
    return Told(tuple(events))


def in_clear(record: Told, expectation: Event) -> Told:
    """Connections came without TLS, and what told whose they were is a CONNECT."""
    events = list(record.events)
    connect = next(event for event in record.of_kind("mqtt") if event.data["packet"] == "CONNECT").data
    for event in events[expectation["first"] : expectation["last"] + 1]:
        if event.kind == "cloud" and event.data["event"] == "connected":
            events[event.seq] = replace(event, data={**event.data, "tls": False})
        elif event.kind == "cloud" and event.data["event"] == "attributed":
            data = {**connect, "connection": event.data["connection"]}
            events[event.seq] = replace(event, kind="mqtt", data=data)
    return Told(tuple(events))


Change = Callable[[Event], Event]
MARK, PROTOCOL = "kind", "00044d51545404"
"""Where the kind of an event is told to a change; what stands in front of the flags of a CONNECT, in hex."""


def changed(*changes: Change) -> Callable[[Told, Event], Told]:
    """Every event that concerns the expectation's connection, topic or exchange goes through these changes."""

    def lie(record: Told, expectation: Event) -> Told:
        events, first, last = list(record.events), 0, expectation.get("last", expectation.get("fence", 0))
        if "exchange" in expectation:
            claim = record.events[expectation["exchange"]].data
            first, last = claim["from"], max(last, claim["to"])
        for event in events[first : last + 1]:
            if event.data.get("connection", expectation.get("connection")) == expectation.get(
                "connection", event.data.get("connection")
            ):
                data: Event = {**event.data, MARK: event.kind}
                for change in changes:
                    data = change(data)
                events[event.seq] = replace(event, data={name: data[name] for name in data if name != MARK})
        return Told(tuple(events))

    return lie


def packet(kind: str, change: Callable[[str], str]) -> Change:
    """The bytes of each packet of that kind are others."""

    def apply(data: Event) -> Event:
        return {**data, "hex": change(data["hex"])} if data[MARK] == "mqtt" and data["packet"] == kind else data

    return apply


def fact(name: str, **fields: Any) -> Change:
    """The gateway told something else."""
    return lambda data: {**data, **fields} if data[MARK] == "cloud" and data["event"] == name else data


def line(change: Callable[[str], str]) -> Change:
    """The bytes of the module are others."""

    def apply(data: Event) -> Event:
        came = data[MARK] == "serial" and data["dir"] == "rx" and data["data"]
        return {**data, "data": change(data["data"])} if came else data

    return apply


def flags(change: Callable[[int], int]) -> Callable[[str], str]:
    """The first byte of a packet is another."""
    return lambda raw: f"{change(int(raw[:2], 16)):02x}{raw[2:]}"


def connect_flags(raw: str) -> str:
    before, _, behind = raw.partition(PROTOCOL)
    return f"{before}{PROTOCOL}{int(behind[:2], 16) ^ 2:02x}{behind[2:]}"


def no_keep_alive(raw: str) -> str:
    before, _, behind = raw.partition(PROTOCOL)
    return f"{before}{PROTOCOL}{behind[:2]}0000{behind[6:]}"


def quoted(record: Told, expectation: Event) -> Told:
    topic = expectation["topic"]
    return changed(line(lambda data: data.replace(f"{topic},", f'"{topic}",')))(record, expectation)


def echo_turned(record: Told, expectation: Event) -> Told:
    command = record.events[expectation["exchange"]].data["command"]
    on = expectation["on"]
    # The echo may have come in pieces.
    turned = line(lambda data: data.replace("T", "X") if on else f"{command}\r{data}")
    return changed(turned)(record, expectation)


def of_the_run(make: Callable[[Told, int], Told], wanted: Callable[[Event], bool]) -> Lie:
    """One exchange of the run, that is judged, is not as all of them should be."""

    def lie(record: Told, expectation: Event) -> Told:
        exchanges = [event for event in record.of_kind("exchange") if event.seq < expectation["last"] - 10]
        judged = [e.seq for e in exchanges if e.seq not in expectation["besides"] and wanted(dict(e.data))]
        return make(record, judged[len(judged) // 2])

    return lie


def silenced(record: Told, number: int) -> Told:
    return lied(record, number, to_silence)


def with_a_foreign_code(record: Told, number: int) -> Told:
    return lied(record, number, to_error)


def with_a_text(record: Told, number: int) -> Told:
    return lied(record, number, lambda lines, _: [*lines[:-1], "+CME ERROR: unknown"])


def with_another_form(record: Told, number: int) -> Told:
    return lied(record, number, lambda lines, _: [*lines[:-1], "ERROR: 708"])


def answered_twice(record: Told, number: int) -> Told:
    return changed(line(lambda data: f"{data}OK\r\n"))(record, {"exchange": number})


def with_line_feeds(record: Told, number: int) -> Told:
    return changed(line(lambda data: data.replace("\r", "")))(record, {"exchange": number})


def flooded(record: Told, expectation: Event) -> Told:
    events = list(record.events)
    came = next(event for event in record.of_kind("serial") if event.data["dir"] == "rx")
    events[came.seq] = replace(came, data={**came.data, "dropped": 1})
    return Told(tuple(events))


def without_its_syntax_line(record: Told, expectation: Event) -> Told:
    return lied(record, expectation["exchange"], to_result_alone)


def is_refused(exchange: Event) -> bool:
    return exchange["code"] == 708 and exchange["command"].startswith("AT+ALY")


def anything(_: Event) -> bool:
    return True


OTHER_LIES: dict[str, Lie] = {
    "logged-in": changed(packet("CONNACK", lambda raw: f"{raw[:-2]}05")),
    "online-over": changed(fact("online", event="fault-on")),
    "clean-session": changed(packet("CONNECT", connect_flags)),
    "keep-alive": changed(packet("CONNECT", no_keep_alive)),
    "subscribed": changed(packet("SUBSCRIBE", lambda raw: f"{raw[:-2]}02")),
    "granted": changed(packet("SUBACK", lambda raw: f"{raw[:-2]}80")),
    "unsubscribed": changed(packet("UNSUBSCRIBE", lambda raw: f"{raw[:-2]}ff")),
    "sent-with": changed(packet("PUBLISH", flags(lambda first: first | 1))),
    "first-delivery": changed(packet("PUBLISH", flags(lambda first: first | 8))),
    "acknowledged": changed(packet("PUBACK", lambda raw: f"{raw[:-4]}ffff")),
    "disconnected": changed(packet("DISCONNECT", flags(lambda _: 0xC0))),
    "not-ended": changed(fact("attributed", event="closed", by="module")),
    "still-online": changed(fact("online", event="fault-on")),
    "nothing-plain": in_clear,
    "unquoted": quoted,
    "arrived": changed_packet,
    "one-result": changed(line(lambda data: f"{data}OK\r\n")),
    "lines-end": changed(line(lambda data: data.replace("\r", ""))),
    "echoed": echo_turned,
    "syntax-line": without_its_syntax_line,
    "no-second-result": of_the_run(answered_twice, anything),
    "no-silence": of_the_run(silenced, anything),
    "all-lines-end": of_the_run(with_line_feeds, anything),
    "accepted-forms": of_the_run(with_a_text, is_refused),
    "one-dialect": of_the_run(with_another_form, is_refused),
    "known-codes": of_the_run(with_a_foreign_code, is_refused),
    "no-flood": flooded,
    "shown": doubled,
    "published": changed_packet,
    "came-online": other_event,
    "closed": other_event,
    "answers-other": same_as_before,
}


def lied(record: Told, number: int, change: Callable[[list[str], Event], list[str]]) -> Told:
    """The record in which that exchange, and the bytes that it rests on, say something else."""
    exchange: Event = dict(record.events[number].data)
    lines = exchange["lines"] = change(exchange["lines"], exchange)
    for field in ("masked", "labels"):
        told = exchange.get(field, {})
        exchange[field] = {place: found for place, found in told.items() if not place.startswith("/lines")}
    last = lines[-1] if lines else ""
    code = re.fullmatch(r"\+CME ERROR: (\d+)", last)
    exchange["code"] = int(code[1]) if code else None
    exchange["final"] = last if last in ("OK", "0") else f"+CME ERROR: n (code {exchange['code']})"
    events = list(record.events)
    events[number] = replace(events[number], data=exchange)
    came = "".join(f"\r\n{line}\r\n" for line in lines)
    # In the last piece of the answer: the first may have come before the whole command was sent.
    for event in reversed(events[exchange["from"] : exchange["to"] + 1]):
        if event.kind == "serial" and event.data["dir"] == "rx":
            data = {name: value for name, value in event.data.items() if name != "masked"}
            events[event.seq] = replace(event, data=data | {"data": came})
            came = ""
    return Told(tuple(events))
