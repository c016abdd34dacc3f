"""Power cuts in whatever state: values and settings set in many ways, a session before, and what comes first behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from conformance.catalogue import (
    CONNECT_CFG,
    DEVICE_NAME,
    DEVICE_SECRET,
    IDENTITY_VALUES,
    MQTT_CFG,
    PRODUCT_KEY,
    PRODUCT_SECRET,
    IdentityValue,
    Row,
    Settings,
)
from conformance.held import CHANGES, Held
from conformance.shapes import beyond_ascii, shaped
from conformance.values import NOT_OPEN, PLATFORM_CHARACTERS, sample
from fixtures.findings import Breach, Inconclusive
from fixtures.module import Module
from fixtures.power import Power
from fixtures.verify import Verifier
from rigs.at.commands import Argument, Bare
from rigs.at.dialogue import Exchange
from rigs.cloud.connection import Connection
from rigs.cloud.instrument import Instrument

_T = TypeVar("_T")
Stored = IdentityValue | Settings
BY_SUFFIX = {value.suffix: value for value in IDENTITY_VALUES}
BY_COMMAND = {"connection": CONNECT_CFG, "mqtt": MQTT_CFG}
RETURNED = {CONNECT_CFG: "CC-02", MQTT_CFG: "MC-03"}
VOLATILE = {CONNECT_CFG: "PC-03", MQTT_CFG: "PC-04"}
LASTING = {value: "PC-02" if value is PRODUCT_SECRET else f"PC-01-{value.suffix}" for value in IDENTITY_VALUES}
BESIDE_DEFAULTS: dict[str, dict[str, tuple[int, ...]]] = {
    CONNECT_CFG.name: {"a-little": (1, 1884, 1), "the-most": (5, 65535, 1)},
    MQTT_CFG.name: {"a-little": (1, 2001, 60001), "the-most": (1, 60000, 1200000)},
}
"""Settings of which each field differs from its default."""
FIELDS = ("first", "second", "third")
_NO_LOGIN = ("punctuation", "marks", "utf-8")
"""Shapes of values that the platform has none of."""
_LOGIN = (PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET)


class Cuts:
    """Sets values in many ways, cuts the power, and looks at all of them, whatever of it is wrong already."""

    def __init__(self, module: Module, power: Power, verify: Verifier, gateway: Instrument | None) -> None:
        self._module = module
        self._power = power
        self._verify = verify
        self._gateway = gateway
        self._held = Held(module, verify)
        self._beyond_ascii = {value for value in IDENTITY_VALUES if self._takes(value, beyond_ascii(9, value.name))}
        module.reset()
        self._held.rest()
        self._doubtful: set[str] = set()
        """What of it was wrong already before the power was cut."""
        self._first_breach: Breach | None = None

    def cut(self, number: int, rows: Sequence[Row], session: Row | None) -> None:
        """Judge one power cut; a breach is remembered."""
        self._doubtful.clear()
        # Another one comes last each time, right before the cut.
        turn = number % (len(rows) or 1)
        rows = [*rows[turn:], *rows[:turn]]
        parts = _parts(rows, "behind" if session is None else str(session["sets"]))
        self._set_all(parts[0], number)
        if session is not None:
            self._be(session)
        self._set_all(parts[1], number)
        last = parts[1][-1] if parts[1] else None
        mark = self._module.cloud.journal.mark()
        self._power.cycle()
        if session is not None:
            self._is_closed(str(session["first"]), mark)
        for row in rows:
            with self._remembering(_stored(row)):
                self._judge(row, last=row is last)
        if session is not None and session["first"] == "open":
            self._opens(mark, tls=session["transport"] == "tls")

    def conclude(self) -> None:
        """Raise the first breach that there was."""
        if self._first_breach is not None:
            raise self._first_breach

    def _takes(self, value: IdentityValue, text: str) -> bool:
        """Whether the module takes this value and returns it as it is."""
        return self._module.set(value, text).ok and self._module.query(value).says(text)

    def _set_all(self, rows: Sequence[Row], number: int) -> None:
        for row in rows:
            stored = _stored(row)
            with self._remembering(stored):
                if isinstance(stored, IdentityValue):
                    self._set_identity(stored, row, number)
                else:
                    self._set_settings(stored, row, number)
                if row.get("look") == "before" and row is not rows[-1] and self._held.knows(stored):
                    self._held.look(stored, of=_returned(stored))

    def _set_identity(self, value: IdentityValue, row: Row, number: int) -> None:
        history = str(row.get("history", "once"))
        if history.endswith("-alone") and not self._held.knows(value):
            history = history.replace("-alone", "-last")
        if history == "after-refused":
            self._refused(value, "refused")
        if not history.endswith("-alone"):
            old, new = (self._text(value, row, f"{value.name} {number} {which}") for which in ("old", "new"))
            if history == "as-held" and self._held.knows(value):
                new = str(self._held.values(value)[0])
            for text in _one_by_one(history, old, new, new):
                self._held.take(value, text)
        for word in ("refused", "malformed"):
            if history in (f"{word}-last", f"{word}-alone"):
                self._refused(value, word)

    def _text(self, value: IdentityValue, row: Row, whose: str) -> str:
        length = {"short": 3, "middle": value.limit // 2, "limit": value.limit}[str(row["length"])]
        shape = str(row.get("shape", "mixed"))
        if shape == "utf-8":
            return beyond_ascii(length, whose) if value in self._beyond_ascii else shaped("mixed", length, whose)
        return shaped(shape, length, whose)

    def _refused(self, value: IdentityValue, word: str) -> None:
        wrong: dict[str, tuple[str, Argument]] = {
            "refused": ("ID-03", sample(value, value.limit + 1)),
            "malformed": ("ID-07", Bare(b'"open')),
        }
        family, argument = wrong[word]
        self._verify(self._module.set(value, argument), of=f"{family}-{value.suffix}").refused()

    def _set_settings(self, settings: Settings, row: Row, number: int) -> None:
        if "changed" in row:
            self._held.take(settings, *_changed(settings, str(row["changed"]), str(row["by"])))
            return
        history, choices = str(row["history"]), CHANGES[settings.name]
        new, old = choices[number % len(choices)], choices[(number + 1) % len(choices)]
        if history == "as-before-the-cut":
            new = choices[(number - 1) % len(choices)]
        if history == "after-refused":
            self._refuse(settings, new)
        for values in _one_by_one(history, old, new, settings.defaults):
            self._held.take(settings, *values)
        if history == "refused-last":
            self._refuse(settings, new)

    def _refuse(self, settings: Settings, new: tuple[int, ...]) -> None:
        self._module.set(settings, settings.parameters[0].refused[0], *new[1:])

    def _be(self, row: Row) -> None:
        """Bring the state about that the power is cut in; where the session does not come up, others judge why."""
        tls, state = row["transport"] == "tls", str(row["session"])
        with suppress(Inconclusive):
            connection, exchange = self._open(clean=bool(row["clean"]), tls=tls)
            if connection is None or not exchange.ok:
                return
            if state in ("closed", "opened-again"):
                self._module.close()
            if state == "opened-again":
                self._module.try_open(tls=tls)
            if state == "dropped" and self._gateway is not None:
                self._gateway.drop(connection)
                connection.wait_closed(self._module.deadlines.cloud)

    def _open(self, *, clean: bool, tls: bool) -> tuple[Connection | None, Exchange]:
        """OPEN with the values that are held, or with those of the run where the platform would not know such ones."""
        for value in _LOGIN:
            if not self._held.knows(value) or not _logs_in(value, str(self._held.values(value)[0])):
                self._held.take(value, self._module.baseline(value))
        texts = [str(self._held.values(value)[0]) for value in _LOGIN]
        self._module.cloud.register_device(*texts)
        self._module.configure_session(clean=clean, tls=tls)
        for settings in VOLATILE:
            self._held.forget(settings)
        return self._module.try_open(tls=tls)

    def _is_closed(self, first: str, mark: int) -> None:
        """Judge what comes first behind the cut; a module may have connected by itself (PC-07)."""
        acts: dict[str, tuple[str, Callable[[], Exchange]]] = {
            "close": ("CL-03", self._module.close),
            "publish": ("SU-03", lambda: self._module.publish(self._module.device.topic("cut"), "closed", 1)),
        }
        if first not in acts:
            return
        requirement, act = acts[first]
        exchange = act()
        if exchange.error or not self._module.connected_since(mark):
            with self._remembering(None):
                self._verify(exchange, of=requirement).refused(NOT_OPEN)

    def _opens(self, mark: int, *, tls: bool) -> None:
        with self._remembering(None):
            connection, exchange = self._open(clean=True, tls=tls)
            if exchange.ok or not self._module.connected_since(mark):
                self._verify(exchange, of="OP-01").ok()
                self._verify.came_online(connection, "behind the power cut", of="OP-01")
        self._module.close()

    def _judge(self, row: Row, *, last: bool) -> None:
        stored = _stored(row)
        if not isinstance(stored, IdentityValue):
            self._verify(self._module.query(stored), of=VOLATILE[stored]).answers(*stored.defaults)
        elif stored.name not in self._doubtful and self._held.knows(stored):
            kept = LASTING[stored]
            self._held.look(stored, of=(kept, "PC-05") if last and stored is not PRODUCT_SECRET else kept)

    @contextmanager
    def _remembering(self, stored: Stored | None) -> Iterator[None]:
        try:
            yield
        except Breach as breach:
            if breach.silence:
                raise
            if stored is not None:
                self._doubtful.add(stored.name)
                self._held.forget(stored)
            self._first_breach = self._first_breach or breach


def _parts(rows: list[Row], sets: str) -> tuple[list[Row], list[Row]]:
    """What is set before the session, and what is set in or behind it."""
    before = {"before": rows, "before-and-behind": rows[::2]}.get(sets, [])
    # Over some of it would be set what the session needs.
    before = [row for row in before if "changed" not in row and row.get("shape") not in _NO_LOGIN]
    return before, [row for row in rows if row not in before]


def _stored(row: Row) -> Stored:
    return BY_SUFFIX[str(row["value"])] if "value" in row else BY_COMMAND[str(row["command"])]


def _returned(stored: Stored) -> str:
    return f"ID-01-{stored.suffix}" if isinstance(stored, IdentityValue) else RETURNED[stored]


def _changed(settings: Settings, changed: str, by: str) -> tuple[int, ...]:
    """The defaults but for the fields that are named."""
    others = BESIDE_DEFAULTS[settings.name][by]
    fields = FIELDS if changed == "all" else changed.split("-")
    return tuple(
        other if field in fields else default
        for field, other, default in zip(FIELDS, others, settings.defaults, strict=True)
    )


def _logs_in(value: IdentityValue, text: str) -> bool:
    """Whether the platform has such values."""
    return all(character in PLATFORM_CHARACTERS for character in text) and (value is DEVICE_NAME or text.isalnum())


def _one_by_one(history: str, old: _T, new: _T, last: _T) -> list[_T]:
    """What is set one after the other."""
    return {
        "again": [new, new],
        "three-times": [new, new, new],
        "twice-before": [old, old, new],
        "and-back": [new, old, new],
        "defaults-last": [new, last],
    }.get(history, [new])
