"""The gateway between a module of bare bytes and the broker behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from rigs.cloud.connection import Connection
from rigs.cloud.events import Direction, Ending, LoginChecked, Malformed, Party
from rigs.cloud.login import Device, LoginProblem
from rigs.cloud.packets import Connack, Connect, Disconnect, Puback, Publish, QoS, Suback, Subscribe, Subscription
from rigs.cloud.service import Cloud
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.visits import visit
from tests.rigs.cloud.wire import DEADLINE, Wire

Open: TypeAlias = Callable[[], Wire]
TOPIC = "/a1pnQWj9dvs/test/user/test"


def first_connection(cloud: Cloud) -> Connection:
    connection = cloud.wait_connection(DEADLINE)
    assert connection is not None
    return connection


def closed(connection: Connection) -> tuple[Party, Ending, bool]:
    event = connection.wait_closed(DEADLINE)
    assert event is not None
    return event.by, event.how, event.disconnect_seen


def test_session_is_relayed_and_recorded_packet_by_packet(cloud: Cloud, module: Open, device: Device) -> None:
    hello = w.device_connect(device)
    one = module().send(hello).expect(w.CONNACK_OK)
    one.send(w.subscribe(1, (TOPIC, 1))).expect(b"\x90\x03\x00\x01\x01")
    with cloud.new_client() as client:
        client.subscribe(TOPIC)
        one.send(w.publish(TOPIC, b"up", 1, 2)).expect(w.ack(w.PUBACK, 2), w.publish(TOPIC, b"up", 1, 1))
        message = client.receive(DEADLINE)
        assert message is not None
        assert (message.topic, message.payload, message.qos, message.retain) == (TOPIC, b"up", 1, False)
    one.send(w.DISCONNECT)
    one.socket.close()
    connection = first_connection(cloud)
    assert closed(connection) == (Party.MODULE, Ending.FIN, True)
    assert [(seen.direction, type(seen.packet)) for seen in connection.packets] == [
        (Direction.UP, Connect),
        (Direction.DOWN, Connack),
        (Direction.UP, Subscribe),
        (Direction.DOWN, Suback),
        (Direction.UP, Publish),
        (Direction.DOWN, Puback),
        (Direction.DOWN, Publish),
        (Direction.UP, Disconnect),
    ]
    assert connection.sent(Connect)[0].raw == hello
    subscribe = connection.sent(Subscribe)[0].packet
    assert subscribe == Subscribe(1, (Subscription(TOPIC, QoS.AT_LEAST_ONCE),))
    assert connection.connect is not None
    assert (connection.connect.keep_alive, connection.connect.clean_session) == (60, True)
    assert connection.login is not None
    assert connection.login.device == device


def test_session_open_is_online_until_disconnect(cloud: Cloud, module: Open, device: Device) -> None:
    one = module()
    connection = visit(cloud)
    assert cloud.sessions_open() == ()
    one.send(w.device_connect(device)).expect(w.CONNACK_OK)
    assert connection.wait_online(DEADLINE)
    assert [open_.number for open_ in cloud.sessions_open()] == [connection.number]
    one.send(w.DISCONNECT)
    assert connection.wait_packet(Disconnect, DEADLINE)
    assert cloud.sessions_open() == ()


@pytest.mark.clause("MQTT-3.14.4-1")
def test_connection_left_open_after_disconnect_is_closed_by_the_gateway(
    cloud: Cloud, module: Open, device: Device
) -> None:
    module().send(w.device_connect(device)).expect(w.CONNACK_OK).send(w.DISCONNECT).expect_closed()
    assert closed(first_connection(cloud)) == (Party.GATEWAY, Ending.FIN, True)


@pytest.mark.parametrize("ending", [Ending.FIN, Ending.RST])
def test_end_of_the_connection_by_the_module_is_told_apart(
    cloud: Cloud, module: Open, device: Device, ending: Ending
) -> None:
    one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    if ending is Ending.RST:
        one.reset()
    else:
        one.socket.close()
    assert closed(first_connection(cloud)) == (Party.MODULE, ending, False)


@pytest.mark.parametrize(
    ("hello", "code", "reason"),
    [
        ({"client_id": ""}, 2, "X of the clientId is empty or longer than 64 characters"),
        ({"client_id": "x" * 65}, 2, "X of the clientId is empty or longer than 64 characters"),
        ({"client_id": "a|b"}, 2, "clientId does not read X|key=value,...|"),
        ({"password": "not hex"}, 4, "password is not the hex form of an HMAC of the signmethod"),
        ({"tls": True}, 5, "securemode contradicts the transport (2 is TLS, 3 is TCP)"),
        ({"password": "0" * 40}, 5, "signature does not match the DeviceSecret"),
    ],
    ids=lambda value: value if isinstance(value, int) else None,
)
def test_every_refusal_has_its_code_and_its_reason_in_the_record(
    cloud: Cloud, module: Open, device: Device, hello: dict[str, Any], code: int, reason: str
) -> None:
    module().send(w.device_connect(device, **hello)).expect(bytes((0x20, 2, 0, code))).expect_closed()
    connection = first_connection(cloud)
    assert closed(connection) == (Party.GATEWAY, Ending.FIN, False)
    (record,) = (event.to_record() for event in connection.events if isinstance(event, LoginChecked))
    assert (record["accepted"], record["code"], record["reason"]) == (False, code, reason)
    assert connection.closed is not None
    assert connection.closed.reason == f"CONNACK {code}: {reason}"


def test_bad_signature_is_refused_with_the_code_and_the_connection_closed(
    cloud: Cloud, module: Open, device: Device
) -> None:
    module().send(w.device_connect(device, password="0" * 40)).expect(b"\x20\x02\x00\x05").expect_closed()
    connection = first_connection(cloud)
    assert connection.login is not None
    assert connection.login.problems == (LoginProblem.SIGNATURE,)
    assert closed(connection) == (Party.GATEWAY, Ending.FIN, False)
    assert not connection.online


def test_unknown_device_is_refused(cloud: Cloud, module: Open) -> None:
    stranger = Device("pk", "stranger", "x")
    module().send(w.device_connect(stranger)).expect(b"\x20\x02\x00\x05").expect_closed()


def test_other_protocol_level_is_refused(cloud: Cloud, module: Open) -> None:
    mqtt5 = w.packet(0x10, w.text("MQTT") + b"\x05\x02\x00\x3c\x00" + w.text("c"))
    module().send(mqtt5).expect(b"\x20\x02\x00\x01").expect_closed()


@pytest.mark.parametrize(
    ("clause", "data"),
    [
        ("MQTT section 2.2.1", b"\xf0\x00"),
        ("MQTT-3.1.0-1", w.PINGREQ),
        ("MQTT-2.2.2-2", b"GET / HTTP/1.0\r\n\r\n"),
    ],
)
def test_what_is_no_connect_is_recorded_and_closed(cloud: Cloud, module: Open, clause: str, data: bytes) -> None:
    module().send(data).expect_closed()
    connection = visit(cloud)
    assert closed(connection)[:2] == (Party.GATEWAY, Ending.FIN)
    (malformed,) = (event for event in connection.events if isinstance(event, Malformed))
    assert (malformed.clause, malformed.raw) == (clause, data)


@pytest.mark.parametrize(
    ("clause", "data"),
    [
        ("MQTT-3.3.1-4", b"\x36\x05\x00\x01a\x00\x01"),
        ("MQTT-3.1.0-2", w.connect("c")),
        ("MQTT section 2.2.1", b"\x90\x03\x00\x01\x00"),
        pytest.param("MQTT-3.14.4-2", w.DISCONNECT + w.PINGREQ, marks=pytest.mark.clause("MQTT-3.14.4-2")),
    ],
)
def test_violation_of_a_logged_in_module_is_recorded_and_closed(
    cloud: Cloud, module: Open, device: Device, clause: str, data: bytes
) -> None:
    module().send(w.device_connect(device)).expect(w.CONNACK_OK).send(data).expect_closed()
    connection = first_connection(cloud)
    assert closed(connection)[:2] == (Party.GATEWAY, Ending.FIN)
    assert [event.clause for event in connection.events if isinstance(event, Malformed)] == [clause]


def test_packets_before_a_malformed_one_still_reach_the_broker(cloud: Cloud, module: Open, device: Device) -> None:
    with cloud.new_client() as client:
        client.subscribe(TOPIC)
        one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
        one.send(w.publish(TOPIC, b"last words") + b"\xf0\x00").expect_closed()
        message = client.receive(DEADLINE)
        assert message is not None
        assert message.payload == b"last words"


def test_connection_without_a_single_byte_is_recorded(cloud: Cloud, module: Open) -> None:
    module().socket.close()
    connection = visit(cloud)
    assert closed(connection) == (Party.MODULE, Ending.FIN, False)
    assert connection.packets == ()


def test_persistent_session_outlives_a_change_of_the_client_id(cloud: Cloud, module: Open, device: Device) -> None:
    hello = w.device_connect(device, clean=False)
    one = module().send(hello).expect(w.CONNACK_OK)
    one.send(w.subscribe(1, (TOPIC, 1))).expect(b"\x90\x03\x00\x01\x01")
    one.send(w.DISCONNECT)
    one.socket.close()
    assert first_connection(cloud).wait_closed(DEADLINE)
    with cloud.new_client() as client:
        client.publish(TOPIC, b"meanwhile", 1)
    other = w.device_connect(device, clean=False, client_id="elsewhere", timestamp=1_700_000_000)
    two = module().send(other).expect(w.CONNACK_PRESENT)
    two.expect(w.publish(TOPIC, b"meanwhile", 1, 1))


def test_forgotten_session_is_gone(cloud: Cloud, module: Open, device: Device) -> None:
    one = module().send(w.device_connect(device, clean=False)).expect(w.CONNACK_OK)
    one.send(w.DISCONNECT)
    one.socket.close()
    assert first_connection(cloud).wait_closed(DEADLINE)
    cloud.forget_session(device.product_key, device.device_name)
    module().send(w.device_connect(device, clean=False)).expect(w.CONNACK_OK)


def test_second_login_of_a_device_kicks_the_first(cloud: Cloud, module: Open, device: Device) -> None:
    first = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    second = module().send(w.device_connect(device, client_id="other")).expect(w.CONNACK_OK)
    first.expect_closed()
    second.expect_quiet()
    one, _two = cloud.connections
    assert one.closed is not None
    assert one.closed.by is Party.BROKER
    assert "second login" in one.closed.reason


def test_two_devices_stand_side_by_side(cloud: Cloud, module: Open, device: Device) -> None:
    other = cloud.register_device("a1pnQWj9dvs", "other", "s")
    one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    two = module().send(w.device_connect(other)).expect(w.CONNACK_OK)
    one.expect_quiet()
    two.expect_quiet()
    assert len(cloud.sessions_open()) == 2


def test_keep_alive_is_enforced_behind_the_gateway(cloud: Cloud, module: Open, device: Device) -> None:
    module().send(w.device_connect(device, keep_alive=1)).expect(w.CONNACK_OK).expect_closed()
    assert closed(first_connection(cloud))[0] is Party.BROKER


def test_packets_pipelined_behind_connect_are_served(cloud: Cloud, module: Open, device: Device) -> None:
    one = module().send(w.device_connect(device) + w.subscribe(1, (TOPIC, 0)) + w.publish(TOPIC, b"x"))
    one.expect(w.CONNACK_OK, b"\x90\x03\x00\x01\x00", w.publish(TOPIC, b"x"))


def test_burst_in_both_directions_arrives_whole_and_in_order(cloud: Cloud, module: Open, device: Device) -> None:
    one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    one.send(w.subscribe(1, (TOPIC, 1))).expect(b"\x90\x03\x00\x01\x01")
    payloads = [b"%d" % number * 50 for number in range(200)]
    with cloud.new_client() as client:
        client.publish_all(TOPIC, payloads, 1)
        got = [one.read_packet() for _ in payloads]
    assert got == [w.publish(TOPIC, payload, 1, number) for number, payload in enumerate(payloads, 1)]
    one.send(b"".join(w.ack(w.PUBACK, number) for number in range(1, 201))).expect_quiet()


def test_twenty_rounds_of_login_and_logout(cloud: Cloud, module: Open, device: Device) -> None:
    for _ in range(20):
        one = module().send(w.device_connect(device)).expect(w.CONNACK_OK).send(w.DISCONNECT)
        one.socket.close()
    ends = [connection.wait_closed(DEADLINE) for connection in cloud.connections]
    assert [end is not None and end.disconnect_seen for end in ends] == [True] * 20
