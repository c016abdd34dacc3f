"""One thread, one selector: callbacks of sockets and port, timers, and waiting for a condition."""

from __future__ import annotations

import heapq
import itertools
import selectors
import time
from collections.abc import Callable
from typing import Any, Protocol

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class HasFileno(Protocol):
    """Anything that a selector can watch."""

    def fileno(self) -> int:
        """Its descriptor."""


class Loop:
    """Waits for whatever comes next and calls who asked for it."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.timers: list[tuple[float, int, Callable[[], None]]] = []
        self.numbers = itertools.count()

    def watch(self, what: HasFileno | int, events: int, call: Callable[[int], None]) -> None:
        """Call when `what` is ready for one of the events; no events: no longer."""
        try:
            known: Any = self.selector.get_key(what)
        except KeyError:
            known = None
        if not events:
            if known:
                self.selector.unregister(what)
        elif not known:
            self.selector.register(what, events, call)
        elif known.events != events:
            self.selector.modify(what, events, call)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Call once, later."""
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.numbers), call))

    def pump(self, limit: float | None) -> None:
        """Wait for the next event, for `limit` seconds at most, and serve it."""
        if self.timers:
            due = max(0.0, self.timers[0][0] - time.monotonic())
            limit = due if limit is None else min(limit, due)
        for key, mask in self.selector.select(limit):
            key.data(mask)
        while self.timers and self.timers[0][0] <= time.monotonic():
            heapq.heappop(self.timers)[2]()

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Serve events until the condition holds; False when the time is over before."""
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self.pump(left)
        return True
