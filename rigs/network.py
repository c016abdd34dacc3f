"""What the module says of the mobile network: whether it is registered, as far as it tells."""

from __future__ import annotations

import re
import time

from rigs.at.dialogue import Dialogue
from rigs.at.lines import Line

_QUESTIONS = ("AT+CEREG?", "AT+CREG?")
_ATTACHMENT = "AT+CGATT?"
_AT_HOME_OR_ROAMING = (1, 5)
_STATUS = re.compile(rb" ?(?:\d+,)? ?(\d+)(?:,.*)?")
_NEWS = re.compile(rb"\+C(?:E|G)?REG: ?\d.*", re.DOTALL)


class Network:
    """Asks with the registration queries of 3GPP TS 27.007, all of which are optional here.

    A query that is refused is not asked again before the next power-up: a module need not know it, and one that is
    starting may refuse it for the moment.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._unknown: set[str] = set()

    def booted(self) -> None:
        """The module has powered up: each query may be answered again."""
        self._unknown.clear()

    @property
    def tells(self) -> bool:
        """Whether there is a query left that may be answered."""
        return len(self._unknown) < len(_QUESTIONS) + 1

    def registered(self) -> bool | None:
        """The module's own word; None when it gives none.

        Registered in any network (home or roaming, LTE or older) counts; whether it is attached to packet data counts
        where nothing else is told. One that says it is attached and not registered gives no word: a query may be of a
        network that it does not use. Raises `BenchError` as any command does.
        """
        told = [word for word in map(self._status, _QUESTIONS) if word is not None]
        if any(word in _AT_HOME_OR_ROAMING for word in told):
            return True
        attached = self._status(_ATTACHMENT)
        if attached == 1:
            return None if told else True
        return False if told or attached is not None else None

    def wait_registered(self, seconds: float) -> bool:
        """Ask until the module says that it is registered, at most ``seconds``; False when it does not say so."""
        limit = time.monotonic() + seconds
        while not self.registered():
            remaining = limit - time.monotonic()
            if remaining <= 0:
                return False
            self.pause(remaining)
        return True

    def pause(self, longest: float) -> None:
        """Let a moment pass before the network is asked for again, or less when news of it come."""
        pause = min(longest, self._dialogue.deadlines.network_poll)
        self._dialogue.wait_unsolicited(is_news, pause, len(self._dialogue.unsolicited))

    def _status(self, question: str) -> int | None:
        if question in self._unknown:
            return None
        exchange = self._dialogue.send(question)
        if not exchange.ok:
            self._unknown.add(question)
        found = [_STATUS.fullmatch(item.value) for item in exchange.information] if exchange.ok else []
        return next((int(match.group(1)) for match in found if match), None)


def is_news(line: Line) -> bool:
    """Whether a line reports a change of registration, unasked."""
    return _NEWS.fullmatch(line.text) is not None
