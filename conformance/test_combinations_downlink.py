"""Section 2.4.12, in combination: what comes from the cloud while the module is at something else."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from conformance.catalogue import CONNECT_CFG, PUBLISH, SUBSCRIBE, Row
from conformance.combinations import through
from conformance.shapes import shaped
from fixtures.online import Online
from fixtures.requirements import derived, requirement
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange

TEST_FORM = "test-form"
LARGE = 127
"""Bytes beyond which that a payload arrives is a matter of its size."""
_numbers = itertools.count(1)


@derived
@requirement("RV-01", "RV-04", "RV-06", "RV-07", "FMT-07")
def test_messages_that_come_during_commands_are_shown_whole_and_acknowledged(online: Online, verify: Verifier) -> None:
    """Before each row one longer message or none is shown, of which nothing may be left in those of the row."""
    module = online.module

    def judge(row: Row) -> None:
        topic, qos, size = topics[int(row["topic"])], int(row["qos"]), int(row["size"])
        of = matters(size)
        if row["old"] == "longer":
            since = verify.now
            sent(topic, [shaped("mixed", 512, f"old {next(_numbers)}")], 1)
            shown(topic, 1, since, of)
        since = verify.now
        numbers = [next(_numbers) for _ in range(int(row["messages"]))]
        payloads = [shaped(str(row["shape"]), size, f"during {number}") for number in numbers]
        sent(topic, payloads, qos)
        for _ in range(int(row["commands"])):
            answer = verify(command(str(row["command"])), of="RV-04").answered()
            if row["command"] == TEST_FORM and answer.ok:
                # Its syntax line, in one piece.
                verify(answer, of="FMT-07").informs()
        shown(topic, len(payloads), since, of)

    def sent(topic: str, payloads: list[str], qos: int) -> None:
        online.downlink(topic, *payloads, qos=qos)
        wanted.setdefault(topic, []).extend(payloads)

    def shown(topic: str, count: int, since: int, of: tuple[str, ...]) -> None:
        came = online.wait_received(topic, len(wanted[topic]))
        before = len(wanted[topic]) - count
        verify.shown_once(topic, wanted[topic][before:], came[before:], since=since, of=of)

    def matters(size: int) -> tuple[str, ...]:
        if size <= LARGE:
            return ("RV-04",)
        if size not in whole:
            payload, topic = shaped("mixed", size, f"alone {next(_numbers)}"), topics[0]
            online.downlink(topic, payload)
            wanted.setdefault(topic, []).append(payload)
            shown = online.wait_received(topic, len(wanted[topic]))[-1:]
            whole[size] = [message.bare for message in shown] == [payload.encode()]
        # What is not shown whole while nothing else goes on is no matter of what goes on.
        return ("RV-07", "RV-04") if whole[size] else ("RV-07",)

    def command(word: str) -> Exchange:
        commands: dict[str, Callable[[], Exchange]] = {
            "at": lambda: module.send("AT"),
            "query": lambda: module.query(CONNECT_CFG),
            TEST_FORM: lambda: module.test(SUBSCRIBE.word),
            "publish": lambda: module.publish(uplink, f"up {next(_numbers)}", 1),
            "publish-long": lambda: module.publish(uplink, "u" * 512, 1),
            "publish-0": lambda: module.publish(uplink, f"up {next(_numbers)}", 0),
            "subscribe": lambda: module.subscribe(beside, next(_numbers) % 2),
            "unsubscribe": lambda: module.unsubscribe(beside),
            "refused": lambda: module.subscribe(beside, 3),
            "malformed": lambda: module.set(PUBLISH.word, uplink, 1),
        }
        return commands[word]()

    wanted: dict[str, list[str]] = {}
    whole: dict[int, bool] = {}
    mark = online.cloud.journal.mark()
    topics = [online.subscribed_topic() for _ in range(4)]
    uplink, beside = online.topic("up"), online.subscribed_topic()
    through(verify, "downlink-during-commands", judge)
    for topic in wanted:
        verify.acknowledged(topic, since=mark, of="RV-06")
