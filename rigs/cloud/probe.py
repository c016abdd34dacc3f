"""Logins at the broker behind the gateway: is it alive, clear one session, stay there as somebody else."""

from __future__ import annotations

import asyncio
import socket

from rigs.cloud.codec import Decoder, encode
from rigs.cloud.packets import Connack, ConnackCode, Connect, Disconnect, MalformedPacket, Packet
from rigs.cloud.streams import Stream, connected
from rigs.errors import BenchError
from rigs.sentence import say


async def greet(broker: tuple[str, int], client_id: str, deadline: float) -> None:
    """CONNECT with a clean session, so that the broker forgets what it kept for ``client_id``, then DISCONNECT.

    Raises BenchError when the broker is not there, speaks no MQTT 3.1.1, or refuses.
    """
    stream = await welcomed(broker, Connect(client_id, clean_session=True, keep_alive=60), deadline)
    try:
        stream.writer.write(encode(Disconnect()))
        await stream.writer.drain()
    except OSError as error:
        raise _not_serving(broker, _words(error)) from error
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
            raise _not_serving(
                broker, _words(error) or say("no answer within {seconds:g} s", seconds=deadline)
            ) from error
        raise
    return stream


def _not_serving(broker: tuple[str, int], reason: str) -> BenchError:
    host, port = broker
    return BenchError(
        say("the broker at {host}:{port} does not serve: {reason}", host=host, port=port, reason=reason),
        act=say(
            "start an MQTT 3.1.1 broker there that takes anonymous clients, or name another (rig file: cloud.broker)"
        ),
    )


def _words(error: Exception) -> str:
    """Why there is no welcome; empty when nothing was said for too long."""
    match error:
        case ConnectionRefusedError():
            return say("nobody listens there (connection refused)")
        case socket.gaierror():
            return say("that host name cannot be resolved ({why})", why=error.strerror)
        case MalformedPacket():
            return say("what it answers is no MQTT: {why}", why=error)
        case OSError():
            return error.strerror or str(error)
    return str(error)


class _NoWelcome(Exception):
    pass


async def _log_in(stream: Stream, connect: Connect) -> None:
    stream.writer.write(encode(connect))
    answer = await _first_packet(stream)
    if not isinstance(answer, Connack):
        raise _NoWelcome(say("it answers CONNECT with {packet}", packet=answer.TYPE.name))
    if answer.code is not ConnackCode.ACCEPTED:
        reason = answer.code.name.lower().replace("_", " ")
        raise _NoWelcome(
            say(
                "it refuses a client without user name by CONNACK {code} ({reason})",
                code=int(answer.code),
                reason=reason,
            )
        )


async def _first_packet(stream: Stream) -> Packet:
    decoder = Decoder()
    while data := await stream.reader.read(1024):
        if packets := decoder.feed(data):
            return packets[0][0]
    raise _NoWelcome(say("it closes the connection without a CONNACK"))
