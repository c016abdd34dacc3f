"""Habits that show only towards the cloud, each seen to show, in a real process."""

from __future__ import annotations

import pytest

from tests.rigs.simulator import cloudlike
from tests.rigs.simulator.cloudlike import CLOSE, OPEN, RawCloud, log_in, publish_packet
from tests.rigs.simulator.host import DEADLINE, Simulator


@pytest.mark.parametrize("quirky", ["opens-after-1-s", "notices-drop-late", "pings-late"], indirect=True)
def test_the_session_works_as_ever(quirky: Simulator, standing_cloud: RawCloud) -> None:
    log_in(quirky, standing_cloud)
    assert quirky.final(b'AT+ALYMQTTPUB="t",0,"x"') == b"OK"
    assert standing_cloud.packet() == (cloudlike.PUBLISH, b"\0\1tx")
    assert quirky.final(CLOSE) == b"OK"


@pytest.mark.parametrize("quirky", ["open-refused-after-2-s"], indirect=True)
def test_a_refused_open_and_one_that_needs_no_cloud(quirky: Simulator, standing_cloud: RawCloud) -> None:
    quirky.write(OPEN + b"\r")
    standing_cloud.login(code=5)
    assert quirky.answer().final == b"+CME ERROR: 706"
    assert quirky.final(b'AT+ALYDEVICENAME=""') == b"OK"
    assert quirky.final(OPEN) == b"+CME ERROR: 703"


@pytest.mark.parametrize("quirky", ["notices-drop-2-s-late"], indirect=True)
def test_a_drop_that_open_notices_late(quirky: Simulator, standing_cloud: RawCloud) -> None:
    log_in(quirky, standing_cloud)
    standing_cloud.close_connection()
    while (final := quirky.final(b'AT+ALYMQTTPUB="t",0,"x"')) == b"OK":
        pass
    assert final == b"+CME ERROR: 700"
    assert quirky.final(OPEN) == b"+CME ERROR: 707"
    assert quirky.final(CLOSE) == b"OK"
    assert quirky.final(CLOSE) == b"+CME ERROR: 705"
    log_in(quirky, standing_cloud)
    standing_cloud.close_connection()
    assert quirky.final(b"AT+ALYMQTTCFG=0,200,60000") == b"OK"
    while (final := quirky.final(OPEN)) == b"+CME ERROR: 707":
        pass
    assert final == b"+CME ERROR: 700"  # it has tried, and nobody has answered its CONNECT
    standing_cloud.forget_connections()
    log_in(quirky, standing_cloud)


@pytest.mark.parametrize("quirky", ["settings-end-the-session"], indirect=True)
@pytest.mark.parametrize("line", [b"AT+ALYCONNECTCFG=1,1883,0", b"AT+ALYMQTTCFG=1,1000,60000"])
def test_a_setting_ends_the_session(quirky: Simulator, standing_cloud: RawCloud, line: bytes) -> None:
    log_in(quirky, standing_cloud)
    assert quirky.final(line) == b"OK"
    assert standing_cloud.packet() == (cloudlike.DISCONNECT, b"")
    assert quirky.final(CLOSE) == b"+CME ERROR: 705"
    assert quirky.ask(line.partition(b"=")[0] + b"?").endswith(line.partition(b"=")[2])


@pytest.mark.parametrize("quirky", ["ok-to-sub-before-suback"], indirect=True)
def test_a_sub_that_nobody_waits_for(quirky: Simulator, standing_cloud: RawCloud) -> None:
    log_in(quirky, standing_cloud)
    assert quirky.final(b'AT+ALYMQTTSUB="t",1') == b"OK"
    kind, body = standing_cloud.packet()
    assert (kind, body[2:]) == (cloudlike.SUBSCRIBE | 2, b"\0\1t\1")
    standing_cloud.send(bytes([cloudlike.SUBACK, 3]) + body[:2] + b"\1" + publish_packet(b"t", b"x"))
    assert quirky.line() == b"+MQTTRECV:t,x"


@pytest.mark.parametrize("quirky", ["leaves-tcp-to-the-cloud"], indirect=True)
def test_the_cloud_ends_the_connection(quirky: Simulator, standing_cloud: RawCloud) -> None:
    log_in(quirky, standing_cloud)
    quirky.write(CLOSE + b"\r")
    assert standing_cloud.packet() == (cloudlike.DISCONNECT, b"")
    assert standing_cloud.connection
    standing_cloud.connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        standing_cloud.connection.recv(1)
    standing_cloud.connection.settimeout(DEADLINE)
    standing_cloud.close_connection()
    assert quirky.answer().final == b"OK"


@pytest.mark.parametrize("quirky", ["long-downlinks-in-parts"], indirect=True)
def test_a_long_downlink_message_in_parts(quirky: Simulator, standing_cloud: RawCloud) -> None:
    log_in(quirky, standing_cloud)
    standing_cloud.send(publish_packet(b"t", b"x" * 512) + publish_packet(b"t", b"y" * 513))
    assert [len(quirky.line()) for _ in range(3)] == [len(b"+MQTTRECV:t,") + size for size in (512, 512, 1)]


@pytest.mark.parametrize("quirky", ["unknown-unsub-refused"], indirect=True)
def test_unsub_of_an_unknown_topic(quirky: Simulator, standing_cloud: RawCloud) -> None:
    assert quirky.final(b"AT+ALYMQTTCFG=1,2000,60000") == b"OK"
    log_in(quirky, standing_cloud)
    quirky.write(b"AT+ALYMQTTUNSUB=t\r")
    _, body = standing_cloud.packet()
    standing_cloud.send(bytes([cloudlike.UNSUBACK, 2]) + body[:2])
    assert quirky.answer().final == b"+CME ERROR: 706"


def test_a_commit_to_flash_may_take_its_time() -> None:
    hurry = "import rigs.simulator.habits.pace as it_; it_.HICCUP = 0.01"
    with Simulator("--habit", "flash-hiccup", before=hurry) as module:
        for number in range(120):
            assert module.final(b"AT+ALYDEVICENAME=%d" % number) == b"OK"
        module.power_cycle()
        assert module.ask(b"AT+ALYDEVICENAME?") == b"+ALYDEVICENAME:119"
