"""What surrounds the module on its line: the rest of the modem, the line rate, a port of its own."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import serial

from rigs.simulator.conditions import CONDITIONS
from rigs.simulator.conditions.modem import CALLS, MESSAGES, NEWS, TEXTS, Event
from rigs.simulator.conditions.registry import surrounded
from rigs.simulator.console import framed
from rigs.simulator.firmware import Firmware
from rigs.simulator.options import AdapterOptions
from tests.rigs.simulator.host import DEADLINE, Simulator, kill, wait_for_end

INFORMATION, OK = b"\r\n+CGATT: 1\r\n", b"\r\nOK\r\n"


def written(event: Event) -> bytes:
    return framed(event if isinstance(event, bytes) else b"\r\n".join(event))


@pytest.mark.parametrize(
    ("condition", "events"),
    [
        ("sms", [written(event) for event in MESSAGES]),
        ("calls", [written(event) for event in CALLS]),
        ("chatty-modem", list(NEWS)),
    ],
)
def test_the_rest_of_the_modem_speaks_between_lines_and_never_within_one(condition: str, events: list[bytes]) -> None:
    def without(said: bytes) -> bytes:
        for event in sorted(events, key=len, reverse=True):
            said = said.replace(event, b"")
        return said

    with Simulator("--condition", condition, echo=True) as simulator:
        said = b""
        commands = 0
        deadline = time.monotonic() + DEADLINE
        while not all(event in said for event in events):
            assert time.monotonic() < deadline
            commands += 1
            simulator.write(b"AT+CGATT?\r")
            # An event may hold what looks like the end of the answer.
            while without(said).count(OK) < commands:
                said += simulator.read_until(OK)
        assert without(said).startswith((b"AT+CGATT?\r" + INFORMATION + OK) * commands)
        assert any(INFORMATION + event + OK in said for event in events)
        assert any(b"AT+CGATT?\r" + event + INFORMATION in said for event in events)


def test_a_text_may_be_anything() -> None:
    assert {b"OK", b"ERROR", b"AT", b"", b"+CME ERROR: 700"} < set(TEXTS)
    assert any(b"\n" in text for text in TEXTS)
    assert any(text.startswith(b"+MQTTRECV:") for text in TEXTS)


@pytest.mark.parametrize(("condition", "rate"), [("line-9600", 9600), ("line-14400", 14400)])
def test_a_slow_line(condition: str, rate: int) -> None:
    assert surrounded(AdapterOptions(), [condition]).line_rate == rate
    with Simulator("--condition", condition) as simulator:
        assert simulator.ask(b"AT+CGMM") == b"ML302"


def test_conditions_add_up() -> None:
    options = surrounded(AdapterOptions(), ["jitter", "strangers", "line-9600", "sms"])
    assert (options.jitter, options.strangers, options.line_rate, options.usb) == (0.7, True, 9600, False)


def test_a_late_answer(firmware: Firmware, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(firmware, "wait", lambda _condition, seconds: waits.append(seconds))
    CONDITIONS["answers-20-ms"].adopt(firmware)
    firmware.think()
    assert waits == [0.02]


def until_it_is_gone(simulator: Simulator) -> None:
    """Read until the port breaks, as a host does that has it open."""
    with pytest.raises(serial.SerialException):
        while True:
            simulator.serial.read(1)
    assert not Path(simulator.info["port"]).exists()


def test_the_modules_own_port_goes_with_a_restart_and_comes_back() -> None:
    with Simulator("--condition", "own-usb-port") as simulator:
        link = Path(simulator.info["port"])
        assert link.is_symlink()
        assert simulator.final(b"AT+ALYCONNECTCFG=1,1,1") == b"OK"
        assert simulator.final(b"AT+MREBOOT") == b"OK"
        assert simulator.line() == b"REBOOTING"
        until_it_is_gone(simulator)
        simulator.reopen()
        assert simulator.ask(b"AT+ALYCONNECTCFG?") == b"+ALYCONNECTCFG:0,1883,0"


def test_the_modules_own_port_goes_with_the_power_and_with_a_crash() -> None:
    with Simulator("--condition", "own-usb-port", "--boot", "0.1") as simulator:
        assert simulator.control("power off") == "ok off"
        until_it_is_gone(simulator)
        assert simulator.control("power on").startswith("ok on")
        simulator.reopen()
        pid = simulator.module_pid()
        kill(pid)
        wait_for_end(pid)
        assert simulator.control("status") == "ok on dead"
        until_it_is_gone(simulator)
        simulator.control("power off")
        simulator.control("power on")
        simulator.reopen()
        assert simulator.final(b"AT") == b"OK"


def test_a_link_of_ones_own_for_the_modules_port(tmp_path: Path) -> None:
    link = tmp_path / "module"
    with Simulator("--condition", "own-usb-port", "--link", str(link)) as simulator:
        assert simulator.info["port"] == str(link)
        simulator.control("power off")
        simulator.control("power on")
        simulator.reopen()
    assert not link.is_symlink()
