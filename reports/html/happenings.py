"""What the cloud side and the power supply did, in both languages: the event, and the fields that it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reports.events import Bilingual
from reports.i18n import Lang, text
from reports.sentences import chinese_of
from reports.texts import TEXTS

_JSON = json.JSONEncoder(ensure_ascii=False).encode
_NAMED = frozenset({"whose", "by", "how", "direction", "rule"})
"""Fields whose values are names of our own."""
_SAID = "said"


def happening(data: Mapping[str, Any], kind: str) -> Bilingual:
    """An event of a kind of its own: ``kind`` is the field that names it. What of it is unknown is told as it is."""
    name = str(data[kind])
    shown = {field: value for field, value in data.items() if field not in (kind, _SAID) and value is not None}
    english = f"{name} {in_a_row(shown)}".rstrip()
    chinese = {_chinese("field", field): _value(data, field, value) for field, value in shown.items()}
    return Bilingual(english, "：".join(part for part in (_chinese("event", name), in_a_row(chinese, "，")) if part))


def in_a_row(fields: Mapping[str, Any], between: str = " ") -> str:
    """Fields with their values; what is no text is told as JSON."""
    return between.join(f"{name}={value if isinstance(value, str) else _JSON(value)}" for name, value in fields.items())


def _value(data: Mapping[str, Any], field: str, value: Any) -> Any:
    match value:
        case bool():
            return _chinese("value", str(value).lower())
        case str() if field in _NAMED:
            return _chinese("value", value)
        case str() if field == "fault":
            name, bracket, parameters = value.partition(" (")
            return f"{_chinese('fault', name)}{bracket}{parameters}"
        case str():
            return chinese_of(data, field)
        case _:
            return value


def _chinese(what: str, name: str) -> str:
    key = f"{what}.{name}"
    return text(Lang.ZH, key) if key in TEXTS else name
