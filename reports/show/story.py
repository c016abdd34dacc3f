"""The story of a run, a test, a requirement or an event, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from reports.events import Event, Finding
from reports.html.replay import pytest_command
from reports.html.transcript import Lane, Row, rows_of
from reports.i18n import Lang, explain, text
from reports.inert import inert, inert_bytes
from reports.record import RecordError, RunRecord
from reports.verdicts import Conclusion, RequirementResult, Verdict, conclude

_ESCAPES = {
    Verdict.FAIL: "31",
    Verdict.DEVIATION: "33",
    Verdict.BENCH_ERROR: "35",
    Verdict.INCONCLUSIVE: "33",
    Verdict.PASS: "32",
    Verdict.OBSERVED: "36",
}
_SIGNS = {Lane.TX: ">", Lane.RX: "<", Lane.UP: ">>", Lane.DOWN: "<<"}
_BAD = (Verdict.FAIL, Verdict.DEVIATION, Verdict.BENCH_ERROR, Verdict.INCONCLUSIVE)
_AROUND = 3
"""Events shown before and behind the one that is asked for."""
_CANDIDATES = 10


@dataclass(frozen=True)
class Story:
    """Tells of one record in one language; ``width`` is the longest line, 0 for any."""

    record: RunRecord
    lang: Lang
    width: int = 0
    colour: bool = False

    def tell(self, about: str | None) -> Iterator[str]:
        """The lines about a test, a requirement or an event, or about the run; raises `RecordError` for none such."""
        for line in self._lines(about):
            yield line if not self.width or len(line) <= self.width else f"{line[: self.width - 3]}..."

    def _lines(self, about: str | None) -> Iterator[str]:
        if about is None:
            return self._run()
        if about.isascii() and about.isdigit():
            return self._event(int(about))
        results = conclude(self.record, self.record.strict).requirements
        chosen = [result for name, result in results.items() if name == about or name.startswith(f"{about}-")]
        return self._requirements(chosen) if chosen else self._test(self._find(about))

    def _find(self, part: str) -> str:
        if part in self.record.tests:
            return part
        found = [nodeid for nodeid in self.record.tests if part in nodeid]
        if len(found) == 1:
            return found[0]
        named = ", ".join(inert(nodeid) for nodeid in found[:_CANDIDATES])
        if not found:
            raise RecordError(f"{self.record.path}: no test, requirement or event of this run is named {part!a}")
        raise RecordError(f"{self.record.path}: {part!a} names {len(found)} tests: {named}")

    def _run(self) -> Iterator[str]:
        record, conclusion = self.record, conclude(self.record, self.record.strict)
        module = record.module
        yield self._text("show.run", rig=record.rig.get("name"), started=f"{record.started[:19]}Z")
        yield self._text("show.module", revision=(module.revision if module else None) or self._text("unknown"))
        yield self._text("show.verdict", verdict=self._verdict(conclusion.verdict))
        if not record.complete:
            yield self._text("show.died")
        yield self._counts(conclusion)
        for finding in record.findings:
            if finding.verdict in _BAD:
                yield from self._finding(finding)
        for result in conclusion.unproven:
            yield f"{result.requirement.id} {self._verdict(result.verdict)}: {inert(explain(self.lang, result))}"
        for incident in record.incidents:
            yield self._text("show.incident", text=inert(incident.text), act=inert(incident.act))
        yield str(record.judged_again)
        yield self._text("show.more")

    def _counts(self, conclusion: Conclusion) -> str:
        counted = ((verdict, conclusion.count(verdict)) for verdict in Verdict)
        return ", ".join(f"{verdict} {count}" for verdict, count in counted if count)

    def _requirements(self, results: list[RequirementResult]) -> Iterator[str]:
        for result in results:
            requirement = result.requirement
            told = requirement.zh if self.lang is Lang.ZH else requirement.en
            yield f"{requirement.id} ({requirement.level.value}) {self._verdict(result.verdict)}: {told}"
            by_test = groupby(result.findings, key=lambda finding: finding.test)
            for test, findings in sorted(
                ((test, [*findings]) for test, findings in by_test),
                key=lambda entry: not any(finding.verdict in _BAD for finding in entry[1]),
            ):
                yield from self._of_test(inert(test or ""), findings)

    def _of_test(self, test: str, findings: list[Finding]) -> Iterator[str]:
        yield f"  {test}"
        for finding in findings:
            if finding.verdict in _BAD:
                yield from (f"    {line}" for line in self._finding(finding))
        if kept := [finding for finding in findings if finding.verdict not in _BAD]:
            yield f"    {self._verdict(kept[0].verdict)} x {len(kept)}"

    def _test(self, nodeid: str) -> Iterator[str]:
        test = self.record.tests[nodeid]
        verdict = self._verdict(test.verdict) if test.verdict else self._text("show.unfinished")
        yield f"{inert(nodeid)}: {verdict}"
        findings = {finding.seq: finding for finding in self.record.findings_of(nodeid)}
        for row in rows_of(self.record, nodeid):
            if row.lane is Lane.FINDING:
                yield from self._finding(findings[row.seqs[0]]) if row.seqs[0] in findings else ()
            else:
                yield self._row(row)
        yield self._text("show.again", command=pytest_command(self.record, nodeid))

    def _row(self, row: Row) -> str:
        outcome = "" if row.outcome is None else f"  [{row.outcome}]"
        shown = inert_bytes(row.data) if row.data is not None else inert(row.text)
        return f"{row.t:9.3f} #{row.seqs[0]} {_SIGNS.get(row.lane, row.lane.value)} {shown}{outcome}"

    def _finding(self, finding: Finding) -> Iterator[str]:
        expected, observed = finding.in_both
        index = 1 if self.lang is Lang.ZH else 0
        head = f"{self._verdict(finding.verdict)} {finding.requirement} #{finding.seq}"
        if finding.verdict not in _BAD:
            yield f"{head} {inert(expected[index])}"
            return
        yield f"{head} {inert(finding.test or '')}"
        yield f"    {self._text('expected')}: {inert(expected[index])}"
        yield f"    {self._text('observed')}: {inert(observed[index])}"

    def _event(self, number: int) -> Iterator[str]:
        events = self.record.events
        if number >= len(events):
            raise RecordError(f"{self.record.path}: no event {number}: the last one is {len(events) - 1}")
        nodeid = events[number].test
        beside = [event for event in events if event.test == nodeid]
        place = next(index for index, event in enumerate(beside) if event.seq == number)
        for event in beside[max(0, place - _AROUND) : place + _AROUND + 1]:
            yield from self._whole(event) if event.seq == number else (f"  {self._brief(event)}",)

    def _brief(self, event: Event) -> str:
        return f"#{event.seq} {event.t:.3f} {event.kind} {inert(json.dumps(dict(event.data), ensure_ascii=False))[:80]}"

    def _whole(self, event: Event) -> Iterator[str]:
        yield f"> #{event.seq} {event.t:.6f} {event.wall} {event.kind} {inert(event.test or '')}"
        for name, value in event.data.items():
            yield f"    {name}: {inert(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))}"
        if isinstance(data := event.data.get("data"), str) and all(ord(char) < 256 for char in data):
            yield f"    hex: {data.encode('latin-1').hex(' ')}"

    def _verdict(self, verdict: Verdict) -> str:
        return f"\x1b[{_ESCAPES.get(verdict, '2')}m{verdict}\x1b[0m" if self.colour else verdict.value

    def _text(self, key: str, **values: object) -> str:
        return text(self.lang, key, **values)
