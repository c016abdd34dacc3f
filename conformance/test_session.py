"""Sections 2.4.7 and 2.4.8, and what CONNECT makes of the settings of 2.4.6."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from conformance.catalogue import (
    BOUNDS,
    DEVICE_NAME,
    DEVICE_SECRET,
    PRODUCT_KEY,
    PRODUCT_SECRET,
    IdentityValue,
)
from conformance.values import ALREADY_OPEN, MANUAL_CODES, NOT_OPEN, code_rule, sample
from fixtures.answers import CodeRule
from fixtures.findings import unless_unseen
from fixtures.module import Device, Module
from fixtures.online import Messages, Online
from fixtures.power import Power
from fixtures.requirements import derived, requirement, smoke, soak
from fixtures.verify import Verifier
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import ConnackCode, Connect

CODE_WITHOUT = {
    PRODUCT_KEY: code_rule("no-product-key"),
    DEVICE_NAME: code_rule("no-device-name"),
    DEVICE_SECRET: code_rule("no-secret-at-all"),
}
"""What OPEN answers without one value; ProductSecret is missing as well in these tests."""


@smoke
@requirement("OP-01")
def test_open_brings_the_device_online(module: Module, verify: Verifier) -> None:
    if not module.clear(PRODUCT_SECRET):
        verify.hidden("ProductSecret cannot be cleared, so a login without it cannot be seen")
    module.configure_session()
    connection, exchange = module.try_open()
    verify(exchange).ok()
    verify.came_online(connection)


@smoke
@requirement("OP-02")
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("product_secret", ["", sample(PRODUCT_SECRET)], ids=["without", "with"])
def test_the_login_is_the_one_of_the_platform(module: Module, verify: Verifier, product_secret: str) -> None:
    module.set(PRODUCT_SECRET, product_secret)
    module.configure_session()
    connection, _ = module.try_open()
    verify.at_gateway(connection).logged_in(user=module.device.username)


@requirement("OP-02")
@pytest.mark.usefixtures("gateway")
def test_the_login_of_a_device_with_values_of_full_length(module: Module, verify: Verifier) -> None:
    device = Device.of_lengths(PRODUCT_KEY.limit, DEVICE_NAME.limit, DEVICE_SECRET.limit)
    module.impersonate(device)
    module.configure_session()
    connection, _ = module.try_open()
    verify.at_gateway(connection).logged_in(user=device.username)


@derived
@requirement("OP-02")
@pytest.mark.usefixtures("gateway")
def test_who_is_set_in_a_session_is_who_logs_in_next(messages: Messages, verify: Verifier) -> None:
    module = messages.module
    messages.came_online()
    device = Device.of_lengths(PRODUCT_KEY.limit // 2, DEVICE_NAME.limit // 2, DEVICE_SECRET.limit // 2)
    module.cloud.register_device(device.product_key, device.device_name, device.device_secret)
    identity = {PRODUCT_KEY: device.product_key, DEVICE_NAME: device.device_name, DEVICE_SECRET: device.device_secret}
    for value, text in identity.items():
        if not verify(module.set(value, text)).answered().ok:
            # Whether it may be set while a session is open is left open.
            return
    module.close()
    connection, _ = module.try_open()
    verify.at_gateway(connection).logged_in(user=device.username)


@requirement("OP-03")
@pytest.mark.parametrize("value", CODE_WITHOUT, ids=str)
def test_open_names_the_value_that_is_missing(module: Module, verify: Verifier, value: IdentityValue) -> None:
    module.clear(PRODUCT_SECRET)
    module.require_cleared(value)
    verify(module.open()).refused(CODE_WITHOUT[value])


@requirement("OP-03")
def test_a_missing_device_secret_is_named_where_a_product_secret_is_set(module: Module, verify: Verifier) -> None:
    verify.given(module.set(PRODUCT_SECRET, sample(PRODUCT_SECRET)))
    module.require_cleared(DEVICE_SECRET)
    verify(module.open()).refused(code_rule("no-device-secret"))


@requirement("OP-03")
def test_whether_a_product_secret_alone_registers_the_device(module: Module, verify: Verifier) -> None:
    verify.given(module.set(PRODUCT_SECRET, sample(PRODUCT_SECRET)))
    module.require_cleared(DEVICE_SECRET)
    # The platform registers devices over TLS only.
    module.configure_session(tls=True, impatient=True)
    answer = verify(module.open()).answered()
    verify.observe(registers=answer.ok, code=answer.code, evidence=answer.evidence)


@requirement("OP-03")
@pytest.mark.parametrize("kept", [None, *CODE_WITHOUT], ids=str)
def test_open_names_any_of_several_values_that_are_missing(
    module: Module, verify: Verifier, kept: IdentityValue | None
) -> None:
    module.clear(PRODUCT_SECRET)
    missing = [value for value in CODE_WITHOUT if value is not kept]
    for value in missing:
        module.require_cleared(value)
    verify(module.open()).refused(CodeRule.any_of(CODE_WITHOUT[value] for value in missing))


@smoke
@requirement("OP-04")
def test_open_while_open_is_refused_and_the_session_stays(online: Online, verify: Verifier) -> None:
    verify(online.module.send("AT+ALYMQTTOPEN")).refused(ALREADY_OPEN)
    topic = online.watched_topic()
    verify(online.module.publish(topic, "still here", 1)).ok()
    verify.published_once(topic, ["still here"], [message.payload for message in online.arrived(topic)])
    verify.at_gateway(online.connection).still_online()


UNREACHABLE: dict[str, Callable[[Instrument], AbstractContextManager[None]]] = {
    "refused": Instrument.refusing_tcp,
    "no-connack": Instrument.silent_on_connect,
    "fin-for-connack": lambda gateway: gateway.closing(Connect),
    "rst-for-connack": lambda gateway: gateway.resetting(Connect),
    "no-network": Instrument.blackhole,
}


@requirement("OP-05")
@pytest.mark.parametrize("way", UNREACHABLE.values(), ids=UNREACHABLE)
def test_an_unreachable_cloud_is_a_network_error_and_the_module_stays_usable(
    module: Module, gateway: Instrument, verify: Verifier, way: Callable[[Instrument], AbstractContextManager[None]]
) -> None:
    module.configure_session(impatient=True)
    with way(gateway):
        answer = verify(module.open()).answered_in_time()
        verify(answer).refused(code_rule("no-network"))
        verify(module.send("AT")).ok()
    # With patience again: that the bench's cloud is slow for a moment is none of the module's faults.
    module.configure_session()
    connection, exchange = module.try_open()
    verify(exchange).ok()
    verify.came_online(connection, "once the cloud is back")


@requirement("NW-04")
def test_open_ends_when_the_cloud_falls_silent_behind_the_tls_handshake(
    module: Module, gateway: Instrument, verify: Verifier
) -> None:
    module.configure_session(tls=True, impatient=True)
    with gateway.silent_on_connect():
        _, exchange = module.try_open(tls=True)
    verify(exchange).answered_in_time()
    verify(module.send("AT")).ok()


@requirement("OP-06")
@pytest.mark.parametrize("code", [code for code in ConnackCode if code], ids=lambda code: code.name.lower())
def test_a_refused_login_is_an_error(module: Module, gateway: Instrument, verify: Verifier, code: ConnackCode) -> None:
    module.configure_session(impatient=True)
    with gateway.answering_connack(code):
        connection, answer = module.try_open()
        if connection is None or connection.connect is None:
            verify.give_up(
                "no login reached the cloud, so none was refused; OPEN was answered {final}", final=answer.final
            )
        verify(answer).refused(MANUAL_CODES)
    seconds = round(answer.seconds)
    verify.observe(connack=int(code), error_code=answer.code, seconds=seconds, evidence=answer.evidence)
    again, answer = module.try_open()
    verify(answer).ok()
    verify.came_online(again, "once the login is not refused")


@requirement("OP-06")
def test_a_login_with_a_wrong_secret_is_refused_and_the_next_one_with_the_right_one_is_not(
    module: Module, verify: Verifier
) -> None:
    module.configure_session(impatient=True)
    module.hold(DEVICE_SECRET, sample(DEVICE_SECRET))
    connection, answer = module.try_open()
    if not unless_unseen(lambda: connection is not None and connection.connect is not None):
        verify.give_up("no login reached the cloud, so none was refused; OPEN was answered {final}", final=answer.final)
    verify(answer).refused(MANUAL_CODES)
    module.hold(DEVICE_SECRET, module.device.device_secret)
    connection, answer = module.try_open()
    verify(answer).ok()
    verify.came_online(connection, "with the right secret")


@requirement("OP-07")
def test_open_with_an_argument_is_refused(module: Module, verify: Verifier) -> None:
    module.configure_session()
    verify(module.send("AT+ALYMQTTOPEN=1")).refused()


@requirement("OP-08")
@pytest.mark.parametrize("times", [1, pytest.param(10, marks=soak)])
def test_open_and_close_work_many_times_over(module: Module, verify: Verifier, times: int) -> None:
    module.configure_session()
    for _ in range(times * BOUNDS.open_close_rounds):
        connection, exchange = module.try_open()
        verify(exchange).ok()
        online = verify.came_online(connection)
        verify(module.close()).ok()
        verify.gone(online, BOUNDS.close_seconds)


@smoke
@requirement("CL-01")
def test_close_ends_the_connection(online: Online, verify: Verifier) -> None:
    verify(online.module.close()).ok()
    verify.gone(online.connection, BOUNDS.close_seconds)


@requirement("CL-02")
def test_close_sends_disconnect_first(online: Online, verify: Verifier) -> None:
    verify.given(online.module.close())
    closed = online.connection.wait_closed(BOUNDS.close_seconds)
    if not closed:
        verify.give_up("CLOSE did not end the connection; CL-01 says so")
    verify.at_gateway(online.connection).logged_out()


@requirement("CL-03")
def test_close_while_closed_is_refused(module: Module, verify: Verifier) -> None:
    verify(module.close()).refused(NOT_OPEN)


@requirement("MC-06")
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("clean", [True, False])
def test_connect_carries_the_session_type(module: Module, verify: Verifier, clean: bool) -> None:
    module.configure_session(clean=clean)
    verify.at_gateway(module.require_connect()).clean_session(clean)


@requirement("MC-06")
@pytest.mark.usefixtures("gateway")
def test_a_session_type_that_is_accepted_while_open_counts_for_the_next_open(online: Online, verify: Verifier) -> None:
    module = online.module
    *_, timeout, keepalive = module.words.mqtt_cfg.defaults
    accepted = verify(module.set(module.words.mqtt_cfg, 0, timeout, keepalive)).answered().ok
    verify.observe(accepted_while_open=accepted)
    if not accepted:
        return
    module.close()
    verify.at_gateway(module.require_connect()).clean_session(False)


@requirement("MC-07")
@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("seconds", [BOUNDS.keepalive_min_seconds, 60, 300, BOUNDS.keepalive_max_seconds])
def test_connect_carries_the_keepalive_in_seconds(module: Module, verify: Verifier, seconds: int) -> None:
    module.configure_session(keepalive=seconds * 1000)
    connection = module.require_connect()
    most = seconds * BOUNDS.keepalive_max_multiple
    verify.at_gateway(connection).keep_alive(seconds, most, "keepalive_max_multiple")
    verify.observe(configured=seconds, announced=connection.announced_keepalive)


@requirement("SE-01")
def test_a_kept_session_brings_what_was_sent_meanwhile(messages: Messages, verify: Verifier) -> None:
    topic = messages.session_interrupted(clean=False)
    verify.shown_once(topic, ["meanwhile", "afterwards"], messages.wait_received(topic, 2))


@requirement("SE-01")
def test_a_kept_session_outlives_a_power_cut(messages: Messages, power: Power, verify: Verifier) -> None:
    topic = messages.session_interrupted(clean=False, by=power.cycle)
    verify.shown_once(topic, ["meanwhile", "afterwards"], messages.wait_received(topic, 2))


@requirement("SE-02")
def test_a_clean_session_does_not_outlive_a_power_cut(messages: Messages, power: Power, verify: Verifier) -> None:
    topic = messages.session_interrupted(clean=True, by=power.cycle)
    # Neither what was sent meanwhile nor what is sent now.
    verify.shown_once(topic, [], messages.nothing_more_received(topic))


@requirement("SE-02")
def test_a_clean_session_forgets_the_subscription(messages: Messages, verify: Verifier) -> None:
    topic = messages.session_interrupted(clean=True)
    # Neither what was sent meanwhile nor what is sent now.
    verify.shown_once(topic, [], messages.nothing_more_received(topic))
