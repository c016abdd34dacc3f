"""What follows from an expectation in words: in both languages, bytes as they were, and no English in the Chinese."""

from __future__ import annotations

import re
from typing import Any

import pytest

from reports.judging import (
    AcceptedForms,
    Acknowledged,
    AllLinesEnd,
    Answer,
    Answered,
    Answers,
    AnswersOneOf,
    AnswersOther,
    Arrived,
    CameOnline,
    CleanSession,
    Disconnected,
    Echoed,
    Expectation,
    Fenced,
    FirstDelivery,
    Granted,
    Informs,
    InWords,
    KeepAlive,
    KnownCodes,
    LinesEnd,
    LoggedIn,
    Login,
    NoFlood,
    NoSecondResult,
    NoSilence,
    NotEnded,
    NothingPlain,
    Ok,
    OneDialect,
    OneResult,
    OnlineOver,
    Published,
    Refused,
    SentWith,
    Shown,
    Sight,
    StillOnline,
    Subscribed,
    SyntaxLine,
    Unquoted,
    Unsubscribed,
    WasClosed,
)
from reports.judging.words import say

CODES = ((0, 100), (708, 708))
KINDS: list[Expectation] = [
    *(Ok(1), Refused(1), Refused(1, CODES), Refused(1, CODES, exact=False), Answered(1), Answered(1, 2.5)),
    *(InWords(1), Informs(1), Informs(1, ":"), Answers(1, ("v",)), Answers(1, (1, 2)), AnswersOneOf(1, ("v", "w"))),
    *(AnswersOther(1, 2), Shown("/t", ("p",), 1, 2), Shown("/t", (), 1, 2), Published("/t", ("p", "q"), 2)),
    *(Published("/t", (), 2), CameOnline(7, 2), CameOnline(None, 2), WasClosed(7, 2)),
    *(OneResult(1, 2), LinesEnd(1), Echoed(1, True), Echoed(1, False), SyntaxLine(1, ("+ALYDEVICENAME",))),
    *(NoSecondResult(2, ()), NoSilence(2, ()), AllLinesEnd(2, ()), KnownCodes(2, (), CODES), NoFlood(9, 2)),
    *(AcceptedForms(2, ()), OneDialect(2, ())),
    *(LoggedIn(7, None, 2), LoggedIn(7, 2, 2), LoggedIn(None, None, 2), OnlineOver(7, True, 2)),
    *(LoggedIn(7, None, 2, "v"), LoggedIn(7, 3, 2, "v")),
    *(OnlineOver(None, False, 2), CleanSession(7, True, 2), KeepAlive(7, 30, 60, 2), Subscribed(7, "/t", 1, 2)),
    *(Granted(7, "/t", 2), Unsubscribed(7, "/t", 2), SentWith(7, "/t", 0, 2), FirstDelivery(7, "/t", 2)),
    *(Acknowledged("/t", 2), Disconnected(7, 2), NotEnded(7, 2), StillOnline(7, 2), NothingPlain(1, 2)),
    *(Unquoted("/t", 2), Arrived("/t", "p", 2)),
]
FOUND: dict[str, tuple[object, ...]] = {
    "one-result": (Fenced(0, True), Fenced(2, False)),
    "lines-end": (None, [], ["v"]),
    "syntax-line": ([], ["v"]),
    "logged-in": (None, Login(True, 2), Login(False, None, "e")),
    "online-over": (None, (True, False)),
    "clean-session": (None, True),
    "keep-alive": (None, 30),
    "granted": ([], [1, 128]),
    "subscribed": ([], [1, 0]),
    "unsubscribed": (0, 1),
    "sent-with": ([], [(0, True)]),
    "first-delivery": (None, True),
    "acknowledged": ((0, []), (20, [*range(20)])),
    "disconnected": (None, False),
    "not-ended": (None, "module"),
    "nothing-plain": ([], [7]),
    "unquoted": ([], [True]),
    "arrived": (0, 2),
    "no-flood": (0, 1),
    "one-dialect": ([], ["ERROR"]),
    **{
        kind: ([], [1], [1] * 9)
        for kind in ("no-second-result", "no-silence", "all-lines-end", "known-codes", "accepted-forms")
    },
    **dict.fromkeys(("echoed", "still-online"), (True, False)),
}
"""What may be found of the kinds that are looked up."""
NAMES = {"AT", "ALYDEVICENAME", "OK", "ERROR", "CME", "ms", "s", "t", "p", "q", "v", "w", "online", "x", "e"}
NAMES |= {"CONNECT", "SUBSCRIBE", "UNSUBSCRIBE", "PUBLISH", "PUBACK", "DISCONNECT", "QoS", "DUP", "retain", "MQTT"}
NAMES |= {"TLS", "TCP", "CR", "LF", "d", "a", "GPP", "TS", "clean", "session", "securemode"}
"""Commands, result codes, packets and their fields, units, test values and the gateway's names of events."""


class Seen:
    """One answer, whatever is asked for."""

    shows_codes = True

    sight: object = None

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

    def found(self, sight: Sight) -> Any:
        return self.sight


def test_every_kind_is_here() -> None:
    assert {kind.check for kind in KINDS} == set(Expectation.kinds)


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_chinese_has_no_english_word(kind: Expectation, silent: bool) -> None:
    seen = Seen("+ALYDEVICENAME:v", "+CME ERROR: 708", silent=silent)
    for found in FOUND.get(kind.check, (None,)):
        seen.sight = found
        expected, observed = say(kind, seen)
        for side in (expected, observed):
            assert set(re.findall(r"[A-Za-z]+", side.zh)) <= NAMES, side.zh
        assert re.search(r"[\u4e00-\u9fff]", expected.zh) or kind.check in ("ok", "answers", "answers-one-of")
        assert expected.en != expected.zh
        assert not re.search(r"[\u4e00-\u9fff]", expected.en + observed.en)


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
