"""The adapter: ports, control line, life and death of the processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import serial

from tests.rigs.simulator.host import DEADLINE, ROOT, Simulator, kill, wait_for_end


def power(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rigs.simulator", "power", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def test_the_power_command_switches_the_module(simulator: Simulator) -> None:
    control = simulator.info["control"]
    assert power("off", "--control", control).returncode == 0
    assert simulator.control("status") == "ok off"
    assert power("status", "--control", control).stdout == "off\n"
    assert power("on", "--control", control).returncode == 0
    assert simulator.control("status").startswith("ok on")


def test_the_power_command_says_in_one_line_why_it_failed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = power("on", "--control", f"127.0.0.1:{port}")
    assert result.returncode == 1
    assert result.stderr == f"rigs.simulator: no simulator answers at 127.0.0.1:{port}: Connection refused\n"


def test_the_control_line_answers_each_line_and_knows_its_commands(simulator: Simulator) -> None:
    host, _, port = simulator.info["control"].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=DEADLINE) as connection:
        connection.sendall(b"status\r\nexplode\npower  off\n\nstatus\n")
        answers = [line.strip() for _, line in zip(range(5), connection.makefile(), strict=False)]
    assert [answer.split()[0] for answer in answers] == ["ok", "error", "ok", "error", "ok"]
    assert answers[4] == "ok off"


def test_quit_ends_the_simulator_and_its_module(tmp_path: Path) -> None:
    with Simulator() as simulator:
        pid = simulator.module_pid()
        assert simulator.control("quit") == "ok bye"
        assert simulator.process.wait(DEADLINE) == 0
        wait_for_end(pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_both_processes_and_takes_the_link_away(tmp_path: Path, number: int) -> None:
    link = tmp_path / "module"
    with Simulator("--link", str(link)) as simulator:
        assert simulator.info["port"] == str(link)
        pid = simulator.module_pid()
        os.kill(simulator.process.pid, number)
        assert simulator.process.wait(DEADLINE) == 0
        wait_for_end(pid)
    assert not link.is_symlink()


def test_the_module_dies_with_a_killed_adapter() -> None:
    with Simulator() as simulator:
        pid = simulator.module_pid()
        kill(simulator.process.pid)
        simulator.process.wait(DEADLINE)
        wait_for_end(pid)


def test_the_end_of_standard_input_ends_the_simulator() -> None:
    with Simulator() as simulator:
        pid = simulator.module_pid()
        assert simulator.stop() == 0
        wait_for_end(pid)


def test_a_stale_link_is_replaced_and_a_file_is_not(tmp_path: Path) -> None:
    link = tmp_path / "module"
    link.symlink_to("/nowhere")
    with Simulator("--link", str(link)) as simulator:
        assert simulator.final(b"AT") == b"OK"
    link.write_text("mine")
    with pytest.raises(RuntimeError, match=r"--link .*module: File exists"):
        Simulator("--link", str(link))
    assert link.read_text() == "mine"


def test_the_port_may_be_closed_and_opened_again(simulator: Simulator) -> None:
    with serial.Serial(simulator.info["port"], 9600, timeout=DEADLINE) as other:
        other.write(b"AT+CGMM\r")
        assert other.read_until(b"OK\r\n") == b"\r\nML302\r\n\r\nOK\r\n"
    assert simulator.final(b"AT") == b"OK"


def test_the_line_over_tcp_serves_one_host_after_the_other() -> None:
    with Simulator("--tcp", "127.0.0.1:0") as simulator:
        assert simulator.ask(b"AT+CGMM") == b"ML302"
        host, _, port = simulator.info["port"].removeprefix("socket://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=DEADLINE) as second:
            assert second.recv(1) == b""
        assert simulator.final(b"AT") == b"OK"
        simulator.serial.close()
        simulator.serial.open()
        assert simulator.ask(b"AT+CGMM") == b"ML302"


def test_a_paced_line_takes_the_time_of_its_bytes() -> None:
    with Simulator("--line-rate", "9600") as simulator:
        assert simulator.ask(b"AT+CGMR") == b"ML302-SIM-1.0.0"
        simulator.power_cycle()
        assert simulator.final(b"AT+NOSUCH") == b"+CME ERROR: 58"


def test_a_taken_port_is_named_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for option in ("--tcp", "--control"):
            with pytest.raises(RuntimeError, match=rf"^rigs\.simulator: cannot listen at {address}: .*\n$"):
                Simulator(option, address)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--tcp", "0.0.0.0:4000"], "not a loopback address"),
        (["--tcp", "example.org:4000"], "not a loopback address"),
        (["--control", "127.0.0.1"], "not HOST:PORT"),
        (["--cloud", "host:99999"], "not HOST:PORT"),
        (["--boot", "-1"], "not a number of seconds"),
        (["--fault", "limit-one-too-hihg-dn"], "did you mean limit-one-too-high-dn?"),
        (["--habit", "nonsense"], "--list-habits"),
        (["--ca", "/no/such/file"], "--ca /no/such/file: No such file"),
        (["--ca", __file__], "no certificate"),
        (["--state", "/no/such/folder/state"], "there is no directory /no/such/folder"),
        (["--tcp", "127.0.0.1:0", "--link", "/tmp/x"], "--link is for a pty"),
        (["--tcp", "127.0.0.1:0", "--condition", "own-usb-port"], "own-usb-port is for a pty"),
        (["--condition", "late-netwrok"], "did you mean late-network?"),
        (["--registers-after", "soon"], "soon"),
    ],
)
def test_a_bad_option_is_explained(options: list[str], complaint: str) -> None:
    with pytest.raises(RuntimeError) as error:
        Simulator(*options)
    assert complaint in str(error.value)
    assert "Traceback" not in str(error.value)
