"""The module against mosquitto: the manual's example, bursts, many sessions."""

from __future__ import annotations

from collections.abc import Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.rigs.simulator.host import Simulator, identify

TOPIC = b"/a1pnQWj9dvs/test/user/test"


@pytest.fixture
def module(broker: str) -> Iterator[Simulator]:
    with Simulator("--cloud", broker) as simulator:
        identify(simulator)
        yield simulator


def publish(broker: str, topic: bytes, payloads: list[bytes]) -> None:
    """Send as another client would, and return when the broker has it all."""
    host, _, port = broker.rpartition(":")
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect(host, int(port))
    client.loop_start()
    try:
        for payload in payloads:
            client.publish(topic.decode(), payload, qos=1).wait_for_publish(10)
    finally:
        client.disconnect()
        client.loop_stop()


def test_the_manuals_example(module: Simulator) -> None:
    assert module.final(b"AT+ALYCONNECTCFG=0,1883,0") == b"OK"
    assert module.final(b"AT+ALYMQTTCFG=0,2000,60000") == b"OK"
    assert module.final(b"AT+ALYMQTTOPEN") == b"OK"
    assert module.final(b'AT+ALYMQTTSUB="' + TOPIC + b'",0') == b"OK"
    assert module.final(b'AT+ALYMQTTPUB="' + TOPIC + rb'",0,"{\"message\":\"hello!\"}"') == b"OK"
    assert module.line() == b"+MQTTRECV:" + TOPIC + b',{"message":"hello!"}'
    assert module.final(b"AT+ALYMQTTCLOSE") == b"OK"


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_message_to_itself_comes_back_once(module: Simulator, qos: int) -> None:
    assert module.final(b"AT+ALYMQTTOPEN") == b"OK"
    assert module.final(b'AT+ALYMQTTSUB="t",%d' % qos) == b"OK"
    for number in range(20):
        assert module.final(b'AT+ALYMQTTPUB="t",%d,"%d"' % (qos, number)) == b"OK"
        assert module.line() == b"+MQTTRECV:t,%d" % number
    assert module.final(b'AT+ALYMQTTUNSUB="t"') == b"OK"
    assert module.final(b'AT+ALYMQTTPUB="t",%d,"unheard"' % qos) == b"OK"
    assert module.command(b"AT").lines == []


def test_a_burst_arrives_once_and_in_order(module: Simulator, broker: str) -> None:
    assert module.final(b"AT+ALYMQTTOPEN") == b"OK"
    assert module.final(b'AT+ALYMQTTSUB="burst",1') == b"OK"
    publish(broker, b"burst", [b"%d" % number for number in range(50)])
    assert [module.line() for _ in range(50)] == [b"+MQTTRECV:burst,%d" % number for number in range(50)]


def test_twenty_sessions_in_a_row(module: Simulator) -> None:
    for _ in range(20):
        assert module.final(b"AT+ALYMQTTOPEN") == b"OK"
        assert module.final(b"AT+ALYMQTTCLOSE") == b"OK"
