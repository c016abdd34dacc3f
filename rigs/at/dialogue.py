"""The AT dialogue: one command line out, its lines and its one final result code (or its silence) back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rigs.at.channel import Channel
from rigs.at.exchange import Exchange, NoResponse
from rigs.at.floods import FloodWatch
from rigs.at.intake import Allowance
from rigs.at.lines import Line
from rigs.at.results import Final, Form, command_name, information
from rigs.at.synchroniser import Synchroniser
from rigs.deadlines import Deadlines
from rigs.errors import BenchError, Flooded, PortAbsent
from rigs.port import Transport, TransportLost
from rigs.sentence import Sentence, say
from rigs.transcript import Transcript

__all__ = ["Dialogue", "Exchange", "NoResponse"]

_HOPELESS = 3
"""Silences of one command in a row after which its next answer is waited for but shortly."""
_QUIETS = 8
"""Times the quiet after a text message that is waited for at most, on a line that is never quiet."""
_UNHURRIED = 2.0
"""Times that its slowest answer so far may take a command again, where it is not given the whole deadline."""


class Pause(NamedTuple):
    """A line that is sent in two pieces: after so many of its bytes something is done first."""

    after: int
    meanwhile: Callable[[], object]


class Dialogue:
    """Sends command lines over a transport and pairs each with its answer.

    Lines that belong to no exchange, and lines inside one that are not its own, go to the URC stream. All waits have
    deadlines; a port that vanishes is reopened within its deadline or is a `BenchError`. One thread at a time uses it.
    """

    def __init__(
        self,
        transport: Transport,
        transcript: Transcript,
        deadlines: Deadlines,
        allowance: Allowance = Allowance(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self.transcript = transcript
        self.deadlines = deadlines
        self.exchanges: list[Exchange] = []
        """Every exchange of this dialogue, in order."""
        self._channel = Channel(transport, transcript, deadlines, allowance)
        self._synchroniser = Synchroniser(self._channel, deadlines)
        self._flood = FloodWatch(self._channel, deadlines, self._latest_evidence, self._lose_step)
        self._out_of_step = False
        self._heard_before = 0
        self._closing_error_follows: dict[Form, bool] = {}
        self._silent_before: Counter[bytes] = Counter()
        """Silences in a row, by command; an answer ends the row."""
        self._slowest: dict[bytes, float] = {}
        self.mend: Callable[[Exchange, Callable[[], Exchange]], Exchange] = lambda exchange, _again: exchange
        """What is made of every exchange before it is given to anybody, by means of sending the line once more."""
        self.wakes_first = False
        """Whether the module's line sleeps, as its vendor declares, and has to be woken before each command."""

    @property
    def unsolicited(self) -> list[Line]:
        """The URC stream: every line that answered no command, in order."""
        return self._channel.unsolicited

    @property
    def floods(self) -> list[Flooded]:
        """Each time that the module was found to flood the line."""
        return self._flood.found

    @property
    def floods_again(self) -> bool:
        """Whether the module has flooded the line so often that it will do so again."""
        return self._flood.lasts

    @property
    def port_lost(self) -> bool:
        """Whether the port broke and has not been reopened."""
        return self._channel.lost

    @property
    def reopened(self) -> int:
        """How often the port went away by itself and came back."""
        return self._channel.reopened

    @property
    def out_of_step(self) -> bool:
        """Whether an earlier line may still be answered, so that the next answer might belong to it."""
        return self._out_of_step

    def open(self) -> None:
        """Open the port; raises `BenchError`."""
        self._channel.open()

    def expect_port(self, absent: PortAbsent) -> None:
        """The port is not there yet; whatever is sent next waits for it."""
        self._channel.expect(absent.message)

    def close(self) -> None:
        """Release the port."""
        self._channel.close()

    def send(
        self,
        command: bytes | str,
        *,
        deadline: float | None = None,
        end: bytes = b"\r",
        pause: Pause | None = None,
    ) -> Exchange:
        """Send one command line, with a pause in it or in one piece, and wait for its final result code.

        That is waited for ``deadline`` seconds at most, from when the whole line was sent.

        Returns an exchange whose ``final`` is a `NoResponse` when none came. Raises `Flooded` when more came than the
        module is allowed, and `BenchError` when the port is lost, or when an earlier line met with silence and the
        module does not answer any more.
        """
        line = command.encode() if isinstance(command, str) else command
        whole = self.deadlines.command if deadline is None else deadline
        return self.mend(self._send(line, whole, end, pause), lambda: self._send(line, whole, end, pause))

    def _send(self, line: bytes, whole: float, end: bytes, pause: Pause | None) -> Exchange:
        self._reopen_if_lost()
        if self._out_of_step:
            self.resynchronise()
        elif self.wakes_first:
            self.wake(self.deadlines.recovery)
        limit = self._limit(line, whole)
        exchange = self._begin(line)
        exchange.cut_short = limit < whole
        exchange.started = time.monotonic()
        came: list[Line] = []
        final = exchange.final
        try:
            begun = 0 if pause is None else pause.after
            if pause is not None:
                self._write(line[:begun])
                pause.meanwhile()
            # What the line itself takes is neither the module's time nor the command's.
            over = time.monotonic() + limit + len(line) * self.deadlines.byte
            self._write(line[begun:] + end)
            final = self._await_final(exchange, came, over, limit)
        finally:
            exchange.conclude(came, final)
            exchange.seconds = time.monotonic() - exchange.started
            self._finish(exchange)
        self._take_count(exchange)
        self._flood.check()
        if not exchange.silent:
            self._channel.intake.answered()
        return exchange

    def may_bring(self, count: int) -> None:
        """The bench has given the module cause to send about ``count`` bytes that answer no command."""
        self._channel.intake.grant(count)

    def catch_up(self, exchange: Exchange) -> list[Line]:
        """Bring the line back into step after the silence of ``exchange``; the final result codes that came late.

        An answer that comes late to a command which had been given but a part of its time is its answer: the exchange
        has it then, with the time that it took. Raises `BenchError` when the module does not answer.
        """
        mark = len(self._channel.unsolicited)
        late = self.resynchronise()
        if exchange.cut_short and len(late) == 1:
            came = self._channel.unsolicited[mark:]
            final = self._channel.result(late[0].text, exchange.name) or exchange.final
            exchange.conclude((*exchange.lines, *came[: came.index(late[0]) + 1]), final)
            exchange.seconds = late[0].at - exchange.started
            self._take_count(exchange)
            exchange.evidence = (exchange.evidence[0], self._note(exchange))
            return []
        return late

    def round_trip(self) -> float | None:
        """Seconds that the module takes to answer ``AT``; None when it does not."""
        return self._synchroniser.round_trip()

    def write_unanswered(self, data: bytes) -> None:
        """Send ``data`` without waiting for an answer: the power is about to be cut. Raises `BenchError`."""
        self._reopen_if_lost()
        self._channel.keep_guard_time()
        self._channel.settle()
        self._lose_step()
        self._write(data)

    def send_ignored(self, data: bytes, *, end: bytes = b"\r") -> None:
        """Send a line that the module may ignore in silence; whatever it answers counts for no exchange."""
        self.write_unanswered(data + end)

    def wait_unsolicited(self, wanted: Callable[[Line], bool], deadline: float, since: int = 0) -> Line | None:
        """The first unsolicited line from index ``since`` on that is ``wanted``, or None after ``deadline`` seconds.

        Raises `BenchError` when the port is lost before it has come.
        """
        try:
            found = self._channel.wait_unsolicited(wanted, deadline, since)
        except TransportLost as lost:
            raise self._channel.loss(say("while waiting for a line")) from lost
        if found is None:
            self._flood.check()
        return found

    def listen(self, seconds: float) -> None:
        """Collect unsolicited lines until nothing has come for ``seconds``."""
        self._channel.wait_quiet(seconds)

    def wake(self, deadline: float, *, answers_pending: bool = False) -> bool:
        """Send ``AT`` until an answer comes, at most ``deadline`` seconds, and bring the line back into step.

        ``answers_pending``: earlier lines may still be answered. True when the module answered, be it after a flood
        that is noted and had an end; raises `BenchError` when the port is lost and does not come back, `Flooded` when
        the module drowns its answer.
        """
        self._lose_step()
        self._heard_before = self._channel.received
        busy = self._channel.watch_how_busy()
        answered = self._synchroniser.wake(deadline, answers_pending=answers_pending)
        if self._flood.look() and self._flood.ends():
            # What looked like an answer may have been part of it.
            answered = self._synchroniser.wake(deadline, answers_pending=True)
        self._flood.check()
        if not answered and busy():
            raise self._flood.note()
        self._out_of_step = not answered
        return answered

    def resynchronise(self) -> list[Line]:
        """Bring command lines and answers back into step after silence; returns the final result codes that came late.

        Raises `BenchError` when the module does not answer: it has to be recovered first.
        """
        self._channel.settle()
        self._lose_step()
        if self._channel.intake.exhausted and not self._flood.ends():
            self._flood.check()
        busy = self._channel.watch_how_busy()
        try:
            late = self._synchroniser.late_answers()
        except BenchError:
            self._flood.check()
            if busy():
                raise self._flood.note() from None
            raise
        self._out_of_step = False
        if late and self.exchanges:
            # It does answer, only later than it was waited for: the next time it gets the whole time again.
            del self._silent_before[self.exchanges[-1].name]
        return late

    def what_came(self) -> Sentence:
        """In words what came since the module was to answer last, when none of it is a readable answer."""
        return self._synchroniser.what_came(self._heard_before)

    def answers_within(self, seconds: float) -> bool:
        """Whether the module still answers ``AT`` at the end of ``seconds``: it should not while its power is off."""
        self._lose_step()
        return self._synchroniser.answers_without_power(seconds)

    def expect_power_loss(self) -> None:
        """The module's power was cut: whatever was under way is void, and the port may vanish and return."""
        self._channel.discard()
        self._silent_before.clear()
        self._lose_step()

    def profile_may_load(self, may: bool) -> None:
        """Whether a stored profile may still bring back result codes in numbers: then they are understood."""
        self._channel.profile_may_load = may

    @property
    def lives_with_wrong_forms(self) -> bool:
        """Whether the module cannot be brought to answer in the forms that a host reads."""
        return self._channel.reads_wrong_forms

    def power_is_back(self) -> None:
        """The module is up again after its power was cut: from now on a port that goes away is an incident."""
        self._channel.power_is_back()

    @contextmanager
    def lines_of_any_kind(self) -> Iterator[None]:
        """Inside, a line that looks like a final result code may be none: a payload may hold ``OK``."""
        self._channel.settle()
        self._lose_step()
        try:
            yield
        finally:
            self._lose_step()

    def _begin(self, command: bytes) -> Exchange:
        self._channel.keep_guard_time()
        self._channel.settle()
        exchange = Exchange(len(self.exchanges), command)
        exchange.evidence = (self.transcript.last + 1, -1)
        self.exchanges.append(exchange)
        self._channel.expect_echo(command)
        return exchange

    def _finish(self, exchange: Exchange) -> None:
        exchange.echoed = self._channel.forget_echo()
        if exchange.silent:
            self._lose_step()
        else:
            self._channel.strays = exchange.strays
        self._channel.settle()
        self._channel.tell_dropped()
        exchange.evidence = (exchange.evidence[0], self._note(exchange))

    def _note(self, exchange: Exchange) -> int:
        return self.transcript.exchange(
            exchange.command,
            [line.text for line in exchange.lines],
            exchange=exchange.number,
            final=str(exchange.final),
            code=exchange.code,
            silent=exchange.silent,
            seconds=round(exchange.seconds, 6),
            **{"from": exchange.evidence[0], "to": self.transcript.last},
        )

    def _latest_evidence(self) -> tuple[int, ...]:
        return self.exchanges[-1].evidence if self.exchanges else ()

    def _lose_step(self) -> None:
        self._out_of_step = True
        self._channel.strays = None
        if self.exchanges:
            self.exchanges[-1].unwatched = True

    def _limit(self, command: bytes, deadline: float) -> float:
        name = command_name(command)
        times = self._silent_before[name]
        if not times:
            return deadline
        short = self.deadlines.hopeless_silence if times >= _HOPELESS else self.deadlines.repeated_silence
        return min(deadline, max(short, _UNHURRIED * self._slowest.get(name, 0.0)))

    def _take_count(self, exchange: Exchange) -> None:
        """One silence more in a row, or the end of the row: then the command gets its whole time again."""
        if exchange.silent:
            self._silent_before[exchange.name] += 1
            return
        del self._silent_before[exchange.name]
        self._slowest[exchange.name] = max(exchange.seconds, self._slowest.get(exchange.name, 0.0))

    def _reopen_if_lost(self) -> None:
        if self._channel.reopen_if_lost(self.deadlines.port):
            self._lose_step()

    def _write(self, data: bytes) -> None:
        try:
            self._channel.write(data)
        except TransportLost as lost:
            # A module that does nothing but send takes no bytes either.
            self._flood.check()
            raise self._channel.loss(say("while writing")) from lost

    def _await_final(self, exchange: Exchange, lines: list[Line], limit: float, waited: float) -> Final | NoResponse:
        """What concludes the exchange; ``lines`` gets those that come, also where the port is lost meanwhile."""
        with self._channel.changed:
            for line in self._incoming(exchange, limit):
                lines.append(line)
                result = None if line.body is not None else self._channel.result(line.text, exchange.name)
                if result is None:
                    self._give_away_urc(exchange, line)
                elif result.form.names_the_command:
                    return self._with_closing_error(exchange, lines, result, limit)
                else:
                    return self._beyond_texts(exchange, lines, result, limit)
            if self._channel.lost:
                raise self._channel.loss(say("while waiting for an answer"))
            # A final result code without its line end is accepted only when it is sure that no more comes.
            result = self._channel.unterminated_result(exchange.name)
            if result is None:
                if self._channel.intake.exhausted:
                    waited = time.monotonic() - exchange.started
                return NoResponse(waited, self._channel.pending.strip(b"\r"))
            lines += self._channel.take_unterminated()
            return result

    def _beyond_texts(self, exchange: Exchange, lines: list[Line], result: Final, limit: float) -> Final:
        """Where an SMS came meanwhile, whose text may hold some, the last result code before the line is quiet."""
        if all(line.body is None for line in lines):
            return result
        self._channel.text_came = lines[-1].at
        # A line that never is quiet, for URCs, has its answer by then all the same.
        limit = min(limit, time.monotonic() + _QUIETS * self.deadlines.quiet)
        for line in self._incoming(exchange, limit, self.deadlines.quiet, longest=limit):
            lines.append(line)
            later = None if line.body is not None else self._channel.result(line.text, exchange.name)
            if later is None:
                self._give_away_urc(exchange, line)
            result = later or result
        return result

    def _incoming(
        self, exchange: Exchange, limit: float, quiet: float | None = None, *, longest: float | None = None
    ) -> Iterator[Line]:
        """Lines of the current exchange as they come, until ``limit``, the loss of the port, or ``quiet`` seconds in
        which nothing came. The caller holds the channel's condition.

        A line that is still busy at ``limit``, with URCs say, holds the answer up: it is given a little longer, but not
        beyond ``longest``.
        """
        channel, started = self._channel, time.monotonic()
        longest = limit + 3 * self.deadlines.command if longest is None else longest
        while True:
            while channel.inbox:
                yield channel.inbox.pop(0)
            if channel.lost or channel.intake.exhausted:
                return
            wake_at, last = limit, max(started, channel.last_received)
            if last > started:
                wake_at = min(longest, max(limit, last + self.deadlines.quiet))
            if quiet is not None:
                wake_at = min(wake_at, last + quiet)
            odd_ends = channel.leaves_out_line_ends or channel.profile_may_load
            if odd_ends and channel.unterminated_result(exchange.name):
                wake_at = min(wake_at, last + self.deadlines.unterminated)
            if not channel.wait_until(wake_at) and not channel.inbox:
                return

    def _with_closing_error(self, exchange: Exchange, lines: list[Line], result: Final, limit: float) -> Final:
        """In the command-naming form a line ERROR may belong to the result; once known, the dialect decides.

        Where the command is a query, the line may have been an information response whose value looks like an error:
        then OK follows.
        """
        query = exchange.command.endswith(b"?")
        follows = self._closing_error_follows.get(result.form)
        if follows is False and not query:
            return result
        for line in self._incoming(exchange, limit, None if follows else self.deadlines.quiet):
            closing = None if line.body is not None else self._channel.result(line.text, exchange.name)
            if closing is None:
                lines.append(line)
                self._give_away_urc(exchange, line)
            elif closing.form is Form.ERROR:
                lines.append(line)
                self._closing_error_follows[result.form] = True
                return Final(result.form, result.code, closed_by_error=True)
            elif (closing.ok and query) or (closing.form.wrong and not closing.ok):
                # A number in the place of ERROR says that the form of all answers has changed.
                lines.append(line)
                return closing
            else:
                exchange.strays.append(line)
                return result
        if not query and not self._channel.lost:
            self._closing_error_follows[result.form] = False
        return result

    def _give_away_urc(self, exchange: Exchange, line: Line) -> None:
        if information(line.text, exchange.name) is None:
            self._channel.unsolicited.append(line)
