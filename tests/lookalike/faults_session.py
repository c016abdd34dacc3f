"""Faults of OPEN and CLOSE, and of sessions that outlive them."""

from __future__ import annotations

from typing import Any

from . import packets as p
from .firmware import Firmware
from .lines import Refusal
from .registry import Registry, wrap
from .session import IS_OPEN, NETWORK
from .settings import Connection, Mqtt

AREA = Registry("session")
fault = AREA


def forget(fw: Firmware) -> None:
    """Call the session closed and leave its connection as it is."""
    link = fw.session.link
    assert link is not None
    link.on_bytes = lambda data: None
    link.on_end = lambda: None
    fw.memo.setdefault("forgotten", []).append(link)
    fw.session.is_open = False
    fw.session.link = None


@fault(
    "op-open-while-open-drops",
    "plain",
    "OP-04 FZ-02",
    "OPEN while open answers 707 and ends the session.",
    "!open\nAT+ALYMQTTOPEN\nAT+ALYMQTTCLOSE",
)
def _(fw: Firmware) -> None:
    def op(orig: Any) -> None:
        try:
            orig()
        except Refusal as refusal:
            if refusal.code == IS_OPEN:
                fw.session.end()
            raise

    wrap(fw.session, "open", op)


@fault(
    "op-third-open-is-ok",
    "history",
    "OP-04 FZ-02",
    "OPEN while open answers 707 once; the next one in the same session is answered OK.",
    "!open\nAT+ALYMQTTOPEN\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    warned: set[int] = set()

    def op(orig: Any) -> None:
        if fw.session.is_open and fw.session.generation in warned:
            return
        if fw.session.is_open:
            warned.add(fw.session.generation)
        orig()

    wrap(fw.session, "open", op)


@fault(
    "op-open-while-open-after-changed-cfg",
    "history",
    "OP-04 FZ-02",
    "OPEN while open connects anew (and answers OK) when the connection settings were changed meanwhile.",
    "!open\nAT+ALYCONNECTCFG=1,1883,0\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    def op(orig: Any) -> None:
        if fw.session.is_open and fw.session.used[0] != fw.settings.connection:
            fw.session.end()
        orig()

    wrap(fw.session, "open", op)


@fault(
    "op-open-after-unreachable",
    "history",
    "OP-05 FZ-02 OP-01",
    "When CONNACK did not come, the state stays `connecting`: every later OPEN answers 707.",
    "AT+ALYMQTTCFG=0,600,60000\n!id\n!mute 1\nAT+ALYMQTTOPEN\n!lines 1\n!mute 0\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    stuck: list[int] = []

    def wait(orig: Any, kind: int, pid: int, seconds: float) -> Any:
        answer = orig(kind, pid, seconds)
        if kind == p.CONNACK and answer is None:
            stuck.append(1)
        return answer

    def op(orig: Any) -> None:
        if stuck:
            raise Refusal(IS_OPEN)
        orig()

    wrap(fw.session, "wait", wait)
    wrap(fw.session, "open", op)


@fault(
    "op-twelfth-open-fails",
    "history",
    "OP-08 FZ-02 OP-01",
    "A socket is leaked with each session: the twelfth OPEN since power-up answers 700.",
    "!open\nAT+ALYMQTTCLOSE\n" + "AT+ALYMQTTOPEN\nAT+ALYMQTTCLOSE\n" * 10 + "AT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    made: list[int] = []

    def reach(orig: Any, connection: Connection) -> bool:
        made.append(1)
        return len(made) != 12 and bool(orig(connection))

    wrap(fw.session, "reach", reach)


@fault(
    "op-argument-taken",
    "plain",
    "OP-07",
    "OPEN does not look at what stands behind an equals sign.",
    "!id\nAT+ALYMQTTOPEN=1",
)
def _(fw: Firmware) -> None:
    wrap(fw.commands, "bare", lambda orig, operand: orig(b"" if operand[:1] == b"=" and operand != b"=?" else operand))


@fault(
    "op-argument-opens-all-the-same",
    "combination",
    "OP-07 FMT-12 FZ-02",
    "OPEN with an argument is refused, but goes online behind the answer.",
    "!id\nAT+ALYMQTTOPEN=1\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    def command(orig: Any, operand: bytes) -> Any:
        if operand not in (b"", b"?", b"=?"):
            fw.session.open()
        return orig(operand)

    fw.commands.table[b"ALYMQTTOPEN"] = lambda operand: command(fw.commands.open_command, operand)


@fault(
    "cl-no-disconnect-after-publish",
    "history",
    "CL-02",
    "CLOSE forgets DISCONNECT when something was published with QoS 1 in the session.",
    '!open\nAT+ALYMQTTPUB="/a/b",1,"x"\nAT+ALYMQTTCLOSE',
)
def _(fw: Firmware) -> None:
    sent: set[int] = set()

    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        orig(topic, qos, payload)
        if qos:
            sent.add(fw.session.generation)

    def goodbye(orig: Any) -> None:
        if fw.session.generation - 1 not in sent:
            orig()

    wrap(fw.session, "publish", publish)
    wrap(fw.session, "goodbye", goodbye)


@fault(
    "cl-tls-stays-connected",
    "combination",
    "CL-01 CL-02",
    "CLOSE of a TLS session answers OK and leaves the connection as it is.",
    "AT+ALYCONNECTCFG=0,443,1\n!open\nAT+ALYMQTTCLOSE",
)
def _(fw: Firmware) -> None:
    def close(orig: Any) -> None:
        if fw.session.is_open and fw.session.used[0].tls:
            forget(fw)
            return
        orig()

    wrap(fw.session, "close", close)


@fault(
    "cl-second-close-ok",
    "history",
    "CL-03 FZ-02",
    "CLOSE while closed is answered OK when a session has been closed before.",
    "!open\nAT+ALYMQTTCLOSE\nAT+ALYMQTTCLOSE",
)
def _(fw: Firmware) -> None:
    closed: list[int] = []

    def close(orig: Any) -> None:
        if closed and not fw.session.is_open:
            return
        orig()
        closed.append(1)

    wrap(fw.session, "close", close)


@fault(
    "cl-close-after-changed-identity",
    "history",
    "CL-01 CL-02",
    "CLOSE answers OK without closing when an identity value was set in the session.",
    '!open\nAT+ALYPRODUCTSECRET="ps"\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    touched: set[int] = set()

    def put(orig: Any, key: str, value: bytes) -> None:
        orig(key, value)
        touched.add(fw.session.generation)

    def close(orig: Any) -> None:
        if fw.session.is_open and fw.session.generation in touched:
            forget(fw)
            return
        orig()

    wrap(fw.identity, "put", put)
    wrap(fw.session, "close", close)


@fault(
    "se-close-unsubscribes",
    "combination",
    "SE-01",
    "CLOSE unsubscribes from what was subscribed with QoS 1, whatever clean_session says.",
    '!open\nAT+ALYMQTTSUB="/a/b",1\nAT+ALYMQTTCLOSE',
)
def _(fw: Firmware) -> None:
    topics: list[bytes] = []

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, qos)
        if qos:
            topics.append(topic)

    def close(orig: Any) -> None:
        while fw.session.is_open and topics:
            fw.session.unsubscribe(topics.pop())
        orig()

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "close", close)


@fault(
    "se-clean-subscribes-again",
    "history",
    "SE-02",
    "With clean_session 1 OPEN subscribes again to what was subscribed in the session before.",
    'AT+ALYMQTTCFG=1,2000,60000\n!open\nAT+ALYMQTTSUB="/a/b",1\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN\nAT',
)
def _(fw: Firmware) -> None:
    topics: dict[bytes, int] = {}

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, qos)
        topics[topic] = qos

    def unsubscribe(orig: Any, topic: bytes) -> None:
        orig(topic)
        topics.pop(topic, None)

    def op(orig: Any) -> None:
        orig()
        for topic, qos in list(topics.items()):
            fw.session.subscribe(topic, qos)

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "unsubscribe", unsubscribe)
    wrap(fw.session, "open", op)


@fault(
    "se-clean-after-power-up",
    "history",
    "MC-06 SE-01",
    "The first OPEN after a power-up (but the very first) asks for a clean session.",
    "!open\n!off\n!on\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    opened: list[int] = []

    def clean(orig: Any, mqtt: Mqtt) -> int:
        again = bool(fw.memo.get("was-online")) and not opened
        opened.append(1)
        fw.memo["was-online"] = True
        return 1 if again else mqtt.clean

    wrap(fw.session, "clean", clean)


@fault(
    "se-waiting-messages-lost",
    "combination",
    "SE-01",
    "Messages that come before OPEN is answered are acknowledged and not shown.",
    '!open\nAT+ALYMQTTSUB="/a/b",1\nAT+ALYMQTTCLOSE\n!down 1 /a/b one\nAT+ALYMQTTOPEN\n!lines 1',
)
def _(fw: Firmware) -> None:
    def op(orig: Any) -> None:
        fw.memo["opening"] = True
        try:
            orig()
            fw.board.loop.wait(lambda: False, 0.1)
        finally:
            fw.memo["opening"] = False

    def show(orig: Any, message: p.Publish) -> None:
        if not fw.memo.get("opening"):
            orig(message)

    wrap(fw.session, "open", op)
    wrap(fw.session, "show", show)


@fault(
    "op-open-state-survives-power",
    "history",
    "OP-01 FZ-02",
    "That a session is open is kept in flash: the first OPEN after a power cut in mid-session answers 700.",
    "!open\n!off\n!on\nAT+ALYMQTTOPEN\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    stale = [1] if fw.memo.get("online") else []

    def op(orig: Any) -> None:
        if stale and fw.session.missing() is None:
            stale.clear()
            raise Refusal(NETWORK)
        orig()
        fw.memo["online"] = True

    def close(orig: Any) -> None:
        orig()
        fw.memo["online"] = False

    wrap(fw.session, "open", op)
    wrap(fw.session, "close", close)
