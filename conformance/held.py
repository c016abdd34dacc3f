"""What a module should hold while combinations are tried, and the commands that stand round the one that is judged."""

from __future__ import annotations

from collections.abc import Callable

from conformance.catalogue import CONNECT_CFG, IDENTITY_VALUES, MQTT_CFG, IdentityValue, Settings
from conformance.shapes import shaped
from conformance.values import sample
from fixtures.module import Module
from fixtures.verify import Verifier
from rigs.at.commands import Argument, Bare
from rigs.at.dialogue import Exchange

Stored = IdentityValue | Settings
UNKNOWN = "AT+ALYNOSUCHCOMMAND"
CHANGES: dict[str, tuple[tuple[int, ...], ...]] = {
    CONNECT_CFG.name: ((1, 2883, 1), (4, 65535, 0), (0, 1884, 0)),
    MQTT_CFG.name: ((1, 3456, 45678), (0, 60000, 1200000), (1, 2000, 61000)),
}
"""Settings to go on to, each other than the one before in two fields at least."""


class Held:
    """The values that the module should hold, as far as a test has brought them about."""

    def __init__(self, module: Module, verify: Verifier) -> None:
        self.module = module
        self._verify = verify
        self._values: dict[str, tuple[str | int, ...]] = {}
        self._turn = 0

    def begin(self, *others: Stored) -> None:
        """Bring known values in. Raises `Inconclusive` where the module does not return them."""
        for stored in others:
            values = self._next(stored)
            self.module.hold(stored, *values)
            self._values[stored.name] = values

    def rest(self) -> None:
        """The module is back in its known state: the identity of the run, and nothing known of the rest."""
        known = {value.name: self.module.baseline(value) for value in IDENTITY_VALUES}
        self._values = {name: (text,) for name, text in known.items() if text}

    def set(self, stored: Stored, *values: str | int, of: str | tuple[str, ...], bare: bool = False) -> Exchange:
        """Set it, and judge that this is answered OK."""
        exchange = self._verify(self.module.set(stored, *written(values, bare)), of=of).ok()
        self._values[stored.name] = values
        return exchange

    def take(self, stored: Stored, *values: str | int, bare: bool = False) -> Exchange:
        """Set it where the module may refuse that; what it answers OK to it holds from then on."""
        exchange = self.module.set(stored, *written(values, bare))
        if exchange.silent:
            self._verify.given(exchange)
        if exchange.ok:
            self._values[stored.name] = values
        return exchange

    def look(self, stored: Stored, *, of: str | tuple[str, ...]) -> None:
        """Judge that a query returns what was set last."""
        self._verify(self.module.query(stored), of=of).answers(*self._values[stored.name])

    def look_at_others(self, stored: Stored, *, of: str | tuple[str, ...]) -> None:
        """Judge that the others that are known hold what they did."""
        for other in (*IDENTITY_VALUES, CONNECT_CFG, MQTT_CFG):
            if other.name != stored.name and other.name in self._values:
                self._verify(self.module.query(other), of=of).still_answers(*self._values[other.name])

    def forget(self, stored: Stored) -> None:
        """It has been set to something else."""
        self._values.pop(stored.name, None)

    def knows(self, stored: Stored) -> bool:
        """Whether it is known what it should hold."""
        return stored.name in self._values

    def values(self, stored: Stored) -> tuple[str | int, ...]:
        """What it should hold; KeyError where nothing is known."""
        return self._values[stored.name]

    def neighbour(self, stored: IdentityValue) -> IdentityValue:
        """The value that another one is made equal to: of secrets the other secret, or else it would mask a name."""
        return next(value for value in IDENTITY_VALUES if value.secret == stored.secret and value is not stored)

    def beside(self, word: str, stored: Stored) -> None:
        """Do what may stand before or behind the command that is judged; nothing is judged of it."""
        module, other = self.module, self._other(stored)
        acts: dict[str, Callable[[], object]] = {
            "nothing": lambda: None,
            "at": lambda: module.send("AT"),
            "query": lambda: module.query(stored),
            "test-form": lambda: module.test(stored),
            "unknown": lambda: module.send(UNKNOWN),
            "query-of-other": lambda: module.query(other),
            "set-of-other": lambda: self.take(other, *self._next(other)),
            "refused-other": lambda: module.set(other, sample(other, other.limit + 1)),
            "settings": lambda: self.take(CONNECT_CFG, *self._next(CONNECT_CFG)),
            "connection": lambda: self.take(CONNECT_CFG, *self._next(CONNECT_CFG)),
            "mqtt": lambda: self.take(MQTT_CFG, *self._next(MQTT_CFG)),
            "identity": lambda: self.take(other, *self._next(other)),
            "connection-query": lambda: module.query(CONNECT_CFG),
            "mqtt-query": lambda: module.query(MQTT_CFG),
        }
        acts[word]()

    def _other(self, stored: Stored) -> IdentityValue:
        self._turn += 1
        others = [value for value in IDENTITY_VALUES if value.name != stored.name]
        return others[self._turn % len(others)]

    def _next(self, stored: Stored) -> tuple[str | int, ...]:
        """Legal values, other ones each time."""
        self._turn += 1
        if isinstance(stored, IdentityValue):
            length = 1 + self._turn * 7 % stored.limit
            return (shaped("mixed", length, f"{stored.name} {self._turn % 5}"),)
        choices = CHANGES[stored.name]
        return choices[self._turn % len(choices)]


def written(values: tuple[str | int, ...], bare: bool) -> list[Argument]:
    """The arguments of a set command; ``bare`` strings go out without quotes."""
    return [Bare(value.encode()) if bare and isinstance(value, str) else value for value in values]


def takes_bare(module: Module, value: IdentityValue) -> bool:
    """Whether the module takes this value without quotes (FMT-09 leaves that open) and returns it as it was."""
    text = sample(value, 8, variant=4)
    return module.set(value, Bare(text.encode())).ok and module.query(value).says(text)
