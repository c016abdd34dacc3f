"""One rig at work: the dialogue with the module, its power, its network, and the way back when it falls silent."""

from __future__ import annotations

import time
from collections.abc import Callable

from rigs.at.dialogue import Dialogue
from rigs.at.exchange import Exchange, NoResponse
from rigs.at.lines import Line
from rigs.at.results import command_name, information
from rigs.errors import BenchError, Flooded, PortAbsent, PortLost
from rigs.identity import Owner
from rigs.line_settings import LineSettings
from rigs.network import Network
from rigs.power.driver import PowerDriver
from rigs.restart import Restart, Sign, is_restart, may_be_banner
from rigs.sentence import Sentence, say
from rigs.transcript import Transcript

_IDENTITY_COMMANDS = ("ATI", "AT+CGMM", "AT+CGMR", "AT+CGSN")
_LONGEST_IDENTITY, _MOST_IDENTITY = 128, 8
"""Bytes of a line, and lines, that are kept of what a module says of itself."""
_VENDOR = say("module vendor: see the transcript")
_MORE_THAN_CHANCE = 0.05
"""Share of all times that a command was sent at which a restart has to strike it to be the command's doing."""


class Rig:
    """The module on its line with its power control.

    After every power-up the line is set up as hosts of this module do; a firmware that refuses any of it is served all
    the same. A restart that nobody ordered is recognised here, and the line is set up again.
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
        self.network = Network(dialogue)
        self.line = LineSettings(dialogue, self._incident)
        self.lost: BenchError | None = None
        """Why nothing more can be tested on this rig; None while it works."""
        self.boots = 0
        """Power-ups that the bench has caused or seen the end of."""
        self.restarts: list[Restart] = []
        """Restarts that nobody ordered, in order."""
        self.owner = Owner()
        """Who the module is, by its own word."""
        self.settings_kept: Callable[[], bool | None] = lambda: None
        """Asks whether a setting that every restart resets still has the value that was given to it; None where none
        has been given one."""
        self._transcript = transcript
        self._off_seconds = off_seconds
        self._boot_lines: set[bytes] = set()
        self._banners: set[bytes] = set()
        self._looking = False

    def check_lost(self) -> None:
        """Raise what says why nothing more can be tested on this rig, if so it is."""
        if self.lost is not None:
            # The places at which it was raised before are no part of it.
            raise self.lost.with_traceback(None) from None

    def bring_up(self, first_answer: float | None = None) -> None:
        """Open the port and get the first answer; raises `BenchError`.

        ``first_answer`` is the longest wait for it, default as after a power-up; after that the power is cycled.

        A port that is not there may be the module's own, and come with its power or a moment later. What floods the
        line and has never answered need not be a module at all.
        """
        try:
            self._bring_up(first_answer)
        except Flooded as flood:
            self.lost = BenchError(
                say(
                    "what is on this port sends without end and has never answered AT: {message}", message=flood.message
                ),
                act=say("lab: check that this is the module's AT port, and its baud rate, then the module itself"),
            )
            raise self.lost from flood

    def _bring_up(self, first_answer: float | None) -> None:
        try:
            self.dialogue.open()
        except PortAbsent as absent:
            self._bring_port_up(absent)
            return
        if not self.dialogue.wake(self.dialogue.deadlines.boot if first_answer is None else first_answer):
            if self.power is None:
                raise self._mute(say("and the rig has no power control to restart it"))
            self._incident(
                say(
                    "the module does not answer AT ({what_came}): its power is cycled",
                    what_came=self.dialogue.what_came(),
                )
            )
            self.power_cycle()
        else:
            self._came_up()

    def _bring_port_up(self, absent: PortAbsent) -> None:
        self.dialogue.expect_port(absent)
        if self.power is not None:
            try:
                self.power_cycle()
            except BenchError as error:
                self.lost = None
                # Whoever reads it looks for the port that was named in the rig file.
                raise absent if self.dialogue.port_lost else error from None
            self._incident(
                say("{message}: it was there once the module's power had been cycled", message=absent.message)
            )
        elif self.regains_port():
            self.dialogue.power_is_back()
            self._came_up()
        else:
            raise absent

    def give_up(self, flood: Flooded) -> None:
        """Nothing more is asked of a module that floods its line, and nobody looks at what still comes."""
        self.lost = flood
        self.dialogue.close()

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
                say(
                    "power.off did nothing: the module still answers after {off_seconds:g} s without power",
                    off_seconds=self._off_seconds,
                ),
                act=say("lab: check that the rig file's power.off switches this module's supply"),
            )

    def restore_power(self) -> None:
        """Switch the supply on and wait for the module's first answer; raises `BenchError`."""
        power = self._require_power()
        started, mark = time.monotonic(), len(self.dialogue.unsolicited)
        self._transcript.note("power", action="on", driver=power.name)
        power.on()
        if not self.dialogue.wake(self.dialogue.deadlines.boot, answers_pending=True):
            raise self._mute(say("within {boot:g} s after power-up", boot=self.dialogue.deadlines.boot))
        seconds = round(time.monotonic() - started, 3)
        self.dialogue.power_is_back()
        self._transcript.note("power", action="booted", driver=power.name, seconds=seconds)
        self._boot_lines |= {line.text for line in self.dialogue.unsolicited[mark:] if may_be_banner(line)}
        self._came_up()

    def power_cycle(self) -> None:
        """Cut the power, restore it, and wait for the module; raises `BenchError`."""
        try:
            self.cut_power()
            self.restore_power()
        except BenchError as error:
            self.lost = error
            raise

    def recover(self, silent: Exchange | None = None) -> Sentence:
        """Get a module that fell silent to answer again; returns a sentence that says what it took.

        ``silent`` is the exchange that met with silence, the last one by default. An answer that turns up late on a
        line that is quick otherwise is the module's doing. Raises `BenchError` when the module cannot be recovered, and
        when the line itself is slow: then the silence proves nothing about the module.
        """
        exchange = self.dialogue.exchanges[-1] if silent is None else silent
        try:
            late = self.dialogue.catch_up(exchange)
        except BenchError as error:
            if self.dialogue.port_lost or self.power is None or self.dialogue.floods_again:
                if isinstance(error, Flooded):
                    self.give_up(error)
                self.lost = error
                raise
            if isinstance(error, Flooded):
                self._incident(say("the module floods the line: its power is cycled"))
            else:
                self._incident(say("the module fell silent and did not answer AT: its power is cycled"))
            self.power_cycle()
            return say("the module answered again only after a power cycle")
        if not exchange.silent:
            return say("the answer came later")
        if restart := self.look_for_restart({Sign.SILENCE}, exchange):
            return restart.told
        if late:
            return self._late(exchange, late)
        self.line.set_up()
        self._incident(say("one command met with silence; the module answers AT"))
        return say("the module answered AT afterwards")

    def after_port_loss(self, loss: PortLost) -> Exchange:
        """The port went away during the last exchange: wait for it, and find out whose doing it was.

        Returns the exchange, unanswered, where the module restarted and its port went with it, be it a moment later.
        Raises ``loss`` where the port does not come back, or the module was up all the while.
        """
        exchange = self.dialogue.exchanges[-1]
        exchange.conclude(exchange.lines, NoResponse(exchange.seconds, port_lost=True))
        if not self.regains_port():
            self.lost = loss
            raise loss
        latest = self.restarts[-1] if self.restarts else None
        belongs = latest is not None and exchange.started - latest.noticed < self.dialogue.deadlines.port
        if self.look_for_restart({Sign.PORT}, exchange) is None and not belongs:
            raise loss
        return exchange

    def regains_port(self) -> bool:
        """Wait for a port that went away, and for the module behind it; False when either does not come back."""
        deadlines = self.dialogue.deadlines
        try:
            return self.dialogue.wake(max(deadlines.boot, deadlines.port), answers_pending=True)
        except BenchError:
            return False

    def brings_it_about(self, restart: Restart, line: bytes) -> bool:
        """Whether a restart that kept a command from its answer comes of that command, and not by chance.

        It does when the same line does it again at once, or when it has struck this command far more often than chance
        does. Raises `BenchError` when the module cannot be brought back.
        """
        name = command_name(line)
        exchanges = self.dialogue.exchanges
        struck = [r for r in self.restarts if r.in_flight and exchanges[r.exchange].name == name]
        sent = sum(exchange.name == name for exchange in exchanges)
        if len(struck) > 1 and len(struck) >= _MORE_THAN_CHANCE * sent:
            return True
        try:
            again = self.dialogue.send(line)
        except PortLost as loss:
            again = self.after_port_loss(loss)
        again.repeated = True
        if again.silent and self.restart_behind(again) is None:
            self.recover(again)
        return self.restart_behind(again) is not None

    def restart_behind(self, silent: Exchange) -> Restart | None:
        """The restart to which a command owes its silence; None where there was none."""
        return next((restart for restart in self.restarts if restart.exchange == silent.number), None)

    def signs_of_restart(self, exchange: Exchange, unsolicited: int, reopened: int) -> set[Sign]:
        """What in an exchange may come of a restart; costs nothing.

        ``unsolicited`` and ``reopened`` are the dialogue's numbers of unsolicited lines and of reopenings before it.
        """
        signs = set()
        if self.line.echoes_again(exchange):
            signs.add(Sign.ECHO)
        self._banners = self._boot_lines & {line.text for line in self.dialogue.unsolicited[unsolicited:]}
        if self._banners:
            signs.add(Sign.BANNER)
        if self.dialogue.reopened > reopened:
            signs.add(Sign.PORT)
        return signs

    def look_for_restart(self, signs: set[Sign], exchange: Exchange) -> Restart | None:
        """Find out by the module's volatile state whether it has restarted since the line was set up last.

        Then, and where echo or +CMEE came back in another way (a stored profile loaded late), the line is set up
        again. Each restart is found once. None when there was none, and while this is under way.
        """
        if self._looking:
            return None
        self._looking = True
        try:
            return self._look_for_restart(signs, exchange)
        finally:
            self._looking = False

    def _look_for_restart(self, signs: set[Sign], exchange: Exchange) -> Restart | None:
        found = set(signs)
        mark = len(self.dialogue.exchanges)
        kept = self.settings_kept()
        if kept is False:
            found.add(Sign.SETTINGS)
        found |= self.line.changed(mark)
        if is_restart(found, settings_kept=kept is True, just_booted=self.line.just_booted):
            return self._restarted(found, exchange)
        # What is said at other times than at power-up, too, tells nothing.
        self._boot_lines -= self._banners
        if found & {Sign.ECHO, Sign.ERRORS}:
            # An error in between was written as the profile has it, and not as the bench has asked for.
            exchange.excused = exchange.excused or exchange.error is not None
            self.line.set_up()
        return None

    def _restarted(self, signs: set[Sign], exchange: Exchange) -> Restart:
        restart = Restart(
            time.monotonic(),
            tuple(sign for sign in Sign if sign in signs),
            self._transcript.redactor.mask_line(exchange.command).decode("latin-1"),
            exchange.number,
            exchange.silent,
            exchange.evidence,
        )
        self.restarts.append(restart)
        self._transcript.incident(restart.told, act=_VENDOR, recovered=True, about="module", begin=restart.noticed)
        self._came_up()
        return restart

    def _late(self, exchange: Exchange, late: list[Line]) -> Sentence:
        """What it means that an answer came after the deadline; raises `BenchError` when the line is to blame."""
        shown = [repr(line.text) for line in late]
        seconds = late[-1].at - exchange.started
        trips = [self.dialogue.round_trip() for _ in range(3)]
        quickest = min((trip for trip in trips if trip is not None), default=None)
        if quickest is None or quickest > self.dialogue.deadlines.quick:
            measured = say("no answer") if quickest is None else f"{quickest:.1f} s"
            raise BenchError(
                say(
                    "an answer came after its deadline ({shown} after {seconds:.1f} s), and AT takes "
                    "{measured} as well",
                    shown=shown,
                    seconds=seconds,
                    measured=measured,
                ),
                act=say(
                    "lab: look for a slow line or adapter; if the module itself is that slow, its vendor has to act"
                ),
            )
        self._incident(
            say(
                "an answer came after its deadline, {shown} after {seconds:.1f} s; the line is not slow",
                shown=shown,
                seconds=seconds,
            )
        )
        return say(
            "{shown} came after {seconds:.1f} s; AT takes {ms:.1f} ms on this line",
            shown=shown,
            seconds=seconds,
            ms=quickest * 1000,
        )

    def identify(self) -> dict[str, list[str]]:
        """What the module says of itself: command -> its lines, for each optional identity command that is answered."""
        answers: dict[str, list[str]] = {}
        for command in _IDENTITY_COMMANDS:
            exchange = self.dialogue.send(command)
            # A bare line or one in the command's name; any other that begins with a plus sign is a URC.
            lines = [
                line.text[:_LONGEST_IDENTITY].decode("utf-8", "replace")
                for line in exchange.body[:_MOST_IDENTITY]
                if not line.text.startswith(b"+") or information(line.text, exchange.name)
            ]
            if exchange.ok and lines:
                answers[command] = lines
        self.owner = Owner.of(answers)
        return answers

    def _came_up(self) -> None:
        self.boots += 1
        self.network.booted()
        self.line.booted()

    def _require_power(self) -> PowerDriver:
        if self.power is None:
            raise BenchError(say("the rig has no power control"), act=say("lab: set power.driver in the rig file"))
        return self.power

    def _mute(self, when: Sentence) -> BenchError:
        return BenchError(
            say("the module does not answer AT {when}: {what_came}", when=when, what_came=self.dialogue.what_came()),
            act=say("lab: check cable, power, serial.url and serial.baudrate, then the module itself"),
        )

    def _incident(self, text: Sentence) -> None:
        self._transcript.incident(text, act=_VENDOR, recovered=True, about="module")
