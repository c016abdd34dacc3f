"""Section 2.4.11: publish."""

from __future__ import annotations

import pytest

from conformance.catalogue import BOUNDS, PUBLISH
from conformance.payloads import TEXTS, pattern, side_by_side, sizes
from conformance.values import MALFORMED, NO_INTEGERS, OWN_TOPIC, on_topic
from fixtures.online import Messages, Online, sent
from fixtures.requirements import derived, requirement, smoke, tells
from fixtures.verify import Verifier
from rigs.at.commands import Bare
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import Publish
from rigs.sentence import say

BEYOND = (640, 768, 850, 900, 930, 960, 990, 1000, 1024, 1100, 1280, 1536, 2048)
"""Payload sizes in bytes beyond those that every module has to take; the module's limit is looked for between them."""
MANY = 260
"""Messages with QoS 1 in one session."""
TOPIC_LENGTH = 64
"""Length in bytes of the topic with which the largest payload is looked for."""


@smoke
@requirement("PU-01")
@pytest.mark.parametrize("qos", [0, 1])
def test_publish_puts_exactly_one_message_on_the_broker(online: Online, verify: Verifier, qos: int) -> None:
    topic = online.watched_topic()
    verify(online.module.publish(topic, payload := f"one message, QoS {qos}", qos)).ok()
    verify.published_once(topic, [payload], [message.payload for message in online.arrived(topic)])
    verify.at_gateway(online.connection).published_with(topic, qos)


@requirement("PU-01")
@pytest.mark.parametrize("qos", [0, 1])
def test_the_same_message_published_again_is_another_message(online: Online, verify: Verifier, qos: int) -> None:
    topic = online.watched_topic()
    for _ in range(3):
        verify(online.module.publish(topic, "the same", qos)).ok()
    arrived = [message.payload for message in online.arrived(topic, 3)]
    verify.published_once(topic, ["the same"] * 3, arrived)


@derived
@requirement("PU-01")
def test_many_messages_with_qos_1_each_go_out_under_an_identifier_of_their_own(
    online: Online, verify: Verifier
) -> None:
    topic = online.watched_topic()
    # More than fit into one byte of the packet identifier.
    budget = verify.budget("messages", MANY, BOUNDS.least_messages)
    payloads = []
    for number in budget.rounds():
        payloads.append(f"{number:03}")
        verify(online.module.publish(topic, payloads[-1], 1)).ok()
    verify.published_once(topic, payloads, [message.payload for message in online.arrived(topic, len(payloads))])
    verify.effort(budget.effort)


@requirement("PU-01")
@pytest.mark.parametrize("length", [64, 65, 100, 128])
def test_publish_reaches_exactly_its_topic_however_long(online: Online, verify: Verifier, length: int) -> None:
    topic = online.watched_topic(length=length)
    # Up to which length a topic is taken is left open.
    answer = verify(online.module.publish(topic, "long topic")).answered()
    verify.observe(topic_length=length, accepted=answer.ok, evidence=answer.evidence)
    if not answer.ok:
        return
    verify.published_once(topic, ["long topic"], [message.payload for message in online.arrived(topic)])


@requirement("PU-02")
@pytest.mark.parametrize("payload", ['"', 'say "hi"', '{"a":"b"}', '""', 'end"', '"begin'])
def test_an_escaped_quote_in_a_payload_means_a_quote(online: Online, verify: Verifier, payload: str) -> None:
    online.verify_uplink(payload)


@smoke
@requirement("PU-03")
@pytest.mark.parametrize("payload", TEXTS.values(), ids=TEXTS)
def test_printable_characters_arrive_unchanged(online: Online, verify: Verifier, payload: str) -> None:
    online.verify_uplink(payload)


@requirement("PU-03")
@pytest.mark.parametrize("written", [rb"a\\b", rb"a\nb", rb"a\tb", rb"a\x41b", rb"a\b"], ids=repr)
def test_how_a_backslash_before_other_characters_is_treated(online: Online, verify: Verifier, written: bytes) -> None:
    topic = online.watched_topic()
    answer = verify(online.module.set(PUBLISH.word, topic, 0, Bare(b'"' + written + b'"'))).answered()
    arrived = [message.payload.decode("latin-1") for message in online.arrived(topic, int(answer.ok))]
    verify.observe(written=written.decode(), accepted=answer.ok, arrived=arrived, evidence=answer.evidence)


