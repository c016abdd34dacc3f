"""Faults of SUB and UNSUB."""

from __future__ import annotations

from typing import Any

from . import packets as p
from .firmware import Firmware
from .lines import Refusal
from .registry import Registry, wrap
from .session import NETWORK

AREA = Registry("subscribe")
fault = AREA


class Table:
    """What the module believes to be subscribed, in order; faults use it."""

    def __init__(self, fw: Firmware) -> None:
        self.topics: dict[bytes, int] = {}
        wrap(fw.session, "subscribe", self.subscribe)
        wrap(fw.session, "unsubscribe", self.unsubscribe)

    def subscribe(self, orig: Any, topic: bytes, qos: int) -> None:
        """Note it when the cloud has it."""
        orig(topic, qos)
        self.topics[topic] = qos

    def unsubscribe(self, orig: Any, topic: bytes) -> None:
        """Forget it when the cloud has."""
        orig(topic)
        self.topics.pop(topic, None)


@fault(
    "su-second-keeps-qos",
    "history",
    "SU-01",
    "SUB of a topic that is subscribed already asks for the old QoS again.",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTSUB="/a",1',
)
def _(fw: Firmware) -> None:
    first: dict[bytes, int] = {}

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, first.setdefault(topic, qos))

    wrap(fw.session, "subscribe", subscribe)


@fault(
    "su-qos-0-in-clean-session",
    "combination",
    "SU-01",
    "With clean_session 1 every SUB asks for QoS 0.",
    'AT+ALYMQTTCFG=1,2000,60000\n!open\nAT+ALYMQTTSUB="/a",1',
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "subscribe", lambda orig, topic, qos: orig(topic, 0 if fw.session.used[1].clean else qos))


@fault(
    "un-subscribed-twice",
    "history",
    "UN-01",
    "A topic subscribed twice needs two UNSUBs: the first only counts down.",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTUNSUB="/a"',
)
def _(fw: Firmware) -> None:
    counts: dict[bytes, int] = {}

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, qos)
        counts[topic] = counts.get(topic, 0) + 1

    def unsubscribe(orig: Any, topic: bytes) -> None:
        counts[topic] = counts.get(topic, 1) - 1
        if counts[topic] <= 0 or not fw.session.is_open:
            orig(topic)

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "unsubscribe", unsubscribe)


@fault(
    "su-table-of-five",
    "combination",
    "SU-01 SU-04",
    "The sixth topic of a session finds the table full: SUB answers OK and sends nothing.",
    "!open\n" + "\n".join(f'AT+ALYMQTTSUB="/{at}",0' for at in range(6)),
)
def _(fw: Firmware) -> None:
    table: dict[int, set[bytes]] = {}

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        mine = table.setdefault(fw.session.generation, set())
        if fw.session.is_open and len(mine) >= 5 and topic not in mine:
            return
        orig(topic, qos)
        mine.add(topic)

    wrap(fw.session, "subscribe", subscribe)


@fault(
    "su-qos-1-evicts",
    "combination",
    "SU-04 SU-01",
    "SUB with QoS 1 unsubscribes the oldest topic of QoS 0 (one slot for each QoS and one to spare).",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTSUB="/b",0\nAT+ALYMQTTSUB="/c",1',
)
def _(fw: Firmware) -> None:
    table = Table(fw)

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, qos)
        old = [name for name, level in table.topics.items() if level == 0 and name != topic]
        if qos == 1 and len(old) >= 2:
            fw.session.unsubscribe(old[0])

    wrap(fw.session, "subscribe", subscribe)


@fault(
    "su-topic-of-64",
    "combination",
    "SU-01",
    "A topic of exactly 64 bytes is subscribed without its last byte.",
    '!open\nAT+ALYMQTTSUB="/{t*63}",0',
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "subscribe", lambda orig, topic, qos: orig(topic[:63] if len(topic) == 64 else topic, qos))


@fault(
    "su-last-slash-lost",
    "combination",
    "SU-01",
    "A slash at the end of a topic is dropped by SUB.",
    '!open\nAT+ALYMQTTSUB="/a/",0',
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "subscribe", lambda orig, topic, qos: orig(topic.rstrip(b"/") or topic, qos))


