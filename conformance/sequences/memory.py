"""Steps that are about what the module remembers: identity, settings, and what of them the power takes away."""

from __future__ import annotations

import time

from hypothesis import strategies as st

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
from conformance.sequences.machine import Machine, Wants, step
from conformance.sequences.values import FIELDS, LEGAL, REFUSED, REFUSED_SETTINGS, STAYS, refusal_of
from conformance.values import sample
from fixtures.answers import CodeRule
from rigs.at.commands import Argument
from rigs.cloud.packets import Puback, Publish

_VALUES = st.sampled_from(IDENTITY_VALUES)
_VARIANTS = st.integers(0, 9)
_QUICK_CYCLE = 0.5
"""Seconds that a power cycle may take for there to be many."""
_SURVIVORS = (PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET)


class Memory(Machine):
    """Sets, refused sets, and power cuts."""

    @step(Wants.CLOSED, 2, value=_VALUES, kind=st.sampled_from([*LEGAL]), variant=_VARIANTS)
    def set_identity(self, value: IdentityValue, kind: str, variant: int) -> None:
        """Not while open: on some firmware another identity than the login's ends the session."""
        if self.state.session is not None:
            return
        family, make = LEGAL[kind]
        old = self.state.identity[value]
        text = make(value, old or sample(value), variant)
        self.says(self.module.set(value, text), f"{family}-{value.suffix}").ok()
        self.state.identity[value] = text
        answer = self.module.query(value)
        sticks = answer.ok and text != old and answer.says(old)
        self.says(answer, f"{'ID-05' if sticks else family}-{value.suffix}").answers(text)
        if text != old:
            self.bench.allowance.replaced.add(value)
        for other in IDENTITY_VALUES:
            if other is not value and self.state.identity[other]:
                self.holds(other, f"ID-05-{value.suffix}")

    @step(value=_VALUES, kind=st.sampled_from([*REFUSED]), variant=_VARIANTS)
    def set_identity_wrongly(self, value: IdentityValue, kind: str, variant: int) -> None:
        family, make = REFUSED[kind]
        arguments = make(value, variant)
        breaks = f"{family}-{value.suffix}"
        self.says(self.module.set(value, *arguments), breaks).refused(refusal_of(family, value, arguments))
        if self.state.identity[value]:
            self.holds(value, breaks)

    @step(field=st.sampled_from([*FIELDS]), which=st.integers(0, 8))
    def set_one_setting(self, field: tuple[Settings, str], which: int) -> None:
        settings, name = field
        breaks, numbers = FIELDS[field]
        at = [parameter.name for parameter in settings.parameters].index(name)
        values = list(self.state.settings[settings])
        values[at] = numbers[which % len(numbers)]
        self.set_settings(settings, tuple(values), breaks)

    def set_settings(self, settings: Settings, values: tuple[int, ...], *breaks: str) -> None:
        """Set a group of settings; while open a firmware may refuse them, keep them for later, or end the session."""
        answer = self.module.set(settings, *values)
        if self.state.session is not None and answer.error:
            self.holds(settings)
            return
        self.says(answer, *breaks).ok()
        self.state.settings[settings] = values
        # Said OK to, it shows at once, whatever the state.
        self.says(self.module.query(settings), *breaks).answers(*values)
        self.holds(MQTT_CFG if settings is CONNECT_CFG else CONNECT_CFG)
        if self.state.session is not None:
            # The session may have ended with that, at once or a little later: only CLOSE makes sure.
            self.says(self.module.close()).answered()
            self.ended()

    def ended(self) -> None:
        """The session has ended: wait until the cloud has seen that, too."""
        if self.bench.sees and self.connection is not None:
            self.connection.wait_closed(self.messages.deadlines.cloud)
        self.connection = None
        self.state.closed()

    def acknowledged(self) -> bool:
        """Wait until no message is left that the cloud would send a second time to a session that it keeps."""
        if not self.bench.sees or self.connection is None:
            return False
        connection, mark = self.connection, self.bench.cloud.journal.mark()

        def complete() -> bool:
            came = [seen.packet for seen in connection.received(Publish)]
            to_acknowledge = [one for one in came if isinstance(one, Publish) and one.packet_id is not None]
            return len(connection.sent(Puback)) >= len(to_acknowledge)

        return complete() or bool(
            self.bench.cloud.journal.wait_for(lambda _: complete(), self.messages.deadlines.cloud, since=mark)
        )

    @step(wrong=st.sampled_from(REFUSED_SETTINGS))
    def set_settings_wrongly(self, wrong: tuple[Settings, str, CodeRule | None, tuple[Argument, ...]]) -> None:
        settings, breaks, rule, arguments = wrong
        answer = self.module.set(settings, *arguments)
        # While open it may be refused for that.
        codes = rule if self.state.session is None else None
        self.says(answer, breaks).refused(codes)
        self.holds(settings, STAYS[settings])

    @step(Wants.CLOSED, value=st.sampled_from([None, None, None, *_SURVIVORS]), variant=_VARIANTS)
    def cut_power(self, value: IdentityValue | None, variant: int) -> None:
        """Cut the power and restore it, right after the OK to a set where one is drawn."""
        if self.bench.power is None or not self.bench.allowance.power_cycles:
            return
        if self.state.session is not None and not self.state.session.clean and not self.acknowledged():
            return
        self.bench.allowance.power_cycles -= 1
        fresh = None
        if value in self.bench.allowance.replaced and self.state.session is None:
            assert value is not None
            text = sample(value, value.limit - variant % 3, variant=variant)
            self.says(self.module.set(value, text), f"ID-02-{value.suffix}").ok()
            self.state.identity[value] = text
            fresh = value
        begin = time.monotonic()
        self.bench.power.cycle()
        if time.monotonic() - begin > _QUICK_CYCLE:
            self.bench.allowance.power_cycles = min(self.bench.allowance.power_cycles, 1)
        for other in _SURVIVORS:
            self.holds(other, "PC-05" if other is fresh else f"PC-01-{other.suffix}")
        # Some firmware loses it, which PC-02 judges.
        stored = self.module.query(PRODUCT_SECRET)
        if not stored.says(self.state.identity[PRODUCT_SECRET]):
            self.state.identity[PRODUCT_SECRET] = ""
        # Whether it connects by itself after power-up is left open.
        self.says(self.module.close()).answered()
        self.bench.cloud.hang_up()
        self.ended()
        self.state.power_cut()
        self.holds(CONNECT_CFG, "PC-03")
        self.holds(MQTT_CFG, "PC-04")
