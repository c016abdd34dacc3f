"""A login at the broker behind the gateway and straight out again: is it alive, and clear one session."""

from __future__ import annotations

import asyncio

from rigs.cloud.codec import Decoder, encode
from rigs.cloud.packets import Connack, ConnackCode, Connect, Disconnect, MalformedPacket, Packet
from rigs.cloud.streams import Stream, connected
from rigs.errors import BenchError


async def greet(broker: tuple[str, int], client_id: str, deadline: float) -> None:
    """CONNECT with a clean session, so that the broker forgets what it kept for ``client_id``, then DISCONNECT.

    Raises BenchError when the broker is not there, speaks no MQTT 3.1.1, or refuses.
    """
    host, port = broker
    try:
        stream = await connected(host, port, deadline)
        try:
            async with asyncio.timeout(deadline):
                await _greet(stream, client_id)
        finally:
            stream.close()
    except (OSError, MalformedPacket, _NoWelcome) as error:
        reason = str(error) or f"no answer within {deadline:g} s"
        raise BenchError(
            f"the broker at {host}:{port} does not serve: {reason}",
            act="start an MQTT 3.1.1 broker there that takes anonymous clients (rig file: cloud.broker)",
        ) from error


class _NoWelcome(Exception):
    pass


async def _greet(stream: Stream, client_id: str) -> None:
    stream.writer.write(encode(Connect(client_id, clean_session=True, keep_alive=60)))
    answer = await _first_packet(stream)
    if not isinstance(answer, Connack) or answer.code is not ConnackCode.ACCEPTED:
        raise _NoWelcome(f"answers CONNECT with {answer}")
    stream.writer.write(encode(Disconnect()))
    await stream.writer.drain()


async def _first_packet(stream: Stream) -> Packet:
    decoder = Decoder()
    while data := await stream.reader.read(1024):
        if packets := decoder.feed(data):
            return packets[0][0]
    raise _NoWelcome("closes the connection without a CONNACK")
