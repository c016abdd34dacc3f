from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from rigs.cloud.events import BenchFailure, Closed, Event, Party
from rigs.cloud.service import Cloud
from rigs.errors import BenchError
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.wire import DEADLINE, Wire


@pytest.fixture
def module_of() -> Iterator[Callable[[Cloud], Wire]]:
    """Sends a good CONNECT to a cloud."""

    def open_module(cloud: Cloud) -> Wire:
        device = cloud.register_device("pk", "dn", "s")
        one = Wire(cloud.address).send(w.device_connect(device))
        opened.append(one)
        return one

    opened: list[Wire] = []
    yield open_module
    for one in opened:
        one.socket.close()


def at(address: tuple[str, int]) -> str:
    return "{}:{}".format(*address)


@pytest.mark.parametrize("key", ["listen", "listen_tls"])
def test_taken_port_names_address_and_key(mute_server: tuple[str, int], key: str) -> None:
    with pytest.raises(BenchError) as caught:
        Cloud(**{key: at(mute_server)}).start()
    assert at(mute_server) in caught.value.message
    assert f"cloud.{key})" in caught.value.act


def test_address_of_another_machine_is_refused_with_its_key() -> None:
    with pytest.raises(BenchError, match=r"192\.0\.2\.1:1883"):
        Cloud(listen="192.0.2.1:1883").start()


@pytest.mark.parametrize("listen", ["", "1883", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "a/b:1"])
def test_address_that_is_none_names_its_key(listen: str) -> None:
    with pytest.raises(BenchError, match=r"cloud\.listen "):
        Cloud(listen=listen)


@pytest.mark.parametrize("broker", ["", "mosquitto", "http://127.0.0.1:1883", "mqtt://", "mqtt://:1883", "mqtt://h:x"])
def test_broker_that_is_none_names_its_key(broker: str) -> None:
    with pytest.raises(BenchError, match=r"cloud\.broker"):
        Cloud(broker=broker)


def test_credentials_in_the_broker_url_are_refused_without_being_shown() -> None:
    with pytest.raises(BenchError) as caught:
        Cloud(broker="mqtt://user:hunter2@127.0.0.1:1883")
    assert "hunter2" not in str(caught.value)


def test_broker_that_is_not_there_names_address_and_key(dead_address: tuple[str, int]) -> None:
    with pytest.raises(BenchError) as caught:
        Cloud(broker=f"mqtt://{at(dead_address)}").start()
    assert at(dead_address) in caught.value.message
    assert "cloud.broker" in caught.value.act


def test_failed_start_leaves_no_thread_and_no_port(mute_server: tuple[str, int]) -> None:
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()
    with pytest.raises(BenchError):
        Cloud(listen=at(free), listen_tls=at(mute_server)).start()
    assert set(threading.enumerate()) <= before
    socket.create_server(free, reuse_port=False).close()


def test_use_without_start_and_after_stop_is_an_error_of_the_bench() -> None:
    cloud = Cloud()
    with pytest.raises(BenchError):
        cloud.check()
    cloud.start()
    cloud.check()
    cloud.stop()
    cloud.stop()
    for use in (cloud.check, lambda: cloud.gateway, lambda: cloud.register_device("p", "d", "s")):
        with pytest.raises(BenchError, match="not running"):
            use()


def test_stop_ends_open_connections_and_frees_the_port() -> None:
    with Cloud() as cloud:
        device = cloud.register_device("pk", "dn", "s")
        one = Wire(cloud.address).send(w.device_connect(device)).expect(w.CONNACK_OK)
        address = cloud.address
    with one:
        one.expect_closed()
    (end,) = cloud.journal.of(Closed)
    assert end.by is Party.GATEWAY
    with Cloud(listen=at(address)) as again:
        assert again.address == address


def test_cloud_without_tls_port() -> None:
    with Cloud(listen_tls="") as cloud:
        cloud.check()
        with cloud.gateway.refusing_tcp():
            pass
        socket.create_connection(cloud.address, timeout=DEADLINE).close()


def test_events_reach_the_callback_in_the_order_of_the_journal() -> None:
    recorded: list[Event] = []
    with Cloud(on_event=recorded.append) as cloud:
        device = cloud.register_device("pk", "dn", "s")
        with Wire(cloud.address) as one:
            one.send(w.device_connect(device)).expect(w.CONNACK_OK)
    assert tuple(recorded) == cloud.journal.events()
    assert {"listening", "connected", "login", "online", "closed"} <= {
        event.to_record().get("event") for event in recorded
    }


def test_record_that_cannot_be_written_is_an_error_of_the_bench_and_the_cloud_goes_on() -> None:
    def disk_full(_event: Event) -> None:
        raise OSError(28, "No space left on device")

    with Cloud(on_event=disk_full) as cloud:
        device = cloud.register_device("pk", "dn", "s")
        with Wire(cloud.address) as one:
            one.send(w.device_connect(device)).expect(w.CONNACK_OK)
        with pytest.raises(BenchError, match="No space left"):
            cloud.check()


def test_broker_that_hangs_is_not_blamed_on_the_module(
    module_of: Callable[[Cloud], Wire], monkeypatch: pytest.MonkeyPatch, mute_server: tuple[str, int]
) -> None:
    monkeypatch.setattr("rigs.cloud.relay.BROKER_DEADLINE", 0.2)
    monkeypatch.setattr("rigs.cloud.service.greet", _welcome)
    with Cloud(broker=f"mqtt://{at(mute_server)}") as cloud:
        one = module_of(cloud)
        one.expect(b"\x20\x02\x00\x03").expect_closed()
        (failure,) = cloud.journal.of(BenchFailure)
        assert "does not answer CONNECT" in failure.message
        with pytest.raises(BenchError, match="does not answer CONNECT") as caught:
            cloud.check()
        assert "cloud.broker" in caught.value.act
        cloud.check()  # told once


async def _welcome(_broker: tuple[str, int], _client_id: str, _deadline: float) -> None:
    """A broker that seems well at start."""


@pytest.mark.parametrize(
    "answer", [b"\x20\x02\x00\x05", b"\xd0\x00", b"\xf0\x00", b""], ids=["5", "ping", "malformed", "closed"]
)
def test_broker_that_answers_nonsense_is_not_blamed_on_the_module(
    module_of: Callable[[Cloud], Wire], monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr("rigs.cloud.service.greet", _welcome)
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        with Cloud(broker=f"mqtt://{host}:{port}") as cloud:
            one = module_of(cloud)
            peer, _ = server.accept()
            with peer:
                peer.recv(1024)
                peer.sendall(answer)
                peer.shutdown(socket.SHUT_WR)
                one.expect(b"\x20\x02\x00\x03").expect_closed()
            with pytest.raises(BenchError):
                cloud.check()
