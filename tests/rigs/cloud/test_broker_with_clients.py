"""The embedded broker with clients that others wrote: paho-mqtt and mosquitto's command-line tools."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from rigs.cloud.client import CloudClient
from tests.rigs.cloud.wire import DEADLINE

needs_mosquitto_clients = pytest.mark.skipif(
    not (shutil.which("mosquitto_sub") and shutil.which("mosquitto_pub")),
    reason="mosquitto_sub and mosquitto_pub (Debian: mosquitto-clients) are not installed",
)


@pytest.fixture
def client(broker: tuple[str, int]) -> Iterator[CloudClient]:
    with CloudClient(broker).connect() as connected:
        yield connected


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_paho_gets_a_hundred_messages_in_order(client: CloudClient, qos: int) -> None:
    client.subscribe("t", qos)
    payloads = [str(number).encode() for number in range(100)]
    client.publish_all("t", payloads, qos)
    assert [message.payload for message in client.wait_messages(100, DEADLINE)] == payloads


def test_paho_gets_a_large_message(client: CloudClient) -> None:
    client.subscribe("t", 1)
    client.publish("t", b"x" * 1_000_000, 1)
    message = client.receive(DEADLINE)
    assert message is not None
    assert message.payload == b"x" * 1_000_000


def test_paho_resumes_its_session(broker: tuple[str, int], client: CloudClient) -> None:
    with CloudClient(broker, client_id="stays", clean_session=False).connect() as first:
        first.subscribe("t", 2)
    client.publish_all("t", [b"1", b"2"], 2)
    with CloudClient(broker, client_id="stays", clean_session=False).connect() as second:
        assert [m.payload for m in second.wait_messages(2, DEADLINE)] == [b"1", b"2"]


def mosquitto(tool: str, broker: tuple[str, int], *arguments: str) -> list[str]:
    return [tool, "-h", broker[0], "-p", str(broker[1]), "-V", "mqttv311", *arguments]


@needs_mosquitto_clients
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_mosquitto_pub_reaches_paho(broker: tuple[str, int], client: CloudClient, qos: str) -> None:
    client.subscribe("from/#", 2)
    subprocess.run(
        mosquitto("mosquitto_pub", broker, "-t", "from/mosquitto", "-m", "grüße", "-q", qos),
        check=True,
        timeout=DEADLINE,
    )
    message = client.receive(DEADLINE)
    assert message is not None
    assert (message.payload, message.qos) == ("grüße".encode(), int(qos))


@needs_mosquitto_clients
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_mosquitto_sub_hears_retained_and_live_messages(broker: tuple[str, int], client: CloudClient, qos: str) -> None:
    client.publish("t/kept", b"retained", 1, retain=True)
    with subprocess.Popen(
        mosquitto("mosquitto_sub", broker, "-t", "t/+", "-q", qos, "-C", "2", "-F", "%t %r %p"),
        stdout=subprocess.PIPE,
        text=True,
    ) as sub:
        try:
            assert sub.stdout is not None
            assert sub.stdout.readline() == "t/kept 1 retained\n"
            client.publish("t/live", b"live", 2)
            assert sub.stdout.readline() == "t/live 0 live\n"
            assert sub.wait(DEADLINE) == 0
        finally:
            sub.kill()


@needs_mosquitto_clients
def test_mosquitto_client_with_mqtt_5_is_told_that_only_3_1_1_is_spoken(broker: tuple[str, int]) -> None:
    done = subprocess.run(
        ["mosquitto_pub", "-h", broker[0], "-p", str(broker[1]), "-V", "mqttv5", "-t", "t", "-m", "x"],
        capture_output=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode != 0
