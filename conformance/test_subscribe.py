"""Sections 2.4.9 and 2.4.10: subscribe and unsubscribe, and the test forms of the three topic commands."""

from __future__ import annotations

import pytest

from conformance.catalogue import PUBLISH, SUBSCRIBE, UNSUBSCRIBE, Command
from conformance.values import MALFORMED, NO_INTEGERS, NOT_OPEN, OWN_TOPIC, on_topic
from fixtures.module import Module
from fixtures.online import Messages, Online
from fixtures.requirements import requirement, smoke
from fixtures.verify import Verifier
from rigs.at.commands import Bare
from rigs.cloud.events import Direction
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import Suback, Unsuback


@smoke
@requirement("TF-01")
@pytest.mark.parametrize("command", [SUBSCRIBE, UNSUBSCRIBE, PUBLISH], ids=lambda command: command.word)
def test_the_test_form_answers_a_syntax_line_while_closed(module: Module, verify: Verifier, command: Command) -> None:
    answer = verify(module.test(command.word)).ok()
    verify(answer).has_syntax_line(*_names(command))


@requirement("TF-01")
@pytest.mark.parametrize("command", [SUBSCRIBE, UNSUBSCRIBE, PUBLISH], ids=lambda command: command.word)
def test_the_test_form_answers_a_syntax_line_while_open(online: Online, verify: Verifier, command: Command) -> None:
    answer = verify(online.module.test(command.word)).ok()
    verify(answer).has_syntax_line(*_names(command))
    syntax = [line.text.decode("latin-1") for line in answer.body if line.text.startswith(b"+ALY")]
    verify.observe(command=command.name, syntax=syntax, evidence=answer.evidence)


@smoke
@requirement("SU-01")
@pytest.mark.parametrize(("qos", "length"), [(0, 0), (1, 0), (0, 65), (1, 128)])
def test_a_subscription_stands_at_the_broker(online: Online, verify: Verifier, qos: int, length: int) -> None:
    topic, mark = online.topic(length=length), online.cloud.journal.mark()
    answer = online.module.subscribe(topic, qos)
    if length and answer.error:
        # Up to which length a topic is taken is left open.
        verify.observe(topic_length=length, accepted=False, evidence=answer.evidence)
        return
    verify(answer).ok()
    online.wait_acknowledged(Suback, since=mark)
    online.cloud_publishes(topic, "proof")
    verify.shown_once(topic, ["proof"], online.wait_received(topic))
    verify.at_gateway(online.connection).subscribed(topic, qos)


@requirement("SU-02")
@pytest.mark.parametrize("qos", [3, *NO_INTEGERS], ids=repr)
def test_a_bad_qos_is_refused_by_subscribe(online: Online, verify: Verifier, qos: int | Bare) -> None:
    verify(online.module.set(SUBSCRIBE.word, online.topic(), qos)).refused(MALFORMED)


@requirement("SU-02")
@pytest.mark.parametrize("arguments", [("",), ("", 0), (OWN_TOPIC,), (OWN_TOPIC, 0, 0), (Bare(b""),)], ids=repr)
def test_a_malformed_subscribe_is_refused(
    online: Online, verify: Verifier, arguments: tuple[str | int | Bare, ...]
) -> None:
    verify(online.module.set(SUBSCRIBE.word, *on_topic(online.topic(), arguments))).refused(MALFORMED)


@requirement("SU-02")
def test_how_qos_2_is_treated(online: Online, verify: Verifier) -> None:
    answer = verify(online.module.subscribe(online.topic(), 2)).answered()
    verify.observe(qos_2_accepted=answer.ok, evidence=answer.evidence)


@smoke
@requirement("SU-03")
def test_subscribe_unsubscribe_and_publish_are_refused_while_closed(messages: Messages, verify: Verifier) -> None:
    module, topic = messages.module, messages.watched_topic()
    verify(module.subscribe(topic)).refused(NOT_OPEN)
    verify(module.unsubscribe(topic)).refused(NOT_OPEN)
    verify(module.publish(topic, "closed")).refused(NOT_OPEN)
    verify(module.publish(topic, "closed" * 50, 1)).refused(NOT_OPEN)


