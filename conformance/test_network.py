"""The link: keep-alive, broken connections, silence, malformed packets, TLS."""

from __future__ import annotations

import time

import pytest

from conformance.catalogue import BOUNDS, CONNECT_CFG, Choice, ErrorCode
from fixtures.module import Module
from fixtures.online import Messages, Online
from fixtures.requirements import requirement
from fixtures.verify import Verifier
from rigs.cloud.events import Closed, Direction, Ending, TlsFailed
from rigs.cloud.instrument import Instrument
from rigs.cloud.pki import Certificate
from rigs.cloud.service import Cloud

KEEPALIVES = (1000, BOUNDS.keepalive_min_seconds * 1000)
"""In milliseconds: one that keeps the tests short where a module takes it, and the shortest that every module takes."""

MALFORMED_PACKETS = {
    "reserved-type": b"\x00\x00",
    "type-15": b"\xf0\x00",
    "endless-length": b"\x30\xff\xff\xff\xff\xff",
    "qos-3": b"\x36\x05\x00\x01a\x00\x01",
    "topic-longer-than-packet": b"\x30\x04\xff\xffab",
    "empty-publish": b"\x30\x00",
    "publish-without-identifier": b"\x32\x03\x00\x01a",
    "invalid-utf8-topic": b"\x30\x04\x00\x02\xc3\x28",
    "second-connack": b"\x20\x02\x00\x00",
    "connect-from-the-server": b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00",
    "suback-nobody-waits-for": b"\x90\x03\x77\x77\x00",
    "puback-nobody-waits-for": b"\x40\x02\x77\x77",
    "short-suback": b"\x90\x01\x00",
    "noise": bytes(range(256)),
}


@requirement("NW-01")
def test_the_link_is_kept_alive(messages: Messages, verify: Verifier) -> None:
    module = messages.module
    keepalive = module.shortest_accepted_keepalive(*KEEPALIVES)
    connection = messages.came_online(keepalive=keepalive)
    announced = connection.connect.keep_alive if connection.connect else 0
    if announced == 0:
        verify.give_up("CONNECT announced no keep-alive, so there is none to hold")
    # A tenth more, and a moment, for the way from the module to the gateway.
    longest_gap = 1.1 * announced + 0.25
    end = time.monotonic() + BOUNDS.keepalive_periods * announced
    while time.monotonic() < end:
        mark = messages.cloud.journal.mark()
        packet = connection.wait_packet(lambda _: True, longest_gap, direction=Direction.UP, since=mark)
        verify.that(packet is not None, f"a packet within {announced} s", f"none for {longest_gap:.2f} s")
    verify.connected(connection, lambda it: it.online, "the connection is still up")


@requirement("NW-02")
@pytest.mark.parametrize("how", [Ending.FIN, Ending.RST], ids=lambda how: how.value)
def test_after_the_cloud_dropped_the_connection_commands_fail_until_open(
    messages: Messages, gateway: Instrument, verify: Verifier, how: Ending
) -> None:
    module, cloud = messages.module, messages.cloud
    connection = messages.came_online(impatient=True)
    mark = cloud.journal.mark()
    gateway.drop(connection, how)
    connection.wait_closed(messages.deadlines.cloud)
    for _ in range(20):
        topic = messages.watched_topic()
        answer = verify(module.publish(topic, "after the drop", 1)).answered()
        reconnected = bool(cloud.connections_since(mark))
        if reconnected or not answer.ok:
            break
    if not reconnected:
        verify(answer).refused()
        verify(module.subscribe(messages.topic(), 1)).refused()
        module.close()
        again, exchange = module.try_open()
        reconnected = exchange.code == ErrorCode.ALREADY_OPEN
    verify.observe(reconnects_by_itself=reconnected)
    if reconnected:
        cloud.wait_online(messages.deadlines.cloud, since=mark)
        messages.verify_uplink("after an automatic reconnect")
        return
    verify(exchange).ok()
    verify.connected(again, lambda it: it.wait_online(messages.deadlines.cloud), "online again")


