r"""Dialogues that show a fault: a small language, and its player.

Each line is a command to send and to await, or one of

    !id                        set the three values of the manual's example
    !open                      the same, and OPEN
    !off, !on                  the power switch
    !down QOS TOPIC PAYLOAD    a message of the cloud's; its line is awaited for a moment
    !retain QOS TOPIC PAYLOAD  the same, retained (and sent to nobody yet when nobody has subscribed)
    !cloud HEX                 bytes from the cloud
    !serial HEX                bytes to the module, without waiting
    !lines N                   so many lines, or what comes in a moment
    !drop                      the cloud ends the connection
    !refuse N, !refuse-topic T the cloud refuses the login, or a topic
    !mute N                    the cloud does not answer this packet type (0: it answers again)
    !late N HEX                before the cloud answers the next packets of this type it sends these bytes
    !pings N                   whether so many PINGREQs come within a second
    !break-tls                 the cloud's TLS port speaks no TLS
    !again N LINE              a command, so many times

`{x*9}` in a line stands for nine times x, `\xNN` for a byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
import time

from . import packets as p
from .broker import Broker, Connect, Peer
from .host import Host

IDENTITY = ("PRODUCTKEY", "a1pnQWj9dvs"), ("DEVICESECRET", "C5LTDEyQj6wMXh8KaNICzvCSgi69Ysj8"), ("DEVICENAME", "test")
MOMENT = 0.15
SILENCE = 0.6
PATIENCE = {b"OPEN": 3.0, b"CLOSE": 1.5, b"SUB": 1.5, b"PUB": 1.5}

Story = list[object]


def expand(text: str) -> bytes:
    """A line's bytes."""
    text = re.sub(r"\{([^{}]+?)\*(\d+)\}", lambda match: match.group(1) * int(match.group(2)), text)
    parts = re.split(r"\\x([0-9a-f]{2})", text)
    return b"".join(bytes.fromhex(part) if at % 2 else part.encode() for at, part in enumerate(parts))


def login(connect: Connect, secrets: list[bytes]) -> list[object]:
    """What is lasting in a CONNECT."""
    own, *rest = connect.client_id.split(b"|")
    fields = dict(field.split(b"=", 1) for field in b"".join(rest).split(b","))
    device, _, product = connect.username.partition(b"&")
    content = b"clientId%sdeviceName%sproductKey%stimestamp%s" % (own, device, product, fields.get(b"timestamp", b""))
    signed = [hmac.new(secret, content, hashlib.sha256).hexdigest().upper().encode() for secret in secrets]
    good = connect.password.upper() in signed
    return [own, fields.get(b"securemode"), connect.username, connect.clean, connect.keepalive, good]


class Player:
    """Plays a dialogue and takes down what it saw."""

    def __init__(self, host: Host, plain: Broker, tls: Broker) -> None:
        self.host = host
        self.brokers = plain, tls
        self.story: Story = []
        self.secrets: list[bytes] = []

    def play(self, demo: str) -> Story:
        """All steps, then what the cloud saw."""
        for step in demo.split("\n"):
            self.step(step.strip(" "))
        self.host.ask(b"AT", SILENCE)
        self.story.append(self.host.bare)
        self.host.ask(b"AT+ALYMQTTCLOSE", 1.5)
        for broker in self.brokers:
            broker.until(lambda broker=broker: not broker.online, 1.0)  # type: ignore[misc]
        for broker in self.brokers:
            with broker.lock:
                self.story += [[number, packet] for number, packet in broker.log if packet.kind != p.CONNECT]
                self.story += [login(connect, self.secrets[-1:]) for connect in broker.connects]
                self.story.append([sorted(device.subscriptions.items()) for device in broker.devices.values()])
        return self.story

    def ask(self, line: bytes) -> None:
        """A command."""
        secret = re.fullmatch(rb'AT\+ALYDEVICESECRET="(.+)"', line)
        if secret:
            self.secrets.append(secret.group(1))
        self.story.append(
            self.host.ask(line, next((seconds for word, seconds in PATIENCE.items() if word in line), SILENCE))
        )

    def step(self, step: str) -> None:
        """One step."""
        if not step:
            return
        if not step.startswith("!"):
            self.ask(expand(step))
            return
        word, _, rest = step[1:].partition(" ")
        host = self.host
        if word in ("id", "open"):
            for name, value in IDENTITY:
                self.ask(f'AT+ALY{name}="{value}"'.encode())
            if word == "open":
                self.ask(b"AT+ALYMQTTOPEN")
        elif word in ("off", "on"):
            host.power(word)
            if word == "on":
                self.story.append(host.wake())
        elif word in ("down", "retain"):
            qos, topic, payload = rest.split(" ", 2)
            for broker in self.brokers:
                broker.publish(expand(topic), expand(payload), int(qos), word == "retain")
            if word == "down":
                self.story.append(host.lines(count=1, seconds=MOMENT))
        elif word == "cloud":
            for broker in self.brokers:
                broker.raw(bytes.fromhex(rest))
        elif word == "serial":
            host.write(bytes.fromhex(rest))
        elif word == "lines":
            self.story.append(host.lines(count=int(rest), seconds=MOMENT * 2))
        elif word == "again":
            times, line = rest.split(" ", 1)
            for _ in range(int(times)):
                self.ask(expand(line))
        else:
            self.unkind(word, rest)

    def unkind(self, word: str, rest: str) -> None:
        """What the cloud does wrong."""
        for broker in self.brokers:
            if word == "drop":
                broker.drop()
            elif word == "refuse":
                broker.refuse_login = int(rest)
            elif word == "refuse-topic":
                broker.refuse_topics.add(expand(rest))
            elif word == "mute":
                broker.mute = {int(rest)} - {0}
            elif word == "pings":
                self.story.append(broker.until(lambda broker=broker: len(broker.seen(p.PINGREQ)) >= int(rest), 1.0))  # type: ignore[misc]
                return
            elif word == "break-tls":
                broker.context = None
            elif word == "late":
                kind, data = rest.split(" ")
                raw = bytes.fromhex(data)

                def send(peer: Peer, packet: p.Packet, raw: bytes = raw) -> None:
                    peer.send(raw)

                broker.late = {int(kind): send} if raw else {}
            else:
                raise ValueError(word)


def played(host: Host, plain: Broker, tls: Broker, demo: str) -> tuple[Story, float]:
    """The story of a demo, and how long it took."""
    began = time.monotonic()
    with contextlib.closing(plain), contextlib.closing(tls):
        story = Player(host, plain, tls).play(demo)
    return story, time.monotonic() - began
