"""A session that stays open while its module is sent hostile lines: the gateway sees what was asked for, no more."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from conformance.canary import words_in
from conformance.catalogue import (
    CLOSE,
    CONNECT_CFG,
    IDENTITY_VALUES,
    MQTT_CFG,
    OPEN,
    PUBLISH,
    SUBSCRIBE,
    UNSUBSCRIBE,
    ErrorCode,
)
from conformance.grammar.productions import PREFIX
from conformance.values import WRONG_PARAMETER
from fixtures.findings import Inconclusive
from fixtures.module import Module
from fixtures.online import read_downlink
from fixtures.run import Run
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange
from rigs.cloud.connection import Connection
from rigs.cloud.events import Party
from rigs.cloud.packets import Publish, Suback, Subscribe, Unsubscribe
from rigs.errors import Unseen
from rigs.sentence import say

_ENDS_IT = {OPEN.word, CLOSE.word, CONNECT_CFG.name, MQTT_CFG.name, *(value.name for value in IDENTITY_VALUES)}
"""Commands after which a module may have ended its session."""
_PACKETS = {PUBLISH.word: Publish, SUBSCRIBE.word: Subscribe, UNSUBSCRIBE.word: Unsubscribe}
_COMMAND = re.compile(rb"AT\s*\+[A-Z0-9]+\s*=?", re.IGNORECASE)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"(?=,|$)')
_REFUSED = 0x80
"""The bit of a code of SUBACK that says so."""
_GENERAL_CODES = range(100)
"""Codes of the general parser, which has not understood the line."""


def may_reach_cloud(line: bytes) -> bool:
    """Whether a module that takes a line as it stands gives the cloud no topic that MQTT does not allow.

    Such a topic would be the host's doing, and MQ-01 would blame the module for it. Wildcards, control characters and
    bytes that are no UTF-8 are for a module whose session is closed.
    """
    if not words_in(line) & {*_PACKETS}:
        return True
    arguments = _COMMAND.sub(b"", line, count=1)
    quoted = _QUOTED.match(arguments)
    try:
        topic = (quoted[0] if quoted else arguments).decode()
    except UnicodeDecodeError:
        return False
    return topic.isprintable() and not {*topic} & {"+", "#"}


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a session, expected against observed."""

    expected: str
    observed: str
    evidence: tuple[int, ...] = ()


