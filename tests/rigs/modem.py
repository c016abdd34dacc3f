"""A module with volatile state on a line in memory, that restarts, registers and answers late when a test says so."""

from __future__ import annotations

import re

from tests.rigs.at.fake_line import OK, UNKNOWN, Answer, FakeLine

ERROR = b"\r\nERROR\r\n"
DEFAULTS = {b"ALYCONNECTCFG": b"0,1883,0", b"ALYMQTTCFG": b"0,2000,60000"}
_SET = re.compile(rb"AT\+(ALYCONNECTCFG|ALYMQTTCFG)=(.*)")
_QUERY = re.compile(rb"AT\+(ALYCONNECTCFG|ALYMQTTCFG)\?")


class Modem:
    """What a `FakeLine` is given as its module. ``profile`` is what a restart brings back: echo and +CMEE."""

    def __init__(self, *, echo: bool = True, errors: int = 0, banner: bytes = b"") -> None:
        self.profile = (echo, errors)
        self.banner = banner
        self.registration: bytes | None = b"0,1"
        """What +CEREG? says; None where the query is unknown."""
        self.line = FakeLine(self)
        self.settings = dict(DEFAULTS)
        self.errors = errors
        self.restarts_on: bytes | None = None
        self.answers_first = True
        """Whether the command on which it restarts is answered."""
        self.takes_port_along = False
        self.load_profile()

    def load_profile(self) -> None:
        """As at power-up, or whenever the stored profile is loaded."""
        self.line.echo, self.errors = self.profile

    def restart(self) -> None:
        """By itself."""
        self.settings = dict(DEFAULTS)
        self.load_profile()
        if self.takes_port_along:
            self.line.unplug()
        if self.banner:
            self.line.say(b"\r\n" + self.banner + b"\r\n")

    def __call__(self, command: bytes) -> Answer:
        if command == self.restarts_on:
            self.restarts_on = None
            answer = self.answer(command) if self.answers_first else None
            if isinstance(answer, bytes):
                self.line.say(answer)
            self.restart()
            return None
        return self.answer(command)

    def answer(self, command: bytes) -> Answer:
        if command in (b"ATE0", b"ATE1"):
            self.line.echo = command == b"ATE1"
            return OK
        if command in (b"AT", b"ATV1", b"ATQ0"):
            return OK
        if command.startswith(b"AT+CMEE="):
            self.errors = int(command[-1:])
            return OK
        if command == b"AT+CMEE?":
            return b"\r\n+CMEE: %d\r\n" % self.errors + OK
        if command == b"AT+CEREG?" and self.registration is not None:
            return b"\r\n+CEREG: " + self.registration + b"\r\n" + OK
        if stored := _SET.fullmatch(command):
            self.settings[stored[1]] = stored[2]
            return OK
        if asked := _QUERY.fullmatch(command):
            return b"\r\n+" + asked[1] + b":" + self.settings[asked[1]] + b"\r\n" + OK
        return UNKNOWN if self.errors else ERROR
