"""What stands before a power cut, and where: every row once, and nothing that the session would set over."""

from __future__ import annotations

import pytest

from conformance.catalogue import CONNECT_CFG, DEVICE_NAME, MQTT_CFG, PRODUCT_KEY, Row, Settings, load
from conformance.cuts import BESIDE_DEFAULTS, _changed, _logs_in, _parts
from conformance.test_combinations_power import IDENTITY, SETTINGS, by_turns, rounds_for

ROWS: list[Row] = [
    {"value": "DN", "history": "once"},
    {"value": "PK", "shape": "utf-8"},
    {"command": "mqtt", "history": "once"},
    {"command": "mqtt", "changed": "first"},
]


@pytest.mark.parametrize(
    ("sets", "before"), [("before", [0, 2]), ("before-and-behind", [0, 2]), ("behind", []), ("nothing", [])]
)
def test_each_row_is_set_once_before_the_session_or_behind(sets: str, before: list[int]) -> None:
    parts = _parts(ROWS, sets)
    assert parts[0] == [ROWS[number] for number in before]
    assert parts[1] == [row for row in ROWS if row not in parts[0]]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [("first", (1, 1883, 0)), ("second-third", (0, 1884, 1)), ("all", (1, 1884, 1))],
)
def test_only_the_fields_that_are_named_differ_from_their_defaults(changed: str, expected: tuple[int, ...]) -> None:
    assert _changed(CONNECT_CFG, changed, "a-little") == expected


@pytest.mark.parametrize("settings", [CONNECT_CFG, MQTT_CFG], ids=str)
def test_every_field_that_changes_is_another_one(settings: Settings) -> None:
    for values in BESIDE_DEFAULTS[settings.name].values():
        assert all(value != default for value, default in zip(values, settings.defaults, strict=True))


def test_what_the_platform_has_no_such_value_of() -> None:
    assert _logs_in(DEVICE_NAME, "a-_.:@1")
    assert not _logs_in(DEVICE_NAME, "é")
    assert not _logs_in(PRODUCT_KEY, "a-b")
    assert not _logs_in(PRODUCT_KEY, "")


@pytest.mark.parametrize("models", [IDENTITY, SETTINGS], ids=["identity", "settings"])
def test_models_take_turns_until_each_has_its_least_number_of_rows(models: dict[str, str]) -> None:
    turns = by_turns(models)
    assert [name for name, _ in turns[: len(models)]] == [*models]
    for name in models:
        rounds = rounds_for(turns, name)
        counts = [sum(len(group) for turn, group in turns[:number] if turn == name) for number in (rounds - 1, rounds)]
        assert counts[0] < load().model(name).least <= counts[1]
