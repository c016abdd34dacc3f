"""The cloud's memory: an append-only, thread-safe list of events that tests wait on."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from rigs.cloud.attribution import Whose
from rigs.cloud.events import Attributed, Event, PacketSeen
from rigs.cloud.packets import Publish

_E = TypeVar("_E", bound=Event)


@dataclass
class _OfConnection:
    """One connection's events, and the positions that they have in the journal."""

    events: list[Event] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)


class Journal:
    """All events of one cloud, in order.

    ``events``, ``of`` and ``wait_for`` show what concerns the module: a connection's events from the moment on at which
    it is `Attributed` to the module, in their old places, and those of no connection. ``everything`` shows all.

    ``on_event`` gets each event before any waiter can see it, so whoever writes the record has numbered an event by
    the time a test holds it. It is called from the cloud's thread; what it raises is kept in ``callback_error``.
    """

    def __init__(self, on_event: Callable[[Event], None] | None = None) -> None:
        self._events: list[Event] = []
        self._by_connection: defaultdict[int | None, _OfConnection] = defaultdict(_OfConnection)
        self._published: defaultdict[str, list[PacketSeen]] = defaultdict(list)
        self._attributed: dict[int | None, Attributed] = {}
        self._changed = threading.Condition()
        self._on_event = on_event
        self._ended = False
        self.callback_error: Exception | None = None

    def append(self, event: Event) -> None:
        with self._changed:
            if self._on_event is not None:
                try:
                    self._on_event(event)
                except Exception as error:  # a full disk must not stop the gateway; Cloud.check() reports it
                    self.callback_error = error
            of_connection = self._by_connection[event.connection]
            of_connection.events.append(event)
            of_connection.positions.append(len(self._events))
            self._events.append(event)
            if isinstance(event, PacketSeen) and isinstance(event.packet, Publish):
                self._published[event.packet.topic].append(event)
            if isinstance(event, Attributed):
                self._attributed[event.connection] = event
            self._changed.notify_all()

    def mark(self) -> int:
        """A position: what comes later has this index or a higher one."""
        with self._changed:
            return len(self._events)

    def events(self, since: int = 0) -> tuple[Event, ...]:
        """What concerns the module, from position ``since`` on."""
        with self._changed:
            return tuple(event for event in self._events[since:] if self._concerns_module(event))

    def everything(self, since: int = 0) -> tuple[Event, ...]:
        """All events from position ``since`` on, those of strangers and of connections that are undecided too."""
        with self._changed:
            return tuple(self._events[since:])

    def of_connection(self, number: int) -> tuple[Event, ...]:
        """All events of one connection, whosever it is."""
        with self._changed:
            return tuple(self._by_connection[number].events)

    def published(self, topic: str) -> tuple[PacketSeen, ...]:
        """The PUBLISH packets of one topic, of either direction, that concern the module."""
        with self._changed:
            return tuple(seen for seen in self._published.get(topic, ()) if self._concerns_module(seen))

    def of(self, kind: type[_E], since: int = 0) -> tuple[_E, ...]:
        """The events of one kind that concern the module, from position ``since`` on."""
        return tuple(
            event for event in self.everything(since) if isinstance(event, kind) and self._concerns_module(event)
        )

    def wait_for(self, predicate: Callable[[Event], bool], deadline_seconds: float, since: int = 0) -> Event | None:
        """The first event from ``since`` on that concerns the module and fits; None once the deadline is over."""
        position, known = since, 0
        end = time.monotonic() + deadline_seconds
        with self._changed:
            while True:
                if len(self._attributed) != known:
                    # Events that were passed over may turn out to concern the module.
                    position, known = since, len(self._attributed)
                while position < len(self._events):
                    event = self._events[position]
                    position += 1
                    if self._concerns_module(event) and predicate(event):
                        return event
                if not self._more_until(end):
                    return None

    def wait_in(
        self, number: int, predicate: Callable[[Event], bool], deadline_seconds: float, since: int = 0
    ) -> Event | None:
        """The same for one connection, whosever it is."""
        end = time.monotonic() + deadline_seconds
        with self._changed:
            of_connection = self._by_connection[number]
            place = bisect_left(of_connection.positions, since)
            while True:
                while place < len(of_connection.events):
                    event = of_connection.events[place]
                    place += 1
                    if predicate(event):
                        return event
                if not self._more_until(end):
                    return None

    def _more_until(self, end: float) -> bool:
        """Wait for something new, with the lock held; False once the time or the journal is over."""
        remaining = end - time.monotonic()
        if remaining <= 0 or self._ended:
            return False
        self._changed.wait(remaining)
        return True

    def _concerns_module(self, event: Event) -> bool:
        if event.connection is None:
            return True
        attributed = self._attributed.get(event.connection)
        return attributed is not None and attributed.whose is Whose.MODULE

    def end(self) -> None:
        """No event will come any more: wake all waiters."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
