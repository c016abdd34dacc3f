"""CONNECT, CONNACK, wills, keep-alive, DISCONNECT (MQTT 3.1.1, sections 3.1, 3.2, 3.12, 3.14)."""

from __future__ import annotations

import string
import time
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import both_brokers, case, clause, embedded_only
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
pytestmark = both_brokers

MALFORMED = b"\xf0\x00"
ID = w.text("c")
WILL = w.text("will") + w.text("bye")
LAX = "mosquitto 2.0 lets it pass"


@pytest.mark.parametrize(
    "data",
    [
        case("MQTT-3.1.0-1", w.PINGREQ),
        case("MQTT-3.1.0-1", w.publish("a", b"x")),
        case("MQTT-3.1.0-1", w.subscribe(1, ("a", 0))),
        case("MQTT-3.1.0-1", w.DISCONNECT),
        case("MQTT-3.1.2-1 MQTT-3.1.4-1", w.connect_packet(0x02, ID, name="MQXX")),
        case("MQTT-3.1.2-1", w.connect_packet(0x02, ID, name="mqtt")),
        case("MQTT-3.1.2-1", w.connect_packet(0x02, ID, name="")),
        case("MQTT-1.5.3-1", w.connect_packet(0x02, ID, name=b"MQT\xff")),
        case("MQTT-2.2.2-2", b"\x11" + w.connect("c")[1:]),
        case("MQTT-3.1.2-3", w.connect_packet(0x03, ID)),
        case("MQTT-3.1.2-9", w.connect_packet(0x06, ID)),
        case("MQTT-3.1.2-9", w.connect_packet(0x06, ID + w.text("will"))),
        case("MQTT-3.1.2-11", w.connect_packet(0x02, ID + WILL), embedded_only=LAX),
        case("MQTT-3.1.2-13 MQTT-3.1.2-11", w.connect_packet(0x0A, ID)),
        case("MQTT-3.1.2-13 MQTT-3.1.2-11", w.connect_packet(0x12, ID)),
        case("MQTT-3.1.2-14", w.connect_packet(0x1E, ID + WILL)),
        case("MQTT-3.1.2-15 MQTT-3.1.2-11", w.connect_packet(0x22, ID)),
        case("MQTT-3.1.2-18", w.connect_packet(0x02, ID + w.text("user")), embedded_only=LAX),
        case("MQTT-3.1.2-19", w.connect_packet(0x82, ID)),
        case("MQTT-3.1.2-20", w.connect_packet(0x82, ID + w.text("user") + w.text("pw")), embedded_only=LAX),
        case("MQTT-3.1.2-21", w.connect_packet(0xC2, ID + w.text("user"))),
        case("MQTT-3.1.2-22", w.connect_packet(0x42, ID + w.text("pw"))),
        case("MQTT-3.1.3-3", w.connect_packet(0x02, b"")),
        case("MQTT-3.1.3-3", w.connect_packet(0x02, b"\x00\x05abc")),
        case("MQTT-3.1.3-4 MQTT-1.5.3-1", w.connect_packet(0x02, w.text(b"\xff"))),
        case("MQTT-3.1.3-4 MQTT-1.5.3-2", w.connect_packet(0x02, w.text("a\0"))),
        case("MQTT-3.1.3-10 MQTT-1.5.3-1", w.connect_packet(0x06, ID + w.text(b"\xff") + w.text("bye"))),
        case("MQTT-4.7.1-1", w.connect_packet(0x06, ID + w.text("will/#") + w.text("bye"))),
        case("MQTT-4.7.3-1", w.connect_packet(0x06, ID + w.text("") + w.text("bye"))),
        case("MQTT-3.1.3-11 MQTT-1.5.3-1", w.connect_packet(0x82, ID + w.text(b"\xff"))),
        case("MQTT-3.1.4-1", w.packet(0x10, b"")),
        case("MQTT-3.1.4-1", w.packet(0x10, w.text("MQTT"))),
        case("MQTT-3.1.4-1", w.packet(0x10, w.text("MQTT") + b"\x04\x02\x00")),
        case("MQTT-4.8.0-1 MQTT-3.2.2-6", MALFORMED),
        case("MQTT-4.8.0-1", b"GET / HTTP/1.1\r\n\r\n"),
    ],
)
def test_first_packet_that_is_no_good_connect_is_closed_without_an_answer(wire: Open, data: bytes) -> None:
    wire().send(data).expect_closed()


