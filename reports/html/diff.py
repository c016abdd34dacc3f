"""What was expected beside what came, in one notation, each deviating byte marked: readable text, and hex below.

A mark is underlined and stands in brackets, and the caption tells the places in words, so that neither print in black
and white nor a screen reader loses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from reports.events import Compared, Pair
from reports.html.alignment import Column, aligned, is_label, offsets, size, stretches, tokens
from reports.html.tree import Node, element
from reports.html.words import shown_bytes, word_nodes

_OPENED, _CLOSED = "\u300a", "\u300b"
_OURS = frozenset("\u300a\u300b\u3010\u3011")
"""Characters that mean something here: where the module sent them, their bytes are shown."""
_BEFORE, _WINDOW = 40, 200
"""Columns shown of a long text: before the first difference, and in all."""
_HEX_COLUMNS, _HEX_ROWS = 16, 4
_MOST_STRETCHES = 6
_SIDES = ("expected", "observed")
_LACKS = "--"


class _Unit(NamedTuple):
    """A piece of text as it is shown: a character, a byte that is none, a label, or nothing where bytes lack."""

    text: str
    deviates: bool
    escaped: bool = False
    label: bool = False


def diff_nodes(compared: Compared) -> list[Node]:
    """The pairs that differ, each as a table."""
    nodes: list[Node] = [_pair(pair, compared) for pair in compared.pairs]
    if compared.different > len(compared.pairs):
        nodes.append(element("p", *word_nodes("diff.more", count=compared.different - len(compared.pairs))))
    return nodes


def _pair(pair: Pair, compared: Compared) -> Node:
    head = _head(pair, compared)
    if pair.expected is None or pair.observed is None:
        return element("table.diff", element("caption", *head), element("tbody", *_one_sided(pair)))
    columns = aligned(pair.expected, pair.observed)
    places = [at for at, column in enumerate(columns) if column.deviates]
    caption = [*head, " ", *_told(columns, places), " ", element("small", *word_nodes("diff.legend"))]
    body = [*_texts(columns, places[0]), *_hex(columns, places)]
    return element("table.diff", element("caption", *caption), element("tbody", *body))


def _head(pair: Pair, compared: Compared) -> list[Node]:
    if compared.messages:
        counts = {"expected": compared.expected, "observed": compared.observed}
        return [*word_nodes("diff.message", place=pair.place, **counts)]
    if compared.choices > 1:
        return [*word_nodes("diff.nearest", count=compared.choices)]
    return [*word_nodes("diff.value")]


def _one_sided(pair: Pair) -> Iterator[Node]:
    for side, text in zip(_SIDES, (pair.expected, pair.observed), strict=True):
        if text is None:
            cell = element("td", element("em", *word_nodes("diff.nothing")), colspan="2")
            yield element("tr", element("th", *word_nodes(side), scope="row"), cell)
        else:
            yield _text_row(side, [(token, False) for token in tokens(text)], 0, _WINDOW)


def _told(columns: Sequence[Column], places: Sequence[int]) -> list[Node]:
    """Where it begins to differ, and every place, in words."""
    sides = [[column[side] for column in columns] for side in range(2)]
    begins = [offsets(side) for side in sides]
    found = [
        _listed(stretches([(begins[n][at], size(side[at])) for at in places if side[at] is not None]))
        for n, side in enumerate(sides)
    ]
    first = begins[0][places[0]]
    return [*word_nodes("diff.first", at=first), " ", *word_nodes("diff.bytes", expected=found[0], observed=found[1])]


def _listed(found: Sequence[tuple[int, int]]) -> str:
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in found[:_MOST_STRETCHES]]
    more = [f"... (+{len(found) - _MOST_STRETCHES})"] if len(found) > _MOST_STRETCHES else []
    return ", ".join([*shown, *more]) or _LACKS


def _texts(columns: Sequence[Column], first: int) -> Iterator[Node]:
    begin = 0 if len(columns) <= _WINDOW else max(0, min(first - _BEFORE, len(columns) - _WINDOW))
    while begin and any(_continues(token) for token in columns[begin]):
        begin -= 1
    for n, side in enumerate(_SIDES):
        yield _text_row(side, [(column[n], column.deviates) for column in columns], begin, begin + _WINDOW)


def _text_row(side: str, cells: Sequence[tuple[str | None, bool]], begin: int, end: int) -> Node:
    while end < len(cells) and _continues(cells[end][0]):
        end += 1
    before, behind = (sum(size(token) for token, _ in part) for part in (cells[:begin], cells[end:]))
    nodes: list[Node] = [element("small", *word_nodes("diff.before", count=before)), " "] if before else []
    nodes += _marked(_units(cells[begin:end]))
    if behind:
        nodes += [" ", element("small", *word_nodes("diff.behind", count=behind))]
    count = sum(size(token) for token, _ in cells)
    length = element("small", *word_nodes("diff.length", count=count))
    return element("tr", element("th", *word_nodes(side), " ", length, scope="row"), element("td", *nodes, colspan="2"))


def _continues(token: str | None) -> bool:
    """Whether it is a byte inside a UTF-8 character."""
    return token is not None and "\x80" <= token < "\xc0"


def _units(cells: Sequence[tuple[str | None, bool]]) -> Iterator[_Unit]:
    """Whole UTF-8 characters, one of which deviates with any of its bytes; stray bytes; labels."""
    at = 0
    while at < len(cells):
        token, deviates = cells[at]
        if token is None:
            yield _Unit("", deviates)
        elif is_label(token):
            yield _Unit(token, deviates, label=True)
        else:
            raw = _character(cells[at : at + 4]) or token
            deviates = any(differs for _, differs in cells[at : at + len(raw)])
            yield from _shown(raw, deviates)
            at += len(raw) - 1
        at += 1


def _character(cells: Sequence[tuple[str | None, bool]]) -> str | None:
    """The bytes at the beginning that are one character in UTF-8 and more than one byte."""
    for count in range(2, len(cells) + 1):
        raw = "".join(token or "" for token, _ in cells[:count])
        if len(raw) == count and all(byte <= "\xff" for byte in raw):
            try:
                return raw if len(raw.encode("latin-1").decode("utf-8")) == 1 else None
            except UnicodeDecodeError:
                continue
    return None


def _shown(raw: str, deviates: bool) -> Iterator[_Unit]:
    nodes: Iterable[Node] = shown_bytes(raw)
    if raw.encode("latin-1", "replace").decode("utf-8", "replace") in _OURS:
        nodes = [element("i", "".join(f"\\x{ord(byte):02x}" for byte in raw))]
    for node in nodes:
        yield _Unit(node, deviates) if isinstance(node, str) else _Unit(node[-1], deviates, escaped=True)


def _marked(units: Iterable[_Unit]) -> list[Node]:
    nodes: list[Node] = []
    for deviates, run in groupby(units, key=lambda unit: unit.deviates):
        inside = list(_joined(run))
        nodes += [element("mark.differs", _OPENED, *inside, _CLOSED)] if deviates else inside
    return nodes


def _joined(units: Iterable[_Unit]) -> Iterator[Node]:
    for (escaped, label), run in groupby(units, key=lambda unit: (unit.escaped, unit.label)):
        text = "".join(unit.text for unit in run)
        if text:
            yield element("mark.masked", text) if label else element("i", text) if escaped else text


def _hex(columns: Sequence[Column], places: Sequence[int]) -> Iterator[Node]:
    """The stretch that differs, sixteen columns to a row, the two sides of each under one another."""
    sides = [[column[side] for column in columns] for side in range(2)]
    begins = [offsets(side) for side in sides]
    first = places[0] // _HEX_COLUMNS * _HEX_COLUMNS
    last = min(places[-1] + 1, first + _HEX_COLUMNS * _HEX_ROWS)
    for begin in range(first, last, _HEX_COLUMNS):
        end = min(begin + _HEX_COLUMNS, len(columns))
        for n, side in enumerate(_SIDES):
            head = element("th", *word_nodes(side), " ", element("small", *word_nodes("hex")), scope="row")
            at = element("td", f"{begins[n][begin]:04x}")
            yield element(f"tr.hex.{side}", head, at, element("td", *_hex_cells(columns[begin:end], n)))


def _hex_cells(columns: Sequence[Column], side: int) -> Iterator[Node]:
    """Bytes in hex; brackets take the places of the blanks between, so that both sides stay under one another."""
    after = False
    for deviates, run in groupby(columns, key=lambda column: column.deviates):
        cells = " ".join(_cell(column, side) for column in run)
        if deviates:
            yield element("mark.differs", f"[{cells}]")
        else:
            yield cells if after else f" {cells}"
        after = deviates


def _cell(column: Column, side: int) -> str:
    """As wide on both sides."""
    texts = [_LACKS if token is None else token if is_label(token) else f"{ord(token):02x}" for token in column]
    return texts[side].ljust(max(map(len, texts)))
