"""The catalogues of faults and habits: well-formed, applicable, and each seen to make its difference."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise

import pytest

from rigs.simulator.conditions import CONDITIONS
from rigs.simulator.faults import FAULTS
from rigs.simulator.firmware import Firmware
from rigs.simulator.habits import HABITS
from tests.rigs.simulator.host import DEADLINE, ROOT

REQUIREMENT = re.compile(r"[A-Z]{2,3}-\d\d(-(DN|DS|PK|PS))?")


def answers(module: Firmware, *lines: bytes) -> list[list[bytes]]:
    return [module.answer(line) for line in lines]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_well_formed_and_can_be_seeded(firmware: Firmware, name: str) -> None:
    fault = FAULTS[name]
    assert fault.breaks
    assert all(REQUIREMENT.fullmatch(requirement) for requirement in fault.breaks)
    assert fault.lie[0].islower() or fault.lie.startswith(("OK", "AT"))
    fault.seed(firmware)


@pytest.mark.parametrize("name", HABITS)
def test_a_habit_can_be_adopted_and_the_module_still_works(firmware: Firmware, name: str) -> None:
    HABITS[name].adopt(firmware)
    value = firmware.dialect.text(b"test")
    lines = (b"AT", b'AT+ALYDEVICENAME="test"', b"AT+ALYDEVICENAME?", b"AT+ALYMQTTCFG=1,2000,60000")
    assert answers(firmware, *lines) == [
        [b"OK"],
        [b"OK"],
        [b"+ALYDEVICENAME" + firmware.dialect.colon + value, b"OK"],
        [b"OK"],
    ]
    assert b"OK" not in firmware.answer(b"AT+ALYCONNECTCFG=6,1883,0")


@pytest.mark.parametrize("name", HABITS)
def test_what_is_declared_of_a_habit_is_well_formed(name: str) -> None:
    habit = HABITS[name]
    assert all(isinstance(value, str | int) for value in habit.declares.values())
    assert all(REQUIREMENT.fullmatch(requirement) for requirement in habit.deviates)


@pytest.mark.parametrize("name", CONDITIONS)
def test_under_a_condition_the_module_answers_as_ever(firmware: Firmware, name: str) -> None:
    CONDITIONS[name].adopt(firmware)
    assert answers(firmware, b"AT", b"AT+ALYMQTTCFG?") == [[b"OK"], [b"+ALYMQTTCFG:0,2000,60000", b"OK"]]


def test_all_habits_can_be_combined(firmware: Firmware) -> None:
    for first, second in pairwise([*CONDITIONS.values(), *HABITS.values()]):
        first.adopt(firmware)
        second.adopt(firmware)
    assert firmware.answer(b"AT+ALYMQTTCFG=1,2000,60000") == [b"OK"]


@pytest.mark.parametrize(
    ("fault", "dialogue", "last"),
    [
        ("limit-one-too-high-dn", [b'AT+ALYDEVICENAME="%b"' % (b"x" * 33)], [b"OK"]),
        ("limit-one-too-low-pk", [b'AT+ALYPRODUCTKEY="%b"' % (b"x" * 20)], [b"+CME ERROR: 708"]),
        (
            "cut-with-ok-ds",
            [b"AT+ALYDEVICESECRET=" + b"x" * 65, b"AT+ALYDEVICESECRET?"],
            [b"+ALYDEVICESECRET:" + b"x" * 64, b"OK"],
        ),
        ("characters-counted-pk", [b"AT+ALYPRODUCTKEY=" + "é".encode() * 20], [b"OK"]),
        ("length-wraps-at-256-dn", [b"AT+ALYDEVICENAME=" + b"x" * 258], [b"OK"]),
        ("cross-talk-ds", [b"AT+ALYDEVICESECRET=x", b"AT+ALYDEVICENAME?"], [b"+ALYDEVICENAME:x", b"OK"]),
        (
            "open-quote-accepted-ps",
            [b'AT+ALYPRODUCTSECRET="x', b"AT+ALYPRODUCTSECRET?"],
            [b"+ALYPRODUCTSECRET:x", b"OK"],
        ),
        (
            "erased-by-refusal-dn",
            [b"AT+ALYDEVICENAME=x", b"AT+ALYDEVICENAME=", b"AT+ALYDEVICENAME?"],
            [b"+ALYDEVICENAME:", b"OK"],
        ),
        ("region-6-accepted", [b"AT+ALYCONNECTCFG=6,1883,0"], [b"OK"]),
        ("integers-wrap-at-32-bits", [b"AT+ALYCONNECTCFG=4294967296,1883,0"], [b"OK"]),
        ("signs-accepted", [b"AT+ALYCONNECTCFG=-1,1883,0"], [b"OK"]),
        ("hexadecimal-accepted", [b"AT+ALYCONNECTCFG=0x1,1883,0"], [b"OK"]),
        ("words-are-zero", [b"AT+ALYCONNECTCFG=x,1883,0"], [b"OK"]),
        (
            "refused-set-half-done",
            [b"AT+ALYCONNECTCFG=3,1883,9", b"AT+ALYCONNECTCFG?"],
            [b"+ALYCONNECTCFG:3,1883,0", b"OK"],
        ),
        ("timeout-overwrites-keepalive", [b"AT+ALYMQTTCFG=0,1,2", b"AT+ALYMQTTCFG?"], [b"+ALYMQTTCFG:0,1,1", b"OK"]),
        ("missing-codes-swapped", [b"AT+ALYMQTTOPEN"], [b"+CME ERROR: 703"]),
        ("open-without-connecting", [b"AT+ALYMQTTOPEN"], [b"OK"]),
        ("error-and-ok", [b"AT+NOSUCH"], [b"+CME ERROR: 58", b"OK"]),
        ("unknown-is-ok", [b"AT+NOSUCH"], [b"OK"]),
        ("error-sticks", [b"AT+NOSUCH", b"AT"], [b"+CME ERROR: 58"]),
        ("equals-in-answer", [b"AT+ALYMQTTCFG?"], [b"+ALYMQTTCFG=0,2000,60000", b"OK"]),
        ("no-test-form", [b"AT+ALYMQTTPUB=?"], [b"+CME ERROR: 708"]),
    ],
)
def test_a_fault_shows(firmware: Firmware, fault: str, dialogue: list[bytes], last: list[bytes]) -> None:
    assert answers(firmware, *dialogue)[-1] != last
    FAULTS[fault].seed(firmware)
    assert answers(firmware, *dialogue)[-1] == last


@pytest.mark.parametrize("line", [b"AT" + b"x" * 1100, b"AT+\0", b'AT+ALYDEVICENAME="', b"AT%n"])
def test_a_crash_is_a_crash(firmware: Firmware, line: bytes) -> None:
    for name in ("long-line-crashes", "nul-crashes", "unbalanced-quotes-crash", "percent-n-crashes"):
        FAULTS[name].seed(firmware)
    with pytest.raises(SystemExit):
        firmware.answer(line)
    assert firmware.answer(b"AT") == [b"OK"]


@pytest.mark.parametrize(
    ("habit", "expected"),
    [
        ("bare-error", [b"ERROR"]),
        ("cme-without-space", [b"+CME ERROR:708"]),
        ("error-with-number", [b"ERROR: 708"]),
        ("error-named-equals", [b"+ALYCONNECTCFG=err,708"]),
        ("error-named-colon-final", [b"+ALYCONNECTCFG: err,708", b"ERROR"]),
        ("codes-after-cmee", [b"ERROR"]),
        ("codes-with-leading-zero", [b"+CME ERROR: 0708"]),
        ("bare-error-from-parser", [b"+CME ERROR: 708"]),
        ("parser-names-at", [b"+ALYCONNECTCFG: err,708"]),
    ],
)
def test_the_error_dialects(firmware: Firmware, habit: str, expected: list[bytes]) -> None:
    HABITS[habit].adopt(firmware)
    assert firmware.answer(b"AT+ALYCONNECTCFG=6,1883,0") == expected


@pytest.mark.parametrize(
    ("habit", "line", "expected"),
    [
        ("bare-error-from-parser", b"AT+NOSUCH", [b"ERROR"]),
        ("bare-error-from-parser", b"AT+ALYCONNECTCFG=x,1883,0", [b"ERROR"]),
        ("parser-names-at", b"hello", [b"+AT: err,58"]),
        ("parser-names-at", b"AT+NOSUCH", [b"+NOSUCH: err,58"]),
        ("long-lines-malformed", b"AT+ALYDEVICENAME=" + b"x" * 500, [b"+CME ERROR: 50"]),
        ("long-lines-malformed", b"AT+ALYDEVICENAME=" + b"x" * 400, [b"+CME ERROR: 708"]),
        ("long-lines-malformed", b'AT+ALYMQTTPUB="t",0,"%b"' % (b"x" * 512), [b"+CME ERROR: 705"]),
        ("blanks-before-numbers", b"AT+ALYCONNECTCFG?", [b"+ALYCONNECTCFG:0, 1883, 0", b"OK"]),
        ("wildcards-refused", b"AT+ALYMQTTSUB=a/#,0", [b"+CME ERROR: 708"]),
        ("control-characters-refused", b"AT+ALYDEVICENAME=a\x01", [b"+CME ERROR: 708"]),
        ("quotes-in-identity-refused", b'AT+ALYDEVICENAME="a\\"b"', [b"+CME ERROR: 708"]),
        ("quotes-in-identity-refused", b"AT+ALYDEVICENAME=a-b", [b"OK"]),
    ],
)
def test_a_habit_shows(firmware: Firmware, habit: str, line: bytes, expected: list[bytes]) -> None:
    HABITS[habit].adopt(firmware)
    assert firmware.answer(line) == expected


@pytest.mark.parametrize(
    ("option", "key"),
    [("--list-faults", "breaks"), ("--list-habits", "peculiarity"), ("--list-conditions", "surroundings")],
)
def test_the_catalogues_can_be_listed(option: str, key: str) -> None:
    def listing(*options: str) -> str:
        command = [sys.executable, "-m", "rigs.simulator", option, *options]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE, check=True).stdout

    rows = json.loads(listing("--json"))
    assert all(row[key] for row in rows)
    assert [line.split()[0] for line in listing().splitlines()] == [row["name"] for row in rows]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGPIPE")
def test_a_listing_ends_quietly_when_its_reader_has_seen_enough() -> None:
    command = [sys.executable, "-m", "rigs.simulator", "--list-faults"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert listing.stderr.read() == b""
