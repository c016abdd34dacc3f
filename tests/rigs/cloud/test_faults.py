"""Every fault does what it says, while it is in force, and nothing afterwards."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

import pytest

from rigs.cloud.events import (
    Ending,
    FaultOff,
    FaultOn,
    PacketSeen,
    PacketWithheld,
    Party,
    RawSent,
    RivalOffline,
    RivalOnline,
)
from rigs.cloud.faults import Handshake
from rigs.cloud.instrument import FAULTS
from rigs.cloud.login import Device
from rigs.cloud.malformations import MALFORMATIONS
from rigs.cloud.packets import Connect, Disconnect, Packet, Puback, Publish, Suback, Subscribe
from rigs.cloud.pki import Certificate
from rigs.cloud.service import Cloud
from rigs.errors import BenchError, ConnectionGone
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.visits import visit
from tests.rigs.cloud.wire import DEADLINE, Wire

Open: TypeAlias = Callable[[], Wire]
TOPIC = "t"


@pytest.fixture
def online(cloud: Cloud, module: Open, device: Device) -> Wire:
    """A module that is logged in and has subscribed to TOPIC."""
    one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    return one.send(w.subscribe(1, (TOPIC, 1))).expect(b"\x90\x03\x00\x01\x01")


@pytest.mark.parametrize("port", ["address", "tls_address"])
def test_refused_tcp_is_refused_until_the_fault_ends(cloud: Cloud, port: str) -> None:
    address = getattr(cloud, port)
    with cloud.gateway.refusing_tcp():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=DEADLINE)
        with pytest.raises(OSError), socket.socket() as thief:
            thief.bind(address)
        cloud.check()
    assert getattr(cloud, port) == address
    socket.create_connection(address, timeout=DEADLINE).close()


def test_refusing_tcp_leaves_open_connections_alone(cloud: Cloud, online: Wire) -> None:
    with cloud.gateway.refusing_tcp():
        online.expect_quiet()


def test_silent_connect_is_not_answered_and_the_next_one_is(cloud: Cloud, module: Open, device: Device) -> None:
    with cloud.gateway.silent_on_connect():
        mute = module().send(w.device_connect(device) + w.PINGREQ)
        connection = cloud.wait_connection(DEADLINE)
        assert connection is not None
        assert connection.wait_packet(lambda seen: seen.raw == w.PINGREQ, DEADLINE)
    module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    assert connection.received() == ()
    assert connection.login is not None
    assert connection.login.accepted
    mute.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        mute.socket.recv(1)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5])
def test_connack_code_is_answered(cloud: Cloud, module: Open, device: Device, code: int) -> None:
    with cloud.gateway.answering_connack(code):
        module().send(w.device_connect(device)).expect(bytes((0x20, 2, 0, code))).expect_closed()
    module().send(w.device_connect(device)).expect(w.CONNACK_OK)


@pytest.mark.parametrize("code", [0, 6, -1])
def test_connack_code_that_is_no_refusal_is_a_mistake_of_the_test(cloud: Cloud, code: int) -> None:
    with pytest.raises(ValueError):
        cloud.gateway.answering_connack(code)


def test_subscriptions_are_refused_and_never_made(cloud: Cloud, module: Open, device: Device) -> None:
    one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    with cloud.gateway.refusing_subscriptions():
        one.send(w.subscribe(1, ("a", 1), ("b", 0))).expect(b"\x90\x04\x00\x01\x80\x80")
    one.send(w.publish("a", b"x", 1, 2)).expect(w.ack(w.PUBACK, 2)).expect_quiet()
    (withheld,) = cloud.journal.of(PacketWithheld)
    assert isinstance(withheld.packet, Subscribe)
    one.send(w.subscribe(3, ("a", 1))).expect(b"\x90\x03\x00\x03\x01")


def test_puback_is_withheld_while_the_message_is_delivered(cloud: Cloud, online: Wire) -> None:
    with cloud.new_client() as client:
        client.subscribe("u")
        with cloud.gateway.withholding_puback():
            online.send(w.publish("u", b"x", 1, 9))
            assert client.receive(DEADLINE) is not None
            online.expect_quiet()
        online.send(w.publish("u", b"x", 1, 9, dup=True)).expect(w.ack(w.PUBACK, 9))
    (withheld,) = cloud.journal.of(PacketWithheld)
    assert withheld.packet == Puback(9)
    assert [seen.packet for seen in cloud.connections[0].received(Puback)] == [Puback(9)]


def test_blackhole_swallows_both_directions_until_it_ends(cloud: Cloud, online: Wire) -> None:
    with cloud.new_client() as client:
        client.subscribe("u")
        with cloud.gateway.blackhole():
            online.send(w.publish("u", b"up"))
            client.publish(TOPIC, b"down", 1)
            assert cloud.connections[0].wait_packet(lambda seen: isinstance(seen.packet, Publish), DEADLINE)
            client.barrier()
            assert client.messages == ()
            online.socket.setblocking(False)
            with pytest.raises(BlockingIOError):
                online.socket.recv(1)
            online.socket.settimeout(DEADLINE)
        online.expect(w.publish(TOPIC, b"down", 1, 1))
        message = client.receive(DEADLINE)
        assert message is not None
        assert message.payload == b"up"


def test_connection_made_in_a_blackhole_is_served_when_it_ends(cloud: Cloud, module: Open, device: Device) -> None:
    with cloud.gateway.blackhole():
        one = module().send(w.device_connect(device))
        assert visit(cloud)
        assert cloud.sessions_open() == ()
    one.expect(w.CONNACK_OK)


def test_module_that_gives_up_in_a_blackhole_is_recorded_at_once(cloud: Cloud, online: Wire) -> None:
    with cloud.gateway.blackhole():
        online.socket.close()
        end = cloud.connections[0].wait_closed(DEADLINE)
        assert end is not None
        assert end.by is Party.MODULE


def test_delay_shifts_both_directions_and_keeps_the_order(cloud: Cloud, online: Wire) -> None:
    with cloud.gateway.delaying(0.1):
        start = time.monotonic()
        online.send(w.publish("x", b"", 1, 5) + w.PINGREQ).expect(w.ack(w.PUBACK, 5), w.PINGRESP)
        assert time.monotonic() - start >= 0.2
    online.expect_quiet()


def test_jitter_shifts_both_directions_by_other_times_and_keeps_the_order(cloud: Cloud, online: Wire) -> None:
    with cloud.gateway.jittering(0.05, seed=1):
        arrivals = []
        for number in range(1, 21):
            start = time.monotonic()
            online.send(w.publish("x", b"", 1, number)).expect(w.ack(w.PUBACK, number))
            arrivals.append(time.monotonic() - start)
        assert max(arrivals) - min(arrivals) > 0.01
        burst = [w.publish("x", b"", 1, number) for number in range(100, 120)]
        online.send(b"".join(burst)).expect(*(w.ack(w.PUBACK, number) for number in range(100, 120)))
    online.expect_quiet()


@pytest.mark.parametrize("most", [0, -1])
def test_no_jitter_is_a_mistake_of_the_test(cloud: Cloud, most: float) -> None:
    with pytest.raises(ValueError):
        cloud.gateway.jittering(most)


def test_throttle_limits_bytes_per_second(cloud: Cloud, online: Wire) -> None:
    with cloud.new_client() as client, cloud.gateway.throttling(2000):
        start = time.monotonic()
        client.publish(TOPIC, b"x" * 400, 0)
        online.expect(w.publish(TOPIC, b"x" * 400))
        assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize("rate", [0, -1])
def test_throttle_to_nothing_is_a_mistake_of_the_test(cloud: Cloud, rate: float) -> None:
    with pytest.raises(ValueError):
        cloud.gateway.throttling(rate)


def test_split_packets_arrive_whole_byte_by_byte(cloud: Cloud, online: Wire) -> None:
    with cloud.new_client() as client, cloud.gateway.splitting(pause=0.005):
        client.publish(TOPIC, b"abc", 0)
        assert len(online.socket.recv(100)) == 1
        rest = len(w.publish(TOPIC, b"abc")) - 1
        assert online.read(rest).endswith(b"abc")


@pytest.mark.parametrize("first", [1, 2, 5])
def test_a_cut_packet_comes_in_two_segments(cloud: Cloud, online: Wire, first: int) -> None:
    with cloud.new_client() as client, cloud.gateway.cutting(first, pause=0.2):
        client.publish(TOPIC, b"abc", 0)
        assert len(online.socket.recv(100)) == first
        whole = w.publish(TOPIC, b"abc")
        assert online.read(len(whole) - first) == whole[first:]


def test_a_packet_is_not_cut_behind_its_end(cloud: Cloud, online: Wire) -> None:
    with cloud.new_client() as client, cloud.gateway.cutting(100):
        client.publish(TOPIC, b"abc", 0)
        assert online.socket.recv(100) == w.publish(TOPIC, b"abc")


def test_joined_packets_come_in_one_segment_and_are_recorded_one_by_one(cloud: Cloud, online: Wire) -> None:
    mark = cloud.journal.mark()
    with cloud.new_client() as client, cloud.gateway.joining(3, patience=DEADLINE):
        for payload in (b"a", b"bc", b"def"):
            client.publish(TOPIC, payload, 0)
        whole = b"".join(w.publish(TOPIC, payload) for payload in (b"a", b"bc", b"def"))
        assert online.socket.recv(100) == whole
    seen = [event.packet.payload for event in cloud.journal.of(PacketSeen, mark) if isinstance(event.packet, Publish)]
    assert seen == [b"a", b"bc", b"def"]


def test_packets_that_no_others_follow_are_not_held_for_ever(cloud: Cloud, online: Wire) -> None:
    with cloud.new_client() as client, cloud.gateway.joining(3, patience=0.01):
        client.publish(TOPIC, b"alone", 0)
        assert online.read(len(w.publish(TOPIC, b"alone"))).endswith(b"alone")


def test_the_end_of_a_connection_is_not_held_back_with_what_is_joined(cloud: Cloud, online: Wire) -> None:
    with cloud.new_client() as client, cloud.gateway.joining(2, patience=DEADLINE):
        client.publish(TOPIC, b"last", 0)
        online.send(w.DISCONNECT)
        assert cloud.connections[0].wait_closed(DEADLINE) is not None


@pytest.mark.parametrize("wrong", [lambda gateway: gateway.cutting(0), lambda gateway: gateway.joining(1)])
def test_segments_that_cannot_be_are_refused(cloud: Cloud, wrong: Callable[[Any], object]) -> None:
    with pytest.raises(ValueError, match=r"at least one byte|never together"):
        wrong(cloud.gateway)


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_drop_ends_the_connection_as_asked(cloud: Cloud, online: Wire, how: str) -> None:
    connection = cloud.connections[0]
    cloud.gateway.drop(connection, how)
    if how == "RST":
        with pytest.raises(ConnectionResetError):
            online.socket.recv(1)
    else:
        assert online.socket.recv(1) == b""
    end = connection.wait_closed(DEADLINE)
    assert end is not None
    assert (end.by, end.how) == (Party.GATEWAY, Ending(how))
    with pytest.raises(ConnectionGone, match=f"ended by the gateway by {how} .dropped on purpose."):
        cloud.gateway.drop(connection)


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_acting_on_a_connection_that_the_module_has_ended_says_so_and_blames_no_bench(
    cloud: Cloud, online: Wire, how: str
) -> None:
    connection = cloud.connections[0]
    if how == "RST":
        online.reset()
    else:
        online.socket.close()
    assert connection.wait_closed(DEADLINE)
    for act in (lambda: cloud.gateway.drop(connection), lambda: cloud.gateway.send_raw(connection, b"x")):
        with pytest.raises(ConnectionGone, match=rf"connection 1 .* before .* ended by the module by {how}") as caught:
            act()
        assert not isinstance(caught.value, BenchError)
    cloud.gateway.hang_up(connection)
    cloud.hang_up()


def test_acting_on_a_connection_at_the_moment_of_its_end_either_works_or_says_that_it_is_gone(
    cloud: Cloud, module: Open, device: Device
) -> None:
    for number in range(200):
        one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
        connection = cloud.connections[-1]
        ending = threading.Thread(target=one.reset)
        ending.start()
        with suppress(ConnectionGone):
            cloud.gateway.send_raw(connection, b"x")
            cloud.gateway.drop(connection, "RST" if number % 2 else "FIN")
        ending.join()
        cloud.hang_up()
        assert connection.wait_closed(DEADLINE)


def test_hanging_up_does_not_wait_for_a_handshake(cloud: Cloud) -> None:
    with Wire(cloud.tls_address) as one:
        cloud.gateway.hang_up(visit(cloud))
        end = visit(cloud).wait_closed(DEADLINE)
        assert end is not None
        assert (end.by, end.reason) == (Party.GATEWAY, "put away by the bench")
        one.expect_closed()


def test_raw_bytes_reach_the_module_and_the_record(cloud: Cloud, online: Wire) -> None:
    cloud.gateway.send_raw(cloud.connections[0], b"\xf0\x00garbage")
    assert online.read(9) == b"\xf0\x00garbage"
    (sent,) = cloud.journal.of(RawSent)
    assert sent.raw == b"\xf0\x00garbage"


def test_raw_bytes_can_be_the_answer_to_connect(cloud: Cloud, module: Open, device: Device) -> None:
    with cloud.gateway.silent_on_connect():
        one = module().send(w.device_connect(device))
        connection = cloud.wait_connection(DEADLINE)
        assert connection is not None
        cloud.gateway.send_raw(connection, b"\x20\x02\x00\x63")
        one.expect(b"\x20\x02\x00\x63")


ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "answering_connack": (3,),
    "closing": (Publish,),
    "resetting": (Publish,),
    "delaying": (5,),
    "jittering": (5,),
    "throttling": (1,),
    "malforming": (Suback, MALFORMATIONS[0]),
    "second_login": (Device("a1pnQWj9dvs", "test", ""),),
    "presenting": (Certificate.EXPIRED,),
    "limiting_tls": (ssl.TLSVersion.TLSv1_2,),
    "failing_handshake": (Handshake.FIN,),
}
"""What each of the gateway's faults is called with; the others need nothing."""


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_recorded_and_undone_even_when_the_test_fails(
    cloud: Cloud, module: Open, device: Device, name: str
) -> None:
    with pytest.raises(ZeroDivisionError), getattr(cloud.gateway, name)(*ARGUMENTS.get(name, ())):
        raise ZeroDivisionError
    (on,), (off,) = cloud.journal.of(FaultOn), cloud.journal.of(FaultOff)
    assert on.fault == off.fault
    one = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
    one.send(w.subscribe(1, (TOPIC, 1))).expect(b"\x90\x03\x00\x01\x01")
    one.send(w.publish("u", b"", 1, 2)).expect(w.ack(w.PUBACK, 2))


