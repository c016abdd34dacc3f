"""Values whose answer is known exactly, by which it shows what a hostile line has done."""

from __future__ import annotations

import re

from conformance.catalogue import (
    CONNECT_CFG,
    DEVICE_NAME,
    DEVICE_SECRET,
    IDENTITY_VALUES,
    MQTT_CFG,
    PRODUCT_KEY,
    IdentityValue,
    load,
)
from conformance.grammar.safety import edited
from conformance.values import sample
from fixtures.findings import Inconclusive
from fixtures.module import Device, Module
from fixtures.run import Run
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange

WORDS = tuple(command.word for command in load().commands.values())
_SETTINGS = (CONNECT_CFG, MQTT_CFG)
NAMES = (*(value.name for value in IDENTITY_VALUES), *(settings.name for settings in _SETTINGS))
_ELSEWHERE = {CONNECT_CFG.name: (4, 4884, 1), MQTT_CFG.name: (1, 2000, 60000)}
"""Settings unlike those after power-up, on a module that cannot be led to the gateway."""


def words_in(line: bytes) -> set[str]:
    """The commands of the manual that a module may find in ``line``, however it edits it."""
    found: set[str] = set()
    for reading in (line, edited(line), edited(line.replace(b"\x18", b""))):
        compact = re.sub(rb"[^A-Za-z0-9]", b"", reading).upper().decode()
        found |= {word for word in WORDS if word in compact}
    return found


class Canary:
    """Values that no line may change unless the module took it for a valid one and said OK.

    They are those of a device that the bench's cloud knows, the same in every run, so that every run sends the same
    lines; on a platform that knows its own devices only, those of the run's.
    """

    def __init__(self, module: Module, verify: Verifier, run: Run) -> None:
        self._module = module
        self._verify = verify
        self._run = run
        self._values: dict[str, tuple[str | int, ...]] = {}
        self._unsettled: set[str] = {*NAMES}
        self._hidden: set[str] = set()
        """Values that this module does not show as they were set."""
        self._turn = 0
        self.leads_to_cloud = True
        """Whether the module could be led to the gateway."""

    @property
    def known(self) -> list[str]:
        """Names of the values whose answer is known now."""
        return [name for name in NAMES if name not in self._unsettled | self._hidden]

    def values(self, name: str) -> tuple[str | int, ...]:
        """What that value has to be."""
        return self._values[name]

    def doubt(self, names: set[str] | None = None) -> None:
        """Nothing is known any more of these values, or of any."""
        self._unsettled |= {*NAMES} if names is None else names & {*NAMES}

    def settle(self) -> None:
        """Put those values in place that are in doubt; raises `Inconclusive` where the module refuses them."""
        if self._unsettled >= {*NAMES}:
            self._arrange()
        for name in [name for name in NAMES if name in self._unsettled]:
            self._verify.given(self._module.set(name, *self._values[name]))
        self._unsettled.clear()

    def next(self, named: set[str]) -> str | None:
        """The value to look at next: one of those ``named`` where it is known, else in turn; None where none is."""
        known = self.known
        self._turn += 1
        first = [name for name in known if name in named] or known
        return first[self._turn % len(first)] if first else None

    def look(self, name: str) -> Exchange:
        """Ask for that value."""
        return self._module.query(name)

    def is_kept(self, exchange: Exchange, name: str) -> bool:
        """Whether an answer to `look` is what it has to be."""
        return exchange.says(*self._values[name])

    def _arrange(self) -> None:
        """The known state of the module, then the values, and the way to the gateway."""
        self._module.touch_everything()
        self._module.reset()
        self._values = {value.name: (text,) for value, text in self._identity().items()}
        for name, values in self._values.items():
            self._verify.given(self._module.set(name, *values))
        try:
            self._module.configure_session()
            self._values |= {settings.name: self._module.stored_settings(settings) for settings in _SETTINGS}
        except Inconclusive:
            self.leads_to_cloud = False
            self._values |= _ELSEWHERE
            for name, values in _ELSEWHERE.items():
                self._verify.given(self._module.set(name, *values))
        self._unsettled.clear()
        self._hidden = {name for name in NAMES if not self.is_kept(self.look(name), name)}
        if not self.known:
            self._verify.give_up("no value is returned as it was set, so nothing shows what a line has done to it")

    def _identity(self) -> dict[IdentityValue, str]:
        if self._run.credentials is not None:
            return {value: self._module.baseline(value) or sample(value) for value in IDENTITY_VALUES}
        texts = {value: sample(value) for value in IDENTITY_VALUES}
        device = Device(texts[PRODUCT_KEY], texts[DEVICE_NAME], texts[DEVICE_SECRET])
        assert self._run.cloud is not None
        self._run.redactor.add(device.device_secret.encode())
        self._run.cloud.enrol(device)
        return texts
