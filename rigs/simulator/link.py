"""The module's MQTT session, over TCP or TLS, with paho-mqtt driven by the module's own loop."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from rigs.simulator.codes import Code, Refused
from rigs.simulator.login import Login
from rigs.simulator.loop import Loop
from rigs.simulator.options import Address

Wait = Callable[[Callable[[], bool], float], bool]

LOGIN_REFUSALS = (0x85, 0x86, 0x87)
"""What paho makes of CONNACK 2, 4 and 5, which blame the login and not the server (MQTT 3.1.1, table 3.1)."""
CLOUD_HANGS_UP = 2.0
"""Seconds that a module which leaves the end of a connection to the cloud waits for it."""


@dataclass(frozen=True)
class Dial:
    """All that one connection needs.

    ``host`` is the platform's name (TLS asks for it), ``route`` where the carrier's network really leads.
    ``keepalive`` is what CONNECT announces, ``ping`` the silence after which the module pings, ``timeout`` the
    bound of each step of the way, all in seconds.
    """

    host: str
    route: Address
    tls: ssl.SSLContext | None
    login: Login
    clean_session: bool
    keepalive: int
    ping: float
    timeout: float


class _Client(paho.Client):
    """paho-mqtt with the carrier's network underneath; the only place that reaches into it."""

    def __init__(self, dial: Dial) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=dial.login.client_id,
            clean_session=dial.clean_session,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
        )
        self._dial = dial
        self.outgoing: Callable[[bytes], bytes] = bytes
        self.connect_timeout = dial.timeout
        self.username_pw_set(dial.login.username, dial.login.password)
        self.max_inflight_messages_set(0)
        if dial.tls:
            self.tls_set_context(dial.tls)

    def _create_socket_connection(self) -> socket.socket:
        return socket.create_connection(self._dial.route, timeout=self._dial.timeout)

    def _send_connect(self, keepalive: int) -> MQTTErrorCode:
        result = super()._send_connect(keepalive)
        self.ping_every(self._dial.ping)  # from here on paho uses it for its pings only
        return result

    def ping_every(self, seconds: float) -> None:
        """The silence after which a PINGREQ goes out."""
        self._keepalive = seconds  # type: ignore[assignment]

    def _packet_queue(
        self,
        command: int,
        packet: bytes | bytearray,
        mid: int,
        qos: int,
        info: paho.MQTTMessageInfo | None = None,
    ) -> MQTTErrorCode:
        return super()._packet_queue(command, self.outgoing(bytes(packet)), mid, qos, info)

    def seconds_to_ping(self) -> float:
        """How long paho has nothing to do about the keep-alive."""
        last = min(self._last_msg_out, self._last_bytes_received)
        return max(0.0, last + self._keepalive - time.monotonic())

    def put_off_ping(self) -> None:
        """Take this moment for that of the last packet sent."""
        self._last_msg_out = time.monotonic()

    def abandon(self) -> None:
        """End the connection here and now."""
        self._sock_close()

    def leave(self) -> Any:
        """Walk away from the connection, which nobody is told; returns its socket."""
        sock = self._sock
        if sock is not None:
            self._call_socket_unregister_write(sock)
        self._sock = None
        return sock


