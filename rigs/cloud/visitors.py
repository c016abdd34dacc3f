"""Who comes to the gateway's ports: finds out whose each connection is, and writes down what it does.

The module's connection is the one whose CONNECT makes it so (`attribution`). One that gives no sign is undecided until
`settle` is asked about the window of an OPEN: if nothing better came in it, and the connection cannot be a stranger's,
it is taken for the module's, and the record says that this is not sure. What strangers do is recorded within bounds, so
that no flood of them fills the memory or the disk. Everything here runs in the cloud's event loop.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rigs.cloud.attribution import Clue, Identities, Likeness, Whose, of_bytes, of_connect, of_handshake
from rigs.cloud.events import Attributed, Closed, Connected, Event, Malformed, Party, StrangersUnrecorded
from rigs.cloud.journal import Journal
from rigs.cloud.packets import Connect
from rigs.sentence import Sentence, say

IN_FULL = 256
"""So many strangers of a run are recorded one by one; of the rest there is a count."""
AT_ONCE = 256
"""So many connections that are not the module's may be open at once; then the oldest makes room for the next."""
_AT_MOST = 400  # even when all of them are young: select(2), which the cloud's clients use, knows 1024 files
_YOUNG = 5.0  # seconds in which a connection may yet prove to be the module's, on a machine that is busy
_EVENTS = 64  # of one stranger
_BYTES = 65536  # of one stranger, in all its events
_HEARD = 4096  # bytes of one connection that are looked through
_PASSING = 1.0  # seconds; whoever comes and goes again within them without a byte is a health check or a scanner
_COUNTS = (1, 10, 100, 1000, 10_000, 100_000)  # of unrecorded strangers at which the record says so


@dataclass
class _Visitor:
    number: int
    host: str
    came: float
    position: int
    """Of its first event in the journal."""
    clue: Clue = field(default_factory=lambda: Clue(None, say("no byte came")))
    attributed: Attributed | None = None
    heard: bytearray = field(default_factory=bytearray)
    stayed: float | None = None
    """Seconds, once it has gone by itself."""
    over: bool = False
    """Its connection has ended."""
    left: bool = False
    """And nothing of it is on its way any more."""
    events: int = 0
    bytes: int = 0
    held: list[Event] | None = None
    """What is kept of it until it is known whose it is, where no more strangers are recorded in full."""

    @property
    def module(self) -> bool:
        return self.attributed is not None and self.attributed.whose is Whose.MODULE


