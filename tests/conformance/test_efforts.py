"""What the suite tries many times over: the corpus is whole, sizes are well chosen, one of several lines is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.catalogue import BOUNDS, CONNECT_CFG, DEVICE_NAME
from conformance.fuzz import Canary, corpus
from conformance.payloads import sizes
from fixtures.findings import Breach
from fixtures.module import Module
from fixtures.verify import Verifier


def test_the_whole_corpus_has_to_be_tried() -> None:
    assert len(corpus()) == len(set(corpus())) == BOUNDS.least_corpus_lines


@pytest.mark.parametrize("qos", [0, 1])
def test_the_first_payload_sizes_are_enough_on_a_slow_network(qos: int) -> None:
    first = sorted(sizes(qos)[: BOUNDS.least_payload_sizes])
    assert {1, 127, 128, 255, 256, 511, 512} <= {*first}
    assert max(after - before for before, after in pairwise(first)) <= 52


def test_both_qos_together_try_every_payload_size_once_at_least() -> None:
    assert {*sizes(0), *sizes(1)} == {*range(BOUNDS.payload_min_bytes, BOUNDS.payload_max_bytes + 1)}
    assert all(len(sizes(qos)) == len(set(sizes(qos))) for qos in (0, 1))


class Weak:
    """A module that forgets a value after some lines; and what is judged of it."""

    def __init__(self, harmful: Callable[[bytes], bool], forgets: str = CONNECT_CFG.name) -> None:
        self.forgets = forgets
        self.values: dict[str, tuple[str | int, ...]] = {}
        self.harmful = harmful
        self.sent: list[bytes] = []
        self.exchanges: list[Any] = []
        self.blamed: list[Sequence[bytes]] = []

    def send_hostile(self, line: bytes) -> Any:
        self.sent.append(line)
        if self.harmful(line):
            self.values[self.forgets] = ("forgotten",)
        if line == ACCEPTED:
            self.values[DEVICE_NAME.name] = ("accepted",)
        return SimpleNamespace(ok=line == ACCEPTED, command=line)

    def set(self, name: str, *values: str | int) -> Any:
        self.values[name] = values
        return SimpleNamespace(ok=True)

    def query(self, name: str) -> Any:
        return SimpleNamespace(
            ok=True, command=name.encode(), evidence=(), says=lambda *wanted: self.values[name] == wanted
        )

    def touch_everything(self) -> None: ...
    def reset(self) -> None: ...

    # The part of the verifier
    def __call__(self, exchange: Any) -> Any:
        return SimpleNamespace(still_answers=lambda *wanted: None)

    def given(self, exchange: Any) -> None: ...
    def show(self, exchange: Any) -> str:
        return "shown"

    answer = show

    def that(self, kept: bool, expected: str, observed: str, *, replay: Sequence[bytes], **_: Any) -> None:
        self.blamed.append(replay)
        raise Breach(expected)


def tried(weak: Weak, lines: Sequence[bytes], every: int) -> None:
    canary = Canary(cast(Module, weak), cast(Verifier, weak), weak.send_hostile, every)
    for line in lines:
        canary.settle()
        canary.note(line, weak.send_hostile(line))
    canary.look()


ACCEPTED = f'AT+{DEVICE_NAME.name}="accepted"'.encode()
LINES = [f"AT+{number}".encode() for number in range(20)]


@pytest.mark.parametrize("culprit", [0, 3, 7, 8, 15, 19])
def test_one_of_several_lines_is_found(culprit: int) -> None:
    weak = Weak(lambda line: line == LINES[culprit])
    with pytest.raises(Breach):
        tried(weak, LINES, every=8)
    assert weak.blamed == [[LINES[culprit], CONNECT_CFG.name.encode()]]


def test_lines_that_harm_only_together_are_all_named() -> None:
    weak = Weak(lambda line: len(weak.sent) == 3)
    with pytest.raises(Breach):
        tried(weak, LINES, every=8)
    assert weak.blamed == [[*LINES[:8], CONNECT_CFG.name.encode()]]


@pytest.mark.parametrize("forgets", [DEVICE_NAME.name, CONNECT_CFG.name])
def test_harm_is_seen_behind_a_line_that_is_accepted(forgets: str) -> None:
    weak = Weak(lambda line: line == LINES[2], forgets)
    with pytest.raises(Breach):
        tried(weak, [*LINES[:4], ACCEPTED, *LINES[4:]], every=8)
    assert weak.blamed == [[LINES[2], forgets.encode()]]


def test_lines_that_do_no_harm_are_sent_once() -> None:
    weak = Weak(lambda line: False)
    tried(weak, LINES, every=8)
    assert weak.sent == LINES
