"""A small tree of elements that is written out in two ways: as HTML, or packed for the page's own script to build.

A node is a text, or a list: tag with its classes (``tr.tx``), attributes where there are any, children. Whoever makes
a text node has made it inert before; see `reports.html.words`. Neither way can turn text into markup: HTML is escaped,
and the script creates elements and text nodes from an allow-list, never from a string of HTML.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from markupsafe import Markup, escape

Node: TypeAlias = "str | list[Any]"

_VOID = frozenset({"input"})
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_CHUNK = 256 * 1024
"""Characters of JSON packed together: many times what deflate looks back, and unpacked in no time."""


@dataclass(frozen=True)
class Chunk:
    """Packed trees: how many, and their JSON, deflated (RFC 1950) and in base64."""

    count: int
    data: str


def element(tag: str, *children: Node, **attributes: str) -> Node:
    """An element; classes are part of the tag, ``td.number``."""
    return [tag, attributes, *children] if attributes else [tag, *children]


def to_html(nodes: Iterable[Node]) -> Markup:
    """The nodes as HTML."""
    return Markup("".join(_written(nodes)))


def _written(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield str(escape(node))
            continue
        name, *classes = node[0].split(".")
        attributes = node[1] if len(node) > 1 and isinstance(node[1], dict) else {}
        if classes:
            attributes = {"class": " ".join(classes), **attributes}
        yield f"<{name}"
        for key, value in attributes.items():
            yield f' {key}="{escape(value)}"'
        yield ">"
        if name not in _VOID:
            yield from _written(child for child in node[1:] if not isinstance(child, dict))
            yield f"</{name}>"


def pack(trees: Iterable[Sequence[Node]]) -> list[Chunk]:
    """The trees in order, as few chunks as bear to be unpacked when one of their trees is wanted."""
    chunks: list[Chunk] = []
    waiting: list[str] = []
    size = 0
    for tree in trees:
        waiting.append(_JSON(tree))
        size += len(waiting[-1])
        if size >= _CHUNK:
            chunks.append(_chunk(waiting))
            waiting, size = [], 0
    return [*chunks, _chunk(waiting)] if waiting else chunks


def _chunk(trees: list[str]) -> Chunk:
    raw = f"[{','.join(trees)}]".encode("utf-8", "backslashreplace")
    return Chunk(len(trees), base64.b64encode(zlib.compress(raw, 9)).decode("ascii"))
