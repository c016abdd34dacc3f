"""The firmware: what makes the parts a module. Parts are attributes, so that a habit or a fault can replace them."""

from __future__ import annotations

import re
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from rigs.simulator import parser
from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import COMMANDS, Handler, one_by_one
from rigs.simulator.console import Console
from rigs.simulator.dialect import Dialect
from rigs.simulator.link import Dial, MqttLink, mqtt_string
from rigs.simulator.login import LoginForm, platform_host
from rigs.simulator.loop import Loop
from rigs.simulator.nvram import NonVolatileMemory
from rigs.simulator.options import Address, ModuleOptions
from rigs.simulator.parser import Command, Form, Parameter
from rigs.simulator.radio import Radio

SWITCHED_OFF = 0
CRASHED = 70
RESTART = 64
"""Exit status of a module process that wants to be started again."""

SEVERAL = re.compile(r"AT((?:[EQV]\d?){2,})")
"""Basic commands that stand together in one line, as in ATE0Q0V1."""
SHORTEST_PATIENCE = 0.2
LONGEST_PATIENCE = 60.0


@dataclass
class Settings:
    """Connection and MQTT settings, as after power-up (manual 2.4.5, chapter 3). Times in milliseconds."""

    region: int = 0
    port: int = 1883
    tls_flag: int = 0
    clean_session: int = 0
    timeout: int = 2000
    keepalive: int = 60000


