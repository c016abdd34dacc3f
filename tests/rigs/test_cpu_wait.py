"""How long the bench has waited for a processor is told, its children's waiting included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rigs import cpu_wait

pytestmark = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this system does not tell")

_BUSY = """
import sys
print(flush=True)
sys.stdin.readline()
sum(range(3_000_000))
print(flush=True)
sys.stdin.read()
"""


def test_processes_that_share_a_processor_wait_for_it_and_that_is_told() -> None:
    processor = {min(os.sched_getaffinity(0))}
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _BUSY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=lambda: os.sched_setaffinity(0, processor),
        )
        for _ in range(3)
    ]
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline()
        before = cpu_wait.waited()
        for child in children:
            assert child.stdin is not None
            child.stdin.write(b"\n")
            child.stdin.flush()
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline()
        assert cpu_wait.waited() > before, "two of three had to wait"
    finally:
        for child in children:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                assert pipe is not None
                pipe.close()


def test_where_the_system_does_not_tell_nothing_was_waited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cpu_wait, "_PROC", tmp_path)
    assert cpu_wait.waited() == 0
