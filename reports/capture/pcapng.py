"""The blocks of a pcapng file, as many as a capture of ours needs: draft-ietf-opsawg-pcapng, little-endian."""

from __future__ import annotations

import struct
from collections.abc import Iterable

RAW_IP = 101
"""LINKTYPE_RAW: a packet begins with its IPv4 or IPv6 header."""

_SECTION_HEADER, _INTERFACE_DESCRIPTION, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_VERSION = (1, 0)
_LENGTH_UNKNOWN = -1
_COMMENT = 1
_HARDWARE, _OS, _APPLICATION = 2, 3, 4
_NAME, _DESCRIPTION = 2, 3
_LONGEST = 0xFFFF
"""The length of an option's value is a 16-bit number."""


def section_header(*, hardware: str, os: str, application: str, comment: str) -> bytes:
    """Section 4.1: begins the file; ``application`` is what wrote it, the others say on and of what."""
    body = struct.pack("<IHHq", _BYTE_ORDER_MAGIC, *_VERSION, _LENGTH_UNKNOWN)
    options = [(_HARDWARE, hardware), (_OS, os), (_APPLICATION, application), (_COMMENT, comment)]
    return _block(_SECTION_HEADER, body, options)


def interface_description(*, name: str, description: str) -> bytes:
    """Section 4.2: packets name an interface by its place among these; times are in microseconds by default."""
    body = struct.pack("<HHI", RAW_IP, 0, 0)
    return _block(_INTERFACE_DESCRIPTION, body, [(_NAME, name), (_DESCRIPTION, description)])


def enhanced_packet(interface: int, microseconds: int, packet: bytes, comments: Iterable[str]) -> bytes:
    """Section 4.3: one packet, stamped in microseconds since 1970."""
    head = struct.pack("<5I", interface, microseconds >> 32, microseconds & 0xFFFFFFFF, len(packet), len(packet))
    return _block(_ENHANCED_PACKET, head + _padded(packet), [(_COMMENT, comment) for comment in comments])


def _block(kind: int, body: bytes, options: Iterable[tuple[int, str]]) -> bytes:
    """Section 3.1: the length stands before and behind the body, so that a file can be read backwards."""
    content = body + _options(options)
    length = struct.pack("<I", 12 + len(content))
    return struct.pack("<I", kind) + length + content + length


def _options(options: Iterable[tuple[int, str]]) -> bytes:
    """Section 3.5. An option without a value is left out, and so is the end of no options."""
    packed = b"".join(_option(code, text) for code, text in options if text)
    return packed + bytes(4) if packed else b""


def _option(code: int, text: str) -> bytes:
    value = text.encode()
    if len(value) > _LONGEST:
        value = value[:_LONGEST].decode(errors="ignore").encode()
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
