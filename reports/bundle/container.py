"""The zip file of a bundle, to the last byte: for given members and a given time there is only one way to write it.

Written by hand, because a verifier has to know every byte: `zipfile` reads past bytes between members, extra fields,
flags, comments and local headers that contradict the directory. The layout is that of PKWARE's APPNOTE 6.3, sections
4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end), without extra fields, comments, data
descriptors and ZIP64. Only what deflate makes of a file may differ between machines.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from typing import BinaryIO

from reports.bundle.contents import DoesNotHold
from reports.events import RecordError

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_LOCAL_SIGNATURE, _CENTRAL_SIGNATURE, _END_SIGNATURE = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION_NEEDED = 20
_MADE_BY_UNIX = 3 << 8 | _VERSION_NEEDED
_REGULAR_FILE = 0o100644 << 16
_STORED, _DEFLATED = 0, 8
_LARGEST = 2**32 - 2
_MOST_MEMBERS, _LARGEST_DIRECTORY = 100, 1 << 16
_CHUNK = 1 << 16


@dataclass(frozen=True)
class DosTime:
    """When the members were made: two seconds' resolution, from 1980 on."""

    date: int
    time: int

    @classmethod
    def of(cls, wall: str) -> DosTime:
        """From the ISO 8601 time of a record's event."""
        year, month, day = (int(part) for part in wall[:10].split("-"))
        hour, minute, second = (int(part) for part in wall[11:19].split(":"))
        return cls(max(0, year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2)


@dataclass(frozen=True)
class Member:
    """One file of the container; ``start`` is the offset of its local header."""

    name: str
    deflated: bool
    crc: int
    packed: int
    size: int
    start: int

    def local(self, when: DosTime) -> bytes:
        """Its local header."""
        return _LOCAL.pack(_LOCAL_SIGNATURE, _VERSION_NEEDED, *self._common(when), 0) + self.name.encode()

    def central(self, when: DosTime) -> bytes:
        """Its entry in the central directory."""
        common = self._common(when)
        header = _CENTRAL.pack(
            _CENTRAL_SIGNATURE, _MADE_BY_UNIX, _VERSION_NEEDED, *common, 0, 0, 0, 0, _REGULAR_FILE, self.start
        )
        return header + self.name.encode()

    @property
    def data(self) -> int:
        """Offset of its first byte of content."""
        return self.start + _LOCAL.size + len(self.name.encode())

    @property
    def end(self) -> int:
        """Offset behind its last byte of content."""
        return self.data + self.packed

    def _common(self, when: DosTime) -> tuple[int, ...]:
        method = _DEFLATED if self.deflated else _STORED
        return 0, method, when.time, when.date, self.crc, self.packed, self.size, len(self.name.encode())


def _directory(members: list[Member], when: DosTime) -> bytes:
    """The central directory and its end record."""
    entries = b"".join(member.central(when) for member in members)
    start = members[-1].end if members else 0
    return entries + _END.pack(_END_SIGNATURE, 0, 0, len(members), len(members), len(entries), start, 0)


class ContainerWriter:
    """Puts a container together in memory, its files compressed as they come."""

    def __init__(self, when: DosTime) -> None:
        self.file = BytesIO()
        self._when = when
        self._members: list[Member] = []

    def add(self, name: str, source: BinaryIO, *, deflate: bool) -> None:
        """Append a file. Raises `RecordError` when the container would outgrow the format."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS) if deflate else None
        crc, size, packed = 0, 0, bytearray()
        while chunk := source.read(_CHUNK):
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            packed += packer.compress(chunk) if packer else chunk
        if packer:
            packed += packer.flush()
        member = Member(name, deflate, crc, len(packed), size, self.file.tell())
        if max(size, member.end) > _LARGEST:
            raise RecordError("{name}: too large for a bundle, which ends at 4 GiB", name=name)
        self.file.write(member.local(self._when))
        self.file.write(packed)
        self._members.append(member)

    def finish(self) -> bytes:
        """Append the directory; returns the whole container."""
        self.file.write(_directory(self._members, self._when))
        return self.file.getvalue()


class Container:
    """A container that is read; nothing about it is trusted before `check` has returned."""

    def __init__(self, file: BinaryIO) -> None:
        """Find the members. Raises `RecordError` for what is no container."""
        self._file = file
        size = file.seek(0, SEEK_END)
        file.seek(max(0, size - _END.size))
        tail = file.read(_END.size)
        if len(tail) < _END.size or not tail.startswith(_END_SIGNATURE):
            raise RecordError("not a bundle: it does not end as a bundle does; was it cut, or something appended?")
        _, _, _, _, count, length, start, _ = _END.unpack(tail)
        if start + length + _END.size != size or count > _MOST_MEMBERS or length > _LARGEST_DIRECTORY:
            raise RecordError("not a bundle: its directory is not where it belongs; was something inserted or cut?")
        file.seek(start)
        self._directory = file.read()
        self.members: dict[str, Member] = {}
        self.when = DosTime(0, 0)
        self._read_directory(count)

    def _read_directory(self, count: int) -> None:
        position = 0
        for _ in range(count):
            header = self._directory[position : position + _CENTRAL.size]
            if len(header) < _CENTRAL.size:
                raise RecordError("not a bundle: its directory is damaged")
            _, _, _, _, method, time, date, crc, packed, size, length, extra, comment, _, _, _, start = _CENTRAL.unpack(
                header
            )
            position += _CENTRAL.size + length + extra + comment
            name = self._directory[position - length - extra - comment :][:length].decode("latin-1")
            if name in self.members:
                raise RecordError("not a bundle: it holds {name!a} twice", name=name)
            self.members[name] = Member(name, method != _STORED, crc, packed, size, start)
            self.when = DosTime(date, time)

    def check(self) -> None:
        """Raise `DoesNotHold` unless each byte that is no content is what a bundle of these members has there."""
        position = 0
        for member in self.members.values():
            header = member.local(self.when)
            if member.start != position or self._read(position, len(header)) != header:
                raise DoesNotHold("the zip header of {file} was changed", file=member.name)
            position = member.end
        if self._directory != _directory(list(self.members.values()), self.when):
            raise DoesNotHold("the zip directory was changed")

    def content(self, name: str, limit: int = _LARGEST) -> Iterator[bytes]:
        """A file's content in chunks, checked against its size and CRC. Raises `DoesNotHold`."""
        member = self.members[name]
        crc, size = 0, 0
        for chunk in self._inflated(member) if member.deflated else self.raw(member.data, member.end):
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            if size > min(member.size, limit):
                raise DoesNotHold("{name} is longer than it says", name=name)
            yield chunk
        if (crc, size) != (member.crc, member.size):
            raise DoesNotHold("{name} was changed", name=name)

    def raw(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes of the file itself, in chunks; fewer where it ends."""
        while start < end and (chunk := self._read(start, min(_CHUNK, end - start))):
            start += len(chunk)
            yield chunk

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        return self._file.read(length)

    def _inflated(self, member: Member) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for chunk in self.raw(member.data, member.end):
                pending = chunk
                while pending and not unpacker.eof:
                    yield unpacker.decompress(pending, _CHUNK)
                    pending = unpacker.unconsumed_tail
            while not unpacker.eof and (rest := unpacker.decompress(b"", _CHUNK)):
                yield rest
        except zlib.error as problem:
            raise DoesNotHold("{file} was changed: it cannot be unpacked", file=member.name) from problem
        if not unpacker.eof or unpacker.unused_data:
            raise DoesNotHold("{file} was changed: it does not end where it should", file=member.name)
