"""The normative statements of MQTT 3.1.1 for tests: ``clause`` cites them, ``mqtt_clauses.toml`` lists them all.

A test module that sets ``pytestmark = both_brokers`` runs against the embedded broker and, where it is installed,
against mosquitto: that shows that the tests demand what the standard does, and not what our broker happens to do.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.rigs.cloud.mosquitto import needs_mosquitto

clause = pytest.mark.clause
"""``@clause("MQTT-3.1.2-4", ...)``: the test would fail if the broker or the codec broke these statements."""

both_brokers = pytest.mark.parametrize(
    "broker", ["embedded", pytest.param("mosquitto", marks=needs_mosquitto)], indirect=True
)

embedded_only = pytest.mark.embedded_only
"""``@embedded_only(reason)``: the standard leaves a choice, or mosquitto is known to deviate; the reason says which."""


def case(clauses: str, *values: object, embedded_only: str | None = None) -> Any:
    """One row of a parametrised test with the clauses that it proves, separated by spaces."""
    marks = [clause(*clauses.split())]
    if embedded_only is not None:
        marks.append(pytest.mark.embedded_only(embedded_only))
    first = values[0].hex(" ") if isinstance(values[0], bytes) else str(values[0])
    return pytest.param(*values, marks=marks, id=f"{clauses} {first:.40}")


def statements() -> dict[str, str]:
    """Status of every statement, by identifier."""
    table = tomllib.loads(Path(__file__).with_name("mqtt_clauses.toml").read_text(encoding="utf-8"))
    return {identifier: status for status, rows in table.items() for identifier in rows}
