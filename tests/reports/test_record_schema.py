"""The published JSON Schema of the run record and what the reader relies on are of one mind."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reports.events import SCHEMA, SHAPES, Kind
from reports.judging import Expectation
from reports.why import Why
from tests.fixtures.runs import ROOT


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "reports" / "record.schema.json").read_text("utf-8"))
    return loaded


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["run"]["properties"]["schema"]["const"] == SCHEMA


def test_it_describes_every_kind_of_event(schema: dict[str, Any]) -> None:
    assert set(schema["properties"]["kind"]["enum"]) == set(Kind)
    used = {rule["then"]["$ref"].removeprefix("#/$defs/") for rule in schema["allOf"]}
    parts = {"seq", "t", "wall", "test", "masked", "said", "sentence", "value-of-sentence"}
    assert used == set(schema["$defs"]) - parts


@pytest.mark.parametrize("kind", [kind for kind in SHAPES if kind != Kind.CLOUD])
def test_it_demands_what_the_reader_relies_on(schema: dict[str, Any], kind: str) -> None:
    assert set(SHAPES[kind]) <= set(schema["$defs"][kind]["required"])


def test_it_refuses_what_no_record_holds(schema: dict[str, Any]) -> None:
    event = {"seq": 1, "t": 0.5, "wall": "2026-11-24T00:00:00.5Z", "kind": "power", "test": None, "action": "off"}
    validator = Draft202012Validator(schema)
    assert validator.is_valid(event | {"driver": "command"})
    assert not validator.is_valid(event)
    assert not validator.is_valid(event | {"driver": "command", "colour": "red"})
    assert not validator.is_valid(event | {"kind": "weather"})


def test_it_describes_every_kind_of_expectation(schema: dict[str, Any]) -> None:
    told = schema["$defs"]["finding"]["properties"]
    assert set(told["expectation"]["properties"]["check"]["enum"]) == set(Expectation.kinds)
    parameters = {field.name for kind in Expectation.kinds.values() for field in fields(kind)}
    assert set(told["expectation"]["properties"]) == parameters | {"check"}
    assert set(told["why"]["enum"]) == set(Why)
