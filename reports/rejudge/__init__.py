"""Old runs judged anew by today's catalogue and rulings, from their records alone."""

from __future__ import annotations

from reports.rejudge.command import add_commands

__all__ = ["add_commands"]
