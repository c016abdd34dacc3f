"""Faults of MQTT settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .firmware import Firmware
from .lines import Refusal
from .registry import Registry, wrap
from .settings import Mqtt

AREA = Registry("mqtt settings")
fault = AREA


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
    "MC-06 SE-01",
    "Over TLS CONNECT always asks for a clean session.",
    "AT+ALYCONNECTCFG=0,443,1\n!open",
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "clean", lambda orig, mqtt: 1 if fw.session.used[0].tls else orig(mqtt))


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
    "mc-shown-line-cut",
    "combination",
    "MC-03",
    "The answer to AT+ALYMQTTCFG? is cut to 27 characters.",
    "AT+ALYMQTTCFG=0,150000,1200000\nAT+ALYMQTTCFG?",
)
def _(fw: Firmware) -> None:
    wrap(fw.commands, "show_mqtt", lambda orig, held: orig(held)[:27])


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
