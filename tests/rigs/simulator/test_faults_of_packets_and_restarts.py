"""Faults of the packets that the module sends, and of a module that restarts by itself, each seen to show."""

from __future__ import annotations

import pytest

from tests.rigs.simulator import cloudlike
from tests.rigs.simulator.cloudlike import CLOSE, OPEN, RawCloud, log_in
from tests.rigs.simulator.host import Simulator, identify, wait_for_end

SUB, UNSUB, PUB_0, PUB_1 = (
    b'AT+ALYMQTTSUB="t",1',
    b'AT+ALYMQTTUNSUB="t"',
    b'AT+ALYMQTTPUB="t",0,"x"',
    b'AT+ALYMQTTPUB="t",1,"x"',
)
DISCONNECT = (cloudlike.DISCONNECT, b"")


@pytest.mark.parametrize(
    ("faulty", "line", "packets"),
    [
        ("packet-id-0", UNSUB, [(cloudlike.UNSUBSCRIBE | 2, b"\0\0\0\1t")]),
        ("packet-id-reused", SUB, [(cloudlike.SUBSCRIBE | 2, b"\0\1\0\1t\1")] * 2),
        ("dup-on-first-send", PUB_1, [(cloudlike.PUBLISH | 2 | 8, b"\0\1t\0\1x")]),
        ("dup-on-first-send", PUB_0, [(cloudlike.PUBLISH, b"\0\1tx")]),
        ("dup-with-qos-0", PUB_0, [(cloudlike.PUBLISH | 8, b"\0\1tx")]),
        ("subscribe-flags-wrong", SUB, [(cloudlike.SUBSCRIBE, b"\0\1\0\1t\1")]),
        ("packet-after-disconnect", CLOSE, [DISCONNECT, (cloudlike.PINGREQ, b"")]),
        ("topic-not-utf8", CLOSE, [(cloudlike.PUBLISH, b"\0\3by\xffe"), DISCONNECT]),
        ("publish-with-qos-3", CLOSE, [(cloudlike.PUBLISH | 6, b"\0\3bye\0\7x"), DISCONNECT]),
    ],
    indirect=["faulty"],
)
def test_what_the_cloud_gets(
    faulty: Simulator, standing_cloud: RawCloud, line: bytes, packets: list[tuple[int, bytes]]
) -> None:
    log_in(faulty, standing_cloud)
    faulty.write(line + b"\r")
    assert [standing_cloud.packet() for _ in packets] == packets


