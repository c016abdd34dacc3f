"""A listening port that can stop to listen without giving the port away."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable

from rigs.errors import BenchError
from rigs.sentence import Sentence, say

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_GONE = (errno.ECONNABORTED, errno.ECONNRESET, errno.EPROTO, errno.EPERM, errno.ENETDOWN, errno.EHOSTUNREACH)
"""What accept(2) passes on of a connection's own trouble."""
_BREATHER = 0.05  # seconds until the operating system is asked again


class Listener:
    """Accepts TCP connections on one address; ``refuse`` and ``resume`` switch between listening and ECONNREFUSED."""

    def __init__(
        self, key: str, on_accept: Callable[[socket.socket], None], on_exhausted: Callable[[], None] = lambda: None
    ) -> None:
        """``key`` is the name of the address in the rig file, for error messages.

        ``on_exhausted`` is called when the operating system has no room for one more connection.
        """
        self._key = key
        self._on_accept = on_accept
        self._on_exhausted = on_exhausted
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self.address = ("", 0)

    def open(self, host: str, port: int) -> None:
        """Bind and listen; port 0 takes a free one. Raises BenchError."""
        self._socket = self._bound(host, port)
        self.address = self._socket.getsockname()[:2]
        self._listen(self._socket)

    def refuse(self) -> None:
        """Stop listening, so that a connection attempt is refused, but keep the port bound. Raises BenchError."""
        self.close()
        self._socket = self._bound(*self.address)

    def resume(self) -> None:
        """Listen again after ``refuse``."""
        if self._socket is not None and self._accepting is None:
            self._listen(self._socket)

    def close(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
        if self._socket is not None:
            # Or else the cancelled accept would do so later, when its number may be another socket's.
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    @property
    def listening(self) -> bool:
        return self._accepting is not None and not self._accepting.done()

    def _bound(self, host: str, port: int) -> socket.socket:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            sock = socket.socket(family, kind, protocol)
            try:
                if os.name == "posix":  # elsewhere the option would let two programs share the port
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.setblocking(False)
                sock.bind(address)
            except OSError:
                sock.close()
                raise
        except OSError as error:
            raise BenchError(
                say(
                    "cannot listen on {host}:{port}: {strerror}", host=host, port=port, strerror=error.strerror or error
                ),
                act=say("{advice} (rig file: {key})", advice=_advice(error), key=self._key),
            ) from error
        return sock

    def _listen(self, sock: socket.socket) -> None:
        sock.listen(100)
        self._accepting = asyncio.get_running_loop().create_task(self._accept(sock))

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                peer, _ = await loop.sock_accept(sock)
            except OSError as error:
                # A peer that has gone before it was accepted is no reason to stop, and neither is a crowd.
                if error.errno in _EXHAUSTED:
                    self._on_exhausted()
                    await asyncio.sleep(_BREATHER)
                elif error.errno not in _GONE:
                    raise
                continue
            peer.setblocking(False)
            self._on_accept(peer)


def _advice(error: OSError) -> Sentence:
    match error.errno:
        case errno.EADDRINUSE:
            return say("stop the program that holds the port, or choose another port")
        case errno.EACCES | errno.EPERM:
            return say("choose a port from 1024 on, or get the right to use this one")
    return say("choose an address of this machine")
