"""Others than the module at the cloud's door: health checks, browsers, scanners, and a device of somebody else's."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle

from rigs.simulator.loop import Loop, Timer
from rigs.simulator.options import Address

EVERY = 0.15
"""Seconds from one stranger to the next."""
STAY = 1.0
"""Seconds after which a stranger who has got no answer goes."""
PING = 15.0
"""Seconds between two PINGREQ of the device that stays."""


def _connect_packet(client_id: bytes, username: bytes) -> bytes:
    """A CONNECT of MQTT 3.1.1 with a keep-alive of 60 s, a user name and a password, of less than 128 bytes."""
    strings = (client_id, username, b"0" * 40)
    body = b"\0\4MQTT\4\xc2\0\x3c" + b"".join(struct.pack("!H", len(text)) + text for text in strings)
    return b"\x10" + bytes([len(body)]) + body


GUEST = _connect_packet(b"neighbour|securemode=3,signmethod=hmacsha1|", b"meter7&b2otherone")
PINGREQ = b"\xc0\0"
VISITS: tuple[bytes | None, ...] = (
    None,
    b"",
    b"GET / HTTP/1.1\r\nHost: cloud\r\n\r\n",
    bytes(range(255, 0, -7)),
    b"\x10\x3c\0\4MQTT",
    b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
    b"\x30\x06\0\1xyes",
)
"""What visitors say. None is a health check that is gone at once, b"" one that looks and says nothing; the others are a
browser, noise, half a CONNECT, half a TLS handshake, and a PUBLISH without a CONNECT."""


class Strangers:
    """Connects to each of ``doors`` again and again, and keeps a device of its own at each that lets it stay."""

    def __init__(self, loop: Loop, doors: list[tuple[Address, bool]]) -> None:
        self._loop = loop
        self._doors = cycle(doors)
        self._count = len(doors)
        self._guests: dict[Address, Stranger] = {}
        self._visitors: set[Stranger] = set()
        self._timer: Timer | None = None
        self._visits = cycle(visit for visit in (*VISITS, GUEST) for _ in doors)
        if doors:
            self._next()

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        for stranger in [*self._visitors, *self._guests.values()]:
            stranger.leave()

    def _next(self) -> None:
        self._timer = self._loop.call_later(EVERY, self._next)
        (door, tls), says = next(self._doors), next(self._visits)
        if says is not GUEST:
            self._visitors.add(Stranger(self._loop, door, says, self._visitors.discard))
        elif door not in self._guests:
            self._guests[door] = Stranger(self._loop, door, GUEST, lambda _: self._guests.pop(door, None), tls, PING)


class Stranger:
    """One connection: says what it has to say once connected, listens, and goes; with ``ping`` it stays and pings."""

    def __init__(
        self,
        loop: Loop,
        door: Address,
        says: bytes | None,
        on_end: Callable[[Stranger], object],
        tls: bool = False,
        ping: float = 0.0,
    ) -> None:
        self._loop = loop
        self._says = says
        self._on_end = on_end
        self._tls = tls
        self._ping = ping
        self._gone = False
        self._socket = socket.socket(socket.AF_INET6 if ":" in door.host else socket.AF_INET)
        self._socket.setblocking(False)
        self._socket.connect_ex(door)
        loop.watch(self._socket, writable=self._connected)

    def leave(self) -> None:
        """End the connection."""
        if not self._gone:
            self._gone = True
            self._loop.unwatch(self._socket)
            self._socket.close()
            self._on_end(self)

    def _connected(self) -> None:
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) or self._says is None:
            self.leave()
            return
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self._loop.unwatch(self._socket)
            self._socket = context.wrap_socket(self._socket, do_handshake_on_connect=False)
            self._shake_hands()
        else:
            self._speak()

    def _shake_hands(self) -> None:
        assert isinstance(self._socket, ssl.SSLSocket)
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            self._loop.watch(self._socket, readable=self._shake_hands)
        except ssl.SSLWantWriteError:
            self._loop.watch(self._socket, writable=self._shake_hands)
        except OSError:
            self.leave()
        else:
            self._speak()

    def _speak(self) -> None:
        self._loop.watch(self._socket, readable=self._listen)
        self._send(self._says or b"")
        if self._ping:
            self._loop.call_later(self._ping, self._stay)
        else:
            self._loop.call_later(STAY, self.leave)

    def _stay(self) -> None:
        if not self._gone:
            self._send(PINGREQ)
            self._loop.call_later(self._ping, self._stay)

    def _send(self, data: bytes) -> None:
        try:
            self._socket.send(data)
        except OSError:
            self.leave()

    def _listen(self) -> None:
        with suppress(ssl.SSLWantReadError, BlockingIOError):
            try:
                while self._socket.recv(4096):
                    pass
            except (ssl.SSLWantReadError, BlockingIOError):
                raise
            except OSError:
                pass
            self.leave()
