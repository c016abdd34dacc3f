"""What the module did at the gateway, set against what it did before: every fact, and what is no change."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.compare import compare
from reports.compare.drawn import Drawn, Labels
from reports.compare.page import render_comparison
from reports.compare.terminal import lines
from reports.compare.traffic import Changed, Fact, compare_traffic, connections_of
from reports.i18n import Lang, text
from reports.runs import load_run
from tests.reports.rejudge.small_run import Judged, within, write

TEST = "conformance/test_session.py::test_it"
Events = list[dict[str, Any]]


def session(key: str = "a1key000", name: str = "device-0", number: int = 1, stamp: str = "17") -> Events:
    """A login, a subscription, a message each way, and an end in order."""
    topic = f"/{key}/{name}/user/t{number}"
    login = {"client_id": f"{key}.{name}|timestamp={stamp}|", "username": f"{name}&{key}", "clean_session": True}
    subscription = {"packet_id": 1, "subscriptions": [{"topic_filter": topic, "qos": 1}]}
    message = {"topic": topic, "payload": "hello", "qos": 1, "packet_id": 2, "retain": False, "dup": False}
    told: list[tuple[float, dict[str, Any]]] = [
        (0.0, {"kind": "cloud", "event": "connected"}),
        (0.1, packet("CONNECT", {**login, "keep_alive": 60, "will": None})),
        (0.2, {"kind": "cloud", "event": "login", "accepted": True, "product_key": key, "device_name": name}),
        (0.3, packet("SUBSCRIBE", subscription)),
        (0.4, packet("PUBLISH", message)),
        (0.5, packet("PUBLISH", {**message, "packet_id": 9}, "down")),
        (0.6, packet("PUBACK", {"packet_id": 9})),
        (0.7, packet("UNSUBSCRIBE", {"packet_id": 3, "topic_filters": [topic]})),
        (0.8, packet("DISCONNECT", {})),
        (0.9, {"kind": "cloud", "event": "closed", "by": "module", "how": "FIN", "disconnect_seen": True}),
    ]
    return [
        {"seq": 10 * number + place, "t": t, "test": TEST, "connection": number, **event}
        for place, (t, event) in enumerate(told)
    ]


def packet(name: str, fields: dict[str, Any], way: str = "up") -> dict[str, Any]:
    return {"kind": "mqtt", "packet": name, "dir": way, "fields": fields}


def compared(old: Events, new: Events) -> tuple[Changed, ...]:
    sides = [connections_of(events, Drawn(events, ()), {TEST: Labels()}) for events in (old, new)]
    return compare_traffic(*sides, [TEST])


def changed(change: Callable[[Events], object]) -> tuple[Changed, ...]:
    """What is told of a session in which something else was done."""
    new = copy.deepcopy(session())
    change(new)
    return compared(session(), new)


def field(place: int, **fields: Any) -> Callable[[Events], object]:
    return lambda events: events[place]["fields"].update(fields)


def late(place: int) -> Callable[[Events], object]:
    """All from there on comes three seconds later."""
    return lambda events: [event.update(t=event["t"] + 3) for event in events[place:]]


def test_what_a_run_draws_is_no_change() -> None:
    assert compared(session(), session("b2key111", "device-99", 7, "18")) == ()


@pytest.mark.parametrize(
    ("change", "fact", "old", "new"),
    [
        (field(1, keep_alive=90), Fact.LOGIN, "keep-alive 60", "keep-alive 90"),
        (field(1, clean_session=False), Fact.LOGIN, "clean session true", "clean session false"),
        (field(1, client_id="other"), Fact.LOGIN, "client <ProductKey>.<DeviceName>", "client other"),
        (field(1, username="other"), Fact.LOGIN, "user <DeviceName>&<ProductKey>", "user other"),
        (field(1, will={"topic": "t"}), Fact.LOGIN, "will -", "will {'topic': 't'}"),
        (field(4, payload="hell0"), Fact.MESSAGE, ": hello", ": hell0"),
        (field(4, topic="/elsewhere"), Fact.MESSAGE, "/user/t<n>", "/elsewhere"),
        (field(4, qos=0), Fact.MESSAGE, "QoS 1", "QoS 0"),
        (field(4, retain=True), Fact.MESSAGE, "QoS 1:", "QoS 1 retain:"),
        (field(4, dup=True), Fact.MESSAGE, "QoS 1:", "QoS 1 dup:"),
        (lambda events: events.pop(4), Fact.MESSAGE, "hello", "-"),
        (field(3, subscriptions=[{"topic_filter": "/x", "qos": 0}]), Fact.SUBSCRIPTION, "QoS 1", "/x QoS 0"),
        (lambda events: events.pop(7), Fact.SUBSCRIPTION, "given up", "-"),
        (lambda events: events[9].update(disconnect_seen=False), Fact.END, "-", "by the module, FIN"),
        (late(1), Fact.TIME_TO_LOGIN, "0.1 s", "3.1 s"),
        (late(6), Fact.TIME_TO_CONFIRM, "0.1 s", "3.1 s"),
        (late(9), Fact.TIME_TO_END, "0.1 s", "3.1 s"),
    ],
)
def test_every_fact_that_changes_is_told_once(
    change: Callable[[Events], object], fact: Fact, old: str, new: str
) -> None:
    (found,) = changed(change)
    assert (found.fact, found.count, found.test) == (fact, 1, TEST)
    assert old in found.old
    assert new in found.new


@pytest.mark.parametrize(
    "change",
    [
        lambda events: [event.update(t=event["t"] * 5) for event in events],
        lambda events: events[9].update(by="gateway", disconnect_seen=False),
        lambda events: events[6].update(t=events[6]["t"] + 0.02),
        lambda events: events.pop(9),
    ],
    ids=["a slower bench", "the cloud was the first to close", "a confirmation within a second", "closed later"],
)
def test_what_is_chance_is_no_change(change: Callable[[Events], object]) -> None:
    assert changed(change) == ()


def test_after_bytes_that_are_no_mqtt_who_ends_it_is_chance() -> None:
    spoilt = [*session(), {**session()[0], "seq": 99, "event": "raw-sent"}]
    spoilt.sort(key=lambda event: event["event"] == "closed" if event["kind"] == "cloud" else False)
    new = copy.deepcopy(spoilt)
    new[-1]["disconnect_seen"] = False
    assert compared(spoilt, new) == ()


def test_the_end_of_an_earlier_test_s_connection_is_no_connection_of_this_one() -> None:
    leftover = {**session()[9], "connection": 8, "seq": 1}
    assert compared(session(), [leftover, *session()]) == ()


def test_another_number_of_connections_is_told_and_nothing_else_of_the_test() -> None:
    (found,) = compared(session(), [*session(), *session(number=2)])
    assert (found.fact, found.old, found.new) == (Fact.CONNECTIONS, "1", "2")


def test_the_same_change_in_several_connections_is_counted() -> None:
    old, new = ([*session(), *session(number=2)] for _ in range(2))
    for place in (4, 14):
        new[place]["fields"]["payload"] = "hell0"
    (found,) = compared(old, new)
    assert (found.fact, found.count) == (Fact.MESSAGE, 2)


@pytest.mark.parametrize("lang", list(Lang))
def test_terminal_and_page_tell_what_changed(tmp_path: Path, lang: Lang) -> None:
    run = load_run(write(tmp_path / "run", Judged("FMT-01", "PASS", within())))
    found = compare(run, run)
    (changed_end,) = changed(lambda events: events[9].update(disconnect_seen=False))
    told = replace(found, answers=replace(found.answers, traffic=(changed_end,) * 13))
    name, heading = text(lang, f"compare.fact.{Fact.END}"), text(lang, "compare.traffic")
    shown = "\n".join(lines(told, lang))
    page = render_comparison(told, lang)
    assert (f"{heading} (13)" in shown, shown.count(name)) == (True, 12)
    assert f"{heading}" in page
    assert "by the module, FIN without DISCONNECT" in page
    assert text(lang, "compare.more-traffic", count=1) in shown
