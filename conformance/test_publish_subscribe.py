"""Sections 2.4.9 to 2.4.12 and chapter 3: subscribe, unsubscribe, publish, receive."""

from __future__ import annotations

import pytest

from conformance.catalogue import BOUNDS, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, Command
from conformance.values import MALFORMED, NO_INTEGERS, NOT_OPEN, PRINTABLE
from fixtures.module import Module
from fixtures.online import Messages, Online, sent
from fixtures.requirements import requirement, smoke
from fixtures.verify import Verifier
from reports.verdicts import Verdict
from rigs.at.commands import Bare
from rigs.at.dialogue import Exchange
from rigs.at.results import information
from rigs.cloud.events import Direction
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import Puback, Publish, Suback, Subscribe, Unsuback, Unsubscribe

SIZES = [1, 2, 63, 64, 65, 127, 128, 129, 200, 255, 256, 257, 300, 400, 500, 511, 512]
"""Payload sizes in bytes around the usual buffer limits, up to what has to arrive whole."""

TEXTS = {
    "words": "hello world",
    "json": '{"message":"hello!"}',
    "quotes": 'a"b""c"',
    "commas": ",a,,b,",
    "brackets": "[({<>})]",
    "colons": "a:b::c",
    "spaces": " a  b ",
    "line-like": "+MQTTRECV:/x,y",
    "error-like": "+CME ERROR: 700",
    "format": "%n%s%d%%",
    "printable": PRINTABLE.replace("\\", ""),
    "only-a-quote": '"',
    "only-a-comma": ",",
}
"""Payloads that arrive unchanged in both directions; a backslash is looked at apart."""


UTF8_TEXTS = {"chinese": "温度26℃", "accent": "é", "emoji": "😀 ok", "mixed": '{"状态":"正常"},é'}


@smoke
@requirement("TF-01")
@pytest.mark.parametrize("command", [SUBSCRIBE, UNSUBSCRIBE, PUBLISH], ids=str)
def test_the_test_form_answers_a_syntax_line_while_closed(module: Module, verify: Verifier, command: Command) -> None:
    answer = verify(module.test(command.word)).ok()
    verify(answer).shows(bool(_syntax_lines(answer, command)), "a syntax line before OK")


@requirement("TF-01")
@pytest.mark.parametrize("command", [SUBSCRIBE, UNSUBSCRIBE, PUBLISH], ids=str)
def test_the_test_form_answers_a_syntax_line_while_open(online: Online, verify: Verifier, command: Command) -> None:
    answer = verify(online.module.test(command.word)).ok()
    lines = _syntax_lines(answer, command)
    verify(answer).shows(bool(lines), "a syntax line before OK")
    verify.observe(command=command.name, syntax=[line.decode("latin-1") for line in lines], evidence=answer.evidence)


@smoke
@requirement("SU-01")
@pytest.mark.parametrize("qos", [0, 1])
def test_a_subscription_stands_at_the_broker(online: Online, verify: Verifier, qos: int) -> None:
    topic, mark = online.topic(), online.cloud.journal.mark()
    verify(online.module.subscribe(topic, qos)).ok()
    online.wait_acknowledged(Suback, since=mark)
    asked = {
        (subscription.topic_filter, subscription.qos)
        for packet in sent(online.connection, Subscribe)
        for subscription in packet.subscriptions
        if subscription.topic_filter == topic
    }
    verify.that(asked == {(topic, qos)}, f"SUBSCRIBE to {topic} with QoS {qos}", f"{asked}")
    online.cloud_publishes(topic, "proof")
    shown = [item.payload for item in online.wait_received(topic)]
    verify.that(shown == [b"proof"], "a message to the topic reaches the module", f"{shown}")


@requirement("SU-02")
@pytest.mark.parametrize("qos", [3, *NO_INTEGERS], ids=repr)
def test_a_bad_qos_is_refused_by_subscribe(online: Online, verify: Verifier, qos: int | Bare) -> None:
    verify(online.module.set(SUBSCRIBE.word, online.topic(), qos)).refused(MALFORMED)


