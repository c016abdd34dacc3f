"""The lines of the grammar: none that a real module would obey outside the manual, and every class visited."""

from __future__ import annotations

import itertools
import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.catalogue import Form, Kind, load
from conformance.fuzz import corpus
from conformance.fuzz_session import may_reach_cloud
from conformance.grammar import (
    CLASSES,
    LineClass,
    halves,
    in_order,
    interleaved,
    is_well_formed,
    may_be_sent,
    other_lines,
)
from conformance.grammar.mutations import MUTATIONS
from conformance.grammar.productions import PRODUCTIONS
from tests.conformance.recogniser import MODEMS, Modem, obeyed

LINES = 100_000
REFUSED = [
    b"AT+CFUN=1,1",
    b"at+mreboot",
    b"AT&W",
    b"AT+ALYDEVICENAME?;+MREBOOT",
    b"AT+ALYDEVICENAME?;&F",
    b'AT+ALYDEVICENAME="x"\rATZ',
    b'AT+ALYDEVICENAME="x"\nAT+MPOF',
    b"ATX\x08D123",
    b"#ATH",
    b"AT+ALX\x08YDEVICENAME?;\x00AT\x00Z",
    b"A/",
    b"AT+ALYDEVICENAME=\x18ATH",
    b"\xc1\xd4\xc8",
    b"A T H",
    b"+++",
    b"AT+ALYDEVICENAME=" + b"x" * 1007 + b"ATZ",
    b"AT+IPR=9600",
    b"AT D123",
]


def line(number: int) -> bytes:
    """One of the lines that runs may send, by its number: every class in turn."""
    made = CLASSES[number % len(CLASSES)]
    return made.nth(number // len(CLASSES))


def test_no_line_is_one_that_a_module_would_obey_beyond_the_manual() -> None:
    # Each line before one of the modems, in turn: in a hundred thousand lines each has its thousand.
    for number in range(LINES):
        data = line(number)
        assert not MODEMS[7 * number % len(MODEMS)].obeys(data), data


@pytest.mark.parametrize("made", in_order()[::5], ids=str)
def test_no_modem_obeys_a_line_of_any_class(made: LineClass) -> None:
    for number in range(3):
        assert not obeyed(made.nth(number))


@settings(deadline=None)
@given(st.sampled_from(CLASSES), st.randoms(use_true_random=False))
def test_what_property_based_testing_finds_may_be_sent(made: LineClass, chance: Random) -> None:
    data = made.line(chance)
    assert may_be_sent(data)
    assert not obeyed(data)


def test_the_corpus_and_lines_that_are_no_commands_are_harmless() -> None:
    for data in (*corpus(), *other_lines(300), *halves(100)):
        assert may_be_sent(data)
        assert not obeyed(data)


@pytest.mark.parametrize("data", REFUSED, ids=repr)
def test_what_a_module_would_obey_is_seen_by_both(data: bytes) -> None:
    assert not may_be_sent(data)
    assert obeyed(data)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([b"AT", b"+ALY", b"Z", b";", b"\r", b"\x08", b"\x18", b"x", b'"', b"&W", b" "]), max_size=9
    )
)
def test_what_may_be_sent_is_obeyed_by_no_modem(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    if may_be_sent(data):
        assert not obeyed(data)


def test_a_modem_takes_what_the_recogniser_says() -> None:
    plain = Modem(seven_bits=False, edits="all", drops=b"", buffer=1024, anew=False, ends=b"\r")
    assert [*plain.lines(b"ATX\x08Z\rA\x18B")] == ["ATZ", "B"]
    assert plain.obeys(b"AT+ALYMQTTCFG?;+CFUN=0") == ["+CFUN=0"]
    assert not plain.obeys(b"AT+ALYMQTTCFG?;+ALYMQTTCFG?")


def test_every_form_of_every_command_and_every_mutation_has_a_class() -> None:
    forms = {(c.name, form) for c in load().commands.values() if c.kind is not Kind.URC for form in c.forms}
    assert {(made.production.command.name, made.production.form) for made in CLASSES} == forms
    assert {made.mutation.name for made in CLASSES} == {mutation.name for mutation in MUTATIONS}
    assert len({str(made) for made in CLASSES}) == len(CLASSES)


def test_the_order_visits_every_class_once_and_spreads_them() -> None:
    order = in_order()
    assert sorted(map(str, order)) == sorted(map(str, CLASSES))
    beginning = [made for _, piece in interleaved(order, 30, 4) for made in piece][:150]
    assert {made.production for made in beginning} == {*PRODUCTIONS}
    assert len({made.mutation.name for made in beginning}) >= 0.75 * len(MUTATIONS)


def test_at_least_a_third_of_the_classes_is_sent_while_a_session_is_open() -> None:
    pieces = [*interleaved(in_order(), 30, 4)]
    assert sum(len(made) for _, made in pieces) == len(CLASSES)
    opened = [made for opened, piece in pieces for made in piece if opened]
    assert 3 * sum(may_reach_cloud(made.nth(0)) for made in opened) >= len(CLASSES)
    assert all(opened for opened, made in pieces for one in made if one.needs_session)


def test_lines_are_the_same_in_every_run() -> None:
    assert CLASSES[17].nth(3) == CLASSES[17].nth(3)
    assert len({made.nth(0) for made in CLASSES}) > 0.8 * len(CLASSES)


def test_valid_lines_are_well_formed_and_no_line_ends_itself() -> None:
    for made in CLASSES:
        for number in range(4):
            data = made.nth(number)
            if made.mutation.name == "valid":
                assert is_well_formed(data)
            if not made.loose:
                assert data.startswith(b"AT")
                assert not re.search(rb"[\r\n\x08\x7f\x18]", data)


def test_lines_reach_the_ends_of_buffers() -> None:
    lengths = {len(made.nth(number)) for made, number in itertools.product(CLASSES, range(6))}
    assert {1022, 1023, 1024, 1025, 1026, 4096} <= lengths


def test_a_command_that_takes_no_argument_is_not_well_formed_with_one() -> None:
    assert is_well_formed(b"AT+ALYMQTTOPEN")
    assert not is_well_formed(b"AT+ALYMQTTOPEN ")
    assert Form.EXECUTE in load().commands["+ALYMQTTOPEN"].forms


@pytest.mark.parametrize(
    ("line", "may"),
    [
        (b'AT+ALYMQTTPUB="/a/b",0,"+ #\x00\xff"', True),
        (b'AT+ALYMQTTPUB="/a/+",0,"x"', False),
        (b'AT+ALYMQTTPUB="/a/b\x00",0,"x"', False),
        (b'AT+ALYMQTTPUB="/a"b",0,"#"', False),
        (b"AT+ALYMQTTUNSUB=?;AT+ALYCONNECTCFG?", False),
        (b'AT+ALYMQTTSUB="\xff",0', False),
        (b"AT+ALYMQTTSUB=/a/b,0", True),
        (b"AT+ALYMQTTSUB=?", True),
        (b'AT+ALYDEVICENAME="+\x00\xff"', True),
    ],
)
def test_no_topic_that_mqtt_forbids_reaches_the_cloud(line: bytes, may: bool) -> None:
    assert may_reach_cloud(line) is may
