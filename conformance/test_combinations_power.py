"""Section 2.4.5 and chapter 3, in combination: how values came to be what they are when the power is cut.

Many values are set before each power cut, each in another way, and all of them are looked at behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from conformance.catalogue import CONNECT_CFG, IDENTITY_VALUES, MQTT_CFG, PRODUCT_SECRET, IdentityValue, Row, Settings
from conformance.combinations import effort_of_groups, groups, groups_for
from conformance.held import CHANGES, Held
from conformance.shapes import shaped
from conformance.values import sample
from fixtures.findings import Breach
from fixtures.module import Module
from fixtures.power import Power
from fixtures.requirements import derived, requirement
from fixtures.verify import Verifier

_T = TypeVar("_T")
IDENTITY, SETTINGS = "power-identity", "power-settings"
BY_SUFFIX = {value.suffix: value for value in IDENTITY_VALUES}
BY_COMMAND = {"connection": CONNECT_CFG, "mqtt": MQTT_CFG}
RETURNED = {CONNECT_CFG: "CC-02", MQTT_CFG: "MC-03"}
VOLATILE = {CONNECT_CFG: "PC-03", MQTT_CFG: "PC-04"}
LASTING = {value: "PC-02" if value is PRODUCT_SECRET else f"PC-01-{value.suffix}" for value in IDENTITY_VALUES}


@derived
@requirement("PC-02", "PC-03", "PC-04", "PC-05", "CC-02", "MC-03", *(f"ID-01-{suffix}" for suffix in BY_SUFFIX))
@requirement("PC-01-PK", "PC-01-DN", "PC-01-DS")
def test_what_survives_a_power_cut_however_it_was_set(module: Module, power: Power, verify: Verifier) -> None:
    identity, settings = groups(IDENTITY, "value"), groups(SETTINGS, "command")
    least = max(groups_for(IDENTITY, identity), groups_for(SETTINGS, settings))
    budget = verify.budget("power-cycles", max(len(identity), len(settings)), least)
    cuts = Cuts(module, power, verify)
    for number in budget.rounds():
        cuts.cut(number, [*identity[number : number + 1], *settings[number : number + 1]])
    cuts.conclude()
    effort = budget.effort
    of_identity = (*dict.fromkeys(LASTING.values()), "PC-05")
    verify.effort(effort_of_groups(IDENTITY, identity, effort.done, effort.cut), of=of_identity)
    verify.effort(effort_of_groups(SETTINGS, settings, effort.done, effort.cut), of=(*VOLATILE.values(),))


class Cuts:
    """Sets values in many ways, cuts the power, and looks at all of them, whatever of it is wrong already."""

    def __init__(self, module: Module, power: Power, verify: Verifier) -> None:
        self._module = module
        self._power = power
        self._verify = verify
        self._held = Held(module, verify)
        self._held.rest()
        self._first_breach: Breach | None = None

    def cut(self, number: int, groups: Sequence[Sequence[Row]]) -> None:
        """Judge one power cut; a breach is remembered."""
        rows = [row for group in groups for row in group]
        # Another one comes last each time, right before the cut.
        rows = rows[number % len(rows) :] + rows[: number % len(rows)]
        for row in rows:
            with self._remembering():
                self._set(row, number, looked_at=row["look"] == "before" and row is not rows[-1])
        self._power.cycle()
        for row in rows:
            with self._remembering():
                self._judge(row, last=row is rows[-1])

    def conclude(self) -> None:
        """Raise the first breach that there was."""
        if self._first_breach is not None:
            raise self._first_breach

    def _set(self, row: Row, number: int, *, looked_at: bool) -> None:
        stored: IdentityValue | Settings
        history = str(row["history"])
        if "value" in row:
            stored = BY_SUFFIX[str(row["value"])]
            self._set_identity(stored, history, row, number)
        else:
            stored = BY_COMMAND[str(row["command"])]
            self._set_settings(stored, history, number)
        if looked_at:
            self._held.look(stored, of=_returned(stored))

    def _set_identity(self, value: IdentityValue, history: str, row: Row, number: int) -> None:
        length = {"short": 3, "middle": value.limit // 2, "limit": value.limit}[str(row["length"])]
        new, old = (shaped(str(row["shape"]), length, f"{value.name} {number} {which}") for which in ("new", "old"))
        if history == "as-held" and self._held.knows(value):
            new = str(self._held.values(value)[0])
        if history == "after-refused":
            self._module.set(value, sample(value, value.limit + 1))
        for text in _one_by_one(history, old, new, new):
            self._held.set(value, text, of=_returned(value))
        if history == "refused-last":
            self._module.set(value, sample(value, value.limit + 1))

    def _set_settings(self, settings: Settings, history: str, number: int) -> None:
        choices = CHANGES[settings.name]
        new, old = choices[number % len(choices)], choices[(number + 1) % len(choices)]
        if history == "as-before-the-cut":
            new = choices[(number - 1) % len(choices)]
        if history == "after-refused":
            self._refuse(settings, new)
        for values in _one_by_one(history, old, new, settings.defaults):
            self._held.set(settings, *values, of=_returned(settings))
        if history == "refused-last":
            self._refuse(settings, new)

    def _refuse(self, settings: Settings, new: tuple[int, ...]) -> None:
        self._module.set(settings, settings.parameters[0].refused[0], *new[1:])

    def _judge(self, row: Row, *, last: bool) -> None:
        if "value" not in row:
            settings = BY_COMMAND[str(row["command"])]
            self._verify(self._module.query(settings), of=VOLATILE[settings]).answers(*settings.defaults)
            return
        value = BY_SUFFIX[str(row["value"])]
        self._held.look(value, of=(LASTING[value], "PC-05") if last and value is not PRODUCT_SECRET else LASTING[value])

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        try:
            yield
        except Breach as breach:
            if breach.silence:
                raise
            self._first_breach = self._first_breach or breach


def _returned(stored: IdentityValue | Settings) -> str:
    return f"ID-01-{stored.suffix}" if isinstance(stored, IdentityValue) else RETURNED[stored]


def _one_by_one(history: str, old: _T, new: _T, last: _T) -> list[_T]:
    """What is set one after the other."""
    return {
        "again": [new, new],
        "three-times": [new, new, new],
        "twice-before": [old, old, new],
        "and-back": [new, old, new],
        "defaults-last": [new, last],
    }.get(history, [new])
