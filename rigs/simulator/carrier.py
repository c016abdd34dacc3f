"""The carrier's network between module and cloud: it carries every byte in order, some of them late."""

from __future__ import annotations

import random
import socket
import struct
import time
from collections import deque
from collections.abc import Callable

from rigs.simulator.loop import Loop
from rigs.simulator.options import ANY_FREE_PORT, Address
from rigs.simulator.ports import listen
from rigs.simulator.streams import Stream

Deliver = Callable[[], object]


class Carrier:
    """Listens at ``address`` and connects each caller to ``cloud``; every piece is held back up to ``longest`` seconds.

    A cloud that cannot be reached is told to the caller by a reset. Raises
    :class:`~rigs.simulator.ports.PortError` when it cannot listen.
    """

    def __init__(self, loop: Loop, cloud: Address, longest: float, chance: random.Random) -> None:
        self._loop = loop
        self._cloud = cloud
        self._late = lambda: chance.uniform(0, longest)
        self._listener = listen(ANY_FREE_PORT)
        self.calls: set[_Call] = set()
        self.address = Address(*self._listener.getsockname()[:2])
        loop.watch(self._listener, self._accept)

    def close(self) -> None:
        self._loop.unwatch(self._listener)
        self._listener.close()
        for call in list(self.calls):
            call.end(reset=False)

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        self.calls.add(_Call(self._loop, near, self._cloud, self._late, self.calls.discard))


class _Call:
    """One connection, with an end at the module (near) and one at the cloud (far)."""

    def __init__(
        self,
        loop: Loop,
        near: socket.socket,
        cloud: Address,
        late: Callable[[], float],
        on_end: Callable[[_Call], object],
    ) -> None:
        self._loop = loop
        self._late = late
        self._on_end = on_end
        self._near, self._far = near, socket.socket(socket.AF_INET6 if ":" in cloud.host else socket.AF_INET)
        self._streams: list[Stream] = []
        self._over = False
        for sock in (near, self._far):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._far.connect_ex(cloud)
        loop.watch(self._far, writable=self._connected)

    def end(self, *, reset: bool) -> None:
        """End both connections: with a reset where the other end has had one."""
        if self._over:
            return
        self._over = True
        for stream in self._streams:
            stream.close()
        for sock in (self._near, self._far):
            self._loop.unwatch(sock)
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
        self._on_end(self)

    def _connected(self) -> None:
        self._loop.unwatch(self._far)
        if self._far.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.end(reset=True)
            return
        to_far, to_near = _Way(self._loop, self._late), _Way(self._loop, self._late)
        near = self._stream(self._near, to_far, lambda data: far.send(data))
        far = self._stream(self._far, to_near, near.send)
        self._streams += [near, far]

    def _stream(self, source: socket.socket, way: _Way, pass_on: Callable[[bytes], object]) -> Stream:
        was_reset: list[bool] = []

        def read(size: int) -> bytes:
            try:
                return source.recv(size)
            except ConnectionError:
                was_reset.append(True)
                raise

        return Stream(
            self._loop,
            source,
            read=read,
            write=source.send,
            on_data=lambda data: way.send(lambda: self._over or pass_on(data)),
            on_end=lambda: way.send(lambda: self.end(reset=bool(was_reset))),
        )


class _Way:
    """One direction: what is sent is delivered late, and in order."""

    def __init__(self, loop: Loop, late: Callable[[], float]) -> None:
        self._loop = loop
        self._late = late
        self._queue: deque[Deliver] = deque()
        self._due = 0.0

    def send(self, deliver: Deliver) -> None:
        now = time.monotonic()
        self._due = max(self._due, now + self._late())
        self._queue.append(deliver)
        self._loop.call_later(self._due - now, lambda: self._queue.popleft()())
