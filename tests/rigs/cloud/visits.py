"""Connections at the gateway by their number, whosever they are."""

from __future__ import annotations

from rigs.cloud.connection import Connection
from rigs.cloud.events import Connected
from rigs.cloud.service import Cloud
from tests.rigs.cloud.wire import DEADLINE


def visit(cloud: Cloud, number: int = 1) -> Connection:
    """The connection of that number, as soon as its TCP connection is accepted."""
    assert cloud.journal.wait_in(number, lambda event: isinstance(event, Connected), DEADLINE)
    return Connection(number, cloud.journal)
