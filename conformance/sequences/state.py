"""The model: what a module has to remember, and what its cloud remembers for it. It knows no module and no bench."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeAlias

from conformance.catalogue import DEVICE_NAME, PRODUCT_KEY, IdentityValue, Settings

Device: TypeAlias = tuple[str, str]
"""ProductKey and DeviceName: by these the cloud knows a device, whatever client identifier it takes."""


@dataclass
class Subscription:
    """``trials`` are the requirements that what has happened since it was last seen to stand would break."""

    qos: int
    trials: set[str] = field(default_factory=set)


@dataclass
class Session:
    """A session that is open; what of it outlives its end depends on ``clean``."""

    device: Device
    clean: bool
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    inherited: set[str] = field(default_factory=set)
    """Topics of subscriptions that an earlier session made: a module need not know of them."""
    given_up: set[str] = field(default_factory=set)


@dataclass
class Kept:
    """What the cloud keeps of a session that was not clean."""

    subscriptions: dict[str, Subscription]
    waiting: list[tuple[str, str]] = field(default_factory=list)
    """Topic and payload of the messages that it holds back, in order."""


class State:
    """What is so after some commands. Its methods say that something has happened, and never ask the module."""

    def __init__(self, identity: dict[IdentityValue, str], settings: dict[Settings, tuple[int, ...]]) -> None:
        self.identity = identity
        self.settings = settings
        self.session: Session | None = None
        self.shown: defaultdict[str, list[str]] = defaultdict(list)
        """Topic -> every payload that the module has to have shown so far, in order."""
        self.published: defaultdict[str, list[str]] = defaultdict(list)
        """Topic -> every payload that has to have reached the cloud so far, in order."""
        self._kept: dict[Device, Kept] = {}

    @property
    def device(self) -> Device:
        """Who the module would log in as."""
        return self.identity[PRODUCT_KEY], self.identity[DEVICE_NAME]

    def opened(self, *, clean: bool) -> dict[str, list[str]]:
        """A session has been opened; topic -> payloads that the cloud has kept for it and sends now."""
        kept = self._kept.pop(self.device, Kept({}))
        if clean:
            kept = Kept({})
        for subscription in kept.subscriptions.values():
            subscription.trials.add("SE-01")
        self.session = Session(self.device, clean, kept.subscriptions, {*kept.subscriptions})
        sent: dict[str, list[str]] = {}
        for topic, payload in kept.waiting:
            sent.setdefault(topic, []).append(payload)
            self.shown[topic].append(payload)
        return sent

    def closed(self) -> None:
        """The session has ended, however that came."""
        if self.session is not None and not self.session.clean:
            self._kept[self.session.device] = Kept(self.session.subscriptions)
        self.session = None

    def subscribed(self, topic: str, qos: int) -> None:
        """SUB was answered OK: the subscription stands, and replaces another one to the same topic."""
        session = self._open
        for other, subscription in session.subscriptions.items():
            if other != topic:
                subscription.trials.add("SU-04")
        session.subscriptions[topic] = Subscription(qos, {"SU-01"})
        session.inherited.discard(topic)
        session.given_up.discard(topic)

    def unsubscribed(self, topic: str) -> None:
        """UNSUB was answered OK: one of them ends a subscription, however often it was made."""
        session = self._open
        session.subscriptions.pop(topic, None)
        session.inherited.discard(topic)
        session.given_up.add(topic)
        self.asked_to_unsubscribe()

    def asked_to_unsubscribe(self) -> None:
        """UNSUB was sent, whatever became of it: no other subscription ends with that."""
        for subscription in self._open.subscriptions.values():
            subscription.trials.add("UN-01")

    def refused_again(self) -> None:
        """OPEN was refused because the session is open: that changes nothing."""
        for subscription in self._open.subscriptions.values():
            subscription.trials.add("OP-04")

    def sent_down(self, topic: str, payload: str, qos: int) -> bool:
        """The cloud has published a message; whether the module has to show it now."""
        if self.session is not None:
            if topic in self.session.subscriptions:
                self.shown[topic].append(payload)
            return topic in self.session.subscriptions
        kept = self._kept.get(self.device)
        if kept is not None and topic in kept.subscriptions and min(qos, kept.subscriptions[topic].qos):
            kept.waiting.append((topic, payload))
        return False

    def holds_back(self, topic: str) -> bool:
        """Whether the cloud keeps a message with QoS 1 to this topic until the module is back.

        Whether it keeps one that goes down with QoS 0 is up to it.
        """
        kept = self._kept.get(self.device)
        return kept is not None and topic in kept.subscriptions and kept.subscriptions[topic].qos > 0

    def keeps(self, topic: str) -> bool:
        """Whether the cloud keeps a subscription to this topic for the module, which is closed."""
        kept = self._kept.get(self.device)
        return kept is not None and topic in kept.subscriptions

    def power_cut(self) -> None:
        """The power was cut and is back: identity is kept, settings are back to their defaults, the session is gone."""
        self.closed()
        self.settings = {settings: settings.defaults for settings in self.settings}

    def seen(self, topic: str) -> None:
        """A message has come by this subscription: it stands."""
        self._open.subscriptions[topic].trials.clear()

    def blamed(self, topic: str) -> tuple[str, ...]:
        """What is broken where a subscription of the model does not stand, if one thing only may have ended it."""
        trials = self._open.subscriptions[topic].trials
        return tuple(trials) if len(trials) == 1 else ()

    def why_not(self, topic: str) -> tuple[str, ...]:
        """What is broken where the module shows a message of a topic that it is not subscribed to."""
        if self.session is None:
            return ()
        if topic in self.session.given_up:
            return ("UN-01",)
        return ("SE-02",) if self.session.clean else ()

    @property
    def _open(self) -> Session:
        assert self.session is not None, "the model has no open session"
        return self.session
