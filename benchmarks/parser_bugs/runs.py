"""The runs of one fault, and the tables that they make."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.parser_bugs.port import Found, lookalike
from benchmarks.parser_bugs.strategies import Made, made
from tests.lookalike.faults import FAULTS

_BREAKS = {"FZ-01", "FZ-04", "FMT-12"}
"""What a parser bug that hostile lines show breaks: an answer to any line, no restart, no harm to the next line."""

Key = tuple[str, int]
"""A strategy and its seed."""
Runs = dict[Key, Found | None]


def parser_bugs() -> list[str]:
    """The faults of kind parser that hostile lines are to show."""
    return [fault.name for fault in FAULTS.values() if fault.kind == "parser" and _BREAKS & {*fault.breaks}]


def runs_of(fault: str | None, lines: dict[Key, Made], most_lines: int, most_seconds: float) -> Runs:
    """When the fault, or anything in a module without one, showed to each of the lists of lines."""
    with (
        tempfile.TemporaryDirectory(prefix="ml302-parser-bugs-") as folder,
        lookalike(Path(folder) / "module", [fault] if fault else []) as bench,
    ):
        return {key: bench.hunt(sent, most_lines=most_lines, most_seconds=most_seconds) for key, sent in lines.items()}


def lines_of(key: Key, count: int) -> Made:
    """The lines of a strategy and a seed."""
    return made(*key, count)


def table(found: dict[str, Runs], strategies: Sequence[str], most_lines: int) -> str:
    """One row for each strategy; a run that has found nothing counts as longer than all others."""
    head = f"{'strategy':10}{'found':>12}{'by every seed':>15}{'median lines':>14}{'median s':>10}"
    rows = []
    for strategy in strategies:
        of_fault = [[run for (name, _), run in runs.items() if name == strategy] for runs in found.values()]
        runs = [run for fault in of_fault for run in fault]
        once, always = sum(map(any, of_fault)), sum(map(all, of_fault))
        lines = median(run.lines if run else float("inf") for run in runs)
        seconds = median(run.seconds if run else float("inf") for run in runs)
        told = (f"{lines:.0f}", f"{seconds:.2f}") if lines <= most_lines else (f"> {most_lines}", "-")
        rows.append(f"{strategy:10}{f'{once} of {len(found)}':>12}{always:>15}{told[0]:>14}{told[1]:>10}")
    return "\n".join([head, *rows])


def detail(found: dict[str, Runs], strategies: Sequence[str]) -> str:
    """For each fault the lines that each strategy needed, seed by seed, and what was seen first."""
    rows = [f"{'fault':32}" + "".join(f"{strategy:>20}" for strategy in strategies) + "  seen"]
    for fault, runs in found.items():
        cells = [
            " ".join(str(run.lines) if run else "-" for (name, _), run in runs.items() if name == strategy)
            for strategy in strategies
        ]
        seen = next((run.symptom for run in runs.values() if run), "")
        rows.append(f"{fault:32}" + "".join(f"{cell:>20}" for cell in cells) + f"  {seen}")
    return "\n".join(rows)
