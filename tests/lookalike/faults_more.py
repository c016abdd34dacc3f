"""Faults that take two or three conditions to show: settings, flash, login, session, subscriptions, lines."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from . import packets as p
from .faults_parser import on_raw
from .faults_subscribe import Table
from .firmware import Firmware
from .lines import BAD_NUMBER, Line, Param, Refusal
from .registry import Registry, wrap
from .session import IS_OPEN, NETWORK, NOT_ALLOWED
from .settings import BAD_VALUE, Connection, Mqtt

AREA = Registry("conditions of state")
fault = AREA

FOR_EVER = 86400.0


@fault(
    "pw-back-to-boot-value",
    "history",
    "PC-01-PK PC-01-DN PC-01-DS PC-02 PC-05",
    "A value set back to what it was at power-up is taken for unchanged: after a cut the one in between is there.",
    'AT+ALYDEVICENAME="a"\n!off\n!on\nAT+ALYDEVICENAME="b"\nAT+ALYDEVICENAME="a"\n!off\n!on\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    at_boot = dict(fw.identity.values)

    def keep(orig: Any, key: str, value: bytes) -> None:
        if value != at_boot[key]:
            orig(key, value)

    wrap(fw.identity, "keep", keep)


@fault(
    "pw-refused-set-locks-flash",
    "history",
    "PC-01-PK PC-01-DN PC-01-DS PC-02 PC-05 FMT-12",
    "An over-long value leaves the flash locked: the next identity value that is set is lost with the power.",
    'AT+ALYDEVICENAME="a"\nAT+ALYDEVICENAME="{n*33}"\nAT+ALYDEVICENAME="b"\n!off\n!on\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    locked: list[int] = []

    def fits(orig: Any, key: str, value: bytes) -> bool:
        good = bool(orig(key, value))
        if not good:
            locked[:] = [1]
        return good

    def keep(orig: Any, key: str, value: bytes) -> None:
        if locked:
            locked.clear()
        else:
            orig(key, value)

    wrap(fw.identity, "fits", fits)
    wrap(fw.identity, "keep", keep)


@fault(
    "pw-cut-in-set-loses-neighbour",
    "combination",
    "PC-01-PK PC-06 ID-05-DN",
    "While a DeviceName is written (0.6 s) the ProductKey of the same page is erased: a cut in that time loses it.",
    'AT+ALYPRODUCTKEY="a"\n!serial 41542b414c594445564943454e414d453d2262220d\n!lines 1\n!off\n!on\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    def keep(orig: Any, key: str, value: bytes) -> None:
        if key == "DN" and value != fw.identity.kept["DN"]:
            fw.store.save({**fw.identity.kept, "PK": b""})
            fw.board.loop.wait(lambda: False, 0.6)
        orig(key, value)

    wrap(fw.identity, "keep", keep)


@fault(
    "cc-reset-by-new-key",
    "history",
    "CC-02 CC-05 TL-01 FZ-02",
    "A new ProductKey puts the connection settings back to their defaults (the SDK is set up anew).",
    'AT+ALYCONNECTCFG=2,1884,0\nAT+ALYPRODUCTKEY="x"\nAT+ALYCONNECTCFG?',
)
def _(fw: Firmware) -> None:
    def put(orig: Any, key: str, value: bytes) -> None:
        if key == "PK" and value != fw.identity.get("PK"):
            fw.settings.connection = Connection()
        orig(key, value)

    wrap(fw.identity, "put", put)


@fault(
    "cc-fraction-and-exponent",
    "combination",
    "CC-03 CC-04 CC-05 MC-02 MC-04 SU-02 PU-04",
    "Numbers are read by strtod and cut: `1.5` is 1, `2e3` is 2000.",
    "AT+ALYCONNECTCFG=1.5,1883,0\nAT+ALYMQTTCFG=0,2e3,60000\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def number(orig: Any, param: Param) -> int:
        if not param.quoted and re.fullmatch(rb"[0-9]{1,9}(\.[0-9]{0,9})?([eE][0-9]{1,2})?", param.text):
            return int(float(param.text))
        return int(orig(param))

    wrap(fw.params, "number", number)


# -- login and session


@fault(
    "op-name-set-while-open-ignored",
    "history",
    "OP-01 OP-02 ID-01-DN FZ-02",
    "A DeviceName set while a session is open is shown, but the next OPEN logs in with the old one.",
    '!open\nAT+ALYDEVICENAME="new"\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    latched: list[bytes] = []

    def put(orig: Any, key: str, value: bytes) -> None:
        if key == "DN" and fw.session.is_open and not latched:
            latched.append(fw.identity.get("DN"))
        orig(key, value)

    def values(orig: Any) -> dict[str, bytes]:
        found: dict[str, bytes] = orig()
        return found | {"DN": latched[0]} if latched else found

    def started(orig: Any, mqtt: Mqtt) -> None:
        latched.clear()
        orig(mqtt)

    wrap(fw.identity, "put", put)
    wrap(fw.session, "values", values)
    wrap(fw.session, "started", started)


@fault(
    "op-securemode-of-failed-tls",
    "history",
    "OP-01 OP-02",
    "The first login in clear after a TLS connection that could not be set up says securemode=2.",
    "!break-tls\nAT+ALYCONNECTCFG=0,443,1\n!open\nAT+ALYCONNECTCFG=0,1883,0\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    failed: list[int] = []

    def reach(orig: Any, connection: Connection) -> bool:
        reached = bool(orig(connection))
        if connection.tls and not reached:
            failed[:] = [1]
        return reached

    def mode(orig: Any, tls: bool) -> bytes:
        return bytes(orig(True if failed and failed.pop() else tls))

    wrap(fw.session, "reach", reach)
    wrap(fw.login, "mode", mode)


@fault(
    "op-three-failures-lock",
    "history",
    "OP-01 OP-05 FZ-02",
    "After three OPENs in a row that ended in 700 the module tries no more until the power is cut.",
    "AT+ALYMQTTCFG=0,600,60000\n!id\n!mute 1\n!again 3 AT+ALYMQTTOPEN\n!mute 0\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    failures = [0]

    def op(orig: Any) -> None:
        if failures[0] >= 3 and fw.session.missing() is None:
            raise Refusal(NETWORK)
        try:
            orig()
            failures[0] = 0
        except Refusal as refusal:
            failures[0] += refusal.code == NETWORK
            raise

    wrap(fw.session, "open", op)


@fault(
    "op-refused-over-tls-ok",
    "combination",
    "OP-06",
    "Over TLS the return code of CONNACK is not looked at: a refused login is answered OK.",
    "!refuse 5\nAT+ALYCONNECTCFG=0,443,1\n!open",
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "accepted", lambda orig, answer: None if fw.session.used[0].tls else orig(answer))


@fault(
    "op-last-secret-signs",
    "history",
    "OP-02 FZ-02",
    "The secret that was set last signs the login, be it the ProductSecret.",
    '!id\nAT+ALYPRODUCTSECRET="ps"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    last: list[str] = []

    def put(orig: Any, key: str, value: bytes) -> None:
        orig(key, value)
        if key in ("DS", "PS"):
            last[:] = [key]

    def sign(orig: Any, key: bytes, content: bytes) -> bytes:
        return bytes(orig((last == ["PS"] and fw.identity.get("PS")) or key, content))

    wrap(fw.identity, "put", put)
    wrap(fw.login, "sign", sign)


@fault(
    "op-colon-encoded",
    "combination",
    "OP-01 OP-02",
    "A colon or an at sign of the DeviceName goes into the username as in a URL, `%3A` or `%40`.",
    'AT+ALYPRODUCTKEY="pk"\nAT+ALYDEVICENAME="pump:1"\nAT+ALYDEVICESECRET="s"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    wrap(fw.login, "username", lambda orig, values: orig(values).replace(b":", b"%3A").replace(b"@", b"%40"))


@fault(
    "cl-no-disconnect-after-707",
    "history",
    "CL-02",
    "A session in which OPEN was answered 707 ends without DISCONNECT.",
    "!open\nAT+ALYMQTTOPEN\nAT+ALYMQTTCLOSE",
)
def _(fw: Firmware) -> None:
    warned: set[int] = set()

    def op(orig: Any) -> None:
        try:
            orig()
        except Refusal as refusal:
            if refusal.code == IS_OPEN:
                warned.add(fw.session.generation)
            raise

    def goodbye(orig: Any) -> None:
        if fw.session.generation - 1 not in warned:
            orig()

    wrap(fw.session, "open", op)
    wrap(fw.session, "goodbye", goodbye)


@fault(
    "cl-waits-for-the-cloud",
    "combination",
    "CL-01 FMT-01",
    "CLOSE leaves the end of TCP to the cloud and waits for it without end.",
    "!open\n!mute 14\nAT+ALYMQTTCLOSE",
)
def _(fw: Firmware) -> None:
    def close(orig: Any) -> None:
        link = fw.session.link

        def finish(orderly: Any, seconds: float) -> None:
            assert link is not None
            link.on_bytes = lambda data: None
            link.on_end = lambda: None
            fw.board.loop.wait(lambda: not link.alive, FOR_EVER)
            orderly(seconds)

        if link is not None:
            wrap(link, "finish", finish)
        orig()

    wrap(fw.session, "close", close)


# -- subscriptions


@fault(
    "su-same-first-40",
    "history",
    "SU-01 SU-04",
    "A topic whose first 40 bytes are those of one subscribed in the session is taken for that one: nothing is sent.",
    '!open\nAT+ALYMQTTSUB="/sys/a1pnQWj9dvs/test/thing/service/property/set",0\n'
    'AT+ALYMQTTSUB="/sys/a1pnQWj9dvs/test/thing/service/property/get",0',
)
def _(fw: Firmware) -> None:
    heads: dict[bytes, int] = {}

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        now = fw.session.generation
        if not fw.session.is_open or len(topic) <= 40 or heads.get(topic[:40]) != now:
            orig(topic, qos)
            heads[topic[:40]] = now

    wrap(fw.session, "subscribe", subscribe)


@fault(
    "su-refused-while-closed-done-at-open",
    "history",
    "FMT-12 FZ-02",
    "SUB while closed is refused, and carried out by the next OPEN all the same.",
    '!id\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    waiting: list[tuple[bytes, int]] = []

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        if not fw.session.is_open:
            waiting.append((topic, qos))
        orig(topic, qos)

    def op(orig: Any) -> None:
        orig()
        while waiting:
            with contextlib.suppress(Refusal):
                fw.session.subscribe(*waiting.pop(0))

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "open", op)


@fault(
    "su-late-suback-of-another",
    "history",
    "SU-05 SU-01",
    "The packet identifier of SUBACK is not looked at: a late one answers the next SUB, even one that is refused.",
    'AT+ALYMQTTCFG=0,600,60000\n!open\n!mute 8\nAT+ALYMQTTSUB="/x",0\n!mute 0\n!late 8 9003000100\n'
    '!refuse-topic /a\nAT+ALYMQTTSUB="/a",0',
)
def _(fw: Firmware) -> None:
    def handle(orig: Any, packet: p.Packet) -> None:
        answers = fw.session.awaited.answers
        waiting = next((pid for kind, pid in answers if kind == p.SUBACK), None)
        if packet.kind != p.SUBACK or waiting is None:
            orig(packet)
        elif answers[p.SUBACK, waiting] is None:
            orig(p.Packet(packet.kind, packet.flags, p.number(waiting) + packet.body[2:]))

    wrap(fw.session, "handle", handle)


@fault(
    "su-refused-qos-ends",
    "history",
    "SU-04 FMT-12 FZ-02",
    "SUB of a standing topic with a bad QoS is refused, and ends the subscription.",
    '!open\nAT+ALYMQTTSUB="/a",0\nAT+ALYMQTTSUB="/a",3',
)
def _(fw: Firmware) -> None:
    table = Table(fw)

    def command(operand: bytes) -> list[bytes]:
        try:
            return fw.commands.sub_command(operand)
        except Refusal as refusal:
            match = re.match(rb'="([^"\\]+)",', operand)
            bad = refusal.code in (BAD_VALUE, BAD_NUMBER)
            if bad and match and match.group(1) in table.topics and fw.session.is_open:
                fw.session.unsubscribe(match.group(1))
            raise

    fw.commands.table[b"ALYMQTTSUB"] = command


@fault(
    "un-comes-back-at-open",
    "history",
    "UN-01 FZ-02",
    "With clean_session 0 OPEN subscribes again to all that the last session had, also to what it had ended by UNSUB.",
    '!open\nAT+ALYMQTTSUB="/a",1\nAT+ALYMQTTUNSUB="/a"\nAT+ALYMQTTCLOSE\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    topics: dict[bytes, int] = {}

    def subscribe(orig: Any, topic: bytes, qos: int) -> None:
        orig(topic, qos)
        topics[topic] = qos

    def op(orig: Any) -> None:
        orig()
        last = dict(topics)
        topics.clear()
        for topic, qos in last.items():
            if not fw.session.used[1].clean:
                with contextlib.suppress(Refusal):
                    fw.session.subscribe(topic, qos)

    wrap(fw.session, "subscribe", subscribe)
    wrap(fw.session, "open", op)


@fault(
    "un-long-topic-length",
    "combination",
    "UN-01 MQ-01",
    "UNSUBSCRIBE has room for one byte of length: with a topic of 124 bytes or more it goes out broken.",
    '!open\nAT+ALYMQTTSUB="/{t*124}",0\nAT+ALYMQTTUNSUB="/{t*124}"',
)
def _(fw: Firmware) -> None:
    def send(orig: Any, data: bytes) -> None:
        if data[0] >> 4 == p.UNSUBSCRIBE and data[1] & 0x80:
            data = data[:1] + bytes([data[1] & 0x7F]) + data[3:]
        orig(data)

    wrap(fw.session, "send_bytes", send)


# -- lines


@fault(
    "px-plus-signs-escape",
    "parser",
    "FMT-01 FZ-01 PU-01 PU-03 ID-01-*",
    "Three plus signs in a row leave data mode wherever they stand: the line up to them is thrown away.",
    '!open\nAT+ALYMQTTPUB="/a",0,"1+++2"\nAT',
)
def _(fw: Firmware) -> None:
    on_raw(fw, lambda raw: raw.rpartition(b"+++")[2])


@fault(
    "px-lf-aborts",
    "combination",
    "FMT-08 OP-01 SU-01 UN-01",
    "A byte that comes while OPEN, SUB or UNSUB runs aborts it, and so does an LF behind their CR.",
    "!id\n!serial 41542b414c594d5154544f50454e0d0a\n!lines 1\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    with_lf: list[Line] = []

    def feed(orig: Any, data: bytes) -> Any:
        for line in orig(data):
            with_lf[:] = [line] if b"\r\n" in data else []
            yield line

    def obey(orig: Any, line: Line) -> Any:
        information = orig(line)
        name = line.raw[:14].upper()
        if any(line is marked for marked in with_lf) and not information:
            if name == b"AT+ALYMQTTOPEN":
                fw.session.end()
            if name.startswith((b"AT+ALYMQTTOPEN", b"AT+ALYMQTTSUB=", b"AT+ALYMQTTUNSU")):
                raise Refusal(NOT_ALLOWED)
        return information

    wrap(fw.reader, "feed", feed)
    wrap(fw, "obey", obey)