@requirement("PU-06")
@pytest.mark.parametrize(
    "payload", ["温度26℃", "é", "😀 ok", '设备,"状态":正常'], ids=["chinese", "accent", "emoji", "mixed"]
)
def test_utf8_payloads_arrive_unchanged(online: Online, verify: Verifier, payload: str) -> None:
    online.verify_uplink(payload)


@derived
@requirement("PU-02", "PU-03")
@pytest.mark.parametrize("qos", [0, 1])
def test_any_two_characters_may_stand_side_by_side(online: Online, verify: Verifier, qos: int) -> None:
    # What a backslash means before anything but a quote is left open.
    online.verify_uplinks(side_by_side(without="\\", braces=qos == 1), qos=qos)


@derived
@requirement("PU-06")
@pytest.mark.parametrize("qos", [0, 1])
def test_payloads_of_every_size_arrive_whole(online: Online, verify: Verifier, qos: int) -> None:
    budget = verify.budget("payload-sizes", len(sizes(qos)), BOUNDS.least_payload_sizes)
    online.verify_uplinks(map(pattern, budget.of(sizes(qos))), qos=qos)
    verify.effort(budget.effort)


@requirement("PU-06")
def test_beyond_the_largest_payload_comes_an_error_and_never_a_cut_one(online: Online, verify: Verifier) -> None:
    def taken(size: int) -> bool:
        # As long each time: where the command line is the limit, a longer topic leaves less to the payload.
        topic = online.watched_topic(length=TOPIC_LENGTH)
        answer = verify(online.module.publish(topic, pattern(size), 0)).answered()
        arrived = [message.payload for message in online.arrived(topic, int(answer.ok))]
        verify.published_once(topic, [pattern(size)] if answer.ok else [], arrived)
        return answer.ok

    outcomes = {size: taken(size) for size in BEYOND}
    largest = max([size for size in BEYOND if outcomes[size]], default=BOUNDS.payload_max_bytes)
    refused = min([size for size in BEYOND if size > largest], default=None)
    while refused is not None and refused - largest > 1:
        middle = (largest + refused) // 2
        largest, refused = (middle, refused) if taken(middle) else (largest, middle)
    verify.observe(largest_payload_accepted=largest, smallest_refused_beyond=refused)


@requirement("PU-04")
@pytest.mark.parametrize("qos", [3, *NO_INTEGERS], ids=repr)
def test_a_bad_qos_is_refused_by_publish(online: Online, verify: Verifier, qos: int | Bare) -> None:
    verify(online.module.set(PUBLISH.word, online.topic(), qos, "x")).refused(MALFORMED)


@requirement("PU-04")
@pytest.mark.parametrize(
    "arguments", [(OWN_TOPIC, 0), (OWN_TOPIC,), (Bare(b""), 0, "x"), ("", 0, "x"), (Bare(b""),)], ids=repr
)
def test_a_malformed_publish_is_refused(
    online: Online, verify: Verifier, arguments: tuple[str | int | Bare, ...]
) -> None:
    verify(online.module.set(PUBLISH.word, *on_topic(online.topic(), arguments))).refused(MALFORMED)


@requirement("PU-04")
def test_how_an_empty_payload_is_treated(online: Online, verify: Verifier) -> None:
    topic = online.watched_topic()
    answer = verify(online.module.publish(topic, "")).answered()
    arrived = [message.payload.decode() for message in online.arrived(topic, int(answer.ok))]
    verify.observe(accepted=answer.ok, arrived=arrived, evidence=answer.evidence)


@requirement("PU-05")
@tells("MQ-01")
def test_whether_the_ok_of_a_qos_1_publish_waits_for_puback(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    connection = messages.came_online(impatient=True)
    topic = messages.watched_topic()
    with gateway.withholding_puback():
        answer = verify(messages.module.publish(topic, "unacknowledged", 1)).answered()
    packets = [packet for packet in sent(connection, Publish) if packet.topic == topic]
    plain = [packet for packet in packets[1:] if not packet.dup]
    if packets[1:]:
        # One command was sent, so that these can be nothing but the same message.
        observed = say("{count} without it", count=len(plain)) if plain else say("on each")
        verify.that(not plain, say("DUP on whatever is sent again"), observed, of="MQ-01")
    verify.observe(
        ok_without_puback=answer.ok,
        sent=len(packets),
        repeated_with_dup=any(packet.dup for packet in packets),
        evidence=answer.evidence,
    )
