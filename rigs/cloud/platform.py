"""The Alibaba Cloud IoT Platform in place of the bench's own cloud.

The module talks to it directly, so the bench sees none of its packets. What it sees is what a second device of the
platform sends and receives, which plays the cloud's application. A device may use no topics but its own, so two rules
of the platform, set up once by the lab (docs/brokers.md), carry messages between the two:

    /<module's ProductKey>/<DeviceName>/user/<name>     -> /<second ProductKey>/<DeviceName>/user/up/<name>
    /<second ProductKey>/<DeviceName>/user/down/<name>  -> /<module's ProductKey>/<DeviceName>/user/<name>

The words up and down keep the rules from feeding each other.
"""

from __future__ import annotations

import itertools
import string
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode

from rigs.cloud.client import CloudClient, Message
from rigs.cloud.connection import Connection
from rigs.cloud.credentials import Credential, Credentials
from rigs.cloud.events import Direction, Event
from rigs.cloud.instrument import Instrument
from rigs.cloud.journal import Journal
from rigs.cloud.login import TCP_SECURE_MODE, Device, SignMethod, sign
from rigs.cloud.packets import ConnackCode
from rigs.cloud.profile import PlatformRules
from rigs.cloud.side import CloudSide
from rigs.errors import BenchError, Unseen
from rigs.sentence import Sentence, say

NOT_SEEN = say("the module talks to the platform directly (cloud.broker = aliyun): the bench sees no packets")
_E = TypeVar("_E", bound=Event)
_DEADLINE = 10.0  # seconds for each step of a login, and for a message's way across the platform
_PACE = 0.04  # seconds between messages of a burst: the platform drops what a device sends beyond 30 a second
_LONGEST_TOPIC = 128  # bytes, of the conformance tests' topics
_EVERYTHING = "".join(map(chr, range(0x20, 0x7F))) + "é温😀" + string.ascii_letters * 10
"""Every printable character, and more bytes than the largest payload that has to arrive whole."""
_CODES = {
    0x84: ConnackCode.UNACCEPTABLE_PROTOCOL_VERSION,
    0x85: ConnackCode.IDENTIFIER_REJECTED,
    0x86: ConnackCode.BAD_USER_NAME_OR_PASSWORD,
    0x87: ConnackCode.NOT_AUTHORIZED,
    0x88: ConnackCode.SERVER_UNAVAILABLE,
}
"""CONNACK codes of MQTT 3.1.1 (table 3.1) by what paho makes of them."""


def public_host(product_key: str, region: str) -> str:
    """Where devices of a product reach the platform's public instance of a region."""
    return f"{product_key}.iot-as-mqtt.{region}.aliyuncs.com"


class _Blind(Journal):
    """The journal of a cloud whose packets nobody shows to the bench: it has positions, and no answers."""

    def events(self, since: int = 0) -> tuple[Event, ...]:
        raise Unseen(NOT_SEEN)

    def everything(self, since: int = 0) -> tuple[Event, ...]:
        raise Unseen(NOT_SEEN)

    def of_connection(self, number: int) -> tuple[Event, ...]:
        raise Unseen(NOT_SEEN)

    def of(self, kind: type[_E], since: int = 0) -> tuple[_E, ...]:
        raise Unseen(NOT_SEEN)

    def wait_for(self, predicate: Callable[[Event], bool], deadline_seconds: float, since: int = 0) -> Event | None:
        raise Unseen(NOT_SEEN)

    def wait_in(
        self, number: int, predicate: Callable[[Event], bool], deadline_seconds: float, since: int = 0
    ) -> Event | None:
        raise Unseen(NOT_SEEN)


@dataclass(frozen=True)
class Seen(Event):
    """A message that a device of the bench's own has sent to the platform or received from it."""

    NAME = "message"
    device: str
    direction: Direction
    topic: str
    payload: bytes
    qos: int


