"""The embedded broker against the normative statements of MQTT 3.1.1 that the bench relies on, with bytes by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]


@pytest.mark.parametrize(
    ("clause", "data"),
    [
        ("MQTT-3.1.0-1", w.PINGREQ),
        ("MQTT-3.1.0-1", w.publish("a", b"x")),
        ("MQTT-3.1.2-1", w.packet(0x10, w.text("MQXX") + b"\x04\x02\x00\x3c" + w.text("c"))),
        ("MQTT-3.1.2-3", w.packet(0x10, w.text("MQTT") + b"\x04\x03\x00\x3c" + w.text("c"))),
        ("MQTT-3.1.2-22", w.packet(0x10, w.text("MQTT") + b"\x04\x42\x00\x3c" + w.text("c") + w.text("p"))),
        ("MQTT-4.8.0-1", b"\xf0\x00"),
    ],
)
def test_first_packet_that_is_no_good_connect_closes_without_an_answer(wire: Open, clause: str, data: bytes) -> None:
    wire().send(data).expect_closed()


@pytest.mark.parametrize(
    ("clause", "data"),
    [
        ("MQTT-3.1.0-2", w.connect("c")),
        ("MQTT-2.2.2-2", b"\xc1\x00"),
        ("MQTT-3.3.1-4", b"\x36\x05\x00\x01a\x00\x01"),
        ("MQTT-3.3.2-2", w.publish("a/#", b"")),
        ("MQTT-3.8.1-1", b"\x80\x06\x00\x01\x00\x01a\x00"),
        ("MQTT-3.8.3-3", b"\x82\x02\x00\x01"),
        ("MQTT-3-8.3-4", w.subscribe(1, ("a", 3))),
        ("MQTT-3.10.3-2", b"\xa2\x02\x00\x01"),
        ("MQTT-2.3.1-1", w.subscribe(0, ("a", 0))),
        ("MQTT-1.5.3-2", w.publish("a\0", b"")),
        ("server packet", b"\x90\x03\x00\x01\x00"),
        ("server packet", w.PINGRESP),
    ],
)
def test_violation_closes_the_connection(wire: Open, clause: str, data: bytes) -> None:
    wire().log_in("c").send(data).expect_closed()


def test_3_1_2_2_other_protocol_level_is_refused_with_code_1(wire: Open) -> None:
    mqtt5 = w.packet(0x10, w.text("MQTT") + b"\x05\x02\x00\x3c\x00" + w.text("c"))
    wire().send(mqtt5).expect(b"\x20\x02\x00\x01").expect_closed()


def test_3_1_3_8_empty_client_id_needs_a_clean_session(wire: Open) -> None:
    wire().send(w.connect("", clean=False)).expect(b"\x20\x02\x00\x02").expect_closed()


def test_3_1_3_6_empty_client_ids_with_clean_session_are_clients_of_their_own(wire: Open) -> None:
    one, two = wire().log_in(""), wire().log_in("")
    one.expect_quiet()
    two.expect_quiet()


def test_3_1_4_2_second_connect_with_the_same_client_id_ends_the_first(wire: Open) -> None:
    first = wire().log_in("c")
    second = wire().log_in("c")
    first.expect_closed()
    second.expect_quiet()


def test_3_1_2_24_silence_beyond_one_and_a_half_keep_alives_ends_the_connection(wire: Open) -> None:
    watcher = wire().log_in("watcher")
    watcher.send(w.subscribe(1, ("will", 0))).expect(b"\x90\x03\x00\x01\x00")
    mute = wire().send(w.connect("mute", keep_alive=1, will=("will", b"gone", 0, False))).expect(w.CONNACK_OK)
    mute.expect_closed()
    watcher.expect(w.publish("will", b"gone"))


def test_3_1_2_8_will_is_published_when_the_connection_is_lost(wire: Open) -> None:
    watcher = wire().log_in("watcher")
    watcher.send(w.subscribe(1, ("will/+", 2))).expect(b"\x90\x03\x00\x01\x02")
    lost = wire().send(w.connect("lost", will=("will/x", b"bye", 1, False))).expect(w.CONNACK_OK)
    lost.socket.close()
    watcher.expect(w.publish("will/x", b"bye", 1, 1))


@pytest.mark.parametrize("violation", [b"\xf0\x00", w.connect("breaker")], ids=["malformed", "second CONNECT"])
def test_3_1_2_8_will_is_published_after_a_protocol_error(wire: Open, violation: bytes) -> None:
    watcher = wire().log_in("watcher")
    watcher.send(w.subscribe(1, ("will", 0))).expect(b"\x90\x03\x00\x01\x00")
    breaker = wire().send(w.connect("breaker", will=("will", b"bye", 0, False))).expect(w.CONNACK_OK)
    breaker.send(violation).expect_closed()
    watcher.expect(w.publish("will", b"bye"))


def test_3_14_4_3_disconnect_discards_the_will(wire: Open) -> None:
    watcher = wire().log_in("watcher")
    watcher.send(w.subscribe(1, ("#", 0))).expect(b"\x90\x03\x00\x01\x00")
    polite = wire().send(w.connect("polite", will=("will", b"bye", 0, False))).expect(w.CONNACK_OK)
    polite.send(w.DISCONNECT).expect_closed()
    wire().log_in("other").send(w.publish("later", b""))
    watcher.expect(w.publish("later", b""))


def test_3_1_2_17_will_with_retain_is_kept(wire: Open) -> None:
    lost = wire().send(w.connect("lost", will=("will", b"bye", 0, True))).expect(w.CONNACK_OK)
    lost.send(b"\xf0\x00").expect_closed()
    late = wire().log_in("late")
    late.send(w.subscribe(1, ("will", 0))).expect(b"\x90\x03\x00\x01\x00", w.publish("will", b"bye", retain=True))


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("wish", [0, 1, 2])
def test_3_8_4_6_delivery_has_the_lower_of_published_and_granted_qos(wire: Open, qos: int, wish: int) -> None:
    reader, writer = wire().log_in("reader"), wire().log_in("writer")
    reader.send(w.subscribe(7, ("t", wish))).expect(b"\x90\x03\x00\x07" + bytes((wish,)))
    writer.send(w.publish("t", b"x", qos, 5))
    reader.expect(w.publish("t", b"x", min(qos, wish), 1))


def test_4_3_2_2_qos_1_is_acknowledged(wire: Open) -> None:
    wire().log_in("c").send(w.publish("t", b"x", 1, 513)).expect(w.ack(w.PUBACK, 513))


def test_4_3_3_2_qos_2_repeated_before_pubrel_is_delivered_once(wire: Open) -> None:
    reader, writer = wire().log_in("reader"), wire().log_in("writer")
    reader.send(w.subscribe(1, ("t", 0))).expect(b"\x90\x03\x00\x01\x00")
    writer.send(w.publish("t", b"1", 2, 9)).expect(w.ack(w.PUBREC, 9))
    writer.send(w.publish("t", b"1", 2, 9, dup=True)).expect(w.ack(w.PUBREC, 9))
    writer.send(w.ack(w.PUBREL, 9)).expect(w.ack(w.PUBCOMP, 9))
    writer.send(w.publish("t", b"2", 2, 9)).expect(w.ack(w.PUBREC, 9))
    reader.expect(w.publish("t", b"1"), w.publish("t", b"2"))


def test_4_3_3_2_pubrel_without_a_publish_is_completed(wire: Open) -> None:
    wire().log_in("c").send(w.ack(w.PUBREL, 77)).expect(w.ack(w.PUBCOMP, 77))


def test_4_3_3_1_qos_2_to_the_client_takes_four_packets(wire: Open) -> None:
    c = wire().log_in("c")
    c.send(w.subscribe(1, ("t", 2))).expect(b"\x90\x03\x00\x01\x02")
    c.send(w.publish("t", b"x", 0)).expect(w.publish("t", b"x"))
    c.send(w.publish("t", b"x", 2, 1)).expect(w.ack(w.PUBREC, 1), w.publish("t", b"x", 2, 1))
    c.send(w.ack(w.PUBREC, 1)).expect(w.ack(w.PUBREL, 1))
    c.send(w.ack(w.PUBCOMP, 1)).expect_quiet()


@pytest.mark.parametrize("stray", [w.ack(w.PUBACK, 5), w.ack(w.PUBCOMP, 5)])
def test_stray_acknowledgement_changes_nothing(wire: Open, stray: bytes) -> None:
    wire().log_in("c").send(stray).expect_quiet()


def test_3_3_1_9_retain_flag_only_for_new_subscriptions(wire: Open) -> None:
    reader, writer = wire().log_in("reader"), wire().log_in("writer")
    reader.send(w.subscribe(1, ("t/#", 1))).expect(b"\x90\x03\x00\x01\x01")
    writer.send(w.publish("t/a", b"kept", 1, 1, retain=True)).expect(w.ack(w.PUBACK, 1))
    reader.expect(w.publish("t/a", b"kept", 1, 1)).send(w.ack(w.PUBACK, 1))
    late = wire().log_in("late").send(w.subscribe(1, ("t/+", 0)))
    late.expect(b"\x90\x03\x00\x01\x00", w.publish("t/a", b"kept", retain=True))


def test_3_8_4_3_subscribing_again_replaces_the_qos_and_sends_retained_messages_again(wire: Open) -> None:
    c = wire().log_in("c")
    c.send(w.publish("t", b"kept", retain=True))
    c.send(w.subscribe(1, ("t", 0))).expect(b"\x90\x03\x00\x01\x00", w.publish("t", b"kept", retain=True))
    c.send(w.subscribe(2, ("t", 1))).expect(b"\x90\x03\x00\x02\x01", w.publish("t", b"kept", retain=True))
    c.send(w.publish("t", b"live", 1, 1)).expect(w.ack(w.PUBACK, 1), w.publish("t", b"live", 1, 1))
    c.expect_quiet()


def test_3_3_1_10_empty_retained_payload_removes_what_was_kept(wire: Open) -> None:
    c = wire().log_in("c")
    c.send(w.publish("t", b"kept", retain=True)).send(w.publish("t", b"", retain=True))
    c.send(w.subscribe(1, ("t", 0))).expect(b"\x90\x03\x00\x01\x00").expect_quiet()


def test_3_8_4_5_one_suback_with_a_code_per_filter_in_order(wire: Open) -> None:
    wire().log_in("c").send(w.subscribe(3, ("a", 2), ("b", 0), ("c", 1))).expect(b"\x90\x05\x00\x03\x02\x00\x01")


def test_3_3_5_1_overlapping_subscriptions_deliver_once_with_the_greatest_qos(wire: Open) -> None:
    c = wire().log_in("c")
    c.send(w.subscribe(1, ("t/#", 0), ("t/+", 1), ("t/a", 0))).expect(b"\x90\x05\x00\x01\x00\x01\x00")
    c.send(w.publish("t/a", b"x", 2, 1)).expect(w.ack(w.PUBREC, 1), w.publish("t/a", b"x", 1, 1)).expect_quiet()


def test_4_7_2_1_wildcard_at_the_start_does_not_match_a_dollar_topic(wire: Open) -> None:
    c = wire().log_in("c")
    c.send(w.subscribe(1, ("#", 0), ("+/x", 0))).expect(b"\x90\x04\x00\x01\x00\x00")
    c.send(w.publish("$hidden/x", b"")).expect_quiet()
    c.send(w.subscribe(2, ("$hidden/+", 0))).expect(b"\x90\x03\x00\x02\x00")
    c.send(w.publish("$hidden/x", b"")).expect(w.publish("$hidden/x", b"")).expect_quiet()


def test_3_10_4_unsubscribe_removes_exactly_the_filter_and_is_always_acknowledged(wire: Open) -> None:
    c = wire().log_in("c")
    c.send(w.subscribe(1, ("t/a", 0), ("t/b", 0))).expect(b"\x90\x04\x00\x01\x00\x00")
    c.send(w.unsubscribe(2, "t/a", "never", "t/+")).expect(w.ack(w.UNSUBACK, 2))
    c.send(w.publish("t/a", b"")).send(w.publish("t/b", b"")).expect(w.publish("t/b", b""))


def test_3_12_4_1_ping_is_answered(wire: Open) -> None:
    wire().log_in("c").send(w.PINGREQ).expect(w.PINGRESP)


def test_4_6_0_5_order_is_kept_per_topic_and_qos(wire: Open) -> None:
    reader, writer = wire().log_in("reader"), wire().log_in("writer")
    reader.send(w.subscribe(1, ("t", 1))).expect(b"\x90\x03\x00\x01\x01")
    writer.send(b"".join(w.publish("t", b"%d" % n, 1, n) for n in range(1, 301)))
    writer.expect(*(w.ack(w.PUBACK, n) for n in range(1, 301)))
    reader.expect(*(w.publish("t", b"%d" % n, 1, n) for n in range(1, 301)))


def test_packets_are_understood_one_byte_at_a_time(wire: Open) -> None:
    c = wire()
    for byte in w.connect("c") + w.subscribe(1, ("t", 0)) + w.publish("t", b"x"):
        c.send(bytes((byte,)))
    c.expect(w.CONNACK_OK, b"\x90\x03\x00\x01\x00", w.publish("t", b"x"))


def test_reset_by_one_client_leaves_the_others_alone(wire: Open) -> None:
    steady, rude = wire().log_in("steady"), wire().log_in("rude")
    rude.reset()
    steady.expect_quiet()