class MqttLink:
    """At most one MQTT session.

    Every method that talks to the cloud ends within its bound, and raises :class:`Refused` when it fails.
    ``wait(condition, seconds)`` lets the module live on while a request is under way. ``on_lost`` is called when an
    open session breaks. ``verdict`` is the cloud's word on the last login, ``readable`` takes in what has come,
    ``outgoing`` sees each packet before it goes out, and ``delivering`` is the message that is being handed over.
    """

    def __init__(self, loop: Loop, wait: Wait, on_message: Callable[[bytes, bytes], object]) -> None:
        self.on_message = on_message
        self.on_lost: Callable[[], object] = lambda: None
        self.says_goodbye = True
        self.acknowledges = True
        self.confirms_publish = True
        self.confirms_subscribe = True
        self.hangs_up = True
        self.retain = False
        self.outgoing: Callable[[bytes], bytes] = lambda packet: packet
        self.delivering: paho.MQTTMessage | None = None
        self.verdict: ReasonCode | None = None
        self.readable: Callable[[], None] = self._readable
        self._loop = loop
        self.wait = wait
        self._client: _Client | None = None
        self._established = False
        self._answers: dict[int, bool] = {}
        self._forgotten: list[Any] = []

    @property
    def is_open(self) -> bool:
        """Whether the cloud accepted the login and the connection has not been seen to end."""
        return self._client is not None and self._client.is_connected() and self._client.socket() is not None

    def open(self, dial: Dial) -> None:
        """Connect and log in."""
        self._abandon()
        self.verdict = None
        self._answers.clear()
        client = self._client = _Client(dial)
        client.manual_ack_set(not self.acknowledges)
        client.outgoing = lambda packet: self.outgoing(packet)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = lambda _client, _data, mid, _code, _properties: self._answer(mid, granted=True)
        client.on_unsubscribe = lambda _client, _data, mid, _codes, _properties: self._answer(mid, granted=True)
        client.on_subscribe = lambda _client, _data, mid, codes, _properties: self._answer(
            mid, granted=not any(code.is_failure for code in codes)
        )
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = lambda _client, _data, sock: self._loop.watch(
            sock, self.readable, self._writable
        )
        client.on_socket_unregister_write = lambda _client, _data, sock: self._loop.watch(sock, self.readable)
        try:
            client.connect(dial.host, dial.route.port, dial.keepalive)
        except (OSError, ValueError) as error:  # ValueError: a name that cannot be asked for
            self._abandon()
            raise Refused(Code.NETWORK) from error
        self.wait(lambda: self.verdict is not None or client.socket() is None, dial.timeout)
        if not self.is_open:
            blamed = self.verdict is not None and self.verdict.value in LOGIN_REFUSALS
            self._abandon()
            raise Refused(Code.NOT_ALLOWED if blamed else Code.NETWORK)
        self._established = True
        self._keep_alive(client)

    def close(self, seconds: float) -> None:
        """Say goodbye and end the connection."""
        client = self._client
        if client is not None and self.says_goodbye:
            client.on_disconnect = None
            client.on_socket_close = self._await_end if not self.hangs_up else self._on_socket_close
            client.disconnect()
            self.wait(lambda: client.socket() is None, seconds)
        self._abandon()

    def cut_off(self) -> None:
        """The network is gone: so is the session, without a word to the cloud, which has to find out for itself."""
        client, self._client = self._client, None
        established, self._established = self._established, False
        sock = client.leave() if client else None
        if sock is not None:
            self._loop.unwatch(sock)
            self._forgotten.append(sock)
        if established:
            self.on_lost()

    def meet_the_forgotten(self) -> None:
        """The network is back, and knows nothing of the connections that went with it: it resets them."""
        while self._forgotten:
            sock = self._forgotten.pop()
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    def subscribe(self, topic: bytes, qos: int, seconds: float) -> None:
        """Subscribe and wait for the SUBACK."""
        with _topic_errors():
            _, mid = self._session().subscribe(mqtt_string(topic), qos)
        if self.confirms_subscribe:
            self.settle(mid, seconds)
        else:
            self.wait(lambda: not self._session().want_write(), seconds)

    def unsubscribe(self, topic: bytes, seconds: float) -> None:
        """Unsubscribe and wait for the UNSUBACK."""
        with _topic_errors():
            _, mid = self._session().unsubscribe(mqtt_string(topic))
        self.settle(mid, seconds)

    def publish(self, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        """Publish and wait until the cloud has it (QoS 1, 2) or it is on its way (QoS 0)."""
        client = self._session()
        with _topic_errors():
            mid = client.publish(mqtt_string(topic), payload, qos, self.retain).mid
        if not self.confirms_publish:
            return
        try:
            self.settle(mid, seconds)
        except Refused:
            client.drop_out_messages()  # the host was told that it failed: it must not arrive later
            raise

    def _session(self) -> _Client:
        if self._client is None or not self.is_open:
            raise Refused(Code.INVALID_OPERATION)
        return self._client

    def settle(self, mid: int | None, seconds: float) -> None:
        """Wait for the cloud's answer to a request. Raises :class:`Refused` when it is a refusal, or does not come."""
        self.wait(lambda: mid in self._answers or not self.is_open, seconds)
        granted = self._answers.pop(mid, None) if mid is not None else None
        if granted is None:
            raise Refused(Code.NETWORK)
        if not granted:
            raise Refused(Code.NOT_ALLOWED)

    def _answer(self, mid: int, *, granted: bool) -> None:
        self._answers[mid] = granted

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self.delivering = message
        self.on_message(message.topic.encode(), bytes(message.payload))
        self.delivering = None

    def _on_connect(self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self.verdict = reason

    def _on_disconnect(self, client: paho.Client, *_details: Any) -> None:
        if client is self._client:
            self._lost()

    def _lost(self) -> None:
        """Called from within paho, which must be left before the session can be cleared away."""
        if self._established:
            self._established = False
            self._loop.call_later(0, self._clear_away)

    def _clear_away(self) -> None:
        if self._client is not None and not self.is_open:
            self._abandon()
            self.on_lost()

    def _on_socket_open(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.watch(sock, self.readable)

    def _on_socket_close(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        self._loop.unwatch(sock)
        # Unread bytes would turn the close into a reset, which may overtake the DISCONNECT.
        with suppress(OSError, ValueError):
            if isinstance(sock, ssl.SSLSocket):
                sock.unwrap()
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass

    def _await_end(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        """Behind the DISCONNECT: leave it to the cloud to end the connection, within a limit."""
        self._loop.unwatch(sock)
        with suppress(OSError, ValueError):
            sock.settimeout(CLOUD_HANGS_UP)
            while sock.recv(65536):
                pass

    def _readable(self) -> None:
        client = self._client
        sock = client.socket() if client else None
        if client is None or sock is None:
            return
        try:
            client.loop_read()
            # What TLS has decrypted already, no selector tells about.
            while isinstance(sock, ssl.SSLSocket) and sock.fileno() >= 0 and sock.pending():
                client.loop_read()
        except Exception:  # whatever malformed bytes do to paho, the module lives on
            self.give_up()

    def _writable(self) -> None:
        if self._client is None:
            return
        try:
            self._client.loop_write()
        except Exception:  # as above
            self.give_up()

    def peek(self) -> bytes | None:
        """What has come over plain TCP and has not been taken in; b"" at its end, None over TLS or without a session.

        Raises OSError when the connection is broken.
        """
        sock = self._client.socket() if self._client else None
        if not isinstance(sock, socket.socket) or isinstance(sock, ssl.SSLSocket):
            return None
        return sock.recv(65536, socket.MSG_PEEK)

    def ping_every(self, seconds: float) -> None:
        """Ping at another pace than this session began with."""
        if self._client is not None:
            self._client.ping_every(seconds)

    def put_off_ping(self) -> None:
        """Count the time to the next PINGREQ from now."""
        if self._client is not None:
            self._client.put_off_ping()

    def give_up(self) -> None:
        """End the connection as a broken one."""
        if self._client is not None:
            self._client.abandon()
            self._lost()

    def _keep_alive(self, client: _Client) -> None:
        """Let paho look at its keep-alive when it is due, for as long as this session lives."""
        if client is self._client and client.socket() is not None:
            client.loop_misc()
            self._loop.call_later(max(client.seconds_to_ping(), 0.01), lambda: self._keep_alive(client))

    def _abandon(self) -> None:
        client, self._client = self._client, None
        self._established = False
        if client is not None:
            client.abandon()


@contextmanager
def _topic_errors() -> Iterator[None]:
    """Turn paho's refusal of a topic into the module's."""
    try:
        yield
    except ValueError:
        raise Refused(Code.PARAMETER) from None


def mqtt_string(data: bytes) -> str:
    """Bytes as an MQTT string: UTF-8 without U+0000 ([MQTT-1.5.3-1], [MQTT-1.5.3-2]). Raises ValueError."""
    text = data.decode("utf-8")
    if "\0" in text:
        raise ValueError("U+0000 in an MQTT string")
    return text
