"""The cloud's application: an ordinary MQTT 3.1.1 client (paho-mqtt) on the broker behind the gateway."""

from __future__ import annotations

import itertools
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from rigs.cloud.packets import SUBACK_FAILURE
from rigs.errors import BenchError
from rigs.sentence import Sentence, say

_ACT = say("whoever runs the broker behind the gateway looks after it (rig file: cloud.broker)")
_TICK = 0.5  # seconds; the longest that the client's thread waits before it looks whether it is to end
_FAREWELL = 5.0  # seconds for DISCONNECT to get through to a broker that may have stopped reading
_BARRIER = "$bench/barrier/"  # behind a dollar sign, where no module's wildcard reaches (MQTT-4.7.2-1)


@dataclass(frozen=True)
class Message:
    """A message that the broker delivered to the client; ``time`` is ``time.monotonic()``."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    time: float


class CloudClient:
    """A connected client; ``deadline_seconds`` bounds every handshake with the broker.

    All methods raise BenchError when the broker does not play its part: nothing here can blame the module.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        client_id: str | None = None,
        clean_session: bool = True,
        deadline_seconds: float = 20.0,
        act: Sentence = _ACT,
    ) -> None:
        self.client_id = client_id or f"cloud-{uuid.uuid4().hex[:12]}"
        self._act = act
        self._address = address
        self._deadline = deadline_seconds
        self._changed = threading.Condition()
        self._messages: list[Message] = []
        self._connack: ReasonCode | None = None
        self._lost: str | None = None
        self._granted: dict[int, int] = {}
        self._unsubscribed: set[int] = set()
        self._barriers = itertools.count(1)
        self._passed: set[bytes] = set()
        self._paho = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            clean_session=clean_session,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
        )
        # A thread of our own in place of paho's `loop_start`: its `loop_stop` joins a reference that the ending thread
        # clears at the same moment. Whoever publishes then leaves the writing to that one thread.
        self._thread = threading.Thread(target=self._run, name=f"mqtt client {self.client_id}", daemon=True)
        self._ending = threading.Event()
        self._paho.on_socket_register_write = lambda *_: None
        self._paho.on_socket_open = _set_no_delay
        self._paho.on_connect = self._on_connect
        self._paho.on_disconnect = self._on_disconnect
        self._paho.on_message = self._on_message
        self._paho.on_subscribe = self._on_subscribe
        self._paho.on_unsubscribe = self._on_unsubscribe

    def connect(self) -> Self:
        """Connect and wait for CONNACK 0. Once only; a client that raises has been closed."""
        host, port = self._address
        try:
            self._paho.connect(host, port, keepalive=60)
        except OSError as error:
            raise BenchError(
                say("the broker at {host}:{port} cannot be reached: {why}", host=host, port=port, why=error),
                act=self._act,
            ) from error
        self._thread.start()
        try:
            self._wait(lambda: self._connack is not None, "CONNACK")
            if self._connack is not None and self._connack.is_failure:
                raise self._refusal(self._connack)
        except BaseException:
            self.close()
            raise
        return self

    def _refusal(self, answer: ReasonCode) -> BenchError:
        """What it means that the login was refused."""
        host, port = self._address
        return BenchError(
            say("the broker at {host}:{port} refuses the cloud client: {answer}", host=host, port=port, answer=answer),
            act=self._act,
        )

    def close(self) -> None:
        """Send DISCONNECT, end the client's thread and close its socket. May be called twice."""
        self._paho.disconnect()
        if self._thread.is_alive():
            self._thread.join(_FAREWELL)
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        if (left_open := self._paho.socket()) is not None:
            left_open.close()

    def _run(self) -> None:
        """The client's thread: ends with the connection."""
        while not self._ending.is_set() and self._paho.loop(_TICK) == paho.MQTT_ERR_SUCCESS:
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def subscribe(self, topic_filter: str, qos: int = 1) -> int:
        """Subscribe, wait for SUBACK, return the granted QoS. Raises BenchError when the broker refuses."""
        code, identifier = self._paho.subscribe(topic_filter, qos)
        if code != paho.MQTT_ERR_SUCCESS or identifier is None:
            raise BenchError(
                say(
                    "cannot subscribe to {topic_filter}: {error_string}",
                    topic_filter=repr(topic_filter),
                    error_string=paho.error_string(code),
                ),
                act=self._act,
            )
        self._wait(
            lambda: identifier in self._granted, say("SUBACK for {topic_filter}", topic_filter=repr(topic_filter))
        )
        granted = self._granted[identifier]
        if granted >= SUBACK_FAILURE:
            raise BenchError(
                say("the broker refuses the subscription to {topic_filter}", topic_filter=repr(topic_filter)),
                act=self._act,
            )
        return granted

    def unsubscribe(self, topic_filter: str) -> None:
        """Unsubscribe and wait for UNSUBACK."""
        code, identifier = self._paho.unsubscribe(topic_filter)
        if code != paho.MQTT_ERR_SUCCESS or identifier is None:
            raise BenchError(
                say(
                    "cannot unsubscribe from {topic_filter}: {error_string}",
                    topic_filter=repr(topic_filter),
                    error_string=paho.error_string(code),
                ),
                act=self._act,
            )
        self._wait(
            lambda: identifier in self._unsubscribed,
            say("UNSUBACK for {topic_filter}", topic_filter=repr(topic_filter)),
        )

    def publish(self, topic: str, payload: bytes | str, qos: int = 1, *, retain: bool = False) -> None:
        """Publish and wait until the broker has acknowledged (QoS 1, 2) or the message is sent (QoS 0)."""
        self.publish_all(topic, [payload], qos, retain=retain)

    def publish_all(
        self, topic: str, payloads: list[bytes] | list[str] | list[bytes | str], qos: int = 1, *, retain: bool = False
    ) -> None:
        """Publish messages back to back and wait for all acknowledgements at the end."""
        handles = [self._paho.publish(topic, payload, qos, retain) for payload in payloads]
        end = time.monotonic() + self._deadline
        for handle in handles:
            try:
                handle.wait_for_publish(max(0.0, end - time.monotonic()))
            except (RuntimeError, ValueError) as error:
                raise BenchError(
                    say("cannot publish to {topic}: {why}", topic=repr(topic), why=error), act=self._act
                ) from error
            if not handle.is_published():
                raise BenchError(
                    say("the broker does not acknowledge a message to {topic}", topic=repr(topic)), act=self._act
                )

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages so far, in the order of their arrival."""
        return self.messages_since(0)

    def mark(self) -> int:
        """A position: messages that come later have this index or a higher one."""
        with self._changed:
            return len(self._messages)

    def messages_since(self, mark: int) -> tuple[Message, ...]:
        with self._changed:
            return tuple(self._messages[mark:])

    def wait_messages(self, count: int, deadline_seconds: float, since: int = 0) -> tuple[Message, ...]:
        """The messages from ``since`` on, as soon as there are ``count``, or fewer when the deadline is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._messages) - since >= count or self._lost is not None, deadline_seconds
            )
            self._raise_if_lost()
            return tuple(self._messages[since:])

    def receive(
        self, deadline_seconds: float, *, topic: str | None = None, payload: bytes | None = None, since: int = 0
    ) -> Message | None:
        """The first message from ``since`` on (of ``topic``, with ``payload``); None after the deadline."""

        def find() -> Message | None:
            found = (m for m in self._messages[since:] if topic is None or m.topic == topic)
            return next((m for m in found if payload is None or m.payload == payload), None)

        with self._changed:
            self._changed.wait_for(lambda: find() is not None or self._lost is not None, deadline_seconds)
            if (message := find()) is None:
                self._raise_if_lost()
            return message

    def barrier(self) -> None:
        """Wait until all that the broker took in before this call has reached ``messages``.

        The proof that something did not arrive: a message to a topic of our own, sent now, has come back, and the
        broker keeps the order.
        """
        topic = _BARRIER + self.client_id
        token = str(next(self._barriers)).encode()
        if token == b"1":
            self.subscribe(topic, 1)
        self.publish(topic, token, 1)
        self._wait(lambda: token in self._passed, say("its own message"))

    def settle(self, publish_later: Callable[[str, str], object]) -> bool:
        """Wait until all that the broker took in before has arrived; its own order is the proof, no message needed."""
        self.barrier()
        return True

    def check(self) -> None:
        """Raise BenchError if the connection to the broker is lost."""
        with self._changed:
            self._raise_if_lost()

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        with self._changed:
            done = self._changed.wait_for(lambda: condition() or self._lost is not None, self._deadline)
            if condition():
                return
            self._raise_if_lost()
            if not done:
                host, port = self._address
                raise BenchError(
                    say(
                        "the cloud client got no {what} from the broker at {host}:{port} within {deadline:g} s",
                        what=what,
                        host=host,
                        port=port,
                        deadline=self._deadline,
                    ),
                    act=self._act,
                )

    def _raise_if_lost(self) -> None:
        if self._lost is not None:
            raise BenchError(
                say("the cloud client lost its broker at {address}: {lost}", address=self._address, lost=self._lost),
                act=self._act,
            )

    def _on_connect(
        self, _client: paho.Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Properties | None
    ) -> None:
        with self._changed:
            self._connack = code
            self._changed.notify_all()

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, flags: Any, code: ReasonCode, _properties: Properties | None
    ) -> None:
        with self._changed:
            if code.is_failure and (self._connack is None or not self._connack.is_failure):
                self._lost = str(code)
            self._changed.notify_all()

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        now = time.monotonic()
        with self._changed:
            if message.topic == _BARRIER + self.client_id:
                self._passed.add(bytes(message.payload))
            else:
                self._messages.append(
                    Message(message.topic, bytes(message.payload), message.qos, message.retain, message.dup, now)
                )
            self._changed.notify_all()

    def _on_subscribe(
        self, _client: paho.Client, _data: Any, identifier: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        with self._changed:
            self._granted[identifier] = codes[0].value
            self._changed.notify_all()

    def _on_unsubscribe(
        self, _client: paho.Client, _data: Any, identifier: int, _codes: list[ReasonCode], _properties: Any
    ) -> None:
        with self._changed:
            self._unsubscribed.add(identifier)
            self._changed.notify_all()


def _set_no_delay(_client: paho.Client, _data: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
