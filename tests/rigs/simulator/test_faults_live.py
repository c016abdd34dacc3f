"""Faults that show only on the network or over a power cycle, each seen to show, in a real process."""

from __future__ import annotations

import pytest

from tests.rigs.simulator import cloudlike
from tests.rigs.simulator.cloudlike import RawCloud, log_in, publish_packet
from tests.rigs.simulator.host import Simulator


@pytest.mark.parametrize(
    ("faulty", "line", "query"),
    [
        ("late-flush", b'AT+ALYDEVICENAME="new"', b"AT+ALYDEVICENAME?"),
        ("product-key-lost", b'AT+ALYPRODUCTKEY="new"', b"AT+ALYPRODUCTKEY?"),
        ("connection-settings-survive", b"AT+ALYCONNECTCFG=1,443,1", b"AT+ALYCONNECTCFG?"),
        ("mqtt-settings-survive", b"AT+ALYMQTTCFG=1,3000,90000", b"AT+ALYMQTTCFG?"),
    ],
    indirect=["faulty"],
)
def test_what_a_power_cycle_keeps(faulty: Simulator, line: bytes, query: bytes) -> None:
    assert faulty.final(line) == b"OK"
    before = faulty.ask(query)
    faulty.power_cycle()
    kept = faulty.ask(query) == before
    assert kept == line.startswith((b"AT+ALYCONNECTCFG", b"AT+ALYMQTTCFG"))


@pytest.mark.parametrize("faulty", ["torn-write"], indirect=True)
def test_a_torn_write_leaves_half_a_value(faulty: Simulator) -> None:
    whole = b"AT+ALYDEVICENAME=" + b"n" * 32
    for _ in range(100):  # the instant has to be hit
        assert faulty.final(b"AT+ALYDEVICENAME=old") == b"OK"
        faulty.write(whole + b"\r")
        faulty.control("status")
        faulty.power_cycle()
        value = faulty.ask(b"AT+ALYDEVICENAME?").removeprefix(b"+ALYDEVICENAME:")
        if value not in (b"old", b"n" * 32):
            break
    assert value == b"n" * 16


@pytest.mark.parametrize(
    ("faulty", "field", "value"),
    [
        ("keepalive-halved", "keepalive", 30),
        ("keepalive-in-milliseconds", "keepalive", 60000),
        ("clean-session-inverted", "clean_session", True),
        ("always-clean", "clean_session", True),
        ("username-reversed", "username", b"a1pnQWj9dvs&test"),
        ("wrong-signature", "password", b"0" * 40),
    ],
    indirect=["faulty"],
)
def test_what_connect_says(faulty: Simulator, standing_cloud: RawCloud, field: str, value: object) -> None:
    assert getattr(log_in(faulty, standing_cloud), field) == value


@pytest.mark.parametrize(
    ("faulty", "kind", "payload"),
    [
        ("publish-retained", cloudlike.PUBLISH | 1, b"a, b"),
        ("payload-cut-at-comma", cloudlike.PUBLISH, b"a"),
        ("payload-without-spaces", cloudlike.PUBLISH, b"a,b"),
        ("local-echo", cloudlike.DISCONNECT, None),
        ("publish-without-effect", cloudlike.DISCONNECT, None),
    ],
    indirect=["faulty"],
)
def test_what_a_publish_becomes(faulty: Simulator, standing_cloud: RawCloud, kind: int, payload: bytes | None) -> None:
    log_in(faulty, standing_cloud)
    faulty.command(b'AT+ALYMQTTPUB="t",0,"a, b"')
    faulty.write(b"AT+ALYMQTTCLOSE\r")
    assert standing_cloud.packet() == (kind, b"" if payload is None else b"\0\1t" + payload)


@pytest.mark.parametrize(
    ("faulty", "lines"),
    [
        ("downlink-quoted", [b't,"a,b"']),
        ("downlink-doubled", [b"t,a,b", b"t,a,b"]),
        ("downlink-cut-at-comma", [b"t,a"]),
        ("downlink-without-topic", [b",a,b"]),
    ],
    indirect=["faulty"],
)
def test_what_a_downlink_message_becomes(faulty: Simulator, standing_cloud: RawCloud, lines: list[bytes]) -> None:
    log_in(faulty, standing_cloud)
    standing_cloud.send(publish_packet(b"t", b"a,b"))
    assert [faulty.line() for _ in lines] == [b"+MQTTRECV:" + line for line in lines]


@pytest.mark.parametrize("faulty", ["downlink-tears-response"], indirect=True)
def test_a_response_is_torn(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    faulty.write(b'AT+ALYMQTTPUB="t",1,"x"\r')
    _, body = standing_cloud.packet()
    standing_cloud.send(bytes([cloudlike.PUBACK, 2]) + body[3:5] + publish_packet(b"t", b"now"))
    assert b"OK\r\n" not in faulty.read_until(b"+MQTTRECV:")


@pytest.mark.parametrize("faulty", ["downlink-not-acknowledged"], indirect=True)
def test_a_message_stays_unacknowledged(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    standing_cloud.send(publish_packet(b"t", b"x", qos=1))
    assert faulty.line() == b"+MQTTRECV:t,x"
    faulty.write(b"AT+ALYMQTTCLOSE\r")
    assert standing_cloud.packet() == (cloudlike.DISCONNECT, b"")


@pytest.mark.parametrize("faulty", ["no-disconnect", "close-without-closing"], indirect=True)
def test_a_close_without_goodbye(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    assert faulty.final(b"AT+ALYMQTTCLOSE") == b"OK"
    faulty.control("power off")
    assert standing_cloud.packet() == (0, b"")


@pytest.mark.parametrize("faulty", ["loss-crashes"], indirect=True)
def test_a_lost_connection_kills(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    standing_cloud.close_connection()
    faulty.write(b"AT\r")
    while faulty.control("status") != "ok on dead":
        assert faulty.process.poll() is None


@pytest.mark.parametrize("faulty", ["loss-unnoticed"], indirect=True)
def test_a_lost_connection_stays_unnoticed(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    standing_cloud.close_connection()
    assert faulty.final(b"AT") == b"OK"
    assert faulty.final(b"AT+ALYMQTTOPEN") == b"+CME ERROR: 707"
    assert faulty.final(b'AT+ALYMQTTPUB="t",0,"x"') == b"OK"
