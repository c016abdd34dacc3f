from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rigs.cloud.codec import Decoder, encode
from rigs.cloud.packets import (
    Connack,
    ConnackCode,
    Connect,
    Disconnect,
    ForeignConnect,
    MalformedPacket,
    Packet,
    Pingreq,
    Pingresp,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    QoS,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
    Will,
)
from tests.rigs.cloud.clauses import clause

BYTES = [
    (Connect("c", True, 60), "10 0d 0004 4d515454 04 02 003c 0001 63"),
    (
        Connect("", False, 1200, "u&p", b"\xff", Will("w", b"", QoS.EXACTLY_ONCE, True)),
        "10 19 0004 4d515454 04 f4 04b0 0000 0001 77 0000 0003 752670 0001 ff",
    ),
    (Connack(ConnackCode.ACCEPTED, True), "20 02 01 00"),
    (Connack(ConnackCode.NOT_AUTHORIZED), "20 02 00 05"),
    (Publish("a/b", b"hi"), "30 07 0003 612f62 6869"),
    (Publish("a", b"", QoS.AT_LEAST_ONCE, 10, retain=True, dup=True), "3b 05 0001 61 000a"),
    (Publish("ü", b"\x00", QoS.EXACTLY_ONCE, 65535), "34 07 0002 c3bc ffff 00"),
    (Puback(1), "40 02 0001"),
    (Pubrec(2), "50 02 0002"),
    (Pubrel(3), "62 02 0003"),
    (Pubcomp(4), "70 02 0004"),
    (
        Subscribe(10, (Subscription("a/#", QoS.AT_LEAST_ONCE), Subscription("+", QoS.AT_MOST_ONCE))),
        "82 0c 000a 0003 612f23 01 0001 2b 00",
    ),
    (Suback(10, (1, 0x80)), "90 04 000a 01 80"),
    (Unsubscribe(11, ("a", "b/+")), "a2 0a 000b 0001 61 0003 622f2b"),
    (Unsuback(11), "b0 02 000b"),
    (Pingreq(), "c0 00"),
    (Pingresp(), "d0 00"),
    (Disconnect(), "e0 00"),
]


def breach(named: str, data: str) -> Any:
    """Bytes and the statement that the error names; where the standard gives no identifier, the section."""
    return pytest.param(named, data, marks=clause(named) if named.startswith("MQTT-") else (), id=f"{named} {data}")


