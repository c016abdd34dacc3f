"""What a test expects to see at the gateway: each kind looks it up in a record, and knows when it is as expected.

A live run looks it up in the gateway's own journal, with another parser, and puts what it found before the same judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from reports.judging.expectation import Expectation, RuledUpon
from reports.judging.line import quotes
from reports.judging.packets import (
    CONNACK,
    CONNECT,
    DISCONNECT,
    PUBACK,
    PUBLISH,
    REFUSED,
    SUBACK,
    SUBSCRIBE,
    UNSUBSCRIBE,
)
from reports.judging.rulings import Rulings
from reports.severity import Verdict

if TYPE_CHECKING:
    from reports.judging.evidence import Recorded

_SECURE_MODE = re.compile(r"securemode=(\d+)")
"""In the client identifier that the platform asks for."""


@dataclass(frozen=True)
class Sight(Expectation):
    """Something that is looked up, and is as expected or not."""

    def look(self, record: Recorded) -> Any:
        """What the record has of it; its shape is the kind's own."""
        raise NotImplementedError

    def kept(self, found: Any) -> bool:
        """Whether what was found is as expected."""
        raise NotImplementedError


class Login(NamedTuple):
    """What became of a CONNECT."""

    accepted: bool
    """By the CONNACK that answered it."""
    secure_mode: int | None
    """As its client identifier names it; None where it does not."""
    reason: str = ""
    """Why the platform turned it away."""
    user: str = ""
    """The user name in CONNECT, a latin-1 character per byte."""


@dataclass(frozen=True)
class LoggedIn(Sight):
    """The platform took the login on that connection; with that securemode and user name where one is given."""

    check = "logged-in"
    connection: int | None
    secure_mode: int | None
    last: int
    user: str | None = None

    def look(self, record: Recorded) -> Login | None:
        """None where no CONNECT came."""
        if self.connection is None:
            return None
        asked = record.gateway.packets(self.connection, self.last, CONNECT)
        if not asked:
            return None
        answers = record.gateway.packets(self.connection, self.last, CONNACK, up=False)
        mode = _SECURE_MODE.search(asked[0].login.client_id)
        reason = str(record.gateway.fact(self.connection, self.last, "login").get("reason", ""))
        accepted = bool(answers) and answers[0].code == 0
        return Login(accepted, int(mode[1]) if mode else None, reason, asked[0].login.user)

    def kept(self, found: Login | None) -> bool:
        if found is None or not found.accepted:
            return False
        return self.secure_mode in (None, found.secure_mode) and self.user in (None, found.user)


@dataclass(frozen=True)
class OnlineOver(Sight):
    """That connection came online, over TLS or without it."""

    check = "online-over"
    connection: int | None
    tls: bool
    last: int

    def look(self, record: Recorded) -> tuple[bool, bool] | None:
        """Whether it came to the port for TLS, and whether it came online; None where there is no connection."""
        if self.connection is None:
            return None
        tls = bool(record.gateway.fact(self.connection, self.last, "connected").get("tls"))
        return tls, "online" in record.gateway.told(self.connection, self.last)

    def kept(self, found: tuple[bool, bool] | None) -> bool:
        return found == (self.tls, True)


@dataclass(frozen=True)
class CleanSession(Sight):
    """CONNECT asked for a clean session, or for one that is kept (MQTT 3.1.1, 3.1.2.4)."""

    check = "clean-session"
    connection: int
    clean: bool
    last: int

    def look(self, record: Recorded) -> bool | None:
        """None where no CONNECT came."""
        asked = record.gateway.packets(self.connection, self.last, CONNECT)
        return asked[0].login.clean if asked else None

    def kept(self, found: bool | None) -> bool:
        return found is self.clean