@pytest.mark.parametrize("faulty", ["second-connect"], indirect=True)
def test_a_connect_before_the_end(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    faulty.write(CLOSE + b"\r")
    kind, body = standing_cloud.packet()
    assert kind == cloudlike.CONNECT
    assert cloudlike.parse_connect(body).username == b"test&a1pnQWj9dvs"
    assert standing_cloud.packet() == DISCONNECT


@pytest.mark.parametrize("faulty", ["pingreq-with-body", "pings-once", "pings-at-1-9"], indirect=True)
def test_the_keep_alive(faulty: Simulator, standing_cloud: RawCloud, request: pytest.FixtureRequest) -> None:
    assert faulty.final(b"AT+ALYMQTTCFG=0,1000,1000") == b"OK"
    log_in(faulty, standing_cloud)
    body = b"\0" if "pingreq-with-body" in request.node.name else b""
    assert standing_cloud.packet() == (cloudlike.PINGREQ, body)
    standing_cloud.send(bytes([cloudlike.PINGRESP, 0]))
    assert faulty.final(PUB_0) == b"OK"
    assert standing_cloud.packet()[0] == cloudlike.PUBLISH


@pytest.mark.parametrize("faulty", ["unsubscribe-counts"], indirect=True)
def test_a_topic_that_has_to_be_given_up_twice(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    for _ in range(2):
        faulty.write(SUB + b"\r")
        _, body = standing_cloud.packet()
        standing_cloud.send(bytes([cloudlike.SUBACK, 3]) + body[:2] + b"\1")
        assert faulty.answer().final == b"OK"
    assert faulty.final(UNSUB) == b"OK"
    faulty.write(UNSUB + b"\r")
    assert standing_cloud.packet()[0] == cloudlike.UNSUBSCRIBE | 2


@pytest.mark.parametrize(("faulty", "shown"), [("retained-downlink-doubled", 2)], indirect=["faulty"])
def test_a_retained_message_is_shown_twice(faulty: Simulator, standing_cloud: RawCloud, shown: int) -> None:
    log_in(faulty, standing_cloud)
    retained = bytes([cloudlike.PUBLISH | 1, 4]) + b"\0\1tr"
    standing_cloud.send(retained + cloudlike.publish_packet(b"t", b"x"))
    assert [faulty.line() for _ in range(shown + 1)] == [b"+MQTTRECV:t,r"] * shown + [b"+MQTTRECV:t,x"]


@pytest.mark.parametrize("faulty", ["downlink-torn-by-response"], indirect=True)
def test_a_downlink_message_is_torn_by_a_response(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    faulty.write(PUB_1 + b"\r")
    _, body = standing_cloud.packet()
    standing_cloud.send(cloudlike.publish_packet(b"t", b"now") + bytes([cloudlike.PUBACK, 2]) + body[3:5])
    assert faulty.read_until(b"OK\r\n") == b"\r\n+MQTTRE\r\nOK\r\n"
    assert faulty.read_until(b"\r\n") == b"CV:t,now\r\n"


@pytest.mark.parametrize("faulty", ["open-stays-707-after-drop"], indirect=True)
def test_a_dropped_session_is_open_for_ever(faulty: Simulator, standing_cloud: RawCloud) -> None:
    log_in(faulty, standing_cloud)
    standing_cloud.close_connection()
    while faulty.final(PUB_0) == b"OK":
        pass
    assert faulty.final(OPEN) == b"+CME ERROR: 707"


@pytest.mark.parametrize(
    ("faulty", "banner"),
    [
        ("restarts-after-150-commands", b""),
        ("restarts-with-banner", b"\r\n+MATREADY\r\n"),
        ("panics-after-150-commands", b"\r\n*** PANIC *** task mqtt\r\n"),
    ],
    indirect=["faulty"],
)
def test_a_module_that_restarts_after_150_commands(faulty: Simulator, banner: bytes) -> None:
    pid = faulty.module_pid()
    assert faulty.final(b"AT+ALYCONNECTCFG=1,1883,0") == b"OK"
    for _ in range(150 - 5):
        assert faulty.final(b"AT") == b"OK"
    wait_for_end(pid)
    assert faulty.module_pid() != pid
    faulty.write(b"ATE0\r")
    said = faulty.read_until(b"OK\r\n")
    assert said.startswith(banner)
    assert said.endswith(b"ATE0\r\r\nOK\r\n")  # with echo
    assert faulty.ask(b"AT+ALYCONNECTCFG?") == b"+ALYCONNECTCFG:0,1883,0"


@pytest.mark.parametrize(
    ("faulty", "line"),
    [
        ("restarts-on-refused-identity", b"AT+ALYPRODUCTKEY=" + b"x" * 21),
        ("watchdog-bites", b"AT"),
    ],
    indirect=["faulty"],
)
def test_a_module_that_answers_and_restarts(faulty: Simulator, line: bytes) -> None:
    pid = faulty.module_pid()
    faulty.command(line)
    wait_for_end(pid)
    assert faulty.module_pid() != pid


@pytest.mark.parametrize(
    ("faulty", "line", "times"),
    [("restarts-while-opening", OPEN, 3), ("restarts-while-publishing", PUB_0, 10)],
    indirect=["faulty"],
)
def test_a_module_that_restarts_instead_of_answering(
    faulty: Simulator, standing_cloud: RawCloud, line: bytes, times: int
) -> None:
    pid = faulty.module_pid()
    if line != OPEN:
        log_in(faulty, standing_cloud)
    for number in range(1, times + 1):
        faulty.write(line + b"\r")
        if line == OPEN:
            standing_cloud.login()
        if number < times:
            assert faulty.answer().final == b"OK"
            assert line != OPEN or faulty.final(CLOSE) == b"OK"
    wait_for_end(pid)
    assert faulty.module_pid() != pid
    faulty.write(b"ATE0\r")
    assert faulty.read_until(b"OK\r\n") == b"ATE0\r\r\nOK\r\n"


@pytest.mark.parametrize("faulty", ["restarts-on-lost-connection", "restarts-on-malformed-connack"], indirect=True)
def test_a_module_that_restarts_over_its_cloud(
    faulty: Simulator, standing_cloud: RawCloud, request: pytest.FixtureRequest
) -> None:
    pid = faulty.module_pid()
    if "malformed" in request.node.name:
        faulty.write(OPEN + b"\r")
        standing_cloud.login(code=9)
    else:
        log_in(faulty, standing_cloud)
        standing_cloud.close_connection()
    wait_for_end(pid)
    assert faulty.module_pid() != pid


@pytest.mark.parametrize(
    ("faulty", "bad"),
    [("open-quote-reads-on", b'AT+ALYDEVICENAME="x'), ("next-line-beheaded", b"AT" + b"x" * 1100)],
    indirect=["faulty"],
)
def test_a_bad_line_spoils_the_next(faulty: Simulator, bad: bytes) -> None:
    assert b"ERROR" in faulty.final(bad)
    assert b"ERROR" in faulty.final(b"AT")
    assert faulty.final(b"AT") == b"OK"


@pytest.mark.parametrize("faulty", ["malformed-answered-twice"], indirect=True)
def test_a_bad_line_is_answered_twice(faulty: Simulator) -> None:
    assert faulty.final(b"AT+ALYMQTTCFG=x,1,1") == b"+CME ERROR: 50"
    assert faulty.line() == b"+CME ERROR: 50"


def test_tls_that_falls_back() -> None:
    with RawCloud() as plain, RawCloud() as broken:
        options = ("--cloud", plain.address, "--cloud-tls", broken.address, "--fault", "tls-falls-back")
        with Simulator(*options) as module:
            identify(module)
            assert module.final(b"AT+ALYCONNECTCFG=1,443,1") == b"OK"
            module.write(OPEN + b"\r")
            broken.accept()
            broken.close_connection()  # whatever TLS has said
            assert b"securemode=3" in plain.login().client_id
            assert module.answer().final == b"OK"
            assert module.ask(b"AT+ALYCONNECTCFG?") == b"+ALYCONNECTCFG:1,443,1"
