"""Combinations are gone through in the order of their worth, as far as there is time, and a breach names its own."""

from __future__ import annotations

from typing import Any, cast

import pytest

from conformance import combinations
from conformance.catalogue import BOUNDS, MQTT_CFG, Row, load
from conformance.combinations import CHUNK, effort_of_groups, groups, groups_for, ordered, through
from conformance.test_combinations_malformed import numbers
from conformance.test_combinations_settings import MQTT, old_of, wrong_values
from fixtures.budget import Budget
from fixtures.findings import Breach
from fixtures.verify import Verifier
from reports.effort import Cut, Effort, Strength
from rigs.at.commands import Bare


class Verify:
    """Takes down what is said of efforts; affords a number of steps."""

    def __init__(self, affords: int = 10**6) -> None:
        self.efforts: list[Effort] = []
        self._affords = affords

    def budget(self, what: str, planned: int, minimum: int, *, share: float) -> Budget:
        made = Budget(what, planned, minimum, BOUNDS, share=share)
        cut = self._affords

        def affords() -> bool:
            if made.effort.done >= cut:
                made._cut = Cut.SLOW
            return made.effort.done < min(cut, planned)

        cast(Any, made).affords = affords
        return made

    def effort(self, effort: Effort) -> None:
        self.efforts.append(effort)


def _through(verify: Verify, judge: Any, **options: Any) -> None:
    through(cast(Verifier, verify), "identity-set", judge, **options)


def test_all_rows_are_judged_and_the_effort_tells_the_strength() -> None:
    verify, seen = Verify(), list[Row]()
    _through(verify, seen.append)
    (effort,) = verify.efforts
    assert (
        effort.strength == Strength(2, effort.strength.planned, effort.strength.planned) if effort.strength else False
    )
    assert (effort.what, effort.done, effort.planned, effort.cut) == ("combinations", len(seen), len(seen), None)


def test_a_plan_that_is_cut_says_how_many_pairs_it_held() -> None:
    verify, seen = Verify(affords=40), list[Row]()
    _through(verify, seen.append)
    (effort,) = verify.efforts
    assert (effort.done, effort.cut, effort.minimum) == (40, Cut.SLOW, load().model("identity-set").least)
    assert effort.strength is not None
    assert len(seen) < effort.strength.done < effort.strength.planned


def test_what_rows_leave_is_judged_after_each_chunk_and_at_the_end() -> None:
    judged, seen = list[int](), list[Row]()
    _through(Verify(affords=CHUNK + 1), seen.append, conclude=lambda: judged.append(len(seen)))
    assert judged == [CHUNK, CHUNK + 1]


def test_a_breach_names_its_combination() -> None:
    def judge(row: Row) -> None:
        raise Breach("wrong", silence=True)

    with pytest.raises(Breach, match=r"wrong\n  combination: kin \w+, history [\w-]+, ") as caught:
        _through(Verify(), judge)
    assert caught.value.silence


def test_rows_that_need_the_same_stand_together_in_each_chunk_only() -> None:
    rows: list[Row] = [{"state": "ab"[number % 2], "n": number} for number in range(CHUNK + 2)]
    states = "".join(str(row["state"]) for row in ordered(rows, "state"))
    assert states == "a" * (CHUNK // 2) + "b" * (CHUNK // 2) + "ab"
    assert [*ordered(rows, None)] == rows


def test_a_group_has_each_level_once_at_most() -> None:
    made = groups("power-identity", "value")
    assert all(len({row["value"] for row in group}) == len(group) for group in made)
    assert sum(map(len, made)) == len(combinations._plan("power-identity", ()).rows)
    number = groups_for("power-identity", made)
    least = load().model("power-identity").least
    assert sum(map(len, made[: number - 1])) < least <= sum(map(len, made[:number]))
    effort = effort_of_groups("power-identity", made, number, Cut.SLOW)
    assert effort.enough
    assert effort.cut is Cut.SLOW
    assert not effort_of_groups("power-identity", made, number - 1, None).enough


@pytest.mark.parametrize(
    ("changed", "same"), [("nothing", (0, 1, 2)), ("clean", (1, 2)), ("keepalive", (0, 1)), ("everything", ())]
)
def test_what_was_set_before_differs_in_the_fields_that_change(changed: str, same: tuple[int, ...]) -> None:
    new = (1, 2000, 45678)
    old = old_of(changed, new, MQTT)
    assert tuple(place for place in range(3) if old[place] == new[place]) == same


@pytest.mark.parametrize(
    ("field", "wrong", "expected"),
    [
        ("clean", "above", (2, 2000, 60000)),
        ("clean", "wraps-at-32", (2**32, 2000, 60000)),
        ("timeout", "negative", (0, Bare(b"-2000"), 60000)),
        ("keepalive", "number-and-letter", (0, 2000, Bare(b"60000x"))),
        ("keepalive", "wraps-at-64", (0, 2000, 2**64 + 60000)),
    ],
)
def test_one_field_is_wrong(field: str, wrong: str, expected: tuple[int | Bare, ...]) -> None:
    assert wrong_values(MQTT, field, wrong, MQTT_CFG.defaults) == expected


@pytest.mark.parametrize(
    ("wrong", "place", "line"),
    [
        ("trailing-comma", 1, "0,1883,1,"),
        ("leading-comma", 1, ",0,1883,1"),
        ("doubled-comma", 1, "0,,1883,1"),
        ("doubled-comma", 2, "0,1883,,1"),
        ("extra-number", 2, "0,1883,1,1883"),
        ("extra-text", 1, '0,1883,1,"more"'),
        ("extra-empty", 1, '0,1883,1,""'),
        ("quote-before", 2, '0,"1883,1'),
        ("quote-behind", 3, '0,1883,1"'),
        ("only-a-quote", 1, '",1883,1'),
    ],
)
def test_one_comma_or_quote_is_wrong(wrong: str, place: int, line: str) -> None:
    assert numbers(wrong, place, (0, 1883, 1)) == line
