"""How long a firmware may take: over the network, over its memory, over noticing a loss."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.habits.registry import habit
from rigs.simulator.link import Dial
from rigs.simulator.parser import Command, Form
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

HICCUP = 3.0
"""Seconds that a commit to flash takes when a block has to be erased first."""


def _opens_after(seconds: int) -> None:
    @habit(f"takes {seconds} s to open the session", name=f"opens-after-{seconds}-s")
    def adopt(module: Firmware) -> None:
        def open_(original: Callable[[Dial], None], dial: Dial) -> None:
            module.wait(lambda: False, seconds)
            original(dial)

        wrap(module.link, "open", open_)


def _refused_after(seconds: int) -> None:
    @habit(f"takes {seconds} s to give up an OPEN that the cloud refuses", name=f"open-refused-after-{seconds}-s")
    def adopt(module: Firmware) -> None:
        def open_(original: Callable[[Dial], None], dial: Dial) -> None:
            try:
                original(dial)
            except Refused:
                module.wait(lambda: False, seconds)
                raise

        wrap(module.link, "open", open_)


for _seconds in (1, 7):
    _opens_after(_seconds)
for _seconds in (2, 20):
    _refused_after(_seconds)


@habit("takes 3 s over one commit to flash in forty")
def flash_hiccup(module: Firmware) -> None:
    chance = random.Random(os.getpid())  # another series in each power cycle

    def flush(original: Callable[[dict[str, bytes]], None], values: dict[str, bytes]) -> None:
        if not chance.randrange(40):
            module.wait(lambda: False, HICCUP)
        original(values)

    wrap(module.memory, "flush", flush)


class _LateNotice:
    """A session whose end is known to the first command that fails, and to OPEN only ``seconds`` later."""

    def __init__(self, module: Firmware, seconds: float) -> None:
        self._module = module
        self._seconds = seconds
        self._lost = False
        self._until: float | None = None

    def lost(self, original: Callable[[], object]) -> None:
        self._lost, self._until = True, None
        original()

    def open(self, original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if self._stands():
            raise Refused(Code.ALREADY_OPEN)
        return original(module, command)

    def close(self, original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if self._stands():
            self._lost = False
            return []
        return original(module, command)

    def use(self, original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if self._stands():
            raise Refused(Code.NETWORK)
        return original(module, command)

    def _stands(self) -> bool:
        now = time.monotonic()
        if self._module.link.is_open or (self._until is not None and now >= self._until):
            self._lost = False
        elif self._lost and self._until is None:
            self._until = now + self._seconds
        return self._lost


def _notices_after(seconds: float, name: str, words: str) -> None:
    @habit(f"counts a dropped session as open for {words} after the first command that failed", name=name)
    def adopt(module: Firmware) -> None:
        notice = _LateNotice(module, seconds)
        wrap(module.link, "on_lost", notice.lost)
        wrap_command(module, "ALYMQTTOPEN", Form.EXECUTE, notice.open)
        wrap_command(module, "ALYMQTTCLOSE", Form.EXECUTE, notice.close)
        for command in ("ALYMQTTSUB", "ALYMQTTUNSUB", "ALYMQTTPUB"):
            wrap_command(module, command, Form.SET, notice.use)


_notices_after(0.003, "notices-drop-late", "3 ms")
_notices_after(2.0, "notices-drop-2-s-late", "2 s")


@habit("loses what is sent to it while a command runs")
def deaf_while_busy(module: Firmware) -> None:
    def execute(original: Callable[[bytes], None], line: bytes) -> None:
        original(line)
        module.console.discard_input()

    wrap(module, "execute", execute)


@habit("pings at 1.3 times the keep-alive, where the cloud does not end the connection yet")
def pings_late(module: Firmware) -> None:
    def dial(original: Callable[[], Dial]) -> Dial:
        plan = original()
        return replace(plan, ping=plan.keepalive * 1.3)

    wrap(module, "dial", dial)
