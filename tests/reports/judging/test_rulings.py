"""What a judgement rests on has a name, and other rulings of that name give it other parameters."""

from __future__ import annotations

import pytest

from reports.judging import (
    Answered,
    Expectation,
    Informs,
    KeepAlive,
    KnownCodes,
    NoFlood,
    Ok,
    Refused,
    Unquoted,
    expectation_of,
)
from reports.judging.expectation import ExpectationError
from reports.judging.rulings import Codes, Rulings
from reports.severity import Verdict

DEVIATION = Verdict.DEVIATION
THEN = Answered.within(3, "answer_seconds", 10, 0.5)
TODAY = Rulings(
    {"answer_seconds": 5, "fold": 1.5},
    {"one": Codes(((700, 700),), True), "two": Codes(((1, 2), (700, 700)), False)},
    {"AMB-01": None, "AMB-02": Verdict.OBSERVED},
)


@pytest.mark.parametrize(
    ("expectation", "today"),
    [
        (THEN, Answered(3, 5.5, "answer_seconds", 0.5)),
        (Answered(3, 10.5), Answered(3, 10.5)),
        (Answered.within(3, "other_seconds", 10, 0.5), Answered(3, 10.5, "other_seconds", 0.5)),
        (Refused(3, ((708, 708),), True, ("one",)), Refused(3, ((700, 700),), True, ("one",))),
        (Refused(3, ((708, 708),), True, ("one", "two")), Refused(3, ((700, 700), (1, 2)), False, ("one", "two"))),
        (Refused(3, ((708, 708),), True, ("one", "gone")), Refused(3, ((708, 708),), True, ("one", "gone"))),
        (Refused(3, ((708, 708),)), Refused(3, ((708, 708),))),
        (Informs(3, ":", ruling="AMB-01", ruled=DEVIATION), Informs(3, ":", ruling="AMB-01")),
        (Informs(3, ":", ruling="AMB-02", ruled=DEVIATION), Informs(3, ":", ruling="AMB-02", ruled=Verdict.OBSERVED)),
        (Informs(3, ":", ruling="AMB-99", ruled=DEVIATION), Informs(3, ":", ruling="AMB-99", ruled=DEVIATION)),
        (Informs(3, ":"), Informs(3, ":")),
        (
            Unquoted("/t", 2, ruling="AMB-01", ruled=DEVIATION),
            Unquoted("/t", 2, ruling="AMB-01"),
        ),
        (KnownCodes(2, (), ((708, 708),), ("one",)), KnownCodes(2, (), ((700, 700),), ("one",))),
        (KeepAlive(7, 30, 60, 2, "fold"), KeepAlive(7, 30, 45, 2, "fold")),
        (KeepAlive(7, 30, 62, 2, "fold", 1), KeepAlive(7, 30, 46, 2, "fold", 1)),
        (KeepAlive(7, 30, 60, 2), KeepAlive(7, 30, 60, 2)),
        (Ok(3), Ok(3)),
    ],
)
def test_other_rulings_give_other_parameters(expectation: Expectation, today: Expectation) -> None:
    assert expectation.under(TODAY) == today


@pytest.mark.parametrize(
    ("expectation", "named", "unnamed"),
    [
        (THEN, ("answer_seconds",), False),
        (Answered(3, 10.5), (), True),
        (Answered(3), (), False),
        (Refused(3, ((708, 708),), True, ("one", "two")), ("one", "two"), False),
        (Refused(3, ((708, 708),)), (), True),
        (Refused(3), (), False),
        (Informs(3, ":", ruling="AMB-01"), ("AMB-01",), False),
        (Informs(3, ":"), (), True),
        (Informs(3), (), False),
        (Unquoted("/t", 2, ruling="AMB-01"), ("AMB-01",), False),
        (Unquoted("/t", 2), (), True),
        (KnownCodes(2, (), ((708, 708),), ("one",)), ("one",), False),
        (KnownCodes(2, (), ((708, 708),)), (), True),
        (KeepAlive(7, 30, 60, 2, "fold"), ("fold",), False),
        (KeepAlive(7, 30, 60, 2), (), True),
        (Ok(3), (), False),
    ],
)
def test_whether_a_judgement_tells_what_it_rests_on(
    expectation: Expectation, named: tuple[str, ...], unnamed: bool
) -> None:
    assert (expectation.named, expectation.unnamed) == (named, unnamed)


def test_a_breach_is_what_the_ruling_that_is_named_makes_it() -> None:
    assert Informs(3, ":", ruling="AMB-01", ruled=Verdict.OBSERVED).breach is Verdict.OBSERVED
    assert Informs(3, ":", ruling="AMB-01").breach is None
    assert Informs(3).breach is None


def test_a_record_without_names_is_read_with_what_was_applied() -> None:
    assert expectation_of({"check": "answered", "exchange": 3, "seconds": 10.5}, 4) == Answered(3, 10.5)
    told = {"check": "refused", "exchange": 3, "codes": [[708, 708]], "exact": True}
    assert expectation_of(told, 4) == Refused(3, ((708, 708),))
    old = expectation_of({"check": "informs", "exchange": 3, "separator": ":"}, 4)
    assert old == Informs(3, ":")
    assert old.breach is Verdict.DEVIATION


def test_what_has_no_name_writes_none() -> None:
    assert Answered(3, 1.5).to_record() == {"check": "answered", "exchange": 3, "seconds": 1.5}
    assert Informs(3, ":").to_record() == {"check": "informs", "exchange": 3, "separator": ":"}


def test_a_parameter_that_every_record_has_is_told_whatever_it_is() -> None:
    assert NoFlood(0, 2).to_record() == {"check": "no-flood", "allowance": 0, "last": 2}
    with pytest.raises(ExpectationError, match="lacks allowance"):
        expectation_of({"check": "no-flood", "last": 2}, 4)


def test_rulings_in_words() -> None:
    shown = {name: TODAY.value_of(name) for name in ("answer_seconds", "one", "two", "AMB-01", "AMB-02", "gone")}
    assert shown == {
        "answer_seconds": "5",
        "one": "700",
        "two": "1-2, 700, -",
        "AMB-01": "",
        "AMB-02": "OBSERVED",
        "gone": "",
    }
    assert [TODAY.knows(name) for name in ("one", "AMB-01", "answer_seconds", "gone")] == [True, True, True, False]
