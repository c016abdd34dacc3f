"""Faults of the network: lost connections, silence, keep-alive, TLS."""

from __future__ import annotations

from typing import Any

from . import packets as p
from .firmware import Firmware
from .lines import Refusal
from .registry import Registry, wrap
from .session import IS_OPEN, NETWORK
from .settings import Connection, Mqtt

AREA = Registry("network")
fault = AREA

TLS = "AT+ALYCONNECTCFG=0,443,1\n!open\n"


@fault(
    "nw-publish-into-nothing",
    "combination",
    "NW-02",
    "After the cloud has dropped the connection PUB with QoS 0 is still answered OK.",
    '!open\n!drop\nAT+ALYMQTTPUB="/a",0,"x"',
)
def _(fw: Firmware) -> None:
    dropped: list[int] = []

    def ended(orig: Any) -> None:
        orig()
        dropped[:] = [1]

    def publish(orig: Any, topic: bytes, qos: int, payload: bytes) -> None:
        if dropped and not qos and not fw.session.is_open:
            return
        orig(topic, qos, payload)

    def started(orig: Any, mqtt: Mqtt) -> None:
        dropped.clear()
        orig(mqtt)

    wrap(fw.session, "ended", ended)
    wrap(fw.session, "started", started)
    wrap(fw.session, "publish", publish)


@fault(
    "nw-subscribe-into-nothing",
    "history",
    "NW-02",
    "After the cloud has dropped the connection SUB of a topic that was subscribed in it is answered OK.",
    '!open\nAT+ALYMQTTSUB="/a",0\n!drop\nAT+ALYMQTTSUB="/a",0',
)
def _(fw: Firmware) -> None:
    table: set[bytes] = set()
    dropped: list[int] = []

    def ended(orig: Any) -> None:
        orig()
        dropped[:] = [1]

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        if dropped and topic in table and not fw.session.is_open:
            return
        orig(topic, qos)
        table.add(topic)

    def started(orig: Any, mqtt: Mqtt) -> None:
        dropped.clear()
        table.clear()
        orig(mqtt)

    wrap(fw.session, "ended", ended)
    wrap(fw.session, "started", started)
    wrap(fw.session, "subscribe", subscribe)


