"""The model of FZ-02 by itself: what it says of identity, settings, sessions, subscriptions and messages."""

from __future__ import annotations

import pytest

from conformance.catalogue import (
    CONNECT_CFG,
    DEVICE_NAME,
    DEVICE_SECRET,
    IDENTITY_VALUES,
    MQTT_CFG,
    IdentityValue,
)
from conformance.sequences.explore import TOLD
from conformance.sequences.machine import STEPS
from conformance.sequences.messages import DOWN, UP
from conformance.sequences.state import State
from conformance.sequences.values import FIELDS, LEGAL, REFUSED, REFUSED_SETTINGS, is_a_name, refusal_of
from conformance.values import MALFORMED, sample

A, B = "/a", "/b"


@pytest.fixture
def state() -> State:
    identity = {value: sample(value) for value in IDENTITY_VALUES}
    return State(identity, {CONNECT_CFG: (3, 2883, 1), MQTT_CFG: (0, 3456, 90000)})


def test_a_message_is_shown_once_to_whoever_is_subscribed(state: State) -> None:
    state.opened(clean=True)
    state.subscribed(A, 1)
    state.subscribed(A, 0)
    assert state.sent_down(A, "one", 1)
    assert not state.sent_down(B, "two", 1)
    assert state.shown == {A: ["one"]}


def test_one_unsubscribe_ends_a_subscription_made_twice_and_no_other(state: State) -> None:
    state.opened(clean=True)
    for topic in (A, A, B):
        state.subscribed(topic, 1)
    state.unsubscribed(A)
    assert not state.sent_down(A, "gone", 1)
    assert state.sent_down(B, "kept", 1)
    assert state.why_not(A) == ("UN-01",)


def test_a_clean_session_forgets_all_of_it(state: State) -> None:
    state.opened(clean=True)
    state.subscribed(A, 1)
    state.closed()
    state.sent_down(A, "meanwhile", 1)
    assert state.opened(clean=True) == {}
    assert not state.sent_down(A, "afterwards", 1)
    assert state.why_not(A) == ("SE-02",)


def test_a_kept_session_brings_what_was_sent_meanwhile_with_qos_1(state: State) -> None:
    state.opened(clean=False)
    state.subscribed(A, 1)
    state.subscribed(B, 0)
    state.closed()
    assert state.holds_back(A)
    assert not state.holds_back(B)
    assert not any(state.sent_down(topic, f"to {topic}", qos) for topic in (A, B) for qos in (0, 1))
    assert state.opened(clean=False) == {A: ["to /a"]}
    assert state.shown[A] == ["to /a"]
    assert state.sent_down(B, "afterwards", 0)


def test_a_clean_session_ends_one_that_was_kept(state: State) -> None:
    state.opened(clean=False)
    state.subscribed(A, 1)
    state.closed()
    state.opened(clean=True)
    state.closed()
    assert state.opened(clean=False) == {}
    assert not state.sent_down(A, "afterwards", 1)


def test_another_device_has_another_session(state: State) -> None:
    state.opened(clean=False)
    state.subscribed(A, 1)
    state.closed()
    first, state.identity[DEVICE_NAME] = state.identity[DEVICE_NAME], "another"
    assert not state.keeps(A)
    state.opened(clean=False)
    assert not state.sent_down(A, "to the other", 1)
    state.closed()
    state.identity[DEVICE_NAME] = first
    assert state.keeps(A)


def test_a_power_cut_leaves_the_identity_and_takes_settings_and_session(state: State) -> None:
    before = dict(state.identity)
    state.opened(clean=False)
    state.subscribed(A, 1)
    state.power_cut()
    assert state.identity == before
    assert state.settings == {CONNECT_CFG: (0, 1883, 0), MQTT_CFG: (0, 2000, 60000)}
    assert state.session is None
    assert state.keeps(A)


def test_a_requirement_is_blamed_only_where_nothing_else_may_have_done_it(state: State) -> None:
    state.opened(clean=True)
    state.subscribed(A, 1)
    assert state.blamed(A) == ("SU-01",)
    state.subscribed(B, 1)
    assert state.blamed(A) == ()
    state.seen(A)
    state.asked_to_unsubscribe()
    assert state.blamed(A) == ("UN-01",)
    state.refused_again()
    assert state.blamed(A) == ()


@pytest.mark.parametrize("value", IDENTITY_VALUES, ids=str)
@pytest.mark.parametrize("old", ["x", "0", "full"])
def test_legal_values_are_within_the_limit_and_those_that_are_refused_are_not(value: IdentityValue, old: str) -> None:
    held = sample(value, value.limit) if old == "full" else old
    for name, (_, make) in LEGAL.items():
        for variant in range(10):
            text = make(value, held, variant)
            assert 1 <= len(text.encode()) <= value.limit, name
            assert text.isascii(), name
            assert not {'"', "\\"} & {*text}, name
    for family, wrong in REFUSED.values():
        (argument, *others) = wrong(value, 0)
        assert (family == "ID-07") or (isinstance(argument, str) and len(argument) > value.limit and not others)


def test_what_is_malformed_is_refused_with_a_malformed_code() -> None:
    assert refusal_of("ID-07", DEVICE_SECRET, ("a", "b")) is MALFORMED
    assert not refusal_of("ID-03", DEVICE_SECRET, ("a" * 65,)).accepts(58)


@pytest.mark.parametrize(("text", "is_one"), [("a-_.:@Z9", True), ("abc", False), ("with space", False), ("", False)])
def test_what_the_cloud_may_know_a_device_by(text: str, is_one: bool) -> None:
    assert is_a_name(text) is is_one


def test_every_requirement_that_a_value_names_is_told_of() -> None:
    named = {family for family, _ in (*LEGAL.values(), *REFUSED.values(), *UP, *DOWN)}
    named |= {family for family, _ in FIELDS.values()} | {family for _, family, _, _ in REFUSED_SETTINGS}
    assert named <= {*TOLD}


def test_there_are_steps_of_every_kind() -> None:
    names = {step.act.__name__ for step in STEPS}
    assert names >= {"set_identity", "cut_power", "drop_connection", "subscribe", "publish", "cloud_publishes"}
