from __future__ import annotations

import socket
import threading
from types import SimpleNamespace

import pytest

from rigs.cloud.client import CloudClient
from rigs.cloud.service import Cloud
from rigs.errors import BenchError
from tests.rigs.cloud.wire import DEADLINE


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_message_comes_back_as_it_was_published(cloud: Cloud, qos: int) -> None:
    with cloud.new_client() as client:
        assert client.subscribe("a/+", qos) == qos
        payload = bytes(range(256))
        client.publish("a/b", payload, qos)
        message = client.receive(DEADLINE, topic="a/b")
        assert message is not None
        assert (message.topic, message.payload, message.qos, message.retain) == ("a/b", payload, qos, False)


def test_marks_tell_new_messages_from_old(cloud: Cloud) -> None:
    with cloud.new_client() as client:
        client.subscribe("t")
        client.publish("t", b"old")
        client.barrier()
        mark = client.mark()
        assert client.receive(0, since=mark) is None
        client.publish_all("t", [b"1", b"2", b"3"])
        assert [m.payload for m in client.wait_messages(3, DEADLINE, since=mark)] == [b"1", b"2", b"3"]
        assert len(client.messages) == 4


def test_barrier_proves_that_nothing_came(cloud: Cloud) -> None:
    with cloud.new_client() as reader, cloud.new_client() as writer:
        reader.subscribe("#")
        for number in range(20):
            writer.publish("t", str(number).encode())
            reader.barrier()
            assert len(reader.messages_since(0)) == number + 1
        reader.unsubscribe("#")
        writer.publish("t", b"unheard")
        reader.barrier()
        assert len(reader.messages) == 20


def test_barrier_is_invisible_to_a_wildcard(cloud: Cloud) -> None:
    with cloud.new_client() as reader, cloud.new_client() as other:
        reader.subscribe("#")
        other.barrier()
        reader.barrier()
        assert reader.messages == ()


def test_waiting_for_too_much_returns_what_there_is(cloud: Cloud) -> None:
    with cloud.new_client() as client:
        client.subscribe("t")
        client.publish("t", b"only one")
        client.barrier()
        assert len(client.wait_messages(2, 0.01)) == 1
        assert client.receive(0.01, topic="other") is None


def test_nobody_listening_is_an_error_of_the_bench(dead_address: tuple[str, int]) -> None:
    with pytest.raises(BenchError, match="cannot be reached"):
        CloudClient(dead_address).connect()


def test_loss_of_the_broker_is_an_error_of_the_bench() -> None:
    cloud = Cloud().start()
    client = cloud.new_client()
    cloud.stop()
    try:
        with pytest.raises(BenchError):
            client.subscribe("t")
        with pytest.raises(BenchError):
            client.publish("t", b"x")
        with pytest.raises(BenchError, match="lost its broker"):
            client.wait_messages(1, DEADLINE)
        with pytest.raises(BenchError, match="lost its broker"):
            client.check()
    finally:
        client.close()


def test_broker_that_says_nothing_is_an_error_of_the_bench_and_leaves_no_thread(mute_server: tuple[str, int]) -> None:
    before = set(threading.enumerate())
    with pytest.raises(BenchError, match="CONNACK"):
        CloudClient(mute_server, deadline_seconds=0.2).connect()
    assert set(threading.enumerate()) <= before


def test_broker_that_refuses_leaves_no_thread(mute_server: tuple[str, int]) -> None:
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = CloudClient(server.getsockname())
        refusing = threading.Thread(target=_answer, args=(server, b"\x20\x02\x00\x05"))
        refusing.start()
        with pytest.raises(BenchError, match="refuses"):
            client.connect()
        refusing.join()
    assert set(threading.enumerate()) <= before


def test_client_leaves_no_thread_behind(cloud: Cloud) -> None:
    before = set(threading.enumerate())
    with cloud.new_client("named"):
        pass
    assert set(threading.enumerate()) <= before


def test_client_that_was_never_connected_can_be_closed(mute_server: tuple[str, int]) -> None:
    CloudClient(mute_server).close()


def test_client_is_closed_twice_and_by_two_at_once(cloud: Cloud) -> None:
    client = cloud.new_client()
    other = threading.Thread(target=client.close)
    other.start()
    client.close()
    other.join()
    client.close()


def test_end_of_the_clients_thread_before_close_is_no_trouble(cloud: Cloud) -> None:
    client = cloud.new_client()
    _kick_off(cloud, client)
    client._thread.join(DEADLINE)
    assert not client._thread.is_alive()
    client.close()


def test_end_of_the_clients_thread_in_the_middle_of_close_is_no_trouble(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where paho's own `loop_stop` is about to join its thread, that thread ends and clears the reference to itself."""
    client, may_end = cloud.new_client(), threading.Event()
    client._paho.on_disconnect = lambda *_: may_end.wait(0.5)

    def current_thread() -> threading.Thread:
        may_end.set()
        for thread in set(threading.enumerate()) - before:
            thread.join(DEADLINE)
        return threading.current_thread()

    before = {thread for thread in threading.enumerate() if client.client_id not in thread.name}
    held_up = SimpleNamespace(**{**vars(threading), "current_thread": current_thread})
    monkeypatch.setattr("paho.mqtt.client.threading", held_up)
    client.close()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("round_", range(5))
def test_broker_that_closes_at_the_very_moment_of_close_is_no_trouble(round_: int) -> None:
    before = set(threading.enumerate())
    for _ in range(20):
        with socket.create_server(("127.0.0.1", 0)) as server:
            client = CloudClient(server.getsockname())
            peer = threading.Thread(target=_answer, args=(server, b"\x20\x02\x00\x00"))
            peer.start()
            client.connect()
            client.close()
            peer.join()
    assert set(threading.enumerate()) <= before


def test_broker_that_does_not_read_any_more_does_not_hold_up_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rigs.cloud.client._FAREWELL", 0.1)
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = CloudClient(server.getsockname(), deadline_seconds=DEADLINE)
        accepted: list[socket.socket] = []
        peer = threading.Thread(target=lambda: accepted.append(_welcome(server)))
        peer.start()
        client.connect()
        peer.join()
        client._deadline = 0.1
        with pytest.raises(BenchError, match="does not acknowledge"):
            client.publish("t", b"x" * 20_000_000, 1)
        client.close()
        accepted[0].close()
    assert set(threading.enumerate()) <= before


def _welcome(server: socket.socket) -> socket.socket:
    peer, _ = server.accept()
    peer.recv(1024)
    peer.sendall(b"\x20\x02\x00\x00")
    return peer


def _answer(server: socket.socket, connack: bytes) -> None:
    """Take one client, answer its CONNECT and hang up."""
    peer, _ = server.accept()
    with peer:
        peer.recv(1024)
        peer.sendall(connack)


def _kick_off(cloud: Cloud, client: CloudClient) -> None:
    with CloudClient(cloud.broker_address, client_id=client.client_id).connect():
        pass