class DeviceClient(CloudClient):
    """An MQTT client that logs in as a device of the platform, over TCP; ``journal`` gets every message of it."""

    def __init__(self, address: tuple[str, int], credential: Credential, journal: Journal) -> None:
        device = credential.device
        name = f"{device.product_key}.{device.device_name}"
        method = SignMethod.HMAC_SHA256
        super().__init__(
            address,
            client_id=f"{name}|securemode={TCP_SECURE_MODE},signmethod={method.value}|",
            deadline_seconds=_DEADLINE,
            act=say(
                "lab: check this machine's way to the platform, and the rig file's cloud.endpoint and cloud.region"
            ),
        )
        self._credential = credential
        self._journal = journal
        self._paho.username_pw_set(device.username, sign(device, name, None, method))

    def publish_all(
        self, topic: str, payloads: list[bytes] | list[str] | list[bytes | str], qos: int = 1, *, retain: bool = False
    ) -> None:
        for payload in payloads:
            self._note(Direction.UP, topic, payload.encode() if isinstance(payload, str) else payload, qos)
        super().publish_all(topic, payloads, qos, retain=retain)

    def _on_message(self, client: paho.Client, data: Any, message: paho.MQTTMessage) -> None:
        self._note(Direction.DOWN, message.topic, bytes(message.payload), message.qos)
        super()._on_message(client, data, message)

    def _note(self, direction: Direction, topic: str, payload: bytes, qos: int) -> None:
        role = self._credential.role
        self._journal.append(Seen(time.monotonic(), None, role, direction, topic, payload, qos))

    def _refusal(self, answer: ReasonCode) -> BenchError:
        host, port = self._address
        code = _CODES.get(answer.value)
        number = "" if code is None else f"{code.value}, "
        return BenchError(
            say(
                "the platform at {host}:{port} refuses the login of {credential}: CONNACK {code}{answer}",
                host=host,
                port=port,
                credential=self._credential,
                code=number,
                answer=answer,
            ),
            act=say("operator: correct {variables} in the environment", variables=self._credential.variables),
        )


@dataclass
class Ways:
    """How the rules of the platform map the module's topics, and which of these topics they have been seen to carry."""

    module: Device
    peer: Device
    levels: int = 1
    """The most levels below ``user/`` that a topic may have."""
    length: int = 0
    """The most bytes that a topic may have."""

    def up(self, topic: str) -> str:
        """Where a message of the module arrives."""
        return self.peer.topic(f"up/{self._name(topic)}")

    def down(self, topic: str) -> str:
        """Where a message to the module has to be sent."""
        return self.peer.topic(f"down/{self._name(topic)}")

    def back(self, topic: str) -> str:
        """The module's topic of a message that has arrived."""
        return self.module.topic(topic.removeprefix(self.peer.topic("up/")))

    def _name(self, topic: str) -> str:
        own = self.module.topic("")
        name = topic.removeprefix(own)
        if not topic.startswith(own) or len(topic.encode()) > self.length or name.count("/") >= self.levels:
            raise Unseen(
                say(
                    "the platform does not carry the topic {topic} between the two devices (docs/brokers.md)",
                    topic=topic,
                )
            )
        return name


