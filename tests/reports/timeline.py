"""Records with every moment chosen by hand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Self

from reports.record import RunRecord

TEST = "conformance/test_timing.py::test_it"
COMMANDS = [
    {"name": "+ALYDEVICENAME", "forms": ["query", "set"]},
    {"name": "+ALYMQTTOPEN", "forms": ["execute"]},
    {"name": "+ALYMQTTPUB", "forms": ["test", "set"]},
]


class Timeline:
    """Writes events at given seconds of a run, by default on a line without a rate of its own."""

    def __init__(self, **serial: Any) -> None:
        self._events: list[dict[str, Any]] = []
        rig = {"name": "rig", "serial": {"url": "simulator://", "baudrate": 115200} | serial}
        self.at(0.0, "run", schema=1, rig=rig)
        self.at(0.0, "catalogue", requirements=[], sections=[], tests={}, commands=COMMANDS)

    def at(self, t: float, kind: str, **fields: Any) -> int:
        """One event; returns its sequence number."""
        seq = len(self._events)
        self._events.append({"seq": seq, "t": t, "wall": "2026-01-01T00:00:00Z", "kind": kind, "test": TEST, **fields})
        return seq

    def serial(self, t: float, direction: str, data: str) -> int:
        """Bytes on the line."""
        return self.at(t, "serial", dir=direction, data=data)

    def exchange(
        self, t: float, command: str, *answers: tuple[float, str], seconds: object = None, silent: bool = False
    ) -> Self:
        """A command written at ``t``, and the pieces of its answer at their times."""
        first = last = self.serial(t, "tx", f"{command}\r")
        for moment, data in answers:
            last = self.serial(moment, "rx", data)
        took = (answers[-1][0] if answers else t) - t if seconds is None else seconds
        fields = {"exchange": 0, "silent": silent, "from": first, "to": last, "command": command, "seconds": took}
        self.at(max(t, answers[-1][0] if answers else t), "exchange", **fields)
        return self

    def ended(self, t: float) -> Self:
        """The footer."""
        self.at(t, "end", exit_status=0, verdict="PASS", events=len(self._events), sha256=self._sha256())
        return self

    def load(self, folder: Path) -> RunRecord:
        """The record, written and read again."""
        path = folder / "record.jsonl"
        path.write_text(self._lines(), "ascii")
        return RunRecord.load(path)

    def _lines(self) -> str:
        return "".join(f"{json.dumps(event)}\n" for event in self._events)

    def _sha256(self) -> str:
        return hashlib.sha256(self._lines().encode("ascii")).hexdigest()
