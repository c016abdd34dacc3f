"""Fixtures of the simulator's tests."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rigs.simulator.firmware import Firmware
from rigs.simulator.options import ModuleOptions
from tests.rigs.simulator.cloudlike import RawCloud, has_mosquitto, mosquitto
from tests.rigs.simulator.host import Simulator, identify


@pytest.fixture
def firmware(tmp_path: Path) -> Iterator[Firmware]:
    """A module in this process, with nobody at its line."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        module = Firmware(theirs, ModuleOptions(state=tmp_path / "state.json", durable=False))
        yield module
        module.loop.close()


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: Simulator) -> Simulator:
    """A module on a pty, without a network, as new."""
    running_simulator.make_new()
    return running_simulator


@pytest.fixture(scope="session")
def standing_cloud() -> Iterator[RawCloud]:
    with RawCloud() as cloud:
        yield cloud


@pytest.fixture(scope="session")
def running_online(standing_cloud: RawCloud) -> Iterator[Simulator]:
    with Simulator("--cloud", standing_cloud.address) as simulator:
        yield simulator


@pytest.fixture
def online(running_online: Simulator) -> Simulator:
    """A module whose network leads to ``cloud``, as new."""
    running_online.make_new()
    return running_online


@pytest.fixture
def cloud(online: Simulator, standing_cloud: RawCloud) -> RawCloud:
    """A cloud that does what the test does, without connections."""
    standing_cloud.forget_connections()
    return standing_cloud


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real broker."""
    if not has_mosquitto():
        pytest.skip("mosquitto is not installed")
    folder: Path = tmp_path_factory.mktemp("mosquitto")
    with mosquitto(folder) as address:
        yield address


@pytest.fixture
def faulty(request: pytest.FixtureRequest, standing_cloud: RawCloud) -> Iterator[Simulator]:
    """A module with the fault that the test is parametrised with, and the manual's identity: four commands old."""
    yield from _identified("--fault", request.param, standing_cloud)


@pytest.fixture
def quirky(request: pytest.FixtureRequest, standing_cloud: RawCloud) -> Iterator[Simulator]:
    """A module with the habit that the test is parametrised with, and the manual's identity."""
    yield from _identified("--habit", request.param, standing_cloud)


def _identified(option: str, name: str, cloud: RawCloud) -> Iterator[Simulator]:
    cloud.forget_connections()
    with Simulator("--cloud", cloud.address, option, name) as simulator:
        identify(simulator)
        yield simulator