@requirement("SU-02")
@pytest.mark.parametrize("arguments", [("",), ("", 0), ("/a/b",), ("/a/b", 0, 0), (Bare(b""),)], ids=repr)
def test_a_malformed_subscribe_is_refused(
    online: Online, verify: Verifier, arguments: tuple[str | int | Bare, ...]
) -> None:
    verify(online.module.set(SUBSCRIBE.word, *arguments)).refused(MALFORMED)


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
        shown = [item.payload.decode() for item in online.wait_received(topic)]
        verify.that(shown == [topic], f"one message of {topic}", f"{shown}")


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
    gone, kept = online.subscribed_topic(), online.subscribed_topic()
    mark = online.cloud.journal.mark()
    verify(online.module.unsubscribe(gone)).ok()
    online.wait_acknowledged(Unsuback, since=mark)
    asked = [packet.topic_filters for packet in sent(online.connection, Unsubscribe)]
    verify.that((gone,) in asked, f"UNSUBSCRIBE of {gone}", f"{asked}")
    online.cloud_publishes(gone, "gone")
    online.cloud_publishes(kept, "kept")
    shown = [item.payload for item in online.wait_received(kept)]
    verify.that(shown == [b"kept"], "the other subscription still works", f"{shown}")
    late = [item.payload for item in online.received(gone)]
    verify.that(late == [], "nothing of the topic", f"{late}")


@requirement("UN-02")
def test_how_unsubscribing_an_unknown_topic_is_treated(online: Online, verify: Verifier) -> None:
    answer = verify(online.module.unsubscribe(online.topic())).answered()
    verify.observe(accepted=answer.ok, code=answer.code, evidence=answer.evidence)


@smoke
@requirement("PU-01")
@pytest.mark.parametrize("qos", [0, 1])
def test_publish_puts_exactly_one_message_on_the_broker(online: Online, verify: Verifier, qos: int) -> None:
    topic = online.watched_topic()
    verify(online.module.publish(topic, payload := f"one message, QoS {qos}", qos)).ok()
    arrived = [(message.payload, message.qos, message.retain) for message in online.arrived(topic)]
    verify.that(arrived == [(payload.encode(), qos, False)], f"{payload!r}, QoS {qos}, retain off, once", f"{arrived}")
    packets = [packet for packet in sent(online.connection, Publish) if packet.topic == topic]
    flags = [(packet.qos, packet.retain, packet.payload) for packet in packets]
    verify.that(set(flags) == {(qos, False, payload.encode())}, "the same in the module's own packet", f"{flags}")


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


@requirement("PU-06")
def test_payloads_of_every_size_arrive_whole(online: Online, verify: Verifier) -> None:
    for size in SIZES:
        online.verify_uplink(_pattern(size))


@requirement("PU-06")
def test_beyond_the_largest_payload_comes_an_error_and_never_a_cut_one(online: Online, verify: Verifier) -> None:
    largest = 0
    for size in (640, 768, 850, 900, 930, 960, 990, 1000, 1024, 1100, 1280, 1536, 2048):
        topic = online.watched_topic()
        answer = verify(online.module.publish(topic, _pattern(size), 0)).answered()
        arrived = [message.payload.decode("latin-1") for message in online.arrived(topic, int(answer.ok))]
        expected = [_pattern(size)] if answer.ok else []
        verify.that(
            arrived == expected, f"{len(expected)} whole messages of {size} bytes", f"{[len(a) for a in arrived]}"
        )
        largest = size if answer.ok else largest
    verify.observe(largest_payload_accepted=max(largest, BOUNDS.payload_max_bytes))


@requirement("PU-04")
@pytest.mark.parametrize("qos", [3, *NO_INTEGERS], ids=repr)
def test_a_bad_qos_is_refused_by_publish(online: Online, verify: Verifier, qos: int | Bare) -> None:
    verify(online.module.set(PUBLISH.word, online.topic(), qos, "x")).refused(MALFORMED)


