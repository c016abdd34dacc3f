"""The gateway in the hands of a test: faults as context managers, one-shot actions, all synchronous.

``with cloud.gateway.withholding_puback(): ...`` - a fault is in force when the block begins, and undone, whatever
happens, when it ends. Faults combine. A connection made under ``silent_on_connect`` stays silent to its end.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rigs.cloud.connection import Connection
from rigs.cloud.events import Ending
from rigs.cloud.faults import (
    AnsweringConnack,
    Blackhole,
    Delaying,
    Fault,
    LimitingTls,
    Presenting,
    RefusingSubscriptions,
    RefusingTcp,
    SilentOnConnect,
    Splitting,
    Throttling,
    WithholdingPuback,
)
from rigs.cloud.gateway import Gateway
from rigs.cloud.loop import LoopThread
from rigs.cloud.packets import ConnackCode
from rigs.cloud.pki import Certificate
from rigs.cloud.relay import Relay
from rigs.errors import BenchError


class Instrument:
    """Makes the gateway misbehave. Every method raises BenchError when the cloud is not running."""

    def __init__(self, gateway: Gateway, loop: LoopThread) -> None:
        self._gateway = gateway
        self._loop = loop

    def refusing_tcp(self) -> AbstractContextManager[None]:
        """Nobody listens on either port; connections that exist stay."""
        return self._in_force(RefusingTcp())

    def silent_on_connect(self) -> AbstractContextManager[None]:
        """CONNECT is never answered."""
        return self._in_force(SilentOnConnect())

    def answering_connack(self, code: ConnackCode | int) -> AbstractContextManager[None]:
        """CONNECT is refused with ``code`` 1-5. Raises ValueError for any other."""
        if ConnackCode(code) is ConnackCode.ACCEPTED:
            raise ValueError("CONNACK 0 is no refusal")
        return self._in_force(AnsweringConnack(ConnackCode(code)))

    def refusing_subscriptions(self) -> AbstractContextManager[None]:
        """SUBSCRIBE is answered by SUBACK 0x80."""
        return self._in_force(RefusingSubscriptions())

    def withholding_puback(self) -> AbstractContextManager[None]:
        """The module's QoS 1 messages reach the broker, their PUBACK never reaches the module."""
        return self._in_force(WithholdingPuback())

    def blackhole(self) -> AbstractContextManager[None]:
        """Nothing passes in either direction while TCP stays; what was held back passes when the block ends."""
        return self._in_force(Blackhole())

    def delaying(self, seconds: float) -> AbstractContextManager[None]:
        """Both directions pass ``seconds`` late."""
        return self._in_force(Delaying(seconds))

    def throttling(self, bytes_per_second: float) -> AbstractContextManager[None]:
        """Each direction passes so many bytes per second. Raises ValueError unless that is more than 0."""
        if bytes_per_second <= 0:
            raise ValueError("a throttled line passes more than 0 bytes per second; blackhole() passes none")
        return self._in_force(Throttling(bytes_per_second))

    def splitting(self, pause: float = 0.001) -> AbstractContextManager[None]:
        """Every byte to the module comes in a TCP segment of its own, ``pause`` seconds after the one before."""
        return self._in_force(Splitting(pause))

    def presenting(self, certificate: Certificate) -> AbstractContextManager[None]:
        """New TLS connections are shown this certificate."""
        return self._in_force(Presenting(certificate))

    def limiting_tls(self, maximum: ssl.TLSVersion) -> AbstractContextManager[None]:
        """New TLS connections get no version above ``maximum``."""
        return self._in_force(LimitingTls(maximum))

    def drop(self, connection: Connection, how: Ending | str = Ending.FIN) -> None:
        """Close the module's connection by ``FIN`` or ``RST``. Raises BenchError if it is over."""
        ending = Ending(how)
        if ending is Ending.LOST:
            raise ValueError("a connection is dropped by FIN or RST")
        self._loop.run(self._act(connection, lambda relay: relay.drop(ending, "dropped on purpose")))

    def send_raw(self, connection: Connection, data: bytes) -> None:
        """Send bytes to the module, behind the packets on their way. Raises BenchError if the connection is over."""
        self._loop.run(self._act(connection, lambda relay: relay.send_raw(data)))

    async def _act(self, connection: Connection, action: Callable[[Relay], None]) -> None:
        relay = await self._gateway.relay(connection.number)
        if relay is None:
            raise BenchError(
                f"connection {connection.number} of the module is over already",
                act="whoever wrote the test waits for an open connection first",
            )
        action(relay)

    @contextmanager
    def _in_force(self, fault: Fault) -> Iterator[None]:
        self._loop.call(lambda: self._gateway.begin(fault))
        try:
            yield
        finally:
            self._loop.call(lambda: self._gateway.end(fault))
