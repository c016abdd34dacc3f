"""How much of MQTT 3.1.1 the cloud allows behind the platform's login: all of it, or what the platform does.

Source: Alibaba Cloud IoT Platform, "MQTT protocol" (differences from the standard), "Establish MQTT connections over
TCP", "Custom topics". They say what the platform does not support, seldom what it does with it all the same:

- A keep-alive outside 30-1200 s (0 too) is refused. Inferred: with CONNACK 3, which a user of a public client library
  met until he raised his keep-alive to 60 s.
- A will is not supported. Inferred: the login succeeds, and the will is never sent.
- QoS 2 is not supported. Inferred: a PUBLISH with QoS 2 ends the connection, because no answer is left that MQTT allows
  (MQTT-4.3.3-2). PUBREC, PUBREL and PUBCOMP only answer what the bench itself has sent, and pass.
- The QoS of a subscription is not heeded: a downlink message has the QoS of its publisher. Inferred: SUBACK grants what
  was asked for, QoS 1 where that was 2 (MQTT-3.8.4-6).
- Retained messages are not supported. Inferred: a PUBLISH with RETAIN is delivered, and not retained.
- A device has its own topics only. SUBSCRIBE to others: SUBACK 0x80 for that filter, as users of the vendor's SDK saw.
  PUBLISH to others: the platform's log says "No authorization". Inferred: acknowledged as its QoS demands, and dropped
  (MQTT-3.3.5-2).

Own topics begin with ``/<productKey>/<deviceName>/user/`` or ``/sys/<productKey>/<deviceName>/``; wildcards may stand
behind that, where only own topics can match. What else the platform knows (OTA, shadow, NTP, broadcast) belongs to
services that the bench does not offer, and is refused like somebody else's topics.

That a second login of a device ends the first needs no rule: the broker behind sees one client identifier per device.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from rigs.cloud.login import Device
from rigs.cloud.packets import (
    SUBACK_FAILURE,
    ConnackCode,
    Connect,
    Packet,
    Puback,
    Publish,
    QoS,
    Suback,
    Subscribe,
    Subscription,
)
from rigs.sentence import Sentence, say


class Rule(enum.Enum):
    """What the platform does not allow; the value is its name in the record."""

    KEEP_ALIVE = "keep-alive"
    WILL = "no will"
    RETAIN = "no retain"
    QOS_2 = "no QoS 2"
    OWN_TOPICS = "own topics only"


@dataclass(frozen=True)
class Breach:
    """One packet against one rule: what it did, and what the platform makes of it, in words for the record."""

    rule: Rule
    reason: Sentence
    consequence: Sentence


@dataclass(frozen=True)
class Admission:
    """What becomes of a CONNECT with a good login: ``connect`` goes to the broker behind unless there is a refusal."""

    connect: Connect
    refusal: ConnackCode | None = None
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True)
class Ruling:
    """What becomes of any other packet of the module.

    ``passed_on`` goes to the broker behind (None: nothing does), ``answer`` to the module in the broker's place;
    ``closes`` ends the connection instead of either.
    """

    passed_on: Packet | None
    answer: Packet | None = None
    closes: bool = False
    breaches: tuple[Breach, ...] = ()


class Rules:
    """The rules for one connection. These allow all of MQTT 3.1.1, and change nothing.

    ``KEEP_ALIVES`` are those that CONNECT may announce, in seconds.
    """

    KEEP_ALIVES: ClassVar[range] = range(0x10000)

    def __init__(self, device: Device) -> None:
        """For a connection on which ``device`` has logged in."""

    def admit(self, connect: Connect) -> Admission:
        """Judge the CONNECT."""
        return Admission(connect)

    def up(self, packet: Packet) -> Ruling:
        """Judge a packet from the module."""
        return Ruling(packet)

    def down(self, packet: Packet) -> Packet:
        """A packet of the broker behind as the module is to see it."""
        return packet


class PlatformRules(Rules):
    """Those of the platform. Remembers the subscriptions that the broker behind has yet to answer."""

    KEEP_ALIVES = range(30, 1201)

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._own = (
            f"/{device.product_key}/{device.device_name}/user/",
            f"/sys/{device.product_key}/{device.device_name}/",
        )
        self._asked: dict[int, Subscribe] = {}

    def admit(self, connect: Connect) -> Admission:
        breaches, refusal = [], None
        if connect.keep_alive not in self.KEEP_ALIVES:
            refusal = ConnackCode.SERVER_UNAVAILABLE
            shortest, longest = self.KEEP_ALIVES[0], self.KEEP_ALIVES[-1]
            reason = say(
                "a keep-alive of {seconds} s, outside {shortest}-{longest} s",
                seconds=connect.keep_alive,
                shortest=shortest,
                longest=longest,
            )
            breaches.append(Breach(Rule.KEEP_ALIVE, reason, say("refused with CONNACK {refusal}", refusal=refusal)))
        if connect.will is not None:
            breaches.append(
                Breach(Rule.WILL, say("a will for {topic}", topic=connect.will.topic), say("the will is never sent"))
            )
        return Admission(replace(connect, will=None), refusal, tuple(breaches))

    def up(self, packet: Packet) -> Ruling:
        match packet:
            case Publish():
                return self._publish(packet)
            case Subscribe():
                return self._subscribe(packet)
        return Ruling(packet)

    def down(self, packet: Packet) -> Packet:
        """SUBACK grants what the module asked for: with which QoS the gateway subscribed is not its business."""
        if not isinstance(packet, Suback) or (asked := self._asked.pop(packet.packet_id, None)) is None:
            return packet
        granted = iter(packet.codes)
        codes = (
            _code(wish, next(granted, SUBACK_FAILURE)) if self._is_own(wish.topic_filter) else SUBACK_FAILURE
            for wish in asked.subscriptions
        )
        return Suback(packet.packet_id, tuple(codes))

    def _publish(self, publish: Publish) -> Ruling:
        if publish.qos is QoS.EXACTLY_ONCE:
            breach = Breach(
                Rule.QOS_2, say("PUBLISH with QoS 2 to {topic}", topic=publish.topic), say("the connection is closed")
            )
            return Ruling(None, closes=True, breaches=(breach,))
        if not self._is_own(publish.topic):
            breach = Breach(
                Rule.OWN_TOPICS, say("PUBLISH to {topic}", topic=publish.topic), say("the message is dropped")
            )
            answer = None if publish.packet_id is None else Puback(publish.packet_id)
            return Ruling(None, answer, breaches=(breach,))
        if publish.retain:
            breach = Breach(
                Rule.RETAIN,
                say("PUBLISH with RETAIN to {topic}", topic=publish.topic),
                say("the message is not retained"),
            )
            return Ruling(replace(publish, retain=False), breaches=(breach,))
        return Ruling(publish)

    def _subscribe(self, subscribe: Subscribe) -> Ruling:
        """Subscribe with the greatest QoS there is, so that each message comes with the QoS of its publisher."""
        breaches, own = [], []
        for wish in subscribe.subscriptions:
            if not self._is_own(wish.topic_filter):
                reason = say("SUBSCRIBE to {topic_filter}", topic_filter=wish.topic_filter)
                breaches.append(
                    Breach(
                        Rule.OWN_TOPICS,
                        reason,
                        say("SUBACK {code:#x} for this filter", code=SUBACK_FAILURE),
                    )
                )
                continue
            if wish.qos is QoS.EXACTLY_ONCE:
                breaches.append(
                    Breach(
                        Rule.QOS_2,
                        say("SUBSCRIBE with QoS 2 to {topic_filter}", topic_filter=wish.topic_filter),
                        say("QoS 1 is granted"),
                    )
                )
            own.append(Subscription(wish.topic_filter, QoS.AT_LEAST_ONCE))
        if not own:
            refusal = Suback(subscribe.packet_id, (SUBACK_FAILURE,) * len(subscribe.subscriptions))
            return Ruling(None, refusal, breaches=tuple(breaches))
        self._asked[subscribe.packet_id] = subscribe
        return Ruling(Subscribe(subscribe.packet_id, tuple(own)), breaches=tuple(breaches))

    def _is_own(self, topic: str) -> bool:
        """Whether a topic name, or all that a topic filter can match, belongs to the device."""
        return topic.startswith(self._own)


def _code(wish: Subscription, granted: int) -> int:
    return granted if granted == SUBACK_FAILURE else min(wish.qos, QoS.AT_LEAST_ONCE)


class ProfileName(enum.StrEnum):
    """The profiles as the rig file names them."""

    MQTT = "mqtt"
    PLATFORM = "platform"


RULES: Mapping[ProfileName, type[Rules]] = {ProfileName.MQTT: Rules, ProfileName.PLATFORM: PlatformRules}
