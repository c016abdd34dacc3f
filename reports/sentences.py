"""The Chinese of sentences whose form and values a record has beside their English text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.texts.sentences import SENTENCES

_BETWEEN = "、"


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
    form: str = SENTENCES[sentence["form"]]
    return form.format_map({name: _value(value) for name, value in sentence["values"].items()})


def _value(value: Any) -> object:
    if isinstance(value, Mapping):
        return _told(value)
    if isinstance(value, list):
        return _BETWEEN.join(str(_value(item)) for item in value)
    return value
