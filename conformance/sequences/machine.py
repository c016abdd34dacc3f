"""What all steps share: the bench, the model beside the module, and how a step that went wrong ends a sequence."""

from __future__ import annotations

import itertools
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.strategies import SearchStrategy

from conformance.catalogue import CONNECT_CFG, IDENTITY_VALUES, MQTT_CFG, IdentityValue, Settings
from conformance.sequences.state import State
from conformance.values import sample
from fixtures.answers import Check
from fixtures.budget import Budget
from fixtures.findings import NO_MATTER_OF_THE_INPUT, Breach, Spent, Unshrinkable
from fixtures.module import Module
from fixtures.online import Messages
from fixtures.power import Power
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange
from rigs.cloud.connection import Connection
from rigs.cloud.side import Application, CloudSide
from rigs.rig import Rig

SEQUENCES = "FZ-02"
_SHRINKING_SECONDS = 10.0
"""After which a failing sequence is told of as short as it has become by then."""
_LINES_TOLD = 40
_OPENS_OF_A_SLOW_MODULE = 2


@dataclass
class Allowance:
    """What may still be done of what costs a real module time, or wear."""

    power_cycles: int
    drops: int
    tls: bool
    """Whether sessions over TLS work on this rig."""
    sessions: bool
    """Whether the module can be given what a login needs."""
    replaced: set[IdentityValue] = field(default_factory=set)
    """Values that were seen to take another one's place: what sticks is not lost with the power."""
    clears: bool = True
    """Whether ``""`` has been seen to clear an identity value, or has not been tried yet."""


@dataclass
class Bench:
    """What the sequences of one test run on."""

    module: Module
    cloud: CloudSide
    observer: Application
    rig: Rig
    verify: Verifier
    power: Power | None
    budget: Budget
    allowance: Allowance
    sees: bool
    """Whether the module's packets are seen."""
    retains: bool
    """Whether the cloud keeps retained messages."""
    knows_anybody: bool
    """Whether the cloud can be made to let in any device, on any topic."""
    shrinks: bool
    """Whether a failing sequence is made shorter: with a module of its own that nobody waits for and nothing wears."""
    slow: bool = False
    broken: list[tuple[float, Breach]] = field(default_factory=list)
    """When and how each failing sequence ended: the first as it was found, the others while it was made shorter."""

    def out_of_patience(self) -> bool:
        """Whether making a failing sequence shorter has taken its time."""
        return bool(self.broken) and time.monotonic() - self.broken[0][0] > _SHRINKING_SECONDS


class Wants(Enum):
    """In which state most of a step's worth lies: it is brought about before every second one."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Step:
    """One kind of step: what it does with the values that are drawn for it."""

    act: Callable[..., None]
    drawn: dict[str, SearchStrategy[Any]]
    wants: Wants | None


STEPS: list[Step] = []
"""All kinds of steps, those that come more often several times.

