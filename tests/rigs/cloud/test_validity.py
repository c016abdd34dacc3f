"""MQ-01: each breach of MQTT 3.1.1 is found in what the gateway saw, and none of its legal look-alikes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from rigs.cloud.attribution import Whose
from rigs.cloud.codec import Decoder
from rigs.cloud.events import (
    Attributed,
    Closed,
    Direction,
    Ending,
    Event,
    FaultOff,
    FaultOn,
    Online,
    PacketSeen,
    PacketWithheld,
    Party,
    RawSent,
)
from rigs.cloud.login import Device
from rigs.cloud.service import Cloud
from rigs.cloud.validity import Examination, examine
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.wire import DEADLINE, Wire

Step: TypeAlias = Callable[[int, float], Event]
CLEAN, KEPT = w.connect("m", username="d&p"), w.connect("m", username="d&p", clean=False)
PUB = w.publish("t", b"one", 1, 7)
PUB_DUP = w.publish("t", b"one", 1, 7, dup=True)
PUB2 = w.publish("t", b"one", 2, 7)
SUB = w.subscribe(7, ("t", 1))


def seen(raw: bytes, direction: Direction) -> Step:
    ((packet, _),) = Decoder().feed(raw)
    return lambda connection, at: PacketSeen(at, connection, direction, packet, raw)


def up(raw: bytes) -> Step:
    return seen(raw, Direction.UP)


def down(raw: bytes) -> Step:
    return seen(raw, Direction.DOWN)


def withheld(raw: bytes) -> Step:
    ((packet, _),) = Decoder().feed(raw)
    return lambda connection, at: PacketWithheld(at, connection, Direction.DOWN, packet, raw)


def ended(*, orderly: bool) -> Step:
    return lambda connection, at: Closed(at, connection, Party.MODULE, Ending.FIN, orderly, "")


def online(*, present: bool) -> Step:
    return lambda connection, at: Online(at, connection, present)


def fault_on(_connection: int, at: float) -> Event:
    return FaultOn(at, None, "blackhole")


def fault_off(_connection: int, at: float) -> Event:
    return FaultOff(at, None, "blackhole")


def unsure(connection: int, at: float) -> Event:
    return Attributed(at, connection, Whose.MODULE, False, "nothing better came")


def raw_sent(connection: int, at: float) -> Event:
    return RawSent(at, connection, b"\xf0\x00")


def run(*connections: list[Step]) -> Examination:
    """What comes of these connections, one behind the other."""
    return examine(
        step(number, 10.0 * number + place)
        for number, steps in enumerate(connections, 1)
        for place, step in enumerate(steps)
    )


def clauses(examination: Examination) -> list[str]:
    return [breach.clause for breach in examination.breaches]


BREACHES: dict[str, tuple[str, list[list[Step]]]] = {
    "SUBSCRIBE with the identifier of a PUBLISH": ("MQTT-2.3.1-2", [[up(CLEAN), up(PUB), up(SUB)]]),
    "UNSUBSCRIBE with the identifier of a SUBSCRIBE": (
        "MQTT-2.3.1-2",
        [[up(CLEAN), up(SUB), up(w.unsubscribe(7, "t"))]],
    ),
    "PUBLISH with the identifier of another": (
        "MQTT-2.3.1-2",
        [[up(CLEAN), up(PUB), up(w.publish("t", b"two", 1, 7))]],
    ),
    "DUP on another message with the identifier of one": (
        "MQTT-2.3.1-2",
        [[up(CLEAN), up(w.publish("t", b"two", 1, 6)), up(PUB), up(w.publish("t", b"two", 1, 7, dup=True))]],
    ),
    "an acknowledgement of another kind frees nothing": (
        "MQTT-2.3.1-2",
        [[up(CLEAN), up(PUB), down(w.suback(7, 1)), up(SUB)]],
    ),
    "PUBREC frees no identifier": ("MQTT-2.3.1-2", [[up(CLEAN), up(PUB2), down(w.ack(w.PUBREC, 7)), up(SUB)]]),
    "the same message again without DUP": ("MQTT-3.3.1-1", [[up(CLEAN), up(PUB), up(PUB)]]),
    "DUP on a message like an earlier one, under an identifier of its own": (
        "MQTT-3.3.1-1",
        [
            [
                up(CLEAN),
                up(w.publish("t", b"same", 1, 6)),
                down(w.ack(w.PUBACK, 6)),
                up(w.publish("t", b"same", 1, 7, dup=True)),
            ]
        ],
    ),
    "DUP on a first send": ("MQTT-3.3.1-1", [[up(CLEAN), up(PUB_DUP)]]),
    "DUP on a first send after an orderly end": (
        "MQTT-3.3.1-1",
        [[up(CLEAN), up(w.DISCONNECT), ended(orderly=True)], [up(CLEAN), up(PUB_DUP)]],
    ),
    "PUBACK for nothing": ("MQTT-2.3.1-6", [[up(CLEAN), up(w.ack(w.PUBACK, 3))]]),
    "PUBACK for a message of QoS 2": (
        "MQTT-2.3.1-6",
        [[up(CLEAN), down(w.publish("t", b"", 2, 3)), up(w.ack(w.PUBACK, 3))]],
    ),
    "PUBACK for a message of QoS 0": (
        "MQTT-2.3.1-6",
        [[up(CLEAN), down(w.publish("t", b"")), up(w.ack(w.PUBACK, 3))]],
    ),
    "PUBREC for nothing": ("MQTT-2.3.1-6", [[up(CLEAN), up(w.ack(w.PUBREC, 3))]]),
    "PUBREL for nothing": ("MQTT-2.3.1-6", [[up(CLEAN), up(w.ack(w.PUBREL, 3))]]),
    "PUBCOMP for nothing": ("MQTT section 4.3.3", [[up(CLEAN), up(w.ack(w.PUBCOMP, 3))]]),
    "another protocol level": (
        "MQTT-3.1.2-2",
        [[up(w.connect_packet(0x02, b"\x00" + w.text("m"), level=5))]],
    ),
    "no clientId and a kept session": ("MQTT-3.1.3-7", [[up(w.connect("", clean=False))]]),
}

LEGAL: dict[str, list[list[Step]]] = {
    "one after the other": [
        [up(CLEAN), up(PUB), down(w.ack(w.PUBACK, 7)), up(SUB), down(w.suback(7, 1)), up(w.unsubscribe(7, "t"))]
    ],
    "an identifier that UNSUBACK has freed": [[up(CLEAN), up(w.unsubscribe(7, "t")), down(w.ack(0xB0, 7)), up(SUB)]],
    "an identifier that PUBCOMP has freed": [
        [
            up(CLEAN),
            up(PUB2),
            down(w.ack(w.PUBREC, 7)),
            up(w.ack(w.PUBREL, 7)),
            down(w.ack(w.PUBCOMP, 7)),
            up(w.publish("t", b"two", 2, 7)),
        ]
    ],
    "several identifiers at once": [
        [up(CLEAN), up(PUB), up(w.publish("t", b"one", 1, 8)), up(w.subscribe(9, ("t", 1)))]
    ],
    "QoS 0 has no identifier": [[up(CLEAN), up(w.publish("t", b"")), up(w.publish("t", b""))]],
    "sent again with DUP": [[up(CLEAN), up(PUB), up(PUB_DUP)]],
    "sent again with DUP while PUBACK was on its way": [[up(CLEAN), up(PUB), down(w.ack(w.PUBACK, 7)), up(PUB_DUP)]],
    "sent again with DUP on the next connection of a kept session": [
        [up(KEPT), up(PUB), ended(orderly=False)],
        [up(KEPT), up(PUB_DUP)],
    ],
    "sent again with DUP in a new session": [[up(CLEAN), up(PUB), ended(orderly=False)], [up(CLEAN), up(PUB_DUP)]],
    "a new session begins with free identifiers": [[up(CLEAN), up(PUB), ended(orderly=True)], [up(CLEAN), up(SUB)]],
    "a session that the cloud has lost leaves free identifiers": [
        [up(KEPT), up(PUB), up(w.DISCONNECT), ended(orderly=True)],
        [up(KEPT), online(present=False), up(SUB)],
    ],
    "a SUBSCRIBE is no part of a kept session": [[up(KEPT), up(SUB), ended(orderly=True)], [up(KEPT), up(SUB)]],
    "PUBREL again in a kept session": [
        [up(KEPT), up(PUB2), down(w.ack(w.PUBREC, 7)), ended(orderly=False)],
        [up(KEPT), up(w.ack(w.PUBREL, 7))],
    ],
    "answers to what came": [
        [
            up(CLEAN),
            down(w.publish("t", b"", 1, 3)),
            up(w.ack(w.PUBACK, 3)),
            down(w.publish("t", b"", 2, 4)),
            up(w.ack(w.PUBREC, 4)),
            down(w.ack(w.PUBREL, 4)),
            up(w.ack(w.PUBCOMP, 4)),
        ]
    ],
    "two devices with the same identifiers": [[up(CLEAN), up(PUB)], [up(w.connect("n", username="e&p")), up(SUB)]],
    "packets right behind CONNECT": [[up(CLEAN), up(SUB), down(w.CONNACK_OK), down(w.suback(7, 1))]],
}

EXCUSED: dict[str, list[list[Step]]] = {
    "PUBACK was kept back": [[up(CLEAN), up(PUB), withheld(w.ack(w.PUBACK, 7)), up(SUB)]],
    "SUBACK was kept back": [[up(CLEAN), up(SUB), withheld(w.suback(7, 1)), up(PUB)]],
    "a fault came between": [[up(CLEAN), up(PUB), fault_on, fault_off, up(SUB)]],
    "a fault was in force": [[fault_on, up(CLEAN), up(PUB), up(SUB), fault_off]],
    "a fault was in force at the first": [[fault_on, up(CLEAN), up(PUB), fault_off, up(SUB)]],
    "bytes that are no MQTT had come": [[up(CLEAN), raw_sent, up(w.ack(w.PUBACK, 3))]],
    "the connection was closed before": [
        [up(KEPT), up(PUB), up(w.DISCONNECT), ended(orderly=True)],
        [up(KEPT), up(SUB)],
    ],
    "the connection broke before": [[up(KEPT), up(PUB), ended(orderly=False)], [up(KEPT), up(SUB)]],
    "the first may have been lost with its connection": [[up(CLEAN), ended(orderly=False)], [up(CLEAN), up(PUB_DUP)]],
    "acknowledged a second time": [
        [up(CLEAN), down(w.publish("t", b"", 1, 3)), up(w.ack(w.PUBACK, 3)), up(w.ack(w.PUBACK, 3))]
    ],
    "acknowledged on the next connection": [
        [up(KEPT), down(w.publish("t", b"", 1, 3)), ended(orderly=False)],
        [up(KEPT), up(w.ack(w.PUBACK, 3))],
    ],
    "nobody knows whose it is": [[up(CLEAN), up(PUB), up(SUB), unsure, up(w.ack(w.PUBACK, 3))]],
}


def test_what_is_still_read_of_a_connection_that_was_left_uses_no_identifier_of_the_next() -> None:
    steps = [(1, up(CLEAN)), (2, up(CLEAN)), (1, up(PUB)), (2, up(SUB)), (1, down(w.suback(7, 1))), (2, up(PUB))]
    examination = examine(step(connection, 10.0 + place) for place, (connection, step) in enumerate(steps))
    assert [(breach.connection, breach.clause) for breach in examination.breaches] == [(2, "MQTT-2.3.1-2")]


@pytest.mark.clause("MQTT-2.3.1-2", "MQTT-3.1.3-7")
@pytest.mark.parametrize(("clause", "connections"), BREACHES.values(), ids=BREACHES)
def test_a_breach_is_found_once_and_names_its_clause(clause: str, connections: list[list[Step]]) -> None:
    assert clauses(run(*connections)) == [clause]


@pytest.mark.parametrize("connections", LEGAL.values(), ids=LEGAL)
def test_what_mqtt_allows_is_no_breach(connections: list[list[Step]]) -> None:
    assert run(*connections).invalid == ()


@pytest.mark.parametrize("connections", EXCUSED.values(), ids=EXCUSED)
def test_what_the_bench_may_have_caused_is_recorded_and_not_held_against_the_module(
    connections: list[list[Step]],
) -> None:
    examination = run(*connections)
    assert examination.breaches == ()
    assert examination.excused


def test_a_breach_shows_where_it_was_and_no_password() -> None:
    hello = w.connect("m", username="d&p", password=b"secret")
    (breach,) = run([up(CLEAN)], [up(hello), up(PUB), up(SUB)]).breaches
    assert (breach.connection, breach.time, breach.raw) == (2, 22.0, SUB)
    assert str(breach).endswith(f"[MQTT-2.3.1-2]: {SUB.hex(' ')}")
    (breach,) = run([up(w.connect("", clean=False, username="d&p", password=b"secret"))]).breaches
    assert b"secret" not in breach.raw


def test_what_was_counted() -> None:
    assert run([up(CLEAN), down(w.CONNACK_OK), up(PUB)]).packets == 2
    assert run().packets == 0


ON_THE_WIRE: dict[str, tuple[str, bytes]] = {
    "packet type 0": ("MQTT section 2.2.1", b"\x00\x00"),
    "packet type 15": ("MQTT section 2.2.1", b"\xf0\x00"),
    "CONNACK from a client": ("MQTT section 2.2.1", w.CONNACK_OK),
    "SUBACK from a client": ("MQTT section 2.2.1", w.suback(1, 0)),
    "UNSUBACK from a client": ("MQTT section 2.2.1", w.ack(0xB0, 1)),
    "PINGRESP from a client": ("MQTT section 2.2.1", w.PINGRESP),
    "reserved flags of SUBSCRIBE": ("MQTT-3.8.1-1", b"\x80" + w.subscribe(1, ("t", 0))[1:]),
    "reserved flags of UNSUBSCRIBE": ("MQTT-3.10.1-1", b"\xa0" + w.unsubscribe(1, "t")[1:]),
    "reserved flags of PUBREL": ("MQTT-3.6.1-1", b"\x60\x02\x00\x01"),
    "reserved flags of PINGREQ": ("MQTT-2.2.2-2", b"\xc1\x00"),
    "reserved flags of DISCONNECT": ("MQTT-3.14.1-1", b"\xe1\x00"),
    "a length of five bytes": ("MQTT section 2.2.3", b"\x30\xff\xff\xff\xff\x01"),
    "a body of PINGREQ": ("MQTT section 2.2.3", b"\xc0\x01\x00"),
    "a body of DISCONNECT": ("MQTT section 2.2.3", b"\xe0\x01\x00"),
    "a byte too many": ("MQTT section 2.2.3", b"\x40\x03\x00\x01\x00"),
    "a length too short for the fields": ("MQTT section 2.2.3", b"\x32\x04\x00\x03abc"),
    "identifier 0 of SUBSCRIBE": ("MQTT-2.3.1-1", w.subscribe(0, ("t", 0))),
    "identifier 0 of PUBLISH": ("MQTT-2.3.1-1", w.publish("t", b"", 1, 0)),
    "QoS 3": ("MQTT-3.3.1-4", b"\x36\x05\x00\x01t\x00\x01"),
    "DUP with QoS 0": ("MQTT-3.3.1-2", b"\x38\x03\x00\x01t"),
    "no topic": ("MQTT-4.7.3-1", w.publish("", b"")),
    "a wildcard in a topic": ("MQTT-3.3.2-2", w.publish("a/#", b"")),
    "a topic that is no UTF-8": ("MQTT-1.5.3-1", w.publish(b"\xc3\x28", b"")),
    "a surrogate in a topic": ("MQTT-1.5.3-1", w.publish(b"\xed\xa0\x80", b"")),
    "U+0000 in a topic": ("MQTT-1.5.3-2", w.publish(b"a\x00b", b"")),
    "SUBSCRIBE to nothing": ("MQTT-3.8.3-3", w.subscribe(1)),
    "SUBSCRIBE with QoS 3": ("MQTT-3-8.3-4", w.subscribe(1, ("t", 3))),
    "UNSUBSCRIBE of nothing": ("MQTT-3.10.3-2", w.unsubscribe(1)),
    "a second CONNECT": ("MQTT-3.1.0-2", w.connect("m")),
    "PINGREQ after DISCONNECT": ("MQTT-3.14.4-2", w.DISCONNECT + w.PINGREQ),
}
"""Seen by the decoder, behind a good login."""


@pytest.mark.parametrize(("clause", "sent"), ON_THE_WIRE.values(), ids=ON_THE_WIRE)
def test_a_packet_that_is_malformed_in_itself(cloud: Cloud, device: Device, clause: str, sent: bytes) -> None:
    with Wire(cloud.address) as one:
        one.send(w.device_connect(device)).expect(w.CONNACK_OK).send(sent).expect_closed()
    examination = examine(cloud.journal.events())
    assert clauses(examination) == [clause]


LOGINS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "a packet before CONNECT": ("MQTT-3.1.0-1", lambda user: w.publish(user, b"")),
    "reserved flag of CONNECT": ("MQTT-3.1.2-3", lambda user: w.connect_packet(0x83, w.text("m") + w.text(user))),
    "password without a user name": ("MQTT-3.1.2-22", lambda user: w.connect_packet(0x42, w.text(user) + w.text("x"))),
    "will QoS without a will": ("MQTT-3.1.2-13", lambda user: w.connect_packet(0x8A, w.text("m") + w.text(user))),
    "will QoS 3": ("MQTT-3.1.2-14", lambda user: w.connect_packet(0x9E, w.text("m") + w.text("t") * 2 + w.text(user))),
    "will retain without a will": ("MQTT-3.1.2-15", lambda user: w.connect_packet(0xA2, w.text("m") + w.text(user))),
    "MQTT 3.1": ("MQTT-3.1.2-1", lambda user: w.connect_packet(0x82, w.text("m") + w.text(user), name="MQIsdp")),
}
"""By the user name that the device has."""


@pytest.mark.parametrize(("clause", "hello"), LOGINS.values(), ids=LOGINS)
def test_a_connect_that_is_malformed(cloud: Cloud, clause: str, hello: Callable[[str], bytes]) -> None:
    device = cloud.register_device("a1pnQWj9dvs", "bench-k3Xq81Zz", "secret")
    with Wire(cloud.address) as one:
        one.send(hello(f"{device.device_name}&{device.product_key}")).expect_closed()
    assert clauses(examine(cloud.journal.events())) == [clause]


def test_lengths_that_are_written_longer_than_need_be_are_allowed(cloud: Cloud, device: Device) -> None:
    with Wire(cloud.address) as one:
        one.send(w.device_connect(device)).expect(w.CONNACK_OK)
        one.send(b"\xc0\x80\x80\x00").expect(w.PINGRESP)
        one.leave()
    assert examine(cloud.journal.events()).invalid == ()


def test_a_packet_cut_by_the_end_of_its_connection_is_no_breach(cloud: Cloud, device: Device) -> None:
    with Wire(cloud.address) as one:
        one.send(w.device_connect(device)).expect(w.CONNACK_OK).send(w.publish("t", b"x" * 100)[:50])
    assert cloud.connections[0].wait_closed(DEADLINE)
    assert examine(cloud.journal.events()).invalid == ()


def test_tls_on_the_port_without_is_not_held_against_the_module(cloud: Cloud, device: Device) -> None:
    with Wire(cloud.address) as one:
        one.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)).expect_closed()
    assert examine(cloud.journal.events()).breaches == ()


def test_what_strangers_send_is_nobodys_breach(cloud: Cloud, device: Device) -> None:
    with Wire(cloud.address) as one:
        one.send(b"\xf0\x00").expect_closed()
    with Wire(cloud.address) as one:
        one.send(w.device_connect(device)).expect(w.CONNACK_OK).leave()
    assert cloud.session_since(0) is not None
    assert examine(cloud.journal.events()).invalid == ()


def test_a_whole_session_of_a_right_module_has_nothing_invalid(cloud: Cloud, device: Device) -> None:
    with cloud.new_client() as client, Wire(cloud.address) as one:
        one.send(w.device_connect(device)).expect(w.CONNACK_OK).subscribe(("t", 2))
        for identifier in (2, 3, 2):
            one.send(w.publish("u", b"", 1, identifier)).expect(w.ack(w.PUBACK, identifier))
        client.publish("t", b"down", 2)
        one.expect(w.publish("t", b"down", 2, 1)).send(w.ack(w.PUBREC, 1)).expect(w.ack(w.PUBREL, 1))
        one.send(w.ack(w.PUBCOMP, 1) + w.unsubscribe(9, "t")).expect(w.ack(0xB0, 9))
        one.leave()
    connection = cloud.wait_online(DEADLINE)
    assert connection is not None
    examination = examine(cloud.journal.events())
    assert (examination.packets, examination.invalid) == (9, ())
