"""The type that every command of ``python -m reports`` registers itself with."""

from __future__ import annotations

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What a module's ``add_commands`` gets. Each command sets the default ``run``, a function from the parsed options to
the exit status; a `reports.record.RecordError` that it raises is shown as one line, with exit status 4."""
