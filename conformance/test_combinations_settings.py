"""Sections 2.4.5 and 2.4.6, in combination: numbers, what was set before and how often, and what comes between."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from conformance.catalogue import CONNECT_CFG, IDENTITY_VALUES, MQTT_CFG, Row, Settings
from conformance.combinations import through
from conformance.held import CHANGES, Held
from conformance.sessions import NO_TLS, Sessions, has_tls
from conformance.values import MALFORMED, WRONG_PARAMETER
from fixtures.module import Module
from fixtures.requirements import derived, requirement
from fixtures.verify import Verifier
from rigs.at.commands import Argument, Bare, integers
from rigs.at.dialogue import Exchange
from rigs.cloud.instrument import Instrument

COUNTS: dict[str, tuple[Argument, ...]] = {
    "none": (Bare(b""),),
    "one": (0,),
    "two": (0, 2000),
    "four": (0, 2000, 1, 0),
    "six": (0, 2000, 1, 0, 0, 0),
}

LONGEST_TIMEOUT = 60000
"""In milliseconds; the manual gives no bound, and a firmware may have one above."""


@dataclass(frozen=True)
class Judged:
    """A settings command, and the requirements that its fields, its parameters' number and its old values are for."""

    settings: Settings
    returned: tuple[str, ...]
    """By field: which says that its values are accepted and returned."""
    refused: dict[str, str]
    """By field, and ``count``: which says what is refused."""
    kept: str
    """Which says that a refused set changes nothing."""
    olds: dict[str, tuple[int, ...]]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for name in self.refused if name != "count")


CONNECTION = Judged(
    CONNECT_CFG,
    ("CC-02", "CC-05", "CC-04"),
    {"region": "CC-03", "port": "CC-05", "flag": "CC-04", "count": "CC-07"},
    "CC-06",
    {"defaults": CONNECT_CFG.defaults, "others": (2, 2883, 1), "highest": (5, 65535, 1)},
)
MQTT = Judged(
    MQTT_CFG,
    ("MC-02", "MC-03", "MC-03"),
    {"clean": "MC-02", "timeout": "MC-04", "keepalive": "MC-04", "count": "MC-04"},
    "MC-04",
    {"defaults": MQTT_CFG.defaults, "others": (1, 3456, 45678), "highest": (1, 60000, 1200000)},
)
BOTH = {"connection": CONNECTION, "mqtt": MQTT}


@derived
@requirement("CC-02", "CC-03", "CC-04", "CC-05", "CC-06", "CC-07")
def test_connection_settings_are_returned_whatever_they_were(module: Module, verify: Verifier) -> None:
    go_through_sets(module, verify, "connection-set", CONNECTION, ("region", "port", "tls-flag"))


@derived
@requirement("MC-02", "MC-03", "MC-04")
def test_mqtt_settings_are_returned_whatever_they_were(module: Module, verify: Verifier) -> None:
    go_through_sets(module, verify, "mqtt-set", MQTT, ("clean", "timeout", "keepalive"))


@derived
@requirement("CC-03", "CC-04", "CC-05", "CC-06", "CC-07")
def test_connection_settings_stay_whatever_is_refused(module: Module, verify: Verifier) -> None:
    go_through_refusals(module, verify, "connection-refused", CONNECTION)


@derived
@requirement("MC-02", "MC-04")
def test_mqtt_settings_stay_whatever_is_refused(module: Module, verify: Verifier) -> None:
    go_through_refusals(module, verify, "mqtt-refused", MQTT)


@derived
@requirement("CC-02", "CC-04", "CC-05")
def test_every_number_of_the_connection_settings_is_returned(module: Module, verify: Verifier) -> None:
    go_through_numbers(module, verify, "connection-numbers", CONNECTION, ("region", "port", "tls-flag"))


@derived
@requirement("MC-02", "MC-03")
def test_every_number_of_the_mqtt_settings_is_returned(module: Module, verify: Verifier) -> None:
    go_through_numbers(module, verify, "mqtt-numbers", MQTT, ("clean", "timeout", "keepalive"))


@derived
@requirement("CC-03", "CC-04", "CC-05", "CC-06", "MC-02", "MC-04")
def test_numbers_beyond_a_field_are_refused(module: Module, verify: Verifier) -> None:
    def judge(row: Row) -> None:
        field, number = str(row["field"]), int(row["number"])
        judged = MQTT if field == "clean" else CONNECTION
        old, place = judged.olds["others"], judged.fields.index(field)
        if held != {judged.settings: old}:
            module.hold(judged.settings, *old)
            held.clear()
            held[judged.settings] = old
        refusal = verify(module.set(judged.settings, *old[:place], number, *old[place + 1 :]), of=judged.refused[field])
        if field == "region":
            refusal.refused(WRONG_PARAMETER)
        else:
            refusal.refused()
        verify(module.query(judged.settings), of=judged.kept).still_answers(*old)

    held: dict[Settings, tuple[int, ...]] = {}
    through(verify, "numbers-beyond", judge, together="field")