class FuzzedSession:
    """The session of the module over TCP, with one subscription that no hostile line names."""

    def __init__(self, module: Module, verify: Verifier, run: Run) -> None:
        self._module = module
        self._verify = verify
        self._prefix = PREFIX if run.credentials is None else module.device.topic("")
        self._connection: Connection | None = None
        self._fences = 0
        self._asked: Counter[str] = Counter()
        self._seen = 0
        self._acknowledged = 0
        self.believed_open = False
        """Whether nothing that was sent since it was opened may have ended it."""

    @property
    def _topic(self) -> str:
        return f"{self._prefix}canary"

    def open(self) -> bool:
        """Open it and subscribe; False where the module does not come online, which others judge."""
        self.end()
        try:
            self._connection, answer = self._module.try_open()
            self._verify.given(answer)
            self._verify.given(self._module.subscribe(self._topic, 1))
            # What it was answered OK for may be on its way still.
            there_and_back = self._there_and_back()[1]
        except Inconclusive:
            there_and_back = False
        if not there_and_back:
            self._connection = None
            return False
        self.believed_open = True
        self._begin()
        return True

    def end(self) -> None:
        """Close it, whether it is open or not."""
        self._module.close()
        self.believed_open = False

    def forget(self) -> None:
        """Nothing is known of it any more."""
        self.believed_open = False

    def note(self, line: bytes, answer: Exchange | None) -> None:
        """What a line may have done to it; ``answer`` is None for a line whose answer counts for nothing."""
        words = words_in(line)
        if answer is not None and answer.error is not None and _not_understood(answer.code):
            return
        may_end = words & _ENDS_IT or not words if answer is None or answer.ok else answer.code == ErrorCode.NETWORK
        if may_end:
            self.believed_open = False
        for word in _PACKETS:
            # A line may hold several commands.
            self._asked[word] += max(line.upper().count(word.encode()), int(word in words))

    def check(self) -> Wrong | None:
        """What is wrong with it by now: a message to its own topic makes the way there and back, and no more was sent
        to the cloud than what was asked for."""
        if not self.believed_open or self._connection is None:
            return None
        answer, shown = self._there_and_back()
        if shown:
            return self._unasked()
        if self._ended_by_cloud():
            return None
        if not answer.ok:
            return Wrong(say("OK to PUB: the session is still open"), str(answer.final), answer.evidence)
        expected = say("the subscription still stands: the message comes down")
        return Wrong(expected, say("it was not shown"), answer.evidence)

    def _there_and_back(self) -> tuple[Exchange, bool]:
        """Publish a message to the topic that is subscribed: its answer, and whether the message came down again.

        Then everything that was sent before it has come to the gateway.
        """
        self._fences += 1
        text = f"fence {self._fences}"
        dialogue = self._module.rig.dialogue
        mark = len(dialogue.unsolicited)
        answer = self._module.publish(self._topic, text, 1)
        shown = answer.ok and dialogue.wait_unsolicited(
            lambda line: (found := read_downlink(line.text, self._topic)) is not None and found.bare == text.encode(),
            self._module.deadlines.downlink,
            mark,
        )
        return answer, bool(shown)

    def _ended_by_cloud(self) -> bool:
        """Whether the cloud has ended the connection, over a topic that MQTT does not allow, say: MQ-01 judges that.

        So it is taken to be where the bench cannot see it.
        """
        assert self._connection is not None
        try:
            closed = self._connection.closed
        except Unseen:
            return True
        return closed is not None and closed.by is not Party.MODULE

    def _begin(self) -> None:
        self._asked.clear()
        self._seen, self._acknowledged = len(self._sent()), len(self._subacks())

    def _unasked(self) -> Wrong | None:
        packets = self._sent()[self._seen :]
        self._seen += len(packets)
        subacks = self._subacks()[self._acknowledged :]
        self._acknowledged += len(subacks)
        # What the broker refused may come back as any error.
        refused = sum(any(code & _REFUSED for code in suback.codes) for suback in subacks)
        asked, self._asked = self._asked + Counter({PUBLISH.word: 1, SUBSCRIBE.word: refused}), Counter()
        for word, kind in _PACKETS.items():
            found = [packet for packet in packets if isinstance(packet, kind)]
            fresh = [packet for packet in found if not (isinstance(packet, Publish) and packet.dup)]
            if len(fresh) > asked[word]:
                return Wrong(
                    say(
                        "no more {packet} than the {count} that commands asked for",
                        packet=kind.__name__.upper(),
                        count=asked[word],
                    ),
                    say("{count}: {packets}", count=len(fresh), packets=[*map(_told, fresh[-3:])]),
                )
        return None

    def _sent(self) -> list[object]:
        """What the module has sent by this connection; nothing where the bench cannot see it."""
        assert self._connection is not None
        try:
            return [seen.packet for seen in self._connection.sent()]
        except Unseen:
            return []

    def _subacks(self) -> list[Suback]:
        """What the broker has answered to its SUBSCRIBE packets."""
        assert self._connection is not None
        try:
            return [seen.packet for seen in self._connection.received() if isinstance(seen.packet, Suback)]
        except Unseen:
            return []


def _not_understood(code: int | None) -> bool:
    """Whether an error says that the line, or a parameter in it, is wrong, so that nothing may come of it."""
    return code is not None and (code in _GENERAL_CODES or WRONG_PARAMETER.accepts(code))


def _told(packet: object) -> str:
    match packet:
        case Publish():
            return f"{packet.topic!r} {packet.payload[:32]!r}"
        case Subscribe():
            return repr([subscription.topic_filter for subscription in packet.subscriptions])
        case Unsubscribe():
            return repr(packet.topic_filters)
    return type(packet).__name__
