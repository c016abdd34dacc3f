"""Sentences that know what they are made of: English to read, form and values to tell them in another language."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

from rigs.errors import BenchError, Unseen
from rigs.redaction import Redactor
from rigs.sentence import Sentence, say
from rigs.transcript import Transcript


def test_it_is_its_english_text() -> None:
    sentence = say("{name} took {seconds:.1f} s", name="AT", seconds=1.25)
    assert sentence == "AT took 1.2 s"
    assert json.loads(json.dumps(sentence)) == sentence
    assert sentence.to_record() == {"form": "{name} took {seconds:.1f} s", "values": {"name": "AT", "seconds": 1.25}}


def test_a_value_may_be_a_sentence_or_a_list_of_them() -> None:
    inner = say("no answer to {line}", line="AT")
    outer = say("{what}: {signs}; {path}", what=inner, signs=(say("echo"), 7, "raw"), path=Path("a"))
    assert outer == "no answer to AT: echo, 7, raw; a"
    assert outer.to_record()["values"] == {
        "what": {"form": "no answer to {line}", "values": {"line": "AT"}},
        "signs": [{"form": "echo", "values": {}}, 7, "raw"],
        "path": "a",
    }


def test_what_was_raised_with_it_gives_it_back() -> None:
    sentence = say("nothing is seen of {what}", what="it")
    assert str(Unseen(sentence)) is sentence
    assert say("{why}!", why=Unseen(sentence)).to_record()["values"]["why"] == sentence.to_record()
    error = BenchError(sentence, act=say("lab: look"))
    assert str(error) == "nothing is seen of it -- lab: look"
    assert (error.message, error.act) == ("nothing is seen of it", "lab: look")


@pytest.mark.parametrize("again", [copy.deepcopy, lambda sentence: pickle.loads(pickle.dumps(sentence))])
def test_a_copy_of_it_is_one_too(again: object) -> None:
    sentence = say("{a} {b}", a="one", b=[2, "three"])
    copied = again(sentence)  # type: ignore[operator]
    assert isinstance(copied, Sentence)
    assert (copied, copied.to_record()) == (sentence, sentence.to_record())


def test_a_secret_is_masked_in_text_and_values() -> None:
    redactor = Redactor()
    redactor.add(b"Very-Secret-0123456789")
    masked = redactor.mask_text(say("{answer} came", answer=say("{raw}", raw="x Very-Secret-0123456789 y")))
    assert isinstance(masked, Sentence)
    assert "Very" not in json.dumps([masked, masked.to_record()])
    assert masked == "x 【**********************】 y came"


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("+ALYDEVICESECRET: {value}", {"value": "unregistered-secret"}),
        ('AT+ALYDEVICESECRET="{value}" was sent', {"value": "unregistered-secret"}),
        ("{line}{value}", {"line": "AT+ALYDEVICESECRET=", "value": "unregistered-secret"}),
        ("{line}: {value}", {"line": "AT+ALYDEVICESECRET", "value": say("{raw}", raw="unregistered-secret")}),
    ],
)
def test_what_the_words_before_it_name_as_a_secret_is_masked(form: str, values: dict[str, object]) -> None:
    redactor = Redactor()
    masked = redactor.mask_text(say(form, **values))
    assert "unregistered" not in json.dumps([masked, masked.to_record()])


def test_a_secret_that_stands_in_two_values_is_masked() -> None:
    redactor = Redactor()
    redactor.add(b"Very-Secret-0123456789")
    masked = redactor.mask_text(say("{a}{b}", a="Very-Secret-", b="0123456789"))
    assert "Very" not in json.dumps([masked, masked.to_record()])


@pytest.mark.parametrize("argument", ["", '"', '"open', '"whole"'])
def test_no_word_behind_a_line_that_names_a_secret_is_masked(argument: str) -> None:
    sentence = say("the error to {line} carries no code", line=f"AT+ALYDEVICESECRET={argument}")
    masked = Redactor().mask_text(sentence)
    assert masked.endswith(" carries no code")
    assert masked.to_record()["form"] == "the error to {line} carries no code"
    assert "open" not in masked
    assert "whole" not in masked


def test_an_incident_keeps_both() -> None:
    written: list[dict[str, object]] = []

    def sink(kind: str, *, at: float | None = None, **fields: object) -> int:
        written.append({"kind": kind, **fields})
        return 0

    Transcript(sink).incident(say("{what} broke", what="it"), act=say("lab: mend it"), about="module", begin=1.0)
    (incident,) = written
    assert incident == {
        "kind": "incident",
        "text": "it broke",
        "act": "lab: mend it",
        "recovered": True,
        "about": "module",
        "begin": 1.0,
    }
    assert isinstance(incident["text"], Sentence)
