"""A made-up run: all verdicts, about a hundred requirements, and a module that sends what no module should."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from reports.record import RecordWriter
from reports.verdicts import RULES, Verdict

HOSTILE = (
    '\x1b[31m\x00\x07"><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">'
    "\xe2\x80\xae{{ 7 * 7 }}\xff\r\n"
)
"""Bytes as latin-1: terminal codes, markup, a right-to-left override in UTF-8, a template, a stray byte."""
HOSTILE_TEXT = 'got "\x1b]0;x\x07<b>bold</b>\u202egnp.exe\ud800\ufffe" & more'
SECTIONS = {
    "2.3": ("Command and response format", "命令与响应格式"),
    "2.4.1": ("AT+ALYDEVICENAME", "设备名 AT+ALYDEVICENAME"),
    "2.4.5": ("AT+ALYCONNECTCFG", "连接参数 AT+ALYCONNECTCFG"),
    "2.4.11": ("AT+ALYMQTTPUB", "发布 AT+ALYMQTTPUB"),
    "2.4.12": ("+MQTTRECV", "接收 +MQTTRECV"),
}
FAMILIES = {"2.3": "FMT", "2.4.1": "ID", "2.4.5": "CC", "2.4.11": "PU", "2.4.12": "RV"}
PER_SECTION = 20
VERDICTS = tuple(verdict for verdict in Verdict if verdict not in (Verdict.WAIVED, Verdict.NOT_PROVEN))


def nodeid(identifier: str) -> str:
    """The test of a requirement."""
    return f"conformance/test_section.py::test_{identifier.replace('-', '_').lower()}[<b>value</b>]"


def requirements() -> list[dict[str, str]]:
    """A hundred requirements over five sections, all levels."""
    return [
        {
            "id": f"{family}-{number:02d}",
            "section": section,
            "table": family.lower(),
            "level": "MIO"[number % 3],
            "en": f"A set is answered with OK, and a query then returns the value number {number} byte for byte.",
            "zh": f"设置返回 OK，随后查询逐字节返回第 {number} 个值。",
        }
        for section, family in FAMILIES.items()
        for number in range(1, PER_SECTION + 1)
    ]


def ambiguities() -> list[dict[str, Any]]:
    """A register of two: one that a single requirement rests on, and one on which requirements of all verdicts do."""
    return [
        {
            "id": "AMB-01",
            "sections": ["2.3"],
            "what": {"en": "Section 2.3 says = and 2.4 a colon.", "zh": "2.3 节用 =，2.4 节用冒号。"},
            "ruling": {"en": "The colon it is.", "zh": "以冒号为准。"},
            "requirements": ["FMT-01"],
        },
        {
            "id": "AMB-02",
            "sections": ["2.4.1", "2.4.5"],
            "what": {"en": "No maximum is given.", "zh": "没有给出最大值。"},
            "ruling": {"en": "It is recorded.", "zh": "予以记录。"},
            "requirements": [entry["id"] for entry in requirements() if entry["section"] == "2.4.1"],
        },
    ]


def bounds() -> list[dict[str, Any]]:
    """Numbers that verdicts rest on: with a unit that has words, with one that has none, with a fraction, bare."""
    entries: list[tuple[str, int | float, str]] = [
        ("open_seconds", 150, "s"),
        ("late_factor", 1.5, "fold"),
        ("rounds", 20, "times"),
        ("supply", 3800, "mV"),
        ("tls_port", 443, ""),
    ]
    return [
        {
            "name": name,
            "value": value,
            "unit": unit,
            "en": f"Hosts wait as long for {name}.",
            "zh": f"主机对 {name} 同样等待。",
            "requirements": ["ID-01", "RV-03"],
        }
        for name, value, unit in entries
    ]


def run_fields(**changes: Any) -> dict[str, Any]:
    """The fields of the run event."""
    return {
        "schema": 1,
        "rules": RULES,
        "suite": {"version": "0.1.0", "commit": "412282b0c0ffee", "dirty": True},
        "python": "3.11.2",
        "libraries": {"pytest": "9.1.1", "pyserial": "3.5"},
        "host": {"name": "bench-3", "system": "Linux", "machine": "x86_64"},
        "profile": "full",
        "strict": False,
        "lang": "zh",
        "rig": {
            "name": "lab-07",
            "serial": {"url": "/dev/ttyUSB0", "baudrate": 115200},
            "power": {"driver": "command"},
            "cloud": {"listen": "127.0.0.1:1883", "broker": "embedded"},
        },
        **changes,
    }


def write_head(record: RecordWriter, **changes: Any) -> None:
    """Everything of a run that comes before its first test."""
    record.write("run", **run_fields(**changes))
    entries = requirements()
    record.write(
        "catalogue",
        hash="ab" * 32,
        requirements=entries,
        sections=[{"key": key, "en": en, "zh": zh} for key, (en, zh) in SECTIONS.items()],
        ambiguities=ambiguities(),
        bounds=bounds(),
        commands=[
            {"name": "+ALYDEVICENAME", "forms": ["query", "set"]},
            {"name": "+ALYMQTTOPEN", "forms": ["execute"]},
            {"name": "+ALYMQTTPUB", "forms": ["test", "set"]},
        ],
        # The last of each section has no test at all.
        tests={entry["id"]: [nodeid(entry["id"])] for entry in entries if not entry["id"].endswith(str(PER_SECTION))},
        whole=True,
    )
    record.write(
        "module",
        identity={"ATI": ["ML302", HOSTILE], "AT+CGMR": ["ML302_V1.0.7"]},
        model="ML302",
        revision="ML302_V1.0.7<script>",
        serial_number="861234567890123",
        dialect={"form": "+CME ERROR: n", "shows_codes": True},
    )


def write_test(record: RecordWriter, identifier: str, verdict: Verdict, number: int = 1) -> None:
    """One whole test with a command, an answer, packets and a finding."""
    test = nodeid(identifier)
    record.write("test-start", test=test, requirements=[identifier])
    sent = record.write("serial", test=test, dir="tx", data='AT+ALYMQTTPUB=/pk/dn/user/get,0,"{\\"a\\":1}"\r')
    record.write("serial", test=test, dir="rx", data="\r\n+ALYDEVICENAME: 测试".encode().decode("latin-1"))
    got = record.write("serial", test=test, dir="rx", data=HOSTILE)
    record.write(
        "exchange",
        test=test,
        exchange=number,
        command="AT+ALYMQTTPUB=...",
        lines=[HOSTILE],
        final=None if number % 7 == 0 else "+CME ERROR: 708",
        code=708,
        silent=number % 7 == 0,
        seconds=0.0123,
        **{"from": sent, "to": got},
    )
    record.write(
        "mqtt",
        connection=1,
        dir="up",
        packet="PUBLISH",
        fields={"topic": "/pk/dn/user/get", "qos": 0, "payload": HOSTILE},
        hex="300f" + "61" * 90,
    )
    record.write("mqtt", connection=1, dir="down", packet="PUBACK", fields={"packet_id": 7}, hex="40020007")
    record.write("cloud", event="fault-on", connection=None, fault="withhold PUBACK")
    record.write("power", test=test, action="booted", driver="command", seconds=0.5)
    record.write(
        "finding",
        test=test,
        requirement=identifier,
        verdict=verdict,
        title=f"the value comes back {HOSTILE_TEXT}",
        expected="+ALYDEVICENAME:<value>, then OK",
        observed=f"{verdict.lower()}: {HOSTILE_TEXT}",
        evidence=[sent, got],
        observation={"space after the colon": True, "raw": HOSTILE} if verdict is Verdict.OBSERVED else None,
    )
    record.write("test-end", test=test, verdict=verdict, seconds=0.25)


RESULTS = 2000
"""Tests of a run as large as a soak."""


def write_many(path: Path, tests: int, commands: int = 12) -> None:
    """A run as large as a soak: every test with its own values, some of them breaches."""
    chance = random.Random(tests)
    ids = [entry["id"] for entry in requirements()]
    with RecordWriter(path) as record:
        write_head(record)
        for number in range(tests):
            identifier = ids[number % len(ids)]
            test = f"{nodeid(identifier)}[{number}]"
            verdict = VERDICTS[number // 25 % len(VERDICTS)] if number % 25 == 0 else Verdict.PASS
            record.write("test-start", test=test, requirements=[identifier])
            evidence = [
                seq for _ in range(commands) for seq in write_exchange(record, test, chance.randbytes(24).hex())
            ]
            record.write(
                "finding",
                test=test,
                requirement=identifier,
                verdict=verdict,
                title="the value comes back",
                expected="+ALYDEVICENAME:<value>, then OK",
                observed=f"{verdict.lower()} in test {number}",
                evidence=evidence[-2:],
                observation=None,
            )
            record.write("test-end", test=test, verdict=verdict, seconds=0.25)
        record.write("end", exit_status=1, verdict="FAIL")


def write_exchange(record: RecordWriter, test: str, value: str) -> tuple[int, int]:
    """One command with its answer and the packets behind it; returns the evidence."""
    sent = record.write("serial", test=test, dir="tx", data=f'AT+ALYMQTTPUB="/pk/dn/user/get",1,"{value}"\r')
    packet = bytes.fromhex("3243000f") + value.encode()
    fields = {"topic": "/pk/dn/user/get", "qos": 1, "payload": value}
    record.write("mqtt", test=test, connection=1, dir="up", packet="PUBLISH", fields=fields, hex=packet.hex())
    record.write("mqtt", test=test, connection=1, dir="down", packet="PUBACK", fields={"packet_id": 7}, hex="40020007")
    got = record.write("serial", test=test, dir="rx", data="\r\nOK\r\n")
    record.write(
        "exchange",
        test=test,
        exchange=sent,
        command="AT+ALYMQTTPUB",
        lines=["OK"],
        final="OK",
        code=None,
        silent=False,
        seconds=0.0123,
        **{"from": sent, "to": got},
    )
    return sent, got


def write_run(path: Path, *, footer: bool = True, **changes: Any) -> None:
    """A run in which every verdict occurs in every section."""
    with RecordWriter(path) as record:
        write_head(record, **changes)
        tested = [entry["id"] for entry in requirements() if not entry["id"].endswith(("19", "20"))]
        for number, identifier in enumerate(tested):
            # Mostly good, so that the page looks as a page will.
            verdict = VERDICTS[number % len(VERDICTS)] if number % 4 == 0 else Verdict.PASS
            write_test(record, identifier, verdict, number)
        record.write("incident", text=f"the module fell silent {HOSTILE_TEXT}", act="check its supply", recovered=True)
        around = {"no network": (12.25, 41.0), f"a stranger at the gateway {HOSTILE_TEXT}": (50.5, 51.0)}
        for text, (begin, end) in around.items():
            times = {"begin": begin, "end": end}
            record.write("incident", text=text, act="lab: none", recovered=True, about="surroundings", **times)
        if footer:
            record.write("end", exit_status=1, verdict="FAIL")
