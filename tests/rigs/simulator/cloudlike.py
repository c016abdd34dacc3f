"""Clouds for the module to talk to: a raw socket that the test itself answers on, and mosquitto."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.rigs.simulator.host import DEADLINE, Simulator

OPEN, CLOSE = b"AT+ALYMQTTOPEN", b"AT+ALYMQTTCLOSE"
CONNECT, CONNACK, PUBLISH, PUBACK = 0x10, 0x20, 0x30, 0x40
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK = 0x80, 0x90, 0xA0, 0xB0
PINGREQ, PINGRESP, DISCONNECT = 0xC0, 0xD0, 0xE0


@dataclass(frozen=True)
class Connect:
    """The fields of a CONNECT packet (MQTT 3.1.1, 3.1)."""

    protocol: bytes
    level: int
    flags: int
    keepalive: int
    client_id: bytes
    username: bytes
    password: bytes

    @property
    def clean_session(self) -> bool:
        return bool(self.flags & 0x02)


class RawCloud:
    """A listening socket; the test accepts, reads packets and answers by hand."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(DEADLINE)
        self._tls = tls
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.connection: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_connection()
        self._listener.close()

    def accept(self) -> None:
        self.close_connection()
        self.connection, _ = self._listener.accept()
        self.connection.settimeout(DEADLINE)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            self.connection = self._tls.wrap_socket(self.connection, server_side=True)

    def close_connection(self, *, reset: bool = False) -> None:
        if self.connection:
            if reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.connection = None

    def forget_connections(self) -> None:
        """Close what is open or waits to be accepted."""
        self.close_connection()
        self._listener.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._listener.accept()[0].close()
        self._listener.settimeout(DEADLINE)

    def send(self, data: bytes) -> None:
        assert self.connection
        self.connection.sendall(data)

    def packet(self) -> tuple[int, bytes]:
        """The next packet: its first byte and its body; (0, b"") when the module has closed."""
        first = self._read(1)
        if not first:
            return 0, b""
        length = shift = 0
        while True:
            (digit,) = self._read(1)
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                return first[0], self._read(length)

    def login(self, code: int = 0) -> Connect:
        """Accept a connection, read its CONNECT and answer it."""
        self.accept()
        kind, body = self.packet()
        assert kind == CONNECT
        self.send(bytes([CONNACK, 2, 0, code]))
        return parse_connect(body)

    def _read(self, size: int) -> bytes:
        assert self.connection
        data = b""
        while len(data) < size and (more := self.connection.recv(size - len(data))):
            data += more
        return data


def log_in(module: Simulator, cloud: RawCloud) -> Connect:
    """OPEN, through a login that ``cloud`` accepts; its CONNECT."""
    module.write(OPEN + b"\r")
    connect = cloud.login()
    assert module.answer().final == b"OK"
    return connect


def parse_connect(body: bytes) -> Connect:
    protocol, rest = _string(body)
    level, flags, keepalive = struct.unpack_from("!BBH", rest)
    client_id, rest = _string(rest[4:])
    username, rest = _string(rest)
    password, rest = _string(rest)
    assert rest == b""
    return Connect(protocol, level, flags, keepalive, client_id, username, password)


def _string(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack_from("!H", data)
    return data[2 : 2 + length], data[2 + length :]


def publish_packet(topic: bytes, payload: bytes, qos: int = 0, mid: int = 1) -> bytes:
    """A PUBLISH of less than 128 bytes, or of less than 16384."""
    body = struct.pack("!H", len(topic)) + topic + (struct.pack("!H", mid) if qos else b"") + payload
    length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])
    return bytes([PUBLISH | qos << 1]) + length + body


@contextlib.contextmanager
def mosquitto(folder: Path) -> Iterator[str]:
    """A mosquitto broker; gives its address."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = folder / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n")
    process = subprocess.Popen([program, "-c", str(configuration)], stderr=subprocess.PIPE, text=True)
    assert process.stderr
    try:
        deadline = time.monotonic() + DEADLINE
        for line in process.stderr:
            if "running" in line:
                break
            assert time.monotonic() < deadline
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def has_mosquitto() -> bool:
    return bool(shutil.which("mosquitto")) or Path("/usr/sbin/mosquitto").exists()
