"""What went over the line, in both directions, with times, and with the secrets masked before anything is kept."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, AnyStr, Generic, Protocol

MASK = ord("*")
_SECRET_LINE = re.compile(rb"\+\w*SECRET\s*[:=]$", re.IGNORECASE)
_SECRET_ARGUMENT = re.compile(rb"\+\w*SECRET\s*[:=]", re.IGNORECASE)
_SECRET_IN_TEXT = re.compile(r'(\+\w*SECRET\s*[:=]\s*)(\\*"(?:\\.|[^"\\\r\n])*"?|[^\s"?]+)', re.IGNORECASE)
_LONGEST_NAME = 64
_SHORTEST_SECRET = 8


class Direction(StrEnum):
    """Seen from the bench: TX goes to the module, RX comes from it."""

    TX = "tx"
    RX = "rx"


class Sink(Protocol):
    """Where events go: returns the event's sequence number in the run record."""

    def __call__(self, kind: str, *, at: float | None = None, **fields: Any) -> int: ...


def mask_secret_argument(line: bytes) -> bytes:
    """``line`` with everything behind ``+...SECRET=`` or ``+...SECRET:`` masked; quotes and the query mark stay."""
    match = _SECRET_ARGUMENT.search(line)
    if match is None:
        return line
    return line[: match.end()] + bytes(byte if byte in b'"?' else MASK for byte in line[match.end() :])


class _Heads(Generic[AnyStr]):
    """Finds many secrets at once, by the first 8 elements of each (all, where decoding left fewer)."""

    def __init__(self) -> None:
        self._secrets: dict[AnyStr, list[AnyStr]] = {}
        self._sizes: set[int] = set()

    def add(self, secret: AnyStr) -> None:
        """Find ``secret`` and its beginnings from now on; other threads may be searching."""
        head = secret[:_SHORTEST_SECRET]
        others = [other for other in self._secrets.get(head, []) if not secret.startswith(other)]
        if not any(other.startswith(secret) for other in others):
            others.append(secret)
        self._secrets = {**self._secrets, head: others}
        self._sizes = self._sizes | {len(head)}

    def found_in(self, data: AnyStr) -> Iterator[tuple[int, int]]:
        """Where secrets begin in ``data``, overlapping ones included, and how far each goes on."""
        secrets = self._secrets
        for size in self._sizes:
            for start in range(len(data) - size + 1):
                for secret in secrets.get(data[start : start + size], ()):
                    yield start, start + _common(data, start, secret)


def _common(data: AnyStr, start: int, secret: AnyStr) -> int:
    """How many elements of ``secret`` stand in ``data`` from ``start`` on."""
    if data.startswith(secret, start):
        return len(secret)
    longest = min(len(secret), len(data) - start)
    return next((n for n in range(longest) if data[start + n] != secret[n]), longest)


class Redactor:
    """Knows the secrets of a run and masks them with ``*``, length kept, also where they stand in hex or base64.

    A secret that was cut short is masked as well, as long as at least its first 8 bytes are there. Values shorter than
    that are no credentials and would mask innocent text: they are masked only where a line names them a secret
    (``+ALY...SECRET``).
    """

    def __init__(self) -> None:
        self._secrets: set[bytes] = set()
        self._bytes = _Heads[bytes]()
        self._texts = _Heads[str]()
        self._prefixes: set[bytes] = set()
        self._alphabet = b""
        self._longest = 0
        self._lock = threading.Lock()

    def add(self, secret: bytes) -> None:
        """Mask ``secret`` from now on wherever it appears."""
        with self._lock:
            if len(secret) < _SHORTEST_SECRET or secret in self._secrets:
                return
            self._secrets.add(secret)
            for form in (secret, *_encoded(secret)):
                self._prefixes |= {form[:n] for n in range(1, len(form))}
                self._bytes.add(form)
                # The record holds bytes as latin-1 characters, messages hold them decoded.
                for text in {form.decode("latin-1"), form.decode("utf-8", "replace")}:
                    self._texts.add(text)
                self._alphabet = bytes({*self._alphabet, *form})
                self._longest = max(self._longest, len(form))

    def mask(self, data: bytes) -> bytes:
        """``data`` with every known secret replaced by as many ``*``."""
        masked = bytearray(data)
        for start, end in self._bytes.found_in(data):
            masked[start:end] = bytes([MASK]) * (end - start)
        return bytes(masked)

    def mask_line(self, line: bytes) -> bytes:
        """One whole line, with the argument of a line that names a secret masked too."""
        return mask_secret_argument(self.mask(line))

    def mask_text(self, text: str) -> str:
        """The same for text that is about to be shown or stored."""
        masked = list(text)
        for start, end in self._texts.found_in(text):
            masked[start:end] = "*" * (end - start)
        return _SECRET_IN_TEXT.sub(_mask_value, "".join(masked))

    def mask_json(self, value: Any) -> Any:
        """The same for every string inside a JSON-like value."""
        if isinstance(value, str):
            return self.mask_text(value)
        if isinstance(value, dict):
            return {self.mask_json(key): self.mask_json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_json(item) for item in value]
        return value

    def tail(self, data: bytes) -> bytes:
        """The end of ``data`` that bytes to come may have a secret in common with."""
        run = len(data) - len(data.rstrip(self._alphabet))
        return data[len(data) - min(run, max(0, self._longest - 1)) :]

    def undecided(self, data: bytes) -> int:
        """How many bytes at the end of ``data`` may be the beginning of a secret whose rest has not come yet."""
        for count in range(len(self.tail(data)), 0, -1):
            if data[-count:] in self._prefixes:
                return count
        return 0


