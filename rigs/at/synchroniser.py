"""Keeps command lines and answers in step: wakes the module, and skips what still answers earlier lines."""

from __future__ import annotations

import time

from rigs.at.channel import Channel
from rigs.at.lines import Line
from rigs.at.results import Final, final_result, wrong_form
from rigs.deadlines import Deadlines
from rigs.errors import BenchError
from rigs.port import TransportLost
from rigs.sentence import Sentence, say

_ATTENTION = b"AT"
_FORMS = (b"ATV1", b"ATQ0")
"""Brings a module whose stored profile wants numbers, or no result codes at all, to answers that a host reads."""
_READABLE_AFTER = 5
"""Polls without a readable answer after which the form of the answers is set as well, in turn with `_ATTENTION`."""
_FENCE = b"AT+BENCHFENCE"
OWN_LINES = b"\r".join((_ATTENTION, *_FORMS, _FENCE))
"""What is sent here, outside of any exchange."""


class Synchroniser:
    """Polls the module with ``AT`` until it answers, then fences off the answers to earlier lines.

    Whatever arrives meanwhile (boot messages, noise, late answers) goes to the URC stream.
    """

    def __init__(self, channel: Channel, deadlines: Deadlines) -> None:
        self._channel = channel
        self._deadlines = deadlines
        self._polls = 0
        self._forms_set = 0
        self._fence_answered = False
        self._fence_works = True

    def wake(self, deadline: float, *, answers_pending: bool) -> bool:
        """Send ``AT`` until an answer comes, at most ``deadline`` seconds; True when it did.

        ``answers_pending``: lines sent before may still be answered. Raises `BenchError` when the port is lost and does
        not come back.
        """
        limit = time.monotonic() + deadline
        pause = self._deadlines.first_poll
        self._polls = self._forms_set = 0
        self._fence_answered = False
        while (remaining := limit - time.monotonic()) > 0 and not self._channel.intake.exhausted:
            result = self._poll(min(pause, remaining), self._next_poll())
            if result is not None:
                if result.form.wrong:
                    self._set_form(remaining)
                if self._fenced(needed=answers_pending or self._polls > 1):
                    return True
            pause = min(pause * 2, self._deadlines.poll)
        if self._channel.lost:
            raise self._channel.loss(say("while the module was expected to come up"))
        return False

    def late_answers(self) -> list[Line]:
        """Wake a module that fell silent; returns the final result codes that turn out to answer the silent command.

        Raises `BenchError` when the module does not answer: it has to be recovered first.
        """
        mark = len(self._channel.unsolicited)
        received = self._channel.received
        if not self.wake(self._deadlines.recovery, answers_pending=True):
            raise BenchError(
                say(
                    "the module on {port} does not answer AT: {what_came}",
                    port=self._channel.describe(),
                    what_came=self.what_came(received),
                ),
                act=say("lab: check cable, power and baud rate"),
            )
        finals = [line for line in self._channel.unsolicited[mark:] if self._is_final(line)]
        if self._forms_set:
            # A module need not know the lines that set the form: they may be worth an OK or an error each. It answers
            # in order, so what is above their number came first.
            return finals[: max(0, len(finals) - self._polls - self._fence_answered)]
        errors = [line for line in finals if self._is_error(line)]
        oks = [line for line in finals if not self._is_error(line)]
        # Each AT was worth one OK and the fence one error: what is above that answers the command that was silent.
        return errors[: max(0, len(errors) - self._fence_answered)] + oks[: max(0, len(oks) - self._polls)]

    def what_came(self, received: int) -> Sentence:
        """In words what has come since so many bytes had been received, when none of it is a readable answer."""
        count = self._channel.received - received
        if not count:
            return say("no byte came")
        latest = self._channel.latest[-count:]
        printable = sum(byte in b"\t\r\n" or 0x20 <= byte < 0x7F for byte in latest)
        if printable * 2 < len(latest):
            return say(
                "{count} bytes came that are no text, as with a wrong baud rate; the last of them: {latest}",
                count=count,
                latest=latest.hex(" "),
            )
        return say(
            "{count} bytes came, none of them an answer; the last of them: {latest}", count=count, latest=repr(latest)
        )

    def round_trip(self) -> float | None:
        """Seconds that the module takes to answer ``AT`` when nothing else is under way; None when it does not."""
        started = time.monotonic()
        answered = self._poll(self._deadlines.command, _ATTENTION)
        return None if answered is None else time.monotonic() - started

    def answers_without_power(self, seconds: float) -> bool:
        """Whether the module answers ``AT`` in the second half of ``seconds`` without power: it should not.

        The first half belongs to what its capacitors hold.
        """
        limit = time.monotonic() + seconds
        with self._channel.changed:
            while self._channel.wait_until(limit - seconds / 2):
                pass
        return self._poll(limit - time.monotonic(), _ATTENTION) is not None

    def _next_poll(self) -> bytes:
        beyond = self._polls - _READABLE_AFTER
        if beyond < 0 or beyond % 3 == 2:
            return _ATTENTION
        self._forms_set += 1
        return _FORMS[beyond % 3]

    def _set_form(self, patience: float) -> None:
        """The module answers in a form that no host reads: have it use another, or learn to live with this one."""
        self._channel.leaves_out_line_ends = False
        self._forms_set += 1
        answer = self._poll(min(patience, self._deadlines.command), _FORMS[0])
        self._channel.reads_wrong_forms = answer is None or answer.form.wrong

    def _poll(self, pause: float, line: bytes) -> Final | None:
        """One ``AT``, or a line like it; what was answered within ``pause`` seconds: an error is a sign of life, too.

        Here, where nothing but a final result code can come as an answer, one in a wrong form is understood as well.
        """
        channel = self._channel
        try:
            channel.reopen_if_lost(pause)
            channel.keep_guard_time()
            channel.settle()
            mark = len(channel.unsolicited)
            self._polls += 1
            channel.expect_echo(line)
            channel.write(line + b"\r")
            answer = channel.wait_unsolicited(lambda came: _any_form(came) is not None, pause, mark)
            return _any_form(answer) if answer is not None else self._unterminated_answer()
        except (TransportLost, BenchError):
            with channel.changed:
                channel.wait_until(time.monotonic() + pause)
            return None

    def _unterminated_answer(self) -> Final | None:
        """The answer that came, though its line end has not come."""
        with self._channel.changed:
            if _form_of(self._channel.pending) is None:
                return None
        self._channel.wait_quiet(self._deadlines.unterminated)
        with self._channel.changed:
            answer = _form_of(self._channel.pending)
            if answer is not None:
                self._channel.inbox += self._channel.take_unterminated()
                self._channel.settle()
                return answer
        # Its line end has come after all.
        return next((found for line in reversed(self._channel.unsolicited) if (found := _any_form(line))), None)

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
                odd = self._channel.leaves_out_line_ends or self._channel.reads_wrong_forms
                patience = self._deadlines.quick if odd else self._deadlines.command
                error = self._channel.wait_unsolicited(self._is_error, patience, mark)
            except TransportLost:
                return False
            unended = self._unterminated_answer() if error is None else None
            self._fence_answered = error is not None or unended is not None
            self._fence_works = self._fence_answered
        result = self._channel.result(error.text) if error is not None else None
        if result is None or result.form.names_the_command or self._forms_set:
            # The error may have been that of a line before.
            self._channel.wait_quiet(self._deadlines.quiet)
        return True

    def _is_final(self, line: Line) -> bool:
        return line.body is None and self._channel.result(line.text) is not None

    def _is_error(self, line: Line) -> bool:
        result = self._channel.result(line.text) if line.body is None else None
        return result is not None and not result.ok


def _form_of(text: bytes) -> Final | None:
    return final_result(text) or wrong_form(text)


def _any_form(line: Line) -> Final | None:
    return None if line.body is not None else _form_of(line.text)
