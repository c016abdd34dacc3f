"""What the command line decides, as plain data that can cross a process boundary."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Address(NamedTuple):
    """A TCP endpoint."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``HOST:PORT`` (an IPv6 host in brackets). Raises ValueError with a sentence for the user."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
            raise ValueError(f"{text!r} is not HOST:PORT with a port of 0-65535")
        return cls(host.removeprefix("[").removesuffix("]"), int(port))

    @classmethod
    def parse_loopback(cls, text: str) -> Address:
        """Read ``HOST:PORT`` whose host is this machine alone. Raises ValueError with a sentence for the user."""
        address = cls.parse(text)
        if address.host != "localhost":
            try:
                loopback = ipaddress.ip_address(address.host).is_loopback
            except ValueError:
                loopback = False
            if not loopback:
                raise ValueError(f"{text!r} is not a loopback address; the simulator serves this machine only")
        return address


ANY_FREE_PORT = Address("127.0.0.1", 0)


@dataclass(frozen=True)
class ModuleOptions:
    """What the module process needs to know.

    ``durable`` forces every write of ``state`` down to the disk; a state that dies with the adapter does without.
    ``boot``, ``latency`` and ``registers_after`` are seconds. ``cloud`` and ``cloud_tls`` say where the platform's
    ports 1883 and 443 lead, ``detours`` through which other address something on the way there goes.
    """

    state: Path
    durable: bool = True
    boot: float = 0.0
    latency: float = 0.0
    cloud: Address | None = None
    cloud_tls: Address | None = None
    ca: Path | None = None
    detours: Mapping[Address, Address] = field(default_factory=dict)
    registers_after: float = 0.0
    conditions: tuple[str, ...] = ()
    habits: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class AdapterOptions:
    """What the adapter process needs to know.

    ``line_rate`` is in baud, 0 for instant; ``tcp`` None means a pty. With ``usb`` the pty is the module's own USB
    port, which comes and goes with it. ``jitter`` is the longest that the carrier's network holds bytes back, in
    seconds; ``strangers`` says that others than the module connect to its cloud.
    """

    tcp: Address | None = None
    link: Path | None = None
    control: Address = ANY_FREE_PORT
    line_rate: int = 0
    power: bool = True
    exit_with_stdin: bool = False
    spawn: bool = False
    usb: bool = False
    jitter: float = 0.0
    strangers: bool = False
