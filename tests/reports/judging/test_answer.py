"""The judge's parser of answers: what it reads, and that it agrees with the dialogue's, a parser of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.judging import Answer, Result
from rigs.at.results import command_name, final_result, wrong_form

QUERY, SET = "AT+ALYDEVICENAME?", 'AT+ALYDEVICENAME="x"'
NAMED = ("+ALYDEVICENAME=err,708", "+ALYDEVICENAME: err, 708", "+ALYMQTTSUB=err,708", "+MQTTRECV: err,708", "+AT=err,3")
ENDS = (
    "OK",
    "ERROR",
    "+CME ERROR: 708",
    "+CME ERROR:708",
    "+CMS ERROR: 302",
    "ERROR: 58",
    "+CME ERROR: no",
    "0",
    "4",
    "ok",
)
LINES = st.sampled_from((*ENDS, *NAMED, "+CREG: 1", "text", " OK ", "+ALYDEVICENAME:abc", "OKAY", "+CME ERROR"))


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        (("OK",), Result(True, taken=(0,))),
        (("+ALYDEVICENAME:x", "OK"), Result(True, taken=(1,))),
        (("ERROR",), Result(False, taken=(0,))),
        (("+CME ERROR: 708",), Result(False, 708, taken=(0,))),
        (("+ALYDEVICENAME=err,708",), Result(False, 708, taken=(0,))),
        (("+ALYDEVICENAME=err,708", "ERROR"), Result(False, 708, taken=(0, 1))),
        (("+ALYDEVICENAME=err,708", "+CREG: 1", "ERROR"), Result(False, 708, taken=(0, 2))),
        (("+ALYDEVICENAME=err,708", "+CREG: 1"), Result(False, 708, taken=(0,))),
        (("+ALYDEVICENAME:err,708", "OK"), Result(True, taken=(1,))),
        (("+CREG: 1", "ERROR"), Result(False, taken=(1,))),
        (("0",), Result(True, readable=False, taken=(0,))),
        (("0", "+CREG: 1"), None),
        (("Ok",), Result(True, readable=False, taken=(0,))),
        (("+MQTTRECV: err,708",), None),
        (("text",), None),
        ((), None),
    ],
)
def test_the_final_result_code_of_an_answer(lines: tuple[str, ...], result: Result | None) -> None:
    assert Answer(QUERY, lines).result == result


def test_silence_has_no_result_whatever_came() -> None:
    assert Answer(QUERY, ("OK",), silent=True).result is None


@given(st.sampled_from((QUERY, SET, "AT", "AT+CMEE?")), LINES)
def test_a_line_is_read_as_the_dialogue_reads_it(command: str, line: str) -> None:
    raw = line.encode("latin-1")
    final = final_result(raw, command_name(command.encode())) or wrong_form(raw)
    result = Answer(command, (line,)).result
    assert (final is None) is (result is None)
    if final is not None and result is not None:
        assert (final.ok, final.code, not final.form.wrong) == (result.ok, result.code, result.readable)


@pytest.mark.parametrize(
    ("lines", "values", "says"),
    [
        (("+ALYDEVICENAME:abc", "OK"), ["abc"], True),
        (("+ALYDEVICENAME: abc", "OK"), ["abc"], True),
        (('+ALYDEVICENAME:"abc"', "OK"), ["abc"], True),
        (("+ALYDEVICENAME=abc", "OK"), ["abc"], True),
        (("+ALYDEVICENAME:abc ", "OK"), ["abc"], False),
        (("+ALYDEVICENAME:abc", "+ALYDEVICENAME:abc", "OK"), ["abc"], False),
        (("+ALYDEVICENAME:abc", "ERROR"), ["abc"], False),
        (("+ALYOTHER:abc", "OK"), ["abc"], False),
        (("+ALYDEVICENAME:1, 2,3", "OK"), [1, 2, 3], True),
        (("+ALYDEVICENAME:1,2", "OK"), [1, 2, 3], False),
        (("+ALYDEVICENAME:1,x", "OK"), [1, 2], False),
        (("+ALYDEVICENAME:\u30101:8\u3011", "OK"), ["\u30101:8\u3011"], True),
        (("+ALYDEVICENAME:\u30102:8\u3011", "OK"), ["\u30101:8\u3011"], False),
    ],
)
def test_what_an_answer_says(lines: tuple[str, ...], values: list[str | int], says: bool) -> None:
    assert Answer(QUERY, lines).says(values) is says
