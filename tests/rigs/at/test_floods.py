"""A module that sends without end fills no memory and no record, and is told from one that has much to say."""

from __future__ import annotations

import itertools
import random
import threading
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from rigs.at import channel
from rigs.at.dialogue import Dialogue
from rigs.at.intake import Allowance, Intake
from rigs.errors import BenchError, Flooded
from rigs.rig import Rig
from tests.rigs.at.fake_line import DEADLINES, OK, Answer, FakeLine, Recorder, healthy, talking

MEGABYTE = 1 << 20
PATIENT = replace(DEADLINES, repeated_silence=60.0)
FLOODS: dict[str, Callable[[], Iterable[bytes]]] = {
    "no line ends": lambda: itertools.repeat(b"U" * 4096),
    "short lines": lambda: itertools.repeat(b"u\r\n" * 1000),
    "lines of a megabyte": lambda: itertools.cycle([*([b"L" * 4096] * 256), b"\r\n"]),
    "random bytes": lambda: map(_random, itertools.count()),
    "escape sequences": lambda: itertools.repeat(b"\x1b[31m\x1b]0;x\x07" * 400),
    "result codes": lambda: itertools.repeat(OK * 500),
    "byte by byte": lambda: itertools.repeat(b"x"),
}


def _random(seed: int) -> bytes:
    return random.Random(seed).randbytes(4096)


def slowly(piece: bytes) -> Iterable[bytes]:
    """Pieces with a pause before each."""
    pause = threading.Event()
    while True:
        pause.wait(0.01)
        yield piece


class FloodingLine(FakeLine):
    """A line on which the module sends ``pieces``, ``size`` bytes in all, once it is asked for it or at once."""

    def __init__(self, pieces: Iterable[bytes], size: int, *, at_once: bool = False) -> None:
        super().__init__(self._asked)
        self._pieces = iter(pieces)
        self._size = size
        self._flooding = at_once
        self.sent = 0

    def _asked(self, line: bytes) -> Answer:
        if line == b"AT+FLOOD":
            self._flooding = True
            self.say(b"")
            return None
        return None if self._flooding else healthy(line)

    def read(self) -> bytes:
        if not self._flooding:
            return super().read()
        if self.sent >= self._size:
            self._flooding = False
            return b""
        piece = next(self._pieces)
        self.sent += len(piece)
        return piece


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "_FLOOD_OVER", 0.2)
    monkeypatch.setattr(channel, "_BREATH", 0.0)


def flooded(dialogue: Dialogue) -> Flooded:
    with pytest.raises(Flooded) as found:
        dialogue.send("AT+FLOOD")
        # One that answers as it floods is found a little later.
        while True:
            dialogue.send("AT")
    return found.value


@pytest.mark.parametrize("kind", FLOODS)
def test_what_is_kept_of_a_flood_is_bounded(kind: str) -> None:
    sink = Recorder()
    size = MEGABYTE // 4 if kind == "byte by byte" else 3 * MEGABYTE
    line = FloodingLine(FLOODS[kind](), size)
    tracemalloc.start()
    try:
        with talking(line, PATIENT, sink) as dialogue:
            dialogue.send("AT")
            flood = flooded(dialogue)
            dialogue.resynchronise()
            assert dialogue.send("AT").ok
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    kept = len(sink.stream("rx"))
    dropped = sum(event.get("dropped", 0) for event in sink.of("serial"))
    assert line.sent >= size
    assert kept <= Allowance().unanswered + 100
    assert dropped >= size // 3
    assert kept + dropped >= line.sent
    assert peak < 40 * MEGABYTE
    assert "floods the line" in flood.message
    assert len(flood.message) < 400


def test_a_flood_names_its_evidence_and_where_bytes_were_dropped() -> None:
    sink = Recorder()
    with talking(FloodingLine(FLOODS["no line ends"](), 2 * MEGABYTE), DEADLINES, sink) as dialogue:
        first, last = flooded(dialogue).evidence
    shown = [fields for _, fields in sink.events[first : last + 1]]
    assert shown[0]["data"] == "AT+FLOOD\r"
    assert any("dropped" in fields for fields in sink.of("serial"))


