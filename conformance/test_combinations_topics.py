"""Sections 2.4.9 to 2.4.11, in combination: how many subscriptions stand, to which topics, and what leaves them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from conformance.catalogue import PUBLISH, SUBSCRIBE, UNSUBSCRIBE, Row
from conformance.combinations import through
from conformance.values import MALFORMED, NOT_OPEN
from fixtures.online import Messages, Online
from fixtures.requirements import derived, requirement, tells
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange
from rigs.cloud.connection import Connection
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import Suback, Unsuback

QOS_PATTERNS: dict[str, Callable[[int, int], int]] = {
    "zeros": lambda _place, _count: 0,
    "ones": lambda _place, _count: 1,
    "alternating": lambda place, _count: place % 2,
    "first-one": lambda place, _count: int(place == 0),
    "last-one": lambda place, count: int(place == count - 1),
}
"""The QoS of each of several subscriptions."""
ENDINGS = {
    "plain": "",
    "slash-last": "/",
    "slashes-last": "//",
    "slash-doubled": "//x",
    "levels": "/a/b/c/d",
    "blank": " x",
    "blank-last": " ",
    "digits": "/0123",
    "one-digit": "/0",
    "punctuation": "/-_.:@!",
    "comma": ",1",
    "brackets": "/{[(<",
    "question": "=?",
}
"""How a topic of such a class ends."""
LONG = 64
"""Bytes up to which a topic has to be taken: how long one may be at most is left open."""
QOS_THAT_ARE_NONE = {
    "qos-3": 3,
    "qos-4": 4,
    "qos-8": 8,
    "qos-128": 128,
    "qos-255": 255,
    "qos-256": 256,
    "qos-257": 257,
    "qos-65536": 65536,
    "qos-65537": 65537,
    "qos-4294967296": 1 << 32,
    "qos-4294967297": (1 << 32) + 1,
}
_numbers = itertools.count(1)


class _Held:
    """The subscriptions of a session that a test has made, and what was sent to each."""

    def __init__(self, messages: Messages, verify: Verifier) -> None:
        self._messages = messages
        self._verify = verify
        self._sent: dict[str, list[str]] = {}

    def make(self, topic: str, qos: int, *, of: str) -> None:
        """Subscribe, and judge that this is answered OK."""
        mark = self._messages.cloud.journal.mark()
        self._verify(self._messages.module.subscribe(topic, qos), of=of).ok()
        self._messages.wait_acknowledged(Suback, since=mark)

    def end(self, topic: str, *, of: str = "UN-01") -> None:
        """Unsubscribe, and judge that this is answered OK."""
        mark = self._messages.cloud.journal.mark()
        self._verify(self._messages.module.unsubscribe(topic), of=of).ok()
        self._messages.wait_acknowledged(Unsuback, since=mark)

    def send(self, topic: str, payload: str) -> None:
        """The cloud sends a message that the module has to show."""
        self._messages.cloud_publishes(topic, payload)
        self.expect(topic, payload)

    def expect(self, topic: str, payload: str) -> None:
        """A message that the module has to show was sent."""
        self._sent.setdefault(topic, []).append(payload)

    def shown(self, topic: str, *, of: str | tuple[str, ...]) -> None:
        """Judge that what was sent to a topic so far, and nothing else, is shown under it."""
        wanted = self._sent.get(topic, [])
        self._verify.shown_once(topic, wanted, self._messages.wait_received(topic, len(wanted)), of=of)

    def is_over(self, topic: str, marker: str, *, of: str = "UN-01") -> None:
        """Judge that a message to a topic that is given up is not shown, as one to a topic that stands is."""
        self._messages.cloud_publishes(topic, "gone")
        self.send(marker, f"marker {next(_numbers)}")
        if len(self._messages.wait_received(marker, len(self._sent[marker]))) < len(self._sent[marker]):
            self._verify.give_up("a later message was not shown either, so an absence proves nothing")
        self._verify.shown_once(topic, self._sent.get(topic, []), self._messages.received(topic), of=of)


@derived
@requirement("SU-01", "SU-04", "UN-01", "PU-01")
@tells("RV-01")
def test_as_many_subscriptions_as_there_are_stand_until_each_is_given_up(online: Online, verify: Verifier) -> None:
    """Which one is given up, in which order messages come, who sends them, and the class of the topics change."""
    held = _Held(online, verify)

    def judge(row: Row) -> None:
        topics = [topic_of(row, place) for place in range(int(row["standing"]))]
        qos = [QOS_PATTERNS[str(row["pattern"])](place, len(topics)) for place in range(len(topics))]
        if len(topics[0]) > LONG and not takes(topic_of(row, len(topics))):
            return
        for topic, wanted in zip(topics, qos, strict=True):
            held.make(topic, wanted, of="SU-01")
            verify.at_gateway(online.connection, of="SU-01").subscribed(topic, wanted)
        reach(arranged(topics, str(row["order"])), str(row["sender"]))
        gone = topics[{"first": 0, "middle": len(topics) // 2, "last": -1}[str(row["gone"])]]
        rest = [topic for topic in topics if topic != gone]
        held.end(gone)
        reach(arranged(rest, str(row["order"])), "cloud", of="UN-01")
        held.is_over(gone, marker)
        # In the place of the one that was given up nothing stands in the way of it, or of those behind it.
        held.make(gone, 1, of="SU-01")
        reach(topics, "cloud")
        held.end(gone)
        for topic in arranged(rest, str(row["order"])):
            held.end(topic)
        for topic in rest[:1]:
            held.is_over(topic, marker)

    def topic_of(row: Row, place: int) -> str:
        """The topics of a row differ in one character, and end alike."""
        ending, base = ENDINGS[str(row["shape"])], online.topic(f"n{place}")
        return base.ljust(int(row["length"]) - len(ending), "x") + ending

    def takes(topic: str) -> bool:
        """How long a topic may be is left open from some length on."""
        mark = online.cloud.journal.mark()
        answer = online.module.subscribe(topic, 1)
        if answer.silent:
            verify.given(answer)
        if not answer.ok:
            return False
        online.wait_acknowledged(Suback, since=mark)
        held.end(topic)
        return True

    def reach(topics: Sequence[str], sender: str, *, of: str = "SU-04") -> None:
        for topic in topics:
            payload = f"message {next(_numbers)}"
            if sender == "cloud":
                held.send(topic, payload)
                continue
            verify(online.module.publish(topic, payload, int(sender == "itself-qos-1")), of="PU-01").ok()
            held.expect(topic, payload)
        for topic in topics:
            # What the module has published itself is a message like any other.
            held.shown(topic, of=of if sender == "cloud" else (of, "RV-01"))

    marker = online.subscribed_topic()
    through(verify, "standing-subscriptions", judge)


@derived
@requirement("SU-01", "SU-02", "SU-04", "UN-01", "PU-04", "TF-01", "FMT-12")
def test_what_is_refused_or_asked_for_its_form_leaves_subscriptions_as_they_are(
    online: Online, verify: Verifier
) -> None:
    held = _Held(online, verify)

    def judge(row: Row) -> None:
        standing = [online.topic() for _ in range(int(row["standing"]))]
        for place, topic in enumerate(standing):
            held.make(topic, place % 2, of="SU-01")
        new = online.topic()
        named = {"first": standing[0], "last": standing[-1], "new": new}[str(row["topic"])]
        for _ in range(int(row["times"])):
            bad(str(row["act"]), named)
        held.is_over(new, marker, of="SU-02")
        for topic in standing:
            held.send(topic, f"still here {next(_numbers)}")
        for topic in standing:
            held.shown(topic, of="SU-04")
        follow(str(row["behind"]), new, standing)
        for topic in standing:
            held.end(topic)

    def bad(act: str, topic: str) -> None:
        command, _, how = act.partition("-")
        word, of = {
            "sub": (SUBSCRIBE.word, "SU-02"),
            "unsub": (UNSUBSCRIBE.word, ""),
            "pub": (PUBLISH.word, "PU-04"),
        }[command]
        match how:
            case "test":
                verify(online.module.test(word), of="TF-01").ok()
            case "extra":
                # What too many values of UNSUB and PUB come to is for FMT-11, which other tests judge.
                arguments: dict[str, tuple[str | int, ...]] = {"sub": (topic, 0, 0), "unsub": (topic, 0)}
                refused(online.module.set(word, *arguments[command]), of)
            case "missing":
                refused(online.module.set(word, topic), of)
            case "nothing":
                refused(online.module.send(f"AT+{word}="), of)
            case "unknown":
                online.module.unsubscribe(f"{topic}/unknown")
            case _:
                values: tuple[str | int, ...] = (
                    topic,
                    QOS_THAT_ARE_NONE[how],
                    *(["refused"] if command == "pub" else []),
                )
                refused(online.module.set(word, *values), of)

    def refused(answer: Exchange, of: str) -> None:
        if of:
            verify(answer, of=of).refused(MALFORMED)
        elif answer.ok:
            verify.give_up("the malformed line was accepted, which other tests judge")

    def follow(word: str, new: str, standing: list[str]) -> None:
        match word:
            case "subscribe":
                held.make(new, 1, of="FMT-12")
                held.send(new, "after all")
                held.shown(new, of="FMT-12")
                held.end(new)
            case "unsubscribe":
                held.end(gone := standing.pop())
                held.is_over(gone, marker)
            case "publish":
                verify(online.module.publish(standing[0], "after all", 1), of="FMT-12").ok()
                held.expect(standing[0], "after all")
                held.shown(standing[0], of="FMT-12")

    marker = online.subscribed_topic()
    through(verify, "left-as-they-are", judge)


@derived
@requirement("SU-01", "SU-04", "SU-05", "UN-01", "FMT-12")
def test_a_subscription_that_the_broker_refuses_stands_in_the_way_of_no_other(
    online: Online, gateway: Instrument, verify: Verifier
) -> None:
    held = _Held(online, verify)

    def judge(row: Row) -> None:
        standing = [online.topic() for _ in range(int(row["standing"]))]
        for topic in standing:
            held.make(topic, 1, of="SU-01")
        topic, qos = online.topic(), int(row["qos"])
        for _ in range(int(row["times"])):
            refuse(topic, qos)
        following = {"same": [topic], "other": [online.topic()], "both": [topic, online.topic()]}[str(row["next"])]
        for one in following:
            held.make(one, qos if row["next-qos"] == "same" else 1 - qos, of="FMT-12")
            held.send(one, "after all")
            held.shown(one, of="SU-01")
        for one in standing:
            held.send(one, "still here")
        for one in standing:
            held.shown(one, of="SU-04")
        for one in (*following, *standing):
            held.end(one)

    def refuse(topic: str, qos: int) -> None:
        mark = online.cloud.journal.mark()
        with gateway.refusing_subscriptions():
            answer = online.module.subscribe(topic, qos)
            # OK is wrong even where nothing was sent: the same subscription may have been refused before.
            if not online.wait_acknowledged(Suback, since=mark) and not answer.ok:
                verify.give_up("no SUBSCRIBE reached the broker, so none was refused")
            verify(answer, of="SU-05").refused()

    through(verify, "refused-subscription", judge)


@derived
@requirement("SU-01", "SU-03", "SE-01", "SE-02", "UN-01")
def test_subscriptions_over_sessions_and_commands_between_them(messages: Messages, verify: Verifier) -> None:
    module, held = messages.module, _Held(messages, verify)

    def judge(row: Row) -> None:
        clean, qos = bool(row["clean"]), int(row["qos"])
        connection = messages.came_online(clean=clean)
        topic = messages.subscribed_topic(qos)
        act(str(row["before"]), topic)
        closed(connection)
        for _ in range(int(row["times"])):
            verify(between(str(row["while-closed"]), topic), of="SU-03").refused(NOT_OPEN)
        again = messages.came_online(clean=clean)
        stands = not clean and row["before"] != "unsubscribe"
        marker = messages.subscribed_topic()
        if stands:
            held.send(topic, f"kept {next(_numbers)}")
            held.shown(topic, of="SE-01")
        else:
            held.is_over(topic, marker, of="SE-02" if clean else "UN-01")
        then(str(row["then"]), topic, marker, stands=stands)
        if row["then"] == "subscribe-same":
            # With the other QoS than before.
            held.make(topic, 1 - qos, of="SU-01")
            verify.at_gateway(again, of="SU-01").subscribed(topic, 1 - qos)
            held.send(topic, f"again {next(_numbers)}")
            held.shown(topic, of="SU-01")
        module.unsubscribe(topic)
        # Now the only one that the session has made.
        held.end(marker)
        verify.at_gateway(again, of="UN-01").unsubscribed(marker)
        verify.given(module.close())

    def act(word: str, topic: str) -> None:
        match word:
            case "publish":
                verify.given(module.publish(messages.topic(), "before", 1))
            case "own-message":
                verify.given(module.publish(topic, "to itself", 1))
                held.expect(topic, "to itself")
                held.shown(topic, of="SU-01")
            case "unsubscribe":
                held.end(topic)

    def closed(connection: Connection) -> None:
        verify.given(module.close())
        if not connection.wait_closed(messages.deadlines.cloud):
            verify.give_up("the connection did not end")

    def between(word: str, topic: str) -> Exchange:
        new = messages.topic()
        commands: dict[str, Callable[[], Exchange]] = {
            "subscribe-same": lambda: module.subscribe(topic, 1),
            "subscribe-other": lambda: module.subscribe(new, 0),
            "unsubscribe-same": lambda: module.unsubscribe(topic),
            "unsubscribe-other": lambda: module.unsubscribe(new),
            "publish-same": lambda: module.publish(topic, "closed", 1),
            "publish-other": lambda: module.publish(new, "closed", 0),
        }
        return commands[word]()

    def then(word: str, topic: str, marker: str, *, stands: bool) -> None:
        # A module may know nothing of what it subscribed to in another session, and refuse this.
        if word == "unsubscribe-same" and stands and module.unsubscribe(topic).ok:
            held.is_over(topic, marker)

    through(verify, "over-sessions", judge)


def arranged(topics: Sequence[str], order: str) -> list[str]:
    """The topics in that order."""
    if order == "inside-out":
        middle = len(topics) // 2
        return [*topics[middle:], *topics[:middle]]
    return [*topics] if order == "as-made" else [*reversed(topics)]
