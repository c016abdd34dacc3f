"""``python -m reports site DIR``: the history of many runs as pages that need no server."""

from __future__ import annotations

from reports.site.command import add_commands

__all__ = ["add_commands"]
