"""How this firmware writes its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rigs.simulator.codes import VERBOSE, Code


def cme_error(name: str, number: bytes) -> list[bytes]:
    """``+CME ERROR: n``: itself the final result."""
    return [b"+CME ERROR: " + number]


@dataclass
class Dialect:
    """The spelling of everything that the manual leaves to the firmware.

    ``error`` writes an error with its number, given the command's name (empty when the line had none). ``colon``
    follows a command's name in its information response, ``quote`` wraps a string value there. ``numbers`` is the
    number that each code is shown as, ``digits`` how a number is written, ``comma`` what stands between settings.
    """

    error: Callable[[str, bytes], list[bytes]] = cme_error
    digits: Callable[[int], bytes] = lambda number: b"%d" % number
    colon: bytes = b":"
    comma: bytes = b","
    quote: bytes = b""
    ok: list[bytes] = field(default_factory=lambda: [b"OK"])
    bare_error: list[bytes] = field(default_factory=lambda: [b"ERROR"])
    numbers: dict[Code, int] = field(default_factory=lambda: {code: int(code) for code in Code})

    def information(self, name: str, value: bytes) -> bytes:
        """``+NAME:value``."""
        return b"+" + name.encode() + self.colon + value

    def text(self, value: bytes) -> bytes:
        """A string value as it stands in an information response."""
        return self.quote + value + self.quote

    def refusal(self, name: str, code: Code, verbosity: int) -> list[bytes]:
        """An error as the verbosity of ``+CMEE`` asks: 0 bare, 1 numbered, 2 in words where this firmware has them."""
        if verbosity == 0:
            return self.bare_error
        if verbosity == 2 and self.error is cme_error:
            return [b"+CME ERROR: " + VERBOSE[code].encode()]
        return self.error(name, self.digits(self.numbers[code]))
