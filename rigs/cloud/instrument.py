"""The gateway in the hands of a test: faults as context managers, one-shot actions, all synchronous.

``with cloud.gateway.withholding_puback(): ...`` - a fault is in force when the block begins, and undone, whatever
happens, when it ends. Faults combine. A connection made under ``silent_on_connect`` stays silent to its end.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from rigs.cloud.connection import Connection
from rigs.cloud.events import Ending, Party
from rigs.cloud.faults import (
    AnsweringConnack,
    Blackhole,
    Cutting,
    Delaying,
    Dropping,
    FailingHandshake,
    Fault,
    Handshake,
    Jittering,
    Joining,
    LimitingTls,
    Malforming,
    Presenting,
    RefusingSubscriptions,
    RefusingTcp,
    SecondLogin,
    SilentOnConnect,
    Splitting,
    Throttling,
    WithholdingPuback,
)
from rigs.cloud.gateway import Gateway
from rigs.cloud.login import Device
from rigs.cloud.loop import LoopThread
from rigs.cloud.malformations import Malformation
from rigs.cloud.packets import ConnackCode, Packet
from rigs.cloud.pki import Certificate
from rigs.cloud.relay import Relay
from rigs.errors import ConnectionGone
from rigs.sentence import Sentence, say

FAULTS = (
    "refusing_tcp",
    "silent_on_connect",
    "answering_connack",
    "refusing_subscriptions",
    "withholding_puback",
    "closing",
    "resetting",
    "blackhole",
    "delaying",
    "jittering",
    "throttling",
    "splitting",
    "malforming",
    "second_login",
    "presenting",
    "limiting_tls",
    "failing_handshake",
)
"""All that the gateway can do wrong, by the name that a test calls it by."""

_DROPS = {Ending.FIN: "closing", Ending.RST: "resetting"}


class Instrument:
    """Makes the gateway misbehave. Every method raises BenchError when the cloud is not running.

    ``permit`` is asked, by the name in ``FAULTS``, before anything is done wrong; what it raises passes through.
    """

    def __init__(self, gateway: Gateway, loop: LoopThread) -> None:
        self.permit: Callable[[str], None] = lambda _name: None
        self._gateway = gateway
        self._loop = loop

    def refusing_tcp(self) -> AbstractContextManager[None]:
        """Nobody listens on either port; connections that exist stay."""
        return self._in_force("refusing_tcp", RefusingTcp())

    def silent_on_connect(self) -> AbstractContextManager[None]:
        """TCP is accepted, CONNECT is never answered."""
        return self._in_force("silent_on_connect", SilentOnConnect())

    def answering_connack(self, code: ConnackCode | int) -> AbstractContextManager[None]:
        """CONNECT is refused with ``code`` 1-5. Raises ValueError for any other."""
        if ConnackCode(code) is ConnackCode.ACCEPTED:
            raise ValueError("CONNACK 0 is no refusal")
        return self._in_force("answering_connack", AnsweringConnack(ConnackCode(code)))

    def refusing_subscriptions(self) -> AbstractContextManager[None]:
        """SUBSCRIBE is answered by SUBACK 0x80."""
        return self._in_force("refusing_subscriptions", RefusingSubscriptions())

    def withholding_puback(self) -> AbstractContextManager[None]:
        """The module's QoS 1 messages reach the broker, their PUBACK never reaches the module."""
        return self._in_force("withholding_puback", WithholdingPuback())

    def closing(self, on: type[Packet]) -> AbstractContextManager[None]:
        """A packet of kind ``on`` from the module is not passed on; FIN comes in its place."""
        return self._in_force("closing", Dropping(on, Ending.FIN))

    def resetting(self, on: type[Packet]) -> AbstractContextManager[None]:
        """A packet of kind ``on`` from the module is not passed on; RST comes in its place."""
        return self._in_force("resetting", Dropping(on, Ending.RST))

    def blackhole(self) -> AbstractContextManager[None]:
        """Nothing passes in either direction while TCP stays; what was held back passes when the block ends."""
        return self._in_force("blackhole", Blackhole())

    def delaying(self, seconds: float) -> AbstractContextManager[None]:
        """Both directions pass ``seconds`` late."""
        return self._in_force("delaying", Delaying(seconds))

    def jittering(self, most_seconds: float, seed: int = 0) -> AbstractContextManager[None]:
        """Both directions pass late by a random time of up to ``most_seconds``, in order, the same for each ``seed``.

        Raises ValueError unless ``most_seconds`` is more than 0.
        """
        if most_seconds <= 0:
            raise ValueError("a jitter is more than 0 seconds")
        return self._in_force("jittering", Jittering(most_seconds, seed))

    def throttling(self, bytes_per_second: float) -> AbstractContextManager[None]:
        """Each direction passes so many bytes per second. Raises ValueError unless that is more than 0."""
        if bytes_per_second <= 0:
            raise ValueError("a throttled line passes more than 0 bytes per second; blackhole() passes none")
        return self._in_force("throttling", Throttling(bytes_per_second))

    def splitting(self, pause: float = 0.001, header_pause: float = 0.03) -> AbstractContextManager[None]:
        """Every byte to the module comes in a TCP segment of its own, ``pause`` seconds after the one before.

        ``header_pause`` takes its place around the first bytes of a packet.
        """
        return self._in_force("splitting", Splitting(pause, header_pause))

    def cutting(self, first: int, pause: float = 0.01) -> AbstractContextManager[None]:
        """Every packet to the module comes in two TCP segments, the first of them with so many bytes.

        Raises ValueError for less than one byte.
        """
        if first < 1:
            raise ValueError("a segment has at least one byte")
        return self._in_force("splitting", Cutting(first, pause))

    def joining(self, count: int, patience: float = 0.2) -> AbstractContextManager[None]:
        """So many packets to the module come in one TCP segment. Raises ValueError for less than two.

        Where fewer follow within ``patience`` seconds those come.
        """
        if count < 2:
            raise ValueError("one packet is never together with others")
        return self._in_force("splitting", Joining(count, patience))

    def malforming(self, kind: type[Packet], how: Malformation) -> AbstractContextManager[None]:
        """Every packet of ``kind`` to the module is spoiled. Raises ValueError for a kind that ``how`` is not for."""
        if kind not in how.kinds:
            raise ValueError(f"{how} is nothing that can be done to a {kind.__name__}")
        return self._in_force("malforming", Malforming(kind, how))

    def second_login(self, device: Device) -> AbstractContextManager[None]:
        """Another client is online with the identity of ``device``, and comes back when the module kicks it off."""
        return self._in_force("second_login", SecondLogin(device))

    def presenting(self, certificate: Certificate) -> AbstractContextManager[None]:
        """New TLS connections are shown this certificate."""
        return self._in_force("presenting", Presenting(certificate))

    def limiting_tls(self, maximum: ssl.TLSVersion, ciphers: Sequence[str] = ()) -> AbstractContextManager[None]:
        """New TLS connections get no version above ``maximum``, and up to TLS 1.2 only ``ciphers`` if there are any.

        Raises ValueError when this machine's OpenSSL knows none of them.
        """
        if ciphers:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).set_ciphers(":".join(ciphers))
            except ssl.SSLError as error:
                raise ValueError(f"none of these ciphers is known: {', '.join(ciphers)}") from error
        return self._in_force("limiting_tls", LimitingTls(maximum, tuple(ciphers)))

    def failing_handshake(self, how: Handshake) -> AbstractContextManager[None]:
        """New TLS connections come to nothing; those without TLS go on, and those that exist stay."""
        return self._in_force("failing_handshake", FailingHandshake(how))

    def drop(self, connection: Connection, how: Ending | str = Ending.FIN) -> None:
        """Close the module's connection by ``FIN`` or ``RST``. Raises ConnectionGone if it is over already."""
        ending = Ending(how)
        if ending is Ending.LOST:
            raise ValueError("a connection is dropped by FIN or RST")
        self.permit(_DROPS[ending])
        self._loop.run(self._act(connection, lambda relay: relay.drop(ending, say("dropped on purpose"))))

    def send_raw(self, connection: Connection, data: bytes) -> None:
        """Send bytes to the module, behind the packets on their way. Raises ConnectionGone as `drop` does."""
        self.permit("malforming")
        self._loop.run(self._act(connection, lambda relay: relay.send_raw(data)))

    def hang_up(self, connection: Connection) -> None:
        """Put a connection away that no test needs any more; one that is over already needs nothing."""
        self._loop.run(self._gateway.hang_up(connection.number))

    async def _act(self, connection: Connection, action: Callable[[Relay], None]) -> None:
        relay = await self._gateway.relay(connection.number)
        if relay is None:
            raise ConnectionGone(_words(connection))
        action(relay)

    @contextmanager
    def _in_force(self, name: str, fault: Fault) -> Iterator[None]:
        self.permit(name)
        try:
            self._loop.run(self._gateway.begin(fault))
            yield
        finally:
            self._loop.run(self._gateway.end(fault))


_PARTIES = {Party.MODULE: say("module"), Party.GATEWAY: say("gateway"), Party.BROKER: say("broker")}


def _words(connection: Connection) -> Sentence:
    """When and how a connection ended."""
    if (end := connection.closed) is None:
        return say("connection {number} of the module is over", number=connection.number)
    ago = time.monotonic() - end.time
    how = say("by {how}", how=end.how.value) if end.how is not Ending.LOST else say("without a word")
    return say(
        "connection {number} of the module was over {ago:.3f} s before the bench could act on it: "
        "ended by the {by} {how} ({reason})",
        number=connection.number,
        ago=ago,
        by=_PARTIES[end.by],
        how=how,
        reason=end.reason,
    )
