from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rigs.cloud.attribution import Whose
from rigs.cloud.codec import Decoder, encode
from rigs.cloud.events import Attributed, Connected, Direction, Event, FaultOff, FaultOn, Malformed, PacketSeen, RawSent
from rigs.cloud.journal import Journal
from rigs.cloud.masking import masked_raw
from rigs.cloud.packets import Connect, MalformedPacket, Packet, Publish, QoS, Subscribe, Subscription, Will

SECRET = b"0123456789abcdef"
CONNECT = Connect("c|x|", True, 60, "u", SECRET, Will("w", b"bye", QoS.AT_LEAST_ONCE))


def seen(packet: Packet) -> PacketSeen:
    return PacketSeen(1.0, 3, Direction.UP, packet, encode(packet))


def test_packet_renders_itself_for_the_record() -> None:
    raw = encode(Publish("a/ü", b'{"\xff', QoS.AT_LEAST_ONCE, 7))
    assert seen(Publish("a/ü", b'{"\xff', QoS.AT_LEAST_ONCE, 7)).to_record() == {
        "kind": "mqtt",
        "connection": 3,
        "dir": "up",
        "packet": "PUBLISH",
        "fields": {"topic": "a/ü", "payload": '{"ÿ', "qos": 1, "packet_id": 7, "retain": False, "dup": False},
        "hex": raw.hex(),
    }


def test_nested_fields_become_json() -> None:
    record = seen(Subscribe(1, (Subscription("t", QoS.AT_LEAST_ONCE),))).to_record()
    assert json.loads(json.dumps(record))["fields"]["subscriptions"] == [{"topic_filter": "t", "qos": 1}]


def test_password_is_masked_with_equal_length_in_fields_and_hex() -> None:
    record = seen(CONNECT).to_record()
    assert record["fields"]["password"] == "*" * 16
    assert SECRET.hex() not in record["hex"]
    assert bytes.fromhex(record["hex"]) == encode(CONNECT).replace(SECRET, b"*" * 16)
    assert SECRET.decode() not in json.dumps(record)


@given(st.data())
@settings(deadline=None)
def test_password_of_a_damaged_connect_is_never_shown(data: st.DataObject) -> None:
    raw = bytearray(encode(CONNECT))
    start = raw.index(SECRET)
    raw[data.draw(st.integers(1, start - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(raw[: data.draw(st.integers(start, len(raw)))])
    masked = masked_raw(broken)
    assert len(masked) == len(broken)
    try:
        packets = Decoder().feed(broken)
    except MalformedPacket:
        packets = []
    if not packets:  # else the damaged packet is a good one with other fields
        assert SECRET[:4] not in masked


@pytest.mark.parametrize(
    "event", [Malformed(1.0, 3, b"\x10\x05" + SECRET, "reason", "clause"), RawSent(1.0, 3, b"\xf0\x00")]
)
def test_raw_bytes_are_recorded_as_masked_hex(event: Event) -> None:
    record = event.to_record()
    assert record["kind"] == "cloud"
    assert "raw" not in record
    assert SECRET.hex() not in record["hex"]
    json.dumps(record)


def test_waiting_finds_the_past_and_the_future() -> None:
    journal = Journal()
    journal.append(FaultOn(1.0, None, "one"))
    assert journal.wait_for(lambda event: isinstance(event, FaultOn), 0) is not None
    mark = journal.mark()
    assert journal.wait_for(lambda event: isinstance(event, FaultOn), 0, since=mark) is None
    later = FaultOff(2.0, None, "one")
    thread = threading.Thread(target=journal.append, args=(later,))
    thread.start()
    assert journal.wait_for(lambda event: isinstance(event, FaultOff), 10, since=mark) is later
    thread.join()
    assert journal.events(mark) == (later,)


def test_record_has_an_event_before_a_waiter_sees_it() -> None:
    recorded: list[Event] = []
    journal = Journal(recorded.append)
    event = FaultOn(1.0, None, "x")
    thread = threading.Thread(target=journal.append, args=(event,))
    thread.start()
    assert journal.wait_for(lambda _: True, 10) is event
    assert recorded == [event]
    thread.join()


def test_end_wakes_whoever_waits() -> None:
    journal = Journal()
    thread = threading.Thread(target=journal.end)
    thread.start()
    assert journal.wait_for(lambda _: True, 60) is None
    thread.join()


def test_what_a_connection_did_is_shown_once_it_is_the_modules_and_never_when_it_is_a_strangers() -> None:
    journal = Journal()
    mine, theirs = Connected(1.0, 1, "127.0.0.1:1", False), Connected(2.0, 2, "127.0.0.1:2", False)
    journal.append(mine)
    journal.append(theirs)
    assert journal.events() == ()
    stranger = Attributed(3.0, 2, Whose.STRANGER, True, "")
    module = Attributed(4.0, 1, Whose.MODULE, True, "")
    journal.append(stranger)
    thread = threading.Thread(target=journal.append, args=(module,))
    thread.start()
    assert journal.wait_for(lambda event: isinstance(event, Connected), 10) is mine
    thread.join()
    assert journal.events() == (mine, module)
    assert journal.of(Connected) == (mine,)
    assert journal.wait_for(lambda event: event is theirs, 0) is None
    assert journal.wait_in(2, lambda event: event is theirs, 0) is theirs
    assert journal.everything() == (mine, theirs, stranger, module)
