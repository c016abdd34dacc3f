"""Section 2.4.12: downlink messages."""

from __future__ import annotations

import pytest

from conformance.catalogue import BOUNDS, SUBSCRIBE
from conformance.payloads import TEXTS, UTF8_TEXTS, pattern, side_by_side, sizes
from conformance.values import NO_QUOTES, PRINTABLE
from fixtures.findings import NotTested
from fixtures.online import Online
from fixtures.requirements import derived, requirement, smoke, soak
from fixtures.run import Run
from fixtures.verify import Verifier
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import Suback
from rigs.cloud.profile import ProfileName
from rigs.sentence import say

MANY = 260
"""Messages with QoS 1 in one session, so that their packet identifiers take two bytes."""


@smoke
@requirement("RV-01")
@pytest.mark.parametrize("qos", [0, 1])
def test_one_downlink_message_gives_exactly_one_line(online: Online, verify: Verifier, qos: int) -> None:
    topic = online.subscribed_topic(qos)
    online.downlink(topic, "downlink", qos=qos)
    verify.shown_once(topic, ["downlink"], online.wait_received(topic))
    shown = online.nothing_more_received(topic)
    verify.shown_once(topic, ["downlink"], shown)
    verify.unquoted(topic, shown, NO_QUOTES)


@requirement("RV-01")
def test_the_same_message_sent_again_is_shown_again(online: Online, verify: Verifier) -> None:
    topic = online.subscribed_topic()
    online.downlink(topic, *["the same"] * 3)
    verify.shown_once(topic, ["the same"] * 3, online.wait_received(topic, 3))


@requirement("RV-01")
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("qos", [0, 1])
def test_a_retained_message_is_one_message_like_any_other(online: Online, verify: Verifier, run: Run, qos: int) -> None:
    if run.rig_file.cloud.profile is ProfileName.PLATFORM:
        raise NotTested(say("the platform keeps no retained messages (cloud.profile)"))
    topic = online.topic()
    online.observer.publish(topic, "kept for you", 1, retain=True)
    online.subscribed_topic(qos, topic=topic)
    online.wait_received(topic)
    shown = online.nothing_more_received(topic)
    online.observer.publish(topic, "", 1, retain=True)
    verify.shown_once(topic, ["kept for you"], shown)


@requirement("RV-01")
@pytest.mark.parametrize("length", [64, 65, 100, 128])
def test_a_downlink_message_shows_its_topic_however_long(online: Online, verify: Verifier, length: int) -> None:
    topic, mark = online.topic(length=length), online.cloud.journal.mark()
    # Up to which length a topic is taken is left open.
    answer = verify(online.module.subscribe(topic, 1)).answered()
    verify.observe(topic_length=length, accepted=answer.ok, evidence=answer.evidence)
    if not answer.ok:
        return
    online.wait_acknowledged(Suback, since=mark)
    online.downlink(topic, "long topic")
    verify.shown_once(topic, ["long topic"], online.wait_received(topic))


@requirement("RV-02")
@pytest.mark.parametrize("payload", [*TEXTS.values(), PRINTABLE, "\\", 'back\\slash\\"'], ids=repr)
def test_printable_downlink_characters_are_shown_unchanged(online: Online, verify: Verifier, payload: str) -> None:
    online.verify_downlink(payload)


@requirement("RV-07")
@pytest.mark.parametrize("payload", UTF8_TEXTS.values(), ids=UTF8_TEXTS)
def test_utf8_downlink_payloads_are_shown_unchanged(online: Online, verify: Verifier, payload: str) -> None:
    online.verify_downlink(payload)


@derived
@requirement("RV-01", "RV-02")
@pytest.mark.parametrize("qos", [0, 1])
def test_any_two_characters_are_shown_side_by_side(online: Online, verify: Verifier, qos: int) -> None:
    online.verify_downlinks(side_by_side(braces=qos == 1), qos=qos)


@derived
@requirement("RV-07")
@pytest.mark.parametrize("qos", [0, 1])
def test_downlink_payloads_of_every_size_are_shown_whole(online: Online, verify: Verifier, qos: int) -> None:
    budget = verify.budget("payload-sizes", len(sizes(qos)), BOUNDS.least_payload_sizes)
    online.verify_downlinks(map(pattern, budget.of(sizes(qos))), qos=qos)
    verify.effort(budget.effort)


