"""The control line: one command per line over TCP, each answered with one line ``ok ...`` or ``error ...``."""

from __future__ import annotations

import socket
from collections.abc import Callable

from rigs.simulator.loop import Loop
from rigs.simulator.options import Address
from rigs.simulator.ports import listen
from rigs.simulator.streams import Stream

LONGEST_LINE = 1000
REPLY_SECONDS = 30.0


class ControlError(Exception):
    """The simulator did not do what it was asked to."""


class ControlServer:
    """Answers any number of clients. ``obey`` gets a command line's words and returns the answer.

    Raises :class:`~rigs.simulator.ports.PortError` when nothing can listen at ``address``.
    """

    def __init__(self, loop: Loop, address: Address, obey: Callable[[list[str]], str]) -> None:
        self._loop = loop
        self._obey = obey
        self._listener = listen(address)
        self._clients: set[socket.socket] = set()
        self.address = Address(*self._listener.getsockname()[:2])
        loop.watch(self._listener, self._accept)

    def close(self) -> None:
        for sock in (self._listener, *self._clients):
            self._loop.unwatch(sock)
            sock.close()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.setblocking(False)
        self._clients.add(client)
        received = bytearray()

        def on_data(data: bytes) -> None:
            received.extend(data)
            while b"\n" in received:
                line, _, rest = received.partition(b"\n")
                received[:] = rest
                stream.send(self._obey(line.decode("ascii", "replace").split()).encode() + b"\n")
            if len(received) > LONGEST_LINE:
                hang_up()

        def hang_up() -> None:
            self._clients.discard(client)
            stream.close()
            client.close()

        stream = Stream(self._loop, client, read=client.recv, write=client.send, on_data=on_data, on_end=hang_up)


def ask(address: Address, command: str) -> str:
    """Send one command to a running simulator and return what follows the ``ok``; otherwise :class:`ControlError`."""
    try:
        with socket.create_connection(address, timeout=REPLY_SECONDS) as connection:
            connection.sendall(command.encode() + b"\n")
            with connection.makefile("r", encoding="ascii", errors="replace") as answers:
                answer = answers.readline().strip()
    except OSError as error:
        raise ControlError(f"no simulator answers at {address}: {error.strerror or error}") from error
    status, _, text = answer.partition(" ")
    if status != "ok":
        raise ControlError(text or f"the simulator at {address} ended without an answer")
    return text
