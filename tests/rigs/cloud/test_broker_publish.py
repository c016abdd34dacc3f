"""PUBLISH at every QoS, in both directions (MQTT 3.1.1, sections 3.3 to 3.7, 4.3 and 4.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import both_brokers, clause
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
pytestmark = both_brokers


def identifier(publish: bytes) -> int:
    """Packet identifier of a short PUBLISH to the topic t."""
    return int.from_bytes(publish[5:7], "big")


@clause("MQTT-3.8.4-6", "MQTT-4.3.1-1", "MQTT-4.3.2-1", "MQTT-4.3.3-1", "MQTT-3.3.1-2", "MQTT-2.3.1-5")
@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("wish", [0, 1, 2])
def test_delivery_has_the_lower_of_published_and_granted_qos(wire: Open, qos: int, wish: int) -> None:
    reader = wire().log_in("reader").subscribe(("t", wish))
    wire().log_in("writer").publish("t", b"x", qos)
    reader.expect(w.publish("t", b"x", min(qos, wish), 1))


@clause("MQTT-4.3.2-2", "MQTT-2.3.1-6", "MQTT-3.3.4-1")
@pytest.mark.parametrize("packet_id", [1, 513, 65535])
def test_qos_1_is_acknowledged(wire: Open, packet_id: int) -> None:
    wire().log_in("c").send(w.publish("t", b"x", 1, packet_id)).expect(w.ack(w.PUBACK, packet_id)).expect_quiet()


@clause("MQTT-4.3.2-2")
@pytest.mark.parametrize("dup", [False, True])
def test_qos_1_with_an_acknowledged_identifier_is_a_new_message(wire: Open, dup: bool) -> None:
    reader, writer = wire().log_in("reader").subscribe(("t", 0)), wire().log_in("writer")
    writer.send(w.publish("t", b"x", 1, 9)).expect(w.ack(w.PUBACK, 9))
    writer.send(w.publish("t", b"x", 1, 9, dup=dup)).expect(w.ack(w.PUBACK, 9))
    reader.expect(w.publish("t", b"x"), w.publish("t", b"x"))


@clause("MQTT-4.3.3-2", "MQTT-2.3.1-6", "MQTT-3.3.4-1")
@pytest.mark.parametrize("packet_id", [1, 513, 65535])
def test_qos_2_is_acknowledged_in_two_steps(wire: Open, packet_id: int) -> None:
    c = wire().log_in("c").send(w.publish("t", b"x", 2, packet_id)).expect(w.ack(w.PUBREC, packet_id))
    c.send(w.ack(w.PUBREL, packet_id)).expect(w.ack(w.PUBCOMP, packet_id)).expect_quiet()


@clause("MQTT-4.3.3-2")
def test_qos_2_repeated_before_pubrel_is_delivered_once_and_after_it_is_new(wire: Open) -> None:
    reader, writer = wire().log_in("reader").subscribe(("t", 0)), wire().log_in("writer")
    writer.send(w.publish("t", b"1", 2, 9)).expect(w.ack(w.PUBREC, 9))
    writer.send(w.publish("t", b"1", 2, 9, dup=True)).expect(w.ack(w.PUBREC, 9))
    writer.send(w.ack(w.PUBREL, 9)).expect(w.ack(w.PUBCOMP, 9))
    writer.send(w.publish("t", b"2", 2, 9)).expect(w.ack(w.PUBREC, 9))
    writer.send(w.ack(w.PUBREL, 9)).expect(w.ack(w.PUBCOMP, 9))
    reader.expect(w.publish("t", b"1"), w.publish("t", b"2")).expect_quiet()


@clause("MQTT-4.3.3-2")
def test_pubrel_without_a_publish_is_completed(wire: Open) -> None:
    wire().log_in("c").send(w.ack(w.PUBREL, 77)).expect(w.ack(w.PUBCOMP, 77))


@clause("MQTT-4.3.3-2")
def test_pubrel_twice_is_completed_twice_and_delivers_once(wire: Open) -> None:
    reader, writer = wire().log_in("reader").subscribe(("t", 0)), wire().log_in("writer")
    writer.publish("t", b"x", 2).send(w.ack(w.PUBREL, 1)).expect(w.ack(w.PUBCOMP, 1))
    reader.expect(w.publish("t", b"x")).expect_quiet()


@clause("MQTT-4.3.3-2")
def test_same_identifier_of_two_clients_is_two_messages(wire: Open) -> None:
    reader, writers = wire().log_in("reader").subscribe(("t", 0)), [wire().log_in("one"), wire().log_in("two")]
    for writer in writers:
        writer.send(w.publish("t", b"x", 2, 5)).expect(w.ack(w.PUBREC, 5))
    for writer in writers:
        writer.send(w.ack(w.PUBREL, 5)).expect(w.ack(w.PUBCOMP, 5))
    reader.expect(w.publish("t", b"x"), w.publish("t", b"x")).expect_quiet()


@clause("MQTT-4.6.0-2", "MQTT-4.6.0-3")
def test_acknowledgements_come_in_the_order_of_the_messages(wire: Open) -> None:
    c = wire().log_in("c")
    order = [7, 3, 65535, 1, 500]
    c.send(b"".join(w.publish("t", b"x", 1, n) for n in order)).expect(*(w.ack(w.PUBACK, n) for n in order))
    c.send(b"".join(w.publish("t", b"x", 2, n) for n in order)).expect(*(w.ack(w.PUBREC, n) for n in order))


@clause("MQTT-4.3.3-1", "MQTT-2.3.1-6")
def test_qos_2_to_the_client_takes_four_packets(wire: Open) -> None:
    reader = wire().log_in("reader").subscribe(("t", 2))
    wire().log_in("writer").publish("t", b"x", 2)
    reader.expect(w.publish("t", b"x", 2, 1)).send(w.ack(w.PUBREC, 1)).expect(w.ack(w.PUBREL, 1))
    reader.send(w.ack(w.PUBCOMP, 1)).expect_quiet()


@clause("MQTT-4.6.0-4", "MQTT-4.6.0-6")
def test_pubrels_come_in_the_order_of_the_pubrecs(wire: Open) -> None:
    reader, writer = wire().log_in("reader").subscribe(("t", 2)), wire().log_in("writer")
    for number in range(3):
        writer.publish("t", b"%d" % number, 2)
        reader.expect(w.publish("t", b"%d" % number, 2, number + 1))
    order = [2, 3, 1]
    reader.send(b"".join(w.ack(w.PUBREC, n) for n in order)).expect(*(w.ack(w.PUBREL, n) for n in order))


@pytest.mark.parametrize("stray", [w.PUBACK, w.PUBCOMP])
def test_acknowledgement_of_nothing_changes_nothing(wire: Open, stray: int) -> None:
    reader = wire().log_in("reader").subscribe(("t", 1)).send(w.ack(stray, 5)).expect_quiet()
    wire().log_in("writer").publish("t", b"x", 1)
    reader.expect(w.publish("t", b"x", 1, 1))


@clause("MQTT-3.3.1-3")
@pytest.mark.parametrize("qos", [1, 2])
def test_dup_of_the_publisher_is_not_passed_on(wire: Open, qos: int) -> None:
    reader, writer = wire().log_in("reader").subscribe(("t", qos)), wire().log_in("writer")
    writer.send(w.publish("t", b"x", qos, 1, dup=True) + w.ack(w.PUBREL, 1) * (qos == 2))
    reader.expect(w.publish("t", b"x", qos, 1))


@clause("MQTT-4.5.0-1", "MQTT-3.3.2-3")
def test_message_goes_to_every_subscriber_the_publisher_included(wire: Open) -> None:
    others = [wire().log_in(f"reader {number}").subscribe(("t/#", 0)) for number in range(5)]
    stranger = wire().log_in("stranger").subscribe(("u/#", 0))
    writer = wire().log_in("writer").subscribe(("+/a", 0)).send(w.publish("t/a", b"x"))
    for client in (*others, writer):
        client.expect(w.publish("t/a", b"x")).expect_quiet()
    stranger.expect_quiet()


@pytest.mark.parametrize("payload", [b"", b"\0", bytes(range(256)), b"\xff" * 10_000], ids=len)
def test_payload_is_any_bytes(wire: Open, payload: bytes) -> None:
    reader = wire().log_in("reader").subscribe(("t", 0))
    wire().log_in("writer").publish("t", payload)
    reader.expect(w.publish("t", payload))


@clause("MQTT-4.6.0-5", "MQTT-4.6.0-6")
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_order_is_kept_per_topic_and_qos(wire: Open, qos: int) -> None:
    reader, writer = wire().log_in("reader").subscribe(("t", qos)), wire().log_in("writer")
    writer.send(b"".join(w.publish("t", b"%d" % n, qos, n) for n in range(1, 301)))
    if qos:
        writer.expect(*(w.ack(w.PUBACK if qos == 1 else w.PUBREC, n) for n in range(1, 301)))
    if qos == 2:
        writer.send(b"".join(w.ack(w.PUBREL, n) for n in range(1, 301)))
    reader.expect(*(w.publish("t", b"%d" % n, qos, n) for n in range(1, 301)))


@clause("MQTT-2.3.1-4", "MQTT-4.3.2-1", "MQTT-4.3.3-1")
@pytest.mark.parametrize("qos", [1, 2])
def test_identifier_is_not_used_again_before_it_is_acknowledged(wire: Open, qos: int) -> None:
    reader, writer = wire().log_in("reader").subscribe(("t", qos)), wire().log_in("writer")
    unacknowledged = set()
    for number in range(100):
        writer.publish("t", b"%d" % number, qos)
        received = identifier(reader.read_packet())
        assert received not in unacknowledged
        unacknowledged.add(received)
        if number % 2:  # every other message is acknowledged to the end
            unacknowledged.remove(received)
            if qos == 1:
                reader.send(w.ack(w.PUBACK, received))
            else:
                reader.send(w.ack(w.PUBREC, received)).expect(w.ack(w.PUBREL, received))
                reader.send(w.ack(w.PUBCOMP, received))
