"""Which bytes may go to a real module: nothing in them may turn out to be a command of another kind than +ALY.

A module may edit a line by its backspaces, drop what is no text, know seven bits only, begin anew behind CR, LF or a
full buffer, look for AT anywhere in a line, and take what stands behind a semicolon for one more command (V.250, 5.2).
Whatever of it a firmware does, reset, power-off, baud rate, dialling and stored profiles stay out of reach.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

_BUFFERS = (256, 512, 1024)
"""Bytes after which a line may be cut, or begin anew."""
_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))
_NO_TEXT = bytes((*range(0x21), 0x7F))
"""Control characters, and the blank, which V.250 has ignored."""
_BACKSPACES, _CANCEL = b"\x08\x7f", b"\x18"
_FAMILY = b"+ALY"
_BEGINNINGS = tuple(_FAMILY[:size] for size in range(len(_FAMILY)))
_AT = re.compile(rb"(?=AT)")
_LETTER = re.compile(rb"[A-Z&\\%/]")
_AT_ONCE = (b"A/", b"+++")
"""Obeyed without any CR: the last line again, and the way out of data."""


def may_be_sent(data: bytes) -> bool:
    """Whether no module can find a command in ``data`` that is none of the manual's, however it reads lines."""
    return all(_is_harmless(piece) for reading in {*_readings(data)} for piece in _pieces(reading))


def _readings(data: bytes) -> Iterator[bytes]:
    """What is left of ``data`` once a module has edited it."""
    for text in dict.fromkeys((data, data.translate(_SEVEN_BITS))):
        yield text
        if any(byte in text for byte in _BACKSPACES + _CANCEL):
            yield edited(text)
            yield edited(text.replace(b"\x7f", b""))
            yield edited(text.replace(b"\x18", b""))
            yield edited(text.translate(None, b"\x7f\x18"))


def edited(text: bytes) -> bytes:
    """``text`` after its backspaces, DEL counted as one, and its CAN, which takes the line so far away."""
    left = bytearray()
    for byte in text:
        if byte in _CANCEL:
            del left[max(left.rfind(b"\r"), left.rfind(b"\n")) + 1 :]
        elif byte in _BACKSPACES:
            del left[-1:]
        else:
            left.append(byte)
    return bytes(left)


def _pieces(text: bytes) -> Iterator[bytes]:
    """The lines that ``text`` may be taken for."""
    yield text
    for line in re.split(rb"[\r\n]", text):
        yield line
        for size in _BUFFERS:
            if len(line) > size:
                yield from (line[start : start + length] for start in (0, size) for length in (size, len(line)))


def _is_harmless(piece: bytes) -> bool:
    compact = piece.translate(None, _NO_TEXT).upper()
    if any(command in compact for command in _AT_ONCE):
        return False
    bodies = (compact[match.start() + 2 :].partition(b";")[0] for match in _AT.finditer(compact))
    behind = (command.removeprefix(b"AT") for command in compact.split(b";")[1:])
    return all(_is_harmless_body(body) for body in itertools.chain(bodies, behind))


def _is_harmless_body(body: bytes) -> bool:
    """Whether what stands behind AT, or behind a semicolon, is a command of the manual or none at all."""
    return body.startswith(_FAMILY) or body in _BEGINNINGS or _LETTER.search(body) is None
