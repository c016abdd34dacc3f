"""The story of a run, a test, a requirement or an event, line by line."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from reports.events import Event, TestRun
from reports.finding import Finding
from reports.html.transcript import Lane, Row, rows_of
from reports.i18n import Lang, chosen, explain, text
from reports.inert import inert, inert_bytes
from reports.record import RecordError, RunRecord
from reports.replay import Replays, judged_last, pytest_command
from reports.sentences import say
from reports.show.differing import lines_of
from reports.verdicts import Conclusion, RequirementResult, Verdict, conclude, verdict_of_finding

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
_MARK = "\x00"
"""Round a verdict; everything else of a line was made inert, or is made so, and holds none."""
_AROUND = 3
"""Events shown before and behind the one that is asked for."""
_CANDIDATES = 10
_NEAR = 4
"""Names that are offered for one that nothing has."""
_MORE = "..."


class _Pasted(str):
    """A line to be copied from the terminal: never cut."""


@dataclass(frozen=True)
class Story:
    """Tells of one record in one language; ``width`` is the longest line, 0 for any.

    ``everything`` tells what was kept as well, and every test of the run.
    """

    record: RunRecord
    lang: Lang
    width: int = 0
    colour: bool = False
    everything: bool = False

    def tell(self, about: str | None) -> Iterator[str]:
        """The lines about a test, a requirement or an event, or about the run; raises `RecordError` for none such."""
        for line in self._lines(about):
            # A second net: each text of the record was made inert where it was taken up, so that it holds no mark.
            whole = isinstance(line, _Pasted)
            yield self._painted(_cut(inert(line, keep=_MARK), 0 if whole else self.width))

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
            near = ", ".join(map(inert, self._near(part)))
            perhaps = say(": perhaps {near}", near=near) if near else ""
            raise RecordError(
                "{path}: no test, requirement or event of this run is named {part!a}{perhaps}",
                path=self.record.path,
                part=part,
                perhaps=perhaps,
            )
        raise RecordError(
            "{path}: {part!a} names {count} tests: {named}",
            path=self.record.path,
            part=part,
            count=len(found),
            named=named,
        )

    def _near(self, name: str) -> list[str]:
        """Tests and requirements that are spelt like it."""
        tests = {re.sub(r".*::|\[.*", "", nodeid) for nodeid in self.record.tests}
        by_case = {one.lower(): one for one in sorted(tests | self.record.requirements.keys())}
        return [by_case[near] for near in get_close_matches(name.lower(), by_case, _NEAR)]

    def _run(self) -> Iterator[str]:
        record, conclusion = self.record, conclude(self.record, self.record.strict)
        module = record.module
        yield self._text("show.run", rig=inert(str(record.rig.get("name"))), started=inert(f"{record.started[:19]}Z"))
        revision = module.revision if module is not None else None
        yield self._text("show.module", revision=inert(revision) if revision else self._text("unknown"))
        yield self._text("show.verdict", verdict=self._verdict(conclusion.verdict))
        if not record.complete:
            yield self._text("show.died")
        yield self._counts(conclusion)
        if self.everything:
            for test in record.tests.values():
                yield f"{inert(test.nodeid)}: {self._outcome(test)}"
        for finding in record.findings:
            if self._comes_to(finding) in _BAD:
                yield from self._finding(finding)
        for result in conclusion.unproven:
            yield f"{inert(result.requirement.id)} {self._verdict(result.verdict)}: {inert(explain(self.lang, result))}"
        for what, act in (incident.in_both for incident in record.incidents):
            yield self._text("show.incident", text=inert(chosen(self.lang, what)), act=inert(chosen(self.lang, act)))
        again = record.judged_again
        yield self._text("show.judged-again", again=again.made, all=again.all)
        yield self._text("show.more")

    def _counts(self, conclusion: Conclusion) -> str:
        counted = ((verdict, conclusion.count(verdict)) for verdict in Verdict)
        return ", ".join(f"{verdict} {count}" for verdict, count in counted if count)

    def _requirements(self, results: list[RequirementResult]) -> Iterator[str]:
        for result in results:
            requirement = result.requirement
            told = requirement.zh if self.lang is Lang.ZH else requirement.en
            yield f"{inert(requirement.id)} ({requirement.level.value}) {self._verdict(result.verdict)}: {inert(told)}"
            by_test: defaultdict[str, list[Finding]] = defaultdict(list)
            for finding in result.findings:
                by_test[finding.test or ""].append(finding)
            for test in sorted(by_test, key=lambda test: not any(self._comes_to(f) in _BAD for f in by_test[test])):
                yield from self._of_test(inert(test), by_test[test])

    def _of_test(self, test: str, findings: list[Finding]) -> Iterator[str]:
        yield f"  {test}"
        for finding in findings:
            if self.everything or self._comes_to(finding) in _BAD:
                yield from (f"    {line}" for line in self._finding(finding))
        if self.everything:
            return
        counted = Counter(self._comes_to(finding) for finding in findings)
        for verdict, count in counted.items():
            if verdict not in _BAD:
                yield f"    {self._verdict(verdict)} x {count}"

    def _test(self, nodeid: str) -> Iterator[str]:
        test = self.record.tests[nodeid]
        yield f"{inert(nodeid)}: {self._outcome(test)}"
        findings = {finding.seq: finding for finding in self.record.findings_of(nodeid)}
        for row in rows_of(self.record, nodeid):
            if row.lane is Lane.FINDING:
                yield from self._finding(findings[row.seqs[0]]) if row.seqs[0] in findings else ()
            else:
                yield self._row(row)
        bad = [finding for finding in findings.values() if self._comes_to(finding) in _BAD]
        yield from self._replay(nodeid, judged_last(bad[0]) if bad else len(self.record.events))
        yield self._text("show.again", command=inert(pytest_command(self.record, nodeid)))

    def _outcome(self, test: TestRun) -> str:
        return self._verdict(test.verdict) if test.verdict else self._text("show.unfinished")

    def _row(self, row: Row) -> str:
        outcome = "" if row.outcome is None else f"  [{row.outcome}]"
        shown = inert_bytes(row.data) if row.data is not None else inert(chosen(self.lang, row.in_both))
        return f"{row.t:9.3f} #{row.seqs[0]} {_SIGNS.get(row.lane, row.lane.value)} {shown}{outcome}"

    def _finding(self, finding: Finding) -> Iterator[str]:
        expected, observed = finding.in_both
        index = 1 if self.lang is Lang.ZH else 0
        head = f"{self._verdict(self._comes_to(finding))} {inert(str(finding.requirement))} #{finding.seq}"
        if self._comes_to(finding) not in _BAD:
            came = f" -- {inert(observed[index])}" if self.everything else ""
            yield f"{head} {inert(expected[index])}{came}"
            return
        yield f"{head} {inert(finding.test or '')}"
        yield f"    {self._text('expected')}: {inert(expected[index])}"
        yield f"    {self._text('observed')}: {inert(observed[index])}"
        if finding.compared is not None:
            yield from (f"    {inert(line)}" for line in lines_of(finding.compared, self.lang))

    def _event(self, number: int) -> Iterator[str]:
        events = self.record.events
        if number >= len(events):
            raise RecordError(
                "{path}: no event {number}: the last one is {last}",
                path=self.record.path,
                number=number,
                last=len(events) - 1,
            )
        nodeid = events[number].test
        beside = [event for event in events if event.test == nodeid]
        place = next(index for index, event in enumerate(beside) if event.seq == number)
        for event in beside[max(0, place - _AROUND) : place + _AROUND + 1]:
            yield from self._whole(event) if event.seq == number else (f"  {self._brief(event)}",)
        if nodeid in self.record.tests:
            finding = next((one for one in self.record.findings_of(nodeid) if one.seq == number), None)
            yield from self._replay(nodeid, number if finding is None else judged_last(finding))
            yield self._text("show.again", command=inert(pytest_command(self.record, nodeid)))

    def _replay(self, nodeid: str, seq: int) -> Iterator[str]:
        """The command lines that lead there, each at the beginning of a line of its own."""
        replay = Replays(self.record).up_to(nodeid, seq)
        if not any(line.data for line in replay.lines):
            return
        yield self._text("replay-lines")
        for number, block in enumerate(replay.blocks):
            if number:
                yield self._text("replay-power")
            yield from (_Pasted(line) for line in block)
        if replay.has_stand_ins:
            yield self._text("replay-stand-ins")
        if replay.untypable:
            yield self._text("replay-untypable", count=replay.untypable)

    def _brief(self, event: Event) -> str:
        told = inert(json.dumps(dict(event.data), ensure_ascii=False))
        return f"#{event.seq} {event.t:.3f} {inert(event.kind)} {told[:80]}"

    def _whole(self, event: Event) -> Iterator[str]:
        wall = inert(self.record.wall_of(event))
        yield f"> #{event.seq} {event.t:.6f} {wall} {inert(event.kind)} {inert(event.test or '')}"
        for name, value in event.data.items():
            told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield f"    {inert(name)}: {inert(told)}"
        if isinstance(data := event.data.get("data"), str) and all(ord(char) < 256 for char in data):
            yield f"    hex: {data.encode('latin-1').hex(' ')}"

    def _verdict(self, verdict: Verdict) -> str:
        """A verdict, marked to be painted once the line is as long as it may be."""
        return f"{_MARK}{verdict}{_MARK}"

    def _painted(self, line: str) -> str:
        before, *marked = line.split(_MARK)
        if len(marked) < 2 or not self.colour:
            return "".join((before, *marked))
        verdict, *behind = marked
        code = next((code for known, code in _ESCAPES.items() if known == verdict), "2")
        return f"{before}\x1b[{code}m{verdict}\x1b[0m{''.join(behind)}"

    def _comes_to(self, finding: Finding) -> Verdict:
        return verdict_of_finding(self.record, finding, self.record.strict)

    def _text(self, key: str, **values: object) -> str:
        return text(self.lang, key, **values)


def _cut(line: str, width: int) -> str:
    """At most so many columns of a terminal; 0 for any."""
    if not width or sum(map(_columns, line)) <= width:
        return line
    room, end = width - len(_MORE), 0
    while end < len(line) and (room := room - _columns(line[end])) >= 0:
        end += 1
    return line[:end] + (_MARK if line.count(_MARK, 0, end) % 2 else "") + _MORE


def _columns(character: str) -> int:
    if character == _MARK:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