MALFORMED = [
    breach("MQTT section 2.2.1", "00 00"),
    breach("MQTT section 2.2.1", "f0 00"),
    breach("MQTT-2.2.2-2", "c1 00"),
    breach("MQTT-2.2.2-2", "42 02 0001"),
    breach("MQTT-3.14.1-1", "e1 00"),
    breach("MQTT-3.6.1-1", "60 02 0001"),
    breach("MQTT-3.8.1-1", "80 06 0001 0001 61 00"),
    breach("MQTT-3.10.1-1", "a0 05 0001 0001 61"),
    breach("MQTT section 2.2.3", "30 ff ff ff ff"),
    breach("MQTT section 2.2.3", "c0 01 00"),
    breach("MQTT section 2.2.3", "40 01 00"),
    breach("MQTT section 2.2.3", "30 02 0005"),
    breach("MQTT-2.3.1-1", "40 02 0000"),
    breach("MQTT-2.3.1-1", "32 05 0001 61 0000"),
    breach("MQTT-2.3.1-1", "82 06 0000 0001 61 00"),
    breach("MQTT-2.3.1-1", "a2 05 0000 0001 61"),
    breach("MQTT-3.3.1-4", "36 05 0001 61 0001"),
    breach("MQTT-3.3.1-2", "38 03 0001 61"),
    breach("MQTT-3.3.2-2", "30 04 0002 2b61"),
    breach("MQTT-3.3.2-2", "30 03 0001 23"),
    breach("MQTT-4.7.3-1", "30 02 0000"),
    breach("MQTT-4.7.3-1", "82 05 0001 0000 00"),
    breach("MQTT-1.5.3-1", "30 05 0003 eda080"),
    breach("MQTT-1.5.3-1", "30 04 0002 c080"),
    breach("MQTT-1.5.3-1", "30 03 0001 ff"),
    breach("MQTT-1.5.3-2", "30 04 0002 6100"),
    breach("MQTT-3.8.3-3", "82 02 0001"),
    breach("MQTT-3-8.3-4", "82 06 0001 0001 61 03"),
    breach("MQTT-3-8.3-4", "82 06 0001 0001 61 80"),
    breach("MQTT-3.10.3-2", "a2 02 0001"),
    breach("MQTT-4.7.1-2", "82 09 0001 0004 23 2f 61 62 00"),
    breach("MQTT-4.7.1-2", "82 07 0001 0002 6123 00"),
    breach("MQTT-4.7.1-3", "82 07 0001 0002 612b 00"),
    breach("MQTT-3.1.2-1", "10 0d 0004 4d515458 04 02 003c 0001 63"),
    breach("MQTT-3.1.2-1", "10 0f 0006 4d5149736470 03 02 003c 0001 63"),
    breach("MQTT-3.1.2-3", "10 0d 0004 4d515454 04 03 003c 0001 63"),
    breach("MQTT-3.1.2-13", "10 0d 0004 4d515454 04 0a 003c 0001 63"),
    breach("MQTT-3.1.2-14", "10 12 0004 4d515454 04 1e 003c 0001 63 0001 77 0000"),
    breach("MQTT-3.1.2-15", "10 0d 0004 4d515454 04 22 003c 0001 63"),
    breach("MQTT-3.1.2-22", "10 10 0004 4d515454 04 42 003c 0001 63 0001 70"),
    breach("MQTT section 2.2.3", "10 0e 0004 4d515454 04 02 003c 0001 63 00"),
    breach("MQTT-3.2.2-4", "20 02 01 05"),
    breach("MQTT-3.2.2-6", "20 02 00 06"),
    breach("MQTT section 3.2.2.1", "20 02 02 00"),
    breach("MQTT-3.9.3-2", "90 03 0001 03"),
    breach("MQTT-1.5.3-1", "82 06 0001 0001 ff 00"),
    breach("MQTT-1.5.3-1", "a2 05 0001 0001 ff"),
    breach("MQTT-1.5.3-1", "10 0d 0004 4d515454 04 02 003c 0001 ff"),
    breach("MQTT-2.2.2-2", "11 0d 0004 4d515454 04 02 003c 0001 63"),
    breach("MQTT-2.2.2-2", "21 02 0000"),
    breach("MQTT-2.3.1-1", "90 03 0000 00"),
    breach("MQTT-2.3.1-1", "b0 02 0000"),
    breach("MQTT-4.7.1-1", "10 12 0004 4d515454 04 06 003c 0001 63 0001 23 0000"),
    breach("MQTT-3.8.4-5", "90 02 0001"),
    breach("MQTT-3.9.3-2", "90 04 0001 00 ff"),
]


@pytest.mark.parametrize(("packet", "data"), BYTES, ids=lambda value: str(value)[:24])
def test_packet_and_bytes_of_the_standard_belong_together(packet: Packet, data: str) -> None:
    raw = bytes.fromhex(data)
    assert encode(packet) == raw
    assert Decoder().feed(raw) == [(packet, raw)]


@pytest.mark.parametrize(("named", "data"), MALFORMED)
def test_breach_is_named_by_its_clause(named: str, data: str) -> None:
    with pytest.raises(MalformedPacket) as caught:
        Decoder().feed(bytes.fromhex(data))
    assert caught.value.clause == named
    assert caught.value.raw == bytes.fromhex(data)


def test_every_packet_type_is_covered() -> None:
    assert {packet.TYPE for packet, _ in BYTES} == set(range(1, 15))


def test_connect_of_another_protocol_level_is_no_malformed_packet() -> None:
    mqtt5 = bytes.fromhex("10 0e 0004 4d515454 05 02 003c 00 0001 63")
    assert Decoder().feed(mqtt5) == [(ForeignConnect(5), mqtt5)]


@pytest.mark.parametrize("size", [0, 121, 122, 16_376, 16_377, 2_097_144, 2_097_145])
def test_remaining_length_around_the_borders_of_its_digits(size: int) -> None:
    packet = Publish("abcde", b"x" * size)
    raw = encode(packet)
    assert Decoder().feed(raw) == [(packet, raw)]


def test_good_packets_before_a_malformed_one_are_not_lost() -> None:
    decoder = Decoder()
    with pytest.raises(MalformedPacket) as caught:
        decoder.feed(b"\xc0\x00\xe0\x00\xf0\x00")
    assert [packet for packet, _ in caught.value.decoded] == [Pingreq(), Disconnect()]
    with pytest.raises(MalformedPacket) as again:
        decoder.feed(b"\xc0\x00")
    assert again.value.decoded == []