def test_faults_combine_and_the_younger_of_one_kind_rules(cloud: Cloud, module: Open, device: Device) -> None:
    with cloud.gateway.answering_connack(3):
        with cloud.gateway.answering_connack(5), cloud.gateway.delaying(0.01):
            module().send(w.device_connect(device)).expect(b"\x20\x02\x00\x05")
        module().send(w.device_connect(device)).expect(b"\x20\x02\x00\x03")


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_not_permitted_is_not_done(cloud: Cloud, name: str) -> None:
    def permit(asked: str) -> None:
        raise LookupError(asked)

    cloud.gateway.permit = permit
    with pytest.raises(LookupError, match=name), getattr(cloud.gateway, name)(*ARGUMENTS.get(name, ())):
        pass
    assert cloud.journal.of(FaultOn) == ()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Connect, None),
        (Subscribe, w.subscribe(2, ("x", 1))),
        (Publish, w.publish("x", b"lost", 1, 2)),
        (Disconnect, w.DISCONNECT),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize(("name", "how"), [("closing", "FIN"), ("resetting", "RST")])
def test_connection_ends_in_place_of_a_packet(
    cloud: Cloud, module: Open, device: Device, name: str, how: str, kind: type[Packet], data: bytes | None
) -> None:
    login = w.device_connect(device)
    one = module().send(login).expect(w.CONNACK_OK)
    connection, mark = cloud.wait_online(DEADLINE), cloud.journal.mark()
    with getattr(cloud.gateway, name)(kind):
        if data is not None:
            one.send(data)
        else:
            module().send(login)
            connection = cloud.wait_connection(DEADLINE, since=mark)
        assert connection is not None
        end = connection.wait_closed(DEADLINE)
    assert end is not None
    assert (end.by, end.how) == (Party.GATEWAY, Ending(how))
    (withheld,) = cloud.journal.of(PacketWithheld)
    assert withheld.raw == (data or login)
    module().send(login).expect(w.CONNACK_OK)


