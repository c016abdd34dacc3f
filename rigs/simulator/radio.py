"""The module's radio: whether the carrier's network has it (3GPP TS 27.007, 7.2 and 10.1)."""

from __future__ import annotations

from collections.abc import Callable


class Radio:
    """Registered from the start, unless something around the module says otherwise.

    ``on_lost`` is called when the network goes, ``on_found`` when it comes, each with the radio in its new state.
    """

    def __init__(self) -> None:
        self.registered = True
        self.on_lost: Callable[[], object] = lambda: None
        self.on_found: Callable[[], object] = lambda: None

    @property
    def status(self) -> int:
        """``<stat>`` of +CREG and +CEREG: 1 is registered at home, 2 is not registered and searching."""
        return 1 if self.registered else 2

    def lose(self) -> None:
        """The network is gone."""
        if self.registered:
            self.registered = False
            self.on_lost()

    def find(self) -> None:
        """The network is there."""
        if not self.registered:
            self.registered = True
            self.on_found()
