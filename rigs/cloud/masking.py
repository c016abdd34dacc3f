"""Masks the password in the raw bytes of a CONNECT, whole or broken, before they reach a disk."""

from __future__ import annotations

from rigs.cloud.codec import Decoder
from rigs.cloud.packets import Connect, MalformedPacket, PacketType

_HEADER = 12  # fixed header, protocol name and level, flags, keep-alive: nothing secret so far


def masked_raw(raw: bytes) -> bytes:
    """``raw`` with the password of a CONNECT overwritten by ``*``, all else and the length unchanged.

    Where the password is cannot be told in a CONNECT that does not decode: all behind its header is masked.
    """
    secret = secret_length(raw)
    return raw[: len(raw) - secret] + b"*" * secret


def secret_length(raw: bytes) -> int:
    """How many bytes at the end of ``raw`` are masked."""
    if not raw or raw[0] >> 4 != PacketType.CONNECT:
        return 0
    try:
        packets = Decoder().feed(raw)
    except MalformedPacket:
        packets = []
    match packets:
        case [(Connect(password=None), _)]:
            return 0
        case [(Connect(password=bytes(password)), _)]:
            return len(password)  # the last field of the packet
    return max(0, len(raw) - _HEADER)