class Visitors:
    """The connections of a gateway, by number."""

    def __init__(self, journal: Journal) -> None:
        self.identities = Identities()
        self._journal = journal
        self._visitors: dict[int, _Visitor] = {}
        self._in_full = 0
        self._unrecorded = 0
        self._module_hosts: set[str] = set()
        self._silent_hosts: set[str] = set()

    def came(self, event: Connected) -> None:
        """A TCP connection was accepted."""
        assert event.connection is not None
        host = event.peer.rpartition(":")[0]
        visitor = _Visitor(event.connection, host, event.time, self._journal.mark())
        self._visitors[event.connection] = visitor
        if self._in_full < IN_FULL:
            self._in_full += 1
        else:
            visitor.held = []
        self.note(event)

    def note(self, event: Event) -> None:
        """Record what happened on a connection: of the module's all of it, of others what the bounds leave room for."""
        visitor = self._visitors.get(event.connection or 0)
        if visitor is None or visitor.module:
            self._journal.append(event)
            return
        if isinstance(event, Closed):
            visitor.over = True
            visitor.stayed = event.time - visitor.came if event.by is Party.MODULE else None
        if isinstance(event, Malformed):
            event = replace(event, raw=event.raw[:_HEARD])
        size = len(getattr(event, "raw", b""))
        kept = isinstance(event, Closed) or (visitor.events < _EVENTS and visitor.bytes + size <= _BYTES)
        if not kept:
            return
        visitor.events += 1
        visitor.bytes += size
        if visitor.held is None:
            self._journal.append(event)
        else:
            visitor.held.append(event)

    def heard(self, number: int, data: bytes) -> None:
        """Bytes came that have not made a packet yet."""
        visitor = self._visitors[number]
        if visitor.attributed is None:
            visitor.heard += data[: _HEARD - len(visitor.heard)]

    def nonsense(self, number: int) -> None:
        """What was heard so far is not the beginning of a session."""
        self._look_at_bytes(self._visitors[number])

    def connect(self, number: int, connect: Connect) -> None:
        """A CONNECT came."""
        self._take(self._visitors[number], of_connect(connect, self.identities))

    def handshake(self, number: int, server_name: str | None) -> None:
        """A TLS ClientHello came."""
        self._take(self._visitors[number], of_handshake(server_name, self.identities))

    def is_module(self, number: int) -> bool:
        """Whether this connection is the module's as far as is known now."""
        visitor = self._visitors.get(number)
        return visitor is not None and visitor.module

    def gone(self, number: int) -> None:
        """Nothing more will happen on this connection."""
        visitor = self._visitors[number]
        visitor.over = visitor.left = True
        self._look_at_bytes(visitor)
        if visitor.attributed is not None:
            self._visitors.pop(number, None)
        elif len(waiting := [other for other in self._undecided() if other.left]) > IN_FULL:
            self._is_a_stranger(waiting[0])

    def too_many(self) -> int | None:
        """The connection that has to make room for others; None while there is room."""
        here = [visitor for visitor in self._visitors.values() if not visitor.over and not visitor.module]
        if len(here) <= AT_ONCE:
            return None
        oldest = next((visitor for visitor in here if visitor.attributed), here[0])
        young = not oldest.attributed and time.monotonic() - oldest.came < _YOUNG
        return None if young and len(here) <= _AT_MOST else oldest.number

    def oldest(self) -> int | None:
        """The oldest connection that is open and not the module's."""
        return next((v.number for v in self._visitors.values() if not v.over and not v.module), None)

    def undecided_since(self, mark: int) -> bool:
        """Whether a connection that came from this journal position on may yet say whose it is."""
        return any(not visitor.over for visitor in self._undecided(mark))

    def settle(self, mark: int, *, module_seen: bool, unsure: bool) -> None:
        """Decide about the connections that came from this journal position on, in the window of an OPEN.

        ``module_seen``: one of them has proved to be the module's, so the others need not be. ``unsure``: one that
        names nobody may be taken for the module's; without, it stays undecided.
        """
        for visitor in list(self._undecided()):
            self._look_at_bytes(visitor)
        likely = [visitor for visitor in self._undecided(mark) if self._may_be_the_modules(visitor)]
        best = max(likely, key=lambda visitor: (visitor.clue.likeness, visitor.number), default=None)
        sure = best is not None and best.clue.likeness is Likeness.PLATFORM
        if not (module_seen or sure or unsure):
            return
        if best is not None and not module_seen:
            why = say("nothing better came with this OPEN: {why}", why=best.clue.why)
            self._decide(best, Whose.MODULE, why, sure=sure)
        for visitor in [visitor for visitor in self._undecided() if visitor.over]:
            if visitor.position >= mark and module_seen and not visitor.heard:
                self._silent_hosts.add(visitor.host)
            self._is_a_stranger(visitor)

    def leave(self) -> None:
        """The gateway has stopped: whatever is undecided named nobody to the end."""
        for visitor in list(self._undecided()):
            self._is_a_stranger(visitor)
        if self._unrecorded and self._unrecorded not in _COUNTS:
            self._count()

    def _undecided(self, mark: int = 0) -> Iterator[_Visitor]:
        return (v for v in self._visitors.values() if v.attributed is None and v.position >= mark)

    def _may_be_the_modules(self, visitor: _Visitor) -> bool:
        if self._module_hosts and visitor.host not in self._module_hosts:
            return False
        if visitor.clue.likeness is not Likeness.SILENT:
            return True
        passed_by = visitor.stayed is not None and visitor.stayed < _PASSING
        return not passed_by and visitor.host not in self._silent_hosts

    def _look_at_bytes(self, visitor: _Visitor) -> None:
        if visitor.attributed is None and visitor.heard:
            self._take(visitor, of_bytes(bytes(visitor.heard), self.identities))

    def _take(self, visitor: _Visitor, clue: Clue) -> None:
        if visitor.attributed is not None:
            return
        if clue.whose is not None:
            self._decide(visitor, clue.whose, clue.why)
        elif clue.likeness > visitor.clue.likeness:
            visitor.clue = clue

    def _is_a_stranger(self, visitor: _Visitor) -> None:
        self._decide(visitor, Whose.STRANGER, say("nothing speaks for the module: {why}", why=visitor.clue.why))

    def _decide(self, visitor: _Visitor, whose: Whose, why: Sentence, *, sure: bool = True) -> None:
        visitor.attributed = Attributed(time.monotonic(), visitor.number, whose, sure, why)
        held, visitor.held = visitor.held, None
        if whose is Whose.MODULE:
            self._in_full -= held is None
            for event in held or ():
                self._journal.append(event)
            if sure:
                self._module_hosts.add(visitor.host)
        if whose is Whose.MODULE or held is None:
            self._journal.append(visitor.attributed)
        else:
            visitor.held = []
            visitor.events = _EVENTS
            self._unrecorded += 1
            if self._unrecorded in _COUNTS:
                self._count()
        visitor.heard.clear()
        if visitor.left:
            self._visitors.pop(visitor.number, None)

    def _count(self) -> None:
        self._journal.append(StrangersUnrecorded(time.monotonic(), None, self._unrecorded))
