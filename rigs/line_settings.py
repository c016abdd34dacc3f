"""What the bench sets on the module's line before it relies on it, and whether that still stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rigs.at.dialogue import Dialogue
from rigs.at.exchange import Exchange
from rigs.at.results import Final, Form
from rigs.restart import Sign
from rigs.sentence import Sentence, say

_ECHO_OFF, _NUMBERED_ERRORS = "ATE0", "AT+CMEE=1"
_LINE = ("ATV1", "ATQ0", _ECHO_OFF, _NUMBERED_ERRORS)
"""What the bench relies on: result codes in words, shown at all, no echo, numbered errors."""
_ERRORS_QUESTION = "AT+CMEE?"


class LineSettings:
    """Sets the line up as hosts of this module do; a firmware that refuses any of it is served all the same.

    A profile that the module stores may be loaded some time after it has powered up, and bring other settings back:
    that is no fault, and what came of it is mended.
    """

    def __init__(self, dialogue: Dialogue, incident: Callable[[Sentence], None]) -> None:
        self._dialogue = dialogue
        self._incident = incident
        self._echo_is_off = False
        self._errors_are_numbered = False
        self._under_way = False
        self.up_since = 0.0
        """Monotonic time of the last power-up."""
        dialogue.mend = self._mend_form

    def booted(self) -> None:
        """The module has powered up: set the line up."""
        self.up_since = time.monotonic()
        self._dialogue.profile_may_load(False)
        self.set_up()
        self._dialogue.profile_may_load(self.just_booted)

    @property
    def just_booted(self) -> bool:
        """Whether a stored profile may still be loaded."""
        return time.monotonic() - self.up_since < self._dialogue.deadlines.profile

    def set_up(self) -> None:
        """Set what the bench relies on; what a firmware does not know, it need not have."""
        self._under_way = True
        try:
            self._set_up()
        finally:
            self._under_way = False

    def _set_up(self) -> None:
        for line in _LINE:
            exchange = self._dialogue.send(line)
            if exchange.silent:
                self._incident(say("no answer to {line}, which hosts begin with", line=line))
            elif line == _ECHO_OFF:
                self._echo_is_off = exchange.ok
            elif line == _NUMBERED_ERRORS:
                # Where the echo stays on in spite of ATE0, it is no sign of anything.
                self._echo_is_off = self._echo_is_off and not exchange.echoed
        self._errors_are_numbered = self._errors_shown() == b"1"

    @property
    def echo_is_off(self) -> bool:
        """Whether the module has been told, with success, not to send command lines back."""
        return self._echo_is_off

    @contextmanager
    def echoing(self) -> Iterator[None]:
        """Inside, the echo may be on; afterwards it is switched off again, as everywhere in a run."""
        off, self._echo_is_off = self._echo_is_off, False
        try:
            yield
        finally:
            self._dialogue.send(_ECHO_OFF)
            self._echo_is_off = off

    def echoes_again(self, exchange: Exchange) -> bool:
        """Whether a command line came back that should not have."""
        return exchange.echoed and self._echo_is_off and not exchange.command.upper().startswith(b"ATE")

    def changed(self, since: int) -> set[Sign]:
        """Which settings are others than they were set to: numbered errors are asked for now.

        The echo has shown itself in the exchanges from number ``since`` on.
        """
        found = set()
        if self._errors_are_numbered and self._errors_shown() not in (None, b"1"):
            found.add(Sign.ERRORS)
        if self._echo_is_off and any(asked.echoed for asked in self._dialogue.exchanges[since:]):
            found.add(Sign.ECHO)
        return found

    def _errors_shown(self) -> bytes | None:
        """How the module says it shows errors; None where it does not say."""
        exchange = self._dialogue.send(_ERRORS_QUESTION)
        return exchange.information[0].value.strip() if exchange.ok and exchange.information else None

    def _mend_form(self, exchange: Exchange, again: Callable[[], Exchange]) -> Exchange:
        """Set the line up again where a stored profile that was loaded late has brought numbers back; no fault.

        Returns the exchange as it was meant: OK stands, and a command that was refused is sent once more for its code.
        """
        just_booted = self.just_booted
        self._dialogue.profile_may_load(just_booted)
        may_mend = just_booted and not self._under_way and not self._dialogue.lives_with_wrong_forms
        if not may_mend or not exchange.of_numbers:
            return exchange
        self.set_up()
        if not exchange.ok:
            exchange.excused = True
            return again()
        exchange.number_meant = exchange.lines[-1].text
        exchange.conclude(exchange.lines[:-1], Final(Form.OK))
        return exchange
