"""What each command does. Answers are information lines, and either OK or a Refusal's code."""

from __future__ import annotations

import re
from collections.abc import Callable

from .lines import BAD_SYNTAX, UNKNOWN, Line, Param, Params, Refusal
from .login import IMEI
from .session import BAD_OPERATION, Session
from .settings import BAD_VALUE, NAMES, Connection, Identity, Mqtt, Settings, is_text

TOPIC_LIMIT = 256
PAYLOAD_LIMIT = 1024
REVISION = b"ML302-LL_V1.0.7"

_EXTENDED = re.compile(rb"\+([A-Za-z0-9]+)(=\?|\?|=.*)?", re.DOTALL)
_BASIC = re.compile(rb"&?[A-Za-z][0-9]*")

Lines = list[bytes]


def is_filter(topic: bytes) -> bool:
    """Whether a topic filter is right: `#` at the end and `+` alone between slashes."""
    levels = topic.split(b"/")
    for at, level in enumerate(levels):
        if b"#" in level and (level != b"#" or at != len(levels) - 1):
            return False
        if b"+" in level and level != b"+":
            return False
    return True


class Commands:
    """The command set of one boot."""

    def __init__(self, identity: Identity, settings: Settings, session: Session) -> None:
        self.identity = identity
        self.settings = settings
        self.session = session
        self.params = Params()
        self.echo = True
        self.cmee = 1
        self.table: dict[bytes, Callable[[bytes], Lines]] = {
            name.encode(): self.identity_command(key) for key, name in NAMES.items()
        }
        self.table |= {
            b"ALYCONNECTCFG": self.connection_command,
            b"ALYMQTTCFG": self.mqtt_command,
            b"ALYMQTTOPEN": self.open_command,
            b"ALYMQTTCLOSE": self.close_command,
            b"ALYMQTTSUB": self.sub_command,
            b"ALYMQTTUNSUB": self.unsub_command,
            b"ALYMQTTPUB": self.pub_command,
            b"CMEE": self.cmee_command,
        }
        self.fixed: dict[bytes, Lines] = {
            b"CGMI": [b"CMIOT"],
            b"CGMM": [b"ML302"],
            b"CGMR": [REVISION],
            b"CGSN": [IMEI],
            b"CPIN?": [b"+CPIN: READY"],
            b"CSQ": [b"+CSQ: 24,99"],
            b"CEREG?": [b"+CEREG: 0,1"],
            b"CGATT?": [b"+CGATT: 1"],
        }

    def execute(self, line: Line) -> Lines:
        """Carry out a line that begins with AT."""
        if line.cut:
            raise Refusal(BAD_SYNTAX)
        rest = line.raw[2:]
        if rest[:1] == b"+":
            return self.extended(rest)
        return self.basic(rest.replace(b" ", b""))

    def extended(self, rest: bytes) -> Lines:
        """A command with a plus."""
        match = _EXTENDED.fullmatch(rest)
        if not match:
            raise Refusal(UNKNOWN if b"?" not in rest else BAD_SYNTAX)
        name, operand = match.group(1).upper(), match.group(2) or b""
        handler = self.table.get(name)
        if handler:
            return handler(operand)
        if name + operand in self.fixed:
            return self.fixed[name + operand]
        raise Refusal(UNKNOWN)

    def basic(self, rest: bytes) -> Lines:
        """Commands of one letter, as many as the line has."""
        lines: Lines = []
        at = 0
        while at < len(rest):
            match = _BASIC.match(rest, at)
            if not match:
                raise Refusal(UNKNOWN)
            at = match.end()
            lines += self.letter(match.group().upper())
        return lines

    def letter(self, word: bytes) -> Lines:
        """One of them."""
        if word in (b"E", b"E0", b"E1"):
            self.echo = word == b"E1"
        elif word in (b"Z", b"Z0", b"&F", b"&F0"):
            self.echo, self.cmee = True, 1
        elif word in (b"I", b"I0"):
            return [b"CMIOT", b"ML302", REVISION]
        elif word not in (b"V1", b"Q", b"Q0"):
            raise Refusal(UNKNOWN)
        return []

    def cmee_command(self, operand: bytes) -> Lines:
        """AT+CMEE."""
        if operand == b"?":
            return [b"+CMEE: %d" % self.cmee]
        if operand == b"=?":
            return [b"+CMEE: (0-1)"]
        if operand not in (b"=0", b"=1"):
            raise Refusal(BAD_SYNTAX)
        self.cmee = int(operand[1:])
        return []

    # -- identity

    def identity_command(self, key: str) -> Callable[[bytes], Lines]:
        """The command of one identity value."""
        name = NAMES[key].encode()

        def command(operand: bytes) -> Lines:
            if operand == b"?":
                return [b"+" + self.identity_name(name) + b":" + self.shown(key)]
            if operand == b"=?":
                return [b"+%s:<%s>" % (name, name[3:].lower())]
            self.set_identity(key, self.behind(operand))
            return []

        return command

    def identity_name(self, name: bytes) -> bytes:
        """The name in the answer to a query."""
        return name

    def shown(self, key: str) -> bytes:
        """An identity value as a query shows it."""
        return self.identity.get(key)

    def set_identity(self, key: str, raw: bytes) -> None:
        """Set an identity value from the bytes behind the `=`."""
        value = self.identity_value(key, raw)
        if not self.identity.fits(key, value):
            raise Refusal(BAD_VALUE)
        self.identity.put(key, value)

    def identity_value(self, key: str, raw: bytes) -> bytes:
        """The value that the bytes behind the `=` stand for."""
        return self.params.string(self.params.take(raw, 1)[0])

    def behind(self, operand: bytes) -> bytes:
        """What stands behind the `=`; without one a parameter is missing."""
        if operand[:1] != b"=":
            raise Refusal(BAD_SYNTAX if not operand else BAD_OPERATION)
        return operand[1:]

    # -- settings

    def numbers(self, raw: bytes, count: int) -> list[int]:
        """So many numbers."""
        return [self.params.number(param) for param in self.params.take(raw, count)]

    def connection_command(self, operand: bytes) -> Lines:
        """AT+ALYCONNECTCFG."""
        if operand == b"?":
            return [self.show_connection(self.settings.connection)]
        if operand == b"=?":
            return [b"+ALYCONNECTCFG:(0-5),(1-65535),(0,1)"]
        self.set_connection(self.behind(operand))
        return []

    def show_connection(self, held: Connection) -> bytes:
        """The answer to its query."""
        return b"+ALYCONNECTCFG:%d,%d,%d" % (held.region, held.port, held.tls)

    def set_connection(self, raw: bytes) -> None:
        """Set all three, or refuse and leave all three."""
        new = Connection(*self.numbers(raw, 3))
        if not self.settings.connection_fits(new):
            raise Refusal(BAD_VALUE)
        self.settings.set_connection(new)

    def mqtt_command(self, operand: bytes) -> Lines:
        """AT+ALYMQTTCFG."""
        if operand == b"?":
            return [self.show_mqtt(self.settings.mqtt)]
        if operand == b"=?":
            return [b"+ALYMQTTCFG:(0,1),(0-2147483647),(0-2147483647)"]
        self.set_mqtt(self.behind(operand))
        return []

    def show_mqtt(self, held: Mqtt) -> bytes:
        """The answer to its query."""
        return b"+ALYMQTTCFG:%d,%d,%d" % (held.clean, held.timeout, held.keepalive)

    def set_mqtt(self, raw: bytes) -> None:
        """Set all three, or refuse and leave all three."""
        new = Mqtt(*self.numbers(raw, 3))
        if not self.settings.mqtt_fits(new):
            raise Refusal(BAD_VALUE)
        self.settings.set_mqtt(new)

    # -- session

    def bare(self, operand: bytes) -> None:
        """Refuse whatever stands behind the name of a command that takes nothing."""
        if operand:
            raise Refusal(BAD_OPERATION if operand in (b"?", b"=?") else BAD_VALUE)

    def open_command(self, operand: bytes) -> Lines:
        """AT+ALYMQTTOPEN."""
        self.bare(operand)
        self.session.open()
        return []

    def close_command(self, operand: bytes) -> Lines:
        """AT+ALYMQTTCLOSE."""
        self.bare(operand)
        self.session.close()
        return []

    def topic(self, param: Param) -> bytes:
        """A topic filter."""
        topic = self.params.string(param)
        if not 0 < len(topic) <= TOPIC_LIMIT or not is_text(topic) or not is_filter(topic):
            raise Refusal(BAD_VALUE)
        return topic

    def topic_name(self, param: Param) -> bytes:
        """A topic to publish to: no wildcards."""
        topic = self.topic(param)
        if b"+" in topic or b"#" in topic:
            raise Refusal(BAD_VALUE)
        return topic

    def qos(self, param: Param) -> int:
        """0 or 1, as the platform knows them."""
        qos = self.params.number(param)
        if qos > 1:
            raise Refusal(BAD_VALUE)
        return qos

    def sub_command(self, operand: bytes) -> Lines:
        """AT+ALYMQTTSUB."""
        if operand == b"=?":
            return [b"+ALYMQTTSUB:<topic>,<qos>"]
        topic, qos = self.params.take(self.behind(operand), 2)
        self.session.subscribe(self.topic(topic), self.qos(qos))
        return []

    def unsub_command(self, operand: bytes) -> Lines:
        """AT+ALYMQTTUNSUB."""
        if operand == b"=?":
            return [b"+ALYMQTTUNSUB:<topic>"]
        (topic,) = self.params.take(self.behind(operand), 1)
        self.session.unsubscribe(self.topic(topic))
        return []

    def pub_command(self, operand: bytes) -> Lines:
        """AT+ALYMQTTPUB."""
        if operand == b"=?":
            return [b"+ALYMQTTPUB:<topic>,<qos>,<payload>"]
        topic, qos, payload = self.params.take(self.behind(operand), 3)
        self.session.publish(self.topic_name(topic), self.qos(qos), self.payload(payload))
        return []

    def payload(self, param: Param) -> bytes:
        """What to publish."""
        payload = self.params.string(param)
        if len(payload) > PAYLOAD_LIMIT:
            raise Refusal(BAD_VALUE)
        return payload
