"""Runs of a few judgements, made up: what was answered, what was expected of it, and what was said of that then."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.__main__ import main
from reports.judging import Answered, Expectation, Informs, Refused
from reports.record import RecordWriter, RunRecord
from reports.verdicts import RULES, conclude

Catalogue = dict[str, Any]
LEVELS = {"FMT-01": "M", "FMT-03": "M", "FMT-04": "O", "ID-03": "M", "NW-04": "I", "CL-01": "M", "TL-01": "M"}
BOUNDS = {"answer_seconds": (10, ["FMT-01"]), "close_seconds": (5, ["CL-01"])}
RULES_OF_CODES: dict[str, tuple[list[list[int]], bool]] = {
    "wrong-parameter": ([[708, 708]], True),
    "malformed": ([[708, 708], [0, 100]], False),
}


def catalogue() -> Catalogue:
    """What the runs were held against."""
    words = {"en": "Words.", "zh": "文字。"}
    return {
        "hash": "ab" * 32,
        "requirements": [
            {"id": name, "section": "2.3", "table": "t", "level": level, **words} for name, level in LEVELS.items()
        ],
        "sections": [{"key": "2.3", **words}],
        "ambiguities": [
            {
                "id": "AMB-01",
                "sections": ["2.3"],
                "what": words,
                "ruling": words,
                "breach": "DEVIATION",
                "requirements": ["FMT-03"],
            }
        ],
        "bounds": [
            {"name": name, "value": value, "unit": "s", **words, "requirements": requirements}
            for name, (value, requirements) in BOUNDS.items()
        ],
        "code_rules": [
            {"name": name, "codes": codes, "exact": exact, **words, "requirements": ["ID-03"]}
            for name, (codes, exact) in RULES_OF_CODES.items()
        ],
        "commands": [{"name": "+ALYDEVICENAME", "forms": ["query", "set"]}],
    }


def changed(change: Callable[[Catalogue], object]) -> Catalogue:
    """The catalogue with something else in it."""
    other = copy.deepcopy(catalogue())
    other["hash"] = "cd" * 32
    change(other)
    return other


def entry(of: Catalogue, key: str, name: str) -> dict[str, Any]:
    """The entry of that name in a list of the catalogue."""
    found: dict[str, Any] = next(item for item in of[key] if name in (item.get("id"), item.get("name")))
    return found


@dataclass(frozen=True)
class Judged:
    """A test of one judgement on the answer to one command; told in words where nothing is ``expecting``."""

    requirement: str
    verdict: str
    expecting: Callable[[int], Expectation] | None = None
    line: str = "OK"
    seconds: float = 0.5
    fields: tuple[tuple[str, Any], ...] = ()
    """Of the finding, besides those that every finding has."""

    def write(self, record: RecordWriter, number: int) -> None:
        test = self.nodeid(number)
        record.write("test-start", test=test, requirements=[self.requirement])
        first = record.write("serial", test=test, dir="tx", data="AT+ALYDEVICENAME?\r")
        last = record.write("serial", test=test, dir="rx", data=f"\r\n{self.line}\r\n")
        told = {"exchange": number, "command": "AT+ALYDEVICENAME?", "lines": [self.line], "seconds": self.seconds}
        told |= {"final": self.line, "code": None, "silent": False, "from": first, "to": last}
        event = record.write("exchange", test=test, **told)
        words = {"title": "the answer", "expected": "this", "observed": self.line}
        data = {} if self.expecting is None else {"expectation": self.expecting(event).to_record()}
        fields = {**words, **data, "evidence": [first, last], "observation": None, **dict(self.fields)}
        record.write("finding", test=test, requirement=self.requirement, verdict=self.verdict, **fields)
        record.write("test-end", test=test, verdict=self.verdict, seconds=self.seconds)

    def nodeid(self, number: int) -> str:
        return f"conformance/test_{self.requirement.lower().replace('-', '_')}.py::test_{number}"


def within(value: int = 10, bound: str = "answer_seconds") -> Callable[[int], Expectation]:
    """An answer in time; a quarter of a second is the line's."""
    return lambda event: Answered.within(event, bound, value, 0.25)


def refused(*rules: str) -> Callable[[int], Expectation]:
    """An error by any of these rules."""
    codes = dict.fromkeys((first, last) for rule in rules for first, last in RULES_OF_CODES[rule][0])
    exact = all(RULES_OF_CODES[rule][1] for rule in rules)
    return lambda event: Refused(event, tuple(codes), exact, rules)


def informs(ruled: Any = "DEVIATION") -> Callable[[int], Expectation]:
    """An information response with a colon."""
    return lambda event: Informs(event, ":", ruling="AMB-01", ruled=ruled)


def write(
    run_dir: Path,
    *judged: Judged,
    of: Catalogue | None = None,
    schema: int = 2,
    firmware: str | None = "ML302_V1.0.7",
    footer: str | None = "",
    pics: dict[str, Any] | None = None,
    waivers: list[dict[str, Any]] | None = None,
    **fields: Any,
) -> Path:
    """A run directory with a record alone. ``footer`` is the verdict it ends with, None for a run that died."""
    run_dir.mkdir(parents=True, exist_ok=True)
    path = run_dir / "record.jsonl"
    with RecordWriter(path) as record:
        head = {"schema": schema, "rules": RULES, "suite": {"version": "0.1.0"}, "profile": "full", "lang": "en"}
        record.write("run", **head, rig={"name": "lab-07"}, **{"strict": False, **fields})
        for kind, told in (("pics", {"claims": pics}), ("waivers", {"waivers": waivers})):
            if None not in told.values():
                record.write(kind, file=f"{kind}.toml", sha256="00" * 32, **told)
        tests: dict[str, list[str]] = {}
        for number, item in enumerate(judged):
            tests.setdefault(item.requirement, []).append(item.nodeid(number))
        record.write("catalogue", **(of or catalogue()), tests=tests, whole=True)
        record.write("module", identity={}, model=None, revision=firmware, serial_number=None)
        for number, item in enumerate(judged):
            item.write(record, number)
        if footer is not None:
            found = conclude(RunRecord.load(path), bool(fields.get("strict")), died=False)
            record.write("end", exit_status=found.exit_status, verdict=footer or found.verdict)
    return run_dir


def rejudged(place: Path, today: Catalogue, *runs: Path, status: int = 1) -> dict[str, Any]:
    """What the command makes of these runs by another catalogue, as its JSON file has it."""
    file, out = place / "catalogue.json", place / "rejudged.json"
    file.write_text(json.dumps(today), "utf-8")
    assert main(["rejudge", *map(str, runs), "--catalogue", str(file), "--json", str(out)]) == status
    told: dict[str, Any] = json.loads(out.read_text("utf-8"))
    assert told["exit_status"] == status
    return told
