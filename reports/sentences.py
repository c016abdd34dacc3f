"""Sentences in Chinese: those of a record, from the form and values that stand beside their English, and our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from reports.texts.refusals import REFUSALS
from reports.texts.sentences import SENTENCES

_BETWEEN, _BETWEEN_CHINESE = ", ", "、"


class Sentence(str):
    """A sentence of the reports in English that knows its Chinese: why something cannot be read, or does not hold.

    ``form`` is the English with placeholders in braces, as ``str.format`` takes them; its Chinese stands in
    ``reports/texts/refusals``, under the form. ``values`` are what the placeholders stand for: bytes and names as they
    were, numbers, other sentences, errors that were raised with one, and lists of these.
    """

    form: str
    values: Mapping[str, object]
    chinese: str

    __slots__ = ("chinese", "form", "values")

    def __new__(cls, form: str, values: Mapping[str, object], chinese: str | None = None) -> Self:
        made = super().__new__(cls, _filled(form, values, _english))
        made.form, made.values = form, dict(values)
        made.chinese = _filled(REFUSALS.get(form, form), values, _chinese) if chinese is None else chinese
        return made

    def __str__(self) -> str:
        """Itself: so ``str`` of an exception that was raised with it is it, too."""
        return self

    def __getnewargs__(self) -> tuple[str, Mapping[str, object], str]:  # type: ignore[override]
        return self.form, self.values, self.chinese

    def changed(self, change: Callable[[str], str]) -> Sentence:
        """The same, each text in it changed; numbers stay."""
        if not self.values:
            return Sentence(change(self.form), {}, change(self.chinese))
        return Sentence(self.form, {name: _changed(value, change) for name, value in self.values.items()})


def say(form: str, /, **values: object) -> Sentence:
    """A sentence from its form, a literal, and its values; without any the form is the text."""
    return form if isinstance(form, Sentence) else Sentence(form, values)


def in_both(english: str, chinese: str) -> Sentence:
    """A sentence that is there in both languages."""
    return Sentence(english, {}, chinese)


def _filled(form: str, values: Mapping[str, object], tell: Callable[[object], object]) -> str:
    return form.format_map({name: tell(value) for name, value in values.items()}) if values else form


def _english(value: object) -> object:
    return _BETWEEN.join(map(str, value)) if isinstance(value, list) else value


def _chinese(value: object) -> object:
    if isinstance(value, list):
        return _BETWEEN_CHINESE.join(str(_chinese(item)) for item in value)
    told = str(value) if isinstance(value, Exception) else value
    return told.chinese if isinstance(told, Sentence) else value


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, list):
        return [_changed(item, change) for item in value]
    if isinstance(value, int | float):
        return value
    told = str(value)
    return told.changed(change) if isinstance(told, Sentence) else change(told)


class Refusal(Exception):
    """Something cannot be read or does not hold; the message is one line, told in both languages (see `say`)."""

    def __init__(self, form: str, /, **values: object) -> None:
        self.told = say(form, **values)
        super().__init__(self.told)

    def without(self, piece: str) -> Self:
        """The same, with that piece of text left out."""
        return type(self)(self.told.changed(lambda text: text.replace(piece, "")))


def chinese_of(data: Mapping[str, Any], field: str) -> str:
    """An event's text in Chinese, from what ``said`` has of it.

    Its English where the record has no more than that, and where this suite has no Chinese for the form.
    """
    said = data.get("said")
    english = str(data.get(field, ""))
    return chinese(said.get(field), english) if isinstance(said, Mapping) else english


def chinese(sentence: Any, english: str) -> str:
    """A sentence in Chinese, from its form and values (``{"form": ..., "values": {...}}``), else ``english``."""
    try:
        return _told(sentence)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
        return english


def _told(sentence: Any) -> str:
    # The form of a record is never formatted itself: it is whatever somebody wrote there.
    form: str = SENTENCES.get(sentence["form"]) or REFUSALS[sentence["form"]]
    return form.format_map({name: _value(value) for name, value in sentence["values"].items()})


def _value(value: Any) -> object:
    if isinstance(value, Mapping):
        return _told(value)
    if isinstance(value, list):
        return _BETWEEN_CHINESE.join(str(_value(item)) for item in value)
    return value
