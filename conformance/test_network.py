"""The link: keep-alive, connections that break, silence, a network that is slow or cuts what it carries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from conformance.catalogue import BOUNDS, ErrorCode
from conformance.payloads import pattern
from conformance.values import KEEPALIVES, WATCHED_KEEPALIVES
from fixtures.online import Messages
from fixtures.outage import drop_and_publish, notices_within, publish_until_accepted, publish_until_noticed
from fixtures.requirements import requirement, soak
from fixtures.verify import Verifier
from fixtures.watch import Watch, watches
from reports.why import Why
from rigs.cloud.events import Ending
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import Packet, Publish, Suback, Subscribe, Unsubscribe
from rigs.sentence import say

BAD_NETWORKS: dict[str, Callable[[Instrument], AbstractContextManager[None]]] = {
    "late": lambda gateway: gateway.delaying(0.15),
    "thin": lambda gateway: gateway.throttling(1500),
    "byte-by-byte": lambda gateway: gateway.splitting(),
}
"""Networks on which everything works, later or in pieces."""

BREAKS: dict[str, Callable[[Instrument, type[Packet]], AbstractContextManager[None]]] = {
    "fin": Instrument.closing,
    "rst": Instrument.resetting,
}
"""How a connection may end in the place of a packet."""


@watches(WATCHED_KEEPALIVES)
@requirement("NW-01")
def test_the_link_is_kept_alive(watched: Watch, verify: Verifier) -> None:
    verify_kept_alive(watched, verify)


@soak
@requirement("NW-01")
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("seconds", [BOUNDS.keepalive_min_seconds, 60])
def test_the_link_is_kept_alive_for_as_long_as_the_platform_asks(
    messages: Messages, verify: Verifier, seconds: int
) -> None:
    verify_kept_alive(Watch(messages.module, messages.cloud, [1000 * seconds]), verify)


@requirement("NW-01")
@pytest.mark.usefixtures("gateway")
def test_messages_that_come_do_not_stand_for_the_modules_own_sign_of_life(messages: Messages, verify: Verifier) -> None:
    watch = Watch(messages.module, messages.cloud, WATCHED_KEEPALIVES)
    watch.begin()
    # Of QoS 0, so that nothing of them has to be acknowledged.
    topic = messages.subscribed_topic(0)
    watch.count_from_now()
    verify_kept_alive(watch, verify, periods=1, meanwhile=lambda: messages.cloud_publishes(topic, "tick", 0))


@requirement("NW-02")
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("how", [Ending.FIN, Ending.RST], ids=lambda how: how.value)
def test_after_a_drop_commands_fail_until_open(messages: Messages, verify: Verifier, how: Ending) -> None:
    drop = drop_and_publish(messages, messages.came_online(impatient=True), how)
    if not drop.reconnected:
        verify(drop.answer).refused()
        verify(messages.module.subscribe(messages.topic(), 1)).refused()
    verify.observe(reconnects_by_itself=verify_back_online(messages, verify, reconnected=drop.reconnected))


@requirement("NW-02")
@pytest.mark.parametrize("packet", [Subscribe, Unsubscribe, Publish], ids=lambda packet: packet.__name__.lower())
@pytest.mark.parametrize("way", BREAKS.values(), ids=BREAKS)
def test_a_connection_that_breaks_in_the_middle_of_a_command(
    messages: Messages,
    gateway: Instrument,
    verify: Verifier,
    way: Callable[[Instrument, type[Packet]], AbstractContextManager[None]],
    packet: type[Packet],
) -> None:
    module, connection = messages.module, messages.came_online(impatient=True)
    topic, mark = messages.subscribed_topic(), messages.cloud.journal.mark()
    commands = {
        Subscribe: lambda: module.subscribe(f"{topic}/new", 1),
        Unsubscribe: lambda: module.unsubscribe(topic),
        Publish: lambda: module.publish(topic, "lost", 1),
    }
    with way(gateway, packet):
        answer = verify(commands[packet]()).answered()
        if not connection.wait_closed(messages.deadlines.cloud):
            verify.give_up(
                "{answer} sent no {packet}, so nothing broke",
                answer=verify.show(answer),
                packet=packet.__name__.upper(),
            )
    if packet is Subscribe and answer.ok:
        # A module that came back and subscribed in the meantime may say OK.
        messages.cloud_publishes(f"{topic}/new", "proof")
        verify.shown_once(f"{topic}/new", ["proof"], messages.wait_received(f"{topic}/new"))
    verify_back_online(messages, verify, reconnected=messages.module.connected_since(mark))


@requirement("NW-02")
def test_another_device_with_the_same_identity_kicks_the_module_off(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    connection, mark = messages.came_online(impatient=True), messages.cloud.journal.mark()
    with gateway.second_login(messages.module.device):
        if not connection.wait_closed(messages.deadlines.cloud):
            verify.give_up("the cloud did not end the module's session when another client took its identity")
        kicked = publish_until_noticed(messages, mark)
        verify(kicked.answer).answered()
        if kicked.reconnected:
            # The other client comes back, too.
            again = messages.cloud.connections_since(mark)[0]
            again.wait_closed(messages.deadlines.cloud)
        else:
            verify(kicked.answer).refused()
        verify(messages.module.send("AT")).ok()
    verify_back_online(messages, verify, reconnected=kicked.reconnected)


@requirement("NW-03")
def test_how_long_the_module_takes_to_notice_a_silent_network(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    keepalive = messages.module.shortest_accepted_keepalive(*KEEPALIVES)
    connection = messages.came_online(impatient=True, keepalive=keepalive)
    patience = min(4.0 * connection.announced_keepalive, messages.deadlines.cloud)
    with gateway.blackhole():
        noticed = notices_within(connection, patience)
    verify.observe(keepalive=keepalive, noticed_after_seconds=noticed, watched_seconds=patience)


@soak
@requirement("NW-03")
def test_how_long_the_module_takes_to_notice_a_silent_network_with_the_platforms_keepalive(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    keepalive = BOUNDS.keepalive_min_seconds * 1000
    connection = messages.came_online(keepalive=keepalive)
    patience = 4.0 * connection.announced_keepalive
    with gateway.blackhole():
        noticed = notices_within(connection, patience)
    verify.observe(keepalive=keepalive, noticed_after_seconds=noticed, watched_seconds=patience)


@requirement("NW-04")
@pytest.mark.parametrize("clean", [True, False], ids=["clean", "kept"])
def test_no_answer_takes_for_ever_under_a_silent_network(
    messages: Messages, gateway: Instrument, verify: Verifier, clean: bool
) -> None:
    module = messages.module
    messages.came_online(clean=clean, impatient=True)
    # Each has been answered in this session before, if the little time that it has was enough.
    module.subscribe(topic := messages.topic(), 1)
    module.publish(topic, "before", 1)
    module.unsubscribe(topic)
    with gateway.blackhole():
        verify(module.publish(messages.topic(), "into the silence", 1)).answered()
        verify(module.subscribe(messages.topic(), 1)).answered_in_time()
        verify(module.unsubscribe(messages.topic())).answered_in_time()
        verify(module.close()).answered_in_time()
        verify(module.open()).answered_in_time()
    verify(module.send("AT")).ok()


@requirement("NW-04")
def test_a_publish_that_is_never_acknowledged_ends_and_does_not_stand_in_the_way_of_the_next(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    module, topic = messages.module, messages.watched_topic()
    messages.came_online(impatient=True)
    mark = messages.cloud.journal.mark()
    with gateway.withholding_puback():
        verify(module.publish(topic, "never acknowledged", 1)).answered_in_time()
        verify(module.subscribe(messages.topic(), 1)).answered_in_time()
    answer = module.publish(topic, "the next", 1)
    if not answer.ok:
        # To end a session whose cloud does not acknowledge, or to publish nothing more in it, is a module's right.
        module.close()
        verify_back_online(messages, verify, reconnected=module.connected_since(mark))
        answer = publish_until_accepted(messages, topic, "the next")
    verify(answer).ok()
    arrived = [message.payload for message in messages.arrived(topic, 2)]
    verify.arrived(topic, "the next", arrived)


@requirement("OP-01", "SU-01", "PU-01", "RV-01")
@pytest.mark.parametrize("network", BAD_NETWORKS.values(), ids=BAD_NETWORKS)
def test_a_whole_session_over_a_bad_network(
    messages: Messages,
    gateway: Instrument,
    verify: Verifier,
    network: Callable[[Instrument], AbstractContextManager[None]],
) -> None:
    module = messages.module
    module.configure_session()
    with network(gateway):
        connection, exchange = module.try_open()
        verify(exchange, of="OP-01").ok()
        verify.came_online(connection, of="OP-01")
        mark = messages.cloud.journal.mark()
        verify(module.subscribe(topic := messages.topic(), 1), of="SU-01").ok()
        messages.wait_acknowledged(Suback, since=mark)
        verify.at_gateway(connection, of="SU-01").granted(topic)
        messages.verify_uplink("late or in pieces", qos=1, of="PU-01")
        # Long enough for a length of two bytes, and for many pieces.
        messages.downlink(topic, pattern(200))
        verify.shown_once(topic, [pattern(200)], messages.wait_received(topic), of="RV-01")


def verify_kept_alive(
    watch: Watch,
    verify: Verifier,
    periods: int = BOUNDS.keepalive_periods,
    meanwhile: Callable[[], object] | None = None,
) -> None:
    """Judge that a link that is left alone never falls silent for longer than CONNECT announced."""
    # One that was lost while other tests ran may have been lost through them.
    connection = watch.begin() if watch.connection is None or watch.connection.closed else watch.connection
    announced = connection.announced_keepalive
    if announced == 0:
        verify.give_up("CONNECT announced no keep-alive, so there is none to hold")
    # Until then the cloud keeps the connection, and the way from the module to the gateway is not the module's.
    allowed = BOUNDS.keepalive_late_factor * announced + BOUNDS.carrier_jitter_seconds
    # A second silence has to show as well.
    gap = watch.widest_gap(during=periods * allowed + announced / 10, limit=allowed, meanwhile=meanwhile)
    end = connection.closed
    silence = say("more than {allowed:.2f} s", allowed=allowed) if gap > allowed else say("{gap:.2f} s", gap=gap)
    observed = silence if end is None else say("{silence}; the connection ended: {end}", silence=silence, end=end)
    expected = say(
        "never more than {allowed:.2f} s without a packet ({announced} s announced)",
        allowed=allowed,
        announced=announced,
    )
    verify.that(gap <= allowed, expected, observed, why=Why.LINK)
    # A broker counts by its own clock, and may give up on a packet that was on its way within what is allowed.
    verify.at_gateway(connection).not_ended_by_module()
    verify.observe(announced_seconds=announced, beyond_announced=gap > announced)


def verify_back_online(messages: Messages, verify: Verifier, *, reconnected: bool) -> bool:
    """Judge that OPEN works again after the connection ended, or that a module that came back by itself is online.

    Returns whether it came back by itself.
    """
    if not reconnected:
        connection, exchange = messages.module.try_open()
        # 707 is right only from a module that has come back by itself in the meantime.
        if exchange.code != ErrorCode.ALREADY_OPEN or not messages.cloud.sessions_open():
            verify(exchange).ok()
            verify.came_online(connection, "again")
            return False
    topic = messages.watched_topic()
    verify(publish_until_accepted(messages, topic, "after a reconnect")).ok()
    arrived = [message.payload for message in messages.arrived(topic)]
    verify.arrived(topic, "after a reconnect", arrived)
    return True
