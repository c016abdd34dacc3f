"""The line reader: the same lines whatever the cut, nothing lost, no garbage that stops it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rigs.at.lines import LONGEST_LINE, LineEnd, LineReader

COMMAND = b"AT+ALYDEVICENAME?"

pieces = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            b"\r\n+CMT: ,24\r\n",
            b"\0",
            b"\r",
            b"\n",
            b"\r\n",
            b"\r\r\n",
            b"\n\r",
            b"OK",
            COMMAND,
            COMMAND[:7],
            COMMAND + b"\r",
        ]
    ),
)
streams = st.lists(pieces, max_size=12).map(b"".join)


def lines_of(*chunks: bytes, echo: bytes = b"") -> tuple[list[tuple[bytes, LineEnd]], bytes, bool]:
    """Text and end of each line, what is pending, and whether the echo came."""
    reader = LineReader()
    reader.expect_echo(echo)
    lines = [(line.text, line.end) for chunk in chunks for line in reader.feed(chunk, 0.0)]
    return lines, reader.pending, reader.forget_echo()


def cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(place, len(stream)) for place in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


@settings(deadline=None)
@given(streams, st.lists(st.integers(0, 150), max_size=8), st.sampled_from([b"", COMMAND, b"A\nB", b"\r", b"AT"]))
def test_any_split_of_a_stream_gives_the_same_lines(stream: bytes, cuts: list[int], echo: bytes) -> None:
    assert lines_of(*cut(stream, cuts), echo=echo) == lines_of(stream, echo=echo)


@settings(deadline=None)
@given(streams)
def test_byte_by_byte_is_no_different(stream: bytes) -> None:
    single = [stream[place : place + 1] for place in range(len(stream))]
    assert lines_of(*single, echo=COMMAND) == lines_of(stream, echo=COMMAND)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=10))
def test_no_byte_is_lost_but_line_ends(chunks: list[bytes]) -> None:
    reader = LineReader()
    lines = [line for chunk in chunks for line in reader.feed(chunk, 0.0)] + reader.flush(0.0)
    kept = b"".join(line.padding + line.text + (line.body or b"") for line in lines)
    assert _without_line_ends(kept) == _without_line_ends(b"".join(chunks))


def _without_line_ends(data: bytes) -> bytes:
    return data.replace(b"\r", b"").replace(b"\n", b"")


@pytest.mark.parametrize(
    ("stream", "lines", "pending"),
    [
        (b"\r\nOK\r\n", [(b"OK", LineEnd.CRLF)], b""),
        (b"OK\r\n", [(b"OK", LineEnd.CRLF)], b""),
        (b"\r\n\r\n\r\nOK\r\n\r\n", [(b"OK", LineEnd.CRLF)], b""),
        (b"one\r\r\ntwo\r\n", [(b"one", LineEnd.CRLF), (b"two", LineEnd.CRLF)], b""),
        (b"one\ntwo\n", [(b"one", LineEnd.LF), (b"two", LineEnd.LF)], b""),
        (b"one\rtwo\r\n", [(b"one", LineEnd.CR), (b"two", LineEnd.CRLF)], b""),
        (b"OK\r", [], b"OK\r"),
        (b"OK", [], b"OK"),
        (b"\x00\xff\r\n", [(b"\x00\xff", LineEnd.CRLF)], b""),
    ],
    ids=["framed", "no-leading", "blank-lines", "double-cr", "lf", "cr", "cr-undecided", "unterminated", "binary"],
)
def test_each_line_tells_how_it_ended(stream: bytes, lines: list[tuple[bytes, LineEnd]], pending: bytes) -> None:
    assert lines_of(stream)[:2] == (lines, pending)


@pytest.mark.parametrize(("rest", "end"), [(b"OK\r", LineEnd.CR), (b"OK", LineEnd.NONE)])
def test_flushing_gives_the_unterminated_rest_once(rest: bytes, end: LineEnd) -> None:
    reader = LineReader()
    reader.feed(b"one\r\n" + rest, 0.0)
    assert [(line.text, line.end, line.at) for line in reader.flush(2.5)] == [(b"OK", end, 2.5)]
    assert reader.flush(3.0) == []


def test_a_line_carries_the_time_of_the_chunk_that_completed_it() -> None:
    reader = LineReader()
    assert reader.feed(b"OK\r", 1.0) == []
    (line,) = reader.feed(b"\n", 2.0)
    assert line.at == 2.0


@pytest.mark.parametrize("answer", [b"\r\nOK\r\n", b"OK\r\n", b"\nOK\r\n"])
@pytest.mark.parametrize("before", [b"", b"\r\n", b"\r\n+URC: 1\r\n"])
def test_the_echo_is_taken_out_with_and_without_blank_lines_around_it(before: bytes, answer: bytes) -> None:
    lines, _, echoed = lines_of(before + COMMAND + b"\r" + answer, echo=COMMAND)
    assert echoed
    assert [text for text, _ in lines if not text.startswith(b"+URC")] == [b"OK"]


@pytest.mark.parametrize("stream", [b"\r\nOK\r\n", b"AT+ALYDEVICENAME\r\nOK\r\n", b"xAT+ALYDEVICENAME?\r\nOK\r\n"])
def test_what_is_not_the_echo_byte_for_byte_stays(stream: bytes) -> None:
    lines, _, echoed = lines_of(stream, echo=COMMAND)
    assert not echoed
    assert lines == lines_of(stream)[0]


def test_the_echo_is_taken_out_once() -> None:
    lines, _, _ = lines_of(b"AT\rAT\r\nOK\r\n", echo=b"AT")
    assert [text for text, _ in lines] == [b"AT", b"OK"]


def test_an_echo_that_is_no_longer_expected_is_a_line() -> None:
    reader = LineReader()
    reader.expect_echo(b"AT")
    assert not reader.forget_echo()
    assert [line.text for line in reader.feed(b"AT\r\n", 0.0)] == [b"AT"]


@pytest.mark.parametrize("chunk", [1000, 4096, 10 * LONGEST_LINE])
def test_a_line_without_an_end_is_cut_at_a_fixed_length(chunk: int) -> None:
    stream = b"x" * (2 * LONGEST_LINE + 10) + b"\r\nOK\r\n"
    chunks = [stream[place : place + chunk] for place in range(0, len(stream), chunk)]
    lines, _, _ = lines_of(*chunks)
    assert [(len(text), end) for text, end in lines] == [
        (LONGEST_LINE, LineEnd.NONE),
        (LONGEST_LINE, LineEnd.NONE),
        (10, LineEnd.CRLF),
        (2, LineEnd.CRLF),
    ]


def test_a_stream_of_crs_does_not_pile_up() -> None:
    reader = LineReader()
    reader.feed(b"garbage", 0.0)
    for _ in range(100):
        reader.feed(b"\r" * 5000, 0.0)
    assert len(reader.pending) < 100
    assert [(line.text, line.end) for line in reader.feed(b"\n", 0.0)] == [(b"garbage", LineEnd.CRLF)]


SMS = b'+CMT: "+8613800138000",,"26/11/27,12:00:00+32"'


@pytest.mark.parametrize(
    "body",
    [b"hello", b"OK", b"ERROR", b"+CME ERROR: 700", b"two\nlines", b"+MQTTRECV:/a,b", b"AT", b"", b"\xe6\x96\x87"],
    ids=repr,
)
@pytest.mark.parametrize("header", [SMS, b"+CMT: ,24", b"+CBM: 88", b"+CDS: 25"], ids=repr)
def test_a_urc_that_brings_a_text_is_one_line_with_its_body(header: bytes, body: bytes) -> None:
    reader = LineReader()
    stream = b"\r\n" + header + b"\r\n" + body + b"\r\n\r\nOK\r\n"
    lines = [line for place in range(len(stream)) for line in reader.feed(stream[place : place + 1], 0.0)]
    assert [(line.text, line.body) for line in lines] == [(header, body), (b"OK", None)]


def test_a_status_report_in_text_mode_brings_no_body() -> None:
    stream = b'+CDS: 6,12,"+8613800138000",145\r\nOK\r\n'
    assert [text for text, _ in lines_of(stream)[0]] == [b'+CDS: 6,12,"+8613800138000",145', b"OK"]


def test_a_body_that_does_not_end_is_given_when_no_more_comes() -> None:
    reader = LineReader()
    assert reader.feed(SMS + b"\r\nhalf a te", 0.0) == []
    assert reader.pending == b""
    assert [(line.text, line.body) for line in reader.flush(1.0)] == [(SMS, b"half a te")]


@pytest.mark.parametrize("padding", [b"\0", b"\0\0", b"\xff", b"\x11"])
def test_fill_bytes_in_front_of_a_line_are_told_apart_from_it(padding: bytes) -> None:
    (line,) = LineReader().feed(padding + b"OK\r\n", 0.0)
    assert (line.text, line.padding, line.end) == (b"OK", padding, LineEnd.CRLF)