def test_other_packets_pass_while_one_kind_ends_the_connection(cloud: Cloud, online: Wire) -> None:
    with cloud.gateway.resetting(Subscribe):
        online.send(w.publish("u", b"x", 1, 9)).expect(w.ack(w.PUBACK, 9))


def test_a_spoiled_answer_is_sent_in_place_of_the_good_one(cloud: Cloud, online: Wire) -> None:
    how = next(how for how in MALFORMATIONS if how.name == "reserved code")
    with cloud.gateway.malforming(Suback, how):
        online.send(w.subscribe(2, ("x", 1))).expect(b"\x90\x03\x00\x02\x7f").expect_quiet()
    online.send(w.subscribe(3, ("x", 1))).expect(b"\x90\x03\x00\x03\x01")
    (withheld,) = cloud.journal.of(PacketWithheld)
    assert (withheld.packet, withheld.raw) == (Suback(2, (1,)), b"\x90\x03\x00\x02\x01")
    (sent,) = cloud.journal.of(RawSent)
    assert sent.raw == b"\x90\x03\x00\x02\x7f"


def test_a_kind_that_cannot_be_spoiled_so_is_a_mistake_of_the_test(cloud: Cloud) -> None:
    how = next(how for how in MALFORMATIONS if how.name == "QoS 3")
    with pytest.raises(ValueError, match="Suback"):
        cloud.gateway.malforming(Suback, how)