@dataclass(frozen=True)
class KeepAlive(Sight):
    """CONNECT announced a keep-alive of so many seconds, both ends included (MQTT 3.1.1, 3.1.2.10)."""

    check = "keep-alive"
    connection: int
    least: int
    most: int
    last: int
    bound: str | None = None
    """The catalogue's: how many times the least the most is."""
    allowance: float | None = None
    """Seconds on top of the least before that, where a setting with a fraction may be rounded up."""

    @property
    def named(self) -> tuple[str, ...]:
        return () if self.bound is None else (self.bound,)

    @property
    def unnamed(self) -> bool:
        return self.bound is None

    def under(self, rulings: Rulings) -> Self:
        value = None if self.bound is None else rulings.bounds.get(self.bound)
        return self if value is None else replace(self, most=int((self.least + (self.allowance or 0)) * value))

    def look(self, record: Recorded) -> int | None:
        """None where no CONNECT came."""
        asked = record.gateway.packets(self.connection, self.last, CONNECT)
        return asked[0].login.keep_alive if asked else None

    def kept(self, found: int | None) -> bool:
        return found is not None and self.least <= found <= self.most


@dataclass(frozen=True)
class Subscribed(Sight):
    """SUBSCRIBE asked for that topic with that QoS and no other (MQTT 3.1.1, 3.8.3)."""

    check = "subscribed"
    connection: int
    topic: str
    qos: int
    last: int

    def look(self, record: Recorded) -> list[int]:
        """The QoS of each time that it was asked for."""
        asked = record.gateway.packets(self.connection, self.last, SUBSCRIBE)
        return [qos for packet in asked for topic, qos in packet.filters if topic == self.topic]

    def kept(self, found: list[int]) -> bool:
        return set(found) == {self.qos}


@dataclass(frozen=True)
class Granted(Sight):
    """The broker has granted a subscription to that topic (MQTT 3.1.1, 3.9.3)."""

    check = "granted"
    connection: int | None
    topic: str
    last: int

    def look(self, record: Recorded) -> list[int]:
        """The return codes of the subscriptions to it, in order."""
        if self.connection is None:
            return []
        codes: list[int] = []
        places: dict[int, int] = {}
        for packet in record.gateway.both_ways(self.connection, self.last):
            if packet.up and packet.kind == SUBSCRIBE:
                wanted = [topic for topic, _ in packet.filters]
                places = {packet.identifier: wanted.index(self.topic)} if self.topic in wanted else places
            elif not packet.up and packet.kind == SUBACK and packet.identifier in places:
                codes += packet.granted[places.pop(packet.identifier) :][:1]
        return codes

    def kept(self, found: list[int]) -> bool:
        return any(code < REFUSED for code in found)


@dataclass(frozen=True)
class Unsubscribed(Sight):
    """UNSUBSCRIBE gave that topic up (MQTT 3.1.1, 3.10.3)."""

    check = "unsubscribed"
    connection: int
    topic: str
    last: int

    def look(self, record: Recorded) -> int:
        """How many times."""
        asked = record.gateway.packets(self.connection, self.last, UNSUBSCRIBE)
        return sum(packet.given_up == [self.topic] for packet in asked)

    def kept(self, found: int) -> bool:
        return found > 0


@dataclass(frozen=True)
class SentWith(Sight):
    """The messages to that topic went out with that QoS and without the retain flag (MQTT 3.1.1, 3.3.1)."""

    check = "sent-with"
    connection: int
    topic: str
    qos: int
    last: int

    def look(self, record: Recorded) -> list[tuple[int, bool]]:
        """QoS and retain flag of each packet."""
        sent = (packet.publication for packet in record.gateway.packets(self.connection, self.last, PUBLISH))
        return [(packet.qos, packet.retain) for packet in sent if packet.topic == self.topic]

    def kept(self, found: list[tuple[int, bool]]) -> bool:
        return set(found) == {(self.qos, False)}


@dataclass(frozen=True)
class FirstDelivery(Sight):
    """The first packet with a message to that topic did not claim to be a second one (MQTT-3.3.1-1)."""

    check = "first-delivery"
    connection: int
    topic: str
    last: int

    @property
    def breach(self) -> Verdict:
        # The message is there and right: the manual says nothing of a flag that only the broker sees.
        return Verdict.DEVIATION

    def look(self, record: Recorded) -> bool | None:
        """Its DUP flag; None where there is no packet."""
        sent = (packet.publication for packet in record.gateway.packets(self.connection, self.last, PUBLISH))
        return next((packet.dup for packet in sent if packet.topic == self.topic), None)

    def kept(self, found: bool | None) -> bool:
        return found is False


