"""A text in both languages of the reports."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """Placeholders in braces are the same in both."""

    en: str
    zh: str