@derived
@requirement("CC-02", "CC-06", "MC-03", "MC-04")
def test_settings_are_set_and_refused_in_every_state(module: Module, gateway: Instrument, verify: Verifier) -> None:
    def judge(row: Row) -> None:
        judged = BOTH[str(row["command"])]
        settings, returned = judged.settings, {CONNECT_CFG: "CC-02", MQTT_CFG: "MC-03"}[judged.settings]
        sessions.be(str(row["state"]))
        before = module.stored_settings(settings)
        new = next(values for values in CHANGES[settings.name] if values != before)
        match row["act"]:
            case "refused":
                setting = module.set(settings, *wrong_values(judged, judged.fields[0], "above", new))
            case "malformed":
                setting = module.set(settings, *COUNTS["two"])
            case act:
                settings_made = [module.set(settings, *new) for _ in range(2 if act == "set-twice" else 1)]
                setting = settings_made[-1]
        beside(str(row["after"]), settings)
        if row["act"] in ("set", "set-twice") and setting.ok:
            verify(module.query(settings), of=returned).answers(*new)
        elif setting.error:
            verify(module.query(settings), of=judged.kept).still_answers(*before)

    def beside(word: str, settings: Settings) -> None:
        other = MQTT_CFG if settings is CONNECT_CFG else CONNECT_CFG
        if word == "identity-query":
            module.query(IDENTITY_VALUES[0])
        elif word == "other-settings":
            module.set(other, *CHANGES[other.name][0])
        else:
            Held(module, verify).beside(word, settings)

    sessions = Sessions(module, gateway)
    without = {} if has_tls(module) else {"state": NO_TLS}
    through(verify, "settings-in-session", judge, without=without, together="state")


@pytest.mark.parametrize("judged", BOTH.values(), ids=BOTH)
@requirement("CC-02", "MC-03")
def test_how_numbers_with_leading_zeros_are_treated(module: Module, verify: Verifier, judged: Judged) -> None:
    settings = judged.settings
    module.hold(settings, *judged.olds["defaults"])
    setting = verify(module.set(settings, *(Bare(b"00%d" % value) for value in judged.olds["others"]))).answered()
    returned = module.query(settings).says(*judged.olds["others"])
    verify.observe(command=settings.name, accepted=setting.ok, returned_as_numbers=returned, evidence=setting.evidence)


def go_through_sets(module: Module, verify: Verifier, name: str, judged: Judged, factors: tuple[str, ...]) -> None:
    """Judge that values set in every combination are accepted and returned."""

    def judge(row: Row) -> None:
        new = tuple(int(row[factor]) for factor in factors)
        old = old_of(str(row["changed"]), new, judged)
        accept(old)
        history(str(row["history"]), old, new)
        held.beside(str(row["before"]), judged.settings)
        accept(new)
        stays = follow(str(row["after"]))
        query = module.query(judged.settings)
        verify(query, of=judged.kept if stays else of_field(query, new, judged)).answers(*new)

    def accept(values: tuple[int, ...]) -> None:
        exchange = module.set(judged.settings, *values)
        verify(exchange, of=judged.returned[0] if exchange.ok else culprit(module, values, judged)).ok()

    def history(word: str, old: tuple[int, ...], new: tuple[int, ...]) -> None:
        for values in {
            "again": [new],
            "three-times": [new, new],
            "twice-before": [old],
            "and-back": [new, old],
            "after-defaults": [judged.settings.defaults],
        }.get(word, []):
            accept(values)
        follow(word.removeprefix("after-"))

    def follow(word: str) -> bool:
        """Does what comes between the set and its query; whether that must not change anything because it is wrong."""
        first = judged.fields[0]
        wrong = {
            "refused": (first, wrong_values(judged, first, "above", judged.olds["others"])),
            "malformed": ("count", COUNTS["two"]),
        }
        if word in wrong:
            field, arguments = wrong[word]
            verify(module.set(judged.settings, *arguments), of=judged.refused[field]).refused()
            return True
        held.beside(word if word in BESIDE else "nothing", judged.settings)
        return False

    held = Held(module, verify)
    through(verify, name, judge)