@fault(
    "su-refused-with-qos-1-ok",
    "combination",
    "SU-05",
    "A subscription that the cloud refuses is answered OK when it asked for QoS 1.",
    '!open\n!refuse-topic /a\nAT+ALYMQTTSUB="/a",1',
)
def _(fw: Firmware) -> None:
    asked: list[int] = []

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        asked[:] = [qos]
        orig(topic, qos)

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "granted", lambda orig, suback: orig(b"\0" if asked == [1] else suback))


@fault(
    "su-refused-second-time-ok",
    "history",
    "SU-05",
    "SUB of a topic that the cloud has refused is answered OK the second time: it is in the table.",
    '!open\n!refuse-topic /a\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTSUB="/a",0',
)
def _(fw: Firmware) -> None:
    table: set[bytes] = set()

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        if topic in table and fw.session.is_open:
            return
        try:
            orig(topic, qos)
        except Refusal:
            if fw.session.is_open:
                table.add(topic)
            raise

    wrap(fw.session, "subscribe", subscribe)


@fault(
    "su-error-sticks",
    "history",
    "SU-01 FMT-12 FZ-02 SU-04",
    "After a refused subscription every SUB of the session answers an error, though it stands at the cloud.",
    '!open\n!refuse-topic /a\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTSUB="/b",0',
)
def _(fw: Firmware) -> None:
    failed: set[int] = set()

    def granted(orig: Any, suback: bytes) -> None:
        if suback[0] == 0x80:
            failed.add(fw.session.generation)
        orig(b"\x80" if fw.session.generation in failed else suback)

    wrap(fw.session, "granted", granted)


@fault(
    "su-ok-after-close",
    "history",
    "SU-03 FZ-02",
    "SUB of a topic that was subscribed in the session before is answered OK while closed.",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTCLOSE\nAT+ALYMQTTSUB="/a",0',
)
def _(fw: Firmware) -> None:
    table = Table(fw)

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        if topic not in table.topics or fw.session.is_open:
            orig(topic, qos)

    wrap(fw.session, "subscribe", subscribe)


@fault(
    "su-closed-code-by-state",
    "history",
    "SU-03",
    "SUB, UNSUB and PUB answer 700 while closed when a session was open before.",
    '!open\nAT+ALYMQTTCLOSE\nAT+ALYMQTTSUB="/a",0',
)
def _(fw: Firmware) -> None:
    def need_open(orig: Any) -> None:
        if not fw.session.is_open and fw.session.generation:
            raise Refusal(NETWORK)
        orig()

    wrap(fw.session, "need_open", need_open)


@fault(
    "su-missing-qos-is-0",
    "plain",
    "SU-02",
    "SUB without a QoS is taken with QoS 0.",
    '!open\nAT+ALYMQTTSUB="/a"',
)
def _(fw: Firmware) -> None:
    def command(operand: bytes) -> list[bytes]:
        return fw.commands.sub_command(
            operand + b",0" if operand.endswith(b'"') and operand.count(b'"') == 2 else operand
        )

    def counted(operand: bytes) -> list[bytes]:
        quoted = operand[:2] == b'="' and operand.endswith(b'"') and operand.count(b'"') == 2
        return fw.commands.sub_command(operand + b",0") if quoted else command(operand)

    fw.commands.table[b"ALYMQTTSUB"] = counted


@fault(
    "su-qos-by-last-bits",
    "combination",
    "SU-02 PU-04",
    "Of a QoS from 4 on only the two lowest bits are looked at: 4 is 0, 256 is 0.",
    '!open\nAT+ALYMQTTSUB="/a",4',
)
def _(fw: Firmware) -> None:
    def number(orig: Any, param: Any) -> int:
        found = int(orig(param))
        return found & 3 if fw.memo.get("in-qos") else found

    def qos(orig: Any, param: Any) -> int:
        fw.memo["in-qos"] = True
        try:
            return int(orig(param))
        finally:
            fw.memo["in-qos"] = False

    wrap(fw.params, "number", number)
    wrap(fw.commands, "qos", qos)


@fault(
    "un-prefix-goes-too",
    "combination",
    "UN-01 SU-04",
    "UNSUB ends every topic that begins with the given one.",
    '!open\nAT+ALYMQTTSUB="/a/1",0\nAT+ALYMQTTSUB="/a/12",0\nAT+ALYMQTTUNSUB="/a/1"',
)
def _(fw: Firmware) -> None:
    table = Table(fw)

    def unsubscribe(orig: Any, topic: bytes) -> None:
        orig(topic)
        for name in [name for name in table.topics if name.startswith(topic)]:
            orig(name)

    wrap(fw.session, "unsubscribe", unsubscribe)


