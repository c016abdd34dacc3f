"""Power: what it takes away, what it leaves, and that it can go at any instant."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.rigs.simulator.host import DEADLINE, Simulator, identify, kill, wait_for_end


def test_identity_survives_and_settings_and_echo_do_not(simulator: Simulator) -> None:
    identify(simulator)
    assert simulator.final(b'AT+ALYPRODUCTSECRET="s3"') == b"OK"
    for line in (b"AT+ALYCONNECTCFG=5,443,1", b"AT+ALYMQTTCFG=1,1,1", b"AT+CMEE=0"):
        assert simulator.final(line) == b"OK"
    simulator.power_cycle()
    assert simulator.ask(b"AT+ALYPRODUCTKEY?") == b"+ALYPRODUCTKEY:a1pnQWj9dvs"
    assert simulator.ask(b"AT+ALYDEVICENAME?") == b"+ALYDEVICENAME:test"
    assert simulator.ask(b"AT+ALYDEVICESECRET?") == b"+ALYDEVICESECRET:C5LTDEyQj6wMXh8KaNICzvCSgi69Ysj8"
    assert simulator.ask(b"AT+ALYPRODUCTSECRET?") == b"+ALYPRODUCTSECRET:s3"
    assert simulator.ask(b"AT+ALYCONNECTCFG?") == b"+ALYCONNECTCFG:0,1883,0"
    assert simulator.ask(b"AT+ALYMQTTCFG?") == b"+ALYMQTTCFG:0,2000,60000"
    assert simulator.ask(b"AT+CMEE?") == b"+CMEE: 1"


def test_the_port_stays_and_swallows_what_an_unpowered_module_is_told(simulator: Simulator) -> None:
    assert simulator.control("power off") == "ok off"
    assert simulator.control("status") == "ok off"
    simulator.write(b"AT+CGMM\rAT+CG")
    assert simulator.control("power on").startswith("ok on")
    simulator.write(b"ATE0\r")
    assert simulator.read_until(b"OK\r\n") == b"ATE0\r\r\nOK\r\n"
    assert simulator.ask(b"AT+CGMM") == b"ML302"


def test_power_cut_at_any_instant_leaves_the_old_value_or_the_new(simulator: Simulator) -> None:
    chance = random.Random(302)
    old, new = b"old" * 10, b"n" * 31
    for _ in range(25):
        assert simulator.final(b'AT+ALYDEVICENAME="%b"' % old) == b"OK"
        simulator.write(b'AT+ALYDEVICENAME="%b"\r' % new)
        for _ in range(chance.randrange(4)):
            simulator.control("status")  # lets a moment pass
        simulator.power_cycle()
        assert simulator.ask(b"AT+ALYDEVICENAME?").removeprefix(b"+ALYDEVICENAME:") in (old, new)


def test_power_cut_right_behind_the_ok_keeps_the_value(simulator: Simulator) -> None:
    for number in range(10):
        assert simulator.final(b'AT+ALYPRODUCTKEY="%d"' % number) == b"OK"
        simulator.power_cycle()
        assert simulator.ask(b"AT+ALYPRODUCTKEY?") == b"+ALYPRODUCTKEY:%d" % number


def test_a_soft_reset_starts_anew_by_itself(simulator: Simulator) -> None:
    before = simulator.module_pid()
    assert simulator.final(b"AT+ALYCONNECTCFG=1,1,1") == b"OK"
    assert simulator.final(b"AT+MREBOOT") == b"OK"
    assert simulator.line() == b"REBOOTING"
    wait_for_end(before)
    assert simulator.control("status").startswith("ok on pid=")
    assert simulator.module_pid() != before
    simulator.command(b"ATE0")
    assert simulator.ask(b"AT+ALYCONNECTCFG?") == b"+ALYCONNECTCFG:0,1883,0"


def test_a_module_that_switched_itself_off_comes_back_with_the_power(simulator: Simulator) -> None:
    pid = simulator.module_pid()
    assert simulator.final(b"AT+MPOF") == b"OK"
    wait_for_end(pid)
    simulator.power_cycle()
    assert simulator.final(b"AT") == b"OK"


def test_a_crashed_module_stays_mute_until_a_power_cycle(simulator: Simulator) -> None:
    pid = simulator.module_pid()
    kill(pid)
    wait_for_end(pid)
    assert simulator.control("power on") == "ok on dead"
    simulator.power_cycle()
    assert simulator.final(b"AT") == b"OK"


def test_power_commands_may_be_repeated(simulator: Simulator) -> None:
    pid = simulator.module_pid()
    assert simulator.control("power on") == f"ok on pid={pid}"
    assert simulator.control("power off") == "ok off"
    assert simulator.control("power off") == "ok off"
    assert simulator.control("power on").startswith("ok on")


def test_a_booting_module_is_deaf(tmp_path: Path) -> None:
    with Simulator("--boot", "0.3", "--off") as simulator:
        assert simulator.control("power on").startswith("ok on")
        simulator.write(b"AT+NOSUCH\r")
        pid = simulator.module_pid()
        while not simulator.serial.in_waiting:  # as a host does: ask until the module answers
            simulator.write(b"AT\r")
            simulator.serial.timeout = 0.05
            simulator.serial.read(0)
            simulator.serial.timeout = DEADLINE
            simulator.control("status")
        assert b"ERROR" not in simulator.read_until(b"OK\r\n")
        assert simulator.module_pid() == pid


def test_the_state_file_outlives_the_simulator(tmp_path: Path) -> None:
    state = tmp_path / "module.json"
    with Simulator("--state", str(state)) as first:
        assert first.final(b'AT+ALYDEVICENAME="\xe4\x00"') == b"OK"
        assert json.loads(state.read_text())["identity"] == {"DEVICENAME": "\xe4\0"}
    with Simulator("--state", str(state)) as second:
        assert second.ask(b"AT+ALYDEVICENAME?") == b"+ALYDEVICENAME:\xe4\0"
    assert [file.name for file in tmp_path.iterdir()] == ["module.json"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 2, "identity": {}}', '{"schema": 1, "identity": [1]}'])
def test_a_state_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    state = tmp_path / "other.json"
    state.write_text(content)
    with pytest.raises(RuntimeError, match=r"^rigs\.simulator: .*other\.json: .*\n$"):
        Simulator("--state", str(state))
    assert state.read_text() == content


def test_a_module_that_is_spawned_behaves_the_same() -> None:
    with Simulator("--spawn", "--tcp", "127.0.0.1:0") as simulator:
        identify(simulator)
        simulator.power_cycle()
        assert simulator.ask(b"AT+ALYDEVICENAME?") == b"+ALYDEVICENAME:test"
        assert simulator.final(b"AT+MREBOOT") == b"OK"
        assert simulator.line() == b"REBOOTING"