They are drawn evenly, and are no rules of hypothesis's own: it would leave most kinds out of most sequences.
"""


def step(
    wants: Wants | None = None, weight: int = 1, **drawn: SearchStrategy[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a method a kind of step."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        STEPS.extend([Step(function, drawn, wants)] * weight)
        return function

    return decorate


_names = itertools.count()


def _short_name() -> str:
    """Of at most three characters, so that a topic with it stays within 64 bytes."""
    number, digits = next(_names), "0123456789abcdefghijklmnopqrstuvwxyz"
    return f"{digits[number // 36 % 36]}{digits[number % 36]}"


class Machine(RuleBasedStateMachine):
    """A module and the model of it. The steps are in the classes that are derived from this one."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        self.module = bench.module
        self.verify = bench.verify
        self.state = State({}, {})
        self.connection: Connection | None = None
        self.began = 0
        self._first = 0
        self._turn = 0
        self.opens = 0
        self.asked: defaultdict[str, set[int]] = defaultdict(set)
        """Topic -> each QoS that it was subscribed with in this sequence."""

    @initialize()
    def known_state(self) -> None:
        with self.guarded():
            if self.bench.out_of_patience():
                raise self.bench.broken[-1][1]
            self.bench.budget.affords()
            self._first = len(self.module.exchanges)
            if self.bench.broken and self.bench.power is not None:
                # What the sequence before has left behind in a faulty module is not held against this one.
                self.bench.power.cycle()
            self.bench.cloud.enrol(self.module.device)
            self.module.touch_everything()
            self.module.reset()
            if self.bench.allowance.sessions:
                self.module.configure_session()
            self._set_identity()
            self._know_settings()
            bench = self.bench
            self.messages = Messages(self.module, bench.cloud, bench.observer, self.verify, bench.rig)
            self.began, name = self.verify.now, _short_name()
            self.topics = tuple(self.module.device.topic(f"{letter}{name}") for letter in "abc")
            self.fence = self.module.device.topic(f"f{name}")
            self.uplinks = tuple(self.module.device.topic(f"{qos}{name}") for qos in (0, 1))
            # Left to chance, few sequences would open a session early enough to do much in it.
            if bench.budget.effort.done % 4 and self.may_open:
                self.begin_open()

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        """One step, then a look at some of the values that have to be as they were."""
        chosen = data.draw(st.sampled_from(STEPS))
        values = {name: data.draw(strategy) for name, strategy in chosen.drawn.items()}
        prepared = data.draw(st.booleans())
        with self.guarded():
            if prepared and chosen.wants is Wants.OPEN and self.state.session is None and self.may_open:
                self.begin_open()
            elif prepared and chosen.wants is Wants.CLOSED and self.state.session is not None:
                self.close()
            chosen.act(self, **values)
            self.look()

    def _set_identity(self) -> None:
        for value in IDENTITY_VALUES:
            text = self.module.baseline(value) or sample(value)
            self.verify.given(self.module.set(value, text))
            self.state.identity[value] = text
            self.holds(value, f"ID-01-{value.suffix}")
            for other in self.state.identity:
                if other is not value:
                    self.holds(other, f"ID-05-{value.suffix}")

    def _know_settings(self) -> None:
        if not self.bench.allowance.sessions:
            for item in (CONNECT_CFG, MQTT_CFG):
                self.state.settings[item] = self.module.stored_settings(item)
            return
        _, *others = MQTT_CFG.defaults
        self.state.settings = {CONNECT_CFG: self.module.way(tls=False), MQTT_CFG: (1, *others)}
        self.holds(CONNECT_CFG)
        self.holds(MQTT_CFG, "MC-03")

    def begin_open(self) -> None:
        """Open a session, as most sequences begin."""

    def close(self) -> None:
        """Close the session."""

    def says(self, exchange: Exchange, *breaks: str) -> Check:
        """Judge an exchange for FZ-02, and a breach for the requirements as well that it breaks by their texts."""
        return self.verify(exchange, of=(SEQUENCES, *breaks))

    def holds(self, item: IdentityValue | Settings, *breaks: str) -> None:
        """Judge that a value, or a group of settings, is what the model says."""
        self.says(self.module.query(item), *breaks).still_answers(*self.values_of(item))

    def values_of(self, item: IdentityValue | Settings) -> tuple[str | int, ...]:
        """What the model says that a query shows."""
        return (self.state.identity[item],) if isinstance(item, IdentityValue) else self.state.settings[item]

    def look(self, count: int = 2) -> None:
        """Look at so many values, in turn: what the step was not about has stayed as it was."""
        kept = [item for item in (*IDENTITY_VALUES, CONNECT_CFG, MQTT_CFG) if self.values_of(item) != ("",)]
        for _ in range(1 if self.bench.slow else count):
            self._turn += 1
            self.holds(kept[self._turn % len(kept)])

    @property
    def may_open(self) -> bool:
        """Whether another OPEN is affordable in this sequence."""
        return self.bench.allowance.sessions and (not self.bench.slow or self.opens < _OPENS_OF_A_SLOW_MODULE)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Tells what shows a fault of the module from what ends every sequence, whatever is in it."""
        try:
            yield
        except NO_MATTER_OF_THE_INPUT as error:
            raise Unshrinkable(str(error)) from error
        except Breach as breach:
            if not self.bench.broken or breach is not self.bench.broken[-1][1]:
                breach = self._with_lines(breach)
                self.bench.broken.append((time.monotonic(), breach))
            if breach.silence or not self.bench.shrinks or self.bench.out_of_patience():
                raise Unshrinkable(str(breach)) from breach
            raise breach from None

    def _with_lines(self, breach: Breach) -> Breach:
        """The same, with the command lines that led to it."""
        lines = [self.verify.show(exchange) for exchange in self.module.exchanges[self._first :]]
        told = [f"    {line}" for line in lines[-_LINES_TOLD:]]
        head = f"  sequence of {len(lines)} lines:" if len(told) == len(lines) else f"  last {len(told)} lines:"
        return Breach("\n".join([str(breach), head, *told]), silence=breach.silence)

    def teardown(self) -> None:
        # The sequence is over, or has failed on its way.
        if self.bench.broken:
            return
        self.bench.budget.did()
        if sys.exception() is None and not self.bench.budget.affords():
            raise Spent