def go_through_numbers(
    module: Module, verify: Verifier, name: str, judged: Judged, factors: tuple[str, str, str]
) -> None:
    """Judge that numbers of every size are accepted and returned."""

    def judge(row: Row) -> None:
        new = tuple(int(row[factor]) for factor in factors)
        setting = module.set(judged.settings, *new)
        if judged is MQTT and new[1] > LONGEST_TIMEOUT and setting.error:
            return
        verify(setting, of=judged.returned[1]).ok()
        query = module.query(judged.settings)
        verify(query, of=of_field(query, new, judged)).answers(*new)

    through(verify, name, judge)


BESIDE = ("at", "query", "identity", "mqtt", "mqtt-query", "connection", "connection-query")


def go_through_refusals(module: Module, verify: Verifier, name: str, judged: Judged) -> None:
    """Judge that wrong values are refused in every combination, and that the old ones stay."""

    def judge(row: Row) -> None:
        old, field, wrong = judged.olds[str(row["old"])], str(row["field"]), str(row["wrong"])
        rest = old if row["rest"] == "as-held" else CHANGES[judged.settings.name][0]
        arguments = COUNTS[wrong] if field == "count" else wrong_values(judged, field, wrong, rest)
        for _ in range(2 if row["history"] == "set-twice" else 1):
            module.hold(judged.settings, *old)
        for _ in range(2 if row["history"] == "refused-twice" else 1):
            refused(module.set(judged.settings, *arguments), field, arguments)
        held.beside(str(row["after"]), judged.settings)
        verify(module.query(judged.settings), of=judged.kept).still_answers(*old)

    def refused(exchange: Exchange, field: str, arguments: tuple[Argument, ...]) -> None:
        check = verify(exchange, of=judged.refused[field])
        out_of_range = all(isinstance(argument, int) and argument >= 0 for argument in arguments)
        if field == "region" and out_of_range:
            check.refused(WRONG_PARAMETER)
        elif field in ("region", "timeout", "keepalive", "count"):
            check.refused(MALFORMED)
        else:
            check.refused()

    held = Held(module, verify)
    through(verify, name, judge)


def old_of(changed: str, new: tuple[int, ...], judged: Judged) -> tuple[int, ...]:
    """What is set before ``new``: the same but for the field that is to change."""
    if changed == "nothing":
        return new
    choices = zip(*CHANGES[judged.settings.name], strict=True)
    others = tuple(next(value for value in values if value != one) for values, one in zip(choices, new, strict=True))
    if changed == "everything":
        return others
    place = judged.fields.index(changed)
    return (*new[:place], others[place], *new[place + 1 :])


def wrong_values(judged: Judged, field: str, wrong: str, rest: tuple[int, ...]) -> tuple[Argument, ...]:
    """The arguments of a set in which one field is wrong, the others being legal."""
    place = judged.fields.index(field)
    parameter, legal = judged.settings.parameters[place], rest[place]
    above = parameter.max + 1 if parameter.max is not None else 2**32
    written: dict[str, Argument] = {
        "above": above,
        "far-above": above + 1000,
        "wraps-at-16": 2**16 + legal,
        "wraps-at-32": 2**32 + legal,
        "wraps-at-64": 2**64 + legal,
        "negative": Bare(b"-%d" % max(legal, 1)),
        "letter": Bare(b"x"),
        "empty": Bare(b""),
        "hexadecimal": Bare(b"0x%x" % legal),
        "number-and-letter": Bare(b"%dx" % legal),
        "fraction": Bare(b"%d.5" % legal),
    }
    return (*rest[:place], written[wrong], *rest[place + 1 :])


def of_field(query: Exchange, wanted: tuple[int, ...], judged: Judged) -> str:
    """Whose matter an answer is: that of the first field that is not as it was set."""
    returned = integers(query.information[0].value) if query.ok and len(query.information) == 1 else None
    if returned is None or len(returned) != len(wanted):
        return judged.returned[0]
    differing = [name for name, one, other in zip(judged.returned, returned, wanted, strict=True) if one != other]
    return differing[0] if differing else judged.returned[0]


def culprit(module: Module, refused: tuple[int, ...], judged: Judged) -> str:
    """Whose matter a refusal is: that of the first field whose value is refused beside defaults, too."""
    defaults = judged.settings.defaults
    for place in reversed(range(len(refused))):
        alone = (*defaults[:place], refused[place], *defaults[place + 1 :])
        if module.set(judged.settings, *alone).error:
            return judged.returned[place]
    return judged.returned[0]
