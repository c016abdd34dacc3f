"""Section 2.4.12: downlink messages however the network cuts and joins what carries them."""

from __future__ import annotations

import pytest

from conformance.catalogue import ErrorCode
from conformance.payloads import TEXTS, UTF8_TEXTS, pattern
from conformance.values import PRINTABLE
from fixtures.online import Messages, Online
from fixtures.outage import publish_until_noticed
from fixtures.requirements import derived, requirement, tells
from fixtures.verify import Verifier
from rigs.cloud.events import Ending
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import Publish

LONGEST_CUT = 64
"""Bytes of a packet up to which it is cut behind each; its length then takes two bytes."""
SHAPES = {
    "RV-01": [f"plain {number}" for number in range(12)],
    "RV-02": [*TEXTS.values(), PRINTABLE, "\\", 'back\\slash\\"'],
    "RV-07": [*UTF8_TEXTS.values(), *map(pattern, (1, 127, 128, 255, 256, 511, 512))],
}
"""Payloads that have to be shown unchanged, by the requirement that says so."""
SIZES = [pattern(1 + 37 * number % 130) for number in range(24)]
TOGETHER = (2, 3, 7)
"""Packets that come in one segment."""
BURST = 50
"""Messages back to back of which each has to be shown."""


@derived
@requirement("RV-01")
def test_a_downlink_message_that_is_cut_behind_any_byte_is_shown_once(
    online: Online, gateway: Instrument, verify: Verifier
) -> None:
    topic = online.subscribed_topic()
    sent: list[str] = []
    for first in range(1, LONGEST_CUT + 1):
        sent.append(f"cut behind byte {first} {'x' * (100 * (first % 2))}")
        with gateway.cutting(first):
            online.downlink(topic, sent[-1], qos=first % 2)
            shown = online.wait_received(topic, len(sent))
        verify.shown_once(topic, sent, shown)


@derived
@requirement(*SHAPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", TOGETHER)
def test_downlink_messages_that_come_in_one_segment_are_all_shown(
    online: Online, gateway: Instrument, verify: Verifier, count: int, shape: str
) -> None:
    topic, payloads = online.subscribed_topic(), SHAPES[shape]
    with gateway.joining(count):
        online.downlink(topic, *payloads)
        shown = online.wait_received(topic, len(payloads))
    verify.shown_once(topic, payloads, shown, of=shape)
    verify.shown_once(topic, payloads, online.nothing_more_received(topic), of=shape)


@derived
@requirement("RV-03")
@pytest.mark.parametrize("count", [17, BURST])
def test_a_burst_that_comes_in_one_segment_is_shown_once_and_in_order(
    online: Online, gateway: Instrument, verify: Verifier, count: int
) -> None:
    topic, payloads = online.subscribed_topic(), [f"burst {number}" for number in range(BURST)]
    with gateway.joining(count):
        online.downlink(topic, *payloads)
        shown = online.wait_received(topic, len(payloads))
    verify.shown_once(topic, payloads, shown)


@derived
@requirement("TL-01")
@tells("RV-03")
@pytest.mark.parametrize("count", TOGETHER)
def test_messages_that_come_in_one_record_of_tls_are_all_shown(
    messages: Messages, gateway: Instrument, verify: Verifier, count: int
) -> None:
    messages.came_online(tls=True)
    topic, payloads = messages.subscribed_topic(), [f"record {number}" for number in range(3 * count)]
    with gateway.joining(count):
        messages.downlink(topic, *payloads)
        shown = messages.wait_received(topic, len(payloads))
    verify.shown_once(topic, payloads, shown, of=("TL-01", "RV-03"))


@derived
@requirement("RV-06")
@pytest.mark.parametrize("count", TOGETHER)
def test_each_of_several_messages_in_one_segment_is_acknowledged(
    online: Online, gateway: Instrument, verify: Verifier, count: int
) -> None:
    topic, mark = online.subscribed_topic(), online.cloud.journal.mark()
    with gateway.joining(count):
        online.downlink(topic, *(f"together {number}" for number in range(2 * count)))
        online.wait_received(topic, 2 * count)
    verify.acknowledged(topic, since=mark)


@derived
@requirement("RV-04")
@pytest.mark.parametrize("count", TOGETHER)
def test_messages_that_come_in_one_segment_during_commands_split_neither(
    online: Online, gateway: Instrument, verify: Verifier, count: int
) -> None:
    topic, uplink = online.subscribed_topic(), online.watched_topic()
    with gateway.joining(count):
        online.downlink(topic, *SIZES)
        # Whether the commands succeed under such a flood is not asked here.
        for number, _ in enumerate(online.until_received(topic, SIZES[-1])):
            verify(online.module.publish(uplink, f"up {number}", number % 2)).answered()
    verify.shown_once(topic, SIZES, online.received(topic))


@derived
@requirement("SE-01")
def test_a_message_that_was_lost_with_the_connection_is_shown_once_when_it_comes_again_with_dup(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    connection = messages.came_online(clean=False)
    topic, mark = messages.subscribed_topic(), messages.cloud.journal.mark()
    with gateway.blackhole():
        messages.cloud_publishes(topic, "lost at first")
        gateway.drop(connection, Ending.RST)
        connection.wait_closed(messages.deadlines.cloud)
    drop = publish_until_noticed(messages, mark)
    if not drop.reconnected:
        _, exchange = messages.module.try_open()
        # 707 is right only from a module that has come back by itself in the meantime.
        if exchange.code != ErrorCode.ALREADY_OPEN or not messages.cloud.sessions_open():
            verify.given(exchange)
    shown = messages.wait_received(topic)
    came = [
        seen.packet.dup
        for again in messages.cloud.connections_since(mark)
        for seen in again.received(Publish)
        if isinstance(seen.packet, Publish)
    ]
    verify.observe(came_with_dup=came)
    verify.shown_once(topic, ["lost at first"], shown)