@requirement("SU-04")
def test_several_subscriptions_stand_side_by_side(online: Online, verify: Verifier) -> None:
    topics = [online.topic() for _ in range(5)]
    for topic in topics:
        mark = online.cloud.journal.mark()
        verify(online.module.subscribe(topic, 1)).ok()
        online.wait_acknowledged(Suback, since=mark)
    for topic in topics:
        online.cloud_publishes(topic, topic)
    for topic in topics:
        verify.shown_once(topic, [topic], online.wait_received(topic))


@requirement("SU-05")
def test_a_subscription_that_the_broker_refuses_is_an_error(
    online: Online, gateway: Instrument, verify: Verifier
) -> None:
    with gateway.refusing_subscriptions():
        answer = online.module.subscribe(online.topic(), 1)
        if not online.connection.wait_packet(Suback, online.deadlines.cloud, direction=Direction.DOWN):
            verify.give_up("no SUBSCRIBE reached the broker, so none was refused")
        verify(answer).refused()


@requirement("SU-06")
@pytest.mark.parametrize("ending", ["/+", "/#"])
def test_how_wildcards_are_treated(online: Online, verify: Verifier, ending: str) -> None:
    base = online.topic()
    answer = verify(online.module.subscribe(base + ending, 1)).answered()
    overlapping = online.module.subscribe(f"{base}/leaf", 1)
    online.cloud_publishes(f"{base}/leaf", "leaf")
    shown = len(online.wait_received(f"{base}/leaf", deadline=online.deadlines.downlink if overlapping.ok else 0.0))
    verify.observe(filter=ending, accepted=answer.ok, overlapping_accepted=overlapping.ok, copies=shown)


@smoke
@requirement("UN-01")
def test_after_unsubscribe_nothing_of_the_topic_arrives(online: Online, verify: Verifier) -> None:
    gone = online.subscribed_topic()
    others = [online.subscribed_topic(topic=topic) for topic in (online.topic(), f"{gone}0", f"{gone}/leaf")]
    mark = online.cloud.journal.mark()
    verify(online.module.unsubscribe(gone)).ok()
    online.wait_acknowledged(Unsuback, since=mark)
    verify.at_gateway(online.connection).unsubscribed(gone)
    online.cloud_publishes(gone, "gone")
    for other in others:
        online.cloud_publishes(other, "kept")
        verify.shown_once(other, ["kept"], online.wait_received(other))
    verify.shown_once(gone, [], online.received(gone))


@requirement("UN-01")
@pytest.mark.parametrize("qos", [0, 1])
def test_one_unsubscribe_ends_a_subscription_that_was_made_twice(online: Online, verify: Verifier, qos: int) -> None:
    gone, other = online.subscribed_topic(qos), online.subscribed_topic()
    online.subscribed_topic(qos, topic=gone)
    mark = online.cloud.journal.mark()
    verify(online.module.unsubscribe(gone)).ok()
    online.wait_acknowledged(Unsuback, since=mark)
    online.cloud_publishes(gone, "gone")
    online.cloud_publishes(other, "kept")
    if not online.wait_received(other):
        verify.give_up("a later message was not shown either, so an absence proves nothing")
    verify.shown_once(gone, [], online.received(gone))


@requirement("UN-02")
def test_how_unsubscribing_an_unknown_topic_is_treated(online: Online, verify: Verifier) -> None:
    answer = verify(online.module.unsubscribe(online.topic())).answered()
    verify.observe(accepted=answer.ok, code=answer.code, evidence=answer.evidence)


def _names(command: Command) -> tuple[str, ...]:
    """In whose names its test form may answer; section 2.4.10 writes the name of SUB where it means UNSUB."""
    return (command.name, SUBSCRIBE.name) if command is UNSUBSCRIBE else (command.name,)
