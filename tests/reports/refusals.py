"""The sentences that the reports can refuse something with, read from their sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_ERRORS = {"RecordError", "DoesNotHold", "ExpectationError", "ReviewOfAnother", "Refusal"}
_SECOND = {"_strange", "contradicted"}
"""Functions that take what is strange about an event as their second argument."""


@dataclass(frozen=True)
class Place:
    """Where a sentence is made; ``form`` is None where it is no literal."""

    file: str
    line: int
    form: str | None
    values: frozenset[str]


def places() -> Iterator[Place]:
    """Every call that makes a sentence or an error of one; not those that hand on a sentence that is there."""
    for path in sorted((ROOT / "reports").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = _ERRORS | _names_of_say(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                index = 1 if node.func.id in _SECOND else 0 if node.func.id in names else None
                if index is not None and not _made_elsewhere(node.args[index]):
                    yield _place(str(path.relative_to(ROOT)), node, node.args[index])


def _made_elsewhere(form: ast.expr) -> bool:
    """A sentence made by a call of its own, or one that an error or a judgement has."""
    return isinstance(form, ast.Call) or (isinstance(form, ast.Attribute) and form.attr == "told")


def _place(file: str, node: ast.Call, form: ast.expr) -> Place:
    literal = form.value if isinstance(form, ast.Constant) and isinstance(form.value, str) else None
    return Place(file, node.lineno, literal, frozenset(word.arg or "**" for word in node.keywords))


def _names_of_say(tree: ast.Module) -> set[str]:
    """By what name a file knows `reports.sentences.say`."""
    imports = (
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "reports.sentences"
    )
    return {alias.asname or alias.name for node in imports for alias in node.names if alias.name == "say"}
