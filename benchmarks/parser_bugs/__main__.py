"""How many lines, and how long, each strategy needs to find the parser bugs of the look-alike.

Every strategy's lines go the same way: one at a time to the port of tests/lookalike with one fault, each judged by the
same oracle, until the fault shows or the lines or the seconds are used up. Sessions stay closed. First come the lines
of all strategies to the module without any fault, of which nothing may be said.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from benchmarks.parser_bugs.runs import detail, lines_of, parser_bugs, runs_of, table
from benchmarks.parser_bugs.strategies import STRATEGIES

SEEDS = (1, 2, 3)
MOST_LINES = 3000
MOST_SECONDS = 20.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parser_bugs", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="FAULT", help="only these faults")
    parser.add_argument("--strategies", nargs="+", default=[*STRATEGIES], choices=STRATEGIES, metavar="NAME")
    parser.add_argument("--lines", type=int, default=MOST_LINES, metavar="N", help="lines of each run at most")
    parser.add_argument("--seconds", type=float, default=MOST_SECONDS, metavar="S", help="seconds of each run at most")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="modules at a time")
    parser.add_argument("--detail", action="store_true", help="the lines that each fault took, too")
    arguments = parser.parse_args()
    if unknown := {*arguments.only} - {*parser_bugs()}:
        parser.error(f"--only: no parser bug of the look-alike has this name: {', '.join(sorted(unknown))}")
    if "boofuzz" in arguments.strategies and importlib.util.find_spec("boofuzz") is None:
        parser.error("--strategies: boofuzz is not installed here: use make bench-parser, or leave it out")
    return arguments


def main() -> int:
    """Exit status 1 where the oracle blames the module without faults."""
    arguments = _arguments()
    faults = arguments.only or parser_bugs()
    keys = [(strategy, seed) for strategy in arguments.strategies for seed in SEEDS]
    with ProcessPoolExecutor(arguments.jobs, multiprocessing.get_context("forkserver")) as pool:
        lines = dict(zip(keys, pool.map(partial(lines_of, count=arguments.lines), keys), strict=True))
        hunt = partial(runs_of, lines=lines, most_lines=arguments.lines, most_seconds=arguments.seconds)
        blamed = {key: run for key, run in hunt(None).items() if run}
        for (strategy, seed), run in blamed.items():
            print(f"WRONG   {strategy}, seed {seed}: line {run.lines} blames the module without faults: {run.symptom}")
        if blamed:
            return 1
        found = {}
        for fault, runs in zip(faults, pool.map(hunt, faults), strict=True):
            found[fault] = runs
            print(f"{len(found)} of {len(faults)}", end="\r", file=sys.stderr, flush=True)
    if arguments.detail:
        print(detail(found, arguments.strategies), end="\n\n")
    print(table(found, arguments.strategies, arguments.lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
