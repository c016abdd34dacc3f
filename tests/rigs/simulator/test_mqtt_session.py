"""The MQTT session as the cloud sees it, byte by byte (manual 2.4.7-2.4.12, MQTT 3.1.1)."""

from __future__ import annotations

import hashlib
import hmac
import socket
import struct

import pytest

from tests.rigs.simulator import cloudlike
from tests.rigs.simulator.cloudlike import Connect, RawCloud, publish_packet
from tests.rigs.simulator.host import Simulator, identify

TOPIC = b"/a1pnQWj9dvs/test/user/get"


def open_session(simulator: Simulator, cloud: RawCloud, settings: bytes = b"0,1000,60000") -> Connect:
    identify(simulator)
    assert simulator.final(b"AT+ALYMQTTCFG=" + settings) == b"OK"
    simulator.write(b"AT+ALYMQTTOPEN\r")
    connect = cloud.login()
    assert simulator.answer().final == b"OK"
    return connect


def test_the_login_is_the_platforms(online: Simulator, cloud: RawCloud) -> None:
    connect = open_session(online, cloud)
    device, keys, rest = connect.client_id.split(b"|")
    assert rest == b""
    named = dict(key.split(b"=") for key in keys.split(b","))
    assert (named[b"securemode"], named[b"signmethod"]) == (b"3", b"hmacsha1")
    assert connect.username == b"test&a1pnQWj9dvs"
    content = b"clientId" + device + b"deviceNametestproductKeya1pnQWj9dvstimestamp" + named[b"timestamp"]
    expected = hmac.new(b"C5LTDEyQj6wMXh8KaNICzvCSgi69Ysj8", content, hashlib.sha1).hexdigest()
    assert connect.password.decode() == expected
    assert (connect.protocol, connect.level) == (b"MQTT", 4)


@pytest.mark.parametrize(
    ("settings", "clean", "keepalive"),
    [
        (b"0,1000,60000", False, 60),
        (b"1,1000,30500", True, 31),
        (b"1,1000,0", True, 1),
        (b"0,1000,4000000000", False, 65535),
    ],
)
def test_connect_carries_the_settings(
    online: Simulator, cloud: RawCloud, settings: bytes, clean: bool, keepalive: int
) -> None:
    connect = open_session(online, cloud, settings)
    assert (connect.clean_session, connect.keepalive) == (clean, keepalive)


def test_missing_values_have_their_codes_and_need_no_network(simulator: Simulator) -> None:
    for name, value, code in (
        (b"PRODUCTKEY", b"pk", b"701"),
        (b"DEVICENAME", b"dn", b"703"),
        (b"DEVICESECRET", b"ds", b"704"),
        (b"PRODUCTSECRET", b"ps", b"700"),
    ):
        assert simulator.final(b"AT+ALYMQTTOPEN") == b"+CME ERROR: " + code
        assert simulator.final(b'AT+ALY%b="%b"' % (name, value)) == b"OK" or code == b"700"


@pytest.mark.parametrize("name", [b"\xff", b"a\0b"])
def test_a_name_that_mqtt_cannot_carry_is_refused_at_open(online: Simulator, name: bytes) -> None:
    identify(online)
    assert online.final(b'AT+ALYDEVICENAME="' + name + b'"') == b"OK"
    assert online.final(b"AT+ALYMQTTOPEN") == b"+CME ERROR: 708"


def test_what_needs_a_session_is_refused_without_one(online: Simulator) -> None:
    for line in (b"CLOSE", b'SUB="t",0', b'UNSUB="t"', b'PUB="t",0,"x"'):
        assert online.final(b"AT+ALYMQTT" + line) == b"+CME ERROR: 705"
    for form in (b"SUB", b"UNSUB", b"PUB"):
        assert online.ask(b"AT+ALYMQTT" + form + b"=?").startswith(b"+ALYMQTT" + form + b":")


def test_open_takes_no_argument_and_is_refused_while_open(online: Simulator, cloud: RawCloud) -> None:
    identify(online)
    assert online.final(b"AT+ALYMQTTOPEN=1") == b"+CME ERROR: 708"
    open_session(online, cloud)
    assert online.final(b"AT+ALYMQTTOPEN") == b"+CME ERROR: 707"
    online.write(b'AT+ALYMQTTPUB="t",0,"still here"\r')
    assert cloud.packet() == (cloudlike.PUBLISH, b"\0\1tstill here")
    assert online.answer().final == b"OK"


def test_close_says_goodbye(online: Simulator, cloud: RawCloud) -> None:
    open_session(online, cloud)
    online.write(b"AT+ALYMQTTCLOSE\r")
    assert cloud.packet() == (cloudlike.DISCONNECT, b"")
    assert cloud.packet() == (0, b"")
    assert online.answer().final == b"OK"
    assert online.final(b"AT+ALYMQTTCLOSE") == b"+CME ERROR: 705"


