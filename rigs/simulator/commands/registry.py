"""Which function carries out which command.

A handler gets the firmware and the parsed command, returns the information lines, and raises
:class:`~rigs.simulator.codes.Refused` for an error. That it returns is the OK.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rigs.simulator.parser import Command, Form

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Handler = Callable[["Firmware", Command], list[bytes]]

COMMANDS: dict[tuple[str, Form], Handler] = {}


def command(name: str, form: Form) -> Callable[[Handler], Handler]:
    """Register a handler under the command's name (without ``AT+``) and form."""

    def register(handler: Handler) -> Handler:
        COMMANDS[name, form] = handler
        return handler

    return register
