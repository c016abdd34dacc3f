"""A small, strict MQTT 3.1.1 server on asyncio: the witness behind the gateway, or a broker of its own."""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
from dataclasses import replace

from rigs.cloud.codec import Decoder, encode
from rigs.cloud.packets import (
    Connack,
    ConnackCode,
    Connect,
    Disconnect,
    ForeignConnect,
    MalformedPacket,
    Packet,
    Pingreq,
    Pingresp,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
    Unsuback,
    Unsubscribe,
    Will,
)
from rigs.cloud.sessions import Session
from rigs.cloud.topics import matches

_log = logging.getLogger(__name__)
_CONNECT_DEADLINE = 10.0  # seconds from TCP accept to a whole CONNECT (section 3.1.4 asks for "a reasonable time")
_LINGER = 5.0  # seconds that a closed connection may take to flush
_MAX_UNREAD = 16 * 1024 * 1024  # bytes that wait for a client that does not read; from there on messages are held back
_MAX_ANSWERS_UNREAD = 512 * 1024  # bytes of answers that come on top while such a client goes on to send


class Broker:
    """An MQTT 3.1.1 server without access control; everything runs in the event loop that started it."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._sessions: dict[str, Session] = {}
        self._online: dict[str, _Client] = {}
        self._clients: set[_Client] = set()
        self._retained: dict[str, Publish] = {}
        self._names = (f"auto-{number}" for number in itertools.count(1))

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; returns the address actually bound (port 0 asks for a free one). Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self), host, port)
        address: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return address

    async def stop(self) -> None:
        """Close listener and connections; sessions and retained messages are forgotten with the object."""
        if self._server is None:
            return
        self._server.close()
        for client in tuple(self._clients):
            client.abort()
        await self._server.wait_closed()
        self._server = None

    @property
    def serving(self) -> bool:
        return self._server is not None and self._server.is_serving()

    def session(self, client_id: str) -> Session | None:
        """The session that is kept for ``client_id``."""
        return self._sessions.get(client_id)

    def publish(self, message: Publish) -> None:
        """Route a message to all matching subscriptions and keep it if it is to be retained (section 3.3.1.3)."""
        if message.retain and message.payload:
            self._retained[message.topic] = message
        elif message.retain:
            self._retained.pop(message.topic, None)  # MQTT-3.3.1-10, MQTT-3.3.1-11
        levels = message.topic.split("/")
        live = replace(message, retain=False)  # MQTT-3.3.1-9
        for session in self._sessions.values():
            if (granted := session.granted(levels)) is not None:
                session.deliver(live, granted)

    def _attach(self, client: _Client, connect: Connect) -> tuple[Session, bool]:
        """The session for an accepted CONNECT and whether it was there before."""
        client_id = connect.client_id or self._free_name()
        if (old := self._online.get(client_id)) is not None:
            old.close()  # MQTT-3.1.4-2
        kept = self._sessions.get(client_id)
        if connect.clean_session or kept is None:
            session = Session(client_id, clean=connect.clean_session)  # MQTT-3.1.2-6
            present = False
        else:
            session, present = kept, True  # MQTT-3.1.2-4
        self._sessions[client_id] = session
        self._online[client_id] = client
        return session, present

    def _free_name(self) -> str:
        return next(name for name in self._names if name not in self._sessions)

    def _detach(self, client: _Client) -> None:
        self._clients.discard(client)
        session = client.session
        if session is None:
            return
        session.pause()
        if self._online.get(session.client_id) is client:
            del self._online[session.client_id]
            if session.clean:
                del self._sessions[session.client_id]

    def _retained_for(self, topic_filter: str) -> list[Publish]:
        levels = topic_filter.split("/")
        return [message for topic, message in self._retained.items() if matches(levels, topic.split("/"))]


class _Client(asyncio.Protocol):
    """One network connection of a client."""

    _transport: asyncio.Transport

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._decoder = Decoder()
        self._loop = asyncio.get_running_loop()
        self._deadline: asyncio.TimerHandle | None = None
        self._patience = _CONNECT_DEADLINE
        self._closed = False
        self._answers_unread: int | None = None  # bytes; None while the client reads
        self._session: Session | None = None
        self._will: Will | None = None

    @property
    def session(self) -> Session | None:
        return self._session

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.set_write_buffer_limits(_MAX_UNREAD)
        self._broker._clients.add(self)
        self._wind_up()

    def data_received(self, data: bytes) -> None:
        malformed = None
        try:
            packets = self._decoder.feed(data)
        except MalformedPacket as error:
            packets, malformed = error.decoded, error
        for packet, _raw in packets:
            if self._closed:
                return
            self._wind_up()
            self._take(packet)
        if malformed is not None:
            self._violation(f"malformed packet: {malformed}")  # MQTT-4.8.0-1
        elif self._answers_unread is not None and self._answers_unread > _MAX_ANSWERS_UNREAD:
            self._violation("sends and does not read")  # MQTT-4.8.0-2
            self._transport.abort()

    def pause_writing(self) -> None:
        """asyncio: more than ``_MAX_UNREAD`` bytes wait for the client."""
        self._answers_unread = 0
        if self._session is not None and not self._closed:
            self._session.hold()

    def resume_writing(self) -> None:
        """asyncio: the client has read most of them."""
        self._answers_unread = None
        if self._session is not None and not self._closed:
            self._session.go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self.close()

    def close(self, *, publish_will: bool = True) -> None:
        """End the connection: the will is published (MQTT-3.1.2-8) unless DISCONNECT has removed it."""
        if self._closed:
            return
        self._closed = True
        if self._deadline is not None:
            self._deadline.cancel()
        will, self._will = self._will, None
        self._broker._detach(self)
        if will is not None and publish_will:
            self._broker.publish(Publish(will.topic, will.payload, will.qos, retain=will.retain))
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self._loop.call_later(_LINGER, self._transport.abort)

    def abort(self) -> None:
        self.close(publish_will=False)
        self._transport.abort()

    def _wind_up(self) -> None:
        """A whole packet has come, so the client's patience begins anew (MQTT-3.1.2-24)."""
        if self._deadline is not None:
            self._deadline.cancel()
        if self._patience:
            self._deadline = self._loop.call_later(self._patience, self._expired)

    def _expired(self) -> None:
        self._violation("keep-alive" if self._session else "no CONNECT")

    def _violation(self, reason: str) -> None:
        _log.info("closing %s: %s", self._transport.get_extra_info("peername"), reason)
        self.close()

    def _send(self, packet: Packet) -> None:
        if self._transport.is_closing():
            return  # reset by the client, which asyncio tells only after this turn of the loop
        raw = encode(packet)
        self._transport.write(raw)
        if self._answers_unread is not None and not isinstance(packet, Publish):
            self._answers_unread += len(raw)

    def _take(self, packet: Packet) -> None:
        session = self._session
        if session is None:
            self._login(packet)
            return
        match packet:
            case Publish():
                if session.is_new(packet):
                    self._broker.publish(packet)
            case Puback() | Pubrec() | Pubcomp():
                session.acknowledge(packet)
            case Pubrel():
                session.release(packet)
            case Subscribe():
                self._subscribe(session, packet)
            case Unsubscribe():
                for topic_filter in packet.topic_filters:
                    session.unsubscribe(topic_filter)
                self._send(Unsuback(packet.packet_id))  # MQTT-3.10.4-5: also when nothing matched
            case Pingreq():
                self._send(Pingresp())
            case Disconnect():
                self._will = None  # MQTT-3.14.4-3
                self.close()
            case _:
                self._violation(f"{packet.TYPE.name} out of place")  # MQTT-3.1.0-2, and packets only a server sends

    def _login(self, packet: Packet) -> None:
        if isinstance(packet, ForeignConnect):
            self._refuse(ConnackCode.UNACCEPTABLE_PROTOCOL_VERSION)  # MQTT-3.1.2-2
        elif not isinstance(packet, Connect):
            self._violation(f"{packet.TYPE.name} before CONNECT")  # MQTT-3.1.0-1
        elif not packet.client_id and not packet.clean_session:
            self._refuse(ConnackCode.IDENTIFIER_REJECTED)  # MQTT-3.1.3-8
        else:
            self._patience = packet.keep_alive * 1.5
            self._wind_up()
            self._will = packet.will
            self._session, present = self._broker._attach(self, packet)
            self._send(Connack(ConnackCode.ACCEPTED, present))
            self._session.resume(self._send)

    def _refuse(self, code: ConnackCode) -> None:
        self._send(Connack(code))
        self._violation(f"CONNACK {code}")  # MQTT-3.2.2-5

    def _subscribe(self, session: Session, packet: Subscribe) -> None:
        for wish in packet.subscriptions:
            session.subscribe(wish)
        self._send(Suback(packet.packet_id, tuple(wish.qos for wish in packet.subscriptions)))
        for wish in packet.subscriptions:
            for message in self._broker._retained_for(wish.topic_filter):
                session.deliver(message, wish.qos)
