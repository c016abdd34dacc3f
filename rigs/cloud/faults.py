"""What the gateway can be told to do wrong. A fault is data; the places that obey it ask ``ActiveFaults``."""

from __future__ import annotations

import asyncio
import enum
import ssl
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import ClassVar, TypeVar

from rigs.cloud.events import Ending
from rigs.cloud.login import Device
from rigs.cloud.malformations import Malformation
from rigs.cloud.packets import ConnackCode, Packet
from rigs.cloud.pki import Certificate

_F = TypeVar("_F", bound="Fault")


@dataclass(frozen=True, eq=False)
class Fault:
    """Base of all faults; two of the same kind may be active, the younger one rules."""

    def __str__(self) -> str:
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type(self).__name__)
        values = ", ".join(f"{f.name}={_shown(getattr(self, f.name))}" for f in fields(self))
        return words.strip() + (f" ({values})" if values else "")


def _shown(value: object) -> object:
    match value:
        case type():
            return value.__name__.upper()
        case Device():
            return value.stable_client_id
    return value


class RefusingTcp(Fault):
    """Nobody listens: the module's SYN is answered by RST."""


class Handshake(enum.Enum):
    """How TLS may fail before there is any."""

    REFUSED = "refused"  # nobody listens on the TLS port
    ALERT = "alert"  # fatal alert 40, handshake_failure
    FIN = "FIN"
    RST = "RST"


@dataclass(frozen=True, eq=False)
class FailingHandshake(Fault):
    """TLS does not come up, while TCP without it works: the port is closed, or this is what ClientHello is answered."""

    how: Handshake


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


@dataclass(frozen=True, eq=False)
class Dropping(Fault):
    """A packet of this kind from the module is not passed on: its TCP connection ends instead, by FIN or RST."""

    on: type[Packet]
    how: Ending


@dataclass(frozen=True, eq=False)
class Malforming(Fault):
    """Every packet of this kind to the module is spoiled."""

    kind: type[Packet]
    how: Malformation


@dataclass(frozen=True, eq=False)
class SecondLogin(Fault):
    """Another client is logged in with the identity of ``device``, and comes back whenever the module kicks it off."""

    device: Device


class Blackhole(Fault):
    """Neither direction passes while TCP stays. As with a real outage, what was held back arrives when it ends."""


@dataclass(frozen=True, eq=False)
class Delaying(Fault):
    """Both directions pass ``seconds`` late, in order."""

    seconds: float


@dataclass(frozen=True, eq=False)
class Jittering(Fault):
    """Both directions pass late by a random time of up to ``most_seconds``, in order, as on a carrier's radio link."""

    most_seconds: float
    seed: int


@dataclass(frozen=True, eq=False)
class Throttling(Fault):
    """Each direction passes ``bytes_per_second``."""

    bytes_per_second: float


@dataclass(frozen=True, eq=False)
class Splitting(Fault):
    """Each byte to the module travels in a TCP segment of its own, ``pause`` seconds after the one before.

    Around the first ``HEADER`` bytes of a packet, where a parser may count on more than one, the pause is
    ``header_pause``: long enough for a busy machine to hand them over one by one.
    """

    HEADER: ClassVar[int] = 5  # a fixed header at its longest, MQTT 2.2

    pause: float
    header_pause: float


@dataclass(frozen=True, eq=False)
class Cutting(Fault):
    """Each packet to the module travels in two TCP segments: so many bytes, and ``pause`` seconds later the rest.

    A packet that is no longer than that is not cut.
    """

    first: int
    pause: float


@dataclass(frozen=True, eq=False)
class Joining(Fault):
    """So many packets to the module travel in one TCP segment, or those that follow within ``patience`` seconds."""

    count: int
    patience: float


@dataclass(frozen=True, eq=False)
class Presenting(Fault):
    """The TLS port shows this certificate."""

    certificate: Certificate


@dataclass(frozen=True, eq=False)
class LimitingTls(Fault):
    """The TLS port speaks no version above ``maximum``, and of the ciphers up to TLS 1.2 only ``ciphers`` if given."""

    maximum: ssl.TLSVersion
    ciphers: tuple[str, ...] = ()


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

    def find(self, kind: type[_F], applies: Callable[[_F], bool] = lambda _: True) -> _F | None:
        """The youngest active fault of this kind that ``applies``."""
        return next((fault for fault in reversed(self._active) if isinstance(fault, kind) and applies(fault)), None)

    async def passage(self) -> None:
        """Wait until no blackhole is active."""
        await self._passable.wait()

    def _update(self) -> None:
        if self.find(Blackhole):
            self._passable.clear()
        else:
            self._passable.set()
