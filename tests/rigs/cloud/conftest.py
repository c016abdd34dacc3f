from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from rigs.cloud.broker import Broker
from rigs.cloud.login import Device
from rigs.cloud.loop import LoopThread
from rigs.cloud.service import Cloud
from tests.rigs.cloud.wire import Wire


@pytest.fixture
def broker() -> Iterator[tuple[str, int]]:
    """The address of an embedded broker of the test's own."""
    loop, broker = LoopThread("broker under test"), Broker()
    loop.start()
    try:
        yield loop.run(broker.start("127.0.0.1", 0))
        loop.run(broker.stop())
    finally:
        loop.stop()


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