@clause("MQTT-3.1.4-4", "MQTT-3.1.3-1")
@pytest.mark.parametrize(
    "data",
    [
        w.connect("c", username="user"),
        w.connect("c", username="", password=b""),
        w.connect("c", username="u&p", password=bytes(range(256))),
        w.connect("c", username="主题", password=b"x" * 65535, will=("will", b"\0\xff" * 10_000, 2, True)),
        w.connect("c", clean=False, keep_alive=65535, username="user", will=("will", b"", 1, False)),
    ],
    ids=["user name", "empty fields", "binary password", "long fields", "will before user name"],
)
def test_good_connect_is_accepted(wire: Open, data: bytes) -> None:
    wire().send(data).expect(w.CONNACK_OK).expect_quiet()


@clause("MQTT-3.1.3-1", "MQTT-3.1.2-8")
def test_fields_of_connect_are_read_in_their_order(wire: Open) -> None:
    watcher = wire().log_in("watcher").subscribe(("topic", 0))
    full = w.connect("id", will=("topic", b"message", 0, False), username="user", password=b"password")
    wire().send(full).expect(w.CONNACK_OK).reset()
    watcher.expect(w.publish("topic", b"message"))


@clause("MQTT-3.1.3-5")
@pytest.mark.parametrize(
    "client_id",
    [string.ascii_letters[:23], string.ascii_letters[29:], string.digits, "a", "0" * 22],
    ids=len,
)
def test_client_id_of_1_to_23_letters_and_digits_is_accepted(wire: Open, client_id: str) -> None:
    wire().log_in(client_id).expect_quiet()


@pytest.mark.parametrize(
    "client_id", ["x" * 24, "x" * 65535, "12345|securemode=3,signmethod=hmacsha1|", "模块 7", "/#+"], ids=ascii
)
def test_longer_and_stranger_client_ids_are_accepted_too(wire: Open, client_id: str) -> None:
    wire().log_in(client_id, clean=False).subscribe(("t", 1)).leave()
    wire().log_in(client_id, clean=False, present=True).expect_quiet()


@clause("MQTT-3.1.2-2", "MQTT-3.2.2-4", "MQTT-3.2.2-5")
@pytest.mark.parametrize("level", [0, 2, 6, 127])
def test_other_protocol_level_is_refused_with_code_1(wire: Open, level: int) -> None:
    wire().log_in("c", clean=False).leave()
    wire().send(w.connect_packet(0x00, ID, level=level)).expect(b"\x20\x02\x00\x01").expect_closed()


@clause("MQTT-3.1.2-2")
@embedded_only("mosquitto speaks MQTT 5")
def test_mqtt_5_is_refused_with_code_1(wire: Open) -> None:
    wire().send(w.connect_packet(0x02, b"\x00" + ID, level=5)).expect(b"\x20\x02\x00\x01").expect_closed()


@clause("MQTT-3.1.3-8", "MQTT-3.1.3-9", "MQTT-3.2.2-4", "MQTT-3.2.2-5")
def test_empty_client_id_needs_a_clean_session(wire: Open) -> None:
    wire().send(w.connect("", clean=False)).expect(b"\x20\x02\x00\x02").expect_closed()


@clause("MQTT-3.1.3-6", "MQTT-3.2.2-1")
def test_empty_client_ids_with_clean_session_are_clients_of_their_own(wire: Open) -> None:
    one, two = wire().log_in("").subscribe(("one", 0)), wire().log_in("").subscribe(("two", 0))
    wire().log_in("writer").publish("one", b"1").publish("two", b"2")
    one.expect(w.publish("one", b"1")).expect_quiet()
    two.expect(w.publish("two", b"2")).expect_quiet()


@clause("MQTT-3.1.4-5", "MQTT-3.1.2-12")
@pytest.mark.parametrize(
    "refused", [w.connect("", clean=False, will=("t", b"will", 0, True)), w.connect_packet(0x02, ID, level=9)], ids=len
)
def test_nothing_after_a_refused_connect_is_processed(wire: Open, refused: bytes) -> None:
    watcher = wire().log_in("watcher").subscribe(("t", 0))
    rejected = wire().send(refused + w.publish("t", b"x", retain=True) + w.connect("c") + w.PINGREQ)
    assert rejected.read(3) == b"\x20\x02\x00"
    assert rejected.read(1) in b"\x01\x02"
    rejected.expect_closed()
    watcher.expect_quiet()
    wire().log_in("late").subscribe(("t", 0)).expect_quiet()


