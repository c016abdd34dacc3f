"""The link: keep-alive, broken connections, silence, malformed packets, TLS."""

from __future__ import annotations

import pytest

from conformance.catalogue import BOUNDS, CONNECT_CFG, Choice, ErrorCode
from fixtures.cloud import handshake_given_up
from fixtures.module import Module
from fixtures.online import Messages, Online
from fixtures.outage import drop_and_publish, notices_within, widest_gap
from fixtures.requirements import requirement
from fixtures.run import Run
from fixtures.verify import Verifier
from rigs.cloud.connection import Connection
from rigs.cloud.events import Ending
from rigs.cloud.instrument import Instrument
from rigs.cloud.pki import Certificate

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
@pytest.mark.usefixtures("gateway")
def test_the_link_is_kept_alive(messages: Messages, verify: Verifier) -> None:
    connection = messages.came_online(keepalive=messages.module.shortest_accepted_keepalive(*KEEPALIVES))
    announced = announced_keepalive(connection)
    if announced == 0:
        verify.give_up("CONNECT announced no keep-alive, so there is none to hold")
    # A tenth more, and a moment, for the way from the module to the gateway.
    allowed = 1.1 * announced + 0.25
    gap = widest_gap(messages, connection, during=BOUNDS.keepalive_periods * announced, limit=allowed)
    verify.that(gap <= allowed, f"never more than {announced} s without a packet", f"{gap:.2f} s")
    verify.connected(connection, lambda it: it.online, "the connection is still up")


@requirement("NW-02")
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("how", [Ending.FIN, Ending.RST], ids=lambda how: how.value)
def test_after_a_drop_commands_fail_until_open(messages: Messages, verify: Verifier, how: Ending) -> None:
    module = messages.module
    drop = drop_and_publish(messages, messages.came_online(impatient=True), how)
    reconnected = drop.reconnected
    if not reconnected:
        verify(drop.answer).refused()
        verify(module.subscribe(messages.topic(), 1)).refused()
        module.close()
        again, exchange = module.try_open()
        reconnected = exchange.code == ErrorCode.ALREADY_OPEN
    verify.observe(reconnects_by_itself=reconnected)
    if reconnected:
        messages.cloud.wait_online(messages.deadlines.cloud, since=drop.mark)
        messages.verify_uplink("after an automatic reconnect")
    else:
        verify(exchange).ok()
        verify.connected(again, lambda it: it.wait_online(messages.deadlines.cloud), "online again")


@requirement("NW-03")
def test_how_long_the_module_takes_to_notice_a_silent_network(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    keepalive = messages.module.shortest_accepted_keepalive(*KEEPALIVES)
    connection = messages.came_online(impatient=True, keepalive=keepalive)
    patience = min(4.0 * announced_keepalive(connection), messages.deadlines.cloud)
    with gateway.blackhole():
        noticed = notices_within(connection, patience)
    verify.observe(keepalive=keepalive, noticed_after_seconds=noticed, watched_seconds=patience)


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
def test_a_session_over_tls(messages: Messages, verify: Verifier, run: Run) -> None:
    module, mark = messages.module, messages.cloud.journal.mark()
    module.configure_session(tls=True)
    connection, exchange = module.try_open(tls=True)
    if not exchange.ok and not run.rig_file.simulated and (given_up := handshake_given_up(messages.cloud, mark)):
        # Only of the simulator is it known that it has been given the bench's CA.
        verify.give_up(f"the module broke off the handshake ({given_up}): load ca.pem into it")
    verify(exchange).ok()
    messages.verify_uplink("over TLS")
    messages.verify_downlink("over TLS")
    verify(module.close()).ok()
    again, exchange = module.try_open(tls=True)
    verify(exchange).ok()
    messages.verify_uplink("over TLS again")
    verify.connected(connection, lambda it: it.wait_online(module.deadlines.cloud) and it.tls, "online over TLS")
    verify.connected(connection, lambda it: it.login and it.login.secure_mode == 2, "a login with securemode=2")
    verify.connected(again, lambda it: it.wait_online(module.deadlines.cloud) and it.tls, "online over TLS again")


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
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("choice", CONNECT_CFG.parameter("region").choices, ids=lambda choice: str(choice.value))
def test_which_host_the_module_asks_for(module: Module, verify: Verifier, choice: Choice) -> None:
    module.configure_session(tls=True, impatient=True, region=choice.value)
    connection, exchange = module.try_open(tls=True)
    verify(exchange).answered()
    asked = connection.tls.server_name if connection is not None and connection.tls is not None else None
    region = asked.removeprefix(module.device.product_key.lower()) if asked else None
    verify.observe(region=choice.value, platform=choice.platform, asked_for=region, evidence=exchange.evidence)


def announced_keepalive(connection: Connection) -> int:
    """The keep-alive that CONNECT announced, in seconds."""
    return connection.connect.keep_alive if connection.connect else 0
