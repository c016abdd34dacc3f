"""What the queries of a run told of values: which of them count, and which told it in a wrong form."""

from __future__ import annotations

import pytest

from conformance.told import told_of_values
from rigs.at.exchange import Exchange
from rigs.at.lines import Line, LineEnd
from rigs.at.results import final_result

NAME = "AT+ALYDEVICENAME"


def _exchange(command: str, *lines: str, ok: bool = True, excused: bool = False) -> Exchange:
    result = "OK" if ok else "ERROR"
    final = final_result(result.encode(), b"")
    assert final is not None
    all_lines = tuple(Line(line.encode(), LineEnd.CRLF, 0.0) for line in (*lines, result))
    return Exchange(0, command.encode(), all_lines, final, excused=excused)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (["+ALYDEVICENAME:a"], True),
        (["+ALYDEVICENAME: a"], True),
        (["+ALYDEVICENAME=a"], False),
        (["+ALYDEVICENAM:a"], False),
        (["+ALYDEVICENAMES:a"], False),
        (["+ALYDEVICENAME:a", "+ALYDEVICENAME:a"], False),
        (["+CREG: 1", "+ALYDEVICENAME:a"], True),
        ([], False),
    ],
)
def test_a_value_is_told_once_in_its_own_name(answer: list[str], right: bool) -> None:
    asked = _exchange(f"{NAME}?", *answer)
    queries, wrong = told_of_values([_exchange(f'{NAME}="a"'), asked])
    assert queries == [asked]
    assert wrong == ([] if right else [asked])


@pytest.mark.parametrize(
    "before",
    [
        [],
        [_exchange(f'{NAME}="a"', ok=False)],
        [_exchange(f'{NAME}="a"'), _exchange(f'{NAME}=""')],
        [_exchange(f'{NAME}="a"'), _exchange(f"{NAME}=")],
        [_exchange('AT+ALYPRODUCTKEY="a"')],
    ],
)
def test_an_empty_value_may_be_told_in_any_form(before: list[Exchange]) -> None:
    assert told_of_values([*before, _exchange(f"{NAME}?")]) == ([], [])


def test_settings_are_never_empty() -> None:
    asked = _exchange("AT+ALYCONNECTCFG?")
    assert told_of_values([asked]) == ([asked], [asked])


@pytest.mark.parametrize("asked", [_exchange(f"{NAME}?", ok=False), _exchange(f"{NAME}?", excused=True)])
def test_what_was_refused_or_is_not_the_modules_does_not_count(asked: Exchange) -> None:
    assert told_of_values([_exchange(f'{NAME}="a"'), asked]) == ([], [])


def test_what_comes_right_behind_a_silence_does_not_count() -> None:
    asked = _exchange("AT+ALYCONNECTCFG?")
    assert told_of_values([Exchange(0, b"AT"), asked]) == ([], [])
