"""Sections 2.4.9 to 2.4.12, in combination: topics and payloads of every class, and what comes before and between."""

from __future__ import annotations

import itertools
from collections import defaultdict

from conformance.catalogue import CONNECT_CFG, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, Row
from conformance.combinations import through
from conformance.sessions import has_tls
from conformance.shapes import akin, shaped
from conformance.values import MALFORMED
from fixtures.online import Messages, Online
from fixtures.requirements import derived, requirement, tells
from fixtures.verify import Verifier
from rigs.at.commands import Argument, Bare
from rigs.cloud.packets import Suback, Unsuback

SEGMENT = 9
"""Bytes of the last level of a topic."""
LARGE = 127
"""Bytes from which on that a payload arrives is a matter of its size."""
_numbers = itertools.count(1)


@derived
@requirement("SU-01", "SU-04", "UN-01")
def test_subscriptions_stand_and_end_however_they_were_made(online: Online, verify: Verifier) -> None:
    def judge(row: Row) -> None:
        target = online.module.device.topic(shaped(str(row["shape"]), SEGMENT, f"topic {next(_numbers)}"))
        near = neighbour(str(row["beside"]), target)
        if near:
            made(near, 1)
        make(row, target)
        between(str(row["between"]), target)
        wanted = arrives(target, near)
        ended(target, bare=row["form"] == "bare")
        if row["behind"] == "subscribe-again":
            made(target, int(row["qos"]))
            wanted.append("once more")
            online.cloud_publishes(target, "once more")
            verify.shown_once(target, wanted, online.wait_received(target, len(wanted)), of="SU-01")
            ended(target)
        elif row["behind"] == "unsubscribe-again":
            online.module.unsubscribe(target)
        is_over(target, near, wanted)

    def make(row: Row, target: str) -> None:
        qos, bare = int(row["qos"]), row["form"] == "bare"
        match row["history"]:
            case "again":
                made(target, qos)
            case "three-times":
                made(target, qos)
                made(target, qos, bare=bare)
            case "other-qos":
                made(target, 1 - qos)
            case "after-unsubscribe":
                made(target, qos)
                ended(target)
            case "after-refused":
                online.module.subscribe(target, 3)
            case "after-malformed":
                online.module.set(SUBSCRIBE.word, target)
        made(target, qos, bare=bare)
        if row["history"] in ("once", "again"):
            verify.at_gateway(online.connection, of="SU-01").subscribed(target, qos)

    def made(topic: str, qos: int, *, bare: bool = False) -> None:
        mark = online.cloud.journal.mark()
        verify(online.module.set(SUBSCRIBE.word, _written(topic, bare), qos), of="SU-01").ok()
        online.wait_acknowledged(Suback, since=mark)

    def ended(topic: str, *, bare: bool = False) -> None:
        mark = online.cloud.journal.mark()
        verify(online.module.set(UNSUBSCRIBE.word, _written(topic, bare)), of="UN-01").ok()
        online.wait_acknowledged(Unsuback, since=mark)

    def between(word: str, target: str) -> None:
        match word:
            case "at":
                online.module.send("AT")
            case "publish":
                online.module.publish(f"{target}/up", "between", 1)
            case "query":
                online.module.query(CONNECT_CFG)
            case "refused":
                online.module.subscribe(target, 3)

    def arrives(target: str, near: str) -> list[str]:
        """A message to each of the two is shown once, under its own topic."""
        online.cloud_publishes(target, "to this one")
        if near:
            online.cloud_publishes(near, "to the other one")
            verify.shown_once(near, ["to the other one"], online.wait_received(near), of="SU-04")
        verify.shown_once(target, ["to this one"], online.wait_received(target), of="SU-01")
        return ["to this one"]

    def is_over(target: str, near: str, wanted: list[str]) -> None:
        """Nothing more comes, as a later message to a subscription that stands shows."""
        online.cloud_publishes(target, "gone")
        if near:
            online.cloud_publishes(near, "kept")
            shown = online.wait_received(near, 2)
            verify.shown_once(near, ["to the other one", "kept"], shown, of="UN-01")
            ended(near)
        online.cloud_publishes(marker, f"marker {len(marks)}")
        marks.append(1)
        if len(online.wait_received(marker, len(marks))) < len(marks):
            verify.give_up("a later message was not shown either, so an absence proves nothing")
        verify.shown_once(target, wanted, online.received(target), of="UN-01")

    marks: list[int] = []
    without = {} if takes_bare_topics(online) else {"form": ("bare",)}
    marker = online.subscribed_topic()
    through(verify, "subscription", judge, without=without)


