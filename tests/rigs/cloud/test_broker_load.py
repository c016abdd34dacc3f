"""Many clients, much data, clients that do not read or vanish: none of it may cost another client anything."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import TypeAlias

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import both_brokers, clause, embedded_only
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
pytestmark = both_brokers

MEGABYTE = bytes(1_000_000)
OUR_CHOICE = "how much is kept for a client that does not read is the server's choice"


def large(number: int, qos: int) -> bytes:
    return w.publish("t", number.to_bytes(2, "big") + MEGABYTE, qos, number)


def read_number(reader: Wire, qos: int) -> int:
    """Reads and acknowledges one message of ``large``."""
    packet = reader.read_packet()
    start = packet.index(b"\x00\x01t") + 3
    if qos:
        reader.send(w.ack(w.PUBACK, int.from_bytes(packet[start : start + 2], "big")))
        start += 2
    return int.from_bytes(packet[start : start + 2], "big")


def test_two_hundred_clients(wire: Open) -> None:
    clients = [wire().log_in(f"client {number}").subscribe(("all", 0), (f"own/{number}", 1)) for number in range(200)]
    writer = wire().log_in("writer").publish("all", b"x")
    for number in range(200):
        writer.publish(f"own/{number}", b"%d" % number, 1)
    for number, client in enumerate(clients):
        client.expect(w.publish("all", b"x"), w.publish(f"own/{number}", b"%d" % number, 1, 1)).expect_quiet()


def test_clients_that_vanish_leave_the_others_alone(wire: Open) -> None:
    steady, writer = wire().log_in("steady").subscribe(("#", 0)), wire().log_in("writer")
    for number in range(100):
        rude = wire().log_in(f"rude {number}").subscribe(("#", 1))
        writer.send(w.publish("t", b"x" * 10_000))
        rude.reset()
        steady.expect(w.publish("t", b"x" * 10_000))
    steady.expect_quiet()


def test_connections_that_say_nothing_leave_the_others_alone(wire: Open) -> None:
    silent = [wire() for _ in range(100)]
    reader = wire().log_in("reader").subscribe(("t", 0))
    wire().log_in("writer").publish("t", b"x")
    reader.expect(w.publish("t", b"x"))
    assert not any(client.closed for client in silent)


@clause("MQTT-2.3.1-4", "MQTT-4.3.2-1")
@embedded_only("mosquitto 2.0 sends the next one with an identifier that is in use")
def test_65535_messages_may_be_unacknowledged_and_the_next_one_waits(wire: Open) -> None:
    reader, writer = wire().log_in("reader").subscribe(("t", 1)), wire().log_in("writer")
    for start in range(1, 65536, 4369):  # fifteen times
        writer.send(b"".join(w.publish("t", b"", 1, n) for n in range(start, start + 4369)))
        assert writer.read(4369 * 4).startswith(w.ack(w.PUBACK, start))
        data = reader.read(4369 * 7)
        identifiers = [int.from_bytes(data[at + 5 : at + 7], "big") for at in range(0, len(data), 7)]
        assert identifiers == list(range(start, start + 4369))
    writer.publish("t", b"next", 1).publish("t", b"one after", 1)
    reader.expect_quiet()
    reader.send(w.ack(w.PUBACK, 777)).expect(w.publish("t", b"next", 1, 777)).expect_quiet()
    reader.send(w.ack(w.PUBACK, 778)).expect(w.publish("t", b"one after", 1, 778)).expect_quiet()


@embedded_only(OUR_CHOICE)
def test_qos_0_is_dropped_for_a_client_that_does_not_read_and_for_nobody_else(wire: Open) -> None:
    slow, reader = (wire().log_in(name).subscribe(("t", 0), ("more", 0)) for name in ("slow", "reader"))
    writer = wire().log_in("writer")
    for number in range(60):
        writer.send(large(number, 0))
        assert read_number(reader, 0) == number
    writer.send(w.publish("more", b"x"))
    reader.expect(w.publish("more", b"x")).expect_quiet()
    kept = 0
    slow.send(w.PINGREQ)
    while slow.socket.recv(1, socket.MSG_PEEK) != w.PINGRESP[:1]:
        assert read_number(slow, 0) == kept  # the oldest, without gaps
        kept += 1
    slow.expect(w.PINGRESP)
    assert 17 <= kept < 40  # the sixteen MiB of the broker and what the sockets hold
    writer.publish("more", b"again")
    slow.expect(w.publish("more", b"again"))


@clause("MQTT-4.5.0-1", "MQTT-4.6.0-6")
def test_qos_1_waits_for_a_client_that_does_not_read(wire: Open) -> None:
    slow, reader = (wire().log_in(name).subscribe(("t", 1)) for name in ("slow", "reader"))
    writer = wire().log_in("writer")
    for number in range(1, 51):
        writer.send(large(number, 1)).expect(w.ack(w.PUBACK, number))
        assert read_number(reader, 1) == number
    assert [read_number(slow, 1) for _ in range(50)] == list(range(1, 51))
    slow.expect_quiet()


@embedded_only(OUR_CHOICE)
def test_waiting_messages_survive_the_connection_that_did_not_read_them(wire: Open) -> None:
    slow, writer = wire().log_in("slow", clean=False).subscribe(("t", 1)), wire().log_in("writer")
    for number in range(1, 51):
        writer.send(large(number, 1)).expect(w.ack(w.PUBACK, number))
    back = wire().log_in("slow", clean=False, present=True)
    assert [read_number(back, 1) for _ in range(50)] == list(range(1, 51))
    slow.reset()


@clause("MQTT-4.8.0-2")
@embedded_only(OUR_CHOICE)
def test_client_that_sends_on_without_reading_is_closed(wire: Open) -> None:
    watcher, writer = wire().log_in("watcher").subscribe(("will", 0)), wire().log_in("writer")
    deaf = wire().send(w.connect("deaf", will=("will", b"deaf", 0, False))).expect(w.CONNACK_OK).subscribe(("t", 0))
    for number in range(40):
        writer.send(large(number, 0))
    writer.expect_quiet()
    with contextlib.suppress(ConnectionError):
        deaf.send(w.ack(w.PUBREL, 1) * 200_000)
    watcher.expect(w.publish("will", b"deaf"))
