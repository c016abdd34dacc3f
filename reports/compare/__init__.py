"""``python -m reports compare OLD NEW``: what changed between two runs."""

from __future__ import annotations

from reports.compare.command import add_commands
from reports.compare.comparison import Change, Comparison, compare

__all__ = ["Change", "Comparison", "add_commands", "compare"]