@derived
@requirement("PU-01", "PU-02", "PU-03", "PU-06")
@tells("PU-04")
def test_messages_arrive_whatever_they_are_and_whatever_was_before(online: Online, verify: Verifier) -> None:
    def judge(row: Row) -> None:
        utf8, qos = row["shape"] == "utf-8", int(row["qos"])
        payload = text(str(row["shape"]), int(row["size"]), f"up {next(_numbers)}")
        topic = topics[str(row["topic"]), qos, utf8]
        before(str(row["before"]))
        if row["kin"] != "other":
            publish(topic, former(str(row["kin"]), payload), row)
        publish(topic, payload, row)

    def publish(topic: str, payload: str, row: Row) -> None:
        large = int(row["size"]) >= LARGE or row["shape"] == "utf-8"
        of = "PU-06" if large else {"quotes": "PU-02", "mixed": "PU-01"}.get(str(row["shape"]), "PU-03")
        verify(online.module.publish(topic, payload, int(row["qos"])), of=of).ok()
        wanted[topic].append(payload)

    def before(word: str) -> None:
        module, other = online.module, online.module.device.topic("before")
        match word:
            case "subscribe":
                module.subscribe(other, next(_numbers) % 2)
            case "unsubscribe":
                module.unsubscribe(other)
            case "query":
                module.query(CONNECT_CFG)
            case "refused":
                verify(module.set(PUBLISH.word, other, 3, "refused"), of="PU-04").refused(MALFORMED)
            case "malformed":
                verify(module.set(PUBLISH.word, other, next(_numbers) % 2), of="PU-04").refused(MALFORMED)
            case "downlink":
                online.cloud_publishes(heard, "before")

    def all_arrived() -> None:
        for (_, qos, utf8), topic in topics.items():
            if not wanted[topic]:
                continue
            arrived = [message.payload for message in online.arrived(topic, len(wanted[topic]))]
            verify.published_once(topic, wanted[topic], arrived, of="PU-06" if utf8 else "PU-01")
            verify.at_gateway(online.connection, of="PU-01").published_with(topic, qos)

    wanted: defaultdict[str, list[str]] = defaultdict(list)
    topics: dict[tuple[str, int, bool], str] = {}
    for qos, utf8 in itertools.product((0, 1), (False, True)):
        base = f"up{next(_numbers)}"
        for word, name in {"first": base, "second": f"{base}0", "case": base.upper()}.items():
            topics[word, qos, utf8] = topic = online.module.device.topic(name)
            online.observer.subscribe(topic, 1)
    heard = online.subscribed_topic()
    through(verify, "publication", judge, conclude=all_arrived)


@derived
@requirement("RV-01", "RV-02", "RV-06", "RV-07")
def test_downlink_messages_are_shown_whatever_they_are_and_whatever_was_before(
    online: Online, verify: Verifier
) -> None:
    def judge(row: Row) -> None:
        payload, qos = text(str(row["shape"]), int(row["size"]), f"down {next(_numbers)}"), int(row["qos"])
        topic = topics[str(row["topic"])]
        before(str(row["before"]))
        payloads = [payload] if row["kin"] == "other" else [former(str(row["kin"]), payload), payload]
        since = verify.now
        online.downlink(topic, *payloads, qos=qos)
        count[topic] += len(payloads)
        shown = online.wait_received(topic, count[topic])[count[topic] - len(payloads) :]
        verify.shown_once(topic, payloads, shown, since=since, of=matter(row))

    def matter(row: Row) -> str:
        if row["shape"] == "utf-8" or int(row["size"]) >= LARGE:
            return "RV-07"
        return "RV-01" if row["shape"] in ("mixed", "digits") else "RV-02"

    def before(word: str) -> None:
        module = online.module
        match word:
            case "at":
                module.send("AT")
            case "publish":
                module.publish(module.device.topic("before"), "before", 1)
            case "query":
                module.query(CONNECT_CFG)
            case "refused":
                module.subscribe(topics["first"], 3)
            case "subscribe":
                module.subscribe(topics["second"], 1)
            case "another-downlink":
                online.cloud_publishes(other, "another")

    count: defaultdict[str, int] = defaultdict(int)
    base, mark = f"down{next(_numbers)}", online.cloud.journal.mark()
    names = {"first": base, "second": f"{base}0", "case": base.upper()}
    topics = {word: online.subscribed_topic(topic=online.module.device.topic(name)) for word, name in names.items()}
    other = online.subscribed_topic()
    through(verify, "downlink", judge)
    for topic in topics.values():
        verify.acknowledged(topic, since=mark, of="RV-06")


