"""Answers in a form that no host reads: set to another where that can be done, read as what they are where not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rigs.at.results import Form
from tests.rigs.at.fake_line import DEADLINES, OK, Answer, FakeLine, healthy, talking

BRISK = replace(DEADLINES, first_poll=0.05, poll=0.05, unterminated=0.02)
QUERY = b"AT+ALYDEVICENAME?"


class Numeric:
    """A module whose stored profile holds ATV0; with ``stubborn`` it stays so."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.words = False
        self._stubborn = stubborn

    def __call__(self, line: bytes) -> Answer:
        if line == b"ATV1" and not self._stubborn:
            self.words = True
        if self.words:
            return b"\r\n+ALYDEVICENAME:x\r\n" + OK if line == QUERY else healthy(line)
        if line == QUERY:
            return b"+ALYDEVICENAME:x\r\n0\r"
        return b"0\r" if line in (b"AT", b"ATE0", b"ATV1", b"ATQ0", b"AT+CMEE=1") else b"4\r"


class Quiet:
    """A module whose stored profile holds ATQ1: no result code at all."""

    def __init__(self) -> None:
        self.speaks = False

    def __call__(self, line: bytes) -> Answer:
        self.speaks = self.speaks or line == b"ATQ0"
        return healthy(line) if self.speaks else None


def test_a_module_that_numbers_its_result_codes_is_brought_to_words() -> None:
    with talking(FakeLine(module := Numeric()), BRISK) as dialogue:
        assert dialogue.wake(10)
        assert module.words
        exchange = dialogue.send(QUERY)
        assert exchange.ok
        assert exchange.final.form is Form.OK  # type: ignore[union-attr]
        assert dialogue.send("AT+ALYNOSUCH").code == 58


def test_a_module_that_is_told_to_be_quiet_is_brought_to_speak() -> None:
    with talking(FakeLine(Quiet()), BRISK) as dialogue:
        assert dialogue.wake(10)
        assert dialogue.send("AT+ALYNOSUCH").code == 58


def test_a_module_that_stays_with_numbers_is_understood_and_its_form_is_wrong() -> None:
    with talking(FakeLine(Numeric(stubborn=True)), BRISK) as dialogue:
        assert dialogue.wake(10)
        good, bad = dialogue.send(QUERY), dialogue.send("AT+ALYNOSUCH")
        assert good.ok
        assert bad.error is not None
        assert good.final.form.wrong  # type: ignore[union-attr]
        assert bad.error.form.wrong
        assert [item.value for item in good.information] == [b"x"]


@pytest.mark.parametrize("spelling", [b"\r\nOk\r\n", b"\r\nok\r\n"])
def test_a_misspelt_ok_is_a_sign_of_life_in_a_wrong_form(spelling: bytes) -> None:
    with talking(FakeLine(lambda _: spelling), replace(BRISK, command=0.1)) as dialogue:
        assert dialogue.wake(10)
        exchange = dialogue.send("AT")
        assert exchange.ok
        assert exchange.final.form is Form.MISSPELT_OK  # type: ignore[union-attr]


def test_fill_bytes_in_front_of_an_answer_do_not_hide_it() -> None:
    with talking(FakeLine(lambda _: b"\x00\r\n\x00OK\r\n"), BRISK) as dialogue:
        assert dialogue.wake(10)
        exchange = dialogue.send("AT")
        assert exchange.ok
        assert [line.padding for line in exchange.own_lines] == [b"\x00"]


@pytest.mark.parametrize("text", [b"0", b"4", b"ok"])
def test_a_line_in_a_wrong_form_is_text_to_a_module_that_answers_in_words(text: bytes) -> None:
    with talking(FakeLine(lambda line: b"\r\n" + text + b"\r\n" + OK if line == QUERY else healthy(line))) as dialogue:
        assert dialogue.wake(10)
        exchange = dialogue.send(QUERY)
        assert exchange.final.form is Form.OK  # type: ignore[union-attr]
        assert exchange.others == (text,)


@pytest.mark.parametrize(
    ("noise", "words"),
    [
        (None, "no byte came"),
        (b"\xf8\x80\xfe\x00\xe6\x98", "wrong baud rate"),
        (b"\r\nlogin: ", "none of them an answer"),
    ],
    ids=["nothing", "noise", "text"],
)
def test_what_came_is_told_where_none_of_it_is_an_answer(noise: bytes | None, words: str) -> None:
    with talking(FakeLine(lambda _: noise), replace(BRISK, first_poll=0.02)) as dialogue:
        assert not dialogue.wake(0.3)
        assert words in dialogue.what_came()
