from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from rigs.cloud.broker import Broker
from rigs.cloud.login import Device
from rigs.cloud.loop import LoopThread
from rigs.cloud.service import Cloud
from tests.rigs.cloud import mosquitto
from tests.rigs.cloud.wire import Wire


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "clause(*identifiers): statements of MQTT 3.1.1 that the test proves")
    config.addinivalue_line("markers", "embedded_only(reason): not run against mosquitto")


@pytest.fixture
def broker(
    request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[str, int]]:
    """The address of a broker of the test's own: the embedded one, or mosquitto where ``both_brokers`` asks for it."""
    if getattr(request, "param", "embedded") == "mosquitto":
        if (only := request.node.get_closest_marker("embedded_only")) is not None:
            pytest.skip(only.args[0])
        with mosquitto.running(tmp_path) as peer:
            yield peer.address
        return
    loop, broker = LoopThread("broker under test"), Broker()
    loop.start()
    try:
        yield loop.run(broker.start("127.0.0.1", 0))
        loop.run(broker.stop())
    finally:
        loop.stop()
    unhandled = [record.getMessage() for record in caplog.get_records("call") if record.name == "asyncio"]
    assert not unhandled, "the broker's event loop met what nobody had foreseen"


@pytest.fixture
def wire(broker: tuple[str, int]) -> Iterator[Callable[[], Wire]]:
    """Opens raw connections to the broker."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Wire(broker))


@pytest.fixture
def dead_address() -> Iterator[tuple[str, int]]:
    """An address that refuses connections: bound, so that nobody else takes it, and not listening."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()


@pytest.fixture
def mute_server() -> Iterator[tuple[str, int]]:
    """A server that accepts TCP connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


@pytest.fixture
def device(cloud: Cloud) -> Device:
    return cloud.register_device("a1pnQWj9dvs", "test", "not-a-real-secret")


@pytest.fixture
def module(cloud: Cloud) -> Iterator[Callable[[], Wire]]:
    """Opens raw connections to the gateway's TCP port."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Wire(cloud.address))


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Cloud() as running:
        yield running
        running.check()
