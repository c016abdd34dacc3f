"""What the gateway can be told to do wrong. A fault is data; the places that obey it ask ``ActiveFaults``."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, fields
from typing import TypeVar

from rigs.cloud.packets import ConnackCode
from rigs.cloud.pki import Certificate

_F = TypeVar("_F", bound="Fault")


@dataclass(frozen=True, eq=False)
class Fault:
    """Base of all faults; two of the same kind may be active, the younger one rules."""

    def __str__(self) -> str:
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type(self).__name__)
        values = ", ".join(f"{f.name}={getattr(self, f.name)}" for f in fields(self))
        return words.strip() + (f" ({values})" if values else "")


class RefusingTcp(Fault):
    """Nobody listens: the module's SYN is answered by RST."""


class SilentOnConnect(Fault):
    """TCP (and TLS) work, CONNECT is never answered."""


@dataclass(frozen=True, eq=False)
class AnsweringConnack(Fault):
    """CONNECT is refused with ``code``, whatever it says."""

    code: ConnackCode


class RefusingSubscriptions(Fault):
    """SUBSCRIBE is answered by SUBACK 0x80 for every filter; the broker never sees it."""


class WithholdingPuback(Fault):
    """PUBACK is not passed on to the module."""


class Blackhole(Fault):
    """Neither direction passes while TCP stays. As with a real outage, what was held back arrives when it ends."""


@dataclass(frozen=True, eq=False)
class Delaying(Fault):
    """Both directions pass ``seconds`` late, in order."""

    seconds: float


@dataclass(frozen=True, eq=False)
class Throttling(Fault):
    """Each direction passes ``bytes_per_second``."""

    bytes_per_second: float


@dataclass(frozen=True, eq=False)
class Splitting(Fault):
    """Each byte to the module travels in a TCP segment of its own, ``pause`` seconds after the one before."""

    pause: float


@dataclass(frozen=True, eq=False)
class Presenting(Fault):
    """The TLS port shows this certificate."""

    certificate: Certificate


@dataclass(frozen=True, eq=False)
class LimitingTls(Fault):
    """The TLS port speaks no version above ``maximum``."""

    maximum: ssl.TLSVersion


class ActiveFaults:
    """The faults now in force. Belongs to the event loop."""

    def __init__(self) -> None:
        self._active: list[Fault] = []
        self._passable = asyncio.Event()
        self._passable.set()

    def add(self, fault: Fault) -> None:
        self._active.append(fault)
        self._update()

    def remove(self, fault: Fault) -> None:
        self._active.remove(fault)
        self._update()

    def find(self, kind: type[_F]) -> _F | None:
        """The youngest active fault of this kind."""
        return next((fault for fault in reversed(self._active) if isinstance(fault, kind)), None)

    async def passage(self) -> None:
        """Wait until no blackhole is active."""
        await self._passable.wait()

    def _update(self) -> None:
        if self.find(Blackhole):
            self._passable.clear()
        else:
            self._passable.set()