@clause("MQTT-3.2.0-1")
def test_connack_comes_before_everything_else(wire: Open) -> None:
    wire().log_in("c", clean=False).subscribe(("t", 1)).leave()
    wire().log_in("writer").publish("t", b"kept", 1, retain=True)
    early = wire().send(w.connect("c", clean=False) + w.PINGREQ + w.publish("u", b"", 1, 7))
    early.expect(w.CONNACK_PRESENT)
    early.expect_in_any_order(w.publish("t", b"kept", 1, 1), w.PINGRESP, w.ack(w.PUBACK, 7))


@clause("MQTT-3.1.4-2")
@pytest.mark.parametrize("clean", [True, False])
def test_second_connection_of_a_client_ends_the_first(wire: Open, clean: bool) -> None:
    latest = wire().log_in("c", clean=clean)
    for _ in range(5):
        older, latest = latest, wire().log_in("c", clean=clean, present=not clean)
        older.expect_closed()
        latest.expect_quiet()


@clause("MQTT-3.1.3-2")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("c", "C"),
        ("c", "c "),
        ("c", "cc"),
        ("c", "\ufeffc"),
        ("x" * 23, "x" * 24),
        ("x" * 65534 + "a", "x" * 65534 + "b"),
    ],
    ids=["case", "space", "prefix", "U+FEFF", "24 bytes", "last of 65535 bytes"],
)
def test_client_ids_are_told_apart(wire: Open, one: str, other: str) -> None:
    wire().log_in(one, clean=False).subscribe(("t", 1)).leave()
    wire().log_in(other, clean=False, present=False).publish("t", b"x", 1).expect_quiet()
    wire().log_in(one, clean=False, present=True).expect(w.publish("t", b"x", 1, 1))


@clause("MQTT-3.14.4-3")
def test_nothing_after_disconnect_is_processed(wire: Open) -> None:
    watcher = wire().log_in("watcher").subscribe(("#", 0))
    wire().log_in("c").send(w.DISCONNECT + w.publish("t", b"x") + w.PINGREQ + MALFORMED).expect_closed()
    watcher.expect_quiet()


@embedded_only("how long a server waits for CONNECT is its choice")
def test_connection_without_a_whole_connect_is_closed_after_a_while(
    wire: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rigs.cloud.broker._CONNECT_DEADLINE", 0.3)
    silent, halting = wire(), wire().send(w.connect("c")[:-1])
    silent.expect_closed()
    halting.expect_closed()


@clause("MQTT-3.12.4-1")
def test_ping_is_answered(wire: Open) -> None:
    wire().log_in("c").send(w.PINGREQ * 3).expect(w.PINGRESP, w.PINGRESP, w.PINGRESP)


@clause("MQTT-3.1.2-24", "MQTT-3.1.2-8")
def test_silence_beyond_one_and_a_half_keep_alives_ends_the_connection_and_no_silence_does_without(wire: Open) -> None:
    watcher = wire().log_in("watcher").subscribe(("will", 0))  # its keep-alive is 0
    begin = time.monotonic()
    mute = wire().send(w.connect("mute", keep_alive=1, will=("will", b"mute", 0, False))).expect(w.CONNACK_OK)
    mute.expect_closed()
    assert time.monotonic() - begin >= 1.0
    watcher.expect(w.publish("will", b"mute")).expect_quiet()


@clause("MQTT-3.1.2-24")
@embedded_only("mosquitto 2.0 looks at keep-alives every five seconds only; the test above is enough to compare")
def test_any_packet_in_time_keeps_the_connection_and_pieces_of_a_packet_do_not(wire: Open) -> None:
    pinger, writer = (wire().send(w.connect(name, keep_alive=2)).expect(w.CONNACK_OK) for name in ("ping", "publish"))
    dribbler = wire().send(w.connect("dribbler", keep_alive=1)).expect(w.CONNACK_OK).send(b"\x30\x64")
    for _ in range(3):  # 3.6 seconds
        for _ in range(3):
            if not dribbler.closed:
                dribbler.send(b"\x00")
            pinger.expect_nothing(0.4)
        pinger.send(w.PINGREQ).expect(w.PINGRESP)
        writer.send(w.publish("t", b"x", 1, 1)).expect(w.ack(w.PUBACK, 1))
    assert dribbler.closed
