"""The embedded broker with clients that others wrote: paho-mqtt and mosquitto's command-line tools."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from rigs.cloud.client import CloudClient, Message
from tests.rigs.cloud.clauses import clause
from tests.rigs.cloud.wire import DEADLINE

needs_mosquitto_clients = pytest.mark.skipif(
    not (shutil.which("mosquitto_sub") and shutil.which("mosquitto_pub")),
    reason="mosquitto_sub and mosquitto_pub (Debian: mosquitto-clients) are not installed",
)


@pytest.fixture
def client(broker: tuple[str, int]) -> Iterator[CloudClient]:
    with CloudClient(broker).connect() as connected:
        yield connected


def received(client: CloudClient) -> Message:
    message = client.receive(DEADLINE)
    assert message is not None
    return message


@clause("MQTT-7.0.0-2")
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_paho_gets_a_hundred_messages_in_order(client: CloudClient, qos: int) -> None:
    client.subscribe("t", qos)
    payloads = [str(number).encode() for number in range(100)]
    client.publish_all("t", payloads, qos)
    assert [message.payload for message in client.wait_messages(100, DEADLINE)] == payloads


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_paho_gets_a_large_message(client: CloudClient, qos: int) -> None:
    client.subscribe("t", qos)
    client.publish("t", b"x" * 5_000_000, qos)
    assert received(client).payload == b"x" * 5_000_000


@pytest.mark.parametrize("polite", [False, True], ids=["connection lost", "DISCONNECT"])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_will_of_paho_is_published_unless_it_disconnects(
    broker: tuple[str, int], client: CloudClient, qos: int, polite: bool
) -> None:
    client.subscribe("will", 2)
    connected = threading.Event()
    dying = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311, reconnect_on_failure=False)
    dying.will_set("will", b"bye", qos, retain=True)
    dying.on_connect = lambda *_: connected.set()
    dying.connect(*broker)
    dying.loop_start()
    try:
        assert connected.wait(DEADLINE)
        if polite:
            dying.disconnect()
        else:
            dying.socket().shutdown(socket.SHUT_RDWR)
    finally:
        dying.loop_stop()
    if polite:
        client.publish("will", b"none came before", qos)
    message = received(client)
    assert (message.payload, message.qos) == (b"none came before" if polite else b"bye", qos)


def test_paho_resumes_its_session(broker: tuple[str, int], client: CloudClient) -> None:
    with CloudClient(broker, client_id="stays", clean_session=False).connect() as first:
        first.subscribe("t", 2)
    client.publish_all("t", [b"1", b"2"], 2)
    with CloudClient(broker, client_id="stays", clean_session=False).connect() as second:
        assert [m.payload for m in second.wait_messages(2, DEADLINE)] == [b"1", b"2"]


def test_retained_message_of_paho_is_kept_and_removed(broker: tuple[str, int], client: CloudClient) -> None:
    client.publish("kept", b"1", 2, retain=True)
    with CloudClient(broker).connect() as late:
        late.subscribe("#", 1)
        message = received(late)
        assert (message.payload, message.qos, message.retain) == (b"1", 1, True)
    client.publish("kept", b"", 1, retain=True)
    with CloudClient(broker).connect() as later:
        later.subscribe("#", 1)
        later.barrier()
        assert later.messages == ()


def mosquitto(tool: str, broker: tuple[str, int], *arguments: str) -> list[str]:
    return [tool, "-h", broker[0], "-p", str(broker[1]), "-V", "mqttv311", *arguments]


def run(command: list[str], stdin: bytes = b"") -> bytes:
    """Standard output of a command that succeeds."""
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, check=True, timeout=DEADLINE).stdout


@needs_mosquitto_clients
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_mosquitto_pub_reaches_paho(broker: tuple[str, int], client: CloudClient, qos: str) -> None:
    client.subscribe("from/#", 2)
    run(mosquitto("mosquitto_pub", broker, "-t", "from/mosquitto", "-m", "grüße", "-q", qos))
    message = received(client)
    assert (message.payload, message.qos) == ("grüße".encode(), int(qos))


@needs_mosquitto_clients
@clause("MQTT-7.0.0-2")
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
@pytest.mark.parametrize("qos", ["1", "2"])
def test_mosquitto_sub_resumes_its_session(broker: tuple[str, int], qos: str) -> None:
    subscriber = mosquitto("mosquitto_sub", broker, "-c", "-i", "stays", "-t", "t", "-q", qos)
    run([*subscriber, "-E"])
    run(mosquitto("mosquitto_pub", broker, "-t", "t", "-q", qos, "-l"), b"1\n2\n3\n")
    assert run([*subscriber, "-C", "3"]) == b"1\n2\n3\n"


@needs_mosquitto_clients
def test_mosquitto_pub_removes_a_retained_message(broker: tuple[str, int], client: CloudClient) -> None:
    publisher = mosquitto("mosquitto_pub", broker, "-t", "kept", "-r", "-q", "1")
    run([*publisher, "-m", "x"])
    read = mosquitto("mosquitto_sub", broker, "-t", "#", "--retained-only", "-C", "1", "-F", "%t %r %p")
    assert run(read) == b"kept 1 x\n"
    run([*publisher, "-n"])
    client.subscribe("#", 1)
    client.barrier()
    assert client.messages == ()


@needs_mosquitto_clients
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_large_message_between_mosquitto_clients(broker: tuple[str, int], qos: str) -> None:
    payload = b"0123456789abcdef" * 100_000
    run(mosquitto("mosquitto_pub", broker, "-t", "t", "-q", qos, "-r", "-s"), payload)
    assert run(mosquitto("mosquitto_sub", broker, "-t", "t", "-q", qos, "-C", "1", "-N")) == payload


@needs_mosquitto_clients
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_will_of_mosquitto_sub_is_published_when_it_is_killed(
    broker: tuple[str, int], client: CloudClient, qos: str
) -> None:
    client.publish("ready", b"ready", 1, retain=True)
    client.subscribe("will", 2)
    will = ["--will-topic", "will", "--will-payload", "bye", "--will-qos", qos, "--will-retain"]
    with subprocess.Popen(
        mosquitto("mosquitto_sub", broker, "-t", "ready", *will), stdout=subprocess.PIPE, text=True
    ) as dying:
        try:
            assert dying.stdout is not None
            assert dying.stdout.readline() == "ready\n"
        finally:
            dying.kill()
    message = received(client)
    assert (message.payload, message.qos, message.retain) == (b"bye", int(qos), False)


@needs_mosquitto_clients
def test_mosquitto_client_with_mqtt_5_is_told_that_only_3_1_1_is_spoken(broker: tuple[str, int]) -> None:
    done = subprocess.run(
        ["mosquitto_pub", "-h", broker[0], "-p", str(broker[1]), "-V", "mqttv5", "-t", "t", "-m", "x"],
        capture_output=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode != 0
