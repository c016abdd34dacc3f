"""A TCP or TLS connection that never blocks the module."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable

from .loop import READ, WRITE, Loop

Address = tuple[str, int]


def tls_context(ca: str | None) -> ssl.SSLContext:
    """Verify the chain by the given CA, or nothing at all; the name is never looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if ca:
        context.load_verify_locations(ca)
    else:
        context.verify_mode = ssl.CERT_NONE
    return context


class Transport:
    """Connects, sends and receives; tells of bytes and of the end by callbacks."""

    def __init__(self, loop: Loop, on_bytes: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        self.loop = loop
        self.on_bytes = on_bytes
        self.on_end = on_end
        self.sock: socket.socket | None = None
        self.out = bytearray()
        self.ready = 0
        self.alive = False

    def connect(self, address: Address, seconds: float) -> bool:
        """Reach the address by TCP."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        sock.connect_ex(address)
        reached = self.until(WRITE, seconds) and not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if not reached:
            self.drop()
        return reached

    def until(self, events: int, seconds: float) -> bool:
        """Wait until the socket is ready for one of the events."""
        assert self.sock is not None
        self.ready = 0

        def note(mask: int) -> None:
            self.ready |= mask

        self.loop.watch(self.sock, events, note)
        done = self.loop.wait(lambda: bool(self.ready), seconds)
        self.loop.watch(self.sock, 0, note)
        return done

    def secure(self, context: ssl.SSLContext, host: str, seconds: float) -> bool:
        """Speak TLS from now on."""
        assert self.sock is not None
        try:
            fit = host.isascii() and all(0 < len(label) < 64 for label in host.split("."))
            name = host if fit else "product.iot-as-mqtt.cn-shanghai.aliyuncs.com"
            tls = context.wrap_socket(self.sock, server_hostname=name, do_handshake_on_connect=False)
            self.sock = tls
            while True:
                try:
                    tls.do_handshake()
                    return True
                except ssl.SSLWantReadError:
                    want = READ
                except ssl.SSLWantWriteError:
                    want = WRITE
                if not self.until(want, seconds):
                    break
        except (OSError, ssl.SSLError, ValueError):
            pass
        self.drop()
        return False

    def start(self) -> None:
        """From now on incoming bytes are given to whoever asked."""
        self.alive = True
        self.rewatch()

    def rewatch(self) -> None:
        """Watch for reading, and for writing while something waits to be written."""
        if self.sock is not None and self.alive:
            self.loop.watch(self.sock, READ | (WRITE if self.out else 0), self.serve)

    def serve(self, mask: int) -> None:
        """The socket is ready."""
        if mask & WRITE:
            self.flush()
        if mask & READ and self.alive:
            self.read()

    def read(self) -> None:
        """Take what there is."""
        while self.alive and self.sock is not None:
            try:
                data = self.sock.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError:
                data = b""
            if not data:
                self.lost()
                return
            self.on_bytes(data)

    def send(self, data: bytes) -> None:
        """Send now, or as soon as there is room."""
        self.out += data
        self.flush()

    def flush(self) -> None:
        """Write what waits."""
        while self.out and self.sock is not None:
            try:
                sent = self.sock.send(self.out)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            except OSError:
                self.lost()
                return
            del self.out[:sent]
        self.rewatch()

    def lost(self) -> None:
        """The other side has ended it."""
        self.drop()
        self.on_end()

    def finish(self, seconds: float) -> None:
        """End it in order: all that waits is sent, then no more, until the other side has ended too."""
        sock = self.sock
        if sock is not None and self.alive:
            self.on_bytes = lambda data: None
            self.on_end = lambda: None
            self.loop.wait(lambda: not self.out or not self.alive, seconds)
            if self.alive:
                try:
                    self.farewell(sock)
                    sock.shutdown(socket.SHUT_WR)
                    self.loop.wait(lambda: not self.alive, seconds)
                except OSError:
                    pass
        self.drop()

    def farewell(self, sock: socket.socket) -> None:
        """The end of TLS, whose answer is not waited for."""
        if isinstance(sock, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                sock.unwrap()

    def drop(self) -> None:
        """Forget the connection at once."""
        self.alive = False
        self.out.clear()
        if self.sock is not None:
            self.loop.watch(self.sock, 0, self.serve)
            self.sock.close()
            self.sock = None