@requirement("RV-07")
@pytest.mark.parametrize("size", [513, 600, 768, 1023, 1024, 1025, 1400, 2048])
def test_how_larger_downlink_payloads_are_shown(online: Online, verify: Verifier, size: int) -> None:
    topic, marker = online.subscribed_topic(), online.subscribed_topic()
    online.downlink(topic, pattern(size))
    online.cloud_publishes(marker, "marker")
    shown = online.wait_received(marker) and online.received(topic)
    verify.observe(size=size, bytes_shown=[len(item.bare) for item in shown])
    verify(online.module.send("AT")).ok()


@requirement("RV-03")
@pytest.mark.parametrize(
    ("qos", "count"), [(0, BOUNDS.burst_messages), (1, BOUNDS.burst_messages), pytest.param(1, 1000, marks=soak)]
)
def test_a_burst_of_downlink_messages_arrives_once_and_in_order(
    online: Online, verify: Verifier, qos: int, count: int
) -> None:
    topic = online.subscribed_topic(qos)
    burst = [f"burst {number:03}" for number in range(count)]
    online.downlink(topic, *burst, qos=qos)
    shown = online.wait_received(topic, len(burst))
    if qos == 0:
        bare = [item.bare for item in shown]
        verify.observe(qos=qos, sent=len(burst), shown=len(shown), in_order=bare == sorted(bare))
        return
    verify.shown_once(topic, burst, shown)
    # None of them a second time.
    verify.shown_once(topic, burst, online.nothing_more_received(topic))


@requirement("RV-04")
def test_a_downlink_message_during_a_command_splits_neither(online: Online, verify: Verifier) -> None:
    topic = online.subscribed_topic()
    payloads = [f"during {number:02} {'d' * (7 * number % 50)}" for number in range(40)]
    uplink = online.watched_topic()
    online.downlink(topic, *payloads)
    # Whether the commands succeed under such a flood is not asked here.
    for number, _ in enumerate(online.until_received(topic, payloads[-1])):
        verify(online.module.publish(uplink, f"up {number}", 1)).answered()
        answer = verify(online.module.test(SUBSCRIBE.word)).answered()
        if answer.ok:
            # Its syntax line, in one piece.
            verify(answer).informs()
    verify.shown_once(topic, payloads, online.received(topic))


@requirement("RV-04", "RV-06")
@pytest.mark.parametrize("number", range(3))
def test_a_downlink_message_that_arrives_while_a_command_waits_splits_neither(
    online: Online, gateway: Instrument, verify: Verifier, number: int
) -> None:
    topic, uplink = online.subscribed_topic(), online.watched_topic()
    mark = online.cloud.journal.mark()
    with gateway.delaying(0.1):
        # It is on its way for 0.1 s, and the acknowledgement that the command waits for comes after 0.2 s.
        online.cloud_publishes(topic, payload := f"meanwhile {number}")
        verify(online.module.publish(uplink, "up", 1), of="RV-04").answered()
        shown = online.wait_received(topic)
    verify.shown_once(topic, [payload], shown, of="RV-04")
    verify.acknowledged(topic, since=mark, of="RV-06")


@requirement("RV-05")
@pytest.mark.parametrize("payload", ["", "a\r\nb", "OK", "a\r\nOK\r\nb", "\r\n", "a\x00b\x1b[1m"], ids=repr)
def test_how_control_characters_in_a_downlink_payload_are_shown(online: Online, verify: Verifier, payload: str) -> None:
    topic, marker = online.subscribed_topic(), online.subscribed_topic()
    with online.lines_of_any_kind() as lines:
        online.cloud_publishes(topic, payload)
        online.cloud_publishes(marker, "marker")
        online.wait_received(marker)
    verify.observe(sent=payload, shown=[line.decode("latin-1") for line in lines if marker.encode() not in line])


@derived
@requirement("RV-06")
def test_every_one_of_many_qos_1_downlink_messages_is_acknowledged(online: Online, verify: Verifier) -> None:
    topic, mark = online.subscribed_topic(), online.cloud.journal.mark()
    # More than fit into one byte of the packet identifier.
    online.downlink(topic, *(f"{number:03}" for number in range(MANY)))
    online.wait_received(topic, MANY)
    verify.acknowledged(topic, since=mark)


@requirement("RV-06")
@pytest.mark.parametrize("size", [1, 128, 512])
def test_a_qos_1_downlink_message_is_acknowledged(online: Online, verify: Verifier, size: int) -> None:
    topic, mark = online.subscribed_topic(), online.cloud.journal.mark()
    online.downlink(topic, pattern(size))
    verify.acknowledged(topic, since=mark)
