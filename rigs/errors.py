"""Exceptions that say why there is no verdict on the module: broken bench, no sight, too late."""

from __future__ import annotations

from rigs.sentence import Sentence, say


class BenchError(Exception):
    """Something of the bench (port, power, broker, disk, rig file) broke, so no verdict on the module is possible.

    ``message`` says in one line what broke; ``act`` says in one line who should do what about it. Both are English,
    and can be told in another language.
    """

    def __init__(self, message: Sentence, *, act: Sentence) -> None:
        super().__init__(message)
        self.message = message
        self.act = act

    def __str__(self) -> str:
        return f"{self.message} -- {self.act}"


class PortLost(BenchError):
    """The serial port went away while it was in use; whether through the lab or with the module is still to be told."""


class ConnectionGone(Exception):
    """The module's connection was over before the bench could act on it: the module, or its link, ended it.

    The message says when and how. The bench is not broken, and what it was about to do was not done.
    """

    def __init__(self, message: Sentence) -> None:
        super().__init__(message)


class Flooded(BenchError):
    """The module sends without end what answers nothing, so that no answer can be told: its own doing, not the bench's.

    ``evidence`` are the first and last event of the run record that show it.
    """

    def __init__(self, message: Sentence, evidence: tuple[int, ...] = ()) -> None:
        super().__init__(message, act=say("module vendor: see the transcript, which holds the beginning of the flood"))
        self.evidence = evidence


class PortAbsent(BenchError):
    """The serial port is not there: it may come with the module's power, or a moment later."""


class Unseen(Exception):
    """What was asked for cannot be seen from where this rig stands; the text says why. Nobody is to blame."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
