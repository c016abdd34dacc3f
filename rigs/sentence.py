"""Sentences of the bench that can be told in another language, since they know what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeAlias

_BETWEEN = ", "


class Sentence(str):
    """A sentence in English, for terminal and tracebacks, with its form and the values in it.

    ``form`` is the English text with placeholders in braces, as ``str.format`` takes them. It names the sentence: its
    Chinese stands in ``reports/texts/sentences``, under the form. ``values`` are what the placeholders stand for: bytes
    and names as they were, numbers, other sentences, and lists of these.
    """

    form: str
    values: Mapping[str, Value]

    __slots__ = ("form", "values")

    def __new__(cls, form: str, values: Mapping[str, Value]) -> Self:
        made = super().__new__(cls, form.format_map({name: _shown(value) for name, value in values.items()}))
        made.form, made.values = form, dict(values)
        return made

    def __str__(self) -> str:
        """Itself: so ``str`` of an exception that was raised with it is it, too."""
        return self

    def __getnewargs__(self) -> tuple[str, Mapping[str, Value]]:  # type: ignore[override]
        return self.form, self.values

    def with_texts(self, change: Callable[[str], str]) -> Sentence:
        """The same, each text in it changed, as a redactor masks them."""
        return Sentence(self.form, {name: _changed(value, change) for name, value in self.values.items()})

    def to_record(self) -> dict[str, Any]:
        """As the run record stores it beside the English text."""
        return {"form": self.form, "values": {name: _recorded(value) for name, value in self.values.items()}}


Value: TypeAlias = "str | int | float | Sentence | Sequence[Value]"


def say(form: str, /, **values: object) -> Sentence:
    """A sentence from its form, a literal, and its values.

    What is no number and no list is told by its ``str``, which may be a sentence as well: that of an exception which
    was raised with one is.
    """
    return Sentence(form, {name: _value(value) for name, value in values.items()})


def _value(value: object) -> Value:
    match value:
        case int() | float():
            return value
        case list() | tuple():
            return [_value(item) for item in value]
        case _:
            return str(value)


def _shown(value: Value) -> object:
    if isinstance(value, str | int | float):
        return value
    return _BETWEEN.join(str(_shown(item)) for item in value)


def _changed(value: Value, change: Callable[[str], str]) -> Value:
    match value:
        case Sentence():
            return value.with_texts(change)
        case str():
            return change(value)
        case int() | float():
            return value
        case _:
            return [_changed(item, change) for item in value]


def _recorded(value: Value) -> Any:
    match value:
        case Sentence():
            return value.to_record()
        case str() | int() | float():
            return value
        case _:
            return [_recorded(item) for item in value]
