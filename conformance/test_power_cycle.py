"""Section 2.4.5 and chapter 3: what survives a power cycle, and what does not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import pytest

from conformance.catalogue import (
    CONNECT_CFG,
    DEVICE_NAME,
    DEVICE_SECRET,
    IDENTITY_VALUES,
    MQTT_CFG,
    PRODUCT_KEY,
    PRODUCT_SECRET,
    IdentityValue,
    Settings,
)
from conformance.values import longest
from fixtures.findings import Inconclusive
from fixtures.module import Module
from fixtures.online import Messages
from fixtures.power import Power
from fixtures.requirements import requirement, tells
from fixtures.verify import Verifier
from rigs.at.commands import set_line
from rigs.at.dialogue import Exchange
from rigs.cloud.side import CloudSide

CHANGED: dict[Settings, tuple[int, ...]] = {CONNECT_CFG: (3, 2883, 1), MQTT_CFG: (1, 3456, 90001)}


@dataclass
class Afterwards:
    """What the module answered right before and right after one power cycle, with every value changed before."""

    held: dict[str, str]
    """What each identity value held before, for those that could be brought to hold anything."""
    before: dict[str, Exchange]
    after: dict[str, Exchange]
    mark: int
    """Position in the cloud's journal before the power cycle."""

    def judge_survival(self, value: IdentityValue, verify: Verifier) -> None:
        """The value is what it was; INCONCLUSIVE for one that was not there before."""
        if value.name not in self.held:
            verify.give_up("{name} did not return what it was set to, so nothing of it can survive", name=value.name)
        verify(self.after[value.name]).answers(self.held[value.name])

    def judge_defaults(self, settings: Settings, verify: Verifier) -> None:
        """The settings are back to their defaults; INCONCLUSIVE for settings that could not be changed before."""
        if self.before[settings.name].says(*settings.defaults):
            verify.give_up("{name} held its defaults before the power cycle already", name=settings.name)
        verify(self.after[settings.name]).answers(*settings.defaults)


@pytest.fixture(scope="module")
def cycled() -> list[Afterwards]:
    """Holds the one power cycle that most tests of this file share."""
    return []


@pytest.fixture
def afterwards(
    module: Module, power: Power, cloud: CloudSide, verify: Verifier, cycled: list[Afterwards]
) -> Afterwards:
    """All values changed, the power cycled once, all values queried."""
    if not cycled:
        held: dict[str, str] = {}
        for value in IDENTITY_VALUES:
            with suppress(Inconclusive):
                held[value.name] = module.longest_held(value, longest(value))
        for settings, changed in CHANGED.items():
            module.set(settings, *changed)
        everything = (*IDENTITY_VALUES, CONNECT_CFG, MQTT_CFG)
        before = {item.name: module.query(item) for item in everything}
        mark = cloud.journal.mark()
        power.cycle()
        after = {item.name: module.query(item) for item in everything}
        cycled.append(Afterwards(held, before, after, mark))
    return cycled[0]


@requirement("PC-01", each=(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET))
def test_the_three_identity_values_survive(afterwards: Afterwards, verify: Verifier, value: IdentityValue) -> None:
    afterwards.judge_survival(value, verify)


@requirement("PC-02")
def test_the_product_secret_survives(afterwards: Afterwards, verify: Verifier) -> None:
    afterwards.judge_survival(PRODUCT_SECRET, verify)


@requirement("PC-03", "CC-01")
def test_the_connection_settings_are_back_to_their_defaults(afterwards: Afterwards, verify: Verifier) -> None:
    afterwards.judge_defaults(CONNECT_CFG, verify)


@requirement("PC-04")
def test_the_mqtt_settings_are_back_to_their_defaults(afterwards: Afterwards, verify: Verifier) -> None:
    afterwards.judge_defaults(MQTT_CFG, verify)


@requirement("PC-07")
def test_whether_the_module_connects_by_itself(module: Module, afterwards: Afterwards, verify: Verifier) -> None:
    verify.observe(connects_by_itself=module.connected_since(afterwards.mark))


@pytest.fixture(scope="module")
def untouched_answers() -> dict[str, Exchange]:
    """Holds the answers after the second power cycle that the tests of the defaults share."""
    return {}


@pytest.fixture
def untouched(module: Module, power: Power, untouched_answers: dict[str, Exchange]) -> dict[str, Exchange]:
    """What the queries answer when nothing was changed since the power-up before last."""
    if not untouched_answers:
        # What is written back at a power-up shows after the next.
        power.cycle()
        power.cycle()
        everything = (PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET, CONNECT_CFG, MQTT_CFG)
        untouched_answers.update({item.name: module.query(item) for item in everything})
    return untouched_answers


@requirement("PC-01", each=(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET))
def test_the_three_identity_values_survive_twice(
    module: Module, untouched: dict[str, Exchange], verify: Verifier, value: IdentityValue
) -> None:
    module.require_login_values()
    verify(untouched[value.name]).answers(module.baseline(value))


@requirement("CC-01")
def test_connection_settings_never_changed_hold_their_defaults(
    untouched: dict[str, Exchange], verify: Verifier
) -> None:
    verify(untouched[CONNECT_CFG.name]).answers(*CONNECT_CFG.defaults)


@requirement("MC-01")
def test_mqtt_settings_never_changed_hold_their_defaults(untouched: dict[str, Exchange], verify: Verifier) -> None:
    verify(untouched[MQTT_CFG.name]).answers(*MQTT_CFG.defaults)


@requirement("PC-01-PK", "PC-01-DN", "PC-01-DS")
def test_the_three_identity_values_survive_a_power_cut_in_an_open_session(
    messages: Messages, power: Power, verify: Verifier
) -> None:
    messages.came_online()
    power.cycle()
    for value in (PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET):
        verify(messages.module.query(value), of=f"PC-01-{value.suffix}").answers(messages.module.baseline(value))


@requirement("PC-05")
@pytest.mark.parametrize("value", [PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET], ids=str)
def test_a_value_survives_a_power_cut_right_after_its_ok(
    module: Module, power: Power, verify: Verifier, value: IdentityValue
) -> None:
    text = module.longest_held(value, longest(value, variant=1))
    module.longest_held(value, longest(value))
    verify.given(module.set(value, text))
    power.cycle()
    verify(module.query(value)).answers(text)


@requirement("PC-06")
@tells("PC-01")
@pytest.mark.parametrize("after", [0.0, 0.001, 0.005, 0.02])
@pytest.mark.parametrize("value", [PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET], ids=str)
def test_a_power_cut_during_a_set_leaves_the_old_value_or_the_new_one(
    module: Module, power: Power, verify: Verifier, value: IdentityValue, after: float
) -> None:
    new = module.longest_held(value, longest(value, variant=1))
    old = module.longest_held(value, longest(value))
    power.cut_during(set_line(value.name, new), after)
    verify(module.query(value)).answers_one_of(old, new)
    for other in (PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET):
        if other is not value:
            verify(module.query(other), of=f"PC-01-{other.suffix}").still_answers(module.baseline(other))
