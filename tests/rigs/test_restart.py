"""A restart that nobody ordered is told from everything that looks like one, whatever the module's port is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from rigs.at.dialogue import Dialogue
from rigs.deadlines import Deadlines
from rigs.errors import PortLost
from rigs.restart import Restart, Sign, is_restart
from rigs.rig import Rig
from rigs.transcript import Transcript
from tests.rigs.at.fake_line import DEADLINES, SHORT, Recorder
from tests.rigs.modem import Modem

BRISK = replace(DEADLINES, first_poll=0.02, poll=0.02, profile=0.0)
CONNECT, MQTT = "AT+ALYCONNECTCFG", "AT+ALYMQTTCFG"


@contextmanager
def rigged(modem: Modem, sink: Recorder | None = None, deadlines: Deadlines = BRISK) -> Iterator[Rig]:
    """A rig that is up, with both settings away from their defaults."""
    transcript = Transcript(sink or Recorder())
    rig = Rig(Dialogue(modem.line, transcript, deadlines), None, transcript, off_seconds=0.0)
    rig.bring_up()
    rig.dialogue.send(f"{CONNECT}=1,2383,0")
    rig.dialogue.send(f"{MQTT}=0,2500,60000")
    rig.settings_kept = lambda: _kept(rig)
    try:
        yield rig
    finally:
        rig.close()


def _kept(rig: Rig) -> bool | None:
    told = [rig.dialogue.send(f"{name}?").information[0].value for name in (CONNECT, MQTT)]
    return True if told[0] == b"1,2383,0" else False if told == [b"0,1883,0", b"0,2000,60000"] else None


def look(rig: Rig, command: str = "AT") -> Restart | None:
    """Send a command and look for a restart by the signs that it showed, as the bench does after each."""
    unsolicited, reopened = len(rig.dialogue.unsolicited), rig.dialogue.reopened
    exchange = rig.dialogue.send(command)
    signs = rig.signs_of_restart(exchange, unsolicited, reopened)
    return rig.look_for_restart(signs, exchange) if signs else None


def test_a_restart_shows_by_the_echo_and_is_found_once() -> None:
    with rigged(modem := Modem()) as rig:
        assert look(rig) is None
        modem.restart()
        restart = look(rig)
        assert restart is not None
        assert {Sign.ECHO, Sign.ERRORS, Sign.SETTINGS} <= set(restart.signs)
        assert look(rig) is None
        assert rig.restarts == [restart]
        assert rig.boots == 2


def test_after_a_restart_the_line_is_set_up_again() -> None:
    with rigged(modem := Modem()) as rig:
        modem.restart()
        look(rig)
        assert not modem.line.echo
        assert modem.errors == 1


def test_a_restart_is_an_incident_of_the_modules() -> None:
    with rigged(modem := Modem(), sink := Recorder()) as rig:
        modem.restart()
        look(rig, "AT+ALYDEVICENAME?")
    (incident,) = sink.of("incident")
    assert incident["recovered"]
    assert incident["about"] == "module"
    assert "restarted by itself" in incident["text"]
    assert "AT+ALYDEVICENAME?" in incident["text"]


def test_a_restart_with_a_quiet_profile_shows_by_its_banner() -> None:
    modem = Modem(echo=False, errors=1, banner=b"+MATREADY")
    with rigged(modem) as rig:
        rig._boot_lines.add(b"+MATREADY")
        modem.restart()
        restart = look(rig)
        assert restart is not None
        assert Sign.BANNER in restart.signs


def test_a_command_met_with_silence_and_a_restart_are_one() -> None:
    modem = Modem()
    with rigged(modem) as rig:
        modem.restarts_on, modem.answers_first = b"AT+ALYDEVICENAME?", False
        silent = rig.dialogue.send("AT+ALYDEVICENAME?", deadline=SHORT)
        assert "restarted by itself" in rig.recover(silent)
        (restart,) = rig.restarts
        assert restart.in_flight
        assert Sign.SILENCE in restart.signs


@pytest.mark.parametrize("each_time", [True, False])
def test_a_command_that_brings_a_restart_about_does_so_again(each_time: bool) -> None:
    modem, command = Modem(), b"AT+ALYDEVICENAME?"
    with rigged(modem) as rig:
        modem.restarts_on, modem.answers_first = command, False
        silent = rig.dialogue.send(command, deadline=SHORT)
        rig.recover(silent)
        restart = rig.restart_behind(silent)
        assert restart is not None
        modem.restarts_on = command if each_time else None
        _impatient(rig)
        rig.dialogue.send(f"{CONNECT}=1,2383,0")
        rig.dialogue.send(f"{MQTT}=0,2500,60000")
        assert rig.brings_it_about(restart, command) is each_time
        assert rig.dialogue.exchanges[-1].number > silent.number


def test_a_command_that_is_struck_far_too_often_is_no_chance() -> None:
    modem, command = Modem(), b"AT+ALYDEVICENAME?"
    with rigged(modem) as rig:
        for _ in range(2):
            rig.dialogue.send(f"{CONNECT}=1,2383,0")
            rig.dialogue.send(f"{MQTT}=0,2500,60000")
            modem.restarts_on, modem.answers_first = command, False
            silent = rig.dialogue.send(command, deadline=SHORT)
            rig.recover(silent)
        assert rig.brings_it_about(rig.restarts[-1], command)


def _impatient(rig: Rig) -> None:
    rig.dialogue.deadlines = replace(rig.dialogue.deadlines, command=0.2, repeated_silence=0.2)


def test_a_port_that_goes_with_the_module_is_a_restart_and_no_cable() -> None:
    modem = Modem()
    modem.takes_port_along = True
    with rigged(modem) as rig:
        modem.restarts_on, modem.answers_first = b"AT+ALYDEVICENAME?", False
        with pytest.raises(PortLost) as lost:
            rig.dialogue.send("AT+ALYDEVICENAME?")
        exchange = rig.after_port_loss(lost.value)
        assert exchange.silent
        assert [Sign.PORT in restart.signs for restart in rig.restarts] == [True]
        assert rig.lost is None


def test_a_port_that_is_lost_while_the_module_stays_up_is_the_labs() -> None:
    modem = Modem()
    with rigged(modem) as rig:
        modem.line.unplug()
        with pytest.raises(PortLost) as lost:
            rig.dialogue.send("AT+ALYDEVICENAME?")
        with pytest.raises(PortLost, match="lost"):
            rig.after_port_loss(lost.value)
        assert rig.restarts == []


def test_a_profile_that_is_loaded_late_is_no_restart_and_sets_the_line_up_again() -> None:
    with rigged(modem := Modem(), deadlines=replace(BRISK, profile=60.0)) as rig:
        modem.load_profile()
        assert look(rig) is None
        assert rig.restarts == []
        assert not modem.line.echo
        assert modem.errors == 1


@pytest.mark.parametrize("command", ["AT", "AT+NOSUCH"])
def test_an_error_that_a_late_profile_wrote_in_its_own_way_is_not_held_against_the_module(command: str) -> None:
    with rigged(modem := Modem(), deadlines=replace(BRISK, profile=60.0)) as rig:
        modem.load_profile()
        assert look(rig, command) is None
        exchange = next(one for one in rig.dialogue.exchanges if one.command == command.encode())
        assert exchange.excused is (exchange.error is not None)
        assert exchange.excused is (command != "AT")


def test_an_echo_that_comes_back_by_itself_is_no_restart() -> None:
    with rigged(modem := Modem()) as rig:
        modem.line.echo = True
        assert look(rig) is None
        assert rig.restarts == []


def test_settings_that_a_command_resets_are_no_restart() -> None:
    with rigged(modem := Modem()) as rig:
        modem.settings = {b"ALYCONNECTCFG": b"0,1883,0", b"ALYMQTTCFG": b"0,2000,60000"}
        exchange = rig.dialogue.send("AT")
        assert rig.look_for_restart(set(), exchange) is None


def test_an_echo_that_a_test_switched_on_is_no_sign() -> None:
    with rigged(Modem()) as rig, rig.line.echoing():
        rig.dialogue.send("ATE1")
        assert look(rig) is None
        assert rig.dialogue.send("AT").echoed
    assert not rig.dialogue.exchanges[-1].silent


@pytest.mark.parametrize(
    ("signs", "kept", "booted", "restart"),
    [
        ({Sign.ECHO}, False, False, False),
        ({Sign.ECHO, Sign.ERRORS}, False, False, True),
        ({Sign.ECHO, Sign.ERRORS}, False, True, False),
        ({Sign.ECHO, Sign.ERRORS, Sign.PORT}, True, False, False),
        ({Sign.SETTINGS}, False, False, False),
        ({Sign.SETTINGS, Sign.SESSION}, False, True, True),
        ({Sign.BANNER}, False, False, False),
        ({Sign.BANNER, Sign.SILENCE}, False, False, True),
        ({Sign.BANNER, Sign.PORT}, False, False, True),
        ({Sign.SILENCE}, False, False, False),
        ({Sign.SILENCE, Sign.ECHO}, False, True, True),
        (set(), False, False, False),
    ],
)
def test_what_signs_mean(signs: set[Sign], kept: bool, booted: bool, restart: bool) -> None:
    assert is_restart(signs, settings_kept=kept, just_booted=booted) is restart
