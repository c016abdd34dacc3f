"""The front door of the cloud: TCP and TLS ports for the module, one relay per connection, and the faults.

Anybody may come to these ports; ``visitors`` finds out which connections are the module's.

Everything here runs in the cloud's event loop; tests use the synchronous ``rigs.cloud.instrument.Instrument``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

from rigs.cloud.events import (
    BenchFailure,
    Cipher,
    Closed,
    Connected,
    Ending,
    FaultOff,
    FaultOn,
    Listening,
    Party,
    TlsEstablished,
    TlsFailed,
)
from rigs.cloud.faults import (
    ActiveFaults,
    FailingHandshake,
    Fault,
    Handshake,
    LimitingTls,
    Presenting,
    RefusingTcp,
    SecondLogin,
)
from rigs.cloud.journal import Journal
from rigs.cloud.listener import Listener
from rigs.cloud.login import Device
from rigs.cloud.pki import Certificate, Pki
from rigs.cloud.profile import Rules
from rigs.cloud.relay import Relay, Surroundings
from rigs.cloud.rival import Rival
from rigs.cloud.streams import accepted, first_bytes, refuse_handshake
from rigs.cloud.visitors import Visitors
from rigs.sentence import Sentence, say

_HELLO = 4096  # bytes at the beginning of a TLS handshake in which the host's name is looked for
_HANDSHAKE_FAILURE = bytes.fromhex("15 0303 0002 02 28")  # a fatal alert (RFC 5246, 7.2)
_CROWD = say("made room for others: too many connections that are not the module's")


class Gateway:
    """Accepts the module on two ports and relays it to the broker at ``broker``.

    ``on_failure`` is told every failure of the bench itself, as message and as who should act. Connections are numbered
    from ``connections_before`` on.
    """

    def __init__(
        self,
        broker: tuple[str, int],
        journal: Journal,
        pki: Pki,
        rules: type[Rules],
        on_failure: Callable[[Sentence, Sentence], None],
        connections_before: int = 0,
    ) -> None:
        self._journal = journal
        self._pki = pki
        self._on_failure = on_failure
        self._faults = ActiveFaults()
        self.visitors = Visitors(journal)
        self._around = Surroundings(journal, self.visitors, self._faults, broker, self.fail, rules)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._relays: dict[int, asyncio.Future[Relay]] = {}  # done once TCP, and TLS if any, are set up
        self._rivals: dict[Fault, Rival] = {}
        self._connections = connections_before
        self.tcp = Listener("cloud.listen", lambda peer: self._accept(peer, tls=False), self._make_room)
        self.tls = Listener("cloud.listen_tls", lambda peer: self._accept(peer, tls=True), self._make_room)

    def start(self, listen: tuple[str, int], listen_tls: tuple[str, int] | None) -> None:
        """Open both ports, or only the first. Raises BenchError."""
        self.tcp.open(*listen)
        if listen_tls is not None:
            try:
                self.tls.open(*listen_tls)
            except Exception:
                self.tcp.close()
                raise
        self._announce()

    async def stop(self) -> None:
        """Close ports and connections."""
        self.tcp.close()
        self.tls.close()
        for rival in self._rivals.values():
            await rival.log_out()
        self._around.stopping = True
        tasks = tuple(self._tasks.values())
        for number in tuple(self._tasks):
            self._put_away(number, Ending.FIN, say("the gateway stops"))
        await asyncio.gather(*tasks, return_exceptions=True)
        self.visitors.leave()

    def register(self, device: Device) -> None:
        self._around.devices[device.product_key, device.device_name] = device
        self.visitors.identities.add(device.product_key, device.device_name)

    async def hang_up(self, number: int) -> None:
        """End a connection that nobody needs any more, at whatever stage it is."""
        if number in self._tasks:
            self._put_away(number, Ending.FIN, say("put away by the bench"))

    def _put_away(self, number: int, how: Ending, reason: str) -> None:
        if (relay := self._relays[number]).done():
            relay.result().drop(how, reason)
        else:
            self._tasks[number].cancel(reason)

    def _make_room(self) -> None:
        """The operating system has no room for one more connection: the oldest of those that do not matter goes."""
        if (number := self.visitors.oldest()) is not None and number in self._tasks:
            self._put_away(number, Ending.RST, _CROWD)

    def fail(self, message: Sentence, act: Sentence) -> None:
        """Record that the bench itself is broken."""
        self._journal.append(BenchFailure(time.monotonic(), None, message, act))
        self._on_failure(message, act)

    async def begin(self, fault: Fault) -> None:
        """Put a fault in force. Raises BenchError when the broker behind does not play its part in it."""
        self._faults.add(fault)
        self._journal.append(FaultOn(time.monotonic(), None, str(fault)))
        match fault:
            case RefusingTcp() | FailingHandshake(how=Handshake.REFUSED):
                for listener in self._open_listeners():
                    if self._refuses(listener) and listener.listening:
                        listener.refuse()
            case Presenting(certificate=certificate):
                self._pki.issue(certificate)
            case SecondLogin(device=device):
                self._rivals[fault] = rival = Rival(device, self._around)
                await rival.log_in()

    async def end(self, fault: Fault) -> None:
        """Undo a fault."""
        self._faults.remove(fault)
        if (rival := self._rivals.pop(fault, None)) is not None:
            await rival.log_out()
        shut = [listener for listener in self._open_listeners() if not listener.listening]
        if again := [listener for listener in shut if not self._refuses(listener)]:
            for listener in again:
                listener.resume()
            self._announce()
        self._journal.append(FaultOff(time.monotonic(), None, str(fault)))

    async def relay(self, number: int) -> Relay | None:
        """The relay of a connection, as soon as its TLS handshake is through; None when the connection is over."""
        if (relay := self._relays.get(number)) is None:
            return None
        await asyncio.wait((relay, self._tasks[number]), return_when=asyncio.FIRST_COMPLETED)
        return relay.result() if relay.done() and not relay.result().closed else None

    @property
    def healthy(self) -> bool:
        """Whether every port listens that should."""
        return all(listener.listening or self._refuses(listener) for listener in self._open_listeners())

    def _refuses(self, listener: Listener) -> bool:
        """Whether nobody is to listen on this port."""
        no_tls = self._faults.find(FailingHandshake, lambda fault: fault.how is Handshake.REFUSED)
        return self._faults.find(RefusingTcp) is not None or (listener is self.tls and no_tls is not None)

    def _open_listeners(self) -> list[Listener]:
        return [listener for listener in (self.tcp, self.tls) if listener.address[1]]

    def _announce(self) -> None:
        for listener in self._open_listeners():
            host, port = listener.address
            self._journal.append(Listening(time.monotonic(), None, f"{host}:{port}", listener is self.tls))

    def _accept(self, peer: socket.socket, *, tls: bool) -> None:
        self._connections += 1
        number = self._connections
        self.visitors.came(Connected(time.monotonic(), number, _peer_name(peer), tls))
        if (oldest := self.visitors.too_many()) is not None:
            self._put_away(oldest, Ending.RST, _CROWD)
        loop = asyncio.get_running_loop()
        self._relays[number] = loop.create_future()
        self._tasks[number] = task = loop.create_task(self._serve(number, peer, tls=tls))
        task.add_done_callback(lambda _task: self._forget(number))

    def _forget(self, number: int) -> None:
        del self._tasks[number], self._relays[number]
        self.visitors.gone(number)

    async def _serve(self, number: int, peer: socket.socket, *, tls: bool) -> None:
        try:
            await self._faults.passage()
            # Whoever comes to the TLS port and says nothing costs nothing.
            if tls and not (hello := await first_bytes(peer, _HELLO)):
                peer.close()
                self._over(number, Party.MODULE, Ending.FIN, "closed without a byte")
                return
        except OSError:
            peer.close()
            self._over(number, Party.MODULE, Ending.RST, "reset without a byte")
            return
        except asyncio.CancelledError as error:
            peer.close()
            self._over(number, Party.GATEWAY, Ending.FIN, str(error) or say("the gateway stops"))
            raise
        handshake = None
        if tls:
            # OpenSSL tells no name of a handshake that it gives up early.
            self.visitors.heard(number, hello)
            self.visitors.nonsense(number)
            handshake = _Handshake(self._server_context())
            if failing := self._faults.find(FailingHandshake):
                handshake.read(hello)
                self._fail_handshake(number, peer, handshake, failing.how)
                return
        try:
            stream = await accepted(peer, handshake.context if handshake else None)
        except OSError as error:
            self._failed(number, error, handshake)
            return
        except asyncio.CancelledError as error:
            self._over(number, Party.GATEWAY, Ending.LOST, str(error) or say("the gateway stops"))
            raise
        if handshake is not None:
            self.visitors.handshake(number, handshake.server_name)
            self.visitors.note(handshake.established(number, stream.writer.get_extra_info("ssl_object")))
        relay = Relay(number, stream, tls=tls, around=self._around)
        self._relays[number].set_result(relay)
        await relay.run()

    def _fail_handshake(self, number: int, peer: socket.socket, handshake: _Handshake, how: Handshake) -> None:
        ending = Ending.RST if how is Handshake.RST else Ending.FIN
        refuse_handshake(peer, _HANDSHAKE_FAILURE if how is Handshake.ALERT else b"", ending)
        self.visitors.handshake(number, handshake.server_name)
        self.visitors.note(TlsFailed(time.monotonic(), number, "refused on purpose", handshake.server_name))
        self._over(number, Party.GATEWAY, ending, say("TLS handshake failed"))

    def _failed(self, number: int, error: OSError, handshake: _Handshake | None) -> None:
        """A connection that did not come to be, over TLS as a rule."""
        words = _words(error)
        if handshake is None:
            self._over(number, Party.MODULE, Ending.LOST, words)
            return
        self.visitors.handshake(number, handshake.server_name)
        self.visitors.note(TlsFailed(time.monotonic(), number, words, handshake.server_name))
        given_up = isinstance(error, ConnectionError) or any(word in words for word in ("ALERT", "EOF"))
        self._over(number, Party.MODULE if given_up else Party.GATEWAY, Ending.LOST, say("TLS handshake failed"))

    def _over(self, number: int, by: Party, how: Ending, reason: str) -> None:
        self.visitors.note(Closed(time.monotonic(), number, by, how, False, reason))

    def _server_context(self) -> ssl.SSLContext:
        presenting, limiting = self._faults.find(Presenting), self._faults.find(LimitingTls)
        return self._pki.server_context(
            presenting.certificate if presenting else Certificate.VALID,
            maximum_version=limiting.maximum if limiting else None,
            ciphers=limiting.ciphers if limiting else (),
        )


class _Handshake:
    """One TLS handshake. It has a context of its own, so that the name asked for is known even if it fails."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.server_name: str | None = None
        context.sni_callback = self._asked

    def read(self, hello: bytes) -> None:
        """Take the name from the beginning of a handshake that goes no further."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(hello)
        with suppress(ssl.SSLError):
            self.context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()

    def _asked(self, _ssl: object, server_name: str | None, _context: ssl.SSLContext) -> None:
        self.server_name = server_name

    def established(self, number: int, ssl_object: ssl.SSLObject) -> TlsEstablished:
        cipher = ssl_object.cipher()
        return TlsEstablished(
            time.monotonic(),
            number,
            version=ssl_object.version() or "",
            cipher=cipher[0] if cipher else "",
            offered=tuple(Cipher(name, bits) for name, _, bits in ssl_object.shared_ciphers() or ()),
            server_name=self.server_name,
            alpn=ssl_object.selected_alpn_protocol(),
        )


def _words(error: OSError) -> str:
    """OpenSSL's reason, or what the operating system says."""
    return (isinstance(error, ssl.SSLError) and error.reason) or str(error) or type(error).__name__


def _peer_name(peer: socket.socket) -> str:
    try:
        host, port = peer.getpeername()[:2]
    except OSError:
        return "gone already"
    return f"{host}:{port}"
