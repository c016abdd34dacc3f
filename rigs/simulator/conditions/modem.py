"""The rest of the modem, which shares the module's line: SMS, calls, time and registration (3GPP TS 27.005, 27.007)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from rigs.simulator.conditions.registry import condition
from rigs.simulator.patching import at_boot, wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

EVERY = 0.3
"""Seconds between two events that come by themselves."""
GAPS = 8
"""One gap of a response in so many takes in an event."""
SEED = 302

NUMBER = b'"+8613800138000"'
TIME = b'"26/11/27,12:00:00+32"'
PDU = b"0891683108200805F0040D91683108108300F000006211721200002304D4F29C0E"
TEXTS = (
    b"OK",
    b"ERROR",
    b"+MQTTRECV:/x,y",
    b"AT",
    b"two lines:\nthis is the second",
    b"",
    b"4F60597D4E16754C",
    b"+CME ERROR: 700",
    b"+CME ERROR: 708",
    b'+ALYDEVICENAME:"not yours"',
    b"+CMT: " + NUMBER,
    b"RING",
)
"""What people write to each other, which may be anything; one is UCS2 in hex."""

Event = bytes | tuple[bytes, bytes]
"""A line, or a header with the body that follows on the next line."""

MESSAGES: tuple[Event, ...] = (
    *((b"+CMT: " + NUMBER + b",," + TIME, text) for text in TEXTS),
    (b"+CMT: ,24", PDU),
    (b"+CBM: 16,50,1,1,1", b"OK"),
    (b"+CBM: 88", PDU + PDU),
    (b"+CDS: 25", PDU),
    b"+CDS: 6,27," + NUMBER + b",145," + TIME + b"," + TIME + b",0",
    b'+CMTI: "SM",3',
)
CALLS: tuple[Event, ...] = (
    b"RING",
    b"+CLIP: " + NUMBER + b',145,"",0,"",0',
    b"+CRING: VOICE",
    b"+CCWA: " + NUMBER + b",145,1",
    b"NO CARRIER",
    b"BUSY",
)
NEWS = (
    b"\r\n+CREG: 1\r\n",
    b"\r\n+CEREG: 2\r\n",
    b'\r\n+CEREG: 1,"2710","0A2B3C4D",7\r\n',
    b"\r\n+CGEV: ME PDN ACT 1\r\n",
    b'\r\n*PSUTTZ: 26,11,27,12,00,00,"+32",0\r\n',
    b"\r\n+CTZV: +32\r\n",
    b"\r\n^MODE: 17,17\r\n",
    b'\r\n^HCSQ: "LTE",46,49,157,22\r\n',
    b"\n+CREG: 1\n",
    b"\r+CTZV: +32\r",
    b"+CEREG: 1\r\n",
    b"\r\n+CSQ: 28,99\r\r\n",
    b"\r\n\r\n+CIEV: 2,4\r\n\r\n",
)
"""Some with line ends that nobody would choose."""


class Neighbour:
    """A part of the modem that says what it has to say at its own times, and now and then in a gap of a response."""

    def __init__(self, module: Firmware, events: Sequence[Event], write: Callable[[Event], bytes]) -> None:
        self._module = module
        self._events = cycle(events)
        self._write = write
        self._chance = random.Random(SEED)
        at_boot(module, self._speak)
        wrap(module.console, "gap", self._gap)

    def _speak(self) -> None:
        self._say()
        self._module.console.flush()
        self._module.loop.call_later(EVERY * self._chance.uniform(0.5, 1.5), self._speak)

    def _gap(self, original: Callable[[], object]) -> None:
        original()
        if not self._chance.randrange(GAPS):
            self._say()

    def _say(self) -> None:
        self._module.console.interject(self._write(next(self._events)))


def _as_a_line(module: Firmware) -> Callable[[Event], bytes]:
    """As this firmware writes its own lines, with the body right behind."""

    def write(event: Event) -> bytes:
        return module.console.written(event if isinstance(event, bytes) else b"\r\n".join(event))

    return write


@condition("SMS, cell broadcasts and delivery reports come at any time, each with any text")
def sms(module: Firmware) -> None:
    Neighbour(module, MESSAGES, _as_a_line(module))


@condition("calls come in at any time")
def calls(module: Firmware) -> None:
    Neighbour(module, CALLS, _as_a_line(module))


@condition("registration, time and bearer URCs come at any time, some with odd line ends")
def chatty_modem(module: Firmware) -> None:
    Neighbour(module, NEWS, lambda event: event if isinstance(event, bytes) else b"".join(event))
