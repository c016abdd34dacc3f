"""Steps that are about the session: OPEN and CLOSE, what CONNECT says, and connections that the cloud ends."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from conformance.catalogue import (
    BOUNDS,
    CONNECT_CFG,
    DEVICE_NAME,
    DEVICE_SECRET,
    MQTT_CFG,
    PRODUCT_KEY,
    PRODUCT_SECRET,
    ErrorCode,
    IdentityValue,
)
from conformance.sequences.machine import SEQUENCES, Wants, step
from conformance.sequences.memory import Memory
from conformance.sequences.values import is_a_name
from conformance.values import ALREADY_OPEN, code_rule
from fixtures.answers import CodeRule
from fixtures.outage import drop_and_publish, publish_until_accepted
from rigs.at.dialogue import Exchange
from rigs.cloud.connection import Connection
from rigs.cloud.events import Ending

_LOGIN = (PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET)
_CODE_WITHOUT = {
    PRODUCT_KEY: code_rule("no-product-key"),
    DEVICE_NAME: code_rule("no-device-name"),
    DEVICE_SECRET: code_rule("no-device-secret"),
}
_NO_SECRET_AT_ALL = code_rule("no-secret-at-all")
_SECURE_MODES = {False: 3, True: 2}
"""What CONNECT announces without TLS and with it."""


class Sessions(Memory):
    """Opens and closes; while open the model knows what the cloud holds for the module."""

    @step(tls=st.sampled_from([False, False, True]))
    def open_or_open_again(self, tls: bool) -> None:
        if self.state.session is not None:
            self._open_again()
        elif self.may_open:
            self.open_session(tls=tls and self.bench.allowance.tls)
            self.look_at_subscriptions()

    def begin_open(self) -> None:
        self.open_session(tls=False)

    def look_at_subscriptions(self) -> None:
        """See that those which outlive a session are there, and no others."""

    def _open_again(self) -> None:
        self.says(self.module.send("AT+ALYMQTTOPEN"), "OP-04").refused(ALREADY_OPEN)
        if self.bench.sees:
            self.verify.at_gateway(self.connection, of=(SEQUENCES, "OP-04")).still_online()
        self.state.refused_again()

    def open_session(self, *, tls: bool, breaks: tuple[str, ...] = ("OP-01",)) -> None:
        """Open with the identity and the MQTT settings of the model, and judge what CONNECT makes of them."""
        self._make_known()
        breaks = (*breaks, "TL-01") if tls else breaks
        way = self.module.way(tls=tls)
        if self.state.settings[CONNECT_CFG] != way:
            self.set_settings(CONNECT_CFG, way)
        self.opens += 1
        connection, exchange = self.module.try_open(tls=tls)
        self.opened(connection, exchange, tls=tls, breaks=breaks)

    def opened(self, connection: Connection | None, exchange: Exchange, *, tls: bool, breaks: tuple[str, ...]) -> None:
        """Judge an OPEN, its CONNECT, and what the cloud has kept for this session."""
        self.says(exchange, *breaks).ok()
        self.connection = connection
        clean, _, keepalive = self.state.settings[MQTT_CFG]
        if self.bench.sees:
            self.connection = self.verify.came_online(connection, of=(SEQUENCES, *breaks))
            self._judge_connect(tls=tls, clean=bool(clean), keepalive=keepalive)
        for topic, payloads in self.state.opened(clean=bool(clean)).items():
            self.look_at_what_waited(topic, payloads)

    def look_at_what_waited(self, topic: str, payloads: Sequence[str]) -> None:
        """Judge that the messages which the cloud has kept for this session are shown now."""

    def _judge_connect(self, *, tls: bool, clean: bool, keepalive: int) -> None:
        at_gateway, connection = self.verify.at_gateway, self.connection
        user = f"{self.state.identity[DEVICE_NAME]}&{self.state.identity[PRODUCT_KEY]}"
        at_gateway(connection, of=(SEQUENCES, "OP-02")).logged_in(_SECURE_MODES[tls], user=user)
        at_gateway(connection, of=(SEQUENCES, "TL-01")).came_online(tls=tls)
        at_gateway(connection, of=(SEQUENCES, "MC-06")).clean_session(clean)
        least, whole = keepalive // 1000, -(-keepalive // 1000)
        most, rounded = whole * BOUNDS.keepalive_max_multiple, whole - least
        at_gateway(connection, of=(SEQUENCES, "MC-07")).keep_alive(
            least, most, "keepalive_max_multiple", rounded or None
        )

    def _make_known(self) -> None:
        """Make the cloud know the device that the module is, or the module one that the cloud may know."""
        identity = self.state.identity
        if self.bench.knows_anybody and all(is_a_name(identity[value]) for value in _LOGIN):
            self.bench.cloud.register_device(*(identity[value] for value in _LOGIN))
            return
        self.bench.cloud.enrol(self.module.device)
        for value in _LOGIN:
            if identity[value] != self.module.baseline(value):
                identity[value] = self.module.baseline(value)
                self.says(self.module.set(value, identity[value]), f"ID-02-{value.suffix}").ok()
                self.holds(value, f"ID-01-{value.suffix}")

    @step(Wants.CLOSED, missing=st.sets(st.sampled_from(_LOGIN), min_size=1, max_size=2), secret=st.booleans())
    def open_without(self, missing: set[IdentityValue], secret: bool) -> None:
        """OPEN without some of the identity, with or without a ProductSecret; then it is put back."""
        if self.state.session is not None or not self.bench.allowance.clears:
            return
        absent = [*missing] if secret and self.state.identity[PRODUCT_SECRET] else [*missing, PRODUCT_SECRET]
        absent.sort(key=lambda value: value.name)
        cleared = [value for value in absent if self.module.clear(value)]
        self.bench.allowance.clears = len(cleared) == len(absent)
        if self.bench.allowance.clears:
            codes = dict(_CODE_WITHOUT)
            if PRODUCT_SECRET in absent:
                codes[DEVICE_SECRET] = _NO_SECRET_AT_ALL
            self.says(self.module.open(), "OP-03").refused(
                CodeRule.any_of(codes[value] for value in _in_order(missing))
            )
        for value in absent:
            if text := self.state.identity[value]:
                self.says(self.module.set(value, text), f"ID-02-{value.suffix}").ok()
                self.holds(value, f"ID-01-{value.suffix}")

    @step()
    def close_or_close_again(self) -> None:
        if self.state.session is not None:
            self.close()
        else:
            # Closing what is closed is refused with 705 or 706, which CL-03 judges; here it must be answered.
            self.says(self.module.close()).answered()

    def close(self) -> None:
        self.says(self.module.close(), "CL-01").ok()
        if self.bench.sees and self.connection is not None:
            self.verify.gone(self.connection, BOUNDS.close_seconds, of=(SEQUENCES, "CL-01"))
        self.ended()

    @step(Wants.OPEN, how=st.sampled_from([Ending.FIN, Ending.RST]))
    def drop_connection(self, how: Ending) -> None:
        """The cloud ends the connection; SUB and PUB fail until OPEN, unless the module comes back by itself."""
        session = self.state.session
        if session is None or self.connection is None or not self.bench.allowance.drops or not self.may_open:
            return
        if not self.acknowledged():
            return
        self.bench.allowance.drops -= 1
        tls = self.connection.over_tls
        drop = drop_and_publish(self.messages, self.connection, how)
        if not drop.reconnected:
            self.says(drop.answer, "NW-02").refused()
            self._make_known()
            self.opens += 1
            connection, exchange = self.module.try_open(tls=tls)
            if exchange.code != ErrorCode.ALREADY_OPEN or not self.bench.cloud.sessions_open():
                self.ended()
                self.opened(connection, exchange, tls=tls, breaks=("NW-02",))
                return
        topic = self.messages.watched_topic()
        self.says(publish_until_accepted(self.messages, topic, "after a reconnect"), "NW-02").ok()
        # What such a module makes of its subscriptions is its own matter: from CLOSE on the model knows it again.
        self.says(self.module.close()).answered()
        self.bench.cloud.hang_up()
        self.ended()


def _in_order(values: set[IdentityValue]) -> list[IdentityValue]:
    return sorted(values, key=lambda value: value.name)
