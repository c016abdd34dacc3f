"""Strangers at the gateway's ports beside the module, and a faulty module that is taken for no stranger."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TypeAlias

import pytest

from rigs.cloud.attribution import Whose
from rigs.cloud.events import (
    Attributed,
    Closed,
    Connected,
    LoginChecked,
    Malformed,
    PacketSeen,
    Party,
    StrangersUnrecorded,
    Unfinished,
)
from rigs.cloud.login import Device
from rigs.cloud.service import Cloud
from rigs.cloud.visitors import _AT_MOST, IN_FULL
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.visits import visit
from tests.rigs.cloud.wire import DEADLINE, Wire

Open: TypeAlias = Callable[[], Wire]
FOREIGN = w.device_connect(Device("b7otherkeyx", "somebody-else", "secret"))
HTTP = b"GET /health HTTP/1.1\r\nHost: gateway\r\n\r\n"
CLIENT_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(64))


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rigs.cloud.service._SETTLING", 0.05)


def whose(cloud: Cloud, number: int) -> tuple[Whose, bool]:
    event = visit(cloud, number).attributed
    assert event is not None
    return event.whose, event.sure


def come_and_go(one: Wire) -> None:
    one.socket.close()


STRANGERS: dict[str, Callable[[Wire], object]] = {
    "connects and closes": come_and_go,
    "connects and resets": Wire.reset,
    "says nothing and stays": lambda one: one,
    "HTTP": lambda one: one.send(HTTP).expect_closed(),
    "TLS on the plain port": lambda one: one.send(CLIENT_HELLO).expect_closed(),
    "garbage": lambda one: one.send(b"\xff\xfe\x00" * 100).expect_closed(),
    "half a CONNECT": lambda one: one.send(FOREIGN[:20]).socket.close(),
    "half a CONNECT, and stays": lambda one: one.send(FOREIGN[:20]),
    "another device": lambda one: one.send(FOREIGN).expect(b"\x20\x02\x00\x05").expect_closed(),
    "another client": lambda one: one.send(w.connect("mqtt-explorer", username="admin", password=b"x")),
    "MQTT 5": lambda one: one.send(w.packet(0x10, w.text("MQTT") + b"\x05\x02\x00\x3c\x00" + w.text("probe"))),
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_before_beside_and_after_the_module_is_never_taken_for_it(
    cloud: Cloud, module: Open, device: Device, stranger: Callable[[Wire], object]
) -> None:
    stranger(module())
    mark = cloud.journal.mark()
    stranger(module())
    one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    stranger(module())
    session = cloud.session_since(mark)
    assert session is not None
    assert session.number == 3
    assert [c.number for c in cloud.connections] == [3]
    assert [c.number for c in cloud.sessions_open()] == [3]
    assert cloud.module_came_since(mark)
    assert {event.connection for event in cloud.journal.events()} <= {None, 3}
    visited = {event.connection for event in cloud.journal.everything() if isinstance(event, Connected)}
    assert visited == {1, 2, 3, 4}
    cloud.hang_up()
    one.expect_closed()
    ends = [event for event in cloud.journal.everything() if isinstance(event, Closed) and event.connection != 3]
    assert not [end for end in ends if "put away" in end.reason]


def test_what_a_stranger_said_is_recorded(cloud: Cloud, module: Open) -> None:
    module().send(HTTP).expect_closed()
    module().send(FOREIGN[:20]).socket.close()
    module().send(FOREIGN).expect(b"\x20\x02\x00\x05").expect_closed()
    for number in (1, 2, 3):
        assert visit(cloud, number).wait_closed(DEADLINE)
    events = cloud.journal.everything()
    assert [event.raw for event in events if isinstance(event, Malformed)] == [HTTP]
    assert [event.raw for event in events if isinstance(event, Unfinished)] == [FOREIGN[:20]]
    assert next(event.raw for event in visit(cloud, 3).events if isinstance(event, PacketSeen)) == FOREIGN
    assert whose(cloud, 3) == (Whose.STRANGER, True)
    assert visit(cloud, 3).attributed.to_record() == {  # type: ignore[union-attr]
        "kind": "cloud",
        "event": "attributed",
        "connection": 3,
        "whose": "stranger",
        "sure": True,
        "why": "CONNECT names another device",
    }


def test_a_stranger_satisfies_no_wait(cloud: Cloud, module: Open, device: Device) -> None:
    module().send(FOREIGN).expect(b"\x20\x02\x00\x05").expect_closed()
    module().send(HTTP).expect_closed()
    module()
    visit(cloud, 3)
    assert cloud.wait_connection(0) is None
    assert cloud.wait_online(0) is None
    assert cloud.journal.wait_for(lambda event: isinstance(event, PacketSeen | Malformed), 0) is None
    assert cloud.journal.of(LoginChecked) == ()
    assert not cloud.module_came_since(0)
    late = threading.Thread(target=lambda: module().send(w.device_connect(device)))
    late.start()
    connection = cloud.wait_connection(DEADLINE)
    late.join()
    assert connection is not None
    assert connection.number == 4


def test_a_connection_made_before_an_open_is_not_the_one_of_that_open(
    cloud: Cloud, module: Open, device: Device
) -> None:
    module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    assert cloud.session_since(cloud.journal.mark()) is None


LOGINS: dict[str, Callable[[Device], bytes]] = {
    "wrong signature": lambda device: w.device_connect(device, password="0" * 40),
    "password of the wrong form": lambda device: w.device_connect(device, password="x"),
    "wrong securemode": lambda device: w.device_connect(device, tls=True),
    "no bars": lambda device: w.connect("m", username=f"{device.device_name}&{device.product_key}", password=b"x"),
    "no password": lambda device: w.connect("m|securemode=3|", username=f"{device.device_name}&{device.product_key}"),
    "swapped": lambda device: w.connect("m|securemode=3|", username=f"{device.product_key}&{device.device_name}"),
    "cut": lambda device: w.connect("m|securemode=3|", username=f"{device.device_name}&{device.product_key}"[:-3]),
    "other name": lambda device: w.connect("m|securemode=3|", username=f"wrong&{device.product_key}"),
    "MQTT 3.1": lambda device: w.connect_packet(
        0x82, w.text("m") + w.text(f"{device.device_name}&{device.product_key}"), name="MQIsdp", level=3
    ),
    "MQTT 5": lambda device: w.connect_packet(
        0x82, b"\x00" + w.text("m") + w.text(f"{device.device_name}&{device.product_key}"), level=5
    ),
    "reserved flag": lambda device: w.connect_packet(
        0x83, w.text("m") + w.text(f"{device.device_name}&{device.product_key}")
    ),
    "garbage before it": lambda device: b"\x00\x00" + w.device_connect(device),
    "no user name": lambda _device: w.connect("m|securemode=3,signmethod=hmacsha1|"),
}
"""Faulty logins that give the module away."""


@pytest.mark.parametrize("login", LOGINS.values(), ids=LOGINS)
def test_a_faulty_login_is_still_the_modules_with_strangers_around(
    cloud: Cloud, module: Open, device: Device, login: Callable[[Device], bytes]
) -> None:
    mark = cloud.journal.mark()
    module().send(HTTP).expect_closed()
    module().send(login(device)).read(0)
    module().send(FOREIGN).expect(b"\x20\x02\x00\x05").expect_closed()
    module()
    assert visit(cloud, 2).wait_closed(DEADLINE)
    session = cloud.session_since(mark)
    assert session is not None
    assert session.number == 2
    assert whose(cloud, 2) == (Whose.MODULE, True)
    assert cloud.module_came_since(mark)


def test_garbage_in_a_segment_of_its_own_is_the_modules_when_its_login_follows(
    cloud: Cloud, module: Open, device: Device
) -> None:
    one = module().send(b"\x00\x00")
    one.expect_closed()
    one.send(w.device_connect(device)).socket.close()
    assert cloud.wait_connection(DEADLINE) is not None


@pytest.mark.parametrize("said", [b"", b"\x00\x01\x02", CLIENT_HELLO, w.connect("")], ids=["", "bytes", "tls", "empty"])
def test_a_module_that_never_names_itself_is_taken_for_it_unsurely(cloud: Cloud, module: Open, said: bytes) -> None:
    mark = cloud.journal.mark()
    one = module()
    if said:
        one.send(said)
    visit(cloud)
    session = cloud.session_since(mark)
    assert session is not None
    assert whose(cloud, 1) == (Whose.MODULE, False)
    assert not cloud.module_came_since(mark), "what is not sure proves no network"
    cloud.hang_up()
    assert session.wait_closed(DEADLINE)


def test_the_best_of_several_that_name_nobody_is_taken(cloud: Cloud, module: Open) -> None:
    mark = cloud.journal.mark()
    module().send(b"\xff\xff").expect_closed()
    module().send(w.connect("")).expect(b"\x20\x02\x00\x02")
    stays = module()
    visit(cloud, 3)
    session = cloud.session_since(mark)
    assert session is not None
    assert session.number == 2
    stays.expect_nothing(0.01)


def test_a_health_check_in_the_time_of_an_open_that_did_not_come_is_not_taken_for_the_module(
    cloud: Cloud, module: Open
) -> None:
    mark = cloud.journal.mark()
    module().socket.close()
    assert visit(cloud).wait_closed(DEADLINE)
    assert cloud.session_since(mark) is None
    assert whose(cloud, 1) == (Whose.STRANGER, True)
    assert not cloud.module_came_since(mark)


def test_a_silent_one_is_no_module_where_silent_strangers_came_beside_it(
    cloud: Cloud, module: Open, device: Device
) -> None:
    mark = cloud.journal.mark()
    module().socket.close()
    assert visit(cloud).wait_closed(DEADLINE)
    module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    assert cloud.session_since(mark) is not None
    mark = cloud.journal.mark()
    module()
    visit(cloud, 3)
    assert cloud.session_since(mark) is None


def test_a_login_that_is_still_on_its_way_when_open_is_answered_is_waited_for(
    cloud: Cloud, module: Open, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rigs.cloud.service._SETTLING", DEADLINE)
    mark = cloud.journal.mark()
    one = module()
    visit(cloud)
    late = threading.Timer(0.1, lambda: one.send(w.device_connect(device)))
    late.start()
    session = cloud.session_since(mark)
    late.join()
    assert session is not None
    assert whose(cloud, 1) == (Whose.MODULE, True)


def test_names_that_the_module_held_before_are_its_own(cloud: Cloud, module: Open) -> None:
    cloud.module_holds("b7otherkeyx", "")
    module().send(FOREIGN).expect(b"\x20\x02\x00\x05").expect_closed()
    assert cloud.wait_connection(DEADLINE) is not None


def test_tls_handshakes_by_the_host_they_ask_for(cloud: Cloud, device: Device) -> None:
    trusting = ssl.create_default_context(cadata=cloud.pki.ca_pem.decode())
    untrusting = ssl.create_default_context()
    host = f"{device.product_key.lower()}.iot-as-mqtt.cn-shanghai.aliyuncs.com"
    mark = cloud.journal.mark()
    with pytest.raises(ssl.SSLError):
        Wire(cloud.tls_address, untrusting, host)
    with pytest.raises(ssl.SSLError):
        Wire(cloud.tls_address, untrusting, "localhost")
    socket.create_connection(cloud.tls_address).close()
    with Wire(cloud.tls_address, trusting, "localhost"):
        for number in (1, 2, 3):
            assert visit(cloud, number).wait_closed(DEADLINE)
        visit(cloud, 4)
        session = cloud.session_since(mark)
        assert session is not None
        assert session.number == 1
        assert [c.number for c in cloud.connections] == [1]


def test_what_falls_back_to_plain_mqtt_on_the_tls_port_is_known_by_its_login(cloud: Cloud, device: Device) -> None:
    with Wire(cloud.tls_address) as one:
        one.send(w.device_connect(device))
        connection = cloud.wait_connection(DEADLINE)
    assert connection is not None
    assert connection.sure
    assert connection.over_tls
    assert connection.tls is None


def test_a_handshake_that_fails_before_its_name_is_read_is_known_by_it_all_the_same(
    cloud: Cloud, device: Device
) -> None:
    modern = ssl.create_default_context()
    modern.minimum_version = ssl.TLSVersion.TLSv1_3
    host = f"{device.product_key.lower()}.iot-as-mqtt.cn-shanghai.aliyuncs.com"
    with cloud.gateway.limiting_tls(ssl.TLSVersion.TLSv1_2), pytest.raises(ssl.SSLError):
        Wire(cloud.tls_address, modern, host)
    connection = cloud.wait_connection(DEADLINE)
    assert connection is not None
    assert connection.sure


def test_a_handshake_given_up_without_a_name_is_the_modules_when_nothing_better_came(cloud: Cloud) -> None:
    socket.create_connection(cloud.tls_address).close()
    with pytest.raises(ssl.SSLError):
        Wire(cloud.tls_address, ssl.create_default_context(), "localhost")
    for number in (1, 2):
        assert visit(cloud, number).wait_closed(DEADLINE)
    session = cloud.session_since(0)
    assert session is not None
    assert session.number == 2


def test_the_end_leaves_nobody_undecided() -> None:
    with Cloud() as cloud, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(Wire(cloud.address))
        visit(cloud, 3)
    decided = [event for event in cloud.journal.everything() if isinstance(event, Attributed)]
    assert [(event.connection, event.whose) for event in decided] == [(n, Whose.STRANGER) for n in (1, 2, 3)]


def test_a_crowd_is_counted_and_the_module_is_served_in_its_midst() -> None:
    crowd = IN_FULL + 50
    with Cloud() as cloud:
        device = cloud.register_device("a1pnQWj9dvs", "bench-k3Xq81Zz", "secret")
        for number in range(crowd):
            with Wire(cloud.address) as one:
                one.send(HTTP if number % 2 else FOREIGN)
        with Wire(cloud.address) as module:
            module.send(w.device_connect(device)).expect(w.CONNACK_OK)
            for _ in range(crowd):
                Wire(cloud.address).socket.close()
            module.expect_quiet()
            cloud.check()
        session = cloud.session_since(0)
        assert session is not None
        assert [c.number for c in cloud.connections] == [session.number]
    recorded = [event for event in cloud.journal.everything() if isinstance(event, Connected)]
    assert len(recorded) <= IN_FULL + 1
    (*_, count) = (event for event in cloud.journal.everything() if isinstance(event, StrangersUnrecorded))
    assert count.connections == 2 * crowd - IN_FULL


def test_more_open_connections_than_there_is_room_for_make_room_for_one_another(
    cloud: Cloud, module: Open, device: Device
) -> None:
    one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    with ExitStack() as stack:
        for _ in range(_AT_MOST + 50):
            stack.enter_context(Wire(cloud.address))
        two = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
        two.expect_quiet()
        one.expect_closed()
        crowded_out = [
            event for event in cloud.journal.everything() if isinstance(event, Closed) and event.by is Party.GATEWAY
        ]
        assert len(crowded_out) >= 50
        assert all("made room" in event.reason for event in crowded_out)


@pytest.mark.parametrize(
    "start",
    [b"", w.connect("c", username="u"), b"\x30\xff\xff\xff\x7f", b"\x10\xff\xff\xff\x7f", FOREIGN],
    ids=["garbage", "client", "endless publish", "endless connect", "device"],
)
def test_megabytes_from_a_stranger_are_neither_kept_nor_in_the_way(
    cloud: Cloud, module: Open, device: Device, start: bytes
) -> None:
    flood = module()
    flood.send(start)

    def pour() -> None:
        with flood, suppress(OSError):
            for _ in range(160):
                flood.send(b"\x00" * 65536)

    thread = threading.Thread(target=pour)
    thread.start()
    module().send(w.device_connect(device)).expect(w.CONNACK_OK).expect_quiet()
    assert visit(cloud).wait_closed(DEADLINE)
    thread.join()
    kept = sum(len(getattr(event, "raw", b"")) for event in visit(cloud).events)
    assert kept <= 70_000


def test_a_stranger_that_sends_many_packets_while_nothing_is_answered_is_cut_short(cloud: Cloud, module: Open) -> None:
    with cloud.gateway.silent_on_connect():
        module().send(FOREIGN + w.PINGREQ * 100_000).expect_closed()
    assert len([event for event in visit(cloud).events if isinstance(event, PacketSeen)]) <= 64
