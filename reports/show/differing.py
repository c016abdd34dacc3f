"""What was expected beside what came, for a terminal: the report's own table, brackets round what deviates."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from reports.events import Compared
from reports.html.diff import diff_nodes
from reports.html.tree import Node
from reports.i18n import Lang, text

_OTHER = {Lang.EN: "zh-CN", Lang.ZH: "en"}


def lines_of(compared: Compared, lang: Lang) -> Iterator[str]:
    """Each pair that differs: where, then both sides, readable and in hex; at last what the marks mean."""
    for node in diff_nodes(compared):
        if not _is(node, "table"):
            yield _said([node], lang)
            continue
        caption, body = _inside(node)
        yield _said((one for one in _inside(caption) if not _is(one, "small")), lang).strip()
        rows = [[_said([cell], lang) for cell in _inside(row)] for row in _inside(body)]
        wide = max(_columns(row[0]) for row in rows)
        yield from (f"  {head}{' ' * (wide - _columns(head))}  {'  '.join(cells)}" for head, *cells in rows)
    yield text(lang, "show.diff-legend")


def _is(node: Node, tag: str) -> bool:
    return not isinstance(node, str) and node[0].split(".")[0] == tag


def _inside(node: Node) -> list[Node]:
    return [] if isinstance(node, str) else [one for one in node[1:] if not isinstance(one, dict)]


def _said(nodes: Iterable[Node], lang: Lang) -> str:
    """The text of nodes, without what stands there for readers of the other language."""
    return "".join(
        node if isinstance(node, str) else _said(_inside(node), lang) for node in nodes if not _is_other(node, lang)
    )


def _is_other(node: Node, lang: Lang) -> bool:
    attributes = node[1] if not isinstance(node, str) and len(node) > 1 else None
    return isinstance(attributes, dict) and attributes.get("lang") == _OTHER[lang]


def _columns(shown: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in shown)
