"""Sections 2.4.5 and 3: sessions over TLS, and what the module makes of servers that it should not trust."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import pytest

from conformance.catalogue import CONNECT_CFG, Choice
from conformance.payloads import pattern
from fixtures.cloud import certificate_to_load, handshake_given_up
from fixtures.module import Module
from fixtures.online import Messages
from fixtures.outage import drop_and_publish, publish_until_accepted
from fixtures.requirements import derived, requirement, tells
from fixtures.run import Run
from fixtures.verify import Verifier
from rigs.cloud.events import Ending, TlsEstablished
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import Suback
from rigs.cloud.pki import Certificate

VERSIONS = [version for version in ssl.TLSVersion if version >= ssl.TLSVersion.TLSv1]
"""From the lowest that the gateway can speak on."""

TRIED_CIPHERS = 4
"""How many of the weakest ciphers that the module offers are tried one by one."""


@requirement("TL-01")
def test_a_session_over_tls(messages: Messages, verify: Verifier, run: Run) -> None:
    module, mark = messages.module, messages.cloud.journal.mark()
    module.configure_session(tls=True)
    connection, exchange = module.try_open(tls=True)
    if not exchange.ok and not run.rig_file.simulated and (given_up := handshake_given_up(messages.cloud, mark)):
        # Only of the simulator is it known that it has been given the bench's CA.
        verify.give_up(
            "the module broke off the handshake ({given_up}): load into it {certificate}",
            given_up=given_up,
            certificate=certificate_to_load(run),
        )
    verify(exchange).ok()
    messages.verify_uplink("over TLS", pattern(300), qos=1)
    mark = messages.cloud.journal.mark()
    verify(module.subscribe(topic := messages.topic(), 1)).ok()
    messages.wait_acknowledged(Suback, since=mark)
    verify.at_gateway(connection).granted(topic)
    burst = [pattern(512), *(f"burst {number}" for number in range(10))]
    messages.downlink(topic, *burst)
    verify.shown_once(topic, burst, messages.wait_received(topic, len(burst)))
    verify(module.close()).ok()
    again, exchange = module.try_open(tls=True)
    verify(exchange).ok()
    messages.verify_uplink("over TLS again")
    verify(module.close()).ok()
    module.configure_session()
    plain, exchange = module.try_open()
    verify(exchange).ok()
    verify.at_gateway(connection).came_online(tls=True)
    verify.at_gateway(connection).logged_in(secure_mode=2, user=module.device.username)
    verify.at_gateway(again).came_online(tls=True)
    verify.at_gateway(plain).came_online(tls=False)


@derived
@requirement("TL-01")
@tells("CC-04")
@pytest.mark.parametrize("tls", [True, False], ids=["to-tls", "from-tls"])
def test_what_is_set_in_a_session_is_how_the_next_one_comes_up(messages: Messages, verify: Verifier, tls: bool) -> None:
    module = messages.module
    messages.came_online(tls=tls)
    verify.given(module.close())
    messages.came_online(tls=not tls)
    answer = verify(module.set(CONNECT_CFG, *module.way(tls=tls))).answered()
    if not answer.ok:
        # Whether it may be set while a session is open is left open.
        return
    module.close()
    connection, exchange = module.try_open(tls=tls)
    verify(exchange, of=("TL-01", "CC-04")).ok()
    verify.at_gateway(connection, of=("TL-01", "CC-04")).came_online(tls=tls)


@requirement("TL-01")
def test_a_session_asked_for_over_tls_never_falls_back_to_plain_tcp(module: Module, verify: Verifier) -> None:
    module.configure_session(tls=True, impatient=True)
    region, _, flag = module.stored_settings(CONNECT_CFG)
    # Nobody speaks TLS there.
    verify.given(module.set(CONNECT_CFG, region, module.plain_port, flag))
    mark, begin = module.cloud.journal.mark(), verify.now
    exchange = module.open()
    verify.nothing_plain(mark, begin)
    if not any(connection.online for connection in module.cloud.connections_since(mark)):
        # Where a rig leads every port to a cloud that speaks TLS, there is nothing that could fail.
        verify(exchange).refused()


@requirement("TL-01")
@pytest.mark.parametrize("how", [Ending.FIN, Ending.RST], ids=lambda how: how.value)
def test_a_session_over_tls_that_breaks_is_noticed(messages: Messages, verify: Verifier, how: Ending) -> None:
    module = messages.module
    module.configure_session(tls=True)
    connection, exchange = module.try_open(tls=True)
    if connection is None or not exchange.ok or not module.online_at(connection):
        verify.give_up("the module did not come online over TLS: OPEN was answered {final}", final=exchange.final)
    drop = drop_and_publish(messages, connection, how)
    if drop.reconnected:
        verify(publish_until_accepted(messages, messages.topic(), "after a reconnect")).ok()
        return
    verify(drop.answer).refused()
    module.close()
    connection, exchange = module.try_open(tls=True)
    verify(exchange).ok()
    verify.at_gateway(connection).came_online(tls=True)


@requirement("TL-02", "NW-04")
@pytest.mark.parametrize("certificate", [c for c in Certificate if c is not Certificate.VALID], ids=lambda c: c.value)
def test_whether_a_wrong_certificate_is_refused(
    module: Module, gateway: Instrument, verify: Verifier, certificate: Certificate
) -> None:
    module.configure_session(tls=True, impatient=True)
    with gateway.presenting(certificate):
        _, exchange = module.try_open(tls=True)
    verify(exchange, of="NW-04").answered_in_time()
    verify.observe(of="TL-02", certificate=certificate.value, accepted=exchange.ok, evidence=exchange.evidence)


@requirement("TL-02", "NW-04")
def test_the_lowest_tls_version_that_is_accepted(module: Module, gateway: Instrument, verify: Verifier) -> None:
    accepted: list[str] = []
    for version in VERSIONS:
        module.reset()
        module.configure_session(tls=True, impatient=True)
        with gateway.limiting_tls(version):
            connection, exchange = module.try_open(tls=True)
        verify(exchange, of="NW-04").answered_in_time()
        if connection is not None and connection.tls is not None:
            accepted.append(connection.tls.version)
    verify.observe(of="TL-02", lowest=accepted[0] if accepted else None, accepted=sorted(set(accepted)))


@requirement("TL-02")
def test_the_weakest_cipher_that_is_accepted(module: Module, gateway: Instrument, verify: Verifier) -> None:
    welcome = shake_hands(module, gateway)
    offered = welcome.offered if welcome is not None else ()
    # Those of TLS 1.3 are no choice of TLS 1.2; the gateway's key is an RSA key, as the platform's is.
    choosable = [cipher for cipher in offered if not cipher.name.startswith("TLS_") and "ECDSA" not in cipher.name]
    usable = sorted(choosable, key=lambda cipher: cipher.bits)
    tried = (shake_hands(module, gateway, [cipher.name]) for cipher in usable[:TRIED_CIPHERS])
    weakest = next((handshake.cipher for handshake in tried if handshake is not None), None)
    verify.observe(offered=[cipher.name for cipher in offered], weakest_accepted=weakest)


@requirement("TL-03")
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("choice", CONNECT_CFG.parameter("region").choices, ids=lambda choice: str(choice.value))
def test_which_host_the_module_asks_for(module: Module, verify: Verifier, choice: Choice) -> None:
    module.configure_session(tls=True, impatient=True, region=choice.value)
    connection, exchange = module.try_open(tls=True)
    verify(exchange).answered()
    asked = connection.tls.server_name if connection is not None and connection.tls is not None else None
    verify.observe(
        region=choice.value,
        platform=choice.platform,
        asked_for=without_key(asked, module.device.product_key) if asked else None,
        evidence=exchange.evidence,
    )


def shake_hands(module: Module, gateway: Instrument, ciphers: Sequence[str] = ()) -> TlsEstablished | None:
    """OPEN over TLS 1.2 at most, where a cipher can be chosen; None when there is no handshake."""
    module.reset()
    module.configure_session(tls=True, impatient=True)
    with gateway.limiting_tls(ssl.TLSVersion.TLSv1_2, ciphers):
        connection, _ = module.try_open(tls=True)
    return connection.tls if connection is not None else None


def without_key(host: str, product_key: str) -> str:
    """A host name without the ProductKey of this run at its beginning, in whichever case; otherwise as it is."""
    return host[len(product_key) :] if host.lower().startswith(product_key.lower()) else host
