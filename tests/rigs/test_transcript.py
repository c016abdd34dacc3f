"""The transcript keeps every byte, and no secret, however the line cuts it up."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rigs.redaction import CLOSED, OPENED, Redactor, Span, StreamMasker, guessable
from rigs.transcript import Direction, Transcript

SECRET = b"q7Zr0PxK2mVn5TtB"
OTHER = b"abcdefabcdefabcd"
PLAIN = b'0123456789 .\r\n,+=:?"'
"""Bytes that no secret of these tests holds."""

noise = st.lists(st.sampled_from(list(PLAIN)), max_size=12).map(bytes)
streams = st.lists(st.one_of(noise, st.sampled_from([SECRET, OTHER, SECRET[:9], OTHER[:6], OTHER[:11]])), max_size=8)
chunkings = st.lists(st.tuples(st.integers(0, 24), st.booleans()), max_size=20)


def sink_of(stream: bytes, chunking: list[tuple[int, bool]], *secrets: bytes) -> bytes:
    """What is kept of ``stream`` when it comes in chunks of these sizes, flushed behind some of them."""
    return told_of(stream, chunking, *secrets)[0]


def told_of(stream: bytes, chunking: list[tuple[int, bool]], *secrets: bytes) -> tuple[bytes, set[int]]:
    """The same, and the positions that are told to be masked."""
    redactor = Redactor()
    for secret in secrets:
        redactor.add(secret)
    masker, kept, place, told = StreamMasker(redactor), b"", 0, set[int]()
    for size, flushed in [*chunking, (len(stream), True)]:
        pieces = masker.feed(stream[place : place + size], 0.0) + (masker.flush() if flushed else [])
        for _, piece, spans in pieces:
            told |= {len(kept) + at for first, last in spans for at in range(first, last)}
            kept += piece
        place += size
    return kept, told


def pieces_of(secret: bytes, size: int = 8) -> set[bytes]:
    return {secret[start : start + size] for start in range(len(secret) - size + 1)}


@settings(deadline=None)
@given(streams.map(b"".join), chunkings)
def test_no_piece_of_a_secret_gets_through_and_no_byte_is_lost(stream: bytes, chunking: list[tuple[int, bool]]) -> None:
    kept = sink_of(stream, chunking, SECRET, OTHER)
    assert len(kept) == len(stream)
    assert not any(piece in kept for secret in (SECRET, OTHER) for piece in pieces_of(secret))
    assert all(shown in (came, ord("*")) for shown, came in zip(kept, stream, strict=True))


@settings(deadline=None)
@given(streams.map(b"".join), chunkings)
def test_how_the_stream_is_cut_changes_nothing_that_is_kept(stream: bytes, chunking: list[tuple[int, bool]]) -> None:
    unflushed = [(size, False) for size, _ in chunking]
    assert sink_of(stream, unflushed, SECRET, OTHER) == sink_of(stream, [], SECRET, OTHER)


@settings(deadline=None)
@given(st.binary(max_size=80), chunkings)
def test_without_secrets_everything_is_kept_as_it_came(stream: bytes, chunking: list[tuple[int, bool]]) -> None:
    stream = stream.replace(b"+", b"-")
    assert sink_of(stream, chunking) == stream


@settings(deadline=None)
@given(st.binary(min_size=8, max_size=24), st.binary(max_size=20), st.binary(max_size=20), chunkings)
def test_any_secret_is_masked_whole_amid_any_bytes(
    secret: bytes, before: bytes, behind: bytes, chunking: list[tuple[int, bool]]
) -> None:
    assume(not guessable(secret))
    kept = sink_of(before + secret + behind, [(size, False) for size, _ in chunking], secret)
    assert kept[len(before) : len(before) + len(secret)] == b"*" * len(secret)


def test_a_secret_that_repeats_itself_is_masked_over_its_whole_run() -> None:
    assert sink_of(b"abcdef" * 6, [(1, False)] * 36, b"abcdef" * 3) == b"*" * 36


@pytest.mark.parametrize("cut", range(1, len(SECRET)))
def test_a_flush_in_the_middle_shows_less_than_eight_bytes(cut: int) -> None:
    kept = sink_of(b"=" + SECRET + b"\r\n", [(1 + cut, True)], SECRET)
    assert kept.rstrip(b"\r\n").lstrip(b"=").strip(b"*") in {SECRET[: min(cut, 7)], b""}


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (b'AT+ALYDEVICESECRET="abc"', b'AT+ALYDEVICESECRET="***"'),
        (b"AT+ALYPRODUCTSECRET=abc", b"AT+ALYPRODUCTSECRET=***"),
        (b"+ALYDEVICESECRET:abc", b"+ALYDEVICESECRET:***"),
        (b"+ALYDEVICESECRET: abc", b"+ALYDEVICESECRET: ***"),
        (b"+ALYDEVICESECRET:", b"+ALYDEVICESECRET:"),
        (b"+ALYDEVICESECRET=err,708", b"+ALYDEVICESECRET=err,708"),
        (b"+ALYDEVICESECRET: err, 708", b"+ALYDEVICESECRET: err, 708"),
        (b"+ALYDEVICESECRET:err,708x", b"+ALYDEVICESECRET:********"),
        (b"+ALYDEVICESECRET:er", b"+ALYDEVICESECRET:**"),
        (b'at+alydevicesecret = "abc"', b'at+alydevicesecret = "***"'),
        (b"AT+ALYDEVICESECRET?", b"AT+ALYDEVICESECRET?"),
        (b"AT+ALYDEVICESECRET=?", b"AT+ALYDEVICESECRET=?"),
        (b'AT+ALYDEVICENAME="abc"', b'AT+ALYDEVICENAME="abc"'),
    ],
)
def test_a_line_that_names_a_secret_hides_it_however_short(line: bytes, masked: bytes) -> None:
    assert Redactor().mask_line(line) == masked
    for size in (1, 3, 40):
        stream = line + b"\r\nOK\r\n" + line + b"\rOK\r\n"
        kept, told = told_of(stream, [(size, False)] * (len(stream) // size))
        assert kept == masked + b"\r\nOK\r\n" + masked + b"\rOK\r\n"
        assert told == {at for at, byte in enumerate(kept) if byte == ord("*")}


def test_stars_of_the_module_are_told_apart_from_those_of_the_bench() -> None:
    stream = b"+ALYDEVICENAME:****\r\n+ALYDEVICESECRET:****\r\n" + SECRET
    kept, told = told_of(stream, [(5, False)] * 10, SECRET)
    assert kept == b"+ALYDEVICENAME:****\r\n+ALYDEVICESECRET:****\r\n" + b"*" * len(SECRET)
    assert told == set(range(44, 60)), "what the module shows as stars hides nothing that the bench could mask"


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([b"+aSECRET:", b"er", b"err,", b"7", b" ", b'"', b"x", b"\r", b"\n", SECRET])), chunkings
)
def test_how_a_line_that_names_a_secret_is_cut_changes_nothing(
    pieces: list[bytes], chunking: list[tuple[int, bool]]
) -> None:
    stream = b"".join(pieces)
    unflushed = [(size, False) for size, _ in chunking]
    assert told_of(stream, unflushed, SECRET) == told_of(stream, [], SECRET)


@pytest.mark.parametrize("weak", [b"password", b"00000000", b"1234567890", b"abababababababababab", b"short"])
def test_a_guessable_secret_is_masked_only_where_a_line_names_it(weak: bytes) -> None:
    stream = b"+CPIN:" + weak + b"\r\n+ALYDEVICESECRET:" + weak + b"\r\n"
    assert sink_of(stream, [], weak) == b"+CPIN:" + weak + b"\r\n+ALYDEVICESECRET:" + b"*" * len(weak) + b"\r\n"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("the login of q7Zr0PxK2mVn5TtB failed", "the login of [****************] failed"),
        ("cut short: q7Zr0PxK2", "cut short: [*********]"),
        ("too short: q7Zr0Px", "too short: q7Zr0Px"),
        ('AT+ALYDEVICESECRET="ab c" was answered OK', 'AT+ALYDEVICESECRET="[****]" was answered OK'),
        (r'AT+ALYDEVICESECRET="a\"b" was answered OK', r'AT+ALYDEVICESECRET="[****]" was answered OK'),
        ('AT+ALYDEVICESECRET="" was answered OK', 'AT+ALYDEVICESECRET="" was answered OK'),
        ("+ALYDEVICESECRET:abc / OK", "+ALYDEVICESECRET:[***] / OK"),
        ("+ALYDEVICESECRET: / OK", "+ALYDEVICESECRET: / OK"),
        ("+ALYDEVICESECRET:\r\nOK", "+ALYDEVICESECRET:\r\nOK"),
        (r"+ALYDEVICESECRET:\r\nOK", r"+ALYDEVICESECRET:\r\nOK"),
        (r"b'+ALYDEVICESECRET:abc\r\nOK'", r"b'+ALYDEVICESECRET:[***]\r\nOK'"),
        ("+ALYDEVICESECRET: err,708 after 1 ms", "+ALYDEVICESECRET: err,708 after 1 ms"),
        ("+ALYDEVICESECRET:q7Zr0PxK2mVn5TtB / OK", "+ALYDEVICESECRET:[****************] / OK"),
        ("+ALYDEVICESECRET:**** / OK", "+ALYDEVICESECRET:**** / OK"),
        ("+ALYDEVICESECRET:ab*cd / OK", "+ALYDEVICESECRET:[**]*[**] / OK"),
        ("a module that shows **** hides nothing", "a module that shows **** hides nothing"),
        ("AT+ALYDEVICESECRET? was answered OK", "AT+ALYDEVICESECRET? was answered OK"),
        ("AT+ALYDEVICESECRET=? was answered OK", "AT+ALYDEVICESECRET=? was answered OK"),
    ],
)
def test_messages_hide_secrets_and_mark_where(text: str, masked: str) -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    assert redactor.mask_text(text) == masked.replace("[", OPENED).replace("]", CLOSED)
    assert redactor.mask_text(redactor.mask_text(text)) == redactor.mask_text(text)


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("behind", range(4))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, bytes.hex, lambda it: it.hex().upper()])
@pytest.mark.parametrize("secret", [SECRET, SECRET[:15], SECRET[:14], b"\xff\xfe\xfd\xfc\xfb\xfa" * 2])
def test_an_encoded_secret_is_hidden_too(
    before: int, behind: int, encode: Callable[[bytes], bytes | str], secret: bytes
) -> None:
    redactor = Redactor()
    redactor.add(secret)
    text = encode(b"abc"[:before] + secret + b"xyz"[:behind])
    shown = redactor.mask(text.encode() if isinstance(text, str) else text)
    # Of base64 the characters at either end may hold bits of the secret's neighbours as well.
    assert len(shown.replace(b"*", b"").rstrip(b"=")) <= 2 * (before + behind) + 2


def test_a_secret_that_is_no_ascii_is_hidden_decoded_and_as_latin_1() -> None:
    redactor = Redactor()
    redactor.add(raw := "密钥密钥".encode())
    assert redactor.mask_text("the key 密钥密钥!") == f"the key {OPENED}****{CLOSED}!"
    assert redactor.mask_text(raw.decode("latin-1")) == f"{OPENED}{'*' * len(raw)}{CLOSED}"
    assert redactor.mask(b"=" + raw) == b"=" + b"*" * len(raw)


def test_json_is_masked_to_its_leaves() -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    text = SECRET.decode()
    value = {"a": [text, 1, None, True, 2.5], "b": {"c": (text, "plain"), text: text}}
    hidden = f"{OPENED}{'*' * len(text)}{CLOSED}"
    assert redactor.mask_json(value) == {
        "a": [hidden, 1, None, True, 2.5],
        "b": {"c": [hidden, "plain"], hidden: hidden},
    }


def test_fields_keep_their_length_and_tell_what_was_masked() -> None:
    redactor, spans = Redactor(), dict[str, list[Span]]()
    redactor.add(SECRET)
    value = {"topic/~": f"/{SECRET.decode()}/x", "list": ["****", SECRET.decode()], "qos": 1}
    stars = "*" * len(SECRET)
    assert redactor.mask_fields(value, spans) == {"topic/~": f"/{stars}/x", "list": ["****", stars], "qos": 1}
    assert spans == {"/topic~1~0": [(1, 17)], "/list/1": [(0, 16)]}


def test_a_secret_is_masked_from_the_moment_it_is_known_and_one_inside_another_whole() -> None:
    redactor = Redactor()
    assert redactor.mask(SECRET) == SECRET
    redactor.add(SECRET[:10])
    redactor.add(SECRET)
    redactor.add(SECRET[:12])
    assert redactor.mask(SECRET) == b"*" * len(SECRET)


class Events:
    def __init__(self) -> None:
        self.kept: list[tuple[str, float | None, dict[str, Any]]] = []

    def __call__(self, kind: str, *, at: float | None = None, **fields: Any) -> int:
        self.kept.append((kind, at, fields))
        return len(self.kept) - 1


def test_each_chunk_is_one_event_with_its_own_time_and_direction() -> None:
    transcript = Transcript(events := Events(), clock=lambda: 9.0)
    transcript.serial(Direction.TX, b"AT\r", 1.0)
    transcript.serial(Direction.RX, b"\r\nOK\xff\r\n", 2.0)
    transcript.serial(Direction.TX, b"ATI\r")
    assert events.kept == [
        ("serial", 1.0, {"dir": "tx", "data": "AT\r"}),
        ("serial", 2.0, {"dir": "rx", "data": "\r\nOK\xff\r\n"}),
        ("serial", 9.0, {"dir": "tx", "data": "ATI\r"}),
    ]
    assert transcript.last == 2


def test_what_is_held_back_comes_out_with_the_time_at_which_it_came() -> None:
    transcript = Transcript(events := Events())
    transcript.redactor.add(SECRET)
    transcript.serial(Direction.RX, b"x" + SECRET[:5], 1.0)
    transcript.serial(Direction.RX, b"\r\n", 2.0)
    transcript.serial(Direction.RX, SECRET[:3], 3.0)
    transcript.flush()
    kept = [(at, fields["data"]) for _, at, fields in events.kept]
    assert kept == [(1.0, "x"), (1.0, "q7Zr0"), (2.0, "\r\n"), (3.0, "q7Z")]


def test_the_two_directions_are_masked_apart() -> None:
    transcript = Transcript(events := Events())
    transcript.redactor.add(SECRET)
    for place in range(len(SECRET)):
        transcript.serial(Direction.TX, SECRET[place : place + 1], 0.0)
        transcript.serial(Direction.RX, b".", 0.0)
    transcript.flush()
    sent = "".join(fields["data"] for _, _, fields in events.kept if fields["dir"] == "tx")
    assert sent == "*" * len(SECRET)


def test_a_note_is_masked_and_gives_its_number() -> None:
    transcript = Transcript(events := Events())
    transcript.redactor.add(SECRET)
    assert transcript.note("incident", text=f"lost {SECRET.decode()}", recovered=True) == 0
    assert events.kept == [("incident", None, {"text": f"lost {OPENED}****************{CLOSED}", "recovered": True})]


def test_an_exchange_tells_what_was_masked_of_its_lines() -> None:
    transcript = Transcript(events := Events())
    transcript.exchange(b"AT+ALYDEVICESECRET?", [b"+ALYDEVICESECRET:ab", b"****", b"OK"], final="OK")
    fields = {"command": "AT+ALYDEVICESECRET?", "lines": ["+ALYDEVICESECRET:**", "****", "OK"], "final": "OK"}
    told = {"masked": {"/lines/0": [[17, 19]]}, "labels": {"/lines/0": ["1:2"]}}
    assert events.kept == [("exchange", None, {**fields, **told})]


def test_equal_secrets_have_one_label_and_parts_say_of_what() -> None:
    redactor = Redactor()
    whole, other = b"aB3dE5gH7jK9mN1p", b"zY2xW4vU6tS8rQ0o"
    redactor.add(whole)
    assert redactor.told(b'AT+ALYDEVICESECRET="' + whole + b'"') == f'AT+ALYDEVICESECRET="{OPENED}1:16{CLOSED}"'
    assert redactor.told(b"+ALYDEVICESECRET:" + whole) == f"+ALYDEVICESECRET:{OPENED}1:16{CLOSED}"
    assert redactor.told(b"+ALYDEVICESECRET:" + whole[:15]) == f"+ALYDEVICESECRET:{OPENED}2:15=1[0:15]{CLOSED}"
    assert redactor.told(b"+ALYDEVICESECRET:" + whole[1:]) == f"+ALYDEVICESECRET:{OPENED}3:15=1[1:16]{CLOSED}"
    assert redactor.told(b"+ALYDEVICESECRET:" + other) == f"+ALYDEVICESECRET:{OPENED}4:16{CLOSED}"
    assert redactor.told(b"+ALYDEVICENAME:abc") == "+ALYDEVICENAME:abc"
