"""The module's own word on the network: understood in every form, optional, and not asked for again where unknown."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from rigs.at.lines import Line, LineEnd
from rigs.network import Network, is_news
from tests.rigs.at.fake_line import DEADLINES, OK, Answer, Answers, FakeLine, healthy, talking

QUICK = replace(DEADLINES, network_poll=0.05)


def answered(**answers: bytes) -> FakeLine:
    """A module that answers some of the three queries; ``cereg=b"0,2"``."""
    scripted = Answers()
    for name, value in answers.items():
        command = name.upper().encode()
        scripted.on(b"AT+" + command + b"?", b"\r\n+" + command + b": " + value + b"\r\n" + OK)
    return FakeLine(scripted)


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ({"cereg": b"0,1"}, True),
        ({"cereg": b"0,5"}, True),
        ({"cereg": b'2,1,"1A2B","01C3D4E5",7'}, True),
        ({"cereg": b"1"}, True),
        ({"cereg": b"0,2"}, False),
        ({"cereg": b"0,0"}, False),
        ({"cereg": b"0,3"}, False),
        ({"cereg": b"0,2", "creg": b"0,1"}, True),
        ({"cereg": b"0,1", "creg": b"0,0"}, True),
        ({"creg": b"0,2"}, False),
        ({"cgatt": b"1"}, True),
        ({"cgatt": b"0"}, False),
        ({"cereg": b"0,1", "cgatt": b"0"}, True),
        ({"cereg": b"0,2", "cgatt": b"0"}, False),
        ({"creg": b"0,0", "cgatt": b"1"}, None),
        ({}, None),
        ({"cereg": b"what?"}, None),
    ],
)
def test_the_modules_word(answers: dict[str, bytes], word: bool | None) -> None:
    with talking(answered(**answers)) as dialogue:
        assert Network(dialogue).registered() is word


def test_a_query_that_is_unknown_is_asked_once() -> None:
    with talking(line := answered(cgatt=b"1")) as dialogue:
        network = Network(dialogue)
        assert network.registered() is network.registered() is True
        assert line.lines.count(b"AT+CEREG?") == line.lines.count(b"AT+CREG?") == 1
        assert line.lines.count(b"AT+CGATT?") == 2


def test_after_a_power_up_every_query_is_asked_again() -> None:
    with talking(line := answered(cgatt=b"1")) as dialogue:
        network = Network(dialogue)
        assert network.registered() is True
        network.booted()
        assert network.registered() is True
        assert line.lines.count(b"AT+CEREG?") == line.lines.count(b"AT+CREG?") == 2


def test_a_module_that_knows_none_of_the_queries_tells_nothing() -> None:
    with talking(FakeLine()) as dialogue:
        network = Network(dialogue)
        assert network.tells
        assert network.registered() is None
        assert not network.tells


def test_waiting_ends_when_the_module_says_that_it_is_registered() -> None:
    states = iter([b"0,2", b"0,2", b"0,1"])

    def module(line: bytes) -> Answer:
        return b"\r\n+CEREG: " + next(states) + b"\r\n" + OK if line == b"AT+CEREG?" else healthy(line)

    with talking(FakeLine(module), QUICK) as dialogue:
        assert Network(dialogue).wait_registered(30)


def test_waiting_ends_at_its_deadline() -> None:
    with talking(answered(cereg=b"0,2"), QUICK) as dialogue:
        assert not Network(dialogue).wait_registered(0.1)


def test_news_of_the_network_end_a_pause() -> None:
    line = answered(cereg=b"0,2")
    with talking(line, replace(DEADLINES, network_poll=60.0)) as dialogue:
        news = threading.Timer(0.1, line.say, [b"\r\n+CEREG: 1\r\n"])
        news.start()
        Network(dialogue).pause(60.0)
        news.join()
        assert [item.text for item in dialogue.unsolicited] == [b"+CEREG: 1"]


@pytest.mark.parametrize(
    ("text", "news"),
    [(b"+CEREG: 1", True), (b'+CREG: 5,"1A2B"', True), (b"+CGREG: 0", True), (b"+CTZV: +32", False), (b"OK", False)],
)
def test_what_counts_as_news(text: bytes, news: bool) -> None:
    assert is_news(Line(text, LineEnd.CRLF, 0.0)) is news
