"""Section 2.4.6: clean_session, timeout and keepalive."""

from __future__ import annotations

import pytest

from conformance.catalogue import BOUNDS, MQTT_CFG
from conformance.values import MALFORMED, NO_INTEGERS
from fixtures.module import Module
from fixtures.online import Online
from fixtures.requirements import requirement, smoke
from fixtures.verify import Verifier
from rigs.at.commands import Bare
from rigs.at.dialogue import Exchange

CLEAN_SESSION, TIMEOUT, KEEPALIVE = MQTT_CFG.parameters
OLD = (1, 3456, 45678)
"""Differs from the defaults in every field; the keep-alive is one that the platform takes."""
SHORTEST, LONGEST = BOUNDS.keepalive_min_seconds * 1000, BOUNDS.keepalive_max_seconds * 1000


@smoke
@requirement("MC-02")
@pytest.mark.parametrize("clean", CLEAN_SESSION.values)
def test_both_session_types_are_accepted_and_returned(module: Module, verify: Verifier, clean: int) -> None:
    verify(module.set(MQTT_CFG, clean, 2000, 60000)).ok()
    verify(module.query(MQTT_CFG)).answers(clean, 2000, 60000)


@smoke
@requirement("MC-02")
@pytest.mark.parametrize("clean", [*CLEAN_SESSION.refused, *NO_INTEGERS], ids=repr)
def test_any_other_session_type_is_refused(module: Module, verify: Verifier, clean: int | Bare) -> None:
    module.hold(MQTT_CFG, *OLD)
    verify(module.set(MQTT_CFG, clean, 2000, 60000)).refused()
    verify(module.query(MQTT_CFG)).still_answers(*OLD)


@smoke
@requirement("MC-03")
@pytest.mark.parametrize("timeout", [1000, 2345, 5000, 60000])
@pytest.mark.parametrize("keepalive", [SHORTEST, 45678, 65536, 90001, LONGEST])
def test_timeout_and_keepalive_are_stored_in_milliseconds_each_for_itself(
    module: Module, verify: Verifier, timeout: int, keepalive: int
) -> None:
    verify(module.set(MQTT_CFG, 0, timeout, keepalive)).ok()
    verify(module.query(MQTT_CFG)).answers(0, timeout, keepalive)


@requirement("MC-03")
@pytest.mark.parametrize("timeout", [65535, 65536, 65536 + 2000, 600000])
def test_a_timeout_beyond_16_bits_is_stored_as_it_is_if_it_is_accepted(
    module: Module, verify: Verifier, timeout: int
) -> None:
    module.hold(MQTT_CFG, *OLD)
    accepted = verify(module.set(MQTT_CFG, 0, timeout, 60000)).answered().ok
    verify(module.query(MQTT_CFG)).still_answers(*((0, timeout, 60000) if accepted else OLD))


@requirement("MC-03")
def test_settings_that_are_accepted_while_open_are_there_at_once(online: Online, verify: Verifier) -> None:
    setting = verify(online.module.set(MQTT_CFG, *OLD)).answered()
    verify.observe(accepted_while_open=setting.ok, evidence=setting.evidence)
    if setting.ok:
        verify(online.module.query(MQTT_CFG)).answers(*OLD)


@requirement("MC-03")
def test_the_settings_outlive_a_session(module: Module, verify: Verifier) -> None:
    module.configure_session(keepalive=45678)
    before = module.stored_settings(MQTT_CFG)
    _, exchange = module.try_open()
    verify.given(exchange)
    module.close()
    verify(module.query(MQTT_CFG)).still_answers(*before)


_MALFORMED = {
    "nothing": (Bare(b""),),
    "keepalive-missing": (0, 2000),
    "one-too-many": (0, 2000, 60000, 1),
    "negative-timeout": (0, -2000, 60000),
    "negative-keepalive": (0, 2000, -60000),
    "timeout-no-number": (0, Bare(b"2s"), 60000),
    "keepalive-no-number": (0, 2000, Bare(b"60s")),
    "timeout-empty": (0, Bare(b""), 60000),
    "keepalive-empty": (0, 2000, Bare(b"")),
    "timeout-hexadecimal": (0, Bare(b"0x7d0"), 60000),
    "timeout-wraps-at-2^32": (0, 2**32 + 2000, 60000),
    "keepalive-wraps-at-2^32": (0, 2000, 2**32 + 60000),
    "keepalive-wraps-at-2^64": (0, 2000, 2**64 + 60000),
}


@requirement("MC-04")
@pytest.mark.parametrize("arguments", _MALFORMED.values(), ids=_MALFORMED)
def test_a_malformed_set_is_refused_and_the_old_values_stay(
    module: Module, verify: Verifier, arguments: tuple[int | Bare, ...]
) -> None:
    module.hold(MQTT_CFG, *OLD)
    verify(module.set(MQTT_CFG, *arguments)).refused(MALFORMED)
    verify(module.query(MQTT_CFG)).still_answers(*OLD)


@requirement("MC-05")
@pytest.mark.parametrize("keepalive", [0, 1, 1000, SHORTEST - 1, LONGEST + 1, LONGEST * 10])
def test_how_a_keepalive_is_treated_that_the_platform_refuses(module: Module, verify: Verifier, keepalive: int) -> None:
    setting = verify(module.set(MQTT_CFG, 0, 2000, keepalive)).answered()
    verify.observe(
        keepalive=keepalive, accepted=setting.ok, returned=_keepalive(module.query(MQTT_CFG)), evidence=setting.evidence
    )


def _keepalive(answer: Exchange) -> str | None:
    """The last field of a query's answer."""
    return answer.information[0].value.rpartition(b",")[2].decode("latin-1") if answer.information else None
