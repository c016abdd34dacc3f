"""Covering arrays hold every combination that can be, the same each time, the most valuable rows first."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from conformance.catalogue import FactorModel, load
from conformance.covering import Combination, Plan, combinations, fits, plan
from reports.effort import Strength
from tests.fixtures.runs import ROOT

MODELS = load().models
SMALL = FactorModel(
    name="small",
    requirements=("ID-01-DN",),
    strength=2,
    least=2,
    factors={"a": ("x", "y"), "b": ("x", "y", "z"), "c": (1, 2)},
    never=({"a": ("x",), "b": ("z",)},),
)


@pytest.mark.parametrize("name", MODELS)
def test_every_combination_that_can_be_stands_in_a_row_and_no_other(name: str) -> None:
    model = MODELS[name]
    rows = plan(model).rows
    held = {held for row in rows for held in combinations(row, model.strength)}
    assert held == {*_possible(model)}
    assert not [row for row in rows for pattern in model.never if fits(row, pattern)]
    assert all(list(row) == list(model.factors) for row in rows)


@pytest.mark.parametrize("strength", [2, 3])
def test_a_level_that_is_left_out_stands_in_no_row(strength: int) -> None:
    model = SMALL.model_copy(update={"strength": strength})
    rows = plan(model, without={"b": ("y",)}).rows
    assert {row["b"] for row in rows} == {"x", "z"}
    assert [row for row in rows if row["b"] == "z" and row["a"] == "x"] == []


def test_a_level_that_there_is_not_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="b has no level 'q'"):
        plan(SMALL, without={"b": ("q",)})
    with pytest.raises(ValueError, match="there is no factor 'd'; there are a, b, c"):
        plan(SMALL, without={"d": ("x",)})


def test_rows_are_the_same_in_every_process() -> None:
    code = "import json; from conformance.catalogue import load; from conformance.covering import plan;"
    code += "print(json.dumps(plan(load().model('identity-set')).rows))"
    made = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1] == json.dumps(plan(load().model("identity-set")).rows) + "\n"


@pytest.mark.parametrize("name", MODELS)
def test_no_other_row_would_add_more_than_the_next_one(name: str) -> None:
    rows, factors = plan(MODELS[name]).rows, MODELS[name].strength
    held: set[Combination] = set()
    for number, row in enumerate(rows[:12]):
        adds = [len({*combinations(other, factors)} - held) for other in rows[number:]]
        assert adds[0] == max(adds)
        held |= {*combinations(row, factors)}


def test_what_is_reached_counts_different_combinations() -> None:
    rows: tuple[dict[str, str | int], ...] = ({"a": "x", "b": 1}, {"a": "x", "b": 1}, {"a": "y", "b": 1})
    made = Plan(rows, 2)
    assert [made.reached(done) for done in range(4)] == [Strength(2, 2, done) for done in (0, 1, 1, 2)]
    assert Plan((), 2).reached(0) == Strength(2, 0, 0)


def _possible(model: FactorModel) -> Iterator[Combination]:
    """Combinations that nothing rules out. No pattern of today speaks of more factors than stand in one."""
    assert all(len(pattern) <= model.strength for pattern in model.never)
    for chosen in itertools.combinations(model.factors, model.strength):
        for levels in itertools.product(*(model.factors[factor] for factor in chosen)):
            found = dict(zip(chosen, levels, strict=True))
            if not any(pattern.keys() <= found.keys() and fits(found, pattern) for pattern in model.never):
                yield tuple(found.items())
