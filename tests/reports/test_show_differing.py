"""What was expected beside what came, in the terminal: the deviating byte is marked without any colour."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.__main__ import main
from reports.events import Compared, Pair
from reports.i18n import Lang
from reports.record import RecordWriter
from reports.show.differing import lines_of
from tests.reports.synthetic import write_head


def shown(pair: Pair, lang: Lang = Lang.EN) -> list[str]:
    return list(lines_of(Compared((pair,), 1, 1, 1), lang))


def test_the_byte_that_deviates_is_marked_on_both_sides_as_text_and_in_hex() -> None:
    head, *rows, legend = shown(Pair("abcdef", "abXdef"))
    assert "first difference at byte 2" in head
    assert [row.split() for row in rows] == [
        ["Expected", "6", "bytes", "ab《c》def"],
        ["Observed", "6", "bytes", "ab《X》def"],
        ["Expected", "Hex", "0000", "61", "62[63]64", "65", "66"],
        ["Observed", "Hex", "0000", "61", "62[58]64", "65", "66"],
    ]
    assert rows[0].index("《") == rows[1].index("《"), "one side stands under the other"
    assert "《 》" in legend


def test_in_chinese_no_word_is_english() -> None:
    told = shown(Pair("1", "2"), Lang.ZH)
    assert "首个差异位于字节 0" in told[0]
    assert not any(word in line for line in told for word in ("Expected", "Observed", "byte"))


@pytest.mark.parametrize("pair", [Pair("a", None), Pair(None, "a")])
def test_a_side_that_has_nothing_says_so(pair: Pair) -> None:
    assert any(line.endswith("nothing") for line in shown(pair))


def test_no_byte_of_the_module_is_shown_as_it_was() -> None:
    assert "\x1b" not in "".join(shown(Pair("a", "\x1b[31m")))


@pytest.mark.parametrize("arguments", [(), ("ID-01",), ("ID-01-probe",)])
def test_a_breach_is_told_with_it_wherever_it_is_told(
    tmp_path: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    test = "conformance/test_identity.py::ID-01-probe"
    with RecordWriter(tmp_path / "record.jsonl") as record:
        write_head(record)
        record.write("test-start", test=test, requirements=["ID-01"])
        sent = record.write("serial", test=test, dir="tx", data="AT+ALYDEVICENAME?\r")
        got = record.write("serial", test=test, dir="rx", data="\r\n+ALYDEVICENAME:abX\r\n\r\nOK\r\n")
        exchange = record.write(
            "exchange",
            test=test,
            exchange=0,
            command="AT+ALYDEVICENAME?",
            lines=["+ALYDEVICENAME:abX", "OK"],
            final="OK",
            code=None,
            silent=False,
            seconds=0.1,
            **{"from": sent, "to": got},
        )
        record.write(
            "finding",
            test=test,
            requirement="ID-01",
            verdict="FAIL",
            title="t",
            expected="abc",
            observed="abX",
            evidence=[exchange],
            expectation={"check": "answers", "exchange": exchange, "values": ["abc"]},
        )
        record.write("test-end", test=test, verdict="FAIL", seconds=1.0)
    for lang in ("en", "zh"):
        assert main(["show", str(tmp_path), *arguments, f"--lang={lang}"]) == 0
        out = capsys.readouterr().out
        assert all(shown in out for shown in ("ab《c》", "ab《X》", "61 62[58]"))