class Firmware:
    """One power cycle of the module."""

    def __init__(self, line: socket.socket, options: ModuleOptions) -> None:
        self.options = options
        self.limits = {
            "DEVICENAME": 32,
            "DEVICESECRET": 64,
            "PRODUCTKEY": 20,
            "PRODUCTSECRET": 64,
            "TOPIC": 128,
            "LINE": 1024,
        }
        self.ranges = {
            "region": range(6),
            "port": range(1, 65536),
            "tls_flag": range(2),
            "clean_session": range(2),
            "timeout": range(2**32),
            "keepalive": range(2**32),
            "qos": range(3),
            "cmee": range(3),
        }
        self.identity_checks = [
            ("PRODUCTKEY", Code.NO_PRODUCT_KEY),
            ("DEVICENAME", Code.NO_DEVICE_NAME),
            ("DEVICESECRET", Code.NO_DEVICE_SECRET),
        ]
        self.error_verbosity = 1
        self.settings = Settings()
        self.dialect = Dialect()
        self.login_form = LoginForm()
        self.commands: dict[tuple[str, Form], Handler] = dict(COMMANDS)
        self.parse_line: Callable[[bytes], Command] = parser.parse_line
        self.split_parameters: Callable[[bytes], list[Parameter]] = parser.split_parameters
        self.integer: Callable[[Parameter], int] = parser.integer
        self.loop = Loop()
        self.console = Console(line, self.loop, self.limits["LINE"])
        self.memory = NonVolatileMemory(options.state, durable=options.durable)
        self.link = MqttLink(self.loop, self.wait, self._deliver)
        self.radio = Radio()
        self.radio.on_lost = self.link.cut_off
        self.radio.on_found = self.link.meet_the_forgotten
        if options.registers_after:
            self.search_network(options.registers_after)
        self._trust: ssl.SSLContext | None = None
        self._afterwards: Callable[[], object] | None = None

    def run(self) -> None:
        """Boot, then serve the line until the power goes, the adapter goes, or a command ends it."""
        self.boot()
        while True:
            self.loop.step()
            while (line := self.console.next_line()) is not None:
                self.execute(line)

    def boot(self) -> None:
        """Deaf and silent until the firmware is up."""
        if self.options.boot:
            self.loop.rest(self.options.boot)
            self.console.discard_input()

    def execute(self, line: bytes) -> None:
        """Answer one command line: information lines and exactly one final result. Nothing for an empty line."""
        if line:
            self.console.busy = True
            self.think()
            self.console.respond(self.answer(line))
        else:
            self.console.release()
        afterwards, self._afterwards = self._afterwards, None
        if afterwards:
            afterwards()

    def think(self) -> None:
        """The time that a real module takes before it answers."""
        if self.options.latency:
            self.wait(lambda: False, self.options.latency)

    def answer(self, line: bytes) -> list[bytes]:
        """The response to one command line, line by line."""
        name = ""
        try:
            command = self.parse_line(line)
            name = command.name
            if len(line) > self.limits["LINE"]:
                raise self.misuse(name)
            return [*self.handler(command)(self, command), *self.dialect.ok]
        except Refused as refused:
            return self.dialect.refusal(name, refused.code, self.error_verbosity)

    def handler(self, command: Command) -> Handler:
        """What carries a command out. Raises :class:`Refused` for a command or a form that does not exist."""
        handler = self.commands.get((command.name, command.form))
        if handler is None and (several := SEVERAL.fullmatch(command.name)):
            handler = one_by_one([f"AT{basic}" for basic in re.findall(r"[EQV]\d?", several[1])])
        if handler is None:
            exists = any((command.name, form) in self.commands for form in Form)
            raise self.misuse(command.name) if exists else Refused(Code.UNKNOWN)
        return handler

    def misuse(self, name: str) -> Refused:
        """A command that exists, used as it cannot be: its own family's code."""
        return Refused(Code.PARAMETER if name.startswith("ALY") else Code.MALFORMED)

    def parameters(self, command: Command, count: int) -> list[Parameter]:
        """The parameters of a set command. Raises :class:`Refused` unless there are exactly ``count``."""
        parameters = self.split_parameters(command.arguments)
        if len(parameters) != count:
            raise Refused(Code.MALFORMED)
        return parameters

    def text(self, parameter: Parameter, limit: str) -> bytes:
        """A string parameter within the limit of that name. Raises :class:`Refused`."""
        if not parameter.value and not parameter.quoted:
            raise Refused(Code.MALFORMED)
        if len(parameter.value) > self.limits[limit]:
            raise Refused(Code.PARAMETER)
        return parameter.value

    def topic(self, parameter: Parameter) -> bytes:
        """A topic parameter: text that is not empty. Raises :class:`Refused`."""
        topic = self.text(parameter, "TOPIC")
        if not topic:
            raise Refused(Code.PARAMETER)
        return topic

    def number(self, parameter: Parameter, allowed: str) -> int:
        """An integer parameter within the range of that name. Raises :class:`Refused`."""
        value = self.integer(parameter)
        if value not in self.ranges[allowed]:
            raise Refused(Code.PARAMETER)
        return value

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Live on until ``condition()`` holds (True) or ``seconds`` have passed (False)."""
        self.console.flush()
        return self.loop.wait_until(condition, seconds)

    def search_network(self, seconds: float) -> None:
        """Be without the carrier's network for so long."""
        self.radio.registered = False
        self.loop.call_later(seconds, self.radio.find)

    def patience(self) -> float:
        """Seconds to wait for the cloud at each step, from the configured timeout."""
        return min(max(self.settings.timeout / 1000, SHORTEST_PATIENCE), LONGEST_PATIENCE)

    def check_identity(self) -> None:
        """Raises :class:`Refused` with the code of the first identity value that a login lacks."""
        for name, code in self.identity_checks:
            if not self.memory.read(name):
                raise Refused(code)

    def dial(self) -> Dial:
        """Everything the next connection needs, from identity and settings. Raises :class:`Refused`."""
        settings = self.settings
        try:
            product_key, device_name = (mqtt_string(self.memory.read(name)) for name in ("PRODUCTKEY", "DEVICENAME"))
        except ValueError:
            raise Refused(Code.PARAMETER) from None
        tls = bool(settings.tls_flag)
        keepalive = self.keepalive_seconds()
        return Dial(
            host=platform_host(product_key, settings.region),
            route=self.route(settings.port, tls=tls),
            tls=self.trust() if tls else None,
            login=self.login_form.fill_in(product_key, device_name, self.memory.read("DEVICESECRET"), tls=tls),
            clean_session=bool(settings.clean_session),
            keepalive=keepalive,
            ping=keepalive * 9 // 10 or 1,
            timeout=self.patience(),
        )

    def keepalive_seconds(self) -> int:
        """What CONNECT announces for the configured milliseconds: rounded up, within what the packet can carry."""
        return min(max(-(-self.settings.keepalive // 1000), 1), 0xFFFF)

    def route(self, port: int, *, tls: bool) -> Address:
        """Where the carrier's network leads: the platform's own ports as the options say, any other to the same host.

        Raises :class:`Refused` where it leads nowhere, and while there is no network.
        """
        if not self.radio.registered:
            raise Refused(Code.NETWORK)
        cloud, cloud_tls = self.options.cloud, self.options.cloud_tls
        if port in (1883, 443):
            address = cloud_tls if port == 443 else cloud
        else:
            nearest = (cloud_tls or cloud) if tls else (cloud or cloud_tls)
            address = nearest and Address(nearest.host, port)
        if address is None:
            raise Refused(Code.NETWORK)
        return self.options.detours.get(address, address)

    def trust(self) -> ssl.SSLContext:
        """The certificates that this module believes: those of its CA file, or else the machine's."""
        if self._trust is None:
            self._trust = ssl.create_default_context(cafile=self.options.ca)
        return self._trust

    def _deliver(self, topic: bytes, payload: bytes) -> None:
        """Called from within paho, which must be left before anything here may wait."""
        self.loop.call_later(0, lambda: self.downlink(topic, payload))

    def downlink(self, topic: bytes, payload: bytes) -> None:
        """A message has come from the cloud."""
        self.console.urc(b"+MQTTRECV:" + topic + b"," + payload)

    def afterwards(self, action: Callable[[], object]) -> None:
        """Do ``action`` once the response of this command is out."""
        self._afterwards = action

    def restart(self) -> NoReturn:
        """A soft reset on command."""
        self.console.urc(b"REBOOTING")
        self.reset()

    def reset(self) -> NoReturn:
        """Start again, without a word."""
        sys.exit(RESTART)

    def crash(self) -> NoReturn:
        """Die of a bug: mute until the next power cycle."""
        sys.exit(CRASHED)

    def switch_off(self) -> NoReturn:
        """Power down on command."""
        sys.exit(SWITCHED_OFF)
