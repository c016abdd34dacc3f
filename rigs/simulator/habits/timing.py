"""When a firmware may send its bytes, and what it may send unasked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rigs.simulator.habits.registry import habit
from rigs.simulator.patching import at_boot, wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


SLEEPS_AFTER = 0.5
"""Seconds without a byte from the host."""
EATEN = 2
"""Bytes that wake it and are lost."""
NEWS = b"+CTZV: +32"
"""A URC of the network's that a host did not ask for and need not know."""


@habit("starts with echo off")
def echo_off_at_boot(module: Firmware) -> None:
    module.console.echo = False


@habit("announces itself at power-up")
def boot_message(module: Firmware) -> None:
    at_boot(module, lambda: module.console.urc(b"+MATREADY"))


@habit("puts noise on the line at power-up")
def boot_noise(module: Firmware) -> None:
    at_boot(module, lambda: module.console.transmit(b"\xff\x00\xf8AT\x80"))


@habit("reports news of the network after every answer")
def chatter_between(module: Firmware) -> None:
    def respond(original: Callable[[list[bytes]], None], lines: list[bytes]) -> None:
        original(lines)
        module.loop.call_later(0.002, lambda: module.console.urc(NEWS))

    wrap(module.console, "respond", respond)


@habit("reports news of the network between a command and its answer")
def chatter_during(module: Firmware) -> None:
    wrap(module.console, "respond", lambda respond, lines: respond([NEWS, *lines]))


@habit("lets its bytes dribble in, five at a time with pauses")
def dribble(module: Firmware) -> None:
    waiting = bytearray()
    at_once = module.console.transmit

    def drop() -> None:
        at_once(bytes(waiting[:5]))
        del waiting[:5]
        if waiting:
            module.loop.call_later(0.0005, drop)

    def transmit(data: bytes) -> None:
        if not waiting:
            module.loop.call_later(0, drop)
        waiting.extend(data)

    def reset(original: Callable[[], None]) -> None:
        module.loop.wait_until(lambda: not waiting, 1)
        original()

    module.console.transmit = transmit
    wrap(module, "reset", reset)


@habit("thinks for 100 ms over every command")
def thinks_100_ms(module: Firmware) -> None:
    wrap(module, "think", lambda _: module.wait(lambda: False, 0.1))


@habit("reports news of the network between an information response and its OK")
def urc_before_ok(module: Firmware) -> None:
    def respond(original: Callable[[list[bytes]], None], lines: list[bytes]) -> None:
        original([*lines[:-1], NEWS, lines[-1]] if len(lines) > 1 else lines)

    wrap(module.console, "respond", respond)


@habit("sleeps on an idle line, and eats the first bytes that wake it", declares={"sleeps": "yes"})
def sleeps(module: Firmware) -> None:
    awake_until = time.monotonic()

    def receive(original: Callable[[], None]) -> None:
        nonlocal awake_until
        asleep, before = time.monotonic() > awake_until, len(module.console.incoming)
        original()
        if asleep:
            del module.console.incoming[before : before + EATEN]
        awake_until = time.monotonic() + SLEEPS_AFTER

    wrap(module.console, "receive", receive)
