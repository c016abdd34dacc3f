"""capture.pcapng: what a record says of the network, as packets. How Wireshark reads it: test_capture_in_tshark.py."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from reports.capture import render_capture, write_capture
from reports.capture.frames import Capture, Frame
from reports.capture.tcp import SEGMENT
from reports.record import RecordError
from rigs.cloud.codec import encode
from rigs.cloud.events import (
    BenchFailure,
    Direction,
    Ending,
    FaultOff,
    FaultOn,
    Malformed,
    PacketSeen,
    PacketWithheld,
    Party,
    RawSent,
    TlsEstablished,
    TlsFailed,
)
from rigs.cloud.packets import Disconnect, Pingreq, Puback, QoS, Subscribe, Subscription
from tests.reports.network import CONNECT, PASSWORD, Network

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MODULE, GATEWAY = "127.0.0.1:40001", "127.0.0.1:1883"


@dataclass(frozen=True)
class Segment:
    """A packet of the capture, taken apart."""

    source: str
    destination: str
    seq: int
    ack: int
    flags: int
    data: bytes

    @classmethod
    def of(cls, frame: Frame) -> Segment:
        packet = frame.packet
        if packet[0] >> 4 == 4:
            addresses, tcp = packet[12:20], packet[20:]
            assert ones_complement_sum(packet[:20]) == 0xFFFF
            assert int.from_bytes(packet[2:4], "big") == len(packet)
        else:
            addresses, tcp = packet[8:40], packet[40:]
            assert int.from_bytes(packet[4:6], "big") == len(tcp)
        assert ones_complement_sum(addresses + struct.pack("!II", len(tcp), 6) + tcp) == 0xFFFF
        half = len(addresses) // 2
        source, destination, seq, ack, offset, flags = struct.unpack("!HHIIBB", tcp[:14])
        return cls(
            f"{ip_address(addresses[:half])}:{source}",
            f"{ip_address(addresses[half:])}:{destination}",
            seq,
            ack,
            flags,
            tcp[offset >> 4 << 2 :],
        )


def ones_complement_sum(data: bytes) -> int:
    total = sum(word for (word,) in struct.iter_unpack("!H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    return total


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with Network(tmp_path) as network:
        yield network


def frames(network: Network) -> list[Frame]:
    return Capture(network.read(), strict=False).frames


def segments(network: Network) -> list[Segment]:
    return [Segment.of(frame) for frame in frames(network)]


def comments(frames: list[Frame]) -> list[str]:
    return [comment for frame in frames for comment in frame.comments]


def comment_with(frames: list[Frame], word: str) -> tuple[Segment, str]:
    """The one comment that holds this word, and the packet that it stands on."""
    ((frame, comment),) = [(frame, comment) for frame in frames for comment in frame.comments if word in comment]
    return Segment.of(frame), comment


def test_a_connection_is_a_whole_tcp_conversation(network: Network) -> None:
    network.online()
    network.up(Disconnect())
    network.closed()
    assert [(s.source, s.flags, len(s.data)) for s in segments(network)] == [
        (MODULE, SYN, 0),
        (GATEWAY, SYN | ACK, 0),
        (MODULE, ACK, 0),
        (MODULE, PSH | ACK, len(encode(CONNECT))),
        (GATEWAY, PSH | ACK, 4),
        (MODULE, PSH | ACK, 2),
        (MODULE, FIN | ACK, 0),
        (GATEWAY, FIN | ACK, 0),
        (MODULE, ACK, 0),
    ]


def test_sequence_numbers_count_what_was_sent_and_acknowledgements_what_was_got(network: Network) -> None:
    network.online()
    network.closed()
    following: dict[str, int] = {}
    for segment in segments(network):
        assert segment.seq == following.get(segment.source, segment.seq)
        assert segment.ack == (following[segment.destination] if segment.flags & ACK else 0)
        following[segment.source] = segment.seq + len(segment.data) + bool(segment.flags & (SYN | FIN))
    assert len(set(following.values())) == 2, "both sides have sent, not equally much"


@pytest.mark.parametrize("size", [1, SEGMENT, SEGMENT + 1, 3 * SEGMENT])
def test_a_packet_takes_as_many_segments_as_it_needs(network: Network, size: int) -> None:
    raw = bytes(number % 251 for number in range(size))
    network.online()
    network.add(RawSent(network.later(), 1, raw))
    pieces = segments(network)[5:]
    assert b"".join(piece.data for piece in pieces) == raw
    assert len(pieces) == -(-size // SEGMENT)
    assert [bool(piece.flags & PSH) for piece in pieces] == [False] * (len(pieces) - 1) + [True]


@pytest.mark.parametrize(("by", "ender"), [(Party.MODULE, MODULE), (Party.GATEWAY, GATEWAY), (Party.BROKER, GATEWAY)])
@pytest.mark.parametrize("how", [Ending.FIN, Ending.RST])
def test_the_connection_is_ended_by_whoever_ended_it(network: Network, by: Party, ender: str, how: Ending) -> None:
    network.online()
    network.closed(1, by, how, "a reason")
    ending = segments(network)[5:]
    assert (ending[0].source, ending[0].flags) == (ender, (FIN if how is Ending.FIN else RST) | ACK)
    assert len(ending) == (3 if how is Ending.FIN else 1)


def test_a_lost_connection_is_ended_by_no_packet(network: Network) -> None:
    network.online()
    network.closed(1, Party.MODULE, Ending.LOST, "No route to host")
    captured = frames(network)
    assert len(captured) == 5
    assert "ended by the module: No route to host" in captured[-1].comments[0]


def test_what_arrived_as_the_gateway_hung_up_comes_before_the_end(network: Network) -> None:
    network.online()
    network.closed(1, Party.GATEWAY, Ending.FIN, "dropped on purpose")
    network.up(Pingreq())
    captured = frames(network)
    assert [Segment.of(frame).data for frame in captured[5:]] == [encode(Pingreq()), b"", b"", b""]
    assert captured[5].microseconds == captured[6].microseconds


def test_frames_carry_the_times_of_the_record(network: Network) -> None:
    network.online()
    record = network.read()
    walls = [
        record.wall_of(event)
        for event in record.events
        if event.kind == "mqtt" or event.data.get("event") == "connected"
    ]
    expected = [round(datetime.fromisoformat(wall).timestamp() * 1_000_000) for wall in walls]
    stamps = [frame.microseconds for frame in Capture(record, strict=False).frames]
    assert stamps == [expected[0]] * 3 + expected[1:]


def test_the_port_of_every_conversation_is_that_of_mqtt(network: Network) -> None:
    network.online(1, "127.0.0.1:40001")
    network.online(2, "127.0.0.1:40002", tls=True)
    captured = frames(network)
    assert {Segment.of(frame).destination for frame in captured if not frame.tls} == {GATEWAY, MODULE}
    assert {Segment.of(frame).destination for frame in captured if frame.tls} == {GATEWAY, "127.0.0.1:40002"}


def test_a_port_that_comes_again_is_replaced(network: Network) -> None:
    """The module may use one port towards both ports of the gateway, which are one in the capture."""
    for number in (1, 2, 3):
        network.online(number, "127.0.0.1:40001", tls=number == 2)
        network.closed(number)
    callers = [segment.source for segment in segments(network) if segment.flags == SYN]
    assert callers == ["127.0.0.1:40001", "127.0.0.1:49152", "127.0.0.1:49153"]


@pytest.mark.parametrize(
    ("listens", "peer", "client", "server"),
    [
        ("192.0.2.10", "198.51.100.7:1024", "198.51.100.7:1024", "192.0.2.10:1883"),
        ("0.0.0.0", "198.51.100.7:1024", "198.51.100.7:1024", "192.0.2.1:1883"),
        ("::", "2001:db8::7:1024", "2001:db8::7:1024", "2001:db8::1:1883"),
        ("::1", "::1:1024", "::1:1024", "::1:1883"),
        ("127.0.0.1", "127.0.0.1:1883", "127.0.0.1:49152", "127.0.0.1:1883"),
        ("127.0.0.1", "gone already", "192.0.2.2:49152", "127.0.0.1:1883"),
        ("127.0.0.1", "127.0.0.1:99999", "192.0.2.2:49152", "127.0.0.1:1883"),
        ("bench.example", "198.51.100.7:1024", "198.51.100.7:1024", "192.0.2.1:1883"),
    ],
)
def test_addresses_are_the_recorded_ones_as_far_as_they_can_be_used(
    network: Network, listens: str, peer: str, client: str, server: str
) -> None:
    network.listening(listens)
    network.online(1, peer)
    first = segments(network)[0]
    assert (first.source, first.destination) == (client, server)


def test_the_first_packet_of_each_test_names_the_test(network: Network) -> None:
    network.begin_test("conformance/test_x.py::test_one")
    network.online()
    network.end_test("DEVIATION")
    network.begin_test("conformance/test_x.py::test_two[\x1b]")
    network.up(Pingreq())
    network.up(Pingreq())
    network.end_test()
    network.closed()
    record = network.read()
    tests = [text for text in comments(Capture(record, strict=True).frames) if "test" in text]
    assert tests == [
        "test conformance/test_x.py::test_one: FAIL",
        "test conformance/test_x.py::test_two[\\x1b]: PASS",
        "outside any test",
    ]
    assert "test conformance/test_x.py::test_one: DEVIATION" in comments(Capture(record, strict=False).frames)


def test_a_connection_says_where_it_came_from_and_what_its_tls_was(network: Network) -> None:
    network.connected(7, tls=True)
    network.add(TlsEstablished(network.later(), 7, "TLSv1.3", "TLS_AES_256_GCM_SHA384", (), "pk.example", None))
    network.up(CONNECT, 7)
    captured = frames(network)
    assert all(frame.tls for frame in captured)
    _, comment = comment_with(captured, "TLSv1.3")
    assert comment.endswith("TLS removed: TLSv1.3, TLS_AES_256_GCM_SHA384, SNI pk.example, ALPN none")
    syn, comment = comment_with(captured, MODULE)
    assert syn.flags == SYN
    assert comment == f"connection 7 from {MODULE} to the TLS port, TLS removed"


def test_a_failed_handshake_is_a_comment_in_an_empty_conversation(network: Network) -> None:
    network.connected(1, tls=True)
    network.add(TlsFailed(network.later(), 1, "TLSV1_ALERT_UNKNOWN_CA", None))
    network.closed(1, Party.MODULE, Ending.LOST, "TLS handshake failed")
    captured = frames(network)
    assert len(captured) == 3
    _, comment = comment_with(captured, "UNKNOWN_CA")
    assert comment.endswith("the TLS handshake failed: TLSV1_ALERT_UNKNOWN_CA, SNI none")


def test_faults_stand_on_the_packet_that_comes_next_with_their_own_time(network: Network) -> None:
    network.online()
    network.add(FaultOn(network.later(), None, "blackhole"))
    network.up(Pingreq())
    network.add(FaultOff(network.later(), None, "blackhole"))
    network.add(BenchFailure(network.later(), None, "the broker died", "look after it"))
    captured = frames(network)
    on, begins = comment_with(captured, "begins")
    assert on.data == encode(Pingreq())
    assert begins.endswith("Z: fault of the gateway begins: blackhole")
    assert datetime.fromisoformat(begins.partition(": ")[0]).timestamp() * 1e6 < captured[5].microseconds
    assert [text.partition(": ")[2] for text in captured[-1].comments[1:]] == [
        "fault of the gateway ends: blackhole",
        "the bench broke: the broker died",
    ], "nothing comes after them, so they stand on the last packet"


def test_a_packet_withheld_from_the_module_is_no_packet(network: Network) -> None:
    network.online()
    network.add(PacketWithheld(network.later(), 1, Direction.DOWN, Puback(1), encode(Puback(1))))
    captured = frames(network)
    assert len(captured) == 5
    _, comment = comment_with(captured, "withheld")
    assert 'withheld from the module, so never on this wire: PUBACK {"packet_id": 1}' in comment
    assert comment.endswith("40020001")


def test_a_packet_withheld_from_the_broker_was_on_the_wire(network: Network) -> None:
    subscribe = Subscribe(1, (Subscription("t", QoS.AT_LEAST_ONCE),))
    network.online()
    network.up(subscribe)
    network.add(PacketWithheld(network.later(), 1, Direction.UP, subscribe, encode(subscribe)))
    on, comment = comment_with(frames(network), "withheld")
    assert on.data == encode(subscribe)
    assert "withheld from the broker behind the gateway: SUBSCRIBE" in comment


def test_bytes_that_a_test_had_sent_went_over_the_wire(network: Network) -> None:
    network.online()
    network.add(RawSent(network.later(), 1, b"\xf0\x00"))
    on, comment = comment_with(frames(network), "on purpose")
    assert (on.source, on.data) == (GATEWAY, b"\xf0\x00")
    assert comment == "sent by a test on purpose: f0 00"


def test_malformed_bytes_of_the_module_went_over_the_wire(network: Network) -> None:
    network.online()
    network.add(Malformed(network.later(), 1, b"\x36\x00", "PUBLISH with QoS 3", "MQTT-3.3.1-4"))
    on, comment = comment_with(frames(network), "malformed")
    assert (on.source, on.data) == (MODULE, b"\x36\x00")
    assert comment == "malformed: PUBLISH with QoS 3 [MQTT-3.3.1-4]: 36 00"


def test_a_packet_out_of_place_is_written_once(network: Network) -> None:
    network.connected()
    network.add(PacketSeen(network.later(), 1, Direction.UP, Pingreq(), encode(Pingreq())))
    network.add(Malformed(network.later(), 1, encode(Pingreq()), "PINGREQ before CONNECT", "MQTT-3.1.0-1"))
    captured = frames(network)
    assert [Segment.of(frame).data for frame in captured[3:]] == [encode(Pingreq())]
    assert "PINGREQ before CONNECT [MQTT-3.1.0-1]" in comment_with(captured, "malformed")[1]


def test_long_bytes_are_shown_in_part(network: Network) -> None:
    network.online()
    network.add(RawSent(network.later(), 1, bytes(100_000)))
    assert comment_with(frames(network), "on purpose")[1].endswith("00 00 ... (100000 bytes)")


def test_a_packet_without_bytes_is_told_of(network: Network) -> None:
    network.online()
    network.write("mqtt", connection=1, dir="up", packet="PINGREQ", fields={}, hex=None)
    captured = frames(network)
    assert len(captured) == 5
    assert captured[-1].comments[-1].endswith("PINGREQ: the record holds no bytes of it")


def test_a_connection_whose_beginning_is_not_recorded_has_no_handshake(network: Network) -> None:
    network.up(Pingreq(), 3)
    network.closed(3)
    assert [segment.flags for segment in segments(network)] == [PSH | ACK, FIN | ACK, FIN | ACK, ACK]


def test_the_password_is_in_no_capture(network: Network) -> None:
    network.online()
    network.add(Malformed(network.later(), 1, encode(CONNECT)[:-1], "packet ends within a field", "MQTT section 2.2.3"))
    capture = render_capture(network.read(), strict=False)
    assert capture is not None
    for secret in (PASSWORD, PASSWORD[:8], PASSWORD.hex().encode(), PASSWORD.hex(" ").encode()):
        assert secret not in capture
    assert b"dn&pk" in capture
    assert b"*" * len(PASSWORD) in capture


def test_a_run_that_died_has_a_capture(network: Network) -> None:
    network.begin_test("conformance/test_x.py::test_one")
    network.online()
    record = network.read()
    assert not record.complete
    capture = render_capture(record, strict=False)
    assert capture is not None
    assert b"verdict: BENCH ERROR (the run died)" in capture
    assert b"test conformance/test_x.py::test_one: not finished" in capture


def test_a_run_without_mqtt_has_no_capture(network: Network, tmp_path: Path) -> None:
    network.connected(1, tls=True)
    network.closed()
    assert not write_capture(tmp_path / "capture.pcapng", network.read(), strict=False)
    assert not (tmp_path / "capture.pcapng").exists()


def test_the_same_record_gives_the_same_capture(network: Network) -> None:
    network.online()
    record = network.read()
    assert render_capture(record, strict=False) == render_capture(record, strict=False)


def test_no_value_is_too_long_for_the_file(network: Network) -> None:
    network.begin_test("测" * 40_000)
    network.online()
    capture = render_capture(network.read(), strict=False)
    assert capture is not None
    position = 0
    while position < len(capture):
        (length,) = struct.unpack_from("<I", capture, position + 4)
        assert length % 4 == 0
        assert struct.unpack_from("<I", capture, position + length - 4) == (length,)
        position += length
    assert position == len(capture)


@pytest.mark.parametrize("hex_", ["4", "zz", "é"])
def test_bytes_that_are_no_hex_are_refused_in_one_line(network: Network, hex_: str) -> None:
    network.write("mqtt", connection=1, dir="up", packet="PINGREQ", fields={}, hex=hex_)
    with pytest.raises(RecordError, match=r"record\.jsonl: line 5: a mqtt event without a proper 'hex'$"):
        render_capture(network.read(), strict=False)


def test_a_start_that_is_no_time_is_refused_in_one_line(network: Network, tmp_path: Path) -> None:
    network.online()
    record = network.read()
    lines = network.path.read_bytes().split(b"\n")
    lines[0] = lines[0].replace(record.started.encode(), b"yesterday")
    network.path.write_bytes(b"\n".join(lines))
    with pytest.raises(RecordError, match=r"line 1: 'wall' is no time, but 'yesterday'$"):
        render_capture(network.read(), strict=False)
