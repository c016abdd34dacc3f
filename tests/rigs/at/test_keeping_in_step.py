"""After silence, noise and power-up: no answer is ever taken for that of another command."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from rigs.errors import BenchError
from tests.rigs.at.fake_line import DEADLINES, OK, SHORT, UNKNOWN, Answer, Answers, FakeLine, healthy, talking

QUERY = b"AT+ALYDEVICENAME?"
ANSWER = b"\r\n+ALYDEVICENAME:x\r\n" + OK
ERROR = b"\r\n+CME ERROR: 708\r\n"


class Late:
    """A module that answers one command line only when the next one comes, in order."""

    def __init__(self, slow: bytes, answer: bytes) -> None:
        self._slow = slow
        self._answer = answer
        self._owed = b""

    def __call__(self, line: bytes) -> Answer:
        if line == self._slow and not self._owed:
            self._owed = self._answer
            return None
        owed, self._owed = self._owed, b""
        answer = self._answer if line == self._slow else healthy(line)
        assert isinstance(answer, bytes)
        return [owed, answer] if owed else answer


@pytest.mark.parametrize("answer", [ANSWER, ERROR], ids=["ok", "error"])
def test_an_answer_that_comes_late_is_not_taken_for_the_next_one(answer: bytes) -> None:
    with talking(FakeLine(Late(QUERY, answer))) as dialogue:
        assert dialogue.send(QUERY, deadline=SHORT).silent
        following = dialogue.send("AT+ALYNOSUCH")
        assert following.code == 58
        assert following.strays == []
        assert [line.text for line in following.lines] == [b"+CME ERROR: 58"]


@pytest.mark.parametrize(("answer", "text"), [(ANSWER, b"OK"), (ERROR, b"+CME ERROR: 708")], ids=["ok", "error"])
def test_resynchronising_notices_an_answer_that_came_late(answer: bytes, text: bytes) -> None:
    with talking(FakeLine(Late(QUERY, answer))) as dialogue:
        assert dialogue.send(QUERY, deadline=SHORT).silent
        assert [line.text for line in dialogue.resynchronise()] == [text]
        assert not dialogue.out_of_step


def test_resynchronising_finds_nothing_late_when_the_line_was_never_answered() -> None:
    with talking(FakeLine(Answers().on(QUERY, None))) as dialogue:
        assert dialogue.send(QUERY, deadline=SHORT).silent
        assert dialogue.resynchronise() == []


def test_a_late_error_is_noticed_where_unknown_commands_are_met_with_silence() -> None:
    module = Late(QUERY, ERROR)
    line = FakeLine(lambda command: None if command == b"AT+BENCHFENCE" else module(command))
    with talking(line, replace(DEADLINES, command=0.2)) as dialogue:
        assert dialogue.send(QUERY, deadline=SHORT).silent
        assert [item.text for item in dialogue.resynchronise()] == [b"+CME ERROR: 708"]


def test_a_command_that_was_silent_once_is_waited_for_shortly() -> None:
    with talking(FakeLine(Answers().on(QUERY, None))) as dialogue:
        dialogue.send(QUERY, deadline=SHORT)
        again = dialogue.send(QUERY, deadline=60)
        assert again.silent
        assert str(again.final) == f"no final result within {DEADLINES.repeated_silence:.1f} s"


def test_a_command_that_turns_out_to_be_late_gets_its_whole_time_again() -> None:
    line = FakeLine(Late(QUERY, ANSWER))
    with talking(line) as dialogue:
        dialogue.send(QUERY, deadline=SHORT)
        dialogue.resynchronise()
        line.module = lambda _: None
        answering = threading.Timer(4 * DEADLINES.repeated_silence, line.say, [ANSWER])
        answering.start()
        assert dialogue.send(QUERY, deadline=10).ok
        answering.join()


def test_a_module_that_stays_mute_is_an_error_of_the_bench() -> None:
    deadlines = replace(DEADLINES, recovery=0.1, first_poll=0.02, poll=0.02)
    with talking(FakeLine(lambda _: None), deadlines) as dialogue:
        assert dialogue.send(QUERY, deadline=SHORT).silent
        with pytest.raises(BenchError, match="does not answer AT") as caught:
            dialogue.send("AT")
        assert "cable" in caught.value.act
        assert len(dialogue.exchanges) == 1


def test_waking_polls_until_the_module_is_up_and_skips_boot_noise() -> None:
    polls = iter([None, b"\xff\x00\xf8AT\x80", b"\r\n+MATREADY\r\n"])
    line = FakeLine(lambda command: next(polls, None) if command == b"AT" and seen() < 4 else healthy(command))

    def seen() -> int:
        return line.lines.count(b"AT")

    deadlines = replace(DEADLINES, first_poll=0.02, poll=0.02)
    with talking(line, deadlines) as dialogue:
        assert dialogue.wake(10)
        assert dialogue.send(QUERY).code == 58
        assert b"+MATREADY" in [item.text for item in dialogue.unsolicited]


def test_waking_gives_up_at_its_deadline() -> None:
    deadlines = replace(DEADLINES, first_poll=0.02, poll=0.02)
    with talking(FakeLine(lambda _: None), deadlines) as dialogue:
        assert not dialogue.wake(0.1)
        assert dialogue.out_of_step


def test_polls_that_a_booting_module_answers_all_at_once_do_not_confuse_what_follows() -> None:
    buffered: list[bytes] = []

    def module(line: bytes) -> Answer:
        if line == b"AT" and len(buffered) < 4:
            buffered.append(OK)
            return [b"".join(buffered)] if len(buffered) == 4 else None
        return UNKNOWN if line.startswith(b"AT+B") else b"\r\n+ALYDEVICENAME:x\r\n" + OK

    deadlines = replace(DEADLINES, first_poll=0.02, poll=0.02)
    with talking(FakeLine(module), deadlines) as dialogue:
        assert dialogue.wake(10)
        for _ in range(3):
            exchange = dialogue.send(QUERY)
            assert [line.text for line in exchange.lines] == [b"+ALYDEVICENAME:x", b"OK"]
            assert exchange.strays == []


@pytest.mark.parametrize("answer", [b"\r\nERROR\r\n", UNKNOWN])
def test_an_error_to_at_is_a_sign_of_life(answer: bytes) -> None:
    with talking(FakeLine(lambda _: answer)) as dialogue:
        assert dialogue.wake(5)


@pytest.mark.parametrize("answer", [b"OK", b"\r\nOK\r"])
def test_a_module_that_leaves_out_its_line_ends_is_awake(answer: bytes) -> None:
    line = FakeLine(lambda command: answer)
    with talking(line, replace(DEADLINES, first_poll=0.05)) as dialogue:
        assert dialogue.wake(5)
        assert dialogue.send("AT").ok


@pytest.mark.parametrize(
    "fence",
    [b"\r\nOK\r\n", None, b"\r\n+BENCHFENCE=err,58\r\n", b"\r\n+BENCHFENCE: err,58\r\n\r\nERROR\r\n"],
    ids=["ok", "silence", "named", "named-and-closed"],
)
def test_it_stays_in_step_whatever_an_unknown_command_is_answered_with(fence: Answer) -> None:
    answers = Answers().on(b"AT+BENCHFENCE", fence).on(QUERY, ANSWER)
    with talking(FakeLine(answers), replace(DEADLINES, command=0.2)) as dialogue:
        for _ in range(3):
            dialogue.send_ignored(b"#noise")
            exchange = dialogue.send(QUERY, deadline=10)
            assert [line.text for line in exchange.lines] == [b"+ALYDEVICENAME:x", b"OK"]
            assert exchange.strays == []


@pytest.mark.parametrize("answer", [None, OK, ERROR, b"\r\nnoise\r\n"])
def test_a_line_that_may_be_ignored_leaves_nothing_behind(answer: Answer) -> None:
    with talking(FakeLine(Answers().on(b"#noise", answer).on(QUERY, ANSWER))) as dialogue:
        before = dialogue.send(QUERY)
        dialogue.send_ignored(b"#noise")
        after = dialogue.send(QUERY)
        assert [line.text for line in after.lines] == [b"+ALYDEVICENAME:x", b"OK"]
        assert before.strays == after.strays == []


def test_a_payload_that_looks_like_a_result_counts_for_no_exchange_where_any_line_may_come() -> None:
    line = FakeLine(Answers().on(QUERY, ANSWER))
    with talking(line) as dialogue:
        before = dialogue.send(QUERY)
        with dialogue.lines_of_any_kind():
            line.say(b"\r\n+MQTTRECV:/a,x\r\nOK\r\nlast\r\n")
            assert dialogue.wait_unsolicited(lambda item: item.text == b"last", 5)
        assert [item.text for item in dialogue.unsolicited] == [b"+MQTTRECV:/a,x", b"OK", b"last"]
        assert dialogue.send(QUERY).ok
        assert before.strays == []


def test_the_step_is_lost_even_where_the_test_inside_fails() -> None:
    with talking(FakeLine()) as dialogue:
        with pytest.raises(ZeroDivisionError), dialogue.lines_of_any_kind():
            dialogue.send("AT")
            raise ZeroDivisionError
        assert dialogue.out_of_step


def test_listening_goes_on_over_a_line_that_comes_in_pieces() -> None:
    line = FakeLine()
    with talking(line) as dialogue:
        line.say(b"\r\n+MQ")
        rest = threading.Timer(0.05, line.say, [b"TTRECV:/a,x\r\n"])
        rest.start()
        dialogue.listen(1.0)
        rest.join()
        assert [item.text for item in dialogue.unsolicited] == [b"+MQTTRECV:/a,x"]


def test_waiting_for_a_line_begins_where_it_is_told_and_ends_at_its_deadline() -> None:
    line = FakeLine()
    with talking(line) as dialogue:
        line.say(b"one\r\n", b"two\r\n")
        assert dialogue.wait_unsolicited(lambda item: item.text == b"two", 5)
        assert dialogue.wait_unsolicited(lambda item: item.text == b"one", 5, since=0)
        assert dialogue.wait_unsolicited(lambda _: True, SHORT, since=2) is None


def test_what_was_under_way_when_the_power_went_is_forgotten() -> None:
    with talking(FakeLine(Answers().on(QUERY, b"\r\n+ALYDEV").on(b"AT", OK))) as dialogue:
        dialogue.write_unanswered(QUERY + b"\r")
        dialogue.wait_unsolicited(lambda _: True, SHORT)
        dialogue.expect_power_loss()
        assert dialogue.wake(5, answers_pending=True)
        assert all(item.text in (b"OK", b"+CME ERROR: 58") for item in dialogue.unsolicited)


@pytest.mark.parametrize(("module", "answers"), [(healthy, True), (lambda _: None, False)], ids=["on", "off"])
def test_whether_the_module_still_answers_without_power(module: object, answers: bool) -> None:
    line = FakeLine(module)  # type: ignore[arg-type]
    with talking(line) as dialogue:
        assert dialogue.answers_within(0.2) is answers
        assert len(line.lines) == 1, "the line is not flooded"
