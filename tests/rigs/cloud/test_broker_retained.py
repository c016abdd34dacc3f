"""Retained messages (MQTT 3.1.1, section 3.3.1.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import both_brokers, clause
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
pytestmark = both_brokers


@clause("MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-8", "MQTT-3.8.4-6")
@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("wish", [0, 1, 2])
def test_new_subscription_gets_the_retained_message_with_the_lower_qos(wire: Open, qos: int, wish: int) -> None:
    wire().log_in("writer").publish("t", b"kept", qos, retain=True)
    reader = wire().log_in("reader").subscribe(("t", wish))
    reader.expect(w.publish("t", b"kept", min(qos, wish), 1, retain=True))


@clause("MQTT-3.3.1-6", "MQTT-3.3.2-3", "MQTT-4.7.2-1")
def test_wildcard_subscription_gets_the_last_message_of_every_matching_topic(wire: Open) -> None:
    writer = wire().log_in("writer")
    for topic in ("t", "t/a", "t/b/c", "u", "$t/a"):
        writer.publish(topic, b"old", retain=True).publish(topic, b"new", retain=True)
    reader = wire().log_in("reader").subscribe(("t/#", 0))
    reader.expect_in_any_order(*(w.publish(topic, b"new", retain=True) for topic in ("t", "t/a", "t/b/c")))
    reader.expect_quiet().subscribe(("#", 0))
    reader.expect_in_any_order(*(w.publish(topic, b"new", retain=True) for topic in ("t", "t/a", "t/b/c", "u")))
    reader.expect_quiet()


@clause("MQTT-3.3.1-9")
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_established_subscription_gets_the_message_without_retain(wire: Open, qos: int) -> None:
    reader = wire().log_in("reader").subscribe(("t", qos))
    wire().log_in("writer").publish("t", b"kept", qos, retain=True)
    reader.expect(w.publish("t", b"kept", qos, 1))


@clause("MQTT-3.3.1-7")
@pytest.mark.parametrize("qos", [1, 2])
def test_retained_qos_0_message_replaces_the_one_before(wire: Open, qos: int) -> None:
    wire().log_in("writer").publish("t", b"old", qos, retain=True).publish("t", b"new", 0, retain=True)
    wire().log_in("reader").subscribe(("t", 2)).expect(w.publish("t", b"new", retain=True)).expect_quiet()


@clause("MQTT-3.3.1-12")
@pytest.mark.parametrize("payload", [b"live", b""], ids=["message", "empty message"])
def test_message_without_retain_leaves_the_kept_one_alone(wire: Open, payload: bytes) -> None:
    writer = wire().log_in("writer").publish("t", b"kept", 1, retain=True).publish("t", payload, 1)
    writer.publish("other", b"live", 1)
    reader = wire().log_in("reader").subscribe(("#", 0))
    reader.expect(w.publish("t", b"kept", retain=True)).expect_quiet()


@clause("MQTT-3.3.1-10", "MQTT-3.3.1-11")
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_empty_retained_message_is_delivered_and_removes_what_was_kept(wire: Open, qos: int) -> None:
    writer = wire().log_in("writer").publish("t", b"kept", 1, retain=True)
    live = wire().log_in("live").subscribe(("t", 0)).expect(w.publish("t", b"kept", retain=True))
    writer.publish("t", b"", qos, retain=True).publish("never", b"", qos, retain=True)
    live.expect(w.publish("t", b""))
    wire().log_in("late").subscribe(("#", 0)).expect_quiet()


@clause("MQTT-3.1.2.7")
@pytest.mark.parametrize("clean", [True, False])
def test_retained_message_outlives_the_session_of_its_publisher(wire: Open, clean: bool) -> None:
    wire().log_in("writer", clean=clean).publish("t", b"kept", 1, retain=True).leave()
    wire().log_in("writer", present=False).leave()
    wire().log_in("reader").subscribe(("t", 0)).expect(w.publish("t", b"kept", retain=True))


@clause("MQTT-3.3.1-9")
def test_retained_message_reaches_an_absent_subscriber_without_retain(wire: Open) -> None:
    wire().log_in("c", clean=False).subscribe(("t", 1)).leave()
    wire().log_in("writer").publish("t", b"x", 1, retain=True)
    wire().log_in("c", clean=False, present=True).expect(w.publish("t", b"x", 1, 1)).expect_quiet()
