"""Masks the password in the raw bytes of a CONNECT, whole or broken, before they reach a disk."""

from __future__ import annotations

from collections.abc import Iterator

from rigs.cloud.packets import PacketType

_MASK = b"*"


def masked_raw(raw: bytes) -> bytes:
    """``raw`` with the password of a CONNECT overwritten by ``*``, all else and the length unchanged.

    In a CONNECT that cannot be read to its end everything from the first unreadable field on is masked.
    """
    if not raw or raw[0] >> 4 != PacketType.CONNECT:
        return raw
    masked = bytearray(raw)
    for start, end in _secret_spans(raw):
        masked[start:end] = _MASK * (end - start)
    return bytes(masked)


def _secret_spans(raw: bytes) -> Iterator[tuple[int, int]]:
    header = 1
    while header < len(raw) and raw[header] & 0x80 and header < 4:
        header += 1
    name = _field(raw, header + 1)
    if name is None or raw[name[0] : name[1]] != b"MQTT" or raw[name[1] : name[1] + 1] != b"\x04":
        yield min(header + 1, len(raw)), len(raw)
        return
    flags_at = name[1] + 1
    flags = raw[flags_at] if flags_at < len(raw) else 0
    has_will, has_password, has_username = flags & 0x04, flags & 0x40, flags & 0x80
    position = flags_at + 3  # flags and keep-alive
    for _ in range(1 + 2 * bool(has_will) + bool(has_username)):
        span = _field(raw, position)
        if span is None:
            yield min(position, len(raw)), len(raw)
            return
        position = span[1]
    if has_password and position + 2 < len(raw):
        # To the very end: bytes beyond the declared length may belong to the password of a broken packet.
        yield position + 2, len(raw)


def _field(raw: bytes, position: int) -> tuple[int, int] | None:
    """Start and end of the contents of a length-prefixed field, None where the bytes do not reach."""
    start = position + 2
    end = start + int.from_bytes(raw[position:start], "big")
    return (start, end) if start <= len(raw) and end <= len(raw) else None