@pytest.mark.parametrize(
    "packet",
    [
        Puback(0),
        Puback(65536),
        Publish("a", b"", QoS.AT_LEAST_ONCE),
        Publish("a", b"", QoS.AT_MOST_ONCE, 1),
        Publish("\ud800", b""),
        Publish("a" * 65536, b""),
        Connect("c", keep_alive=65536),
        ForeignConnect(5),
    ],
    ids=repr,
)
def test_what_has_no_place_on_the_wire_is_not_encoded(packet: Packet) -> None:
    with pytest.raises(ValueError):
        encode(packet)


@pytest.mark.parametrize("secret", [b"0123456789abcdef"])
def test_password_does_not_show_in_a_repr(secret: bytes) -> None:
    assert secret.decode() not in repr(Connect("c", username="u", password=secret))


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0+#"), min_size=1, max_size=20)
qualities = st.sampled_from(QoS)
identifiers = st.integers(1, 65535)
payloads = st.binary(max_size=300)
wills = st.builds(Will, names, payloads, qualities, st.booleans())


@st.composite
def connects(draw: st.DrawFn) -> Connect:
    username = draw(st.none() | names)
    password = draw(st.none() | payloads) if username is not None else None
    return Connect(
        draw(names), draw(st.booleans()), draw(st.integers(0, 65535)), username, password, draw(st.none() | wills)
    )


@st.composite
def publishes(draw: st.DrawFn) -> Publish:
    qos = draw(qualities)
    identifier = draw(identifiers) if qos else None
    dup = draw(st.booleans()) if qos else False
    return Publish(draw(names), draw(payloads), qos, identifier, draw(st.booleans()), dup)


packets = st.one_of(
    connects(),
    publishes(),
    st.builds(Connack, st.just(ConnackCode.ACCEPTED), st.booleans()),
    st.builds(Connack, st.sampled_from(ConnackCode)),
    *(st.builds(kind, identifiers) for kind in (Puback, Pubrec, Pubrel, Pubcomp, Unsuback)),
    st.builds(
        Subscribe, identifiers, st.lists(st.builds(Subscription, names, qualities), min_size=1, max_size=5).map(tuple)
    ),
    st.builds(Suback, identifiers, st.lists(st.sampled_from([0, 1, 2, 128]), min_size=1, max_size=5).map(tuple)),
    st.builds(Unsubscribe, identifiers, st.lists(names, min_size=1, max_size=5).map(tuple)),
    st.sampled_from([Pingreq(), Pingresp(), Disconnect()]),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Good packets on end, some of whose bytes are changed, lost or added."""
    stream = bytearray(b"".join(map(encode, draw(st.lists(packets, min_size=1, max_size=4)))))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(stream)))
        stream[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(stream)


@settings(deadline=None)
@given(st.lists(packets, min_size=1, max_size=6), st.data())
def test_packets_survive_any_split_of_the_stream(sent: list[Packet], data: st.DataObject) -> None:
    stream = b"".join(map(encode, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    decoder = Decoder()
    received = [
        pair
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for pair in decoder.feed(stream[start:end])
    ]
    assert [packet for packet, _ in received] == sent
    assert b"".join(raw for _, raw in received) == stream
    assert decoder.pending == b""


def outcome(chunks: list[bytes]) -> tuple[list[tuple[Packet, bytes]], str | None]:
    """All packets and the clause of the error that ended them; anything but MalformedPacket passes through."""
    decoder, packets = Decoder(), []
    for chunk in chunks:
        try:
            packets += decoder.feed(chunk)
        except MalformedPacket as error:
            return packets + error.decoded, error.clause
    return packets, None


@settings(deadline=None, max_examples=500)
@given(st.binary(max_size=200) | damaged())
@example(b"\x10\x00")
@example(b"\x30\x80\x80\x80\x01")
@example(b"\x30\xff\xff\xff\x7f")
def test_no_byte_string_raises_anything_but_the_malformed_error_however_it_is_split(data: bytes) -> None:
    assert outcome([data[i : i + 1] for i in range(len(data))]) == outcome([data])


@settings(deadline=None, max_examples=500)
@given(damaged())
def test_whatever_is_understood_can_be_said_again(data: bytes) -> None:
    for packet, _raw in outcome([data])[0]:
        if not isinstance(packet, ForeignConnect):
            again = encode(packet)
            assert Decoder().feed(again) == [(packet, again)]
