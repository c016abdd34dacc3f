"""One silence costs no deadline: an answer that comes late is told from one that never comes."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from rigs.at.dialogue import Dialogue
from rigs.errors import BenchError
from rigs.rig import Rig
from rigs.transcript import Transcript
from tests.rigs.at.fake_line import DEADLINES, OK, SHORT, Answer, Answers, FakeLine, Recorder, healthy, talking

OPEN = b"AT+ALYMQTTOPEN"
HURRIED = replace(DEADLINES, repeated_silence=0.05, hopeless_silence=0.05, quiet=0.02)


def test_an_answer_brings_the_whole_deadline_back() -> None:
    with talking(FakeLine(Answers().on(OPEN, None, OK, None)), HURRIED) as dialogue:
        assert dialogue.send(OPEN, deadline=SHORT).silent
        assert dialogue.send(OPEN, deadline=60).ok
        whole = dialogue.send(OPEN, deadline=2 * SHORT)
        assert whole.silent
        assert not whole.cut_short


def test_good_answers_of_other_commands_do_not_bring_it_back() -> None:
    with talking(FakeLine(Answers().on(OPEN, None)), HURRIED) as dialogue:
        dialogue.send(OPEN, deadline=SHORT)
        assert dialogue.send("AT").ok
        assert dialogue.send(OPEN, deadline=60).cut_short


def test_a_command_is_given_twice_its_slowest_answer_at_least() -> None:
    line = FakeLine(lambda command: None if command == OPEN else healthy(command))
    with talking(line, HURRIED) as dialogue:
        slow = threading.Timer(0.3, line.say, [OK])
        slow.start()
        assert dialogue.send(OPEN, deadline=10).ok
        slow.join()
        assert dialogue.send(OPEN, deadline=SHORT).silent
        again = threading.Timer(0.4, line.say, [OK])
        again.start()
        assert dialogue.send(OPEN, deadline=60).ok
        again.join()


@pytest.mark.parametrize("answer", [OK, b"\r\n+CME ERROR: 700\r\n"], ids=["ok", "error"])
def test_an_answer_after_a_part_of_the_deadline_is_the_answer(answer: bytes) -> None:
    asked = []

    def module(command: bytes) -> Answer:
        if command == OPEN:
            asked.append(command)
            return None
        return (
            [answer, OK] if command == b"AT" and len(asked) == 2 and asked.append(b"owed") is None else healthy(command)
        )

    with talking(FakeLine(module), HURRIED) as dialogue:
        dialogue.send(OPEN, deadline=SHORT)
        late = dialogue.send(OPEN, deadline=60)
        assert late.silent
        assert dialogue.catch_up(late) == []
        assert not late.silent
        assert late.ok is (answer == OK)
        assert not dialogue.send("AT").strays


def owing(line: FakeLine, seconds: float) -> FakeLine:
    """A module that answers OPEN only when AT is asked next; ``seconds`` is what AT takes itself."""
    owed: list[bytes] = []

    def module(command: bytes) -> Answer:
        if command == OPEN:
            owed.append(OK)
            return None
        answer = healthy(command)
        assert isinstance(answer, bytes)
        if command != b"AT":
            return answer
        said = [owed.pop(), answer] if owed else [answer]
        if seconds:
            threading.Timer(seconds, line.say, said).start()
            return None
        return said

    line.module = module
    return line


def test_a_late_answer_on_a_quick_line_is_the_modules() -> None:
    transcript = Transcript(Recorder())
    rig = Rig(Dialogue(owing(FakeLine(), 0.0), transcript, HURRIED), None, transcript, off_seconds=0.0)
    rig.bring_up()
    silent = rig.dialogue.send(OPEN, deadline=SHORT)
    sentence = rig.recover(silent)
    assert "came after" in sentence
    assert "on this line" in sentence
    rig.close()


def test_a_late_answer_on_a_slow_line_blames_the_line() -> None:
    transcript = Transcript(Recorder())
    deadlines = replace(HURRIED, quick=0.05)
    rig = Rig(Dialogue(owing(FakeLine(), 0.2), transcript, deadlines), None, transcript, off_seconds=0.0)
    rig.bring_up()
    silent = rig.dialogue.send(OPEN, deadline=SHORT)
    with pytest.raises(BenchError, match="AT takes") as caught:
        rig.recover(silent)
    assert "slow line" in caught.value.act
    rig.close()
