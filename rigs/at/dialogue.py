"""The AT dialogue: one command line out, its lines and its one final result code (or its silence) back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rigs.at.lines import Line, LineReader
from rigs.at.results import Final, Form, Information, command_name, final_result, information
from rigs.deadlines import Deadlines
from rigs.errors import BenchError
from rigs.port import CHECK_CABLE, PortReader, Transport, TransportLost
from rigs.transcript import Direction, Transcript

_FENCE = b"AT+BENCHFENCE"


@dataclass(frozen=True)
class NoResponse:
    """Silence: no final result code came within the deadline. Never the same as an error."""

    waited: float
    """Seconds."""
    partial: bytes = b""
    """The unterminated rest of what came, if anything."""

    def __str__(self) -> str:
        rest = f", only {self.partial!r}" if self.partial else ""
        return f"no final result within {self.waited:.1f} s{rest}"


@dataclass
class Exchange:
    """One command line and everything the module answered to it."""

    number: int
    command: bytes
    """The command line without its CR."""
    lines: list[Line] = field(default_factory=list)
    """Every line up to and including the final result code, URCs among them."""
    final: Final | NoResponse = field(default_factory=lambda: NoResponse(0.0))
    seconds: float = 0.0
    """From the write to the final result code."""
    strays: list[Line] = field(default_factory=list)
    """Final result codes that came after the final result code, before the next command line."""
    echoed: bool = False
    """Whether the command line came back as echo."""
    evidence: tuple[int, int] = (-1, -1)
    """First and last event of this exchange in the run record."""

    @property
    def silent(self) -> bool:
        return isinstance(self.final, NoResponse)

    @property
    def ok(self) -> bool:
        return isinstance(self.final, Final) and self.final.ok

    @property
    def error(self) -> Final | None:
        """The error it ended with; None for OK and for silence."""
        return self.final if isinstance(self.final, Final) and not self.final.ok else None

    @property
    def code(self) -> int | None:
        return self.error.code if self.error else None

    @property
    def information(self) -> list[Information]:
        """The information responses that carry the exact name of the command."""
        name = command_name(self.command)
        found = [information(line.text, name) for line in self.lines if final_result(line.text) is None]
        return [item for item in found if item is not None]

    @property
    def others(self) -> list[bytes]:
        """The lines that are neither an information response of this command nor its final result code."""
        name = command_name(self.command)
        return [
            line.text for line in self.lines if final_result(line.text) is None and information(line.text, name) is None
        ]


class Dialogue:
    """Sends command lines over a transport and pairs each with its answer.

    Lines that belong to no exchange, and lines inside one that are not its own, go to the URC stream. All waits have
    deadlines; a port that vanishes is reopened within its deadline or is a `BenchError`.
    """

    def __init__(self, transport: Transport, transcript: Transcript, deadlines: Deadlines) -> None:
        self.transcript = transcript
        self.deadlines = deadlines
        self.exchanges: list[Exchange] = []
        """Every exchange of this dialogue, in order."""
        self.unsolicited: list[Line] = []
        """The URC stream: every line that answered no command, in order."""
        self._port = PortReader(transport, self._received, self._lost)
        self._reader = LineReader()
        self._changed = threading.Condition()
        self._inbox: list[Line] = []
        self._lost_reason: str | None = None
        self._current: Exchange | None = None
        self._last_activity = 0.0
        self._out_of_step = False
        self._polls = 0
        self._seen_unterminated = False
        self._closing_error_follows: dict[Form, bool] = {}
        self._silent_before: set[bytes] = set()

    def open(self) -> None:
        """Open the port; raises `BenchError`."""
        self._port.open()

    def close(self) -> None:
        """Release the port."""
        self._port.close()
        self.transcript.flush()

    def send(self, command: bytes | str, *, deadline: float | None = None, end: bytes = b"\r") -> Exchange:
        """Send one command line and wait for its final result code, at most ``deadline`` seconds.

        Returns an exchange whose ``final`` is a `NoResponse` when none came. Raises `BenchError` when the port is lost.
        """
        line = command.encode() if isinstance(command, str) else command
        if self._out_of_step:
            self.resynchronise()
        limit = self._limit(line, self.deadlines.command if deadline is None else deadline)
        exchange = self._begin(line)
        started = time.monotonic()
        self._write_or_fail(line + end)
        exchange.final = self._await_final(exchange, started + limit, limit)
        exchange.seconds = time.monotonic() - started
        self._finish(exchange)
        return exchange

    def write_unanswered(self, data: bytes) -> None:
        """Send ``data`` without waiting for an answer: the power is about to be cut, or the line is no command."""
        self._write_or_fail(data)
        self._out_of_step = True

    def send_ignored(self, data: bytes, *, end: bytes = b"\r") -> None:
        """Send a line that the module may ignore in silence; whatever it answers counts for no exchange."""
        self._write_or_fail(data + end)
        self._out_of_step = True

    def wait_unsolicited(self, wanted: Callable[[Line], bool], deadline: float, since: int = 0) -> Line | None:
        """The first unsolicited line from index ``since`` on that is ``wanted``, or None after ``deadline`` seconds."""
        limit = time.monotonic() + deadline
        position = since
        with self._changed:
            while True:
                self._sort_idle_lines()
                for line in self.unsolicited[position:]:
                    position += 1
                    if wanted(line):
                        return line
                if not self._wait_until(limit):
                    return None

    def listen(self, seconds: float) -> None:
        """Collect unsolicited lines until nothing has come for ``seconds``."""
        with self._changed:
            seen = -1
            while seen != len(self.unsolicited) + len(self._inbox):
                self._sort_idle_lines()
                seen = len(self.unsolicited)
                self._wait_until(time.monotonic() + seconds)

    def wake(self, deadline: float, *, answers_pending: bool = False) -> bool:
        """Send ``AT`` until an answer comes, at most ``deadline`` seconds, and bring the line back into step.

        ``answers_pending``: earlier lines may still be answered. Whatever arrives meanwhile (boot messages, noise, late
        answers) goes to the URC stream. True when the module answered; raises `BenchError` when the port is lost and
        does not come back.
        """
        limit = time.monotonic() + deadline
        pause = min(0.02, self.deadlines.poll)
        self._out_of_step = True
        self._polls = 0
        while (remaining := limit - time.monotonic()) > 0:
            if self._poll(min(pause, remaining)):
                if answers_pending or self._polls > 1:
                    self._fence()
                self._out_of_step = False
                return True
            pause = min(pause * 2, self.deadlines.poll)
        if self._lost_reason is not None:
            raise self._port_lost("while the module was expected to come up")
        return False

    def answers_within(self, seconds: float) -> bool:
        """Whether the module still answers ``AT`` at the end of ``seconds``: it should not while its power is off."""
        limit = time.monotonic() + seconds
        answered = False
        self._out_of_step = True
        while (remaining := limit - time.monotonic()) > 0:
            answered = self._poll(remaining)
        return answered

    def resynchronise(self) -> list[Line]:
        """Bring command lines and answers back into step after silence; returns the final result codes that came late.

        Raises `BenchError` when the module does not answer: it has to be recovered first.
        """
        mark = len(self.unsolicited)
        if not self.wake(self.deadlines.recovery, answers_pending=True):
            raise BenchError(
                f"the module on {self._port.describe()} does not answer AT",
                act="lab: check cable, power and baud rate",
            )
        finals = [line for line in self.unsolicited[mark:] if final_result(line.text)]
        errors = [line for line in finals if not _is_ok(line)]
        oks = [line for line in finals if _is_ok(line)]
        # Each AT was worth one OK and the fence one error: what is above that answers the command that was silent.
        return errors[:-1] + oks[: max(0, len(oks) - self._polls)]

    @contextmanager
    def lines_of_any_kind(self) -> Iterator[None]:
        """Inside, a line that looks like a final result code may be none: a payload may hold ``OK``."""
        self._out_of_step = True
        yield
        self._out_of_step = True

    @property
    def port_lost(self) -> bool:
        """Whether the port broke and has not been reopened."""
        return self._lost_reason is not None

    @property
    def out_of_step(self) -> bool:
        """Whether the last exchange ended in silence, so that the next answer might belong to it."""
        return self._out_of_step

    def expect_power_loss(self) -> None:
        """The module's power was cut: whatever was under way is void, and the port may vanish and return."""
        with self._changed:
            self._current = None
            self._out_of_step = False
            self._inbox.clear()
            self._reader = LineReader()

    def _poll(self, pause: float) -> bool:
        """One ``AT``; True when any answer came within ``pause`` seconds: an error is a sign of life, too."""
        with self._changed:
            self._current = None
            self._sort_idle_lines()
        mark = len(self.unsolicited)
        try:
            self._reopen_if_lost(pause)
            self._polls += 1
            self._write(b"AT\r")
        except (TransportLost, BenchError):
            with self._changed:
                self._wait_until(time.monotonic() + pause)
            return False
        return self.wait_unsolicited(_is_final, pause, since=mark) is not None or self._poll_unterminated()

    def _poll_unterminated(self) -> bool:
        """Whether what came is an answer without its LF."""
        with self._changed:
            if final_result(self._reader.pending) is None:
                return False
            self._seen_unterminated = True
            self._inbox += self._reader.flush(time.monotonic())
            self._sort_idle_lines()
            return True

    def _fence(self) -> None:
        """Skip the answers to earlier lines: a module answers in order, and an unknown command, unlike ``AT``, with an
        error. Where that error does not come, or may be followed by a line of its own, the line has to fall quiet."""
        mark = len(self.unsolicited)
        self._write(_FENCE + b"\r")
        error = self.wait_unsolicited(_is_error, self.deadlines.command, since=mark)
        result = final_result(error.text) if error is not None else None
        if result is None or result.form.names_the_command:
            self.listen(self.deadlines.quiet)

    def _begin(self, command: bytes) -> Exchange:
        with self._changed:
            self._keep_guard_time()
            self._sort_idle_lines()
            exchange = Exchange(len(self.exchanges), command)
            exchange.evidence = (self.transcript.last + 1, -1)
            self.exchanges.append(exchange)
            self._current = exchange
            self._reader.expect_echo(command)
            return exchange

    def _finish(self, exchange: Exchange) -> None:
        with self._changed:
            exchange.echoed = self._reader.forget_echo()
            self._current = None
            self._last_activity = time.monotonic()
            self._sort_idle_lines()
        if exchange.silent:
            self._out_of_step = True
            self._silent_before.add(command_name(exchange.command))
        self.transcript.flush()
        exchange.evidence = (exchange.evidence[0], self._note(exchange))

    def _note(self, exchange: Exchange) -> int:
        return self.transcript.note(
            "exchange",
            exchange=exchange.number,
            command=self._masked(exchange.command),
            lines=[self._masked(line.text) for line in exchange.lines],
            final=str(exchange.final),
            code=exchange.code,
            silent=exchange.silent,
            seconds=round(exchange.seconds, 6),
            **{"from": exchange.evidence[0], "to": self.transcript.last},
        )

    def _masked(self, text: bytes) -> str:
        return self.transcript.redactor.mask_line(text).decode("latin-1")

    def _limit(self, command: bytes, deadline: float) -> float:
        if command_name(command) in self._silent_before:
            return min(deadline, self.deadlines.repeated_silence)
        return deadline

    def _write(self, data: bytes) -> None:
        """Log and send ``data``; raises `TransportLost`."""
        self.transcript.serial(Direction.TX, data)
        try:
            self._port.write(data)
        except TransportLost as lost:
            self._lost(str(lost))
            raise

    def _write_or_fail(self, data: bytes) -> None:
        """Log and send ``data``, over a port reopened if it must be; raises `BenchError`."""
        self._reopen_if_lost(self.deadlines.port)
        try:
            self._write(data)
        except TransportLost as lost:
            raise self._port_lost("while writing") from lost

    def _port_lost(self, when: str) -> BenchError:
        return BenchError(f"serial port {self._port.describe()} was lost {when}: {self._lost_reason}", act=CHECK_CABLE)

    def _reopen_if_lost(self, within: float) -> None:
        with self._changed:
            reason = self._lost_reason
        if reason is None:
            return
        limit = time.monotonic() + within
        self._port.close()
        while True:
            try:
                self._port.open()
                break
            except BenchError:
                if time.monotonic() >= limit:
                    raise
                with self._changed:
                    # A vanished device node announces nothing when it returns: try again after a pause.
                    self._changed.wait(min(self.deadlines.poll, max(0.0, limit - time.monotonic())))
        with self._changed:
            self._lost_reason = None
            self._reader = LineReader()
        self.transcript.note(
            "incident",
            text=f"serial port {self._port.describe()} was lost ({reason}) and reopened",
            act=CHECK_CABLE,
            recovered=True,
        )

    def _received(self, chunk: bytes, at: float) -> None:
        self.transcript.serial(Direction.RX, chunk, at)
        with self._changed:
            self._inbox += self._reader.feed(chunk, at)
            self._changed.notify_all()

    def _lost(self, reason: str) -> None:
        with self._changed:
            self._lost_reason = reason
            self._changed.notify_all()

    def _wait_until(self, limit: float) -> bool:
        """Wait for the next change; False when ``limit`` (monotonic) has passed. Holds the condition."""
        remaining = limit - time.monotonic()
        return remaining > 0 and (self._changed.wait(remaining) or time.monotonic() < limit)

    def _keep_guard_time(self) -> None:
        limit = self._last_activity + self.deadlines.guard
        while self._wait_until(limit):
            pass

    def _sort_idle_lines(self) -> None:
        """Give lines that came outside an exchange to where they belong: a stray final result code to the exchange
        before it, everything else to the URC stream. Holds the condition."""
        if self._current is not None:
            return
        for line in self._inbox:
            if self.exchanges and not self._out_of_step and final_result(line.text):
                self.exchanges[-1].strays.append(line)
            self.unsolicited.append(line)
        self._inbox.clear()

    def _await_final(self, exchange: Exchange, limit: float, waited: float) -> Final | NoResponse:
        with self._changed:
            lines = self._incoming(limit)
            for line in lines:
                exchange.lines.append(line)
                result = final_result(line.text)
                if result is None:
                    if information(line.text, command_name(exchange.command)) is None:
                        self.unsolicited.append(line)
                elif result.form.names_the_command:
                    return self._with_closing_error(exchange, result, limit)
                else:
                    return result
            if self._lost_reason is not None:
                raise self._port_lost("while waiting for an answer")
            return self._unterminated(exchange) or NoResponse(waited, self._reader.pending.strip(b"\r"))

    def _incoming(self, limit: float) -> Iterator[Line]:
        """Lines of the current exchange as they come, until ``limit`` or the loss of the port. Holds the condition."""
        while True:
            while self._inbox:
                yield self._inbox.pop(0)
            if self._lost_reason is not None:
                return
            wake_at = limit
            if self._seen_unterminated and final_result(pending := self._reader.pending):
                wake_at = 0.0 if pending.endswith(b"\r") else min(limit, time.monotonic() + self.deadlines.unterminated)
            if not self._wait_until(wake_at) and not self._inbox:
                return

    def _unterminated(self, exchange: Exchange) -> Final | None:
        """A final result code that came without its LF, accepted only after the deadline."""
        result = final_result(self._reader.pending)
        if result is None:
            return None
        self._seen_unterminated = True
        exchange.lines += self._reader.flush(time.monotonic())
        return result

    def _with_closing_error(self, exchange: Exchange, result: Final, limit: float) -> Final:
        """In the command-naming form a line ERROR may belong to the result; once known, the dialect decides."""
        follows = self._closing_error_follows.get(result.form)
        if follows is False:
            return result
        until = limit if follows else min(limit, time.monotonic() + self.deadlines.quiet)
        for line in self._incoming(until):
            exchange.lines.append(line)
            closing = final_result(line.text)
            if closing is None:
                self.unsolicited.append(line)
                continue
            if closing.form is Form.ERROR:
                self._closing_error_follows[result.form] = True
                return Final(result.form, result.code, closed_by_error=True)
            if closing.ok:
                # It was an information response whose value looks like an error: the OK decides.
                return closing
            exchange.strays.append(line)
            return result
        self._closing_error_follows[result.form] = False
        return result


def _is_ok(line: Line) -> bool:
    result = final_result(line.text)
    return result is not None and result.ok


def _is_final(line: Line) -> bool:
    return final_result(line.text) is not None


def _is_error(line: Line) -> bool:
    result = final_result(line.text)
    return result is not None and not result.ok
