"""Command lines that come in pieces, as from somebody at a keyboard or from a host that is interrupted."""

from __future__ import annotations

import pytest

from conformance.catalogue import CLOSE, CONNECT_CFG, DEVICE_NAME, IDENTITY_VALUES, PUBLISH, SUBSCRIBE, UNSUBSCRIBE
from conformance.values import sample
from fixtures.module import Module
from fixtures.online import Messages, Online
from fixtures.requirements import derived, requirement
from fixtures.verify import Verifier
from rigs.at.commands import set_line
from rigs.at.dialogue import Pause

BETWEEN_KEYS = 0.03
"""Seconds without a byte after which a module has read what came before."""
PATIENCE = 0.5
"""Seconds in which a message is shown in the middle of a line; a module may as well keep it until the line is over."""
QUERY = f"AT+{CONNECT_CFG.name}?"


@derived
@requirement("FMT-01")
@pytest.mark.parametrize("after", [1, 2, 3, 8, -1], ids=lambda after: f"after-{after}")
def test_a_line_that_comes_in_two_pieces_is_answered(module: Module, verify: Verifier, after: int) -> None:
    value = sample(DEVICE_NAME, variant=2)
    for line in (f'AT+{DEVICE_NAME.name}="{value}"', QUERY, "ATE0"):
        pause = Pause(after % len(line), lambda: module.rig.dialogue.listen(BETWEEN_KEYS))
        verify(module.send(line, pause=pause)).ok()
    verify(module.query(DEVICE_NAME)).answers(value)


@derived
@requirement("RV-04", "FMT-01")
def test_a_message_that_comes_in_the_middle_of_a_line_splits_neither(online: Online, verify: Verifier) -> None:
    module, topic = online.module, online.subscribed_topic()
    queries = [f"AT+{value.name}?" for value in IDENTITY_VALUES]
    sent: list[str] = []

    def message() -> None:
        sent.append(f"in the middle {len(sent)}")
        online.downlink(topic, sent[-1])
        online.wait_received(topic, len(sent), deadline=PATIENCE)

    for line in ("ATE0", QUERY, *queries):
        for after in (1, 2, len(line) - 1):
            verify(module.send(line, pause=Pause(after, message))).ok()
    verify.shown_once(topic, sent, online.wait_received(topic, len(sent)), of="RV-04")


@derived
@requirement("FMT-08")
def test_a_line_feed_after_the_cr_does_not_break_off_what_takes_its_time(messages: Messages, verify: Verifier) -> None:
    messages.came_online()
    module, topic = messages.module, messages.topic()
    for line in (
        set_line(SUBSCRIBE.word, topic, 1),
        set_line(PUBLISH.word, topic, 1, "with a line feed"),
        set_line(UNSUBSCRIBE.word, topic),
        f"AT+{CLOSE.word}",
    ):
        verify(module.send(line, end=b"\r\n")).ok()
