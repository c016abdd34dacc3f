"""The serial transport over a real socket and a real pseudo-terminal."""

from __future__ import annotations

import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from rigs.errors import BenchError
from rigs.port import PortReader, TransportLost
from rigs.transports import SerialTransport, address_of, transport_for
from tests.rigs.lines import needs_inotify, stranger

SECONDS = 10.0
needs_terminals = pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")


class Heard:
    """What a port reader told: chunks, and why the port was lost."""

    def __init__(self, url: str) -> None:
        self.lost: queue.Queue[str] = queue.Queue()
        self._chunks: queue.Queue[tuple[bytes, float]] = queue.Queue()
        transport = transport_for(url, 115200, 10.0)
        self.reader = PortReader(transport, lambda chunk, at: self._chunks.put((chunk, at)), self.lost.put)

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self._chunks.get(timeout=SECONDS)[0]
        return data


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_bytes_go_both_ways_over_a_socket_and_its_end_is_told(closing: ExitStack) -> None:
    server = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
    heard = Heard(f"socket://127.0.0.1:{server.getsockname()[1]}")
    heard.reader.open()
    closing.callback(heard.reader.close)
    peer, _ = server.accept()
    heard.reader.write(b"AT\r")
    assert peer.recv(10) == b"AT\r"
    peer.sendall(bytes(range(256)))
    assert heard.read(256) == bytes(range(256))
    peer.close()
    assert heard.lost.get(timeout=SECONDS)


@needs_terminals
def test_bytes_go_both_ways_over_a_terminal_and_its_end_is_told(closing: ExitStack) -> None:
    master, slave = os.openpty()
    closing.callback(os.close, slave)
    heard = Heard(os.ttyname(slave))
    heard.reader.open()
    closing.callback(heard.reader.close)
    heard.reader.write(b"AT\r")
    assert os.read(master, 10) == b"AT\r"
    os.write(master, bytes(range(256)))
    assert heard.read(256) == bytes(range(256))
    os.close(master)
    assert heard.lost.get(timeout=SECONDS)


def test_closing_is_no_loss_and_the_port_can_be_opened_again(closing: ExitStack) -> None:
    server = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
    heard = Heard(f"socket://127.0.0.1:{server.getsockname()[1]}")
    for text in (b"one", b"two"):
        heard.reader.open()
        peer, _ = server.accept()
        with peer:
            peer.sendall(text)
            assert heard.read(3) == text
            heard.reader.close()
    assert heard.lost.empty()


def test_a_closed_port_neither_reads_nor_writes() -> None:
    transport = transport_for("socket://127.0.0.1:1", 115200, 10.0)
    transport.close()
    with pytest.raises(TransportLost):
        transport.read()
    with pytest.raises(TransportLost):
        transport.write(b"AT\r")


@pytest.mark.parametrize(
    "url",
    [
        "/dev/no-such-port",
        "COM399",
        "nonsense://x",
        "socket://127.0.0.1",
        "socket://127.0.0.1:0",
        "loop://?x=1",
        "rfc2217://127.0.0.1",
        "hwgrep://nothing",
    ],
)
def test_a_port_that_cannot_be_opened_is_an_error_that_names_it(url: str) -> None:
    with pytest.raises(BenchError) as caught:
        transport_for(url, 115200, 10.0).open()
    assert url in caught.value.message
    assert "serial.url" in caught.value.act
    assert len(str(caught.value).splitlines()) == 1


def test_an_option_that_is_not_known_is_named() -> None:
    with pytest.raises(BenchError, match="unknown option: 'x'"):
        SerialTransport("loop://?x=1").open()


def test_a_file_is_no_port(tmp_path: Path) -> None:
    (file := tmp_path / "port").write_bytes(b"")
    with pytest.raises(BenchError, match="cannot be opened"):
        SerialTransport(str(file)).open()


@needs_terminals
def test_a_device_is_opened_by_one_program_alone_and_the_other_is_named(closing: ExitStack) -> None:
    master, slave = os.openpty()
    closing.callback(os.close, master)
    closing.callback(os.close, slave)
    device = os.ttyname(slave)
    program = (
        "import fcntl, sys; port = open(sys.argv[1], 'rb+', 0); fcntl.flock(port, fcntl.LOCK_EX); print(flush=True)"
    )
    command = [sys.executable, "-c", f"{program}; sys.stdin.read()", device]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        with pytest.raises(BenchError) as caught:
            SerialTransport(device).open()
        other.communicate()
    # The process of this test offers the terminal, so that what it has started is not told from it.
    assert f"serial port {device} is in use by " in caught.value.message
    assert "close the program" in caught.value.act
    transport = SerialTransport(device)
    for _ in range(2):
        transport.open()
        with pytest.raises(BenchError, match="is in use by"):
            SerialTransport(device).open()
        transport.close()


