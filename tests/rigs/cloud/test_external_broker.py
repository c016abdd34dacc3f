"""The gateway in front of a broker that others wrote; the module must not be able to tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rigs.cloud.events import BenchFailure, Party
from rigs.cloud.profile import ProfileName
from rigs.cloud.service import Cloud
from rigs.errors import BenchError
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.mosquitto import Mosquitto, needs_mosquitto, running
from tests.rigs.cloud.wire import DEADLINE, Wire

TOPIC = "/pk/dn/user/test"
pytestmark = needs_mosquitto


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


@pytest.fixture
def external(request: pytest.FixtureRequest, mosquitto: Mosquitto) -> Iterator[Cloud]:
    profile: ProfileName = getattr(request, "param", ProfileName.MQTT)
    with Cloud(broker="mqtt://{}:{}".format(*mosquitto.address), profile=profile) as cloud:
        cloud.register_device("pk", "dn", "s")
        yield cloud


both_profiles = pytest.mark.parametrize("external", ProfileName, indirect=True)
platform = pytest.mark.parametrize("external", [ProfileName.PLATFORM], indirect=True)


def device_connect(
    cloud: Cloud, *, clean: bool = True, client_id: str = "module", timestamp: int | None = None
) -> bytes:
    device = cloud.register_device("pk", "dn", "s")
    return w.device_connect(device, clean=clean, client_id=client_id, timestamp=timestamp)


def test_loopback_through_mosquitto(external: Cloud) -> None:
    with Wire(external.address) as one, external.new_client() as client:
        one.send(device_connect(external)).expect(w.CONNACK_OK)
        one.send(w.subscribe(1, (TOPIC, 1))).expect(b"\x90\x03\x00\x01\x01")
        client.publish(TOPIC, b"down", 1)
        one.expect(w.publish(TOPIC, b"down", 1, 1)).send(w.ack(w.PUBACK, 1))
        client.subscribe(TOPIC, 1)
        one.send(w.publish(TOPIC, b"up", 1, 2))
        answers = {one.read_packet(), one.read_packet()}
        assert answers == {w.ack(w.PUBACK, 2), w.publish(TOPIC, b"up", 1, 2)}
        message = client.receive(DEADLINE, topic=TOPIC)
        assert message is not None
        assert message.payload == b"up"
    external.check()


def test_barrier_works_with_mosquitto(external: Cloud) -> None:
    with external.new_client() as reader, external.new_client() as writer:
        reader.subscribe("#", 1)
        writer.publish_all("t", [b"x"] * 50, 1)
        reader.barrier()
        writer.barrier()
        assert len(reader.messages) == 50
        assert writer.messages == ()


@both_profiles
def test_session_outlives_a_change_of_the_client_id_behind_mosquitto(external: Cloud) -> None:
    with Wire(external.address) as one:
        one.send(device_connect(external, clean=False, timestamp=1)).expect(w.CONNACK_OK)
        one.send(w.subscribe(1, (TOPIC, 1))).expect(b"\x90\x03\x00\x01\x01")
        one.send(w.DISCONNECT).expect_closed()
    with external.new_client() as client:
        client.publish(TOPIC, b"meanwhile", 1)
    with Wire(external.address) as two:
        two.send(device_connect(external, clean=False, client_id="later", timestamp=2)).expect(w.CONNACK_PRESENT)
        assert two.read_packet().endswith(b"meanwhile")


@platform
@pytest.mark.parametrize("qos", [0, 1])
def test_downlink_has_the_qos_of_its_publisher_behind_mosquitto(external: Cloud, qos: int) -> None:
    with Wire(external.address) as one, external.new_client() as client:
        one.send(device_connect(external)).expect(w.CONNACK_OK)
        one.send(w.subscribe(1, (TOPIC, 0), ("#", 1))).expect(b"\x90\x04\x00\x01\x00\x80")
        client.publish("/elsewhere", b"not for it", 1)
        client.publish(TOPIC, b"down", qos)
        one.expect(w.publish(TOPIC, b"down", qos, 1))


@platform
def test_nothing_is_retained_behind_mosquitto(external: Cloud) -> None:
    with Wire(external.address) as one:
        one.send(device_connect(external)).expect(w.CONNACK_OK)
        one.send(w.publish(TOPIC, b"kept?", 1, 5, retain=True)).expect(w.ack(w.PUBACK, 5))
    with external.new_client() as late:
        late.subscribe(TOPIC)
        late.barrier()
        assert late.messages == ()


@both_profiles
def test_second_login_kicks_the_first_behind_mosquitto(external: Cloud) -> None:
    with Wire(external.address) as one, Wire(external.address) as two:
        one.send(device_connect(external, timestamp=1)).expect(w.CONNACK_OK)
        two.send(device_connect(external, client_id="other", timestamp=2)).expect(w.CONNACK_OK)
        one.expect_closed()
        two.expect_quiet()
    end = external.connections[0].closed
    assert end is not None
    assert end.by is Party.BROKER


def test_session_of_a_device_is_forgotten_by_mosquitto(external: Cloud) -> None:
    with Wire(external.address) as one:
        one.send(device_connect(external, clean=False)).expect(w.CONNACK_OK)
        one.send(w.DISCONNECT).expect_closed()
    external.forget_session("pk", "dn")
    with Wire(external.address) as two:
        two.send(device_connect(external, clean=False)).expect(w.CONNACK_OK)


def test_death_of_the_broker_is_not_blamed_on_the_module(external: Cloud, mosquitto: Mosquitto) -> None:
    with Wire(external.address) as one:
        one.send(device_connect(external)).expect(w.CONNACK_OK)
        mosquitto.process.kill()
        one.expect_closed()
        (failure,) = external.journal.of(BenchFailure)
        assert "died" in failure.message
        with pytest.raises(BenchError, match="died"):
            external.check()
    with pytest.raises(BenchError, match="does not serve"):
        external.check()
    with Wire(external.address) as again:
        again.send(device_connect(external)).expect(b"\x20\x02\x00\x03").expect_closed()
    with pytest.raises(BenchError, match="cannot be reached"):
        external.check()