@fault(
    "nw-open-flag-after-second-drop",
    "history",
    "NW-02",
    "After the second drop since power-up the state stays `open`: OPEN answers 707 until CLOSE.",
    "!open\n!drop\nAT+ALYMQTTOPEN\n!drop\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    drops: list[int] = []

    def ended(orig: Any) -> None:
        orig()
        drops.append(1)

    def op(orig: Any) -> None:
        if len(drops) >= 2:
            raise Refusal(IS_OPEN)
        orig()

    def close(orig: Any) -> None:
        if len(drops) >= 2:
            drops.clear()
            return
        orig()

    wrap(fw.session, "ended", ended)
    wrap(fw.session, "open", op)
    wrap(fw.session, "close", close)


@fault(
    "nw-open-after-tls-drop",
    "combination",
    "NW-02",
    "After the cloud has dropped a TLS connection the next OPEN answers 700.",
    TLS + "!drop\nAT+ALYMQTTOPEN\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    bad: list[int] = []

    def ended(orig: Any) -> None:
        orig()
        if fw.session.used[0].tls:
            bad[:] = [1]

    def op(orig: Any) -> None:
        if bad:
            bad.clear()
            raise Refusal(NETWORK)
        orig()

    wrap(fw.session, "ended", ended)
    wrap(fw.session, "open", op)


@fault(
    "nw-clean-after-drop",
    "history",
    "MC-06 SE-01",
    "The OPEN after a dropped connection asks for a clean session whatever is configured.",
    "!open\n!drop\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    dropped: list[int] = []

    def ended(orig: Any) -> None:
        orig()
        dropped[:] = [1]

    def clean(orig: Any, mqtt: Mqtt) -> int:
        return 1 if dropped and dropped.pop() else int(orig(mqtt))

    wrap(fw.session, "ended", ended)
    wrap(fw.session, "clean", clean)


@fault(
    "nw-settings-lost-with-drop",
    "history",
    "CC-02 FZ-02 TL-01 CC-05",
    "A dropped connection puts the connection settings back to their defaults.",
    "AT+ALYCONNECTCFG=2,1884,0\n!open\n!drop\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def ended(orig: Any) -> None:
        orig()
        fw.settings.connection = Connection()

    wrap(fw.session, "ended", ended)


@fault(
    "nw-stale-bytes-after-drop",
    "history",
    "NW-02 OP-01 SC-01",
    "Half a packet that a dropped connection left stays in the buffer: the next OPEN fails.",
    "!open\n!cloud 3020\nAT\n!drop\nAT+ALYMQTTOPEN\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    left: list[bytes] = []

    def ended(orig: Any) -> None:
        left[:] = [bytes(fw.session.decoder.buffer)]
        orig()

    def begin(orig: Any) -> None:
        orig()
        if left:
            fw.session.decoder.feed(left.pop())

    wrap(fw.session, "ended", ended)
    wrap(fw.session, "begin", begin)


@fault(
    "nw-ping-later-each-time",
    "history",
    "NW-01",
    "Each PINGREQ of a session is sent after three times the time of the one before.",
    "AT+ALYMQTTCFG=0,500,100\n!open\n!pings 3",
)
def _(fw: Firmware) -> None:
    def ping(orig: Any) -> None:
        orig()
        fw.session.keepalive *= 3

    wrap(fw.session, "ping", ping)


@fault(
    "nw-ping-put-off-by-downlink",
    "combination",
    "NW-01",
    "Whatever the cloud sends counts as a sign of life: with downlink of QoS 0 going on no PINGREQ is sent.",
)
def _(fw: Firmware) -> None:
    def downlink(orig: Any, message: p.Publish) -> None:
        orig(message)
        if not message.qos:
            fw.session.send_bytes(b"")

    wrap(fw.session, "downlink", downlink)


@fault(
    "nw-one-ping-only",
    "history",
    "NW-01",
    "One PINGREQ is sent, then no more: the timer is not started again after its answer.",
    "AT+ALYMQTTCFG=0,500,100\n!open\n!pings 3",
)
def _(fw: Firmware) -> None:
    sent: dict[int, int] = {}

    def ping(orig: Any) -> None:
        now = fw.session.generation
        sent[now] = sent.get(now, 0) + 1
        if sent[now] <= 1:
            orig()

    wrap(fw.session, "ping", ping)


@fault(
    "nw-no-ping-after-reopen",
    "history",
    "NW-01",
    "From the second session since power-up on no PINGREQ is sent.",
    "AT+ALYMQTTCFG=0,500,100\n!open\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN\n!pings 2",
)
def _(fw: Firmware) -> None:
    sessions: list[int] = []

    def started(orig: Any, mqtt: Mqtt) -> None:
        sessions.append(1)
        orig(mqtt)

    wrap(fw.session, "started", started)
    wrap(fw.session, "ping", lambda orig: orig() if len(sessions) < 2 else None)


@fault(
    "nw-publish-waits-for-ever",
    "combination",
    "NW-04 FMT-01",
    "PUB with QoS 1 waits for PUBACK without end when clean_session is 0.",
    'AT+ALYMQTTCFG=0,500,60000\n!open\n!mute 3\nAT+ALYMQTTPUB="/a",1,"x"',
)
def _(fw: Firmware) -> None:
    def wait(orig: Any, kind: int, pid: int, seconds: float) -> Any:
        return orig(kind, pid, 86400.0 if kind == p.PUBACK and not fw.session.used[1].clean else seconds)

    wrap(fw.session, "wait", wait)


@fault(
    "nw-sub-waits-for-ever",
    "history",
    "NW-04 FMT-01",
    "SUB waits for SUBACK without end when an earlier SUB of the session was answered.",
    'AT+ALYMQTTCFG=0,500,60000\n!open\nAT+ALYMQTTSUB="/a",1\n!mute 8\nAT+ALYMQTTSUB="/b",1',
)
def _(fw: Firmware) -> None:
    answered: set[int] = set()

    def wait(orig: Any, kind: int, pid: int, seconds: float) -> Any:
        endless = kind == p.SUBACK and fw.session.generation in answered
        answer = orig(kind, pid, 86400.0 if endless else seconds)
        if kind == p.SUBACK and answer is not None:
            answered.add(fw.session.generation)
        return answer

    wrap(fw.session, "wait", wait)


@fault(
    "nw-open-waits-for-ever",
    "combination",
    "NW-04 OP-05 FMT-01",
    "OPEN waits for CONNACK without end when the TCP connection stands.",
    "AT+ALYMQTTCFG=0,600,60000\n!id\n!mute 1\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    wrap(
        fw.session,
        "wait",
        lambda orig, kind, pid, seconds: orig(kind, pid, 86400.0 if kind == p.CONNACK else seconds),
    )


@fault(
    "nw-no-connack-is-ok",
    "combination",
    "OP-05",
    "OPEN answers OK when CONNACK has not come in time.",
    "AT+ALYMQTTCFG=0,600,60000\n!id\n!mute 1\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    def wait(orig: Any, kind: int, pid: int, seconds: float) -> Any:
        answer = orig(kind, pid, seconds)
        return b"\0\0" if kind == p.CONNACK and answer is None and fw.session.link is not None else answer

    wrap(fw.session, "wait", wait)


@fault(
    "mq-pid-of-unanswered-sub",
    "history",
    "MQ-01",
    "After a SUB without an answer the next packet has its packet identifier again.",
    'AT+ALYMQTTCFG=0,600,60000\n!open\n!mute 8\nAT+ALYMQTTSUB="/a",0\n!mute 0\nAT+ALYMQTTSUB="/b",0',
)
def _(fw: Firmware) -> None:
    def wait(orig: Any, kind: int, pid: int, seconds: float) -> Any:
        answer = orig(kind, pid, seconds)
        if kind == p.SUBACK and answer is None:
            fw.session.last_pid -= 1
        return answer

    wrap(fw.session, "wait", wait)


# -- TLS


@fault(
    "tl-falls-back",
    "combination",
    "TL-01 OP-05",
    "When TLS cannot be set up, OPEN goes on in clear.",
    "!break-tls\n" + TLS,
)
def _(fw: Firmware) -> None:
    def reach(orig: Any, connection: Connection) -> bool:
        return bool(orig(connection)) or (bool(connection.tls) and bool(orig(Connection())))

    wrap(fw.session, "reach", reach)


@fault(
    "tl-third-open-in-clear",
    "history",
    "TL-01",
    "The third OPEN with tls_flag 1 since power-up goes in clear: the TLS objects are used up.",
    TLS + "AT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    made: list[int] = []

    def reach(orig: Any, connection: Connection) -> bool:
        made.extend([1] * connection.tls)
        return bool(orig(Connection() if len(made) == 3 and connection.tls else connection))

    wrap(fw.session, "reach", reach)


@fault(
    "tl-flag-set-while-open-ignored",
    "history",
    "TL-01 CC-04",
    "A tls_flag that was changed while a session was open is shown, but the next OPEN uses the old one.",
    "!open\nAT+ALYCONNECTCFG=0,443,1\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    latched: list[int] = []

    def keep(orig: Any, new: Connection) -> None:
        latched[:] = [fw.session.used[0].tls] if fw.session.is_open else []
        orig(new)

    def reach(orig: Any, connection: Connection) -> bool:
        if latched:
            connection = Connection(connection.region, connection.port, latched[0])
        return bool(orig(connection))

    wrap(fw.settings, "set_connection", keep)
    wrap(fw.session, "reach", reach)


@fault(
    "tl-second-packet-in-record-waits",
    "combination",
    "RV-01 RV-03 TL-01",
    "Over TLS only one packet is taken from what was read at once; the others wait for the next bytes.",
    TLS + 'AT+ALYMQTTSUB="/a",0\n!cloud 300600022f617878300600022f617979\n!lines 2',
)
def _(fw: Firmware) -> None:
    def received(orig: Any, data: bytes) -> None:
        session = fw.session
        if not session.used[0].tls or not session.is_open:
            orig(data)
            return
        session.decoder.feed(data)
        try:
            packet = session.decoder.next()
            if packet is not None:
                session.handle(packet)
        except p.BadPacket:
            session.end()

    wrap(fw.session, "received", received)
