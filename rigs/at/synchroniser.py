"""Keeps command lines and answers in step: wakes the module, and skips what still answers earlier lines."""

from __future__ import annotations

import time

from rigs.at.channel import Channel
from rigs.at.lines import Line
from rigs.at.results import final_result
from rigs.deadlines import Deadlines
from rigs.errors import BenchError
from rigs.port import TransportLost

_ATTENTION = b"AT"
_FENCE = b"AT+BENCHFENCE"


class Synchroniser:
    """Polls the module with ``AT`` until it answers, then fences off the answers to earlier lines.

    Whatever arrives meanwhile (boot messages, noise, late answers) goes to the URC stream.
    """

    def __init__(self, channel: Channel, deadlines: Deadlines) -> None:
        self._channel = channel
        self._deadlines = deadlines
        self._polls = 0
        self._fence_answered = False
        self._fence_works = True

    def wake(self, deadline: float, *, answers_pending: bool) -> bool:
        """Send ``AT`` until an answer comes, at most ``deadline`` seconds; True when it did.

        ``answers_pending``: lines sent before may still be answered. Raises `BenchError` when the port is lost and does
        not come back.
        """
        limit = time.monotonic() + deadline
        pause = self._deadlines.first_poll
        self._polls = 0
        self._fence_answered = False
        while (remaining := limit - time.monotonic()) > 0:
            if self._poll(min(pause, remaining)) and self._fenced(needed=answers_pending or self._polls > 1):
                return True
            pause = min(pause * 2, self._deadlines.poll)
        if self._channel.lost:
            raise self._channel.loss("while the module was expected to come up")
        return False

    def late_answers(self) -> list[Line]:
        """Wake a module that fell silent; returns the final result codes that turn out to answer the silent command.

        Raises `BenchError` when the module does not answer: it has to be recovered first.
        """
        mark = len(self._channel.unsolicited)
        if not self.wake(self._deadlines.recovery, answers_pending=True):
            raise BenchError(
                f"the module on {self._channel.describe()} does not answer AT",
                act="lab: check cable, power and baud rate",
            )
        finals = [line for line in self._channel.unsolicited[mark:] if _is_final(line)]
        errors = [line for line in finals if _is_error(line)]
        oks = [line for line in finals if not _is_error(line)]
        # Each AT was worth one OK and the fence one error: what is above that answers the command that was silent.
        return errors[: len(errors) - self._fence_answered] + oks[: max(0, len(oks) - self._polls)]

    def answers_without_power(self, seconds: float) -> bool:
        """Whether the module answers ``AT`` in the second half of ``seconds`` without power: it should not.

        The first half belongs to what its capacitors hold.
        """
        limit = time.monotonic() + seconds
        with self._channel.changed:
            while self._channel.wait_until(limit - seconds / 2):
                pass
        return self._poll(limit - time.monotonic())

    def _poll(self, pause: float) -> bool:
        """One ``AT``; True when any answer came within ``pause`` seconds: an error is a sign of life, too."""
        channel = self._channel
        try:
            channel.reopen_if_lost(pause)
            channel.keep_guard_time()
            channel.settle()
            mark = len(channel.unsolicited)
            self._polls += 1
            channel.expect_echo(_ATTENTION)
            channel.write(_ATTENTION + b"\r")
            return channel.wait_unsolicited(_is_final, pause, mark) is not None or self._unterminated_answer()
        except (TransportLost, BenchError):
            with channel.changed:
                channel.wait_until(time.monotonic() + pause)
            return False

    def _unterminated_answer(self) -> bool:
        """Whether what came is an answer, though its line end has not come."""
        with self._channel.changed:
            if self._channel.unterminated_result() is None:
                return False
        self._channel.wait_quiet(self._deadlines.unterminated)
        with self._channel.changed:
            if self._channel.unterminated_result() is not None:
                self._channel.inbox += self._channel.take_unterminated()
                self._channel.settle()
        return True

    def _fenced(self, *, needed: bool) -> bool:
        """Skip the answers to earlier lines, if ``needed``; False when the port was lost over it.

        A module answers in order, and an unknown command, unlike ``AT``, with an error. Where that error does not come,
        or may be followed by a line of its own, the line has to fall quiet.
        """
        if not needed:
            return True
        error = None
        if self._fence_works:
            mark = len(self._channel.unsolicited)
            self._channel.keep_guard_time()
            try:
                self._channel.expect_echo(_FENCE)
                self._channel.write(_FENCE + b"\r")
                error = self._channel.wait_unsolicited(_is_error, self._deadlines.command, mark)
            except TransportLost:
                return False
            self._fence_works = self._fence_answered = error is not None
        result = final_result(error.text) if error is not None else None
        if result is None or result.form.names_the_command:
            self._channel.wait_quiet(self._deadlines.quiet)
        return True


def _is_final(line: Line) -> bool:
    return final_result(line.text) is not None


def _is_error(line: Line) -> bool:
    result = final_result(line.text)
    return result is not None and not result.ok
