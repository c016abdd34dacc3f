"""A report as its reader gets it: parsed, and with its packed tests unpacked."""

from __future__ import annotations

import base64
import json
import re
import zlib
from html.parser import HTMLParser

from reports.html.tree import Node, to_html

_PACKED = re.compile(r'<script type="text/plain" class="packed" data-count="(\d+)">([A-Za-z0-9+/=]*)</script>')


class Page(HTMLParser):
    """Collects elements, ids, links and text, and insists that elements are closed in order."""

    VOID = frozenset({"meta", "br", "img", "link", "hr", "input"})

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"a handler: {name}"
            if name == "id":
                self.ids.append(str(value))
            if name == "href":
                self.links.append(str(value))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.text += data


def packed_json(markup: str) -> list[str]:
    """The JSON in each of a page's chunks."""
    return [zlib.decompress(base64.b64decode(data)).decode() for _, data in _PACKED.findall(markup)]


def unpacked(markup: str) -> str:
    """The packed tests of a page as HTML."""
    trees: list[list[Node]] = [tree for chunk in packed_json(markup) for tree in json.loads(chunk)]
    assert len(trees) == sum(int(count) for count, _ in _PACKED.findall(markup))
    return "".join(to_html(tree) for tree in trees)


def readable(markup: str) -> str:
    """A page with its packed tests in plain HTML, and without any script."""
    return f"{re.sub('<script.*?</script>', '', markup, flags=re.S)}{unpacked(markup)}"