def _encoded(secret: bytes) -> Iterator[bytes]:
    """``secret`` in hex, and in base64 wherever it may begin in a group of three bytes.

    Of base64 the characters that hold bits of its neighbours as well are left out.
    """
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + secret).rstrip(b"=")
            yield text[-(-8 * before // 6) : len(text) - ((before + len(secret)) % 3 != 0)]


def _mask_value(match: re.Match[str]) -> str:
    return match.group(1) + "".join('"' if character == '"' else "*" for character in match.group(2))


class StreamMasker:
    """Masks one direction of a byte stream that is cut into arbitrary chunks.

    Every byte comes out once, in order. What may be the beginning of a secret is held back until more has come.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._before = b""
        """As many of the bytes that are out as a secret may have in common with those that come."""
        self._held = b""
        self._held_at = 0.0
        self._line = b""
        self._in_secret = False

    def feed(self, data: bytes, at: float) -> list[tuple[float, bytes]]:
        """The masked pieces that may be kept now, each with its time; the rest is held back until it is decided."""
        earlier, earlier_at = len(self._held), self._held_at
        self._held += data
        keep = min(self._redactor.undecided(self._before + self._held), len(self._held))
        if keep <= len(data):
            self._held_at = at
        masked = self._release(keep)
        pieces = [(earlier_at, masked[:earlier]), (at, masked[earlier:])]
        return [(when, piece) for when, piece in pieces if piece]

    def flush(self) -> list[tuple[float, bytes]]:
        """What was held back, once it is clear that no more of it comes now."""
        masked = self._release(0)
        return [(self._held_at, masked)] if masked else []

    def _release(self, keep: int) -> bytes:
        """All that is held but the last ``keep`` bytes, masked."""
        known = self._before + self._held
        end = len(known) - keep
        masked = self._redactor.mask(known)[len(self._before) : end]
        self._before = self._redactor.tail(known[:end])
        self._held = known[end:]
        return self._mask_secret_lines(masked)

    def _mask_secret_lines(self, data: bytes) -> bytes:
        """Mask the argument of every line that names a secret, whatever its value; quotes and the query mark stay."""
        out = bytearray()
        for byte in data:
            if byte in b"\r\n":
                self._line, self._in_secret = b"", False
            elif self._in_secret:
                byte = byte if byte in b'"?' else MASK
            else:
                self._line = (self._line + bytes([byte]))[-_LONGEST_NAME:]
                self._in_secret = byte in b"=:" and _SECRET_LINE.search(self._line) is not None
            out.append(byte)
        return bytes(out)


class Transcript:
    """Append-only, timestamped log of the serial line and of everything else the rig does.

    ``sink`` writes each event to the run record at once. Bytes are stored as text of latin-1 characters, so nothing is
    lost and a reader still recognises what was said.
    """

    def __init__(
        self, sink: Sink, redactor: Redactor | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sink = sink
        self.redactor = redactor or Redactor()
        self._maskers = {direction: StreamMasker(self.redactor) for direction in Direction}
        self._clock = clock
        self._lock = threading.Lock()
        self.last = -1

    def serial(self, direction: Direction, data: bytes, at: float | None = None) -> None:
        """Log ``data`` that went in ``direction`` at monotonic time ``at`` (now when not given)."""
        with self._lock:
            self._write(direction, self._maskers[direction].feed(data, self._clock() if at is None else at))

    def flush(self) -> None:
        """Write what is held back of both directions: the exchange it belonged to is over."""
        with self._lock:
            for direction, masker in self._maskers.items():
                self._write(direction, masker.flush())

    def note(self, kind: str, **fields: Any) -> int:
        """Log an event of another kind (``power``, ``incident``, ``exchange`` ...); returns its sequence number."""
        with self._lock:
            self.last = self._sink(kind, **self.redactor.mask_json(fields))
            return self.last

    def _write(self, direction: Direction, pieces: list[tuple[float, bytes]]) -> None:
        for when, piece in pieces:
            self.last = self._sink("serial", at=when, dir=direction.value, data=piece.decode("latin-1"))
