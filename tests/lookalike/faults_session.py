"""Faults of OPEN and CLOSE, of the login, and of sessions that outlive them."""

from __future__ import annotations

import hashlib
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
    "op-cleared-name-still-used",
    "history",
    "OP-03 FZ-02",
    "After a session OPEN goes on with the old DeviceName when the name has been cleared.",
    '!open\nAT+ALYMQTTCLOSE\nAT+ALYDEVICENAME=""\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    last: list[bytes] = []

    def values(orig: Any) -> dict[str, bytes]:
        found: dict[str, bytes] = orig()
        if not found["DN"] and last:
            found["DN"] = last[0]
        last[:] = [found["DN"]]
        return found

    wrap(fw.session, "values", values)


@fault(
    "op-missing-key-is-702",
    "combination",
    "OP-03",
    "Without ProductKey and with a ProductSecret set OPEN answers 702.",
    'AT+ALYPRODUCTSECRET="ps"\nAT+ALYDEVICENAME="dn"\nAT+ALYDEVICESECRET="ds"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    def missing(orig: Any) -> int | None:
        code: int | None = orig()
        return 702 if code == 701 and fw.identity.get("PS") else code

    wrap(fw.session, "missing", missing)


@fault(
    "op-product-secret-demanded",
    "history",
    "OP-01 OP-03",
    "A ProductSecret that was set and cleared again is demanded by OPEN: 702.",
    '!id\nAT+ALYPRODUCTSECRET="x"\nAT+ALYPRODUCTSECRET=""\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    touched: list[bytes] = []

    def put(orig: Any, key: str, value: bytes) -> None:
        orig(key, value)
        if key == "PS":
            touched.append(value)

    def missing(orig: Any) -> int | None:
        code: int | None = orig()
        return 702 if code is None and touched and not fw.identity.get("PS") else code

    wrap(fw.identity, "put", put)
    wrap(fw.session, "missing", missing)


@fault(
    "op-login-of-last-time",
    "history",
    "OP-02 OP-01",
    "The password is computed once and kept: after a new DeviceSecret the login is still signed with the old one.",
    '!open\nAT+ALYMQTTCLOSE\nAT+ALYDEVICESECRET="new"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    keys: dict[bytes, bytes] = {}

    def sign(orig: Any, key: bytes, content: bytes) -> bytes:
        return bytes(orig(keys.setdefault(b"DS", key), content))

    wrap(fw.login, "sign", sign)


@fault(
    "op-key-of-block-size",
    "combination",
    "OP-01 OP-02",
    "A DeviceSecret of exactly 64 bytes is hashed before it signs, as only longer ones should be.",
    'AT+ALYPRODUCTKEY="pk"\nAT+ALYDEVICENAME="dn"\nAT+ALYDEVICESECRET="{s*64}"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    wrap(
        fw.login,
        "sign",
        lambda orig, key, content: orig(hashlib.sha256(key).digest() if len(key) >= 64 else key, content),
    )


@fault(
    "op-secret-signed-to-32",
    "combination",
    "OP-01 OP-02",
    "Only the first 32 bytes of the DeviceSecret sign the login.",
    'AT+ALYPRODUCTKEY="pk"\nAT+ALYDEVICENAME="dn"\nAT+ALYDEVICESECRET="{s*40}"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    wrap(fw.login, "sign", lambda orig, key, content: orig(key[:32], content))


@fault(
    "op-login-buffer-48",
    "combination",
    "OP-01 OP-02",
    "The username is cut to 47 characters: a long DeviceName with a long ProductKey cannot log in.",
    'AT+ALYPRODUCTKEY="{p*20}"\nAT+ALYDEVICENAME="{d*32}"\nAT+ALYDEVICESECRET="s"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    wrap(fw.login, "username", lambda orig, values: orig(values)[:47])


@fault(
    "op-lower-key-over-tls",
    "combination",
    "OP-02 TL-01",
    "Over TLS the ProductKey of the username is the host name's: in lower case.",
    "AT+ALYCONNECTCFG=0,443,1\n!open",
)
def _(fw: Firmware) -> None:
    def username(orig: Any, values: dict[str, bytes]) -> bytes:
        if fw.session.used[0].tls:
            return values["DN"] + b"&" + values["PK"].lower()
        return bytes(orig(values))

    wrap(fw.login, "username", username)


@fault(
    "op-securemode-of-last-time",
    "history",
    "OP-02 TL-01",
    "The securemode is that of the first session since power-up.",
    "!open\nAT+ALYMQTTCLOSE\nAT+ALYCONNECTCFG=0,443,1\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    first: list[bytes] = []

    def mode(orig: Any, tls: bool) -> bytes:
        first.append(orig(tls))
        return first[0]

    wrap(fw.login, "mode", mode)


@fault(
    "op-ok-after-refused-login",
    "history",
    "OP-01 OP-06 FZ-02",
    "After a refused login the next OPEN is answered OK without a connection.",
    "!id\n!refuse 5\nAT+ALYMQTTOPEN\n!refuse 0\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    refused: list[int] = []

    def op(orig: Any) -> None:
        if refused and not fw.session.is_open:
            refused.clear()
            return
        orig()

    def accepted(orig: Any, answer: bytes) -> None:
        try:
            orig(answer)
        except Refusal:
            refused.append(1)
            raise

    wrap(fw.session, "open", op)
    wrap(fw.session, "accepted", accepted)


@fault(
    "op-open-after-unreachable",
    "history",
    "OP-05 FZ-02",
    "When CONNACK did not come, the state stays `connecting`: every later OPEN answers 707.",
    "!id\n!mute 1\nAT+ALYMQTTOPEN\n!lines 1\n!mute 0\nAT+ALYMQTTOPEN",
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
    "op-login-refusal-1-is-ok",
    "combination",
    "OP-06",
    "CONNACK's return code is tested for its upper bits: 1 (and only 1) counts as accepted.",
    "!id\n!refuse 1\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "accepted", lambda orig, answer: orig(answer[:1] + bytes([answer[1] & 0xFE])))


@fault(
    "op-twelfth-open-fails",
    "history",
    "OP-08 FZ-02",
    "A socket is leaked with each session: the twelfth OPEN since power-up answers 700.",
    "!open\nAT+ALYMQTTCLOSE\n" + "AT+ALYMQTTOPEN\nAT+ALYMQTTCLOSE\n" * 10 + "AT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    made: list[int] = []

    def reach(orig: Any, connection: Connection) -> bool:
        made.append(1)
        return len(made) < 12 and bool(orig(connection))

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
