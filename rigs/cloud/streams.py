"""TCP and TLS connections of the gateway as asyncio streams, with the details that the record wants."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass

from rigs.cloud.events import Ending

_READ_SIZE = 65536
HANDSHAKE_DEADLINE = 30.0  # seconds; a module over a bad radio link takes its time
_AT_ONCE = struct.pack("hh" if socket.SO_LINGER == 0x80 else "ii", 1, 0)
"""Linger of zero seconds: makes the close of a socket a reset."""
_CLOSE_NOTIFY_DEADLINE = 0.2  # seconds that FIN waits for the peer's answer to our close_notify


@dataclass(frozen=True)
class Stream:
    """Reader and writer of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def half_close(self) -> bool:
        """FIN after what is buffered, and go on reading; False when the peer has gone already.

        False over TLS, too, which knows no half-closed connection.
        """
        if not self.writer.can_write_eof() or self.writer.is_closing():
            return False
        try:
            self.writer.write_eof()
        except OSError:  # reset a moment ago, which the event loop has yet to find out
            return False
        return True

    async def end(self, seconds: float, heard: Callable[[bytes], None]) -> None:
        """After `half_close`: for ``seconds`` at most read over what still comes, so that no reset overtakes FIN."""
        try:
            async with asyncio.timeout(seconds):
                while data := await self.reader.read(_READ_SIZE):
                    heard(data)
        except OSError:  # TimeoutError is one
            pass
        finally:
            self.writer.close()

    def close(self, how: Ending = Ending.FIN) -> None:
        """End the connection at once: FIN after what is buffered, or RST."""
        if how is Ending.RST:
            with contextlib.suppress(OSError):  # its socket may have been closed by the peer's own reset
                self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self.writer.transport.abort()
        else:
            self.writer.close()


async def first_bytes(sock: socket.socket, most: int) -> bytes:
    """Wait for the first bytes, and leave them there; none when the peer goes without any. Raises OSError."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sock, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(sock)
    return sock.recv(most, socket.MSG_PEEK)


def refuse_handshake(sock: socket.socket, alert: bytes, how: Ending) -> None:
    """End an accepted socket in the place of its TLS handshake, an ``alert`` first if it is not empty."""
    with contextlib.suppress(OSError):
        # What has come and is not read would make a reset of FIN.
        while sock.recv(_READ_SIZE):
            pass
    with contextlib.suppress(OSError):
        if alert:
            sock.send(alert)
        if how is Ending.RST:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    sock.close()


async def accepted(sock: socket.socket, tls: ssl.SSLContext | None) -> Stream:
    """The stream of an accepted socket, after the TLS handshake if any. Raises OSError (ssl.SSLError is one)."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol,
        sock,
        ssl=tls,
        ssl_handshake_timeout=HANDSHAKE_DEADLINE if tls else None,
        ssl_shutdown_timeout=_CLOSE_NOTIFY_DEADLINE if tls else None,
    )
    return Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


async def connected(host: str, port: int, deadline: float) -> Stream:
    """A TCP connection to the broker behind. Raises OSError (TimeoutError is one)."""
    async with asyncio.timeout(deadline):
        reader, writer = await asyncio.open_connection(host, port)
    return Stream(reader, writer)
