"""Bytes, strings and packets (MQTT 3.1.1, chapter 2, sections 1.5.3 and 4.8): understood, or the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import both_brokers, case, clause
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
pytestmark = both_brokers

LAX = "mosquitto 2.0 lets it pass"
NOT_UTF_8 = [b"\xff", b"a\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe0\x80\xaf"]
GOOD_UTF_8 = ["ü", "主题", "😀", "\ufeff", "a\ufeffb", "\U0010fffd", " ", "a b"]


@pytest.mark.parametrize(
    "data",
    [
        case("MQTT-2.3.1-1", w.publish("a", b"", 1, 0)),
        case("MQTT-2.3.1-1", w.publish("a", b"", 2, 0)),
        case("MQTT-2.3.1-1", w.subscribe(0, ("a", 0))),
        case("MQTT-2.3.1-1", w.unsubscribe(0, "a")),
        case("MQTT-3.1.0-2", w.connect("c")),
        case("MQTT-3.1.0-2", w.connect("another")),
        case("MQTT-3.3.1-4", b"\x36\x05\x00\x01a\x00\x01"),
        case("MQTT-3.3.1-2", b"\x38\x03\x00\x01a", embedded_only=LAX),
        case("MQTT-3.3.2-1", b"\x30\x00"),
        case("MQTT-3.3.2-1", b"\x30\x01\x00"),
        case("MQTT-3.3.2-1", b"\x30\x04\x00\x05ab"),
        case("MQTT-3.3.2-2 MQTT-4.7.1-1", w.publish("a/#", b"")),
        case("MQTT-3.3.2-2 MQTT-4.7.1-1", w.publish("+", b"")),
        case("MQTT-3.3.2-2 MQTT-4.7.1-1", w.publish("a+b", b"", 1, 1)),
        case("MQTT-4.7.3-1", w.publish("", b"")),
        case("MQTT-4.7.3-1", w.subscribe(1, ("", 0))),
        case("MQTT-4.7.3-1", w.unsubscribe(1, "")),
        case("MQTT-3.8.3-3", b"\x82\x02\x00\x01"),
        case("MQTT-3-8.3-4", w.subscribe(1, ("a", 3))),
        case("MQTT-3-8.3-4", w.subscribe(1, ("a", 0), ("b", 4))),
        case("MQTT-3-8.3-4", w.subscribe(1, ("a", 0x80))),
        case("MQTT-3.8.3-1", b"\x82\x05\x00\x01\x00\x01a"),  # the QoS byte is missing
        case("MQTT-3.10.3-2", b"\xa2\x02\x00\x01"),
        case("MQTT-3.10.3-1", b"\xa2\x06\x00\x01\x00\x01a\x00"),  # half a length after the first filter
        *(case("MQTT-4.7.1-2", w.subscribe(1, (bad, 0))) for bad in ("a#", "#/a", "a/#/b", "##")),
        *(case("MQTT-4.7.1-3", w.subscribe(1, (bad, 0))) for bad in ("a+", "+a/b", "a/+b/c", "++")),
        *(case("MQTT-4.7.1-2", w.unsubscribe(1, bad)) for bad in ("a#", "#/a")),
        case("MQTT-4.8.0-1", b"\x00\x00"),
        case("MQTT-4.8.0-1", b"\xf0\x00"),
        case("MQTT-4.8.0-1", b"\x30\xff\xff\xff\xff\x01"),  # a remaining length of five bytes
        case("MQTT-4.8.0-1", b"\x40\x01\x00"),
        case("MQTT-4.8.0-1", b"\x40\x03\x00\x01\x00", embedded_only=LAX),
        case("MQTT-4.8.0-1", b"\xc0\x01\x00", embedded_only=LAX),
        case("MQTT-4.8.0-1", b"\xe0\x01\x00"),
        case("MQTT-4.8.0-1", w.CONNACK_OK),
        case("MQTT-4.8.0-1", w.suback(1, 0), embedded_only=LAX),
        case("MQTT-4.8.0-1", w.ack(w.UNSUBACK, 1), embedded_only=LAX),
        case("MQTT-4.8.0-1", w.PINGRESP, embedded_only=LAX),
    ],
)
def test_violation_ends_the_connection(wire: Open, data: bytes) -> None:
    wire().log_in("c").send(data).expect_closed()


@pytest.mark.parametrize(
    "data",
    [
        *(case("MQTT-2.2.2-2", bytes((0x40 | flags, 2, 0, 1)), embedded_only=LAX) for flags in (1, 2, 8)),
        *(case("MQTT-2.2.2-2", bytes((0x50 | flags, 2, 0, 1)), embedded_only=LAX) for flags in (1, 2, 8)),
        *(case("MQTT-3.6.1-1", bytes((0x60 | flags, 2, 0, 1))) for flags in (0, 1, 3, 6, 10)),
        *(case("MQTT-2.2.2-2", bytes((0x70 | flags, 2, 0, 1)), embedded_only=LAX) for flags in (1, 2, 8)),
        *(case("MQTT-3.8.1-1", bytes((0x80 | flags,)) + w.subscribe(1, ("a", 0))[1:]) for flags in (0, 1, 3, 6, 10)),
        *(case("MQTT-3.10.1-1", bytes((0xA0 | flags,)) + w.unsubscribe(1, "a")[1:]) for flags in (0, 1, 3, 6, 10)),
        *(case("MQTT-2.2.2-2", bytes((0xC0 | flags, 0)), embedded_only=LAX) for flags in (1, 2, 8)),
        *(case("MQTT-3.14.1-1", bytes((0xE0 | flags, 0))) for flags in (1, 2, 8)),
    ],
)
def test_reserved_flags_end_the_connection(wire: Open, data: bytes) -> None:
    watcher = wire().log_in("watcher").subscribe(("will", 0))
    client = wire().send(w.connect("c", will=("will", b"bad flags", 0, False))).expect(w.CONNACK_OK)
    client.send(data).expect_closed()
    watcher.expect(w.publish("will", b"bad flags"))  # so it was the violation, not a DISCONNECT


@clause("MQTT-1.5.3-1")
@pytest.mark.parametrize("bad", NOT_UTF_8, ids=bytes.hex)
@pytest.mark.parametrize(
    ("packet", "build"),
    [
        case("MQTT-3.3.2-1", "PUBLISH", lambda bad: w.publish(bad, b"")),
        case("MQTT-3.8.3-1", "SUBSCRIBE", lambda bad: w.subscribe(1, ("good", 0), (bad, 0))),
        case("MQTT-3.10.3-1", "UNSUBSCRIBE", lambda bad: w.unsubscribe(1, "good", bad)),
    ],
)
def test_string_that_is_not_utf_8_ends_the_connection(
    wire: Open, packet: str, build: Callable[[bytes], bytes], bad: bytes
) -> None:
    wire().log_in("c").send(build(bad)).expect_closed()


@clause("MQTT-1.5.3-2", "MQTT-4.7.3-2")
@pytest.mark.parametrize("bad", ["\0", "a\0", "a/\0/b"], ids=repr)
@pytest.mark.parametrize(
    "build",
    [lambda bad: w.publish(bad, b""), lambda bad: w.subscribe(1, (bad, 0)), lambda bad: w.unsubscribe(1, bad)],
    ids=["PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE"],
)
def test_null_character_ends_the_connection(wire: Open, build: Callable[[str], bytes], bad: str) -> None:
    wire().log_in("c").send(build(bad)).expect_closed()


@clause("MQTT-1.5.3-3", "MQTT-4.7.3-4")
@pytest.mark.parametrize("name", GOOD_UTF_8, ids=ascii)
def test_every_character_travels_unchanged(wire: Open, name: str) -> None:
    reader = wire().log_in("reader").subscribe((f"x/{name}", 0), (name, 0))
    wire().log_in("writer").publish(f"x/{name}", b"1").publish(name, b"2")
    reader.expect(w.publish(f"x/{name}", b"1"), w.publish(name, b"2"))


@clause("MQTT-1.5.3-3", "MQTT-4.7.3-4")
@pytest.mark.parametrize(
    ("subscribed", "published"),
    [("a", "\ufeffa"), ("\ufeffa", "a"), ("\u00fc", "u\u0308"), ("a", "A"), ("a", "a "), ("a/b", "a//b"), ("a", "a/")],
    ids=ascii,
)
def test_similar_strings_are_different(wire: Open, subscribed: str, published: str) -> None:
    reader = wire().log_in("reader").subscribe((subscribed, 0))
    wire().log_in("writer").publish(published, b"x")
    reader.expect_quiet()


@clause("MQTT-4.7.3-3")
@pytest.mark.parametrize("name", ["x" * 65535, "主" * 21845], ids=["ASCII", "three bytes each"])
def test_topic_of_65535_bytes(wire: Open, name: str) -> None:
    reader = wire().log_in("reader").subscribe((name, 0))
    wire().log_in("writer").publish(name, b"x")
    reader.expect(w.publish(name, b"x"))


@pytest.mark.parametrize("length", [127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
def test_remaining_length_around_the_borders_of_its_bytes(wire: Open, length: int) -> None:
    payload = b"x" * (length - 3)
    reader = wire().log_in("reader").subscribe(("t", 0))
    wire().log_in("writer").publish("t", payload)
    assert reader.read_packet() == w.publish("t", payload)


@pytest.mark.parametrize("raw", [b"\xc0\x80\x00", b"\xc0\x80\x80\x80\x00"], ids=bytes.hex)
def test_remaining_length_in_more_bytes_than_needed_is_understood(wire: Open, raw: bytes) -> None:
    wire().log_in("c").send(raw).expect(w.PINGRESP)


@clause("MQTT-7.1.1-1")
def test_several_packets_in_one_segment(wire: Open) -> None:
    c = wire().send(w.connect("c") + w.subscribe(1, ("t", 0)) + w.publish("t", b"x") + w.PINGREQ + w.DISCONNECT)
    c.expect(w.CONNACK_OK, w.suback(1, 0), w.publish("t", b"x"), w.PINGRESP).expect_closed()


@clause("MQTT-7.1.1-1")
def test_packets_split_at_every_byte(wire: Open) -> None:
    steady = wire().log_in("steady")
    stream = w.connect("c") + w.subscribe(1, ("t", 0)) + w.publish("t", b"x")
    for cut in range(1, len(stream)):
        c = wire().send(stream[:cut])
        steady.expect_quiet()  # by now the first piece has been read
        c.send(stream[cut:]).expect(w.CONNACK_OK, w.suback(1, 0), w.publish("t", b"x")).leave()


@clause("MQTT-7.1.1-1")
def test_packets_one_byte_at_a_time(wire: Open) -> None:
    c, steady = wire(), wire().log_in("steady")
    for byte in w.connect("c") + w.subscribe(1, ("t", 0)) + w.publish("t", b"x"):
        c.send(bytes((byte,)))
        steady.expect_quiet()
    c.expect(w.CONNACK_OK, w.suback(1, 0), w.publish("t", b"x"))


@clause("MQTT-2.2.2-1", "MQTT-2.3.1-5", "MQTT-2.3.1-6", "MQTT-2.3.1-7", "MQTT-3.3.4-1", "MQTT-3.9.3-2")
def test_every_packet_of_the_server_byte_by_byte(wire: Open) -> None:
    c, writer = wire().send(w.connect("c")).expect(b"\x20\x02\x00\x00"), wire().log_in("writer")
    c.send(w.subscribe(0x1234, ("q0", 0), ("q1", 1), ("q2", 2))).expect(b"\x90\x05\x12\x34\x00\x01\x02")
    c.send(w.publish("up", b"", 1, 0xFFFF)).expect(b"\x40\x02\xff\xff")
    c.send(w.publish("up", b"", 2, 0xABCD)).expect(b"\x50\x02\xab\xcd")
    c.send(w.ack(w.PUBREL, 0xABCD)).expect(b"\x70\x02\xab\xcd")
    writer.publish("q0", b"hi")
    c.expect(b"\x30\x06\x00\x02q0hi")
    writer.publish("q1", b"hi", 1)
    c.expect(b"\x32\x08\x00\x02q1\x00\x01hi").send(b"\x40\x02\x00\x01")
    writer.publish("q2", b"hi", 2)
    c.expect(b"\x34\x08\x00\x02q2\x00\x02hi").send(b"\x50\x02\x00\x02")
    c.expect(b"\x62\x02\x00\x02").send(b"\x70\x02\x00\x02")
    c.send(w.PINGREQ).expect(b"\xd0\x00")
    c.send(w.unsubscribe(0x4321, "q0")).expect(b"\xb0\x02\x43\x21")
