"""One command line and what comes back: paired right, whatever else is on the line."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from rigs.at.dialogue import Exchange, NoResponse
from rigs.at.lines import LineEnd
from rigs.at.results import Final, Form, Information
from tests.rigs.at.fake_line import DEADLINES, OK, SHORT, Answer, Answers, FakeLine, Recorder, talking

QUERY = b"AT+ALYDEVICENAME?"
SET = b'AT+ALYDEVICENAME="x"'
ANSWER = b"\r\n+ALYDEVICENAME:x\r\n" + OK
URC = b"\r\n+MQTTRECV:/a/b/user/c,OK\r\n"
PAUSED = replace(DEADLINES, guard=0.3)


def texts(exchange: Exchange) -> list[bytes]:
    return [line.text for line in exchange.lines]


@pytest.mark.parametrize(
    "answer",
    [ANSWER, b"+ALYDEVICENAME:x\r\nOK\r\n", [ANSWER[n : n + 1] for n in range(len(ANSWER))], [ANSWER[:5], ANSWER[5:]]],
    ids=["whole", "no-leading-cr-lf", "dribbling", "torn"],
)
@pytest.mark.parametrize("echo", [False, True], ids=["no-echo", "echo"])
def test_a_query_answered_ok(answer: Answer, echo: bool) -> None:
    with talking(FakeLine(Answers().on(QUERY, answer), echo=echo)) as dialogue:
        exchange = dialogue.send(QUERY)
        assert exchange.ok
        assert not exchange.silent
        assert exchange.error is None
        assert exchange.code is None
        assert texts(exchange) == [b"+ALYDEVICENAME:x", b"OK"]
        assert all(line.end is LineEnd.CRLF for line in exchange.lines)
        assert exchange.information == (Information(":", b"x"),)
        assert exchange.others == ()
        assert exchange.echoed is echo
        assert dialogue.unsolicited == []


def test_the_echo_of_a_module_that_echoes_from_the_start_is_told_for_each_command() -> None:
    line = FakeLine(echo=True)

    def module(command: bytes) -> Answer:
        line.echo = line.echo and command != b"ATE0"
        return OK

    line.module = module
    with talking(line) as dialogue:
        assert dialogue.wake(5)
        assert [dialogue.send(command).echoed for command in ("ATE0", "AT")] == [True, False]
        assert dialogue.send("").echoed is False
        assert [item.text for item in dialogue.unsolicited] == [b"OK"], "the echo of a poll is no URC"


@pytest.mark.parametrize("end", [b"\r", b"\r\n"])
def test_a_line_feed_behind_the_command_does_not_hide_the_echo(end: bytes) -> None:
    with talking(FakeLine(echo=True)) as dialogue:
        exchanges = [dialogue.send("AT", end=end) for _ in range(3)]
        assert all(exchange.ok and exchange.echoed for exchange in exchanges)


@pytest.mark.parametrize(
    ("answer", "final"),
    [
        (b"\r\nERROR\r\n", Final(Form.ERROR)),
        (b"\r\n+CME ERROR: 708\r\n", Final(Form.CME_SPACED, 708)),
        (b"\r\n+CME ERROR:708\r\n", Final(Form.CME_TIGHT, 708)),
        (b"\r\nERROR: 708\r\n", Final(Form.ERROR_CODE, 708)),
        (b"\r\n+ALYDEVICENAME=err,708\r\n", Final(Form.ERR_EQUALS, 708)),
        (b"\r\n+ALYDEVICENAME: err,708\r\n", Final(Form.ERR_COLON, 708)),
        (b"\r\n+ALYDEVICENAME=err,708\r\n\r\nERROR\r\n", Final(Form.ERR_EQUALS, 708, closed_by_error=True)),
        (b"\r\n+ALYDEVICENAME: err,708\r\n\r\nERROR\r\n", Final(Form.ERR_COLON, 708, closed_by_error=True)),
    ],
)
def test_an_error_in_every_dialect_ends_the_exchange_once(answer: bytes, final: Final) -> None:
    with talking(FakeLine(Answers().on(SET, answer))) as dialogue:
        for exchange in [dialogue.send(SET), dialogue.send(SET)]:
            assert exchange.final == final
            assert exchange.error == final
            assert exchange.code == final.code
            assert exchange.information == ()
        assert dialogue.send("AT").ok
        assert [exchange.strays for exchange in dialogue.exchanges] == [[], [], []]


@pytest.mark.parametrize("value", [b"err,700", b" err,700"])
@pytest.mark.parametrize("dialect", [b"", b"\r\n+ALYDEVICENAME: err,708\r\n"], ids=["new", "known"])
def test_a_value_that_looks_like_an_error_is_one_only_without_ok_behind_it(value: bytes, dialect: bytes) -> None:
    answers = Answers().on(QUERY, b"\r\n+ALYDEVICENAME:" + value + b"\r\n" + OK).on(SET, dialect or OK)
    with talking(FakeLine(answers)) as dialogue:
        dialogue.send(SET)
        exchange = dialogue.send(QUERY)
        assert exchange.ok
        assert exchange.information == (Information(":", value),)
        assert exchange.strays == []


def test_an_ok_behind_an_error_in_the_name_of_a_set_command_is_a_second_result() -> None:
    with talking(FakeLine(Answers().on(SET, b"\r\n+ALYDEVICENAME=err,708\r\n" + OK))) as dialogue:
        exchange = dialogue.send(SET)
        assert exchange.code == 708
        assert [line.text for line in exchange.strays] == [b"OK"]


def test_an_error_in_the_name_of_another_family_is_a_urc() -> None:
    with talking(FakeLine(Answers().on(QUERY, b"\r\n+CREG: err,3\r\n" + ANSWER))) as dialogue:
        exchange = dialogue.send(QUERY)
        assert exchange.ok
        assert exchange.others == (b"+CREG: err,3",)
        assert [line.text for line in dialogue.unsolicited] == [b"+CREG: err,3"]


def test_a_closing_error_that_is_cut_in_two_belongs_to_the_first() -> None:
    answer = [b"\r\n+ALYDEVICENAME=err,708\r\n", b"\r\nER", b"ROR\r\n"]
    with talking(FakeLine(Answers().on(SET, answer))) as dialogue:
        assert [dialogue.send(SET).final for _ in range(2)] == [Final(Form.ERR_EQUALS, 708, closed_by_error=True)] * 2


@pytest.mark.parametrize(
    ("answer", "others"),
    [
        (URC + ANSWER, (b"+MQTTRECV:/a/b/user/c,OK",)),
        (b"\r\n+ALYDEVICENAME:x\r\n" + URC + OK, (b"+MQTTRECV:/a/b/user/c,OK",)),
        (ANSWER + URC, ()),
    ],
    ids=["before", "inside", "after"],
)
def test_a_urc_goes_to_the_urc_stream_wherever_it_comes(answer: bytes, others: tuple[bytes, ...]) -> None:
    with talking(FakeLine(Answers().on(QUERY, answer))) as dialogue:
        exchange = dialogue.send(QUERY)
        assert exchange.ok
        assert exchange.information == (Information(":", b"x"),)
        assert exchange.others == others
        assert exchange.strays == []
        urc = dialogue.wait_unsolicited(lambda line: line.text.startswith(b"+MQTTRECV"), 5)
        assert urc is not None
        assert len(dialogue.unsolicited) == 1


def test_a_urc_alone_is_no_answer() -> None:
    with talking(FakeLine(Answers().on(QUERY, URC))) as dialogue:
        exchange = dialogue.send(QUERY, deadline=SHORT)
        assert exchange.silent
        assert exchange.error is None
        assert not exchange.ok


@pytest.mark.parametrize(
    ("answer", "partial"), [(None, b""), (b"\r\n+ALYDEV", b"+ALYDEV"), (b"\r\n\r\n", b""), (b"\r\n+X\r", b"+X")]
)
def test_silence_is_no_response(answer: Answer, partial: bytes) -> None:
    with talking(FakeLine(Answers().on(QUERY, answer))) as dialogue:
        exchange = dialogue.send(QUERY, deadline=SHORT)
        assert exchange.final == NoResponse(SHORT, partial)
        assert exchange.silent
        assert dialogue.out_of_step


def test_a_second_final_result_is_a_stray_of_its_exchange() -> None:
    with talking(FakeLine(Answers().on(SET, OK + b"\r\nERROR\r\n"))) as dialogue:
        exchange = dialogue.send(SET)
        assert exchange.ok
        assert dialogue.wait_unsolicited(lambda line: line.text == b"ERROR", 5)
        assert [line.text for line in exchange.strays] == [b"ERROR"]
        assert dialogue.send("AT").strays == []


@pytest.mark.parametrize("end", [b"", b"\r"])
def test_a_final_result_without_its_line_end_is_taken_after_the_deadline_and_soon_from_then_on(end: bytes) -> None:
    with talking(FakeLine(Answers().on(SET, b"\r\nOK" + end))) as dialogue:
        first = dialogue.send(SET, deadline=SHORT)
        second = dialogue.send(SET, deadline=30)
        for exchange in (first, second):
            assert exchange.ok
            assert exchange.lines[-1].end is (LineEnd.CR if end else LineEnd.NONE)


def test_a_line_end_that_is_cut_in_two_stays_whole_even_from_a_module_known_to_leave_it_out() -> None:
    with talking(FakeLine(Answers().on(SET, b"\r\nOK", [b"\r\nOK\r", b"\n"]))) as dialogue:
        dialogue.send(SET, deadline=SHORT)
        assert dialogue.send(SET).lines[-1].end is LineEnd.CRLF


def test_the_guard_time_passes_between_an_answer_and_the_next_command() -> None:
    line = FakeLine(Answers().on(SET, OK))
    with talking(line, PAUSED) as dialogue:
        first, second = dialogue.send(SET), dialogue.send(SET)
        assert second.lines[-1].at - first.lines[-1].at >= PAUSED.guard


def test_a_stray_result_in_the_pause_is_not_taken_for_the_next_answer() -> None:
    line = FakeLine(Answers().on(SET, OK, [OK, b"\r\nERR", b"OR\r\n"]))
    with talking(line, PAUSED) as dialogue:
        dialogue.send(SET)
        second = dialogue.send(SET)
        assert dialogue.send(b"AT").ok
        assert [item.text for item in second.strays] == [b"ERROR"]


def test_every_exchange_is_recorded_with_its_evidence() -> None:
    sink = Recorder()
    with talking(FakeLine(Answers().on(QUERY, ANSWER).on(SET, None)), sink=sink) as dialogue:
        answered, silent = dialogue.send(QUERY), dialogue.send(SET, deadline=SHORT)
    first, second = sink.of("exchange")
    assert first["command"] == QUERY.decode()
    assert first["lines"] == ["+ALYDEVICENAME:x", "OK"]
    assert (first["final"], first["code"], first["silent"]) == ("OK", None, False)
    assert second["silent"]
    for exchange, event in ((answered, first), (silent, second)):
        start, end = exchange.evidence
        assert (start, sink.events[end][1]) == (event["from"], event)
        assert [kind for kind, _ in sink.events[start:end]] == ["serial"] * (end - start)
        assert sink.events[start][1]["data"] == exchange.command.decode() + "\r"


def test_secrets_are_masked_in_the_record_of_an_exchange() -> None:
    sink = Recorder()
    command = b'AT+ALYDEVICESECRET="abc"'
    with talking(FakeLine(Answers().on(command, b"\r\n+ALYDEVICESECRET:abc\r\n" + OK)), sink=sink) as dialogue:
        assert dialogue.send(command).information == (Information(":", b"abc"),)
    assert "abc" not in str(sink.events)


def test_a_flood_of_urcs_does_not_outlast_the_deadline() -> None:
    line = FakeLine()

    def flood(_: bytes) -> Answer:
        return [b"\r\n+CREG: %d\r\n" % number for number in range(2000)]

    line.module = flood
    with talking(line) as dialogue:
        exchange = dialogue.send(QUERY, deadline=SHORT)
        assert exchange.silent
        assert not exchange.ok


SMS = b'\r\n+CMT: "+8613800138000",,"26/11/27,12:00:00+32"\r\nhello\r\nERROR\r\nbye\r\n'


def test_a_text_of_several_lines_that_looks_like_an_answer_is_not_taken_for_it() -> None:
    line = FakeLine(Answers().on(QUERY, [SMS, ANSWER]))
    with talking(line) as dialogue:
        exchange = dialogue.send(QUERY)
        assert exchange.ok
        assert [item.value for item in exchange.information] == [b"x"]
        assert dialogue.send("AT").strays == []


def test_a_text_on_a_line_that_is_never_quiet_does_not_hold_the_answer_up() -> None:
    line = FakeLine(Answers().on(QUERY, [SMS, ANSWER]))
    over = threading.Event()

    def chatter() -> None:
        while not over.wait(DEADLINES.quiet / 5):
            line.say(b"\r\n+CREG: 1\r\n")

    with talking(line) as dialogue:
        talker = threading.Thread(target=chatter)
        talker.start()
        try:
            exchange = dialogue.send(QUERY)
        finally:
            over.set()
            talker.join()
        assert exchange.ok
        assert exchange.seconds < DEADLINES.command, "the whole deadline, and more, was waited for before"


def test_a_text_of_several_lines_behind_an_answer_is_no_second_final_result_code() -> None:
    line = FakeLine(Answers().on(QUERY, ANSWER))
    with talking(line) as dialogue:
        exchange = dialogue.send(QUERY)
        line.say(SMS)
        assert dialogue.wait_unsolicited(lambda item: item.text == b"bye", 5)
        dialogue.send("AT")
        assert exchange.strays == []
