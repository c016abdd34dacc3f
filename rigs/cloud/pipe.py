"""One direction of one connection: chunks in order, as late and as slowly as the active faults say."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from rigs.cloud.faults import ActiveFaults, Cutting, Delaying, Jittering, Joining, Splitting, Throttling
from rigs.cloud.packets import Packet

_THROTTLE_TICK = 0.05  # seconds; a throttled packet travels in pieces of this duration


@dataclass(frozen=True)
class Chunk:
    """A packet and its bytes, or bytes that are no packet."""

    raw: bytes
    packet: Packet | None


@dataclass(frozen=True)
class Piece:
    """Bytes that are due now; ``last`` says that they complete ``chunk``."""

    chunk: Chunk
    data: bytes
    last: bool


class Pipe:
    """Hands pieces to ``deliver`` until ``end`` was called and everything before it has passed.

    Only a pipe that ``splits`` cuts a chunk in pieces; the other one is slowed down all the same.
    """

    def __init__(self, faults: ActiveFaults, deliver: Callable[[Piece], Awaitable[None]], *, splits: bool) -> None:
        self._faults = faults
        self._deliver = deliver
        self._splits = splits
        self._jitter: tuple[Jittering, random.Random] | None = None
        self._ended = False
        self._queue: asyncio.Queue[tuple[Chunk, float] | None] = asyncio.Queue()

    def put(self, chunk: Chunk) -> None:
        delaying = self._faults.find(Delaying)
        late = (delaying.seconds if delaying else 0.0) + self._jittered()
        self._queue.put_nowait((chunk, asyncio.get_running_loop().time() + late))

    def end(self) -> None:
        """Nothing comes after this."""
        self._queue.put_nowait(None)

    async def run(self) -> None:
        """Returns once the end has passed."""
        loop = asyncio.get_running_loop()
        while (entry := await self._queue.get()) is not None:
            chunk, due = entry
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            joining = self._faults.find(Joining) if self._splits else None
            pieces = self._pieces(chunk) if joining is None else await self._together(chunk, joining)
            for number, piece in enumerate(pieces):
                if (pause := self._pause(number, len(piece.data))) > 0:
                    await asyncio.sleep(pause)
                await self._faults.passage()
                await self._deliver(piece)
            if self._ended:
                break
        await self._faults.passage()

    async def _together(self, chunk: Chunk, joining: Joining) -> list[Piece]:
        """A chunk and those that follow it soon, all their bytes in the piece of the last."""
        chunks = [chunk]
        with suppress(TimeoutError):
            while len(chunks) < joining.count:
                entry = await asyncio.wait_for(self._queue.get(), joining.patience)
                if entry is None:
                    self._ended = True
                    break
                chunks.append(entry[0])
        *others, last = chunks
        data = b"".join(each.raw for each in chunks)
        return [*(Piece(each, b"", last=True) for each in others), Piece(last, data, last=True)]

    def _jittered(self) -> float:
        """Seconds by which the next chunk is late; each connection and direction has the seed's own sequence."""
        if (jittering := self._faults.find(Jittering)) is None:
            return 0.0
        if self._jitter is None or self._jitter[0] is not jittering:
            self._jitter = jittering, random.Random(f"{jittering.seed} {self._splits}")
        return self._jitter[1].uniform(0.0, jittering.most_seconds)

    def _pieces(self, chunk: Chunk) -> Iterator[Piece]:
        total, position = len(chunk.raw), 0
        while position < total:
            end = min(total, position + self._size(total, position))
            yield Piece(chunk, chunk.raw[position:end], last=end == total)
            position = end

    def _size(self, whole: int, position: int) -> int:
        if not self._splits:
            return whole
        if cutting := self._faults.find(Cutting):
            return whole if position else cutting.first
        if self._faults.find(Splitting):
            return 1
        if throttling := self._faults.find(Throttling):
            return max(1, int(throttling.bytes_per_second * _THROTTLE_TICK))
        return whole

    def _pause(self, number: int, size: int) -> float:
        """Seconds before the piece of that number in its chunk."""
        pause = 0.0
        if self._splits and (splitting := self._faults.find(Splitting)):
            pause += splitting.header_pause if number <= Splitting.HEADER else splitting.pause
        if self._splits and number and (cutting := self._faults.find(Cutting)):
            pause += cutting.pause
        if throttling := self._faults.find(Throttling):
            pause += size / throttling.bytes_per_second
        return pause
