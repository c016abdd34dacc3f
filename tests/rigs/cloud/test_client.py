from __future__ import annotations

import threading

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


def test_broker_that_says_nothing_is_an_error_of_the_bench(mute_server: tuple[str, int]) -> None:
    client = CloudClient(mute_server, deadline_seconds=0.2)
    try:
        with pytest.raises(BenchError, match="CONNACK"):
            client.connect()
    finally:
        client.close()


def test_client_leaves_no_thread_behind(cloud: Cloud) -> None:
    before = set(threading.enumerate())
    with cloud.new_client("named"):
        pass
    assert set(threading.enumerate()) <= before
