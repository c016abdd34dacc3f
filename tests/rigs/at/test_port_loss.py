"""A port that breaks in the middle: a bench error that says who should act, or a recorded incident when it returns."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from rigs.errors import BenchError
from rigs.port import TransportLost
from tests.rigs.at.fake_line import DEADLINES, OK, Answer, Answers, FakeLine, Recorder, healthy, talking

QUERY = b"AT+ALYDEVICENAME?"
ANSWER = b"\r\n+ALYDEVICENAME:x\r\n" + OK
IMPATIENT = replace(DEADLINES, port=0.1, poll=0.02)


def unplugging(line: FakeLine, *said: bytes) -> FakeLine:
    """The line breaks at the query, once, behind the first bytes of an answer."""

    def module(command: bytes) -> Answer:
        if command != QUERY:
            return healthy(command)
        if line.opened > 1:
            return ANSWER
        line.say(*said)
        line.unplug()
        return None

    line.module = module
    return line


@pytest.mark.parametrize("said", [(), (b"\r\n+ALYDEV",), (b"\r\nOK",)], ids=["nothing", "part", "no-line-end"])
def test_a_port_lost_while_waiting_is_an_error_of_the_bench_and_no_answer(said: tuple[bytes, ...]) -> None:
    with talking(unplugging(FakeLine(), *said)) as dialogue:
        with pytest.raises(BenchError, match=r"fake://line was lost while waiting.*unplugged") as caught:
            dialogue.send(QUERY)
        assert "cable" in caught.value.act
        assert dialogue.port_lost
        assert dialogue.exchanges[-1].silent


def test_an_answer_that_came_before_the_port_was_lost_counts() -> None:
    with talking(unplugging(FakeLine(), ANSWER)) as dialogue:
        assert dialogue.send(QUERY).ok


def test_a_port_that_comes_back_is_reopened_brought_into_step_and_recorded() -> None:
    sink = Recorder()
    with talking(line := unplugging(FakeLine()), sink=sink) as dialogue:
        with pytest.raises(BenchError):
            dialogue.send(QUERY)
        line.openable = False
        returning = threading.Timer(0.1, setattr, [line, "openable", True])
        returning.start()
        exchange = dialogue.send(QUERY)
        returning.join()
        assert [item.text for item in exchange.lines] == [b"+ALYDEVICENAME:x", b"OK"]
        assert not dialogue.port_lost
        assert line.lines.index(b"AT") < len(line.lines) - 1
    (incident,) = sink.of("incident")
    assert incident["recovered"]
    assert "reopened" in incident["text"]
    assert [event["silent"] for event in sink.of("exchange")] == [True, False]


def test_the_echo_is_told_over_a_reopened_port() -> None:
    with talking(unplugging(FakeLine(echo=True))) as dialogue:
        with pytest.raises(BenchError):
            dialogue.send(QUERY)
        assert dialogue.send(QUERY).echoed


def test_a_port_that_stays_away_is_an_error_of_the_bench() -> None:
    with talking(line := unplugging(FakeLine()), IMPATIENT) as dialogue:
        with pytest.raises(BenchError):
            dialogue.send(QUERY)
        line.openable = False
        with pytest.raises(BenchError, match="cannot be opened"):
            dialogue.send("AT")


def test_a_port_lost_while_writing_is_an_error_of_the_bench() -> None:
    with talking(line := FakeLine()) as dialogue:
        assert dialogue.send("AT").ok
        line.write = _broken  # type: ignore[method-assign]
        with pytest.raises(BenchError, match="lost while writing"):
            dialogue.send("AT")


def test_a_port_lost_while_waiting_for_a_urc_is_not_a_urc_that_did_not_come() -> None:
    with talking(line := FakeLine()) as dialogue:
        line.say(b"one\r\n")
        line.unplug()
        assert dialogue.wait_unsolicited(lambda item: item.text == b"one", 5)
        with pytest.raises(BenchError, match="lost while waiting for a line"):
            dialogue.wait_unsolicited(lambda item: item.text == b"two", 60)


@pytest.mark.parametrize("breaks_at", [b"AT", b"AT+BENCHFENCE"])
def test_waking_survives_a_port_that_vanishes_and_returns(breaks_at: bytes) -> None:
    line = FakeLine()

    def module(command: bytes) -> Answer:
        if command == breaks_at and line.opened == 1:
            line.unplug()
            return None
        return healthy(command)

    line.module = module
    with talking(line, replace(DEADLINES, first_poll=0.05)) as dialogue:
        assert dialogue.wake(10, answers_pending=True)
        assert line.opened == 2


def test_a_port_that_does_not_return_while_the_module_should_come_up_is_named() -> None:
    with talking(line := FakeLine(Answers()), replace(IMPATIENT, first_poll=0.02)) as dialogue:
        line.openable = False
        line.unplug()
        with pytest.raises(BenchError, match="expected to come up"):
            dialogue.wake(0.2)


def _broken(_: bytes) -> None:
    raise TransportLost("write timeout")
