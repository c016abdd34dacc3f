"""SUBSCRIBE, UNSUBSCRIBE and topic filters (MQTT 3.1.1, sections 3.8 to 3.11 and 4.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import both_brokers, clause, embedded_only
from tests.rigs.cloud.matching import MATCHES
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
pytestmark = both_brokers


@clause("MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-3.8.4-5", "MQTT-3.9.3-1", "MQTT-3.9.3-2", "MQTT-2.3.1-7")
@pytest.mark.parametrize("packet_id", [1, 3, 0x1234, 65535])
def test_one_suback_with_a_code_per_filter_in_their_order(wire: Open, packet_id: int) -> None:
    c = wire().log_in("c").send(w.subscribe(packet_id, ("a", 2), ("b", 0), ("c/#", 1), ("+", 2)))
    c.expect(w.suback(packet_id, 2, 0, 1, 2)).expect_quiet()


@clause("MQTT-3.8.4-4")
def test_several_filters_in_one_subscribe_are_as_good_as_several_subscribes(wire: Open) -> None:
    writer = wire().log_in("writer").publish("a", b"kept a", retain=True).publish("b", b"kept b", retain=True)
    together = wire().log_in("together").subscribe(("a", 0), ("b", 1), ("c", 0))
    apart = wire().log_in("apart").subscribe(("a", 0)).expect(w.publish("a", b"kept a", retain=True))
    apart.subscribe(("b", 1)).expect(w.publish("b", b"kept b", retain=True)).subscribe(("c", 0))
    together.expect(w.publish("a", b"kept a", retain=True), w.publish("b", b"kept b", retain=True))
    writer.publish("a", b"1", 1).publish("b", b"2", 1).publish("c", b"3", 1)
    for client in (together, apart):
        client.expect(w.publish("a", b"1"), w.publish("b", b"2", 1, 1), w.publish("c", b"3")).expect_quiet()


@clause("MQTT-3.8.4-4", "MQTT-3.8.4-3")
def test_later_of_two_same_filters_in_one_subscribe_counts(wire: Open) -> None:
    c = wire().log_in("c").subscribe(("t", 0), ("t", 1))
    wire().log_in("writer").publish("t", b"x", 1)
    c.expect(w.publish("t", b"x", 1, 1)).expect_quiet()


@clause("MQTT-3.8.4-4")
def test_hundreds_of_filters_in_one_subscribe(wire: Open) -> None:
    c = wire().log_in("c").subscribe(*((f"t/{number}", number % 3) for number in range(500)))
    wire().log_in("writer").publish("t/0", b"first").publish("t/499", b"last")
    c.expect(w.publish("t/0", b"first"), w.publish("t/499", b"last")).expect_quiet()


@clause("MQTT-3.8.4-3")
@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 0), (2, 1), (1, 2), (1, 1)])
def test_subscribing_again_replaces_the_qos_and_sends_retained_messages_again(
    wire: Open, before: int, after: int
) -> None:
    writer = wire().log_in("writer").publish("t", b"kept", retain=True)
    c = wire().log_in("c").subscribe(("t", before)).expect(w.publish("t", b"kept", retain=True))
    c.subscribe(("t", after)).expect(w.publish("t", b"kept", retain=True))
    writer.publish("t", b"live", 2)
    c.expect(w.publish("t", b"live", after, 1)).expect_quiet()


@clause("MQTT-3.8.4-3", "MQTT-4.1.0-1")
def test_subscribing_again_does_not_interrupt_the_messages(wire: Open) -> None:
    c, writer = wire().log_in("c").subscribe(("t", 2)), wire().log_in("writer")
    writer.publish("t", b"1", 2)
    c.expect(w.publish("t", b"1", 2, 1)).subscribe(("t", 0))
    writer.publish("t", b"2", 2)
    c.expect(w.publish("t", b"2")).send(w.ack(w.PUBREC, 1)).expect(w.ack(w.PUBREL, 1))


@clause("MQTT-3.3.5-1")
@embedded_only("mosquitto 2.0 delivers with the QoS of one of them, not with the greatest")
def test_overlapping_subscriptions_deliver_once_with_the_greatest_qos(wire: Open) -> None:
    c = wire().log_in("c").subscribe(("t/#", 0), ("t/+", 1), ("t/a", 0))
    wire().log_in("writer").publish("t/a", b"x", 2)
    c.expect(w.publish("t/a", b"x", 1, 1)).expect_quiet()


@clause("MQTT-3.3.2-3", "MQTT-4.7.2-1", "MQTT-4.7.3-4")
@pytest.mark.parametrize(("topic_filter", "topic", "expected"), MATCHES)
def test_filter_matches_as_section_4_7_says(wire: Open, topic_filter: str, topic: str, expected: bool) -> None:
    reader = wire().log_in("reader").subscribe((topic_filter, 0), ("end", 0))
    wire().log_in("writer").publish(topic, b"x").publish("end", b"")
    if expected:
        reader.expect(w.publish(topic, b"x"))
    while (packet := reader.read_packet()) != w.publish("end", b""):
        assert packet != w.publish(topic, b"x")


@clause("MQTT-3.10.4-1", "MQTT-3.10.4-2", "MQTT-3.10.4-6", "MQTT-3.10.4-4", "MQTT-2.3.1-7")
def test_unsubscribe_removes_exactly_the_filters_named(wire: Open) -> None:
    c, writer = wire().log_in("c").subscribe(("t/a", 0), ("t/b", 0), ("t/c", 0), ("u/+", 0)), wire().log_in("writer")
    c.send(w.unsubscribe(0x0203, "t/a", "never", "t/+", "T/b", "t/c", "u/#", "t/b/")).expect(b"\xb0\x02\x02\x03")
    for topic in ("t/a", "t/b", "t/c", "u/x"):
        writer.publish(topic, b"")
    c.expect(w.publish("t/b", b""), w.publish("u/x", b"")).expect_quiet()


@clause("MQTT-3.10.4-1")
def test_unsubscribe_leaves_the_same_filter_of_others_alone(wire: Open) -> None:
    one, two = (wire().log_in(name).subscribe(("t/#", 0)) for name in ("one", "two"))
    one.send(w.unsubscribe(1, "t/#")).expect(w.ack(w.UNSUBACK, 1))
    wire().log_in("writer").publish("t/a", b"x")
    two.expect(w.publish("t/a", b"x"))
    one.expect_quiet()


@clause("MQTT-3.10.4-5", "MQTT-3.10.4-4")
def test_unsubscribe_of_nothing_is_acknowledged(wire: Open) -> None:
    wire().log_in("c").send(w.unsubscribe(65535, "never", "#")).expect(w.ack(w.UNSUBACK, 65535)).expect_quiet()


@clause("MQTT-3.10.4-3")
def test_delivery_under_way_is_finished_after_unsubscribe(wire: Open) -> None:
    c = wire().log_in("c", clean=False).subscribe(("t", 2))
    wire().log_in("writer").publish("t", b"one", 1).publish("t", b"two", 2)
    c.expect(w.publish("t", b"one", 1, 1), w.publish("t", b"two", 2, 2))
    c.send(w.unsubscribe(1, "t")).expect(w.ack(w.UNSUBACK, 1)).reset()
    back = wire().log_in("c", clean=False, present=True)
    back.expect(w.publish("t", b"one", 1, 1, dup=True), w.publish("t", b"two", 2, 2, dup=True))
    back.send(w.ack(w.PUBACK, 1) + w.ack(w.PUBREC, 2)).expect(w.ack(w.PUBREL, 2)).send(w.ack(w.PUBCOMP, 2))
    back.expect_quiet()
