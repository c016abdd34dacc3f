"""Sessions that outlive their connection (MQTT 3.1.1, sections 3.1.2.4, 4.1 and 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import both_brokers, clause
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
pytestmark = both_brokers


@clause("MQTT-3.2.2-1", "MQTT-3.2.2-2", "MQTT-3.2.2-3", "MQTT-3.1.4-3", "MQTT-3.1.2-4", "MQTT-3.1.2-6")
@pytest.mark.parametrize("now_clean", [True, False])
@pytest.mark.parametrize("before", [None, True, False], ids=["no session", "clean session", "stored session"])
def test_session_present_says_whether_a_stored_session_goes_on(
    wire: Open, before: bool | None, now_clean: bool
) -> None:
    if before is not None:
        wire().log_in("c", clean=before).leave()
    wire().log_in("c", clean=now_clean, present=before is False and not now_clean)


@clause("MQTT-3.1.2-5", "MQTT-3.1.2-4", "MQTT-4.5.0-1", "MQTT-3.3.1-1")
def test_subscription_and_messages_wait_for_a_persistent_client(wire: Open) -> None:
    wire().log_in("c", clean=False).subscribe(("t", 1)).leave()
    wire().log_in("writer").publish("t", b"1", 1).publish("t", b"2", 2).publish("other", b"3", 2)
    back = wire().log_in("c", clean=False, present=True)
    back.expect(w.publish("t", b"1", 1, 1), w.publish("t", b"2", 1, 2)).expect_quiet()  # sent first: no DUP


@clause("MQTT-3.1.2-5", "MQTT-4.6.0-6")
def test_hundreds_of_messages_wait_in_order(wire: Open) -> None:
    wire().log_in("c", clean=False).subscribe(("t", 2)).leave()
    writer = wire().log_in("writer")
    writer.send(b"".join(w.publish("t", b"%d" % n, 1, n) for n in range(1, 501)))
    writer.expect(*(w.ack(w.PUBACK, n) for n in range(1, 501)))
    back = wire().log_in("c", clean=False, present=True)
    back.expect(*(w.publish("t", b"%d" % n, 1, n) for n in range(1, 501)))


@clause("MQTT-3.1.2-6")
def test_clean_session_discards_the_one_before_and_leaves_none_behind(wire: Open) -> None:
    wire().log_in("c", clean=False).subscribe(("t", 1)).leave()
    writer = wire().log_in("writer").publish("t", b"lost", 1)
    clean = wire().log_in("c", clean=True)
    writer.publish("t", b"x", 1)
    clean.expect_quiet().subscribe(("u", 1)).leave()
    again = wire().log_in("c", clean=False, present=False)
    writer.publish("u", b"x", 1)
    again.expect_quiet()


@clause("MQTT-3.1.2-6")
def test_clean_session_forgets_what_was_on_its_way(wire: Open) -> None:
    reader = wire().log_in("reader").subscribe(("u", 0))
    c = wire().log_in("c", clean=False).subscribe(("t", 1)).send(w.publish("u", b"1", 2, 1)).expect(w.ack(w.PUBREC, 1))
    wire().log_in("writer").publish("t", b"x", 1)
    c.expect(w.publish("t", b"x", 1, 1)).leave()
    clean = wire().log_in("c").expect_quiet()  # no repeat of the message to it
    clean.send(w.publish("u", b"2", 2, 1)).expect(w.ack(w.PUBREC, 1))  # and its identifier 1 is a new message
    clean.send(w.ack(w.PUBREL, 1)).expect(w.ack(w.PUBCOMP, 1))
    while reader.read_packet() != w.publish("u", b"2"):
        pass


@clause("MQTT-4.4.0-1", "MQTT-4.6.0-1", "MQTT-3.3.1-1", "MQTT-2.3.1-4")
def test_unacknowledged_messages_come_again_with_dup_in_order(wire: Open) -> None:
    c = wire().log_in("c", clean=False).subscribe(("t", 2))
    writer = wire().log_in("writer").publish("t", b"a", 1).publish("t", b"b", 1).publish("t", b"c", 1)
    c.expect(*(w.publish("t", payload, 1, n) for n, payload in enumerate((b"a", b"b", b"c"), 1)))
    c.send(w.ack(w.PUBACK, 2)).leave()
    writer.publish("t", b"d", 1)
    back = wire().log_in("c", clean=False, present=True)
    back.expect(w.publish("t", b"a", 1, 1, dup=True), w.publish("t", b"c", 1, 3, dup=True))
    last = back.read_packet()
    assert last[:5] + last[7:] == b"\x32\x06\x00\x01td"
    assert int.from_bytes(last[5:7], "big") not in (0, 1, 3)
    back.send(w.ack(w.PUBACK, 1) + w.ack(w.PUBACK, 3) + b"\x40\x02" + last[5:7]).expect_quiet().leave()
    wire().log_in("c", clean=False, present=True).expect_quiet()


@clause("MQTT-4.4.0-1", "MQTT-3.3.1-1")
def test_unacknowledged_qos_2_message_comes_again_with_dup(wire: Open) -> None:
    c = wire().log_in("c", clean=False).subscribe(("t", 2))
    wire().log_in("writer").publish("t", b"a", 2)
    c.expect(w.publish("t", b"a", 2, 1)).reset()
    for _ in range(2):
        back = wire().log_in("c", clean=False, present=True)
        back.expect(w.publish("t", b"a", 2, 1, dup=True)).expect_quiet().reset()


@clause("MQTT-4.4.0-1", "MQTT-4.3.3-1")
def test_pubrel_comes_again_after_pubrec_and_the_message_does_not(wire: Open) -> None:
    c = wire().log_in("c", clean=False).subscribe(("t", 2))
    wire().log_in("writer").publish("t", b"a", 2)
    c.expect(w.publish("t", b"a", 2, 1)).send(w.ack(w.PUBREC, 1)).expect(w.ack(w.PUBREL, 1)).reset()
    back = wire().log_in("c", clean=False, present=True)
    back.expect(w.ack(w.PUBREL, 1)).send(w.ack(w.PUBCOMP, 1)).expect_quiet().leave()
    wire().log_in("c", clean=False, present=True).expect_quiet()


@clause("MQTT-4.3.3-2", "MQTT-4.1.0-1")
def test_qos_2_identifier_is_remembered_over_a_reconnect(wire: Open) -> None:
    reader = wire().log_in("reader").subscribe(("t", 1))
    wire().log_in("c", clean=False).send(w.publish("t", b"a", 2, 1)).expect(w.ack(w.PUBREC, 1)).reset()
    back = wire().log_in("c", clean=False, present=True)
    back.send(w.publish("t", b"a", 2, 1, dup=True)).expect(w.ack(w.PUBREC, 1))
    back.send(w.ack(w.PUBREL, 1)).expect(w.ack(w.PUBCOMP, 1))
    reader.expect(w.publish("t", b"a", 1, 1)).expect_quiet()


@clause("MQTT-4.1.0-2", "MQTT-3.1.2-4")
def test_takeover_hands_the_stored_session_to_the_new_connection(wire: Open) -> None:
    writer = wire().log_in("writer")
    older = wire().log_in("c", clean=False).subscribe(("t", 1))
    writer.publish("t", b"1", 1)
    older.expect(w.publish("t", b"1", 1, 1))
    newer = wire().log_in("c", clean=False, present=True)
    older.expect_closed()
    newer.expect(w.publish("t", b"1", 1, 1, dup=True)).send(w.ack(w.PUBACK, 1))
    writer.publish("t", b"2", 1)
    newer.expect(w.publish("t", b"2", 1, 2)).expect_quiet()


@clause("MQTT-4.1.0-2", "MQTT-3.1.2-6")
def test_clean_connection_that_takes_over_starts_anew(wire: Open) -> None:
    older = wire().log_in("c", clean=False).subscribe(("t", 1))
    newer = wire().log_in("c", clean=True, present=False)
    older.expect_closed()
    wire().log_in("writer").publish("t", b"x", 1)
    newer.expect_quiet()


@clause("MQTT-4.1.0-1", "MQTT-4.1.0-2")
@pytest.mark.parametrize("clean", [True, False])
def test_session_lasts_as_long_as_the_connection(wire: Open, clean: bool) -> None:
    c, writer = wire().log_in("c", clean=clean).subscribe(("a", 0)).subscribe(("b", 1)), wire().log_in("writer")
    for number in range(3):
        writer.publish("a", b"%d" % number).publish("b", b"%d" % number, 1)
        c.expect(w.publish("a", b"%d" % number), w.publish("b", b"%d" % number, 1, number + 1))
        c.send(w.ack(w.PUBACK, number + 1)).expect_quiet()
