"""One rig at work: the dialogue with the module, its power, and the way back when the module falls silent."""

from __future__ import annotations

import time

from rigs.at.dialogue import Dialogue
from rigs.at.exchange import Exchange
from rigs.at.results import information
from rigs.errors import BenchError
from rigs.power.driver import PowerDriver
from rigs.transcript import Transcript

_IDENTITY_COMMANDS = ("ATI", "AT+CGMM", "AT+CGMR", "AT+CGSN")


class Rig:
    """The module on its line with its power control.

    After every power-up the echo is switched off and numeric extended errors are switched on, as hosts of this module
    do; a firmware that refuses either is served all the same.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        power: PowerDriver | None,
        transcript: Transcript,
        *,
        off_seconds: float,
    ) -> None:
        self.dialogue = dialogue
        self.power = power
        self.lost: BenchError | None = None
        """Why nothing more can be tested on this rig; None while it works."""
        self.boots = 0
        """Power-ups that the bench has caused or seen the end of."""
        self._transcript = transcript
        self._off_seconds = off_seconds

    def bring_up(self) -> None:
        """Open the port and get the first answer; raises `BenchError`."""
        self.dialogue.open()
        if not self.dialogue.wake(self.dialogue.deadlines.boot):
            if self.power is None:
                raise self._mute("and the rig has no power control to restart it")
            self._incident("the module does not answer AT: its power is cycled")
            self.power_cycle()
        else:
            self._set_up_line()
            self.boots += 1

    def close(self) -> None:
        """Leave the module as it is and release the port."""
        self.dialogue.close()

    def cut_power(self) -> None:
        """Switch the supply off and keep it off for the rig's ``power.off_seconds``.

        Raises `BenchError` when the driver fails or the module goes on answering.
        """
        power = self._require_power()
        self._transcript.note("power", action="off", driver=power.name)
        power.off()
        self.dialogue.expect_power_loss()
        if self._off_seconds and self.dialogue.answers_within(self._off_seconds):
            raise BenchError(
                f"power.off did nothing: the module still answers after {self._off_seconds:g} s without power",
                act="lab: check that the rig file's power.off switches this module's supply",
            )

    def restore_power(self) -> None:
        """Switch the supply on and wait for the module's first answer; raises `BenchError`."""
        power = self._require_power()
        started = time.monotonic()
        self._transcript.note("power", action="on", driver=power.name)
        power.on()
        if not self.dialogue.wake(self.dialogue.deadlines.boot, answers_pending=True):
            raise self._mute(f"within {self.dialogue.deadlines.boot:g} s after power-up")
        seconds = round(time.monotonic() - started, 3)
        self._transcript.note("power", action="booted", driver=power.name, seconds=seconds)
        self._set_up_line()
        self.boots += 1

    def power_cycle(self) -> None:
        """Cut the power, restore it, and wait for the module; raises `BenchError`."""
        try:
            self.cut_power()
            self.restore_power()
        except BenchError as error:
            self.lost = error
            raise

    def recover(self) -> str:
        """Get a module that fell silent to answer again; returns a sentence that says what it took.

        Raises `BenchError` when it cannot be recovered, and when the missing answer turns up late: then the line or the
        adapter is slow, and the silence proves nothing about the module.
        """
        try:
            late = [line.text for line in self.dialogue.resynchronise()]
            # A module that restarted by itself is back at its factory settings.
            self._set_up_line()
        except BenchError as error:
            if self.dialogue.port_lost or self.power is None:
                self.lost = error
                raise
            self._incident("the module fell silent and did not answer AT: its power is cycled")
            self.power_cycle()
            return "the module answered again only after a power cycle"
        if late:
            raise BenchError(
                f"the answer came after the deadline: {', '.join(repr(text) for text in late)}",
                act="lab: look for a slow line or adapter; if the module itself is that slow, its vendor has to act",
            )
        self._incident("one command met with silence; the module answers AT")
        return "the module answered AT afterwards"

    def identify(self) -> dict[str, list[str]]:
        """What the module says of itself: command -> its lines, for each optional identity command that is answered."""
        answers: dict[str, list[str]] = {}
        for command in _IDENTITY_COMMANDS:
            exchange = self.dialogue.send(command)
            # A bare line or one in the command's name; any other that begins with a plus sign is a URC.
            lines = [
                line.text.decode("utf-8", "replace")
                for line in exchange.body
                if not line.text.startswith(b"+") or information(line.text, exchange.name)
            ]
            if exchange.ok and lines:
                answers[command] = lines
        return answers

    def _set_up_line(self) -> None:
        self._settle(self.dialogue.send("ATE0"))
        self._settle(self.dialogue.send("AT+CMEE=1"))

    def _settle(self, exchange: Exchange) -> None:
        if exchange.silent:
            self._incident(f"no answer to {exchange.command.decode()}, which every host begins with")

    def _require_power(self) -> PowerDriver:
        if self.power is None:
            raise BenchError("the rig has no power control", act="lab: set power.driver in the rig file")
        return self.power

    def _mute(self, when: str) -> BenchError:
        return BenchError(
            f"the module does not answer AT {when}",
            act="lab: check cable, power, serial.url and serial.baudrate, then the module itself",
        )

    def _incident(self, text: str) -> None:
        self._transcript.note("incident", text=text, act="module vendor: see the transcript", recovered=True)
