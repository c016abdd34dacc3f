"""How long `python -m reports site` takes over 1,000 runs, as a ratio to reading their summaries and no more.

.venv/bin/python benchmarks/site.py [RUNS]
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

REQUIREMENTS = 115
TESTS_OF_EACH = 12
COMMANDS = [f"AT+ALYCOMMAND{number}=" for number in range(30)]
RIGS = [f"lab-{number:02d}" for number in range(1, 5)]
RUNS_OF_A_FIRMWARE = 25


def summary(number: int, chance: random.Random) -> dict[str, Any]:
    """A summary of the size of a real full run's, some 170 KB."""
    requirements = {f"REQ-{index:03d}": _requirement(index, chance) for index in range(REQUIREMENTS)}
    return {
        "schema": 1,
        "verdict": "PASS",
        "exit_status": 0,
        "complete": True,
        "rig": RIGS[number % len(RIGS)],
        "module": {"model": "ML302", "revision": f"ML302_V1.{number // RUNS_OF_A_FIRMWARE}", "serial_number": "86"},
        "suite": {"version": "0.1.0", "commit": "0" * 40, "dirty": False},
        "catalogue": "ab" * 32,
        "profile": "full",
        "strict": False,
        "started": f"{datetime(2026, 1, 1) + timedelta(hours=number):%Y-%m-%dT%H:%M:%S.%f}Z",
        "seconds": 1800.0,
        "requirements": requirements,
        "latency": {command: _latency(chance) for command in COMMANDS},
    }


def _requirement(index: int, chance: random.Random) -> dict[str, Any]:
    tests = [f"conformance/test_section_{index % 9}.py::test_behaviour[{index}-case-{n}]" for n in range(TESTS_OF_EACH)]
    return {
        "verdict": chance.choices(["PASS", "FAIL", "DEVIATION", "OBSERVED"], [90, 2, 3, 5])[0],
        "level": "MIO"[index % 3],
        "section": f"2.4.{index % 9}",
        "reason": "+ALYCONNECTCFG:0,34707,0 / OK after 0.4 ms",
        "declared": tests,
        "run": tests,
        "findings": len(tests),
        "observations": [{"accepted": True, "returned": "1000"}],
    }


def _latency(chance: random.Random) -> dict[str, float]:
    median = chance.uniform(0.01, 0.02)
    return {
        "count": 400,
        "p25": median * 0.8,
        "median": median,
        "p75": median * 1.3,
        "p95": median * 2,
        "max": median * 9,
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chance = random.Random(302)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(count):
            path = Path(folder) / f"run-{number:04d}" / "summary.json"
            path.parent.mkdir()
            path.write_text(json.dumps(summary(number, chance), indent=2), encoding="utf-8")
            paths.append(path)
        size = sum(path.stat().st_size for path in paths)
        began = time.perf_counter()
        for path in paths:
            json.loads(path.read_bytes())
        floor = time.perf_counter() - began
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "reports", "site", folder], check=True, stdout=subprocess.DEVNULL)
        taken = time.perf_counter() - began
        pages = sum(page.stat().st_size for page in (Path(folder) / "site").glob("*.html"))
    print(f"{count} runs, {size / 2**20:.0f} MiB of summaries, {pages / 2**20:.1f} MiB of pages")
    print(f"site {taken:.2f} s; json.loads of the same summaries {floor:.2f} s; ratio {taken / floor:.2f}")


if __name__ == "__main__":
    main()
