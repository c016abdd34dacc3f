"""The table of MQTT's statements, the tests and the sources against one another."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rigs.cloud.clauses import statements

HERE = Path(__file__).parent
RIGS = HERE.parents[2] / "rigs"
CITATION = re.compile(r"MQTT-\d[\d.-]*\d")
IN_THE_STANDARD = 141


def marks(item: object) -> Iterator[pytest.Mark]:
    """The marks of a test function, those of its parameter rows included."""
    for mark in getattr(item, "pytestmark", ()):
        yield mark
        if mark.name == "parametrize":
            for row in mark.args[1]:
                if isinstance(row, type(pytest.param())):
                    yield from row.marks


def cited_by(*modules: str) -> set[str]:
    """All identifiers that the tests of these modules cite with the marker."""
    return {
        identifier
        for module in modules
        for name, item in vars(importlib.import_module(f"tests.rigs.cloud.{module}")).items()
        if name.startswith("test_")
        for mark in marks(item)
        if mark.name == "clause"
        for identifier in mark.args
    }


def modules(pattern: str) -> list[str]:
    return [path.stem for path in HERE.glob(pattern)]


def with_status(*statuses: str) -> set[str]:
    return {identifier for identifier, status in statements().items() if status in statuses}


def named_by(*sources: Path) -> set[str]:
    return {identifier for path in sources for identifier in CITATION.findall(path.read_text(encoding="utf-8"))}


def test_table_has_every_statement_of_the_standard() -> None:
    sections: dict[str, list[int]] = {}
    for identifier in statements():
        *section, number = re.findall(r"\d+", identifier)
        sections.setdefault(".".join(section), []).append(int(number))
    assert {section: sorted(numbers) for section, numbers in sections.items()} == {
        section: list(range(1, len(numbers) + 1)) for section, numbers in sections.items()
    }
    assert len(statements()) == IN_THE_STANDARD


def test_every_statement_said_to_be_tested_is_cited_by_a_test() -> None:
    assert with_status("tested") - cited_by(*modules("test_broker*.py"), *modules("test_codec.py")) == set()


def test_statements_that_the_gateway_judges_are_cited_by_its_tests() -> None:
    assert with_status("gateway") == cited_by("test_gateway", "test_profile", "test_validity")


def test_every_citation_is_in_the_table() -> None:
    assert cited_by(*modules("test_*.py")) - with_status("tested", "gateway") == set()


def test_every_statement_named_by_the_sources_is_tested() -> None:
    assert named_by(*RIGS.rglob("*.py")) - with_status("tested", "gateway") == set()


@pytest.mark.parametrize("source", ["codec", "topics"])
def test_every_statement_that_the_decoder_names_has_a_test_of_the_decoder(source: str) -> None:
    assert named_by(RIGS / "cloud" / f"{source}.py") - cited_by("test_codec", "test_topics") == set()
