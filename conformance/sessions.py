"""The states that a session can be in, for tests that go through several of them."""

from __future__ import annotations

from fixtures.findings import unless_unseen
from fixtures.module import Module
from rigs.cloud.connection import Connection
from rigs.cloud.instrument import Instrument

NO_TLS = ("open-tls",)


class Sessions:
    """Brings the module into a state by its word: ``closed``, ``open``, ``open-tls`` or ``dropped`` by the cloud."""

    def __init__(self, module: Module, gateway: Instrument) -> None:
        self._module = module
        self._gateway = gateway
        self._state = ""
        self._connection: Connection | None = None

    def be(self, state: str) -> bool:
        """Be in this state; whether the module had to be brought into it, from its known state on.

        Raises `Inconclusive` when it does not come online, KeyError for a state that there is not.
        """
        if state == self._state and self._lasts():
            return False
        self._state, self._connection = state, None
        {"closed": self._closed, "open": self._open, "open-tls": self._open_tls, "dropped": self._dropped}[state]()
        return True

    def _lasts(self) -> bool:
        connection = self._connection
        return connection is None or unless_unseen(lambda: connection.closed is None)

    def _closed(self) -> None:
        self._module.touch_everything()
        self._module.reset()

    def _open(self) -> None:
        self._module.touch_everything()
        self._connection = self._module.go_online()

    def _open_tls(self) -> None:
        self._module.touch_everything()
        self._connection = self._module.go_online(tls=True)

    def _dropped(self) -> None:
        self._open()
        connection, self._connection = self._connection, None
        assert connection is not None
        self._gateway.drop(connection)
        connection.wait_closed(self._module.deadlines.cloud)


def has_tls(module: Module) -> bool:
    """Whether the module comes online over TLS here: it may never have been given the bench's CA.

    It is closed afterwards.
    """
    module.configure_session(tls=True)
    connection, exchange = module.try_open(tls=True)
    came = exchange.ok and connection is not None and module.online_at(connection)
    if exchange.ok:
        module.close()
    return came
