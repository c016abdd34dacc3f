"""Text for the page: words in both languages, of which the page shows one, and inert text of the module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from reports.html.tree import Node, element, to_html
from reports.i18n import Lang, text
from reports.inert import Segment, byte_segments, inert, segments

TAGS = {Lang.EN: "en", Lang.ZH: "zh-CN"}
"""The ``lang`` attribute of each language."""
_REMEMBERED = 4096
"""Texts whose nodes are kept: a module says the same few things over and over."""


def both(en: str, zh: str) -> Markup:
    """One text in both languages; the style sheet hides the one that is not chosen."""
    return to_html(both_nodes(en, zh))


@lru_cache(_REMEMBERED)
def both_nodes(en: str, zh: str) -> Sequence[Node]:
    """The same as nodes of a tree."""
    if en == zh:
        return shown(en)
    return (element("span", *shown(en), lang=TAGS[Lang.EN]), element("span", *shown(zh), lang=TAGS[Lang.ZH]))


def word(key: str, /, **values: object) -> Markup:
    """The text of a key in both languages. Values may be markup; any other is made inert."""
    if not any(isinstance(value, Markup) for value in values.values()):
        return to_html(word_nodes(key, **values))
    safe = {name: value if isinstance(value, Markup) else inert(str(value)) for name, value in values.items()}
    return Markup("").join(
        Markup('<span lang="{}">{}</span>').format(tag, Markup(escape(text(lang, key))).format(**safe))
        for lang, tag in TAGS.items()
    )


def word_nodes(key: str, /, **values: object) -> Sequence[Node]:
    """The text of a key as nodes of a tree."""
    return both_nodes(text(Lang.EN, key, **values), text(Lang.ZH, key, **values))


@lru_cache(_REMEMBERED)
def shown(value: str) -> Sequence[Node]:
    """Text over one line or several, escapes of what cannot be shown set apart."""
    if value.isascii() and value.isprintable():
        return (value,)
    nodes: list[Node] = []
    for number, line in enumerate(value.split("\n")):
        if number:
            nodes += [element("i", "\\n"), "\n"]
        nodes += _marked(segments(line))
    return tuple(nodes)


@lru_cache(_REMEMBERED)
def shown_bytes(data: str) -> Sequence[Node]:
    """Bytes, given as latin-1 characters, on one line."""
    return (data,) if data.isascii() and data.isprintable() else _marked(byte_segments(data))


def shown_masked(data: str, masked: Sequence[tuple[int, int]]) -> list[Node]:
    """The same, with what the bench masked set apart: any other ``*`` was sent as it is."""
    nodes: list[Node] = []
    end = 0
    for first, last in masked:
        if last <= len(data):
            nodes += [*shown_bytes(data[end:first]), element("mark.masked", data[first:last])]
            end = last
    return [*nodes, *shown_bytes(data[end:])]


def _marked(pieces: Iterable[Segment]) -> tuple[Node, ...]:
    return tuple(element("i", piece.text) if piece.escaped else piece.text for piece in pieces)
