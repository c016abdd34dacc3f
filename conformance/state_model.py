"""FZ-02: random sequences of commands, held against a small model of what a module remembers."""

from __future__ import annotations

import sys
from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from conformance.catalogue import BOUNDS, CONNECT_CFG, IDENTITY_VALUES, MQTT_CFG, IdentityValue
from conformance.fuzz import lines_per_look, plainly, reproducible
from conformance.values import ALREADY_OPEN, NOT_OPEN, sample
from fixtures.budget import Budget
from fixtures.findings import NO_MATTER_OF_THE_INPUT, Spent, Unshrinkable
from fixtures.module import Module
from fixtures.run import Run
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange

_SEQUENCES = {"smoke": 3, "full": 10, "soak": 200}
_STEPS = 20
_VALUES_KEPT = len(IDENTITY_VALUES) + 2
_VALUES = st.sampled_from(IDENTITY_VALUES)
_VARIANTS = st.integers(0, 4)


def explore(module: Module, verify: Verifier, run: Run) -> None:
    """Judge as many sequences as the profile plans and a slow module affords.

    A failing one is reported as it was found: each try at a shorter one would cost a whole deadline where the module
    fell silent.
    """
    budget = verify.budget("sequences", _SEQUENCES[run.profile], BOUNDS.least_sequences)
    slow = lines_per_look(module, verify, budget.planned * _STEPS) > 1

    class Sequences(_Machine):
        def __init__(self) -> None:
            super().__init__(module, verify, budget, looks=1 if slow else _VALUES_KEPT)

    try:
        with suppress(Spent), plainly():
            run_state_machine_as_test(Sequences, settings=reproducible(budget.planned, shrink=False, steps=_STEPS))
    except NO_MATTER_OF_THE_INPUT as error:
        raise Unshrinkable(str(error)) from error
    verify.effort(budget.effort)


class _Machine(RuleBasedStateMachine):
    """What the module should remember, beside the module itself.

    After each step ``looks`` of the values are looked at, in turn: all of them, or on a slow module some.
    """

    def __init__(self, module: Module, verify: Verifier, budget: Budget, *, looks: int) -> None:
        super().__init__()
        self.module = module
        self.verify = verify
        self.budget = budget
        self.looks = looks
        self.turn = 0
        self.identity: dict[str, str] = {}
        self.settings: dict[str, tuple[int, ...]] = {}
        self.open = False

    @initialize()
    def known_state(self) -> None:
        self.budget.affords()
        self.module.touch_everything()
        self.module.reset()
        self.module.configure_session()
        for value in IDENTITY_VALUES:
            self.identity[value.name] = text = self.module.baseline(value) or sample(value)
            self.verify.given(self.module.set(value, text))
        for item in (CONNECT_CFG, MQTT_CFG):
            self.settings[item.name] = self.module.stored_settings(item)
        # Left to chance, few sequences would open a session early enough to do much in it.
        if self.budget.effort.done % 2 == 0:
            self.open_session()

    @rule(value=_VALUES, variant=_VARIANTS)
    def set_and_put_back(self, value: IdentityValue, variant: int) -> None:
        """Another identity than the login's would end the session on some firmware, so it is put back at once."""
        if self.open:
            return
        self.verify(self.module.set(value, text := sample(value, variant=variant))).ok()
        self.verify(self.module.query(value)).answers(text)
        self.verify(self.module.set(value, self.identity[value.name])).ok()

    @rule(region=st.sampled_from(CONNECT_CFG.parameter("region").values))
    def set_connection_and_put_back(self, region: int) -> None:
        """Only the way to the gateway that is set already is known to lead there."""
        if self.open:
            return
        _, port, tls_flag = known = self.settings[CONNECT_CFG.name]
        self.verify(self.module.set(CONNECT_CFG, region, port + 1, tls_flag)).ok()
        self.verify(self.module.query(MQTT_CFG)).still_answers(*self.settings[MQTT_CFG.name])
        self.verify(self.module.query(CONNECT_CFG)).still_answers(region, port + 1, tls_flag)
        self.verify(self.module.set(CONNECT_CFG, *known)).ok()

    @rule(value=_VALUES, variant=_VARIANTS)
    def set_too_long(self, value: IdentityValue, variant: int) -> None:
        self.verify(self.module.set(value, sample(value, value.limit + 1 + variant))).refused()

    @rule(variant=_VARIANTS)
    def set_mqtt_settings(self, variant: int) -> None:
        self._set(MQTT_CFG.name, (1, 2000 + variant, 60000 + variant))

    @rule()
    def refused_region(self) -> None:
        self.verify(self.module.set(CONNECT_CFG, 6, 1883, 0)).refused()

    @rule()
    def open_or_open_again(self) -> None:
        self.open_session()

    def open_session(self) -> None:
        answer = self.module.send("AT+ALYMQTTOPEN")
        if self.open:
            self.verify(answer).refused(ALREADY_OPEN)
        else:
            self.verify(answer).ok()
            self.open = True

    @rule()
    def close_session(self) -> None:
        answer = self.module.close()
        if self.open:
            self.verify(answer).ok()
        else:
            # Closing what is closed is refused with 705 or 706, which CL-03 judges; here it must be answered.
            self.verify(answer).answered()
        self.open = False

    @rule(qos=st.integers(0, 1))
    def publish(self, qos: int) -> None:
        answer = self.module.publish(self.module.device.topic("model"), "model", qos)
        self._open_only(answer)

    @rule(qos=st.integers(0, 1))
    def subscribe(self, qos: int) -> None:
        self._open_only(self.module.subscribe(self.module.device.topic("model"), qos))

    @rule()
    def unsubscribe(self) -> None:
        answer = self.module.unsubscribe(self.module.device.topic("model"))
        if not self.open:
            self.verify(answer).refused(NOT_OPEN)

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        kept: list[tuple[str, tuple[str | int, ...]]] = [(name, (text,)) for name, text in self.identity.items()]
        kept += self.settings.items()
        for _ in kept[: self.looks]:
            name, values = kept[self.turn % len(kept)]
            self.turn += 1
            self.verify(self.module.query(name)).still_answers(*values)

    def teardown(self) -> None:
        # The sequence is over, or has failed on its way.
        self.budget.did()
        if sys.exception() is None and not self.budget.affords():
            raise Spent

    def _open_only(self, answer: Exchange) -> None:
        if self.open:
            self.verify(answer).ok()
        else:
            self.verify(answer).refused(NOT_OPEN)

    def _set(self, name: str, values: tuple[int, ...]) -> None:
        answer = self.module.set(name, *values)
        # A firmware may refuse settings while it is open.
        if self.open and answer.error:
            return
        self.verify(answer).ok()
        self.settings[name] = values
        if self.open:
            # It may have ended the session with that, at once or a little later: only CLOSE makes sure.
            self.verify(self.module.close()).answered()
            self.open = False