@dataclass(frozen=True)
class Acknowledged(Sight):
    """Each message of that topic that went to the module with QoS 1 was acknowledged (MQTT 3.1.1, 4.3.2)."""

    check = "acknowledged"
    topic: str
    last: int

    def look(self, record: Recorded) -> tuple[int, list[int]]:
        """How many went to it, and the identifiers of those that were not acknowledged."""
        count = 0
        missing: list[int] = []
        for connection in record.gateway.connections:
            pending: dict[int, None] = {}
            for packet in record.gateway.both_ways(connection, self.last):
                if not packet.up and packet.kind == PUBLISH:
                    message = packet.publication
                    if message.topic == self.topic and message.identifier is not None:
                        count += 1
                        pending[message.identifier] = None
                elif packet.up and packet.kind == PUBACK:
                    pending.pop(packet.identifier, None)
            missing += pending
        return count, missing

    def kept(self, found: tuple[int, list[int]]) -> bool:
        return found[0] > 0 and not found[1]


@dataclass(frozen=True)
class Disconnected(Sight):
    """DISCONNECT came before the end of the connection (MQTT 3.1.1, 3.14)."""

    check = "disconnected"
    connection: int
    last: int

    def look(self, record: Recorded) -> bool | None:
        """None where the connection has not ended."""
        if "closed" not in record.gateway.told(self.connection, self.last):
            return None
        return bool(record.gateway.packets(self.connection, self.last, DISCONNECT))

    def kept(self, found: bool | None) -> bool:
        return found is True


@dataclass(frozen=True)
class NotEnded(Sight):
    """The module has not ended that connection."""

    check = "not-ended"
    connection: int
    last: int

    def look(self, record: Recorded) -> str | None:
        """Who ended it; None where nobody has."""
        ended = record.gateway.fact(self.connection, self.last, "closed")
        return str(ended.get("by")) if ended else None

    def kept(self, found: str | None) -> bool:
        return found != "module"


@dataclass(frozen=True)
class StillOnline(Sight):
    """That session is still up: logged in, and neither logged out nor closed."""

    check = "still-online"
    connection: int
    last: int

    def look(self, record: Recorded) -> bool:
        told = record.gateway.told(self.connection, self.last)
        left = record.gateway.packets(self.connection, self.last, DISCONNECT)
        return "online" in told and "closed" not in told and not left

    def kept(self, found: bool) -> bool:
        return found


@dataclass(frozen=True)
class NothingPlain(Sight):
    """No CONNECT came without TLS from one event to another: it tells whoever listens what logs in, and how."""

    check = "nothing-plain"
    first: int
    last: int

    def look(self, record: Recorded) -> list[int]:
        """The numbers of the connections on which one did."""
        gateway, found = record.gateway, []
        for number in gateway.connections:
            tls = gateway.fact(number, self.last, "connected").get("tls", True)
            if gateway.began(number) >= self.first and not tls and gateway.packets(number, self.last, CONNECT):
                found.append(number)
        return found

    def kept(self, found: list[int]) -> bool:
        return not found


@dataclass(frozen=True)
class Unquoted(Sight, RuledUpon):
    """The downlink messages of that topic were shown without quotes round topic or payload, and there were some.

    Whoever adds some has changed the form and not the message, says the ruling.
    """

    check = "unquoted"
    topic: str
    last: int

    def look(self, record: Recorded) -> list[bool]:
        """Whether there were quotes, for each line."""
        found = (quotes(line, self.topic) for line in record.lines.downlinks_of(self.topic, 0, self.last))
        return [quoted for quoted in found if quoted is not None]

    def kept(self, found: list[bool]) -> bool:
        return bool(found) and not any(found)


@dataclass(frozen=True)
class Arrived(Sight):
    """That message went out to that topic, once or more often."""

    check = "arrived"
    topic: str
    payload: str
    last: int

    def look(self, record: Recorded) -> int:
        """How many times."""
        return record.gateway.published(self.topic, self.last).count(self.payload)

    def kept(self, found: int) -> bool:
        return found > 0
