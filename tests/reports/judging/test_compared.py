"""What was expected and what came as texts: the pairs that differ, by kind of expectation."""

from __future__ import annotations

import pytest

from reports.events import Compared, Pair
from reports.judging import Answer, Answers, AnswersOneOf, Expectation, Informs, Ok, Published, Shown
from reports.judging.compared import compared
from reports.judging.sights import Arrived


class Seen:
    """One answer, or messages, whatever is asked for."""

    shows_codes = True

    def __init__(self, *lines: str, silent: bool = False, messages: tuple[str, ...] = ()) -> None:
        self._answer = Answer("AT+ALYX?", lines, silent, 0.5)
        self._messages = messages

    def answer(self, event: int) -> Answer:
        return self._answer

    def downlinks(self, topic: str, first: int, last: int) -> tuple[str, ...]:
        return self._messages

    def published(self, topic: str, last: int) -> tuple[str, ...]:
        return self._messages

    def events_of(self, connection: int, last: int) -> list[str]:
        return []


@pytest.mark.parametrize(
    ("expectation", "lines", "pairs"),
    [
        (Answers(1, ("abc",)), ("+ALYX: abd", "OK"), [Pair("abc", "abd")]),
        (Answers(1, ("abc",)), ('+ALYX:"abd"', "OK"), [Pair("abc", "abd")]),
        (Answers(1, (0, 1883, 0)), ("+ALYX: 0, 1884,0", "OK"), [Pair("0,1883,0", "0,1884,0")]),
        (Answers(1, ("abc",)), ("+ALYX:abc", "+ALYX:abc", "OK"), [Pair(None, "abc", 2)]),
        (Answers(1, ("abc",)), ("ERROR",), [Pair("abc", None)]),
        (AnswersOneOf(1, ("abcd", "wxyz")), ("+ALYX:wxy", "OK"), [Pair("wxyz", "wxy")]),
        (AnswersOneOf(1, ("abcd", "wxyz")), ("ERROR",), [Pair("abcd", None)]),
        (Informs(1, ":"), ("+ALYX=1", "OK"), [Pair("+ALYX:1", "+ALYX=1")]),
    ],
)
def test_a_value_is_laid_beside_what_the_answer_told(
    expectation: Expectation, lines: tuple[str, ...], pairs: list[Pair]
) -> None:
    found = compared(expectation, Seen(*lines))
    assert found is not None
    assert list(found.pairs) == pairs
    assert not found.messages


@pytest.mark.parametrize(
    "expectation", [Ok(1), Answers(1, ("abc",)), AnswersOneOf(1, ("abc", "d")), Informs(1), Informs(1, ":")]
)
def test_where_nothing_differs_nothing_is_compared(expectation: Expectation) -> None:
    assert compared(expectation, Seen("+ALYX:abc", "OK")) is None


def test_silence_leaves_nothing_to_compare() -> None:
    assert compared(Answers(1, ("abc",)), Seen(silent=True)) is None


@pytest.mark.parametrize("kind", [Shown, Published])
@pytest.mark.parametrize(
    ("came", "pairs"),
    [
        (("a", "b", "c", "d"), []),
        (("a", "c", "d"), [Pair("b", None, 2)]),
        (("a", "b", "b", "c", "d"), [Pair(None, "b", 2)]),
        (("a", "x", "c", "d"), [Pair("b", "x", 2)]),
        ((), [Pair("a", None, 1), Pair("b", None, 2), Pair("c", None, 3)]),
    ],
)
def test_messages_that_were_lost_or_doubled_do_not_shift_the_others(
    kind: type[Shown | Published], came: tuple[str, ...], pairs: list[Pair]
) -> None:
    where = {"first": 1, "last": 2} if kind is Shown else {"last": 2}
    found = compared(kind(topic="/t", payloads=("a", "b", "c", "d"), **where), Seen(messages=came))
    assert [*found.pairs] == pairs if found else not pairs
    if found:
        assert (found.messages, found.expected, found.observed) == (True, 4, len(came))
        assert found.different == (len(pairs) if came else 4)


def test_one_message_is_laid_beside_the_nearest_that_arrived() -> None:
    expectation = Arrived("/t", "abcd", 2)
    assert compared(expectation, Seen(messages=("x", "abcd"))) is None
    found = compared(expectation, Seen(messages=("x", "abxd", "y")))
    assert found == Compared((Pair("abcd", "abxd"),), 1, 1, 1, messages=True)
    assert compared(expectation, Seen()) == Compared((Pair("abcd", None),), 1, 0, 1, messages=True)


def test_quotes_around_a_shown_payload_are_another_matter() -> None:
    assert compared(Shown("/t", ("a", "b"), 1, 2), Seen(messages=('"a"', "b"))) is None
    found = compared(Shown("/t", ("a",), 1, 2), Seen(messages=('"b"',)))
    assert found == Compared((Pair("a", '"b"'),), 1, 1, 1, messages=True)
