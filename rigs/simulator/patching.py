"""How habits and faults change a firmware: they put something around one of its parts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from rigs.simulator.codes import Code, Refused
from rigs.simulator.parser import Command, Form

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Patch = Callable[["Firmware"], None]


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """From now on ``owner.name(...)`` is ``around(original, ...)``."""
    setattr(owner, name, partial(around, getattr(owner, name)))


def wrap_command(module: Firmware, name: str, form: Form, around: Callable[..., list[bytes]]) -> None:
    """From now on this form of the command is carried out by ``around(original, module, command)``."""
    module.commands[name, form] = partial(around, module.commands[name, form])


def at_boot(module: Firmware, act: Callable[[], object]) -> None:
    """Do ``act`` as soon as the firmware is up."""

    def boot(original: Callable[[], None]) -> None:
        original()
        act()

    wrap(module, "boot", boot)


def refusing(code: Code) -> Callable[[Firmware, Command], list[bytes]]:
    """A handler that refuses whatever comes."""

    def handler(_module: Firmware, _command: Command) -> list[bytes]:
        raise Refused(code)

    return handler


def accepting(_module: Firmware, _command: Command) -> list[bytes]:
    """A handler that says OK and does nothing."""
    return []
