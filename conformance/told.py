"""What all queries of a run told of the values and settings, for the judgement of how they told it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance.catalogue import CONNECT_CFG, IDENTITY_VALUES, MQTT_CFG
from rigs.at.commands import query_line
from rigs.at.exchange import Exchange

_TEXT = re.compile(rb'[^=]*="[^"]+"')
"""A set of a text that is not empty."""
_IDENTITY = frozenset(f"+{value.name.removeprefix('+')}".encode() for value in IDENTITY_VALUES)
_QUERIES = frozenset(query_line(stored.name) for stored in (*IDENTITY_VALUES, CONNECT_CFG, MQTT_CFG))


def told_of_values(exchanges: Iterable[Exchange]) -> tuple[list[Exchange], list[Exchange]]:
    """The queries that were answered OK where there was something to tell, and those that told it in a wrong form.

    Whether a value that is empty has an information response is left open: a query counts from the first text on that
    its value was set to, and no more where another set may have cleared it. What comes right behind a silence may be
    late for the line before.
    """
    filled: set[bytes] = set()
    queries, wrong = [], []
    silent = False
    for exchange in exchanges:
        behind_silence, silent = silent, exchange.silent
        if exchange.excused or not exchange.ok or behind_silence:
            continue
        if exchange.command not in _QUERIES:
            (filled.add if _TEXT.fullmatch(exchange.command) else filled.discard)(exchange.name)
        elif exchange.name in filled or exchange.name not in _IDENTITY:
            queries.append(exchange)
            if [told.separator for told in exchange.information] != [":"]:
                wrong.append(exchange)
    return queries, wrong
