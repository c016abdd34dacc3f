"""What follows from an expectation in words: in both languages, bytes as they were, and no English in the Chinese."""

from __future__ import annotations

import re

import pytest

from reports.judging import (
    Answer,
    Answered,
    Answers,
    AnswersOneOf,
    AnswersOther,
    CameOnline,
    Expectation,
    Informs,
    InWords,
    Ok,
    Published,
    Refused,
    Shown,
    WasClosed,
)
from reports.judging.expectation import _KINDS
from reports.judging.words import say

CODES = ((0, 100), (708, 708))
KINDS: list[Expectation] = [
    *(Ok(1), Refused(1), Refused(1, CODES), Refused(1, CODES, exact=False), Answered(1), Answered(1, 2.5)),
    *(InWords(1), Informs(1), Informs(1, ":"), Answers(1, ("v",)), Answers(1, (1, 2)), AnswersOneOf(1, ("v", "w"))),
    *(AnswersOther(1, 2), Shown("/t", ("p",), 1, 2), Shown("/t", (), 1, 2), Published("/t", ("p", "q"), 2)),
    *(Published("/t", (), 2), CameOnline(7, 2), CameOnline(None, 2), WasClosed(7, 2)),
]
NAMES = {"AT", "ALYDEVICENAME", "OK", "ERROR", "CME", "ms", "s", "t", "p", "q", "v", "w", "online", "x", "e"}
"""Commands, result codes, units, test values and the gateway's names of events."""


class Seen:
    """One answer, whatever is asked for."""

    shows_codes = True

    def __init__(self, *lines: str, silent: bool = False) -> None:
        self._answer = Answer("AT+ALYDEVICENAME?", lines, silent, 1.5)

    def answer(self, event: int) -> Answer:
        return self._answer

    def downlinks(self, topic: str, first: int, last: int) -> list[str]:
        return ["p"]

    def published(self, topic: str, last: int) -> list[str]:
        return []

    def events_of(self, connection: int, last: int) -> list[str]:
        return ["online"]


def test_every_kind_is_here() -> None:
    assert {kind.check for kind in KINDS} == set(_KINDS)


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_chinese_has_no_english_word(kind: Expectation, silent: bool) -> None:
    said = say(kind, Seen("+ALYDEVICENAME:v", "+CME ERROR: 708", silent=silent))
    for side in said:
        assert set(re.findall(r"[A-Za-z]+", side.zh)) <= NAMES, side.zh
        assert re.search(r"[\u4e00-\u9fff]", side.zh) or kind.check in ("ok", "answers", "answers-one-of")
        assert side.en != side.zh


def test_bytes_are_shown_as_they_were() -> None:
    said = say(Answers(1, ("\u30103:64\u3011",)), Seen("+ALYDEVICENAME:\xe7\x8a\x1b", "OK"))
    assert said.expected.en == "AT+ALYDEVICENAME?: +ALYDEVICENAME:\u30103:64\u3011 and OK"
    assert said.observed.en == r"+ALYDEVICENAME:\xe7\x8a\x1b / OK after 1500.0 ms"
    assert said.observed.zh == r"+ALYDEVICENAME:\xe7\x8a\x1b / OK，用时 1500.0 ms"


def test_long_lines_and_many_are_cut() -> None:
    said = say(Ok(1), Seen(*["y" * 500] * 20, "OK"))
    assert said.observed.en.startswith("y" * 120 + "... (500) / ")
    assert " / +15 after" in said.observed.en


def test_of_many_messages_the_first_that_differs_is_shown_where_it_does() -> None:
    class Cut(Seen):
        def published(self, topic: str, last: int) -> list[str]:
            return ["same", "0123456789" * 9]

    said = say(Published("/t", ("same", "0123456789" * 10, "more"), 2), Cut())
    assert said.expected.en.endswith("in order: 3; #2: [100] ...012345678901234567890123456789")
    assert said.expected.zh.endswith("3; #2: [100] ...012345678901234567890123456789")
    assert said.observed.en == "messages: 2; #2: [90] ...01234567890123456789"