@pytest.mark.parametrize(
    ("code", "error"), [(1, b"700"), (2, b"706"), (3, b"700"), (4, b"706"), (5, b"706"), (9, b"700")]
)
def test_a_refused_login_is_an_error_and_the_next_open_works(
    online: Simulator, cloud: RawCloud, code: int, error: bytes
) -> None:
    identify(online)
    online.write(b"AT+ALYMQTTOPEN\r")
    cloud.login(code)
    assert online.answer().final == b"+CME ERROR: " + error
    open_session(online, cloud)


def test_an_unreachable_cloud_is_a_network_error_and_open_works_once_it_is_back(
    online: Simulator, cloud: RawCloud
) -> None:
    identify(online)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    assert online.final(b"AT+ALYCONNECTCFG=0,%d,0" % port) == b"OK"
    assert online.final(b"AT+ALYMQTTOPEN") == b"+CME ERROR: 700"
    assert online.final(b"AT+ALYCONNECTCFG=0,1883,0") == b"OK"
    open_session(online, cloud)


def test_a_silent_cloud_ends_each_request_within_the_timeout(online: Simulator, cloud: RawCloud) -> None:
    identify(online)
    assert online.final(b"AT+ALYMQTTCFG=0,300,60000") == b"OK"
    online.write(b"AT+ALYMQTTOPEN\r")
    cloud.accept()
    assert online.answer().final == b"+CME ERROR: 700"
    open_session(online, cloud, b"0,300,60000")
    for line in (b'SUB="t",1', b'UNSUB="t"', b'PUB="t",1,"x"', b'PUB="t",2,"x"'):
        assert online.final(b"AT+ALYMQTT" + line) == b"+CME ERROR: 700"
    assert online.final(b'AT+ALYMQTTPUB="t",0,"x"') == b"OK"


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_subscribe_asks_for_the_qos_and_waits_for_the_answer(online: Simulator, cloud: RawCloud, qos: int) -> None:
    open_session(online, cloud)
    online.write(b'AT+ALYMQTTSUB="a/b",%d\r' % qos)
    kind, body = cloud.packet()
    assert (kind, body[2:]) == (cloudlike.SUBSCRIBE | 2, b"\0\3a/b" + bytes([qos]))
    cloud.send(bytes([cloudlike.SUBACK, 3]) + body[:2] + bytes([qos]))
    assert online.answer().final == b"OK"
    online.write(b'AT+ALYMQTTUNSUB="a/b"\r')
    kind, body = cloud.packet()
    assert (kind, body[2:]) == (cloudlike.UNSUBSCRIBE | 2, b"\0\3a/b")
    cloud.send(bytes([cloudlike.UNSUBACK, 2]) + body[:2])
    assert online.answer().final == b"OK"


def test_a_refused_subscription_is_an_error(online: Simulator, cloud: RawCloud) -> None:
    open_session(online, cloud)
    online.write(b'AT+ALYMQTTSUB="a/b",1\r')
    _, body = cloud.packet()
    cloud.send(bytes([cloudlike.SUBACK, 3]) + body[:2] + b"\x80")
    assert online.answer().final == b"+CME ERROR: 706"


@pytest.mark.parametrize(
    "line",
    [
        b'SUB="t",3',
        b'SUB="t",-1',
        b'SUB="t",x',
        b'SUB="t"',
        b'SUB="",0',
        b'SUB="t",0,0',
        b'SUB="a#",0',
        b'SUB="a\0b",0',
        b'SUB="\xff",0',
        b'SUB="' + b"t" * 129 + b'",0',
        b'UNSUB=""',
        b"UNSUB=",
        b'PUB="t",0',
        b'PUB="t",3,"x"',
        b'PUB="",0,"x"',
        b'PUB="a/+",0,"x"',
        b'PUB="t",0,"x"y',
    ],
)
def test_a_malformed_request_is_refused_and_nothing_is_sent(online: Simulator, cloud: RawCloud, line: bytes) -> None:
    open_session(online, cloud)
    assert online.final(b"AT+ALYMQTT" + line) in (b"+CME ERROR: 50", b"+CME ERROR: 708")
    online.write(b'AT+ALYMQTTPUB="after",0,""\r')
    assert cloud.packet() == (cloudlike.PUBLISH, b"\0\5after")


@pytest.mark.parametrize(
    ("written", "payload"),
    [
        (rb'"{\"message\":\"hello!\"}"', b'{"message":"hello!"}'),
        (b'"' + bytes(set(range(32, 127)) - set(b'"\\')) + b'"', bytes(set(range(32, 127)) - set(b'"\\'))),
        (rb'"C:\new\\table"', rb"C:\new\table"),
        ('"温度 25℃"'.encode(), "温度 25℃".encode()),
        (b'"' + b"x" * 900 + b'"', b"x" * 900),
        (b'"a\0b\nc"', b"a\0b\nc"),
        (b'""', b""),
    ],
)
def test_publish_sends_the_payload_as_meant(online: Simulator, cloud: RawCloud, written: bytes, payload: bytes) -> None:
    open_session(online, cloud)
    online.write(b'AT+ALYMQTTPUB="t",0,' + written + b"\r")
    assert cloud.packet() == (cloudlike.PUBLISH, b"\0\1t" + payload)
    assert online.answer().final == b"OK"


