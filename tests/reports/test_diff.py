"""Expected beside observed: one notation, every deviating byte marked, long values cut round the first difference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reports.events import Compared, Pair
from reports.html import render_page
from reports.html.alignment import aligned
from reports.html.diff import diff_nodes
from reports.html.tree import to_html
from reports.i18n import Lang
from reports.record import RecordWriter, RunRecord
from tests.reports.synthetic import nodeid, write_head
from tests.reports.unpacking import Page

_TAG = re.compile(r"<[^>]*>")


def _bytes(text: str) -> str:
    return text.encode().decode("latin-1")


def _markup(expected: str | None, observed: str | None, *, messages: bool = False) -> str:
    pair = Pair(expected, observed, 2)
    return to_html(diff_nodes(Compared((pair,), 3, 4, 1, messages=messages)))


def _rows(markup: str) -> list[str]:
    """The text of each row in English."""
    english = re.sub(r'<span lang="zh-CN">.*?</span>', "", markup)
    return [_TAG.sub("", row).replace("&#34;", '"') for row in re.findall(r"<tr.*?</tr>", english)]


def test_a_byte_that_deviates_is_marked_on_both_sides_as_text_and_in_hex() -> None:
    markup = _markup("abcdef", "abXdef")
    assert _rows(markup) == [
        "Expected 6 bytesab《c》def",
        "Observed 6 bytesab《X》def",
        "Expected Hex0000 61 62[63]64 65 66",
        "Observed Hex0000 61 62[58]64 65 66",
    ]
    assert markup.count('<mark class="differs">') == 4
    assert "first difference at byte 2, counted from 0." in markup
    assert "Bytes that deviate: expected 2; observed 2." in markup
    assert "首个差异位于字节 2" in markup


def test_a_byte_that_is_missing_does_not_shift_the_others() -> None:
    markup = _markup(r"back\slash\end", "backslashend")
    assert _rows(markup)[:2] == [r"Expected 14 bytesback《\》slash《\》end", "Observed 12 bytesback《》slash《》end"]
    assert _rows(markup)[2:] == [
        "Expected Hex0000 62 61 63 6b[5c]73 6c 61 73 68[5c]65 6e 64",
        "Observed Hex0000 62 61 63 6b[--]73 6c 61 73 68[--]65 6e 64",
    ]
    assert "Bytes that deviate: expected 4, 10; observed --." in markup


def test_text_is_readable_where_it_is_utf_8_and_escaped_where_it_is_not() -> None:
    rows = _rows(_markup(_bytes('{"状态":"é"}') + "\r", '{"??????":"\xe9"}' + "\r"))
    assert rows[:2] == ['Expected 16 bytes{"《状态》":"《é》"}\\r', 'Observed 15 bytes{"《??????》":"《\\xe9》"}\\r']
    half = _rows(_markup(_bytes("é"), "\xc3\xa8"))
    assert half[:2] == ["Expected 2 bytes《é》", "Observed 2 bytes《è》"], "a character deviates with any of its bytes"
    assert half[2:] == ["Expected Hex0000 c3[a9]", "Observed Hex0000 c3[a8]"]


def test_our_own_brackets_in_a_payload_are_shown_as_bytes() -> None:
    rows = _rows(_markup(_bytes("《a》"), _bytes("《b》")))
    assert rows[0] == r"Expected 7 bytes\xe3\x80\x8a《a》\xe3\x80\x8b"


def test_labels_stay_labels() -> None:
    same, other = "\u30103:64\u3011", "\u30104:63=3[0:63]\u3011"
    rows = _rows(_markup(f"x{same}y", f"x{other}y"))
    assert rows[:2] == [f"Expected 66 bytesx《{same}》y", f"Observed 65 bytesx《{other}》y"]
    markup = _markup(f"{same}ab", f"{same}ac")
    assert "first difference at byte 65," in markup
    assert f'<mark class="masked">{same}</mark>a<mark class="differs">' in markup


def test_a_long_value_is_cut_round_the_first_difference() -> None:
    text = "".join(f"{number:04}|" for number in range(200))
    markup = _markup(text, f"{text[:700]}X{text[701:]}")
    rows = _rows(markup)
    assert "first difference at byte 700," in markup
    assert rows[0].startswith("Expected 1000 bytes660 bytes … 0132|")
    assert rows[0].endswith("… 140 bytes")
    assert rows[2] == "Expected Hex02b0 37 7c 30 31 33 38 7c 30 31 33 39 7c[30]31 34 30"
    assert len(rows) == 4
    assert len(_rows(_markup("a" * 500, "b" * 500))) == 2 + 2 * 4, "no more than four rows of hex on each side"


def test_what_did_not_come_at_all_is_said_so() -> None:
    markup = _markup("abc", None, messages=True)
    assert _rows(markup) == ["Expected 3 bytesabc", "Observednothing"]
    assert "Message 2 (3 expected, 4 came):" in markup
    assert _rows(_markup(None, _bytes("多"))) == ["Expectednothing", "Observed 3 bytes多"]


def test_hostile_bytes_are_text() -> None:
    markup = _markup("<script>x</script>", '\x1b[31m\x00"><img src=x onerror=1>\u0080\xe2\x80\xae')
    assert not {"script", "img"} & set(Page(markup).tags)
    assert "\x1b" not in markup
    assert "\\u202e" in markup


def test_large_texts_are_compared_place_by_place() -> None:
    columns = aligned("ab" * 2000, "ba" * 2000)
    assert len(columns) == 4000
    assert all(column.deviates for column in columns)


def test_sides_are_shared_where_they_can_be() -> None:
    assert [column.deviates for column in aligned("abc", "abc")] == [False] * 3
    assert [(*column,) for column in aligned("abc", "xabc")] == [(None, "x"), ("a", "a"), ("b", "b"), ("c", "c")]
    assert [(*column,) for column in aligned("aaa", "aa")] == [("a", "a"), ("a", "a"), ("a", None)]


@pytest.mark.parametrize("lang", list(Lang))
def test_a_page_made_of_the_record_alone_shows_it(tmp_path: Path, lang: Lang) -> None:
    """A query whose answer differs, and a message on its way up: both from the raw bytes of the record."""
    test = nodeid("ID-01")
    with RecordWriter(tmp_path / "record.jsonl") as record:
        write_head(record)
        record.write("test-start", test=test, requirements=["ID-01"])
        sent = record.write("serial", test=test, dir="tx", data="AT+ALYDEVICENAME?\r")
        got = record.write("serial", test=test, dir="rx", data=_bytes("\r\n+ALYDEVICENAME:设备\r\n\r\nOK\r\n"))
        exchange = record.write(
            "exchange",
            test=test,
            exchange=0,
            command="AT+ALYDEVICENAME?",
            lines=[_bytes("+ALYDEVICENAME:设备"), "OK"],
            final="OK",
            code=None,
            silent=False,
            seconds=0.1,
            **{"from": sent, "to": got},
        )
        payload = b"\x30\x09\x00\x02/t" + "温".encode() + b"!!"
        packet = record.write("mqtt", connection=1, dir="up", packet="PUBLISH", fields={}, hex=payload.hex())
        for expectation in (
            {"check": "answers", "exchange": exchange, "values": [_bytes("设置")]},
            {"check": "published", "topic": "/t", "payloads": [_bytes("温度")], "last": packet},
        ):
            record.write(
                "finding",
                test=test,
                requirement="ID-01",
                verdict="FAIL",
                title="t",
                expected="in the test's own words",
                observed="b'\\xe8\\xae\\xbe'",
                evidence=[],
                observation=None,
                expectation=expectation,
            )
        record.write("test-end", test=test, verdict="FAIL", seconds=0.1)
    page = Page(render_page(RunRecord.load(tmp_path / "record.jsonl"), lang, strict=False)).text
    for shown in ("设《置》", "设《备》", "温《度》", "温《!!》"):
        assert shown in page
    assert "in the test's own words" not in page, "there would be two notations"
