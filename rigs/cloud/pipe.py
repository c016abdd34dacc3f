"""One direction of one connection: chunks in order, as late, as slowly and in such pieces as the active faults say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from rigs.cloud.faults import ActiveFaults, Delaying, Joining, Splitting, Throttling
from rigs.cloud.packets import Packet

_THROTTLE_TICK = 0.05  # seconds; a throttled packet travels in pieces of this duration


@dataclass(frozen=True)
class Chunk:
    """A packet and its bytes, or bytes that are no packet."""

    raw: bytes
    packet: Packet | None


@dataclass(frozen=True)
class Piece:
    """Bytes that are due now, and the chunks that they complete."""

    data: bytes
    completed: tuple[Chunk, ...]


class Pipe:
    """Hands pieces to ``deliver`` until ``end`` was called and everything before it has passed.

    Only a pipe that ``recuts`` splits and joins chunks; in the other one each chunk is a piece, slowed down all the
    same.
    """

    def __init__(self, faults: ActiveFaults, deliver: Callable[[Piece], Awaitable[None]], *, recuts: bool) -> None:
        self._faults = faults
        self._deliver = deliver
        self._recuts = recuts
        self._queue: asyncio.Queue[tuple[Chunk, float] | None] = asyncio.Queue()

    def put(self, chunk: Chunk) -> None:
        delaying = self._faults.find(Delaying)
        due = asyncio.get_running_loop().time() + (delaying.seconds if delaying else 0.0)
        self._queue.put_nowait((chunk, due))

    def end(self) -> None:
        """Nothing comes after this."""
        self._queue.put_nowait(None)

    async def run(self) -> None:
        """Returns once the end has passed."""
        loop = asyncio.get_running_loop()
        ended = False
        while not ended and (entry := await self._queue.get()) is not None:
            chunk, due = entry
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            chunks = [chunk]
            if self._recuts and (joining := self._faults.find(Joining)):
                await asyncio.sleep(joining.pause)
                ended = self._take_along(chunks)
            for piece in self._pieces(tuple(chunks)):
                if (pause := self._pause(len(piece.data))) > 0:
                    await asyncio.sleep(pause)
                await self._faults.passage()
                await self._deliver(piece)
        await self._faults.passage()

    def _take_along(self, chunks: list[Chunk]) -> bool:
        """Add what has come in the meantime to ``chunks``; True when the end was among it."""
        while not self._queue.empty():
            entry = self._queue.get_nowait()
            if entry is None:
                return True
            chunks.append(entry[0])
        return False

    def _pieces(self, chunks: tuple[Chunk, ...]) -> Iterator[Piece]:
        whole = b"".join(chunk.raw for chunk in chunks)
        size, position = self._size(len(whole)), 0
        while position < len(whole):
            end = position + size
            yield Piece(whole[position:end], chunks if end >= len(whole) else ())
            position = end

    def _size(self, whole: int) -> int:
        if not self._recuts:
            return whole
        if self._faults.find(Splitting):
            return 1
        if throttling := self._faults.find(Throttling):
            return max(1, int(throttling.bytes_per_second * _THROTTLE_TICK))
        return whole

    def _pause(self, size: int) -> float:
        splitting = self._faults.find(Splitting) if self._recuts else None
        throttling = self._faults.find(Throttling)
        return (splitting.pause if splitting else 0.0) + (size / throttling.bytes_per_second if throttling else 0.0)
