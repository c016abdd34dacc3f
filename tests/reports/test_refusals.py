"""What the reports say of what cannot be read or does not hold is told in Chinese, too, and nothing goes without."""

from __future__ import annotations

import ast
import pickle
import re
from string import Formatter

import pytest

from reports.events import RecordError
from reports.i18n import Lang, told
from reports.sentences import Refusal, Sentence, say
from reports.texts.refusals import REFUSALS, UNHELD, UNREADABLE
from tests.fixtures.sentences import english_in
from tests.reports.refusals import ROOT, Place, places

NOT_LITERAL = {"reports/bundle/turns.py": 2}
"""Where a form is handed on that stands as a literal where it is handed over."""


@pytest.fixture(scope="module")
def said() -> list[Place]:
    return list(places())


def test_every_form_is_a_literal(said: list[Place]) -> None:
    handed_on = [place.file for place in said if place.form is None]
    assert {file: handed_on.count(file) for file in handed_on} == NOT_LITERAL


def test_every_refusal_has_its_chinese_and_every_chinese_its_refusal(said: list[Place]) -> None:
    forms = {place.form for place in said if place.form is not None}
    assert sorted(forms - REFUSALS.keys()) == []
    assert sorted(REFUSALS.keys() - forms) == []
    assert len(REFUSALS) == len(UNREADABLE) + len(UNHELD), "a sentence stands in two tables"


def test_the_values_are_those_of_the_form(said: list[Place]) -> None:
    known = [place for place in said if place.form is not None and "**" not in place.values]
    assert [place for place in known if set(_fields(str(place.form))) != place.values] == []


@pytest.mark.parametrize("form", REFUSALS)
def test_both_languages_show_the_same_values(form: str) -> None:
    assert _fields(form) == _fields(REFUSALS[form])


@pytest.mark.parametrize("form", REFUSALS)
def test_of_latin_words_the_chinese_has_names_alone(form: str) -> None:
    """Names of commands, options, files and formats, each as the English has it."""
    own = re.sub(r"\{[^}]*\}", " ", REFUSALS[form])
    quoted = re.sub(r"(?:python -m|openssl) [\w -]+", " ", own)
    assert not english_in(quoted)
    strange = [word for word in re.findall(r"[A-Za-z][A-Za-z0-9_.:/+-]*", own) if word.rstrip(".:") not in form]
    assert strange == []


def test_no_other_text_is_made_of_these_errors() -> None:
    """No f-string stands where a form belongs: it would be told in English alone."""
    for path in sorted((ROOT / "reports").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith(("Error", "DoesNotHold")):
                plain = node.func.id in ("RecordError", "DoesNotHold", "ExpectationError", "Refusal")
                assert not (plain and node.args and isinstance(node.args[0], ast.JoinedStr)), f"{path}:{node.lineno}"


def test_a_refusal_is_told_with_all_that_is_in_it() -> None:
    inner = RecordError("{path}: cannot be read: {why}", path="/x/record.jsonl", why="Is a directory")
    outer = RecordError("{path}: {why}", path="b.zip", why=inner)
    assert str(outer) == "b.zip: /x/record.jsonl: cannot be read: Is a directory"
    assert told(Lang.ZH, outer.told) == "b.zip：/x/record.jsonl：无法读取：Is a directory"
    assert outer.without("/x/").told.chinese == "b.zip：record.jsonl：无法读取：Is a directory"
    assert isinstance(outer.without("/x/"), RecordError)


def test_lists_are_joined_as_each_language_does() -> None:
    sentence = say("rendered by {reasons}", reasons=[say("no review"), "x"])
    assert (sentence, sentence.chinese) == ("rendered by no review, x", "渲染环境不同：无评审、x")


@pytest.mark.parametrize("text", ["{", "a {text} that nobody filled", "100 %", "{0.__class__}"])
def test_a_text_of_somebody_else_is_told_as_it_is(text: str) -> None:
    assert str(Refusal(text)) == text
    assert say("{where}: {what}", where=text, what="x").chinese == f"{text}：x"
    assert told(Lang.ZH, text) == text


def test_it_crosses_to_another_process_in_both_languages() -> None:
    error = RecordError("{path}: too large for a key", path="k")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.told.chinese) == (str(error), "k：文件过大，不是密钥")
    assert isinstance(again.told, Sentence)


def _fields(form: str) -> dict[str, tuple[str, str]]:
    """The placeholders of a form, each with how its value is written."""
    return {name: (spec or "", how or "") for _, name, spec, how in Formatter().parse(form) if name is not None}
