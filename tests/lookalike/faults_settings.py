"""Faults of connection settings."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from .firmware import Firmware
from .lines import Param, Refusal
from .registry import Registry, wrap
from .settings import Connection

AREA = Registry("connection settings")
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
    "cc-region-5-refused-with-tls",
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
