"""How long an archive takes to be judged anew, beside only parsing its records.

``python benchmarks/rejudge.py [--runs N] [--jobs N] RUN...``: an archive of so many runs (default 1000), hard links of
those named in turn, judged by the installed suite's catalogue. Told are wall and processor time, the most memory that a
process held, and the ratio of the processor time to that of parsing every line as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(runs: list[Path], count: int, jobs: int) -> None:
    with tempfile.TemporaryDirectory(dir=runs[0].parent) as folder:
        archive = [linked(runs[number % len(runs)], Path(folder, f"run-{number}")) for number in range(count)]
        size = sum(path.stat().st_size for path in archive) / 1e6
        parsing = sum(
            parsed(runs[number] / "record.jsonl") * len(archive[number :: len(runs)]) for number in range(len(runs))
        )
        words = ["-m", "reports", "rejudge", "--jobs", str(jobs), *(str(path.parent) for path in archive)]
        started = time.monotonic()
        subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        wall, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    took = used.ru_utime + used.ru_stime
    print(f"{count} runs of {len(runs)} kinds, {size:.0f} MB of record, {jobs} processes")
    print(f"{wall:.0f} s, {took:.0f} s of processor time ({took / size * 1000:.0f} ms per MB)")
    print(f"at most {used.ru_maxrss / 1024:.0f} MiB in a process; {took / parsing:.1f} times parsing the records")


def linked(run: Path, to: Path) -> Path:
    """A run's record by another name; the path of that."""
    to.mkdir()
    record = to / "record.jsonl"
    os.link(run / "record.jsonl", record)
    return record


def parsed(record: Path) -> float:
    """Seconds of processor time that parsing a record takes."""
    started = time.process_time()
    with record.open("rb") as file:
        for line in file:
            json.loads(line)
    return time.process_time() - started


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--runs", dest="count", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    main(options.runs, options.count, options.jobs)
