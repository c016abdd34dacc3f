"""Whether a module behaves as before where the manual leaves it free.

What belongs to the run and not to the module is no change: the device that a run makes up for itself, the number
behind the name of a topic, and durations within the resolution with which the bench takes them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any, TypeGuard

_OWN_TOPIC = re.compile(r"/[0-9A-Za-z]+/[0-9A-Za-z_.:@-]+/user/([a-z]+)[0-9]+")
"""A topic of the run's device, named and numbered by the bench: /<ProductKey>/<DeviceName>/user/t193."""

_DURATION = re.compile(r"(?:.*_)?seconds")
_COUNTED = frozenset({"line_ends"})
"""Facts that count how often each of several things came, in as many lines as came while a test took its time."""
_SECOND = 1.0
_SHARE = 0.25
_PAIRED = 200
"""Observations of one requirement that are set against each other, at most: their pairs grow as the square."""


@dataclass(frozen=True)
class Field:
    """A fact that changed. ``old`` and ``new`` are JSON."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Difference:
    """An observation that changed, or, without its counterpart (None), one that came or went."""

    old: Any
    new: Any

    @property
    def fields(self) -> tuple[Field, ...]:
        """The facts that changed, of two observations that hold the same facts."""
        if not _comparable(self.old, self.new):
            return ()
        return tuple(
            Field(name, shown(value), shown(self.new[name]))
            for name, value in self.old.items()
            if not _same(value, self.new[name], name)
        )

    @property
    def context(self) -> str:
        """The facts that are as they were, as JSON: they say which observation it is."""
        if not self.fields:
            return ""
        kept = {name: value for name, value in self.old.items() if _same(value, self.new[name], name)}
        return shown(kept) if kept else ""


def differences(old: Iterable[Any], new: Iterable[Any], *, same_tests: bool) -> tuple[Difference, ...]:
    """What changed between the observations on one requirement; their order says nothing.

    Where the runs did not make the same tests, one that came or went is none of the module's doing.
    """
    before, after = _without_common([_settled(item) for item in old], [_settled(item) for item in new])
    found = []
    for one, other in _pairs(before, after):
        before.remove(one)
        after.remove(other)
        if not _same(one, other):
            found.append(Difference(one, other))
    if same_tests:
        found += [Difference(item, None) for item in before]
        found += [Difference(None, item) for item in after]
    return tuple(found)


def shown(value: Any) -> str:
    """A value as compact JSON."""
    return json.dumps(value, ensure_ascii=False)


def same_duration(old: float, new: float) -> bool:
    """Whether two single durations in seconds are the same within the resolution with which they are compared.

    The bench takes whole seconds, and a module's timers run on its own clock.
    """
    return abs(old - new) <= max(_SECOND, _SHARE * max(abs(old), abs(new)))


def _settled(value: Any) -> Any:
    """The value without what the run alone made up."""
    if isinstance(value, str):
        return _OWN_TOPIC.sub(r"/<ProductKey>/<DeviceName>/user/\1<n>", value)
    if isinstance(value, Mapping):
        return {str(name): _settled(item) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [_settled(item) for item in value]
    return value


def _without_common(old: list[Any], new: list[Any]) -> tuple[list[Any], list[Any]]:
    """Both without what both hold."""
    return _left_over(old, new), _left_over(new, old)


def _left_over(items: list[Any], others: list[Any]) -> list[Any]:
    common = Counter(_canonical(other) for other in others)
    left = []
    for item in items:
        if common[key := _canonical(item)]:
            common[key] -= 1
        else:
            left.append(item)
    return left


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _pairs(old: list[Any], new: list[Any]) -> list[tuple[Any, Any]]:
    """Which new observation stands for which old one: those of the same facts, the most alike first."""
    likeness = [
        (_likeness(one, other), index, place)
        for index, one in enumerate(old[:_PAIRED])
        for place, other in enumerate(new[:_PAIRED])
        if _comparable(one, other)
    ]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, index, place in sorted(likeness, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if index not in pairs and place not in taken:
            pairs[index] = place
            taken.add(place)
    return [(old[index], new[place]) for index, place in sorted(pairs.items())]


def _comparable(old: Any, new: Any) -> bool:
    return isinstance(old, Mapping) and isinstance(new, Mapping) and old.keys() == new.keys()


def _likeness(old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    return sum(_same(value, new[name], name) for name, value in old.items())


def _same(old: object, new: object, name: str = "") -> bool:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and (name in _COUNTED or _same_values(old, new))
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_same(one, other, name) for one, other in zip(old, new, strict=True))
    if not (_is_number(old) and _is_number(new)):
        return type(old) is type(new) and old == new
    if _DURATION.fullmatch(name):
        return same_duration(old, new)
    return isclose(old, new, rel_tol=1e-9)


def _same_values(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return all(_same(value, new[key], key) for key, value in old.items())


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
