"""The models of factors: read and checked like the rest of the catalogue, and each brought about by a test that cites
what it is for."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conformance.catalogue import CatalogueError, load
from conformance.catalogue.loader import DATA, read
from tests.fixtures.runs import ROOT


def _with(tmp_path: Path, old: str, new: str) -> Path:
    """The catalogue's data with its factors changed."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    path = folder / "factors.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('requirements = ["ID-01"]', 'requirements = ["ID-99"]', "factors.toml: identity-text: no requirement ID-99"),
        ("strength = 2", "strength = 4", r"factors.toml: model.identity-text.strength: .*less than or equal to 3"),
        ('name = "identity-set"', 'name = "identity-text"', "factors.toml: identity-text: this model is there twice"),
        ('form = ["quoted", "bare"]', 'form = ["quoted"]', "form wants two levels at least, each once"),
        ('shape = ["blank-first",', 'shape = ["blank",', "shape has no level 'blank'"),
        ("length = [1]\nshape", "size = [1]\nshape", "there is no factor 'size'; there are shape, length, form"),
        ("least = 40", "most = 40", "model.identity-text.(least: Field required|most: Extra inputs)"),
    ],
)
def test_a_wrong_model_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(CatalogueError, match=problem):
        read(_with(tmp_path, old, new))


def test_a_model_that_there_is_not_is_named() -> None:
    with pytest.raises(CatalogueError, match="no model 'other'"):
        load().model("other")


def test_every_model_is_gone_through_by_a_test_that_cites_its_requirements() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "conformance").glob("test_combinations_*.py"))
    for name, model in load().models.items():
        assert f'"{name}"' in sources, f"no test goes through {name}"
        for family in model.requirements:
            assert re.search(rf'"{family}(-[A-Z]{{2}})?"', sources), f"no test of combinations cites {family}"
