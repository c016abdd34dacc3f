"""The benchmark of parser bugs: its oracle tells a right module from a faulty one, and its lines are reproducible."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.parser_bugs.port import Bench, Found, command_lines, finals, lookalike
from benchmarks.parser_bugs.runs import detail, parser_bugs, table
from benchmarks.parser_bugs.strategies import STRATEGIES, is_sent, made

OURS = [name for name in STRATEGIES if name != "boofuzz"]

TWICE = {"more final results than lines", "AT behind it is answered otherwise"}
"""The same, as the second result comes at once or later."""


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with lookalike(tmp_path_factory.mktemp("right") / "module") as bench:
        bench.restart()
        yield bench


@pytest.mark.parametrize(
    "line",
    [
        b"AT",
        b"AT+NOSUCH=1",
        b'AT+ALYDEVICENAME="other"',
        b'at+alydevicename="other"',
        b"AT+ALYCONNECTCFG=0,1883,0",
        b"AT+ALYMQTTOPEN",
        b"AT\rAT+ALYDEVICENAME?",
        b'AT+ALYDEVICENAME="a"\rAT+ALYPRODUCTKEY="b"\n\rX',
        b"#no command",
        b"",
        b"AT" + b"x" * 5000,
        b'AT+ALYMQTTPUB="/a",0,"\x00\xff\x1a',
    ],
    ids=lambda line: ascii(line[:24]),
)
def test_oracle_does_not_blame_a_right_module(right: Bench, line: bytes) -> None:
    assert [right.try_line(line) for _ in range(2)] == [None, None]


@pytest.mark.parametrize("strategy", OURS)
def test_lines_of_a_strategy_do_not_blame_a_right_module(right: Bench, strategy: str) -> None:
    assert right.hunt(made(strategy, 1, 200)) is None


@pytest.mark.parametrize(
    ("fault", "line", "symptoms"),
    [
        ("px-two-equals-restart", b"AT+ALYMQTTCFG==1", {"restart: echo is back"}),
        ("px-nul-no-answer", b"AT+X\x00", {"no final result"}),
        ("rb-long-number-hangs", b"AT+ALYMQTTCFG=0," + b"9" * 40 + b",1", {"silence to the next line, too"}),
        ("rb-junk-spoils-next", b"#", {"AT behind it is answered otherwise"}),
        ("px-overlong-answered-twice", b"AT+" + b"x" * 700, TWICE),
        ("px-quote-state-kept", b'AT+ALYMQTTPUB="/a",0,"x', {"a known line is answered otherwise"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_oracle_tells_what_a_fault_does(tmp_path: Path, fault: str, line: bytes, symptoms: set[str]) -> None:
    harmless = b"AT+NOSUCH"
    with lookalike(tmp_path / "module", [fault]) as bench:
        found = bench.hunt((sent, 0.0) for sent in [harmless, line, harmless])
        again = bench.hunt([(harmless, 0.0)])
    assert found
    assert found.lines == 2
    assert found.symptom in symptoms
    assert again is None


def test_module_whose_value_changes_by_itself_is_blamed(right: Bench) -> None:
    right.restart()
    right._write(b'AT+ALYDEVICENAME="changed"\r')
    right._answer(1)
    assert right.try_line(b'AT+ALYDEVICENAME="') == "a value has changed"
    right.restart()


def test_a_hunt_ends_after_so_many_lines_and_seconds(right: Bench) -> None:
    taken: list[int] = []

    def lines() -> Iterator[tuple[bytes, float]]:
        for number in range(9):
            taken.append(number)
            yield b"AT+NOSUCH", 100.0 * (number == 6)

    assert right.hunt(lines(), most_lines=3) is None
    assert taken == [0, 1, 2, 3]
    taken.clear()
    assert right.hunt(lines(), most_seconds=50.0) is None
    assert taken == [*range(7)]


@pytest.mark.parametrize(
    ("line", "due"),
    [(b"AT", 1), (b"at+x", 1), (b"#AT", 0), (b"", 0), (b"AT\rAT", 2), (b"AT\r\nAT\r#", 2), (b" AT", 0)],
)
def test_final_results_that_a_line_is_due(line: bytes, due: int) -> None:
    assert command_lines(line) == due


def test_finals_are_whole_lines() -> None:
    assert finals(b"\r\nOK!\r\n\r\n+X:OK\r\n\r\n+CME ERROR: 58\r\n\r\nOK\r\n\r\nERROR") == [b"+CME ERROR: 58", b"OK"]


@pytest.mark.parametrize("line", [b"ATE1", b"AT E0", b"atz", b"AT&F", b"x\rATV1", b"AT+CMEE=0", b'AT+X="AT+cmee"'])
def test_lines_that_would_change_what_the_oracle_rests_on_are_not_sent(line: bytes) -> None:
    assert not is_sent(line)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_lines_are_reproducible_by_seed(strategy: str) -> None:
    if strategy == "boofuzz" and importlib.util.find_spec("boofuzz") is None:
        pytest.skip("boofuzz is installed for the benchmark alone")
    first, again, other = ([line for line, _ in made(strategy, seed, 250)] for seed in (1, 1, 2))
    assert len(first) == 250
    assert first == again != other
    assert all(is_sent(line) for line in first)


def test_parser_bugs_are_those_that_hostile_lines_show() -> None:
    names = parser_bugs()
    assert {"px-two-equals-restart", "rb-long-number-hangs"} <= {*names}
    assert "px-lf-is-a-line" not in names


def test_table_counts_a_run_without_a_find_as_longer_than_all() -> None:
    runs = {
        "one": {("a", 1): Found(4, 0.5, "hang"), ("a", 2): None, ("b", 1): None, ("b", 2): None},
        "two": {("a", 1): Found(8, 2.5, "hang"), ("a", 2): Found(6, 1.5, "hang"), ("b", 1): None, ("b", 2): None},
    }
    _, *rows = (row.split() for row in table(runs, ["a", "b"], 3000).splitlines())
    assert rows == [["a", "2", "of", "2", "1", "7", "2.00"], ["b", "0", "of", "2", "0", ">", "3000", "-"]]
    assert detail(runs, ["a", "b"]).splitlines()[1].split() == ["one", "4", "-", "-", "-", "hang"]
