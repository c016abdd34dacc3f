"""A second client with the identity of a device that is online, as two boards with one burnt-in identity have it.

It logs in at the broker behind under the device's stable client identifier, so the broker ends the module's session
(MQTT-3.1.4-2), and the module's next login ends the rival's, which then comes back.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from rigs.cloud.codec import encode
from rigs.cloud.events import RivalOffline, RivalOnline
from rigs.cloud.login import Device
from rigs.cloud.packets import Connect, Disconnect, Pingreq
from rigs.cloud.probe import welcomed
from rigs.cloud.relay import BROKER_DEADLINE, Surroundings
from rigs.cloud.streams import Stream
from rigs.errors import BenchError
from rigs.sentence import say

_COMES_BACK_AFTER = 0.2  # seconds; a board that is kicked off does not storm the platform
_PING_INTERVAL = 30.0  # seconds; CONNECT announces twice as much


class Rival:
    """One such client, from ``log_in`` to ``log_out``."""

    def __init__(self, device: Device, around: Surroundings) -> None:
        self._client_id = device.stable_client_id
        self._around = around
        self._life: asyncio.Task[None] | None = None

    async def log_in(self) -> None:
        """Log in once, and keep coming back from then on. Raises BenchError when the broker does not let it in."""
        stream = await self._welcomed()
        self._life = asyncio.get_running_loop().create_task(self._live(stream))

    async def log_out(self) -> None:
        """End the session with DISCONNECT, for good."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)

    async def _welcomed(self) -> Stream:
        connect = Connect(self._client_id, clean_session=True, keep_alive=int(2 * _PING_INTERVAL))
        # Whoever is kicked off now was kicked off by this one.
        self._around.online[self._client_id] = self
        stream = await welcomed(self._around.broker, connect, BROKER_DEADLINE)
        self._around.journal.append(RivalOnline(time.monotonic(), None, encode(connect)))
        return stream

    async def _live(self, stream: Stream) -> None:
        try:
            while True:
                await self._stay(stream)
                self._gone(say("kicked off"))
                await asyncio.sleep(_COMES_BACK_AFTER)
                stream = await self._welcomed()
        except asyncio.CancelledError:
            with suppress(OSError):
                stream.writer.write(encode(Disconnect()))
            self._gone(say("logged out"))
            raise
        except BenchError as error:
            self._around.fail(error.message, error.act)
        finally:
            stream.close()

    async def _stay(self, stream: Stream) -> None:
        """Returns when the broker has ended the session."""
        with suppress(OSError):
            while await self._received(stream):
                pass
        stream.close()

    async def _received(self, stream: Stream) -> bool:
        """Whether the connection is still there, after some bytes or a ping."""
        try:
            async with asyncio.timeout(_PING_INTERVAL):
                return bool(await stream.reader.read(4096))
        except TimeoutError:
            stream.writer.write(encode(Pingreq()))
            return True

    def _gone(self, reason: str) -> None:
        self._around.journal.append(RivalOffline(time.monotonic(), None, reason))
