"""Faults of connection and MQTT settings."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from .firmware import Firmware
from .lines import Param, Refusal
from .registry import Registry, wrap
from .settings import Connection, Mqtt

AREA = Registry("settings")
fault = AREA


def low_bits(fw: Firmware, bits: int, field: int) -> None:
    """One field of the connection settings is kept in so many bits."""

    def numbers(orig: Any, raw: bytes, count: int) -> list[int]:
        found: list[int] = orig(raw, count)
        if fw.memo.get("in-connection"):
            found[field] &= (1 << bits) - 1
        return found

    def set_connection(orig: Any, raw: bytes) -> None:
        fw.memo["in-connection"] = True
        try:
            orig(raw)
        finally:
            fw.memo["in-connection"] = False

    wrap(fw.commands, "numbers", numbers)
    wrap(fw.commands, "set_connection", set_connection)


@fault(
    "cc-region-in-a-byte",
    "plain",
    "CC-03",
    "The region is kept in one byte: 256 is taken as 0.",
    "AT+ALYCONNECTCFG=256,1883,0\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    low_bits(fw, 8, 0)


@fault(
    "cc-region-in-32-bits",
    "combination",
    "CC-03",
    "The region is read into 32 bits: 4294967296 is taken as 0.",
    "AT+ALYCONNECTCFG=4294967296,1883,0\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    low_bits(fw, 32, 0)


@fault(
    "cc-port-in-16-bits-with-tls",
    "combination",
    "CC-05",
    "With tls_flag 1 the port is read into 16 bits: 65536+443 is taken as 443.",
    "AT+ALYCONNECTCFG=0,65979,1\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def fits(orig: Any, new: Connection) -> bool:
        return bool(orig(replace(new, port=new.port & 0xFFFF) if new.tls == 1 else new))

    def keep(orig: Any, new: Connection) -> None:
        orig(replace(new, port=new.port & 0xFFFF))

    wrap(fw.settings, "connection_fits", fits)
    wrap(fw.settings, "set_connection", keep)


@fault(
    "cc-bad-tls-leaves-port",
    "combination",
    "CC-06 FMT-12 FZ-02",
    "A set refused for its tls_flag has changed region and port already.",
    "AT+ALYCONNECTCFG=1,8883,2\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def fits(orig: Any, new: Connection) -> bool:
        good = bool(orig(new))
        if not good and orig(replace(new, tls=0)):
            fw.settings.connection = replace(new, tls=fw.settings.connection.tls)
        return good

    wrap(fw.settings, "connection_fits", fits)


@fault(
    "cc-refused-while-open-resets",
    "combination",
    "CC-06 FMT-12 FZ-02",
    "A refused set of the connection settings puts them back to the defaults when a session is open.",
    "AT+ALYCONNECTCFG=2,1884,0\n!open\nAT+ALYCONNECTCFG=9,1,0\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def set_connection(orig: Any, raw: bytes) -> None:
        try:
            orig(raw)
        except Refusal:
            if fw.session.is_open:
                fw.settings.connection = Connection()
            raise

    wrap(fw.commands, "set_connection", set_connection)


@fault(
    "cc-survives-when-set-twice",
    "history",
    "PC-03 CC-01",
    "Connection settings that are set to the same values twice are kept over a power cut.",
    "AT+ALYCONNECTCFG=2,1884,0\nAT+ALYCONNECTCFG=2,1884,0\n!off\n!on\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    fw.settings.connection = fw.memo.get("pinned", Connection())

    def keep(orig: Any, new: Connection) -> None:
        if new == fw.settings.connection:
            fw.memo["pinned"] = new
        orig(new)

    wrap(fw.settings, "set_connection", keep)


@fault(
    "cc-port-survives-with-region",
    "combination",
    "PC-03 CC-01",
    "The port survives a power cut when it was set together with region 5.",
    "AT+ALYCONNECTCFG=5,1884,0\n!off\n!on\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    fw.settings.connection = Connection(port=fw.memo.get("own-port", 1883))

    def keep(orig: Any, new: Connection) -> None:
        if new.region == 5:
            fw.memo["own-port"] = new.port
        orig(new)

    wrap(fw.settings, "set_connection", keep)


@fault(
    "cc-survives-a-used-one",
    "history",
    "PC-03 CC-01",
    "Connection settings that a TLS session was opened with are there again after a power cut.",
    "AT+ALYCONNECTCFG=0,443,1\n!open\n!off\n!on\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    fw.settings.connection = fw.memo.get("used-connection", Connection())

    def accepted(orig: Any, answer: bytes) -> None:
        orig(answer)
        if fw.settings.connection.tls:
            fw.memo["used-connection"] = fw.settings.connection

    wrap(fw.session, "accepted", accepted)


@fault(
    "mc-survives-a-used-one",
    "history",
    "PC-04 MC-01",
    "MQTT settings that a session was closed with in good order are there again after a power cut.",
    "AT+ALYMQTTCFG=1,3000,90000\n!open\nAT+ALYMQTTCLOSE\n!off\n!on\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    fw.settings.mqtt = fw.memo.get("used", Mqtt())

    def close(orig: Any) -> None:
        orig()
        fw.memo["used"] = fw.settings.mqtt

    wrap(fw.session, "close", close)


@fault(
    "mc-keepalive-survives",
    "history",
    "PC-04 MC-01",
    "The keep-alive survives a power cut when it was set to two different values since power-up.",
    "AT+ALYMQTTCFG=1,3000,90000\nAT+ALYMQTTCFG=1,3000,95000\n!off\n!on\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    fw.settings.mqtt = Mqtt(keepalive=fw.memo.get("keepalive", 60000))
    changes: list[int] = []

    def keep(orig: Any, new: Mqtt) -> None:
        if new.keepalive != fw.settings.mqtt.keepalive:
            changes.append(new.keepalive)
        if len(changes) > 1:
            fw.memo["keepalive"] = new.keepalive
        orig(new)

    wrap(fw.settings, "set_mqtt", keep)


@fault(
    "mc-bad-keepalive-leaves-timeout",
    "combination",
    "MC-04 FMT-12 FZ-02",
    "A set refused for its third parameter has changed the timeout already.",
    "AT+ALYMQTTCFG=0,7000,x\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    def set_mqtt(orig: Any, raw: bytes) -> None:
        try:
            orig(raw)
        except Refusal:
            fields = raw.split(b",")
            if len(fields) == 3 and fields[0] in (b"0", b"1") and fields[1].isdigit() and len(fields[1]) < 10:
                fw.settings.mqtt = replace(fw.settings.mqtt, timeout=int(fields[1]))
            raise

    wrap(fw.commands, "set_mqtt", set_mqtt)


@fault(
    "mc-keepalive-in-whole-minutes",
    "combination",
    "MC-07",
    "CONNECT's keep-alive is cut to whole minutes (one at least).",
    "AT+ALYMQTTCFG=0,2000,90000\n!open",
)
def _(fw: Firmware) -> None:
    def announced(orig: Any, mqtt: Mqtt) -> int:
        return max(60, mqtt.keepalive // 60000 * 60) if mqtt.keepalive >= 1000 else int(orig(mqtt))

    wrap(fw.session, "announced", announced)


@fault(
    "mc-keepalive-of-last-open",
    "history",
    "MC-07",
    "CONNECT carries the keep-alive of the OPEN before, when clean_session was changed as well.",
    "!open\nAT+ALYMQTTCLOSE\nAT+ALYMQTTCFG=1,2000,300000\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    before: list[Mqtt] = []

    def announced(orig: Any, mqtt: Mqtt) -> int:
        last = before[-1] if before else mqtt
        before.append(mqtt)
        return int(orig(last if last.clean != mqtt.clean else mqtt))

    wrap(fw.session, "announced", announced)


@fault(
    "mc-keepalive-in-16-bits",
    "plain",
    "MC-03 FZ-02",
    "The keep-alive's milliseconds are kept in 16 bits: 120000 becomes 54464.",
    "AT+ALYMQTTCFG=0,2000,120000\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    wrap(fw.settings, "set_mqtt", lambda orig, new: orig(replace(new, keepalive=new.keepalive & 0xFFFF)))


@fault(
    "mc-longer-timeout-swapped",
    "combination",
    "MC-03 FZ-02",
    "A timeout longer than the keep-alive is kept as the keep-alive, and the other way round.",
    "AT+ALYMQTTCFG=0,90000,60000\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    def keep(orig: Any, new: Mqtt) -> None:
        orig(replace(new, timeout=min(new.timeout, new.keepalive), keepalive=max(new.timeout, new.keepalive)))

    wrap(fw.settings, "set_mqtt", keep)


@fault(
    "mc-keepalive-alone-is-no-change",
    "history",
    "MC-03 FZ-02",
    "When only the keep-alive differs from what is set, the set is taken for no change.",
    "AT+ALYMQTTCFG=0,2000,90000\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    def keep(orig: Any, new: Mqtt) -> None:
        old = fw.settings.mqtt
        if (new.clean, new.timeout) != (old.clean, old.timeout):
            orig(new)

    wrap(fw.settings, "set_mqtt", keep)


@fault(
    "cc-hexadecimal-numbers",
    "plain",
    "CC-03 CC-04 CC-05 MC-04",
    "Numbers are read with base 0: `0x5B` is one.",
    "AT+ALYCONNECTCFG=0,0x75B,0\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def number(orig: Any, param: Param) -> int:
        match = re.fullmatch(rb"0[xX]([0-9a-fA-F]{1,8})", param.text)
        if match and not param.quoted:
            return int(match.group(1), 16)
        return int(orig(param))

    wrap(fw.params, "number", number)


@fault(
    "cc-last-number-like-atoi",
    "combination",
    "CC-04 MC-04",
    "The last number of a settings line may have anything behind its digits.",
    "AT+ALYCONNECTCFG=0,1883,1x\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def numbers(orig: Any, raw: bytes, count: int) -> list[int]:
        head, comma, last = raw.rpartition(b",")
        digits = last[: len(last) - len(last.lstrip(b"0123456789"))]
        return list(orig(head + comma + (digits or last), count))

    wrap(fw.commands, "numbers", numbers)


@fault(
    "mc-any-number-is-clean",
    "combination",
    "MC-02 MC-04",
    "Any clean_session but 0 is taken as 1 (even -1), when it is one digit.",
    "AT+ALYMQTTCFG=7,2000,60000\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    def set_mqtt(orig: Any, raw: bytes) -> None:
        first, comma, rest = raw.partition(b",")
        if first.lstrip(b"-").isdigit() and len(first.lstrip(b"-")) == 1 and first.lstrip(b"-") != b"0":
            first = b"1"
        orig(first + comma + rest)

    wrap(fw.commands, "set_mqtt", set_mqtt)


@fault(
    "mc-clean-of-first-open",
    "history",
    "MC-06 SE-01 SE-02",
    "CONNECT carries the clean_session of the first OPEN since power-up.",
    "!open\nAT+ALYMQTTCLOSE\nAT+ALYMQTTCFG=1,2000,60000\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    first: list[int] = []

    def clean(orig: Any, mqtt: Mqtt) -> int:
        first.append(mqtt.clean)
        return first[0]

    wrap(fw.session, "clean", clean)


@fault(
    "mc-clean-over-tls",
    "combination",
    "MC-06",
    "Over TLS CONNECT always asks for a clean session.",
    "AT+ALYCONNECTCFG=0,443,1\n!open",
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "clean", lambda orig, mqtt: 1 if fw.session.used[0].tls else orig(mqtt))


@fault(
    "cc-shown-late-while-open",
    "combination",
    "CC-02 FZ-02",
    "Connection settings made while a session is open are not shown before CLOSE.",
    "!open\nAT+ALYCONNECTCFG=3,1883,0\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def show(orig: Any, held: Connection) -> bytes:
        return bytes(orig(fw.session.used[0] if fw.session.is_open else held))

    wrap(fw.commands, "show_connection", show)


@fault(
    "mc-made-while-open-lost",
    "history",
    "MC-03 MC-06 MC-07 FZ-02",
    "MQTT settings made while a session is open are gone when it is closed.",
    "!open\nAT+ALYMQTTCFG=1,2000,90000\nAT+ALYMQTTCLOSE\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    def close(orig: Any) -> None:
        orig()
        fw.settings.mqtt = fw.session.used[1]

    wrap(fw.session, "close", close)


@fault(
    "cc-empty-port-keeps",
    "combination",
    "CC-05 CC-07",
    "An empty port is answered OK and keeps the old one.",
    "AT+ALYCONNECTCFG=0,,0",
)
def _(fw: Firmware) -> None:
    def set_connection(orig: Any, raw: bytes) -> None:
        fields = raw.split(b",")
        if len(fields) == 3 and not fields[1]:
            fields[1] = b"%d" % fw.settings.connection.port
        orig(b",".join(fields))

    wrap(fw.commands, "set_connection", set_connection)


@fault(
    "mc-comma-at-the-end",
    "combination",
    "MC-04 CC-07",
    "A comma behind the last number of a settings line is overlooked.",
    "AT+ALYMQTTCFG=0,2000,60000,",
)
def _(fw: Firmware) -> None:
    def numbers(orig: Any, raw: bytes, count: int) -> list[int]:
        return list(orig(raw[:-1] if raw.endswith(b",") and raw.count(b",") == count else raw, count))

    wrap(fw.commands, "numbers", numbers)


@fault(
    "cc-own-region-without-tls",
    "combination",
    "CC-02 FZ-02",
    "Region 5 is refused with tls_flag 1.",
    "AT+ALYCONNECTCFG=5,443,1",
)
def _(fw: Firmware) -> None:
    wrap(fw.settings, "connection_fits", lambda orig, new: orig(new) and not (new.region == 5 and new.tls))


@fault(
    "cc-high-port-negative",
    "plain",
    "CC-05",
    "Ports from 32768 on are shown as negative numbers.",
    "AT+ALYCONNECTCFG=0,40000,0\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def show(orig: Any, held: Connection) -> bytes:
        return bytes(orig(replace(held, port=held.port - 65536) if held.port > 32767 else held))

    wrap(fw.commands, "show_connection", show)


@fault(
    "cc-default-after-close",
    "history",
    "CC-02 CC-05 FZ-02",
    "CLOSE puts region and port back to 0 and 1883.",
    "AT+ALYCONNECTCFG=2,1884,0\n!open\nAT+ALYMQTTCLOSE\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    def close(orig: Any) -> None:
        orig()
        fw.settings.connection = Connection(tls=fw.settings.connection.tls)

    wrap(fw.session, "close", close)


@fault(
    "mc-shown-line-cut",
    "combination",
    "MC-03",
    "The answer to AT+ALYMQTTCFG? is cut to 27 characters.",
    "AT+ALYMQTTCFG=0,150000,1200000\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    wrap(fw.commands, "show_mqtt", lambda orig, held: orig(held)[:27])


@fault(
    "cc-equals-sign-with-tls",
    "combination",
    "FMT-03",
    "The answer to AT+ALYCONNECTCFG? has `=` for its colon when tls_flag is 1.",
    "AT+ALYCONNECTCFG=0,443,1\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    wrap(
        fw.commands,
        "show_connection",
        lambda orig, held: orig(held).replace(b":", b"=") if held.tls else orig(held),
    )


@fault(
    "mc-long-answer-ends-in-lf",
    "combination",
    "FMT-02",
    "An answer to AT+ALYMQTTCFG? of 26 characters or more ends in LF without CR.",
    "AT+ALYMQTTCFG=0,12000,600000\n!serial 41542b414c594d5154544346473f0d\n!lines 2",
)
def _(fw: Firmware) -> None:
    def answer(orig: Any, line: Any, information: list[bytes], code: int | None) -> None:
        if information and information[0].startswith(b"+ALYMQTTCFG:") and len(information[0]) >= 26:
            fw.send(b"\r\n" + information[0] + b"\n\r\n" + fw.final(code) + b"\r\n")
            return
        orig(line, information, code)

    wrap(fw, "answer", answer)
