"""A rig brought up, restarted and recovered, with a module and a supply that a test scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from rigs.at.dialogue import Dialogue
from rigs.at.lines import LineEnd
from rigs.deadlines import Deadlines
from rigs.errors import BenchError
from rigs.power.driver import PowerDriver
from rigs.rig import Rig
from rigs.transcript import Transcript
from tests.rigs.at.fake_line import DEADLINES, OK, SHORT, Answer, FakeLine, Recorder, healthy

QUERY = "AT+ALYDEVICENAME?"
BRISK = replace(DEADLINES, first_poll=0.02, poll=0.02)
IMPATIENT = replace(BRISK, boot=0.1, recovery=0.1)


class Supply:
    """A power driver and the module behind it: mute without power, and after power-up until it is switched on again."""

    name = "fake"

    def __init__(self, *, works: bool = True, on: bool = True) -> None:
        self.switched: list[str] = []
        self.mute = False
        """The module hangs until it is restarted."""
        self.silent_on: set[bytes] = set()
        self._works = works
        self._powered = on

    def on(self) -> None:
        self.switched.append("on")
        if self._works:
            self._powered, self.mute = True, False

    def off(self) -> None:
        self.switched.append("off")
        if self._works:
            self._powered = False

    def __call__(self, line: bytes) -> Answer:
        return None if self.mute or not self._powered or line in self.silent_on else healthy(line)


class BrokenSwitch(Supply):
    name = "broken"

    def off(self) -> None:
        raise BenchError("power.off command exited with 1", act="lab: mend it")


@contextmanager
def rigged(
    line: FakeLine,
    power: PowerDriver | None,
    sink: Recorder | None = None,
    *,
    deadlines: Deadlines = BRISK,
    off_seconds: float = 0.0,
) -> Iterator[Rig]:
    transcript = Transcript(sink or Recorder())
    rig = Rig(Dialogue(line, transcript, deadlines), power, transcript, off_seconds=off_seconds)
    try:
        yield rig
    finally:
        rig.close()


def test_a_rig_that_comes_up_has_its_echo_off_and_numeric_errors_on() -> None:
    with rigged(line := FakeLine(), None) as rig:
        rig.bring_up()
        assert {b"ATV1", b"ATQ0", b"ATE0", b"AT+CMEE=1"} <= set(line.lines)
        assert rig.boots == 1
        assert rig.lost is None
        assert rig.dialogue.send("AT").ok


def test_a_firmware_that_refuses_either_is_served_all_the_same() -> None:
    with rigged(FakeLine(lambda line: OK if line == b"AT" else b"\r\nERROR\r\n"), None) as rig:
        rig.bring_up()
        assert rig.dialogue.send("AT").ok


def test_a_mute_module_without_power_control_is_an_error_that_says_what_to_check() -> None:
    with rigged(FakeLine(lambda _: None), None, deadlines=IMPATIENT) as rig:
        with pytest.raises(BenchError, match="no power control") as caught:
            rig.bring_up()
        assert "baudrate" in caught.value.act


def test_a_module_without_power_is_switched_on() -> None:
    supply, sink = Supply(on=False), Recorder()
    with rigged(FakeLine(supply), supply, sink, deadlines=replace(BRISK, boot=0.5)) as rig:
        rig.bring_up()
        assert supply.switched == ["off", "on"]
        assert rig.dialogue.send("AT").ok
    assert [event["action"] for event in sink.of("power")] == ["off", "on", "booted"]
    assert len(sink.of("incident")) == 1


def test_a_module_that_stays_mute_over_a_power_cycle_loses_the_rig() -> None:
    supply = Supply(works=False, on=False)
    with rigged(FakeLine(supply), supply, deadlines=IMPATIENT) as rig:
        with pytest.raises(BenchError, match="after power-up") as caught:
            rig.bring_up()
        assert rig.lost is caught.value


def test_a_port_that_cannot_be_opened_is_an_error() -> None:
    line = FakeLine()
    line.openable = False
    with rigged(line, None) as rig, pytest.raises(BenchError, match="cannot be opened"):
        rig.bring_up()


def test_a_power_cycle_restarts_the_module_and_is_recorded() -> None:
    supply, sink = Supply(), Recorder()
    with rigged(FakeLine(supply), supply, sink, off_seconds=0.1) as rig:
        rig.bring_up()
        assert rig.network.registered() is None
        rig.power_cycle()
        assert rig.network.tells, "what it did not know before, it may know now"
        assert supply.switched == ["off", "on"]
        assert rig.boots == 2
        assert rig.dialogue.send("AT").strays == []
    assert [(event["action"], event["driver"]) for event in sink.of("power")] == [
        ("off", "fake"),
        ("on", "fake"),
        ("booted", "fake"),
    ]
    assert sink.of("incident") == []


def test_power_off_that_does_nothing_is_noticed() -> None:
    supply = Supply(works=False)
    with rigged(FakeLine(supply), supply, off_seconds=1.0) as rig:
        rig.bring_up()
        with pytest.raises(BenchError, match=r"power\.off did nothing") as caught:
            rig.power_cycle()
        assert rig.lost is caught.value
        assert "power.off" in caught.value.act


def test_a_switch_that_fails_loses_the_rig_with_its_own_words() -> None:
    supply = BrokenSwitch()
    with rigged(FakeLine(supply), supply) as rig:
        rig.bring_up()
        with pytest.raises(BenchError, match="exited with 1"):
            rig.power_cycle()
        assert rig.lost is not None


def test_a_rig_without_power_control_cannot_cut_it() -> None:
    with rigged(FakeLine(), None) as rig:
        rig.bring_up()
        with pytest.raises(BenchError, match="no power control") as caught:
            rig.cut_power()
        assert "power.driver" in caught.value.act


def test_a_port_that_goes_with_the_power_comes_back_with_it() -> None:
    line = FakeLine()

    class Bus(Supply):
        def off(self) -> None:
            super().off()
            line.openable = False
            line.unplug()

        def on(self) -> None:
            super().on()
            line.openable = True

    line.module = supply = Bus()
    with rigged(line, supply, off_seconds=0.1) as rig:
        rig.bring_up()
        rig.power_cycle()
        assert rig.lost is None
        assert rig.dialogue.send("AT").ok


def test_one_command_met_with_silence_is_an_incident() -> None:
    supply, sink = Supply(), Recorder()
    supply.silent_on.add(QUERY.encode())
    with rigged(line := FakeLine(supply), supply, sink) as rig:
        rig.bring_up()
        assert rig.dialogue.send(QUERY, deadline=SHORT).silent
        assert "answered AT" in rig.recover()
        assert line.lines.count(b"ATE0") == line.lines.count(b"AT+CMEE=1") == 2, "it may have restarted by itself"
        assert supply.switched == []
        assert rig.boots == 1
    (incident,) = sink.of("incident")
    assert incident["recovered"]


@pytest.mark.parametrize("refused", [b"4\r", b"+CME ERROR: 58\r"])
def test_an_error_in_a_form_that_a_late_profile_brought_is_no_exchange_of_the_module(refused: bytes) -> None:
    numbers: list[bool] = []

    def module(line: bytes) -> Answer:
        if line == b"ATV1":
            numbers.clear()
        if line == b"AT+ALYNOSUCH":
            return refused if numbers else b"\r\n+CME ERROR: 58\r\n"
        return healthy(line)

    with rigged(FakeLine(module), None) as rig:
        rig.bring_up()
        numbers.append(True)
        again = rig.dialogue.send("AT+ALYNOSUCH")
    (first,) = [exchange for exchange in rig.dialogue.exchanges if exchange.excused]
    assert first.command == again.command == b"AT+ALYNOSUCH"
    assert again.code == 58


def test_an_error_that_ends_in_cr_whatever_is_set_is_the_modules() -> None:
    def module(line: bytes) -> Answer:
        return b"+CME ERROR: 58\r" if line == b"AT+ALYNOSUCH" else healthy(line)

    with rigged(FakeLine(module), None) as rig:
        rig.bring_up()
        exchange = rig.dialogue.send("AT+ALYNOSUCH")
    assert exchange.lines[-1].end is LineEnd.CR
    assert not exchange.excused


def test_a_module_that_hangs_is_power_cycled() -> None:
    supply, sink = Supply(), Recorder()
    with rigged(FakeLine(supply), supply, sink, deadlines=replace(BRISK, recovery=0.2)) as rig:
        rig.bring_up()
        supply.mute = True
        assert rig.dialogue.send(QUERY, deadline=SHORT).silent
        assert "power cycle" in rig.recover()
        assert supply.switched == ["off", "on"]
        assert rig.lost is None
        assert rig.dialogue.send("AT").ok
    assert len(sink.of("incident")) == 1


def test_a_module_that_hangs_without_power_control_loses_the_rig() -> None:
    module = Supply()
    with rigged(FakeLine(module), None, deadlines=replace(BRISK, recovery=0.2)) as rig:
        rig.bring_up()
        module.mute = True
        assert rig.dialogue.send(QUERY, deadline=SHORT).silent
        with pytest.raises(BenchError, match="does not answer AT") as caught:
            rig.recover()
        assert rig.lost is caught.value


def test_a_port_that_is_lost_is_not_mended_by_a_power_cycle() -> None:
    supply = Supply()
    with rigged(line := FakeLine(supply), supply, deadlines=replace(BRISK, recovery=0.2)) as rig:
        rig.bring_up()
        line.openable = False
        line.unplug()
        with pytest.raises(BenchError, match="fake://line"):
            rig.recover()
        assert rig.lost is not None
        assert supply.switched == []


def test_identity_is_what_is_answered_without_urcs() -> None:
    answers = {
        b"ATI": b"\r\nCMCC\r\nML302\r\n" + OK,
        b"AT+CGMM": b"\r\n+CTZV: 32\r\n\r\nML302\r\n" + OK,
        b"AT+CGMR": b"\r\n+CGMR: ML302_V1\xff\r\n" + OK,
        b"AT+CGSN": b"\r\n+CME ERROR: 3\r\n",
    }
    with rigged(FakeLine(lambda line: answers.get(line, OK)), None) as rig:
        rig.bring_up()
        assert rig.identify() == {
            "ATI": ["CMCC", "ML302"],
            "AT+CGMM": ["ML302"],
            "AT+CGMR": ["+CGMR: ML302_V1\ufffd"],
        }


def test_identity_is_optional() -> None:
    with rigged(FakeLine(), None) as rig:
        rig.bring_up()
        assert rig.identify() == {}
