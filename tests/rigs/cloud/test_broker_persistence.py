"""Sessions that outlive their connection (MQTT 3.1.1, sections 3.1.2.4 and 4.4), with bytes by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
SUBACK_1 = b"\x90\x03\x00\x01\x01"
SUBACK_2 = b"\x90\x03\x00\x01\x02"


def leave(client: Wire) -> None:
    client.send(w.DISCONNECT).expect_closed()


def test_3_1_2_4_subscription_and_messages_wait_for_a_persistent_client(wire: Open) -> None:
    client = wire().log_in("c", clean=False)
    client.send(w.subscribe(1, ("t", 1))).expect(SUBACK_1)
    leave(client)
    other = wire().log_in("other")
    other.send(w.publish("t", b"0", 0) + w.publish("t", b"1", 1, 1) + w.publish("t", b"2", 2, 2))
    other.expect(w.ack(w.PUBACK, 1), w.ack(w.PUBREC, 2))
    back = wire().log_in("c", clean=False, present=True)
    back.expect(w.publish("t", b"1", 1, 1), w.publish("t", b"2", 1, 2)).expect_quiet()


def test_3_1_2_6_clean_session_discards_the_one_before_and_leaves_none_behind(wire: Open) -> None:
    client = wire().log_in("c", clean=False)
    client.send(w.subscribe(1, ("t", 1))).expect(SUBACK_1)
    leave(client)
    clean = wire().log_in("c", clean=True)
    clean.send(w.publish("t", b"x")).expect_quiet()
    clean.send(w.subscribe(1, ("u", 1))).expect(SUBACK_1)
    leave(clean)
    again = wire().log_in("c", clean=False, present=False)
    again.send(w.publish("u", b"x")).expect_quiet()


def test_4_4_0_1_unacknowledged_messages_come_again_with_dup_in_order(wire: Open) -> None:
    client = wire().log_in("c", clean=False)
    client.send(w.subscribe(1, ("t", 2))).expect(SUBACK_2)
    other = wire().log_in("other")
    other.send(w.publish("t", b"a", 1, 1) + w.publish("t", b"b", 1, 2) + w.publish("t", b"c", 2, 3))
    client.expect(w.publish("t", b"a", 1, 1), w.publish("t", b"b", 1, 2), w.publish("t", b"c", 2, 3))
    client.send(w.ack(w.PUBACK, 2)).expect_quiet()
    client.socket.close()
    other.send(w.publish("t", b"d", 1, 4)).expect(w.ack(w.PUBACK, 1), w.ack(w.PUBACK, 2), w.ack(w.PUBREC, 3))
    other.expect(w.ack(w.PUBACK, 4))
    back = wire().log_in("c", clean=False, present=True)
    back.expect(w.publish("t", b"a", 1, 1, dup=True), w.publish("t", b"c", 2, 3, dup=True))
    assert back.read_packet()[4:] == w.publish("t", b"d", 1, 4)[4:]


def test_4_4_0_1_pubrel_comes_again_after_pubrec(wire: Open) -> None:
    client = wire().log_in("c", clean=False)
    client.send(w.subscribe(1, ("t", 2))).expect(SUBACK_2)
    wire().log_in("other").send(w.publish("t", b"a", 2, 1)).expect(w.ack(w.PUBREC, 1))
    client.expect(w.publish("t", b"a", 2, 1)).send(w.ack(w.PUBREC, 1)).expect(w.ack(w.PUBREL, 1))
    client.socket.close()
    back = wire().log_in("c", clean=False, present=True)
    back.expect(w.ack(w.PUBREL, 1)).send(w.ack(w.PUBCOMP, 1)).expect_quiet()
    leave(back)
    wire().log_in("c", clean=False, present=True).expect_quiet()


def test_qos_2_identifier_is_remembered_over_a_reconnect(wire: Open) -> None:
    reader = wire().log_in("reader")
    reader.send(w.subscribe(1, ("t", 1))).expect(SUBACK_1)
    client = wire().log_in("c", clean=False)
    client.send(w.publish("t", b"a", 2, 1)).expect(w.ack(w.PUBREC, 1))
    client.socket.close()
    back = wire().log_in("c", clean=False, present=True)
    back.send(w.publish("t", b"a", 2, 1, dup=True)).expect(w.ack(w.PUBREC, 1))
    back.send(w.ack(w.PUBREL, 1)).expect(w.ack(w.PUBCOMP, 1))
    reader.expect(w.publish("t", b"a", 1, 1)).expect_quiet()


def test_takeover_hands_the_persistent_session_to_the_new_connection(wire: Open) -> None:
    old = wire().log_in("c", clean=False)
    old.send(w.subscribe(1, ("t", 1))).expect(SUBACK_1)
    new = wire().log_in("c", clean=False, present=True)
    old.expect_closed()
    new.send(w.publish("t", b"x", 1, 1)).expect(w.ack(w.PUBACK, 1), w.publish("t", b"x", 1, 1))


def test_takeover_publishes_the_will_of_the_old_connection(wire: Open) -> None:
    watcher = wire().log_in("watcher")
    watcher.send(w.subscribe(1, ("will", 1))).expect(SUBACK_1)
    old = wire().send(w.connect("c", will=("will", b"old", 0, False))).expect(w.CONNACK_OK)
    wire().log_in("c")
    old.expect_closed()
    watcher.expect(w.publish("will", b"old"))


def test_retained_message_reaches_an_absent_subscriber_without_the_retain_flag(wire: Open) -> None:
    client = wire().log_in("c", clean=False)
    client.send(w.subscribe(1, ("t", 1))).expect(SUBACK_1)
    leave(client)
    wire().log_in("other").send(w.publish("t", b"x", 1, 1, retain=True)).expect(w.ack(w.PUBACK, 1))
    wire().log_in("c", clean=False, present=True).expect(w.publish("t", b"x", 1, 1))


def test_packet_identifiers_are_reused_but_never_while_in_flight(wire: Open) -> None:
    client = wire().log_in("c")
    client.send(w.subscribe(1, ("t", 1))).expect(SUBACK_1)
    other = wire().log_in("other")
    for _round in range(2):
        other.send(b"".join(w.publish("t", b"x", 1, n) for n in range(1, 101)))
        other.expect(*(w.ack(w.PUBACK, n) for n in range(1, 101)))
        got = [client.read_packet() for _ in range(100)]
        identifiers = [int.from_bytes(raw[5:7], "big") for raw in got]
        assert len(set(identifiers)) == 100
        client.send(b"".join(w.ack(w.PUBACK, identifier) for identifier in identifiers))
