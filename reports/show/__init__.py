"""What an engineer on a terminal asks of a run: its story, and what it lacks for a certificate."""

from reports.show.command import add_commands

__all__ = ["add_commands"]