def test_a_confirmed_publish_waits_for_the_acknowledgement_and_a_failed_one_never_comes_later(
    online: Simulator, cloud: RawCloud
) -> None:
    open_session(online, cloud, b"0,300,60000")
    online.write(b'AT+ALYMQTTPUB="t",1,"one"\r')
    kind, body = cloud.packet()
    assert (kind, body[:3], body[5:]) == (cloudlike.PUBLISH | 2, b"\0\1t", b"one")
    assert online.answer().final == b"+CME ERROR: 700"
    cloud.send(bytes([cloudlike.PUBACK, 2]) + body[3:5])
    online.write(b'AT+ALYMQTTPUB="t",1,"two"\r')
    kind, body = cloud.packet()
    assert body[5:] == b"two"
    cloud.send(bytes([cloudlike.PUBACK, 2]) + body[3:5])
    assert online.answer().final == b"OK"


def test_downlink_messages_are_shown_raw_in_order_and_acknowledged(online: Simulator, cloud: RawCloud) -> None:
    open_session(online, cloud)
    payloads = [bytes(range(32, 127)), b'{"a":[1,2]},"b\\"', "温度".encode(), b"", b"x" * 512, b"\0\xff"]
    for number, payload in enumerate(payloads, 1):
        cloud.send(publish_packet(TOPIC, payload, qos=1, mid=number))
    for payload in payloads:
        assert online.read_until(b"\r\n" + b"+MQTTRECV:" + TOPIC + b"," + payload + b"\r\n")
    for number in range(1, len(payloads) + 1):
        assert cloud.packet() == (cloudlike.PUBACK, struct.pack("!H", number))


def test_a_downlink_message_waits_while_a_command_runs_or_is_being_typed(online: Simulator, cloud: RawCloud) -> None:
    open_session(online, cloud)
    online.write(b'AT+ALYMQTTPUB="t",1,"x"\r')
    _, body = cloud.packet()
    cloud.send(publish_packet(TOPIC, b"now") + bytes([cloudlike.PUBACK, 2]) + body[3:5])
    assert online.read_until(b"now\r\n") == b"\r\nOK\r\n\r\n+MQTTRECV:" + TOPIC + b",now\r\n"
    online.command(b"ATE1")
    online.write(b"AT+CG")
    assert online.read_until(b"AT+CG") == b"AT+CG"
    cloud.send(publish_packet(TOPIC, b"later", qos=1))
    assert cloud.packet() == (cloudlike.PUBACK, b"\0\1")
    online.write(b"MM\r")
    assert online.read_until(b"later\r\n").startswith(b"MM\r\r\nML302\r\n\r\nOK\r\n")


@pytest.mark.parametrize("reset", [False, True])
def test_a_lost_connection_closes_the_session_and_open_works_again(
    online: Simulator, cloud: RawCloud, reset: bool
) -> None:
    open_session(online, cloud)
    cloud.close_connection(reset=reset)
    for line in (b'SUB="t",0', b'PUB="t",0,"x"', b"CLOSE"):
        assert online.final(b"AT+ALYMQTT" + line) == b"+CME ERROR: 705"
    open_session(online, cloud)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0\0",
        b"\xf0\0",
        b"\x30\xff\xff\xff\xff\xff",
        b"\x30\x02\0\x09",
        b"\x30\x04\0\2\xff\xfe",
        b"\x36\x05\0\1t\0\1",
        b"\x90\0",
        b"\x90\x03\0\1\x55",
        b"\x40\x01\0",
        b"\x20\x02\0\0",
        b"\xd0\x01\0",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_malformed_packets_do_not_kill_the_module(online: Simulator, cloud: RawCloud, garbage: bytes) -> None:
    open_session(online, cloud)
    cloud.send(garbage)
    cloud.close_connection()
    assert online.final(b"AT") == b"OK"
    assert online.final(b'AT+ALYMQTTPUB="t",0,"x"') == b"+CME ERROR: 705"
    open_session(online, cloud)


def test_pings_keep_the_link_alive_and_a_dead_one_is_noticed(online: Simulator, cloud: RawCloud) -> None:
    open_session(online, cloud, b"0,1000,1000")
    for _ in range(2):
        assert cloud.packet() == (cloudlike.PINGREQ, b"")
        cloud.send(bytes([cloudlike.PINGRESP, 0]))
    assert cloud.packet() == (cloudlike.PINGREQ, b"")
    assert cloud.packet() == (0, b"")
    assert online.final(b'AT+ALYMQTTPUB="t",0,"x"') == b"+CME ERROR: 705"


def test_power_off_takes_the_connection_along(online: Simulator, cloud: RawCloud) -> None:
    open_session(online, cloud)
    online.power_cycle()
    assert cloud.packet() == (0, b"")
    assert online.final(b"AT+ALYMQTTCLOSE") == b"+CME ERROR: 705"
