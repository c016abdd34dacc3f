"""Faults of subscribe, unsubscribe and publish (manual 2.4.9-2.4.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.faults.registry import fault
from rigs.simulator.parser import Command, Form, Parameter
from rigs.simulator.patching import accepting, wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

SUB = "ALYMQTTSUB"
UNSUB = "ALYMQTTUNSUB"
PUB = "ALYMQTTPUB"

Subscribe = Callable[[bytes, int, float], None]
Publish = Callable[[bytes, bytes, int, float], None]


def _subscribe(module: Firmware, change: Callable[[bytes, int], tuple[bytes, int]]) -> None:
    """Subscribe to something else than was asked for."""

    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        original(*change(topic, qos), seconds)

    wrap(module.link, "subscribe", subscribe)


def _payload(module: Firmware, change: Callable[[bytes], bytes]) -> None:
    """Publish another payload than was given."""

    def publish(original: Publish, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        original(topic, change(payload), qos, seconds)

    wrap(module.link, "publish", publish)


def _nothing_while_open(original: Handler, module: Firmware, command: Command) -> list[bytes]:
    return [] if module.link.is_open else original(module, command)


def _only_while_open(original: Handler, module: Firmware, command: Command) -> list[bytes]:
    return original(module, command) if module.link.is_open else []


@fault("does not know the test form of PUB", breaks=["TF-01"])
def no_test_form(module: Firmware) -> None:
    del module.commands[PUB, Form.TEST]


@fault("answers the test form of SUB only while open", breaks=["TF-01"])
def test_form_needs_session(module: Firmware) -> None:
    def test(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if not module.link.is_open:
            raise Refused(Code.INVALID_OPERATION)
        return original(module, command)

    wrap_command(module, SUB, Form.TEST, test)


@fault("says OK to SUB and tells the cloud nothing", breaks=["SU-01"])
def subscribe_without_effect(module: Firmware) -> None:
    wrap_command(module, SUB, Form.SET, _nothing_while_open)


@fault("subscribes with QoS 0 whatever was asked for", breaks=["SU-01"])
def subscribe_qos_ignored(module: Firmware) -> None:
    _subscribe(module, lambda topic, _qos: (topic, 0))


@fault("subscribes to everything below the topic as well", breaks=["SU-01"])
def subscribe_widened(module: Firmware) -> None:
    _subscribe(module, lambda topic, qos: (topic + b"/#", qos))


@fault("subscribes to the first 64 bytes of a topic", breaks=["SU-01"])
def subscribe_topic_cut_at_64(module: Firmware) -> None:
    _subscribe(module, lambda topic, qos: (topic[:64], qos))


@fault("takes QoS 3 for QoS 2", breaks=["SU-02"])
def qos_3_accepted(module: Firmware) -> None:
    module.ranges["qos"] = range(4)
    _subscribe(module, lambda topic, qos: (topic, min(qos, 2)))


@fault("takes a missing QoS for 0", breaks=["SU-02"])
def missing_qos_is_zero(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        arguments = command.arguments if b"," in command.arguments else command.arguments + b",0"
        return original(module, Command(command.name, command.form, arguments))

    wrap_command(module, SUB, Form.SET, set_)


@fault("says OK to SUB while closed", breaks=["SU-03"])
def subscribe_while_closed(module: Firmware) -> None:
    wrap_command(module, SUB, Form.SET, _only_while_open)


@fault("says OK to PUB while closed", breaks=["SU-03"])
def publish_while_closed(module: Firmware) -> None:
    wrap_command(module, PUB, Form.SET, _only_while_open)


@fault("answers 700 to UNSUB while closed", breaks=["SU-03"])
def wrong_code_for_unsubscribe(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if not module.link.is_open:
            raise Refused(Code.NETWORK)
        return original(module, command)

    wrap_command(module, UNSUB, Form.SET, set_)


@fault("gives up the last subscription for the next one", breaks=["SU-04"])
def one_subscription_only(module: Firmware) -> None:
    held: list[bytes] = []

    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        if held and module.link.is_open:
            module.link.unsubscribe(held.pop(), seconds)
        original(topic, qos, seconds)
        held.append(topic)

    wrap(module.link, "subscribe", subscribe)


@fault("says OK to a subscription that the cloud refused", breaks=["SU-05"], exposed_by="refusing_subscriptions")
def refused_subscription_is_ok(module: Firmware) -> None:
    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        try:
            original(topic, qos, seconds)
        except Refused as refused:
            if refused.code is not Code.NOT_ALLOWED:
                raise

    wrap(module.link, "subscribe", subscribe)


@fault("says OK to UNSUB and stays subscribed", breaks=["UN-01"])
def unsubscribe_without_effect(module: Firmware) -> None:
    module.commands[UNSUB, Form.SET] = accepting


@fault("gives up every subscription with the first UNSUB", breaks=["UN-01"])
def unsubscribes_all(module: Firmware) -> None:
    topics: list[bytes] = []

    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        original(topic, qos, seconds)
        topics.append(topic)

    def unsubscribe(original: Callable[[bytes, float], None], topic: bytes, seconds: float) -> None:
        for each in {topic, *topics}:
            original(each, seconds)

    wrap(module.link, "subscribe", subscribe)
    wrap(module.link, "unsubscribe", unsubscribe)


@fault("gives up every subscription that begins with the topic of an UNSUB", breaks=["UN-01"])
def unsubscribes_by_prefix(module: Firmware) -> None:
    topics: set[bytes] = set()

    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        original(topic, qos, seconds)
        topics.add(topic)

    def unsubscribe(original: Callable[[bytes, float], None], topic: bytes, seconds: float) -> None:
        for each in {topic, *(other for other in topics if other.startswith(topic))}:
            original(each, seconds)

    wrap(module.link, "subscribe", subscribe)
    wrap(module.link, "unsubscribe", unsubscribe)


@fault("shows a publish to itself instead of sending it", breaks=["PU-01"])
def local_echo(module: Firmware) -> None:
    wrap(module.link, "publish", lambda _, topic, payload, *_rest: module.downlink(topic, payload))


@fault("says OK to PUB and sends nothing", breaks=["PU-01"])
def publish_without_effect(module: Firmware) -> None:
    wrap_command(module, PUB, Form.SET, _nothing_while_open)


@fault("publishes everything twice", breaks=["PU-01"])
def published_twice(module: Firmware) -> None:
    def publish(original: Publish, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        original(topic, payload, qos, seconds)
        original(topic, payload, qos, seconds)

    wrap(module.link, "publish", publish)


@fault("publishes with QoS 0 whatever was asked for", breaks=["PU-01"])
def publish_qos_ignored(module: Firmware) -> None:
    def publish(original: Publish, topic: bytes, payload: bytes, _qos: int, seconds: float) -> None:
        original(topic, payload, 0, seconds)

    wrap(module.link, "publish", publish)


@fault("publishes with retain on", breaks=["PU-01"])
def publish_retained(module: Firmware) -> None:
    module.link.retain = True


@fault("publishes to the topic in lower case", breaks=["PU-01"])
def publish_topic_lowered(module: Firmware) -> None:
    def publish(original: Publish, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        original(topic.lower(), payload, qos, seconds)

    wrap(module.link, "publish", publish)


@fault("publishes to the first 64 bytes of a topic", breaks=["PU-01"])
def publish_topic_cut_at_64(module: Firmware) -> None:
    def publish(original: Publish, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        original(topic[:64], payload, qos, seconds)

    wrap(module.link, "publish", publish)


@fault("says OK to a message like the one before and does not send it", breaks=["PU-01"])
def repeated_publish_swallowed(module: Firmware) -> None:
    last: list[tuple[bytes, bytes]] = []

    def publish(original: Publish, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        if last != [(topic, payload)]:
            original(topic, payload, qos, seconds)
        last[:] = [(topic, payload)]

    wrap(module.link, "publish", publish)


@fault("publishes the backslashes of escaped quotes too", breaks=["PU-02"])
def quotes_stay_escaped(module: Firmware) -> None:
    _payload(module, lambda payload: payload.replace(b'"', b'\\"'))


@fault("ends a payload at its first comma", breaks=["PU-03"])
def payload_cut_at_comma(module: Firmware) -> None:
    _payload(module, lambda payload: payload.partition(b",")[0])


@fault("takes empty braces out of a payload", breaks=["PU-03"])
def payload_without_empty_braces(module: Firmware) -> None:
    _payload(module, lambda payload: payload.replace(b"{}", b""))


@fault("takes the spaces out of a payload", breaks=["PU-03"])
def payload_without_spaces(module: Firmware) -> None:
    _payload(module, lambda payload: payload.replace(b" ", b""))


@fault("prints a payload through printf", breaks=["PU-03"])
def payload_percent_lost(module: Firmware) -> None:
    _payload(module, lambda payload: payload.replace(b"%", b""))


@fault("cuts a payload to 256 bytes and says OK", breaks=["PU-06"])
def payload_cut_at_256(module: Firmware) -> None:
    _payload(module, lambda payload: payload[:256])


@fault("cuts a payload that goes out with QoS 1 to 128 bytes and says OK", breaks=["PU-06"])
def payload_cut_with_qos_1(module: Firmware) -> None:
    def publish(original: Publish, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        original(topic, payload[:128] if qos else payload, qos, seconds)

    wrap(module.link, "publish", publish)


@fault("cuts the payloads just below its limit and says OK", breaks=["PU-06"])
def payload_cut_below_the_limit(module: Firmware) -> None:
    _payload(module, lambda payload: payload[:900])


@fault("replaces what is not ASCII in a payload", breaks=["PU-06"])
def payload_not_utf8(module: Firmware) -> None:
    _payload(module, lambda payload: payload.decode("ascii", "replace").encode("ascii", "replace"))


@fault("takes a missing payload for an empty one", breaks=["PU-04"])
def missing_payload_is_empty(module: Firmware) -> None:
    def split(original: Callable[[bytes], list[Parameter]], arguments: bytes) -> list[Parameter]:
        parameters = original(arguments)
        return [*parameters, Parameter(b"", quoted=True)] if len(parameters) == 2 else parameters

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        before = module.split_parameters
        wrap(module, "split_parameters", split)
        try:
            return original(module, command)
        finally:
            module.split_parameters = before

    wrap_command(module, PUB, Form.SET, set_)


@fault("refuses a payload with a brace in it", breaks=["LP-01", "PU-03"])
def braces_refused(module: Firmware) -> None:
    def publish(original: Publish, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        if b"{" in payload:
            raise Refused(Code.PARAMETER)
        original(topic, payload, qos, seconds)

    wrap(module.link, "publish", publish)


@fault("cuts a payload to 128 bytes and says OK", breaks=["PU-06"])
def payload_cut_128(module: Firmware) -> None:
    _payload(module, lambda payload: payload[:128])


@fault("keeps a topic that was subscribed to twice until it has been unsubscribed from twice", breaks=["UN-01"])
def unsubscribe_counts(module: Firmware) -> None:
    held: list[bytes] = []

    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        original(topic, qos, seconds)
        held.append(topic)

    def unsubscribe(original: Callable[[bytes, float], None], topic: bytes, seconds: float) -> None:
        if topic in held:
            held.remove(topic)
        if topic not in held:
            original(topic, seconds)

    def close(original: Callable[[float], None], seconds: float) -> None:
        held.clear()
        original(seconds)

    wrap(module.link, "subscribe", subscribe)
    wrap(module.link, "unsubscribe", unsubscribe)
    wrap(module.link, "close", close)


@fault("looks at the lowest 16 bits of the QoS of SUB only", breaks=["SU-02"])
def subscribe_qos_wraps(module: Firmware) -> None:
    def wrapped(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        topic, _, qos = command.arguments.rpartition(b",")
        if qos.isdigit():
            command = replace(command, arguments=b"%b,%d" % (topic, int(qos) % 65536))
        return original(module, command)

    wrap_command(module, SUB, Form.SET, wrapped)


@fault(
    "refuses the next SUB as well when the cloud has refused two in a row",
    breaks=["SU-01", "FMT-12"],
    exposed_by="refusing_subscriptions",
)
def two_refusals_refuse_the_next(module: Firmware) -> None:
    refused = [0]

    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        if refused[0] >= 2:
            refused[0] = 0
            raise Refused(Code.INVALID_OPERATION)
        try:
            original(topic, qos, seconds)
        except Refused:
            refused[0] += module.link.is_open
            raise
        refused[0] = 0

    wrap(module.link, "subscribe", subscribe)
