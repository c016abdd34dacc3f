"""Steps that are about topics: subscriptions, and messages both ways, each exactly once."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from conformance.payloads import TEXTS, UTF8_TEXTS, pattern
from conformance.sequences.machine import SEQUENCES, Wants, step
from conformance.sequences.session import Sessions
from conformance.values import NOT_OPEN, PRINTABLE
from fixtures.findings import unless_unseen
from fixtures.online import Received
from rigs.cloud.events import Direction, PacketSeen
from rigs.cloud.packets import Publish, Suback, Unsuback

_NUMBERS = st.integers(0, 2)
_QOS = st.integers(0, 1)
_SIZES = (1, 2, 127, 128, 129, 255, 256, 257, 400, 511, 512)
_PLAIN = ("words", "json")

UP: list[tuple[str, str]] = [
    *(("PU-01", TEXTS[name]) for name in _PLAIN),
    *(("PU-02" if '"' in text else "PU-03", text) for name, text in TEXTS.items() if name not in _PLAIN),
    *(("PU-06", text) for text in UTF8_TEXTS.values()),
    *(("PU-06", pattern(size)) for size in _SIZES),
]
"""The requirement that is broken where it does not arrive unchanged, and the payload."""
DOWN: list[tuple[str, str]] = [
    *(("RV-01", TEXTS[name]) for name in _PLAIN),
    *(("RV-02", text) for name, text in TEXTS.items() if name not in _PLAIN),
    *(("RV-02", text) for text in ("\\", 'back\\slash\\"', PRINTABLE)),
    *(("RV-07", text) for text in UTF8_TEXTS.values()),
    *(("RV-07", pattern(size)) for size in _SIZES),
]
_FAMILIES = {payload: breaks for breaks, payload in DOWN}


class Topics(Sessions):
    """SUB, UNSUB and PUB, and what the cloud publishes."""

    def begin_open(self) -> None:
        super().begin_open()
        if self.asked:
            self.look_at_subscriptions()
        else:
            self._subscribe(self.topics[0], 1)

    def look_at_subscriptions(self) -> None:
        earlier = [topic for topic in self.topics if topic in self.asked]
        for topic in earlier[:1]:
            self._send_down(topic, [("RV-01", "after OPEN")], 1)

    def look_at_what_waited(self, topic: str, payloads: Sequence[str]) -> None:
        wanted = self.state.shown[topic]
        shown = self.messages.wait_received(topic, len(wanted))
        what = [(_FAMILIES.get(payload, "RV-01"), payload) for payload in payloads]
        self.judge_shown(
            topic, shown, *(("SE-01",) if len(shown) != len(wanted) else self._blamed(shown, wanted, what))
        )

    def judge_shown(self, topic: str, shown: Sequence[Received], *breaks: str) -> None:
        """Judge that of this sequence's messages of a topic exactly those of the model were shown."""
        self.verify.shown_once(topic, self.state.shown[topic], shown, since=self.began, of=(SEQUENCES, *breaks))

    @step(Wants.OPEN, 2, number=_NUMBERS, qos=_QOS, again=st.sampled_from([None, None, 0, 1]))
    def subscribe(self, number: int, qos: int, again: int | None) -> None:
        """To one of three topics; the same one again changes its QoS and makes no second subscription."""
        if self.state.session is None:
            self.says(self.module.subscribe(self.topics[number], qos), "SU-03").refused(NOT_OPEN)
            return
        self._subscribe(self.topics[number], qos)
        if again is not None:
            self._subscribe(self.topics[number], again)

    def _subscribe(self, topic: str, qos: int) -> None:
        self._prove_fence()
        mark = self.bench.cloud.journal.mark()
        self.says(self.module.subscribe(topic, qos), "SU-01").ok()
        self.messages.wait_acknowledged(Suback, since=mark)
        self.state.subscribed(topic, qos)
        self.asked[topic].add(qos)
        if self.bench.sees:
            at_gateway = self.verify.at_gateway(self.connection, of=(SEQUENCES, "SU-01"))
            at_gateway.granted(topic)
            if len(self.asked[topic]) == 1:
                at_gateway.subscribed(topic, qos)

    @step(Wants.OPEN, 2, number=_NUMBERS)
    def unsubscribe(self, number: int) -> None:
        topic, session = self.topics[number], self.state.session
        if session is not None:
            self._prove_fence()
        mark = self.bench.cloud.journal.mark()
        answer = self.module.unsubscribe(topic)
        if session is None:
            self.says(answer, "SU-03").refused(NOT_OPEN)
            return
        stood, known = topic in session.subscriptions, topic not in session.inherited
        if not stood or (not known and answer.error):
            # What becomes of a topic that the module did not subscribe to, or not in this session, is left open.
            self.says(answer).answered()
            self.state.asked_to_unsubscribe()
            return
        self.says(answer, "UN-01").ok()
        self._unsubscribed(topic, mark)
        self._send_down(topic, [("UN-01", "gone")], 1)

    def _unsubscribed(self, topic: str, mark: int) -> None:
        """UNSUB was answered OK: judge what came of it at the gateway."""
        self.messages.wait_acknowledged(Unsuback, since=mark)
        if self.bench.sees:
            self.verify.at_gateway(self.connection, of=(SEQUENCES, "UN-01")).unsubscribed(topic)
        self.state.unsubscribed(topic)

    @step(Wants.OPEN, what=st.sampled_from(UP), qos=_QOS)
    def publish(self, what: tuple[str, str], qos: int) -> None:
        breaks, payload = what
        topic = self.uplinks[qos]
        if self.state.session is None:
            self.says(self.module.publish(topic, payload, qos), "SU-03").refused(NOT_OPEN)
            return
        if topic not in self.state.published:
            self.bench.observer.subscribe(topic, 1)
        self.says(self.module.publish(topic, payload, qos), breaks).ok()
        self.state.published[topic].append(payload)
        wanted = self.state.published[topic]
        arrived = [message.payload for message in self.messages.arrived(topic, len(wanted))]
        family = breaks if len(arrived) == len(wanted) else "PU-01"
        self.verify.published_once(topic, wanted, arrived, of=(SEQUENCES, family))
        if self.bench.sees:
            self.verify.at_gateway(self.connection, of=(SEQUENCES, "PU-01")).published_with(topic, qos)

    @step(Wants.OPEN, 2, number=_NUMBERS, qos=_QOS, what=st.lists(st.sampled_from(DOWN), min_size=1, max_size=3))
    def cloud_publishes(self, number: int, qos: int, what: list[tuple[str, str]]) -> None:
        topic = self.topics[number]
        if self.state.session is not None:
            self._send_down(topic, what, qos)
        elif not self.state.keeps(topic) or (qos and self.state.holds_back(topic)):
            for _, payload in what:
                self.bench.observer.publish(topic, payload, qos)
                self.state.sent_down(topic, payload, qos)

    @step(Wants.OPEN, qos=_QOS)
    def retained_message(self, qos: int) -> None:
        """Published before anybody subscribes, it is one message like any other to whoever does."""
        if self.state.session is None or not self.bench.retains:
            return
        topic = self.messages.topic("r")
        self.bench.observer.publish(topic, "kept for you", 1, retain=True)
        self._subscribe(topic, qos)
        self.state.shown[topic].append("kept for you")
        shown = self.messages.wait_received(topic)
        self.judge_shown(topic, shown, "RV-01")
        mark = self.bench.cloud.journal.mark()
        self.says(self.module.unsubscribe(topic), "UN-01").ok()
        self._unsubscribed(topic, mark)
        self.bench.observer.publish(topic, "", 1, retain=True)
        self._prove_quiet()
        self.judge_shown(topic, self.messages.received(topic), "RV-01")

    def _send_down(self, topic: str, what: Sequence[tuple[str, str]], qos: int) -> None:
        """Publish from the cloud and judge what is shown: each message once where the model has a subscription."""
        session = self.state.session
        assert session is not None
        mark = self.bench.cloud.journal.mark()
        payloads = [payload for _, payload in what]
        self.module.rig.dialogue.may_bring(sum(256 + 2 * len(payload.encode()) for payload in payloads))
        self.bench.observer.publish_all(topic, payloads, qos)
        expected = [self.state.sent_down(topic, payload, qos) for payload in payloads]
        if not any(expected):
            self._prove_quiet()
            self.judge_shown(topic, self.messages.received(topic), *self.state.why_not(topic))
            return
        wanted = self.state.shown[topic]
        self.messages.wait_received(topic, len(wanted))
        self._prove_quiet()
        shown = self.messages.received(topic)
        if len(shown) < len(wanted) and not self._went_down(topic, mark):
            self.judge_shown(topic, shown, *self.state.blamed(topic))
        self.judge_shown(topic, shown, *self._blamed(shown, wanted, what))
        self.state.seen(topic)

    def _blamed(
        self, shown: Sequence[Received], wanted: Sequence[str], what: Sequence[tuple[str, str]]
    ) -> tuple[str, ...]:
        """What is broken where ``shown`` is not as ``wanted``, whose last messages are ``what``."""
        if len(shown) != len(wanted):
            return ("RV-01",)
        pairs = zip(what, shown[-len(what) :], strict=False)
        return tuple(dict.fromkeys(breaks for (breaks, payload), item in pairs if item.payload != payload.encode()))

    def _prove_quiet(self) -> None:
        """Have a later message shown, which proves that nothing more comes of those before it."""
        session = self.state.session
        assert session is not None
        if self.fence not in session.subscriptions:
            self._subscribe(self.fence, 1)
        mark = self.bench.cloud.journal.mark()
        self.bench.observer.publish(self.fence, payload := f"fence {len(self.state.shown[self.fence])}", 1)
        self.state.sent_down(self.fence, payload, 1)
        shown = self.messages.wait_received(self.fence, len(self.state.shown[self.fence]))
        went_down = self._went_down(self.fence, mark)
        self.judge_shown(self.fence, shown, *(("RV-01",) if went_down else self.state.blamed(self.fence)))
        self.state.seen(self.fence)

    def _prove_fence(self) -> None:
        """See that the fence's own subscription stands, so that what ends it can be told."""
        session = self.state.session
        if session is not None and self.fence in session.subscriptions and session.subscriptions[self.fence].trials:
            self._prove_quiet()

    def _went_down(self, topic: str, mark: int) -> bool:
        """Whether a message of a topic has been passed on to the module; True where that is not seen."""
        return unless_unseen(
            lambda: any(
                event.direction is Direction.DOWN and isinstance(event.packet, Publish) and event.packet.topic == topic
                for event in self.bench.cloud.journal.of(PacketSeen, mark)
            )
        )