class Peer:
    """One test's view of the second device: the cloud's application, which speaks of the module's topics."""

    def __init__(self, client: CloudClient, ways: Ways) -> None:
        self._client = client
        self._ways = ways
        self._since = client.mark()
        self._watched: list[str] = []
        self._marker = ""
        self._pause = threading.Event()

    def subscribe(self, topic_filter: str, qos: int = 1) -> int:
        topic = self._ways.up(topic_filter)
        self._watched.append(topic)
        return self._client.subscribe(topic, qos)

    def publish(self, topic: str, payload: bytes | str, qos: int = 1, *, retain: bool = False) -> None:
        if retain:
            raise Unseen(say("the platform keeps no retained messages"))
        self._client.publish(self._ways.down(topic), payload, qos)

    def publish_all(self, topic: str, payloads: list[bytes] | list[str] | list[bytes | str], qos: int = 1) -> None:
        """Publish messages one behind the other, no faster than the platform takes them from one device."""
        for payload in payloads:
            self.publish(topic, payload, qos)
            self._pause.wait(_PACE if len(payloads) > 1 else 0.0)

    @property
    def messages(self) -> tuple[Message, ...]:
        return self._ours(self._client.messages_since(self._since))

    def wait_messages(self, count: int, deadline_seconds: float, since: int = 0) -> tuple[Message, ...]:
        return self._ours(self._client.wait_messages(count, deadline_seconds, self._since + since))

    def settle(self, publish_later: Callable[[str, str], object]) -> bool:
        """Wait for a later message of the module that takes the same way; False when it does not arrive."""
        token = uuid.uuid4().hex
        if not self._marker:
            self._marker = self._ways.module.topic("marker")
            self.subscribe(self._marker)
        mark = self._client.mark()
        publish_later(self._marker, token)
        return _arrives(self._client, self._ways.up(self._marker), token.encode(), mark)

    def close(self) -> None:
        """Give up the subscriptions; the device stays online for the next test."""
        while self._watched:
            # A lost connection is the cloud's to report, and its subscriptions are gone with it.
            with suppress(BenchError):
                self._client.unsubscribe(self._watched.pop())

    def _ours(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        return tuple(replace(message, topic=self._ways.back(message.topic)) for message in messages)


class Platform(CloudSide):
    """The platform, which a device reaches where ``reach`` says, and the module with TLS at ``tls_port``.

    ``region`` is its region's index in +ALYCONNECTCFG. `start` logs in as either device, and sees that the rules carry
    messages both ways, unchanged: what does not arrive later has then got lost in the module. ``on_event`` gets each
    message of the second device as it happens.
    """

    def __init__(
        self,
        credentials: Credentials,
        reach: Callable[[Device], tuple[str, int]],
        *,
        tls_port: int,
        region: int = 0,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.journal = _Blind(on_event)
        self.region = region
        self._credentials = credentials
        self._reach = reach
        self._tls_port = tls_port
        self._ways = Ways(credentials.module.device, credentials.peer.device)
        self._client: DeviceClient | None = None

    def start(self) -> Self:
        """Log in and prove the ways. Raises BenchError that names the device, or the rule, and what to correct."""
        try:
            with self._log_in(self._credentials.module) as module:
                self._client = self._log_in(self._credentials.peer)
                self._prove(module)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        if self._client is not None:
            self._client.close()

    @property
    def address(self) -> tuple[str, int]:
        return self._reach(self._credentials.module.device)

    @property
    def tls_address(self) -> tuple[str, int]:
        return self.address[0], self._tls_port

    @property
    def keep_alives(self) -> range:
        return PlatformRules.KEEP_ALIVES

    @property
    def gateway(self) -> Instrument:
        raise Unseen(NOT_SEEN)

    def register_device(self, product_key: str, device_name: str, device_secret: str) -> Device:
        """The platform knows its own devices only."""
        raise Unseen(NOT_SEEN)

    def enrol(self, device: Device) -> Device:
        return self._credentials.module.device

    def new_client(self) -> Peer:
        assert self._client is not None
        return Peer(self._client, self._ways)

    def check(self) -> None:
        """Raise BenchError when the second device's connection was lost; it is online again for the next test."""
        assert self._client is not None
        try:
            self._client.check()
        except BenchError:
            self._client.close()
            self._client = self._log_in(self._credentials.peer)
            raise

    def require_sight(self) -> None:
        raise Unseen(NOT_SEEN)

    def hang_up(self) -> None:
        """Nothing to do: the module's connection is not the bench's to end, and CLOSE has been sent."""

    def module_holds(self, *names: str) -> None:
        """Nothing to do: no connection is seen that would have to be attributed."""

    def session_since(self, mark: int) -> Connection | None:
        """A connection of which nothing can be seen: whether there is one, OPEN's answer has to tell."""
        return Connection(0, self.journal)

    def _log_in(self, credential: Credential) -> DeviceClient:
        return DeviceClient(self._reach(credential.device), credential, self.journal).connect()

    def _prove(self, module: CloudClient) -> None:
        """See which topics messages are carried on; a plain name below ``user/`` is the least."""
        plain = self._ways.module.topic(f"probe{uuid.uuid4().hex[:8]}")
        self._ways.length = len(plain.encode())
        if trouble := self._trouble(module, plain):
            raise BenchError(trouble, act=say("lab: set up the topics and rules of docs/brokers.md at the platform"))
        self._ways.levels, self._ways.length = 2, len(f"{plain}/leaf".encode())
        if self._trouble(module, f"{plain}/leaf"):
            self._ways.levels = 1
        shorter, self._ways.length = self._ways.length, _LONGEST_TOPIC
        if self._trouble(module, plain.ljust(_LONGEST_TOPIC, "x")):
            self._ways.length = shorter
        # The platform may have hung up on a device that used a topic it must not use.
        with suppress(BenchError):
            self.check()

    def _trouble(self, module: CloudClient, topic: str) -> Sentence | None:
        """What is wrong with the ways of a topic between the two devices; None when they are in order."""
        assert self._client is not None
        up, down = self._ways.up(topic), self._ways.down(topic)
        numbers = itertools.count(1)
        try:
            self._client.subscribe(up, 1)
            module.subscribe(topic, 1)
            for sender, sent_to, receiver, shown_on in (
                (module, topic, self._client, up),
                (module, topic, module, topic),
                (self._client, down, module, topic),
            ):
                payload = f"{next(numbers)} {_EVERYTHING}".encode()
                mark = receiver.mark()
                sender.publish(sent_to, payload, 1)
                if not _arrives(receiver, shown_on, payload, mark):
                    return say(
                        "the platform does not carry a message from {sent_to} to {shown_on} unchanged",
                        sent_to=sent_to,
                        shown_on=shown_on,
                    )
            self._client.unsubscribe(up)
        except BenchError as error:
            return error.message
        return None


def _arrives(client: CloudClient, topic: str, payload: bytes, mark: int) -> bool:
    """Wait for a message among those that arrive from position ``mark`` on."""
    return client.receive(_DEADLINE, topic=topic, payload=payload, since=mark) is not None
