"""Bytes to the module and lines from it, over a port that may vanish and come back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from rigs.at.intake import Allowance, Intake
from rigs.at.lines import Line, LineReader
from rigs.at.results import Final, final_result, wrong_form
from rigs.deadlines import Deadlines
from rigs.errors import BenchError, PortLost
from rigs.port import CHECK_CABLE, PortReader, Transport, TransportLost
from rigs.sentence import Sentence, say
from rigs.transcript import Direction, Transcript

_TEXT_GOES_ON = 1.0
"""Seconds in which what looks like a final result code may be one more line of a text, whose length nothing tells."""
_BUSY = 0.5
"""Part of its capacity from which on a line is taken up."""
_FLOOD_OVER = 1.0
"""Seconds without a byte after which a flood is over."""
_BREATH, _BREATH_EACH = 0.001, 4096
"""Seconds that reading stops for each so many bytes that are dropped anyway."""
_GLIMPSE = 48
"""Bytes kept to say what came when none of it can be read."""


class Channel:
    """The line to the module. Everything but the reading happens in one thread, the caller's.

    ``changed`` guards the lines and is notified with every chunk that comes, and when the port is lost.
    """

    def __init__(
        self, transport: Transport, transcript: Transcript, deadlines: Deadlines, allowance: Allowance
    ) -> None:
        self.changed = threading.Condition()
        self.inbox: list[Line] = []
        """Lines that came and that nobody has taken yet."""
        self.unsolicited: list[Line] = []
        """The URC stream: every line that answered no command, in order."""
        self.strays: list[Line] | None = None
        """Where final result codes that answer nothing are noted as well: the exchange that they follow. None while
        it cannot be told what they answer."""
        self.last_received = 0.0
        """Monotonic time of the last chunk."""
        self.leaves_out_line_ends = False
        """Whether this module has been seen to end a final result code without a line end."""
        self.reads_wrong_forms = False
        """Whether this module answers in a form that no host reads, and cannot be brought to another."""
        self.profile_may_load = False
        """Whether the module has come up a moment ago, so that a stored profile may still bring other forms back."""
        self.text_came = float("-inf")
        """Monotonic time of the last URC that brought a text with it."""
        self.received = 0
        """Bytes that have come so far."""
        self.latest = b""
        """The last of them, as they came."""
        self.reopened = 0
        """How often the port went away by itself and came back."""
        self._transcript = transcript
        self._deadlines = deadlines
        self._port = PortReader(transport, self._received, self._note_loss)
        self._reader = LineReader()
        self.intake = Intake(allowance)
        self._unkept = 0
        self._lost: str | None = None
        self._loss_expected = False

    def open(self) -> None:
        """Open the port; raises `BenchError`."""
        self._port.open()

    def expect(self, reason: str) -> None:
        """The port is not there yet and may come: as one that was lost with the power, which is no incident."""
        self._loss_expected = True
        self._note_loss(reason)

    def close(self) -> None:
        """Release the port."""
        self._port.close()
        self.tell_dropped()

    def describe(self) -> str:
        """The port, for messages."""
        return self._port.describe()

    @property
    def lost(self) -> bool:
        """Whether the port broke and has not been reopened."""
        return self._lost is not None

    def loss(self, when: Sentence) -> PortLost:
        """The error that says the port was lost."""
        return PortLost(
            say("serial port {port} was lost {when}: {lost}", port=self.describe(), when=when, lost=self._lost),
            act=CHECK_CABLE,
        )

    def reopen_if_lost(self, within: float) -> bool:
        """Reopen a lost port, trying for ``within`` seconds; True when it had to be. Raises `BenchError`."""
        if self._lost is None:
            return False
        reason, limit = self._lost, time.monotonic() + within
        while self._lost is not None:
            self._port.close()
            with self.changed:
                # Before the reader starts, which may find the port lost again at once.
                self._lost = None
                self._reader = LineReader()
            try:
                self._port.open()
            except BenchError:
                self._note_loss(reason)
                if time.monotonic() >= limit:
                    raise
                with self.changed:
                    # A vanished device node announces nothing when it returns: try again after a pause.
                    self.wait_until(min(limit, time.monotonic() + self._deadlines.poll))
        expected, self._loss_expected = self._loss_expected, False
        if not expected:
            self.reopened += 1
            self._transcript.incident(
                say("serial port {port} was lost ({reason}) and reopened", port=self.describe(), reason=reason),
                act=say(
                    "{check_cable}, unless it is the module's own and went with a restart, which is told then",
                    check_cable=CHECK_CABLE,
                ),
                recovered=True,
            )
        return True

    def write(self, data: bytes) -> None:
        """Log and send ``data``; raises `TransportLost`."""
        if self._lost is not None:
            raise TransportLost(self._lost)
        self.tell_dropped()
        self._transcript.serial(Direction.TX, data)
        try:
            self._port.write(data)
        except TransportLost as lost:
            self._note_loss(str(lost))
            raise

    def tell_dropped(self) -> None:
        """Log what is held back of both directions, and how much of what came has been dropped since the last time."""
        self._transcript.flush()
        if count := self.intake.take_untold():
            self._transcript.dropped(count)

    def flood_ends(self, within: float) -> bool:
        """Wait for a flood to end; False when it goes on for ``within`` seconds."""
        limit = time.monotonic() + within
        with self.changed:
            quiet = self.last_received + _FLOOD_OVER
            while (now := time.monotonic()) < min(quiet, limit):
                self.changed.wait(min(quiet, limit) - now)
                quiet = self.last_received + _FLOOD_OVER
            if time.monotonic() < quiet:
                return False
            self.inbox.clear()
            self._reader = LineReader()
            self.intake.refill()
        return True

    def watch_how_busy(self) -> Callable[[], bool]:
        """From now on; returns what tells whether the line has been taken up by what the module sends.

        On a slow line that takes long to make a flood. Never true of a line whose speed is not known.
        """
        began, received = time.monotonic(), self.received

        def busy() -> bool:
            return (self.received - received) * self._deadlines.line_byte > (time.monotonic() - began) * _BUSY

        return busy

    def expect_echo(self, command: bytes) -> None:
        """``command`` is about to be sent and may come back."""
        with self.changed:
            self._reader.expect_echo(command)

    def forget_echo(self) -> bool:
        """No echo comes any more; tells whether it came."""
        with self.changed:
            return self._reader.forget_echo()

    def keep_guard_time(self) -> None:
        """Leave the module the pause that it may need after its last byte."""
        with self.changed:
            limit = self.last_received + self._deadlines.guard
            while not self.intake.exhausted and self.wait_until(limit):
                pass

    def wait_until(self, limit: float) -> bool:
        """Wait for the next change; False when ``limit`` (monotonic) has passed. The caller holds ``changed``."""
        remaining = limit - time.monotonic()
        return remaining > 0 and (self.changed.wait(remaining) or time.monotonic() < limit)

    def settle(self) -> None:
        """Give the lines that wait to the URC stream: they came outside an exchange."""
        with self.changed:
            for line in self.inbox:
                if line.body is not None:
                    self.text_came = line.at
                elif self.strays is not None and line.at > self.text_came + _TEXT_GOES_ON and self.result(line.text):
                    self.strays.append(line)
                self.unsolicited.append(line)
            self.inbox.clear()

    def wait_unsolicited(self, wanted: Callable[[Line], bool], deadline: float, since: int) -> Line | None:
        """The first unsolicited line from index ``since`` on that is ``wanted``, or None after ``deadline`` seconds.

        Raises `TransportLost` when the port is lost before it has come.
        """
        limit = time.monotonic() + deadline
        position, expired = since, False
        with self.changed:
            while True:
                self.settle()
                for line in self.unsolicited[position:]:
                    position += 1
                    if wanted(line):
                        return line
                if self._lost is not None:
                    raise TransportLost(self._lost)
                if expired or self.intake.exhausted:
                    return None
                expired = not self.wait_until(limit)

    def wait_quiet(self, seconds: float) -> None:
        """Collect unsolicited lines until nothing has come for ``seconds``, or for as long as a command may take."""
        started = time.monotonic()
        limit = started + max(seconds, self._deadlines.command)
        with self.changed:
            while not self.intake.exhausted and self.wait_until(min(limit, max(started, self.last_received) + seconds)):
                pass
            self.settle()

    @property
    def pending(self) -> bytes:
        """What came since the last line end. The caller holds ``changed``."""
        return self._reader.pending

    def result(self, text: bytes, name: bytes = b"") -> Final | None:
        """The final result code that a line is for this module, which may be known to write them in a wrong form."""
        found = final_result(text, name)
        wrong_too = self.reads_wrong_forms or self.profile_may_load
        return wrong_form(text) if found is None and wrong_too else found

    def unterminated_result(self, name: bytes = b"") -> Final | None:
        """Whether what came since the last line end is a final result code. The caller holds ``changed``."""
        return self.result(self._reader.pending, name)

    def take_unterminated(self) -> list[Line]:
        """What came since the last line end, as a line: its end does not come. The caller holds ``changed``."""
        self.leaves_out_line_ends = True
        return self._reader.flush(time.monotonic())

    def discard(self) -> None:
        """Forget what has come and is not complete: the module was switched off in the middle of it.

        Its port may go with it, which is no incident.
        """
        with self.changed:
            self.inbox.clear()
            self._reader = LineReader()
            self.intake.refill()
            self._loss_expected = True

    def power_is_back(self) -> None:
        """The module is up again: from now on a port that goes away is an incident."""
        self._loss_expected = False

    def _received(self, chunk: bytes, at: float) -> None:
        with self.changed:
            self.last_received = at
            self.received += len(chunk)
            self.latest = (self.latest + chunk[-_GLIMPSE:])[-_GLIMPSE:]
            known = self.intake.exhausted
            kept = self.intake.admit(chunk)
        event = self._transcript.serial(Direction.RX, kept, at) if kept else -1
        with self.changed:
            if kept:
                self.inbox += self._reader.feed(kept, at, event)
            if not known:
                self.changed.notify_all()
        self._unkept += len(chunk) - len(kept)
        if self._unkept >= _BREATH_EACH:
            # Whoever waits has to come to its turn beside a port that is never idle.
            self._unkept = 0
            time.sleep(_BREATH)

    def _note_loss(self, reason: str) -> None:
        with self.changed:
            self._lost = reason
            self.changed.notify_all()
