"""Logins at the broker behind the gateway: is it alive, clear one session, stay there as somebody else."""

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
    stream = await welcomed(broker, Connect(client_id, clean_session=True, keep_alive=60), deadline)
    try:
        stream.writer.write(encode(Disconnect()))
        await stream.writer.drain()
    except OSError as error:
        raise _not_serving(broker, str(error)) from error
    finally:
        stream.close()


async def welcomed(broker: tuple[str, int], connect: Connect, deadline: float) -> Stream:
    """A connection on which the broker has accepted ``connect``. Raises BenchError as `greet` does."""
    host, port = broker
    stream = None
    try:
        stream = await connected(host, port, deadline)
        async with asyncio.timeout(deadline):
            await _log_in(stream, connect)
    except BaseException as error:
        if stream is not None:
            stream.close()
        if isinstance(error, OSError | MalformedPacket | _NoWelcome):
            raise _not_serving(broker, str(error) or f"no answer within {deadline:g} s") from error
        raise
    return stream


def _not_serving(broker: tuple[str, int], reason: str) -> BenchError:
    host, port = broker
    return BenchError(
        f"the broker at {host}:{port} does not serve: {reason}",
        act="start an MQTT 3.1.1 broker there that takes anonymous clients (rig file: cloud.broker)",
    )


class _NoWelcome(Exception):
    pass


async def _log_in(stream: Stream, connect: Connect) -> None:
    stream.writer.write(encode(connect))
    answer = await _first_packet(stream)
    if not isinstance(answer, Connack) or answer.code is not ConnackCode.ACCEPTED:
        raise _NoWelcome(f"answers CONNECT with {answer}")


async def _first_packet(stream: Stream) -> Packet:
    decoder = Decoder()
    while data := await stream.reader.read(1024):
        if packets := decoder.feed(data):
            return packets[0][0]
    raise _NoWelcome("closes the connection without a CONNACK")