@derived
@requirement("TL-01")
@tells("PU-01", "PU-06", "RV-01", "RV-07")
def test_messages_go_both_ways_over_tls_whatever_they_are(messages: Messages, verify: Verifier) -> None:
    module = messages.module

    def judge(row: Row) -> None:
        begin(str(row["session"]))
        payload, qos = text(str(row["shape"]), int(row["size"]), f"tls {next(_numbers)}"), int(row["qos"])
        large = int(row["size"]) >= LARGE or row["shape"] == "utf-8"
        before(str(row["before"]))
        if row["direction"] == "up":
            verify(module.publish(topics["up"], payload, qos), of=("TL-01", "PU-06" if large else "PU-01")).ok()
            sent.append(payload)
        else:
            messages.downlink(topics["down"], payload, qos=qos)
            shown.append(payload)
            came = messages.wait_received(topics["down"], len(shown))
            verify.shown_once(topics["down"], shown, came, of=("TL-01", "RV-07" if large else "RV-01"))

    def begin(session: str) -> None:
        """A session of that kind, where there is none yet."""
        if topics.get("session") == session:
            return
        if topics:
            arrived()
            verify.given(module.close())
        messages.came_online(clean=session == "clean", tls=True)
        shown.clear()
        topics.update(session=session, up=messages.watched_topic(), down=messages.subscribed_topic())
        topics["other"] = messages.subscribed_topic()

    def before(word: str) -> None:
        match word:
            case "query":
                module.query(CONNECT_CFG)
            case "refused":
                module.subscribe(topics["other"], 3)
            case "publish":
                module.publish(module.device.topic("before"), "before", 1)
            case "another-downlink":
                messages.cloud_publishes(topics["other"], "another")

    def arrived() -> None:
        arrived = [message.payload for message in messages.arrived(topics["up"], len(sent))]
        verify.published_once(topics["up"], sent, arrived, of=("TL-01", "PU-01"))
        sent.clear()

    if not has_tls(module):
        verify.give_up("the module does not come online over TLS, so nothing can be sent over it")
    topics: dict[str, str] = {}
    sent: list[str] = []
    shown: list[str] = []
    through(verify, "messages-over-tls", judge, together="session")
    arrived()
    verify.given(module.close())


def neighbour(word: str, topic: str) -> str:
    """A topic that stands beside another one; none for ``nothing``."""
    above, _, name = topic.rpartition("/")
    if word == "nothing":
        return ""
    return f"{topic}/x" if word == "level-below" else f"{above}/{akin(word, name, topic)}"


def text(shape: str, size: int, whose: str) -> str:
    """A payload of that class and size in bytes."""
    if shape == "utf-8":
        return "设" * (size // 3) + ("", "a", "é")[size % 3]
    if shape == "quotes":
        # Each of them takes another byte on the command line, which holds 1024.
        return "".join('"' if place % 16 == 0 else "q" for place in range(size))
    return shaped(shape, size, whose)


def former(kin: str, payload: str) -> str:
    """What is sent right before ``payload``, so that this one is so akin to it."""
    return akin({"longer": "shorter", "shorter": "longer"}.get(kin, kin), payload, "former")


def takes_bare_topics(online: Online) -> bool:
    """Whether the module takes a topic without quotes (FMT-09 leaves that open), and hears of it."""
    topic, mark = online.topic("Bare"), online.cloud.journal.mark()
    if not online.module.set(SUBSCRIBE.word, Bare(topic.encode()), 1).ok:
        return False
    online.wait_acknowledged(Suback, since=mark)
    online.cloud_publishes(topic, "bare")
    heard = bool(online.wait_received(topic))
    return online.module.set(UNSUBSCRIBE.word, Bare(topic.encode())).ok and heard


def _written(topic: str, bare: bool) -> Argument:
    return Bare(topic.encode()) if bare else topic