@requirement("NW-03")
def test_how_long_the_module_takes_to_notice_a_silent_network(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    connection = messages.came_online(
        impatient=True, keepalive=messages.module.shortest_accepted_keepalive(*KEEPALIVES)
    )
    announced = connection.connect.keep_alive if connection.connect else 0
    patience = min(4.0 * announced, 10.0)
    with gateway.blackhole():
        started = time.monotonic()
        messages.cloud.journal.wait_for(
            lambda event: isinstance(event, Closed) and event.connection == connection.number, patience
        )
        noticed = round(time.monotonic() - started) if connection.closed else None
    verify.observe(keepalive=announced, noticed_after_seconds=noticed, watched_seconds=patience)


@requirement("NW-04")
def test_no_answer_takes_for_ever_under_a_silent_network(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    module = messages.module
    messages.came_online(impatient=True)
    with gateway.blackhole():
        verify(module.publish(messages.topic(), "into the silence", 1)).answered()
        verify(module.subscribe(messages.topic(), 1)).answered()
        verify(module.unsubscribe(messages.topic())).answered()
        verify(module.close()).answered()
        verify(module.open()).refused()
    verify(module.send("AT")).ok()


@requirement("SC-01")
@pytest.mark.parametrize("packet", MALFORMED_PACKETS.values(), ids=MALFORMED_PACKETS)
def test_a_malformed_packet_from_the_cloud_does_not_kill_the_module(
    online: Online, gateway: Instrument, verify: Verifier, packet: bytes
) -> None:
    gateway.send_raw(online.connection, packet)
    verify(online.module.send("AT")).ok()
    online.module.reset()
    online.module.configure_session()
    connection, exchange = online.module.try_open()
    verify(exchange).ok()
    verify.connected(connection, lambda it: it.wait_online(online.deadlines.cloud), "online again")


@requirement("TL-01")
def test_a_session_over_tls(messages: Messages, verify: Verifier) -> None:
    module, cloud = messages.module, messages.cloud
    module.configure_session(tls=True)
    mark = cloud.journal.mark()
    connection, exchange = module.try_open(tls=True)
    refusals = [event for event in cloud.journal.of(TlsFailed, mark) if "ALERT" in event.reason.upper()]
    if refusals:
        verify.give_up(f"the module refuses the bench's certificate ({refusals[0].reason}): load ca.pem into it")
    verify(exchange).ok()
    verify.connected(connection, lambda it: it.wait_online(module.deadlines.cloud) and it.tls, "online over TLS")
    verify.connected(connection, lambda it: it.login and it.login.secure_mode == 2, "a login with securemode=2")
    messages.verify_uplink("over TLS")
    messages.verify_downlink("over TLS")


@requirement("TL-02")
@pytest.mark.parametrize("certificate", [c for c in Certificate if c is not Certificate.VALID], ids=lambda c: c.value)
def test_whether_a_wrong_certificate_is_refused(
    module: Module, gateway: Instrument, verify: Verifier, certificate: Certificate
) -> None:
    module.configure_session(tls=True, impatient=True)
    with gateway.presenting(certificate):
        _, exchange = module.try_open(tls=True)
    verify(exchange).answered()
    verify.observe(certificate=certificate.value, accepted=exchange.ok, evidence=exchange.evidence)


@requirement("TL-03")
@pytest.mark.parametrize("choice", CONNECT_CFG.parameter("region").choices, ids=lambda choice: str(choice.value))
def test_which_host_the_module_asks_for(module: Module, cloud: Cloud, verify: Verifier, choice: Choice) -> None:
    module.configure_session(tls=True, impatient=True, region=choice.value)
    connection, exchange = module.try_open(tls=True)
    verify(exchange).answered()
    asked = connection.tls.server_name if connection is not None and connection.tls is not None else None
    region = asked.removeprefix(module.device.product_key.lower()) if asked else None
    verify.observe(region=choice.value, platform=choice.platform, asked_for=region, evidence=exchange.evidence)