@fault(
    "un-last-one-stays",
    "combination",
    "UN-01",
    "UNSUB of the only topic that is left answers OK and sends nothing.",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTSUB="/b",0\nAT+ALYMQTTUNSUB="/a"\nAT+ALYMQTTUNSUB="/b"',
)
def _(fw: Firmware) -> None:
    table = Table(fw)
    ended: list[bytes] = []

    def unsubscribe(orig: Any, topic: bytes) -> None:
        if list(table.topics) == [topic] and ended and fw.session.is_open:
            return
        orig(topic)
        ended.append(topic)

    wrap(fw.session, "unsubscribe", unsubscribe)


@fault(
    "un-newest-goes-instead",
    "combination",
    "UN-01 SU-04",
    "With three topics or more UNSUB of one in the middle ends the one behind it.",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTSUB="/b",0\nAT+ALYMQTTSUB="/c",0\nAT+ALYMQTTUNSUB="/b"',
)
def _(fw: Firmware) -> None:
    table = Table(fw)

    def unsubscribe(orig: Any, topic: bytes) -> None:
        names = list(table.topics)
        at = names.index(topic) if topic in names else 0
        orig(names[at + 1] if len(names) >= 3 and 0 < at < len(names) - 1 else topic)

    wrap(fw.session, "unsubscribe", unsubscribe)


@fault(
    "un-of-last-session",
    "history",
    "UN-01",
    "UNSUB of a topic that was subscribed in an earlier session answers OK and sends nothing.",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN\nAT+ALYMQTTUNSUB="/a"',
)
def _(fw: Firmware) -> None:
    table: dict[bytes, int] = {}

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, qos)
        table[topic] = fw.session.generation

    def unsubscribe(orig: Any, topic: bytes) -> None:
        if table.get(topic, fw.session.generation) == fw.session.generation or not fw.session.is_open:
            orig(topic)

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "unsubscribe", unsubscribe)


@fault(
    "un-qos-1-as-sub",
    "combination",
    "UN-01",
    "UNSUB of a topic subscribed with QoS 1 subscribes it with QoS 0 instead.",
    '!open\nAT+ALYMQTTSUB="/a",1\nAT+ALYMQTTUNSUB="/a"',
)
def _(fw: Firmware) -> None:
    table = Table(fw)

    def unsubscribe(orig: Any, topic: bytes) -> None:
        if table.topics.get(topic) == 1 and fw.session.is_open:
            fw.session.subscribe(topic, 0)
            return
        orig(topic)

    wrap(fw.session, "unsubscribe", unsubscribe)


@fault(
    "un-flags-in-clean-session",
    "combination",
    "MQ-01 UN-01",
    "With clean_session 1 UNSUBSCRIBE goes out with its reserved flags 0.",
    'AT+ALYMQTTCFG=1,2000,60000\n!open\nAT+ALYMQTTSUB="/a",1\nAT+ALYMQTTUNSUB="/a"',
)
def _(fw: Firmware) -> None:
    def packet(orig: Any, pid: int, topic: bytes) -> p.Packet:
        made: p.Packet = orig(pid, topic)
        return p.Packet(made.kind, 0, made.body) if fw.session.used[1].clean else made

    wrap(fw.session, "unsubscribe_packet", packet)


@fault(
    "tf-test-form-needs-closed",
    "combination",
    "TF-01",
    "While a session is open `AT+ALYMQTTSUB=?` is taken for a topic without a QoS.",
    "!open\nAT+ALYMQTTSUB=?",
)
def _(fw: Firmware) -> None:
    def command(operand: bytes) -> list[bytes]:
        return fw.commands.sub_command(operand if operand != b"=?" or not fw.session.is_open else b"=x")

    fw.commands.table[b"ALYMQTTSUB"] = command


@fault(
    "tf-test-form-unsubscribes",
    "history",
    "TF-01 SU-04 UN-01",
    "`AT+ALYMQTTUNSUB=?` while open also ends the newest subscription: the buffer of the last topic is used.",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTUNSUB=?',
)
def _(fw: Firmware) -> None:
    table = Table(fw)

    def command(operand: bytes) -> list[bytes]:
        if operand == b"=?" and fw.session.is_open and table.topics:
            fw.session.unsubscribe(list(table.topics)[-1])
        return fw.commands.unsub_command(operand)

    fw.commands.table[b"ALYMQTTUNSUB"] = command
