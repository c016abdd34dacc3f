"""Restarts that nobody ordered: echo, +CMEE and settings are back to what they start with, and the session is gone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from rigs.simulator.faults.network import on_bytes
from rigs.simulator.faults.registry import fault
from rigs.simulator.link import Dial
from rigs.simulator.patching import at_boot, wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

UPTIME = 5.0
"""Seconds from power-up to the bite of a watchdog that nobody feeds."""
DUMP = (
    b"*** PANIC *** task mqtt",
    b"PC=0x6000A3F4 LR=0x6000A3D1 SP=0x80C1F6A8",
    b"+CME ERROR: 999999",
    b"rebooting...",
)


def _after_every(module: Firmware, number: int, act: Callable[[], object]) -> None:
    """Do ``act`` behind the answer of every so many commands."""
    commands = count(1)

    def answer(original: Callable[[bytes], list[bytes]], line: bytes) -> list[bytes]:
        lines = original(line)
        if next(commands) % number == 0:
            module.afterwards(act)
        return lines

    wrap(module, "answer", answer)


@fault("restarts without a word after every 150 commands", breaks=["FZ-04"])
def restarts_after_150_commands(module: Firmware) -> None:
    _after_every(module, 150, module.reset)


@fault("restarts after every 150 commands and announces itself", breaks=["FZ-04"])
def restarts_with_banner(module: Firmware) -> None:
    at_boot(module, lambda: module.console.urc(b"+MATREADY"))
    _after_every(module, 150, module.reset)


@fault("panics after every 150 commands: prints a dump and restarts", breaks=["FZ-04"])
def panics_after_150_commands(module: Firmware) -> None:
    def panic() -> None:
        for line in DUMP:
            module.console.urc(line)
        module.reset()

    _after_every(module, 150, panic)


@fault(
    "restarts five seconds after power-up, and again, as a watchdog has it",
    breaks=["FZ-04", "NW-01"],
    provoked_by=["FZ-02"],
)
def watchdog_bites(module: Firmware) -> None:
    module.loop.call_later(UPTIME, module.reset)


@fault("restarts after it has refused an identity value", breaks=["FZ-04"])
def restarts_on_refused_identity(module: Firmware) -> None:
    def answer(original: Callable[[bytes], list[bytes]], line: bytes) -> list[bytes]:
        lines = original(line)
        if line.upper().startswith((b"AT+ALYDEVICE", b"AT+ALYPRODUCT")) and b"=" in line and b"OK" not in lines:
            module.afterwards(module.reset)
        return lines

    wrap(module, "answer", answer)


@fault("restarts instead of answering every third OPEN", breaks=["FZ-04", "OP-01", "OP-08"])
def restarts_while_opening(module: Firmware) -> None:
    opened = count(1)

    def open_(original: Callable[[Dial], None], dial: Dial) -> None:
        original(dial)
        if next(opened) % 3 == 0:
            module.reset()

    wrap(module.link, "open", open_)


@fault("restarts instead of answering every tenth PUB", breaks=["FZ-04", "PU-01", "PU-03"])
def restarts_while_publishing(module: Firmware) -> None:
    published = count(1)

    def publish(original: Callable[..., None], topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        original(topic, payload, qos, seconds)
        if next(published) % 10 == 0:
            module.reset()

    wrap(module.link, "publish", publish)


@fault("restarts when the cloud drops the connection", breaks=["FZ-04", "NW-02"])
def restarts_on_lost_connection(module: Firmware) -> None:
    module.link.on_lost = module.reset


@fault("restarts on a CONNACK that is none", breaks=["FZ-04", "SC-01"], exposed_by="malforming")
def restarts_on_malformed_connack(module: Firmware) -> None:
    on_bytes(module, lambda data: data[:2] == b"\x20\x02" and data[3:4] > b"\x05", module.reset)
