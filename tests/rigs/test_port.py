"""The serial transport over a real socket and a real pseudo-terminal."""

from __future__ import annotations

import os
import queue
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from rigs.errors import BenchError
from rigs.port import PortReader, TransportLost
from rigs.transports import SerialTransport, transport_for

SECONDS = 10.0


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


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")
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
    "url", ["/dev/no-such-port", "COM399", "nonsense://x", "socket://127.0.0.1", "socket://127.0.0.1:0", "loop://?x=1"]
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


def test_a_port_that_nobody_serves_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(BenchError, match="cannot be opened"):
        transport_for(f"socket://127.0.0.1:{port}", 115200, 10.0).open()