def test_a_second_login_kicks_the_module_off_and_comes_back_until_it_ends(
    cloud: Cloud, module: Open, device: Device, online: Wire
) -> None:
    with cloud.gateway.second_login(device):
        online.expect_closed()
        back = module().send(w.device_connect(device)).expect(w.CONNACK_OK)
        back.expect_closed()
    ends = [connection.closed for connection in cloud.connections]
    assert [end and end.by for end in ends] == [Party.BROKER, Party.BROKER]
    assert all(end and "second login" in end.reason for end in ends)
    assert [gone.reason for gone in cloud.journal.of(RivalOffline)] == ["kicked off", "logged out"]
    assert len(cloud.journal.of(RivalOnline)) == 2
    module().send(w.device_connect(device)).expect(w.CONNACK_OK).expect_quiet()


def test_a_second_login_that_the_broker_does_not_let_in_is_the_benchs_trouble() -> None:
    with Cloud() as cloud:
        device = cloud.register_device("pk", "dn", "s")
        cloud._loop.run(cloud._embedded.stop())
        with pytest.raises(BenchError, match="does not serve"), cloud.gateway.second_login(device):
            pass
        assert len(cloud.journal.of(FaultOff)) == 1


def test_ciphers_that_nobody_knows_are_a_mistake_of_the_test(cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="NONSENSE"):
        cloud.gateway.limiting_tls(ssl.TLSVersion.TLSv1_2, ["NONSENSE"])
