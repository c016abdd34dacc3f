"""The judge: each kind of expectation against evidence that keeps it and evidence that breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from reports.judging import (
    Acknowledged,
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
    ExpectationError,
    Fenced,
    FirstDelivery,
    Granted,
    Informs,
    InWords,
    Judgement,
    KeepAlive,
    LinesEnd,
    LoggedIn,
    Login,
    NoFlood,
    NoSilence,
    NotEnded,
    NothingPlain,
    Ok,
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
    expectation_of,
    judge,
    verdict_of,
)
from reports.severity import Level, Verdict

KEPT, BROKEN, HIDDEN = Judgement.KEPT, Judgement.BROKEN, Judgement.HIDDEN
NAME = "AT+ALYDEVICENAME?"


@dataclass
class Seen:
    """One exchange, as event 1."""

    lines: tuple[str, ...]
    silent: bool = False
    seconds: float = 0.5
    shows_codes: bool = True
    shown: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    sight: Any = None

    def answer(self, event: int) -> Answer:
        if event == 0:
            return Answer(NAME, ("+ALYDEVICENAME:before", "OK"))
        assert event == 1
        return Answer(NAME, self.lines, self.silent, self.seconds)

    def downlinks(self, topic: str, first: int, last: int) -> tuple[str, ...]:
        assert (topic, first, last) == ("/t", 1, 2)
        return self.shown

    def published(self, topic: str, last: int) -> tuple[str, ...]:
        assert (topic, last) == ("/t", 2)
        return self.shown

    def events_of(self, connection: int, last: int) -> tuple[str, ...]:
        return self.told if connection == 7 else ()

    def found(self, sight: Sight) -> Any:
        return self.sight


SILENCE = Seen((), silent=True)
RANGE = ((0, 100), (708, 708))


@pytest.mark.parametrize(
    ("expectation", "seen", "judgement"),
    [
        (Ok(1), Seen(("OK",)), KEPT),
        (Ok(1), Seen(("ERROR",)), BROKEN),
        (Ok(1), SILENCE, BROKEN),
        (Refused(1), Seen(("ERROR",)), KEPT),
        (Refused(1), Seen(("OK",)), BROKEN),
        (Refused(1), SILENCE, BROKEN),
        (Refused(1, RANGE), Seen(("+CME ERROR: 708",)), KEPT),
        (Refused(1, RANGE), Seen(("+CME ERROR: 50",)), KEPT),
        (Refused(1, RANGE), Seen(("+CME ERROR: 700",)), BROKEN),
        (Refused(1, RANGE), Seen(("ERROR",)), BROKEN),
        (Refused(1, RANGE, exact=False), Seen(("ERROR",)), KEPT),
        (Refused(1, RANGE), Seen(("ERROR",), shows_codes=False), HIDDEN),
        (Refused(1, RANGE), Seen(("OK",), shows_codes=False), BROKEN),
        (Refused(1, RANGE), SILENCE, BROKEN),
        (Answered(1), Seen(("ERROR",)), KEPT),
        (Answered(1), SILENCE, BROKEN),
        (Answered(1, 0.5), Seen(("OK",)), KEPT),
        (Answered(1, 0.4), Seen(("OK",)), BROKEN),
        (Answers(1, ("a",)), Seen(("+ALYDEVICENAME:a", "OK")), KEPT),
        (Answers(1, ("a",)), Seen(("+ALYDEVICENAME:b", "OK")), BROKEN),
        (Answers(1, ("a",)), SILENCE, BROKEN),
        (AnswersOneOf(1, ("a", "b")), Seen(("+ALYDEVICENAME:b", "OK")), KEPT),
        (AnswersOneOf(1, ("a", "b")), Seen(("+ALYDEVICENAME:c", "OK")), BROKEN),
        (Shown("/t", ("x",), 1, 2), Seen((), shown=("x",)), KEPT),
        (Shown("/t", ("x",), 1, 2), Seen((), shown=('"x"',)), KEPT),
        (Shown("/t", ("x",), 1, 2), Seen((), shown=("x", "x")), BROKEN),
        (Shown("/t", ("x",), 1, 2), Seen((), shown=("y",)), BROKEN),
        (Shown("/t", ("x",), 1, 2), Seen(()), BROKEN),
        (
            CameOnline(7, 2),
            Seen(
                (),
                told=(
                    "connected",
                    "online",
                ),
            ),
            KEPT,
        ),
        (Shown("/t", ("x", "y"), 1, 2), Seen((), shown=("y", "x")), BROKEN),
        (Shown("/t", (), 1, 2), Seen(()), KEPT),
        (Published("/t", ("x", "y"), 2), Seen((), shown=("x", "y")), KEPT),
        (Published("/t", ("x",), 2), Seen((), shown=('"x"',)), BROKEN),
        (Published("/t", ("x",), 2), Seen((), shown=("x", "x")), BROKEN),
        (Published("/t", (), 2), Seen((), shown=("x",)), BROKEN),
        (InWords(1), Seen(("OK",)), KEPT),
        (InWords(1), Seen(("0",)), BROKEN),
        (InWords(1), SILENCE, BROKEN),
        (Informs(1), Seen(("+ALYDEVICENAME=a", "OK")), KEPT),
        (Informs(1), Seen(("+ALYDEVICENAME:a", "+ALYDEVICENAME:a", "OK")), BROKEN),
        (Informs(1), Seen(("OK",)), BROKEN),
        (Informs(1), SILENCE, BROKEN),
        (Informs(1, ":"), Seen(("+ALYDEVICENAME:a", "OK")), KEPT),
        (Informs(1, ":"), Seen(("+ALYDEVICENAME=a", "OK")), BROKEN),
        (AnswersOther(1, 0), Seen(("+ALYDEVICENAME:a", "OK")), KEPT),
        (AnswersOther(1, 0), Seen(("+ALYDEVICENAME:before", "OK")), BROKEN),
        (AnswersOther(1, 0), SILENCE, BROKEN),
        (CameOnline(7, 2), Seen((), told=("connected",)), BROKEN),
        (CameOnline(8, 2), Seen((), told=("online",)), BROKEN),
        (CameOnline(None, 2), Seen((), told=("online",)), BROKEN),
        (WasClosed(7, 2), Seen((), told=("closed",)), KEPT),
        (WasClosed(7, 2), Seen(()), BROKEN),
    ],
    ids=str,
)
def test_what_becomes_of_an_expectation(expectation: Expectation, seen: Seen, judgement: Judgement) -> None:
    assert judge(expectation, seen) is judgement


@pytest.mark.parametrize(
    ("expectation", "kept", "broken"),
    [
        (OneResult(1, 2), [Fenced(0, True)], [Fenced(1, True), Fenced(0, False)]),
        (LinesEnd(1), [[]], [None, ["OK"]]),
        (Echoed(1, True), [True], [False]),
        (Echoed(1, False), [False], [True]),
        (SyntaxLine(1, ("+ALYMQTTSUB",)), [["+ALYMQTTSUB:"]], [[]]),
        (NoSilence(2, ()), [[]], [[1]]),
        (NoFlood(9, 2), [0], [1]),
        (LoggedIn(7, None, 2), [Login(True, 3), Login(True, None)], [None, Login(False, 3)]),
        (LoggedIn(7, 2, 2), [Login(True, 2)], [Login(True, 3), Login(True, None), Login(False, 2)]),
        (OnlineOver(7, True, 2), [(True, True)], [None, (True, False), (False, True)]),
        (OnlineOver(7, False, 2), [(False, True)], [None, (False, False), (True, True)]),
        (CleanSession(7, True, 2), [True], [None, False]),
        (KeepAlive(7, 30, 60, 2), [30, 60], [None, 0, 29, 61]),
        (Subscribed(7, "/t", 1, 2), [[1], [1, 1]], [[], [0], [1, 0]]),
        (Granted(7, "/t", 2), [[1], [0], [128, 0]], [[], [128]]),
        (Unsubscribed(7, "/t", 2), [1, 2], [0]),
        (SentWith(7, "/t", 1, 2), [[(1, False)]], [[], [(0, False)], [(1, True)], [(1, False), (0, False)]]),
        (FirstDelivery(7, "/t", 2), [False], [None, True]),
        (Acknowledged("/t", 2), [(1, [])], [(0, []), (2, [5])]),
        (Disconnected(7, 2), [True], [None, False]),
        (NotEnded(7, 2), [None, "broker", "gateway"], ["module"]),
        (StillOnline(7, 2), [True], [False]),
        (NothingPlain(1, 2), [[]], [[3]]),
        (Unquoted("/t", 2), [[False]], [[], [True], [False, True]]),
        (Arrived("/t", "x", 2), [1, 2], [0]),
    ],
    ids=lambda value: value.check if isinstance(value, Expectation) else "",
)
def test_what_is_found_keeps_or_breaks_it(expectation: Expectation, kept: list[Any], broken: list[Any]) -> None:
    assert [judge(expectation, Seen((), sight=found)) for found in kept] == [KEPT] * len(kept)
    assert [judge(expectation, Seen((), sight=found)) for found in broken] == [BROKEN] * len(broken)
    assert expectation_of(expectation.to_record(), 3) == expectation


@pytest.mark.parametrize(
    ("judgement", "level", "breach", "verdict"),
    [
        (KEPT, Level.MANDATED, None, Verdict.PASS),
        (KEPT, Level.OPEN, None, Verdict.OBSERVED),
        (KEPT, Level.MANDATED, Verdict.DEVIATION, Verdict.PASS),
        (BROKEN, Level.MANDATED, None, Verdict.FAIL),
        (BROKEN, Level.IMPLIED, None, Verdict.DEVIATION),
        (BROKEN, Level.MANDATED, Verdict.DEVIATION, Verdict.DEVIATION),
        (HIDDEN, Level.MANDATED, None, Verdict.INCONCLUSIVE),
        (HIDDEN, Level.OPEN, None, Verdict.INCONCLUSIVE),
    ],
)
def test_what_a_judgement_means(judgement: Judgement, level: Level, breach: Verdict | None, verdict: Verdict) -> None:
    assert verdict_of(judgement, level, breach) is verdict


@pytest.mark.parametrize(
    "expectation",
    [
        *(InWords(3), Informs(3), Informs(3, ":"), AnswersOther(3, 2), Published("/t", ("x",), 3)),
        *(Refused(3, RANGE, True, ("one", "two")), Answered.within(3, "answer_seconds", 10, 0.0123456789)),
        *(Informs(3, ":", ruling="AMB-01", ruled=Verdict.DEVIATION), Informs(3, ":", ruling="AMB-01")),
        *(Shown("/t", ("x",), 3, 3), CameOnline(2, 2), CameOnline(None, 2), WasClosed(2, 2)),
        *(
            Ok(3),
            Refused(3),
            Refused(3, RANGE, exact=False),
            Answered(3, 1.5),
            Answers(3, (1, 2)),
            AnswersOneOf(3, ("a",)),
        ),
    ],
    ids=lambda expectation: expectation.check,
)
def test_an_expectation_survives_the_record(expectation: Expectation) -> None:
    assert expectation_of(expectation.to_record(), 4) == expectation


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (None, "is no object"),
        ({}, "kind that this suite does not know"),
        ({"check": "holds", "exchange": 3}, "kind that this suite does not know: 'holds'"),
        ({"check": "ok"}, "(ok) lacks exchange"),
        ({"check": "ok", "exchange": 3, "code": 1}, "has a parameter that this suite does not know: 'code'"),
        ({"check": "ok", "exchange": "3"}, "has a exchange that is none"),
        ({"check": "ok", "exchange": -1}, "has a exchange that is none"),
        ({"check": "ok", "exchange": True}, "has a exchange that is none"),
        ({"check": "ok", "exchange": 4}, "about event 4, which does not come before it"),
        ({"check": "answers-other", "exchange": 3, "than": 4}, "about event 4"),
        ({"check": "informs", "exchange": 3, "separator": 1}, "has a separator that is none"),
        ({"check": "answers", "exchange": 3, "values": []}, "has a values that is none"),
        ({"check": "answers", "exchange": 3, "values": [1.5]}, "has a values that is none"),
        ({"check": "refused", "exchange": 3, "codes": [[1]], "exact": True}, "has a codes that is none"),
        ({"check": "shown", "topic": "/t", "payloads": ["x"], "first": 3, "last": 4}, "about event 4"),
        ({"check": "came-online", "connection": "1", "last": 2}, "has a connection that is none"),
        ({"check": "answered", "exchange": 3, "seconds": 1.0, "bound": 5}, "has a bound that is none"),
        ({"check": "refused", "exchange": 3, "codes": [], "exact": True, "rules": "one"}, "has a rules that is none"),
        ({"check": "informs", "exchange": 3, "separator": ":", "ruled": "GOOD"}, "has a ruled that is none"),
        ({"check": ["ok"], "exchange": 3}, "kind that this suite does not know"),
    ],
)
def test_what_no_suite_of_this_version_writes_is_refused(told: object, problem: str) -> None:
    with pytest.raises(ExpectationError) as refused:
        expectation_of(told, 4)
    assert "the expectation of event 4" in str(refused.value)
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)
