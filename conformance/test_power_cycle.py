"""Section 2.4.5 and chapter 3: what survives a power cycle, and what does not."""

from __future__ import annotations

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
from conformance.values import long, sample
from fixtures.module import Module
from fixtures.power import Power
from fixtures.requirements import requirement
from fixtures.verify import Verifier
from rigs.at.commands import set_line
from rigs.at.dialogue import Exchange
from rigs.cloud.service import Cloud

CHANGED: dict[Settings, tuple[int, ...]] = {CONNECT_CFG: (3, 2883, 1), MQTT_CFG: (1, 3456, 90001)}


@dataclass
class Afterwards:
    """What the module answered right before and right after one power cycle, with every value changed before."""

    before: dict[str, Exchange]
    after: dict[str, Exchange]
    connected_by_itself: bool

    def survivor(self, value: IdentityValue, verify: Verifier) -> Exchange:
        """The answer after the cycle; INCONCLUSIVE for a value that was not there before."""
        if not self.before[value.name].says(sample(value)):
            verify.give_up(f"{value.name} did not return what it was set to, so nothing of it can survive")
        return self.after[value.name]


@pytest.fixture(scope="module")
def cycled() -> list[Afterwards]:
    """Holds the one power cycle that most tests of this file share."""
    return []


@pytest.fixture
def afterwards(module: Module, power: Power, cloud: Cloud, verify: Verifier, cycled: list[Afterwards]) -> Afterwards:
    """All values changed, the power cycled once, all values queried."""
    if not cycled:
        for value in IDENTITY_VALUES:
            verify.given(module.set(value, sample(value)))
        for settings, changed in CHANGED.items():
            verify.given(module.set(settings, *changed))
        everything = (*IDENTITY_VALUES, CONNECT_CFG, MQTT_CFG)
        before = {item.name: module.query(item) for item in everything}
        mark = cloud.journal.mark()
        power.cycle()
        after = {item.name: module.query(item) for item in everything}
        cycled.append(Afterwards(before, after, module.connected_since(mark)))
    return cycled[0]


@requirement("PC-01", each=(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET))
def test_the_three_identity_values_survive(afterwards: Afterwards, verify: Verifier, value: IdentityValue) -> None:
    verify(afterwards.survivor(value, verify)).answers(sample(value))


@requirement("PC-02")
def test_the_product_secret_survives(afterwards: Afterwards, verify: Verifier) -> None:
    verify(afterwards.survivor(PRODUCT_SECRET, verify)).answers(sample(PRODUCT_SECRET))


@requirement("PC-03", "CC-01")
def test_the_connection_settings_are_back_to_their_defaults(afterwards: Afterwards, verify: Verifier) -> None:
    verify(afterwards.after[CONNECT_CFG.name]).answers(*CONNECT_CFG.defaults)


@requirement("PC-04")
def test_the_mqtt_settings_are_back_to_their_defaults(afterwards: Afterwards, verify: Verifier) -> None:
    verify(afterwards.after[MQTT_CFG.name]).answers(*MQTT_CFG.defaults)


@requirement("PC-07")
def test_whether_the_module_connects_by_itself(afterwards: Afterwards, verify: Verifier) -> None:
    verify.observe(connects_by_itself=afterwards.connected_by_itself)


@requirement("CC-01", "MC-01")
def test_settings_that_were_never_changed_hold_their_defaults(module: Module, power: Power, verify: Verifier) -> None:
    power.cycle()
    verify(module.query(CONNECT_CFG), of="CC-01").answers(*CONNECT_CFG.defaults)
    verify(module.query(MQTT_CFG), of="MC-01").answers(*MQTT_CFG.defaults)


@requirement("PC-05")
@pytest.mark.parametrize("value", [PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET], ids=str)
def test_a_value_survives_a_power_cut_right_after_its_ok(
    module: Module, power: Power, verify: Verifier, value: IdentityValue
) -> None:
    module.hold(value, sample(value))
    verify.given(module.set(value, text := sample(value, long(value), variant=1)))
    power.cycle()
    verify(module.query(value)).answers(text)


@requirement("PC-06")
@pytest.mark.parametrize("after", [0.0, 0.001, 0.005, 0.02])
@pytest.mark.parametrize("value", [PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET], ids=str)
def test_a_power_cut_during_a_set_leaves_the_old_value_or_the_new_one(
    module: Module, power: Power, verify: Verifier, value: IdentityValue, after: float
) -> None:
    old, new = sample(value), sample(value, long(value), variant=1)
    module.hold(value, old)
    power.cut_during(set_line(value.name, new), after)
    verify(module.query(value)).answers_one_of(old, new)