def test_a_module_that_floods_again_and_again_is_given_up_at_once() -> None:
    line = FloodingLine(FLOODS["short lines"](), 1 << 40)
    with talking(line) as dialogue:
        rig = Rig(dialogue, None, dialogue.transcript, off_seconds=0)
        flooded(dialogue)
        dialogue.floods.extend(dialogue.floods * 2)
        with pytest.raises(Flooded):
            rig.recover()
        assert isinstance(rig.lost, Flooded)
        with pytest.raises(Flooded, match="floods the line"):
            rig.check_lost()


def test_one_flood_that_is_looked_at_often_is_one() -> None:
    with talking(FloodingLine(FLOODS["short lines"](), 1 << 40)) as dialogue:
        flooded(dialogue)
        for _ in range(3):
            with pytest.raises(Flooded):
                dialogue.resynchronise()
        assert len(dialogue.floods) == 1
        assert not dialogue.floods_again


def test_much_to_say_between_answers_is_no_flood() -> None:
    chatter = b"\r\n+CREG: 1\r\n" * 40
    with talking(FakeLine(lambda line: chatter + OK)) as dialogue:
        assert all(dialogue.send("AT").ok for _ in range(2000))
        assert not dialogue.floods


def test_what_the_bench_has_the_module_print_is_no_flood() -> None:
    intake = Intake(Allowance(1000, 100))
    intake.grant(5000)
    assert len(intake.admit(b"x" * 5500)) == 5500
    assert not intake.exhausted


def test_an_answer_gives_back_a_little_and_never_more_than_at_first() -> None:
    intake = Intake(Allowance(1000, 100))
    for _ in range(50):
        intake.answered()
    assert len(intake.admit(b"x" * 5000)) == 1000
    intake.answered()
    assert intake.exhausted
    assert intake.admit(b"x") == b""
    assert (intake.take_untold(), intake.take_untold(), intake.dropped) == (4001, 0, 4001)
    intake.refill()
    assert intake.admit(b"x" * 10) == b"x" * 10


@pytest.mark.parametrize("piece", [b"\n", b"x"])
def test_lines_and_pieces_count_for_more_than_their_bytes(piece: bytes) -> None:
    intake = Intake(Allowance(9000, 0))
    kept = sum(len(intake.admit(piece)) for _ in range(9000))
    assert kept <= 1000


def test_an_exchange_that_a_flood_drowned_tells_how_long_it_took_and_little_of_what_came() -> None:
    with talking(FloodingLine(FLOODS["no line ends"](), 2 * MEGABYTE)) as dialogue:
        flooded(dialogue)
        final = str(dialogue.exchanges[-1].final)
    assert final.startswith("no final result within ")
    assert "within 10.0 s" not in final
    assert len(final) < 200


@pytest.mark.parametrize("kind", ["no line ends", "short lines", "lines of a megabyte", "random bytes"])
def test_a_flood_at_power_up_that_ends_is_noted_and_the_module_comes_up(kind: str) -> None:
    line = FloodingLine(FLOODS[kind](), 2 * MEGABYTE, at_once=True)
    with talking(line, PATIENT) as dialogue:
        assert dialogue.wake(60.0)
        assert len(dialogue.floods) == 1
        assert dialogue.send("AT").ok


def test_a_slow_line_that_is_never_idle_is_flooded_long_before_much_has_come() -> None:
    slow = replace(DEADLINES, line_byte=0.001)
    flood = FloodingLine(slowly(b"x" * 20), 1 << 40)
    with talking(flood, slow) as dialogue:
        dialogue.send("AT")
        dialogue.write_unanswered(b"AT+FLOOD\r")
        with pytest.raises(Flooded):
            dialogue.resynchronise()
        with pytest.raises(Flooded):
            dialogue.wake(0.2)


def test_what_floods_the_line_and_has_never_answered_is_not_blamed_on_the_module() -> None:
    with talking(FloodingLine(FLOODS["short lines"](), 1 << 40, at_once=True)) as dialogue:
        rig = Rig(dialogue, None, dialogue.transcript, off_seconds=0)
        with pytest.raises(BenchError, match=r"has never answered AT: .*floods") as found:
            rig.bring_up()
        assert not isinstance(found.value, Flooded)
        assert found.value.act.startswith("lab: ")
        assert rig.lost is found.value