@needs_inotify
def test_who_holds_a_device_is_named(closing: ExitStack) -> None:
    master, slave = os.openpty()
    closing.callback(os.close, master)
    closing.callback(os.close, slave)
    device = os.ttyname(slave)
    fcntl = pytest.importorskip("fcntl")
    with Path(device).open("rb+", 0) as port, stranger(device) as other:
        fcntl.flock(port, fcntl.LOCK_EX)
        with pytest.raises(BenchError, match=rf"is in use by \S+ \(pid {other.pid}\)"):
            SerialTransport(device).open()


def test_a_port_is_found_by_what_the_system_says_of_it(monkeypatch: pytest.MonkeyPatch, closing: ExitStack) -> None:
    master, slave = os.openpty()
    closing.callback(os.close, master)
    closing.callback(os.close, slave)
    device = os.ttyname(slave)
    found = [(device, "ML302", "USB VID:PID=1782:4D11"), ("/dev/other", "UPS", "USB VID:PID=0001:0001")]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda _: found)
    assert address_of("hwgrep://1782:4D11") == device
    transport = SerialTransport("hwgrep://1782:4D11")
    transport.open()
    closing.callback(transport.close)
    assert transport.device == device
    with pytest.raises(BenchError, match="no ports found matching"):
        SerialTransport("hwgrep://1782:4D12").open()


@needs_terminals
def test_settings_that_another_program_has_changed_are_set_again(closing: ExitStack) -> None:
    termios = pytest.importorskip("termios")
    master, slave = os.openpty()
    closing.callback(os.close, master)
    closing.callback(os.close, slave)
    transport = SerialTransport(os.ttyname(slave), 9600)
    transport.open()
    closing.callback(transport.close)
    ours = termios.tcgetattr(slave)
    theirs = termios.tcgetattr(slave)
    theirs[3] |= termios.ICANON | termios.ECHO
    theirs[4] = theirs[5] = termios.B115200
    termios.tcsetattr(slave, termios.TCSANOW, theirs)
    transport.restore_settings()
    assert termios.tcgetattr(slave) == ours


def test_a_server_that_turns_a_connection_away_is_quoted(closing: ExitStack) -> None:
    server = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
    transport = transport_for(f"socket://127.0.0.1:{server.getsockname()[1]}", 115200, 10.0)

    def turn_away() -> None:
        peer, _ = server.accept()
        peer.sendall(b"\r\nPort already in use\r\n")
        peer.close()

    turning = threading.Thread(target=turn_away)
    turning.start()
    with pytest.raises(BenchError, match="saying 'Port already in use'"):
        transport.open()
    turning.join()


def test_a_server_that_turns_a_connection_away_late_is_quoted_as_well(closing: ExitStack) -> None:
    server = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
    transport = transport_for(f"socket://127.0.0.1:{server.getsockname()[1]}", 115200, 10.0)
    transport.open()
    closing.callback(transport.close)
    peer, _ = server.accept()
    peer.sendall(b"Port already in use\r\n")
    peer.close()
    with pytest.raises(TransportLost, match="all that it said was 'Port already in use'"):
        while True:
            transport.read()


def test_what_comes_while_a_port_is_opened_is_not_lost(closing: ExitStack) -> None:
    server = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
    heard = Heard(f"socket://127.0.0.1:{server.getsockname()[1]}")

    def greet() -> None:
        peer, _ = server.accept()
        closing.callback(peer.close)
        peer.sendall(b"+MATREADY\r\n")

    greeting = threading.Thread(target=greet)
    greeting.start()
    heard.reader.open()
    closing.callback(heard.reader.close)
    assert heard.read(11) == b"+MATREADY\r\n"
    greeting.join()


def test_a_port_that_nobody_serves_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(BenchError, match="cannot be opened"):
        transport_for(f"socket://127.0.0.1:{port}", 115200, 10.0).open()