@requirement("PU-04")
@pytest.mark.parametrize(
    "arguments", [("/a/b", 0), ("/a/b",), (Bare(b""), 0, "x"), ("", 0, "x"), (Bare(b""),)], ids=repr
)
def test_a_malformed_publish_is_refused(
    online: Online, verify: Verifier, arguments: tuple[str | int | Bare, ...]
) -> None:
    verify(online.module.set(PUBLISH.word, *arguments)).refused(MALFORMED)


@requirement("PU-04")
def test_how_an_empty_payload_is_treated(online: Online, verify: Verifier) -> None:
    topic = online.watched_topic()
    answer = verify(online.module.publish(topic, "")).answered()
    arrived = [message.payload.decode() for message in online.arrived(topic, int(answer.ok))]
    verify.observe(accepted=answer.ok, arrived=arrived, evidence=answer.evidence)


@requirement("PU-05")
def test_whether_the_ok_of_a_qos_1_publish_waits_for_puback(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    connection = messages.came_online(impatient=True)
    topic = messages.watched_topic()
    with gateway.withholding_puback():
        answer = verify(messages.module.publish(topic, "unacknowledged", 1)).answered()
    packets = [packet for packet in sent(connection, Publish) if packet.topic == topic]
    verify.observe(
        ok_without_puback=answer.ok,
        sent=len(packets),
        repeated_with_dup=any(packet.dup for packet in packets),
        evidence=answer.evidence,
    )


@smoke
@requirement("RV-01")
@pytest.mark.parametrize("qos", [0, 1])
def test_one_downlink_message_gives_exactly_one_line(online: Online, verify: Verifier, qos: int) -> None:
    topic = online.subscribed_topic(qos)
    online.downlink(topic, "downlink", qos=qos)
    shown = online.wait_received(topic)
    verify.that(len(shown) > 0, f"a line +MQTTRECV:{topic},downlink", "no such line")
    shown = online.nothing_more_received(topic)
    verify.that(len(shown) == 1, f"one line +MQTTRECV:{topic},downlink", f"{shown}")
    verify.that(shown[0].payload in (b"downlink", b'"downlink"'), "the exact payload", f"{shown}")
    plain = not shown[0].quoted and shown[0].payload == b"downlink"
    verify.that(plain, "no quotes around topic or payload", f"{shown}", breach=Verdict.DEVIATION)


@requirement("RV-02")
@pytest.mark.parametrize("payload", [*TEXTS.values(), PRINTABLE, "\\", 'back\\slash\\"'], ids=repr)
def test_printable_downlink_characters_are_shown_unchanged(online: Online, verify: Verifier, payload: str) -> None:
    online.verify_downlink(payload)


@requirement("RV-07")
@pytest.mark.parametrize("payload", UTF8_TEXTS.values(), ids=UTF8_TEXTS)
def test_utf8_downlink_payloads_are_shown_unchanged(online: Online, verify: Verifier, payload: str) -> None:
    online.verify_downlink(payload)


@requirement("RV-07")
def test_downlink_payloads_of_every_size_are_shown_whole(online: Online, verify: Verifier) -> None:
    for size in SIZES:
        online.verify_downlink(_pattern(size))


@requirement("RV-03")
@pytest.mark.parametrize("qos", [0, 1])
def test_a_burst_of_downlink_messages_arrives_once_and_in_order(online: Online, verify: Verifier, qos: int) -> None:
    topic = online.subscribed_topic(qos)
    burst = [f"burst {number:02}" for number in range(BOUNDS.burst_messages)]
    online.downlink(topic, *burst, qos=qos)
    shown = [item.payload.decode("latin-1") for item in online.wait_received(topic, len(burst))]
    if qos == 0:
        verify.observe(qos=qos, sent=len(burst), shown=len(shown), in_order=shown == sorted(shown))
        return
    verify.that(shown == burst, f"{len(burst)} messages once and in order", f"{len(shown)}: {shown}")
    again = online.nothing_more_received(topic)
    verify.that(len(again) == len(burst), "none of them a second time", f"{len(again)} lines")


@requirement("RV-04")
def test_a_downlink_message_during_a_command_splits_neither(online: Online, verify: Verifier) -> None:
    topic = online.subscribed_topic()
    payloads = [f"during {number:02} {'d' * (7 * number % 50)}" for number in range(40)]
    uplink = online.watched_topic()
    online.downlink(topic, *payloads)
    for number, _ in enumerate(online.until_received(topic, payloads[-1])):
        verify(online.module.publish(uplink, f"up {number}", 1)).ok()
        verify(online.module.test(SUBSCRIBE.word)).ok()
    shown = [item.payload.decode("latin-1") for item in online.received(topic)]
    verify.that(shown == payloads, f"{len(payloads)} whole lines", f"{len(shown)}: {shown}")


@requirement("RV-05")
@pytest.mark.parametrize("payload", ["a\r\nb", "OK", "a\r\nOK\r\nb", "\r\n", "a\x00b\x1b[1m"], ids=repr)
def test_how_control_characters_in_a_downlink_payload_are_shown(online: Online, verify: Verifier, payload: str) -> None:
    topic, marker = online.subscribed_topic(), online.subscribed_topic()
    with online.lines_of_any_kind() as lines:
        online.cloud_publishes(topic, payload)
        online.cloud_publishes(marker, "marker")
        online.wait_received(marker)
    verify.observe(sent=payload, shown=[line.decode("latin-1") for line in lines if marker.encode() not in line])


@requirement("RV-06")
def test_a_qos_1_downlink_message_is_acknowledged(online: Online, verify: Verifier) -> None:
    topic = online.subscribed_topic()
    mark = online.cloud.journal.mark()
    online.cloud_publishes(topic, "acknowledge me")
    down = online.connection.wait_packet(
        lambda seen: isinstance(seen.packet, Publish) and seen.packet.topic == topic,
        online.deadlines.cloud,
        direction=Direction.DOWN,
        since=mark,
    )
    if down is None or not isinstance(down.packet, Publish) or down.packet.qos != 1:
        verify.give_up(f"the message did not go to the module with QoS 1: {down}")
    identifier = down.packet.packet_id
    acknowledged = online.connection.wait_packet(
        lambda seen: isinstance(seen.packet, Puback) and seen.packet.packet_id == identifier,
        online.deadlines.cloud,
        direction=Direction.UP,
        since=mark,
    )
    verify.that(acknowledged is not None, f"PUBACK {identifier}", f"{acknowledged}")


@smoke
@requirement("LP-01")
def test_the_example_of_chapter_3_runs_as_printed(messages: Messages, verify: Verifier) -> None:
    module = messages.module
    topic = messages.topic("test")
    identity = module.device
    verify(module.send(f'AT+ALYPRODUCTKEY="{identity.product_key}"')).ok()
    verify(module.send(f'AT+ALYDEVICESECRET="{identity.device_secret}"')).ok()
    verify(module.send(f'AT+ALYDEVICENAME="{identity.device_name}"')).ok()
    verify(module.send("AT+ALYCONNECTCFG=0,1883,0")).ok()
    verify(module.send("AT+ALYMQTTCFG=0,2000,60000")).ok()
    verify(module.open_through_the_platforms_port()).ok()
    verify(module.send(f'AT+ALYMQTTSUB="{topic}",0')).ok()
    verify(module.send(f'AT+ALYMQTTPUB="{topic}",0,"{{\\"message\\":\\"hello!\\"}}"')).ok()
    shown = [item.payload for item in messages.wait_received(topic)]
    verify.that(shown == [b'{"message":"hello!"}'], f'+MQTTRECV:{topic},{{"message":"hello!"}}', f"{shown}")
    verify(module.send("AT+ALYMQTTCLOSE")).ok()


def _syntax_lines(answer: Exchange, command: Command) -> list[bytes]:
    """Lines of a test form's answer; section 2.4.10 writes the name of SUB where it means UNSUB."""
    names = {command.name, SUBSCRIBE.name} if command is UNSUBSCRIBE else {command.name}
    return [line.text for line in answer.lines if any(information(line.text, name.encode()) for name in names)]


def _pattern(size: int) -> str:
    """``size`` bytes in which a cut, a repetition or a shift shows."""
    return "".join(f"{number:04}|" for number in range(size // 5 + 1))[:size]
