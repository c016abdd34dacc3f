"""Power drivers: a switch that did not happen is an error of the bench that names the command."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rigs.errors import BenchError
from rigs.power.driver import CommandPower, SimulatorPower

SECONDS = 30.0
posix = pytest.mark.skipif(os.name != "posix", reason="shell syntax")


def command(on: str, *, timeout: float = SECONDS) -> CommandPower:
    return CommandPower(on, on, timeout)


@posix
def test_the_commands_are_run_by_the_shell(tmp_path: Path) -> None:
    log = tmp_path / "log"
    power = CommandPower(f"echo on >> '{log}'", f"echo off | cat >> '{log}'", SECONDS)
    power.off()
    power.on()
    assert log.read_text("ascii").split() == ["off", "on"]


@posix
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo first >&2; echo 'relay not found' >&2; exit 3", "relay not found"),
        ("echo 'only on stdout'; exit 3", "only on stdout"),
        ("exit 3", "it printed nothing"),
        ("printf 'bad \\377 byte' >&2; exit 3", "bad \ufffd byte"),
        ('echo "$1 refused"; exit 3', "*** refused"),
    ],
)
def test_a_command_that_fails_is_told_with_its_last_words_but_not_with_its_arguments(
    tmp_path: Path, script: str, said: str
) -> None:
    (tmp_path / "switch").write_text(script, "ascii")
    with pytest.raises(BenchError) as caught:
        command(f"sh {tmp_path / 'switch'} hunter2").off()
    assert "hunter2" not in caught.value.message
    assert "power.off command exited with 3" in caught.value.message
    assert f"({said})" in caught.value.message
    assert "first" not in caught.value.message.split("(")[-1]
    assert "power.off" in caught.value.act


@posix
def test_a_command_that_does_not_exist_is_told() -> None:
    with pytest.raises(BenchError, match=r"exited with 127.*no-such-relay"):
        command("no-such-relay --on 3").on()


@posix
def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    # The children hold the pipe open for as long as any of them lives.
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    script = f"exec 9> '{fifo}'; (sleep 600 & sleep 600); sleep 600"
    with pytest.raises(BenchError, match=r"power\.on command did not end within 0.5 s"):
        command(script, timeout=0.5).on()
    os.set_blocking(reading, True)
    watchdog = threading.Timer(SECONDS, signal.raise_signal, [signal.SIGINT])
    watchdog.start()
    try:
        assert os.read(reading, 1) == b"", "the last writer is gone"
    finally:
        watchdog.cancel()
        os.close(reading)


@posix
def test_a_command_may_leave_a_helper_behind(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command(f"sleep 600 & echo $! > '{pid_file}'").on()
    os.kill(int(pid_file.read_text("ascii")), signal.SIGKILL)


@posix
def test_a_command_reads_no_input_and_sees_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_PASSWORD", "from the environment")
    command('test -z "$(cat)" && test "$RELAY_PASSWORD" = "from the environment"').on()


def test_any_program_will_do(tmp_path: Path) -> None:
    (script := tmp_path / "relay.py").write_text("import sys; sys.exit('no relay')", "ascii")
    with pytest.raises(BenchError, match="no relay"):
        command(f'"{sys.executable}" "{script}"').on()


@contextmanager
def control_line(answer: bytes) -> Iterator[tuple[tuple[str, int], list[bytes]]]:
    """A control line that answers every request alike, and the requests that came."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                line, _ = server.accept()
                with line, line.makefile("rb") as incoming:
                    if (request := incoming.readline()) == b"":
                        return
                    requests.append(request)
                    line.sendall(answer)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        address: tuple[str, int] = server.getsockname()
        try:
            yield address, requests
        finally:
            socket.create_connection(address, timeout=SECONDS).close()
            serving.join(SECONDS)
            assert not serving.is_alive()


def test_the_simulator_is_switched_over_its_control_line() -> None:
    with control_line(b"ok off\n") as (address, requests):
        power = SimulatorPower(address, SECONDS)
        power.off()
        power.on()
    assert requests == [b"power off\n", b"power on\n"]


@pytest.mark.parametrize("answer", [b"error no supply\n", b"", b"\xff\n"])
def test_a_simulator_that_does_not_obey_is_told(answer: bytes) -> None:
    with control_line(answer) as (address, _), pytest.raises(BenchError, match="to 'power on'"):
        SimulatorPower(address, SECONDS).on()


def test_a_simulator_that_is_gone_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
    with pytest.raises(BenchError, match="control line") as caught:
        SimulatorPower(address, SECONDS).on()
    assert "simulator" in caught.value.act
