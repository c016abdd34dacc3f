"""The event loop of both processes: sockets and timers, one thread, no polling."""

from __future__ import annotations

import heapq
import itertools
import selectors
import time
from collections.abc import Callable
from typing import Any

Callback = Callable[[], object]


class Timer:
    """A callback that will run once; :meth:`cancel` takes it back."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callback) -> None:
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        self.callback = None


class Loop:
    """Runs callbacks when a socket is ready or a time has come.

    A callback may itself wait: :meth:`wait_until` runs the same loop until its condition holds, so that a command
    that waits for the network does not stop the network.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def watch(self, source: Any, readable: Callback | None = None, writable: Callback | None = None) -> None:
        """Call back while ``source`` (a socket or descriptor) is readable or writable; replaces an earlier watch."""
        events = (selectors.EVENT_READ if readable else 0) | (selectors.EVENT_WRITE if writable else 0)
        try:
            self._selector.modify(source, events, (readable, writable))
        except KeyError:
            self._selector.register(source, events, (readable, writable))

    def unwatch(self, source: Any) -> None:
        """Stop watching ``source``; harmless when it is not watched. Call it before the source is closed."""
        try:
            self._selector.unregister(source)
        except (KeyError, ValueError):
            return

    def call_later(self, seconds: float, callback: Callback) -> Timer:
        """Run ``callback`` once, ``seconds`` from now."""
        timer = Timer(callback)
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), timer))
        return timer

    def step(self, seconds: float | None = None) -> None:
        """Wait until something happens, at most ``seconds`` (None: for ever), and run its callbacks."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        if self._timers:
            due = max(0.0, self._timers[0][0] - time.monotonic())
            seconds = due if seconds is None else min(seconds, due)
        for key, events in self._selector.select(seconds):
            readable, writable = key.data
            if events & selectors.EVENT_READ and readable:
                readable()
            if events & selectors.EVENT_WRITE and writable:
                writable()
        if self._timers:
            self._run_due_timers()

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Run the loop until ``condition()`` holds (True) or ``seconds`` have passed (False)."""
        deadline = time.monotonic() + seconds
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self.step(left)
        return True

    def rest(self, seconds: float) -> None:
        """Let ``seconds`` pass while everything else goes on."""
        self.wait_until(lambda: False, seconds)

    def close(self) -> None:
        self._selector.close()

    def _run_due_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            callback = heapq.heappop(self._timers)[2].callback
            if callback:
                callback()
