"""junit.xml: the tests of a run for CI servers."""

# junitparser is typed in part only.
# mypy: allow-untyped-calls

from __future__ import annotations

from pathlib import Path

from junitparser import xunit2
from junitparser.junitparser import Error, Failure, FinalResult, Skipped

from reports.events import Finding, TestRun
from reports.files import write_whole
from reports.i18n import Lang, meaning, text
from reports.inert import inert
from reports.record import RunRecord
from reports.statements import failures
from reports.verdicts import SEVERITY, Verdict, conclude, verdict_of_test

_ELEMENT: dict[Verdict, type[FinalResult]] = {
    Verdict.FAIL: Failure,
    Verdict.BENCH_ERROR: Error,
    Verdict.INCONCLUSIVE: Skipped,
    Verdict.NOT_TESTED: Skipped,
}


def render_junit(record: RunRecord, strict: bool) -> str:
    """The run as JUnit XML (the flavour pytest and Jenkins speak).

    FAIL is a failure, BENCH ERROR an error, INCONCLUSIVE and NOT TESTED are skipped; DEVIATION and OBSERVED pass
    and stand in the properties and the output. A bench that broke outside any test becomes a test case of its own,
    because a CI server believes a file without errors.
    """
    suite = xunit2.TestSuite(f"ml302-conformance[{inert(str(record.rig.get('name')))}]")
    suite.timestamp = record.started.partition(".")[0]
    if isinstance(host := record.run.get("host"), str):
        suite.hostname = inert(host)
    for test in record.tests.values():
        suite.append(_case(record, test, strict))
    conclusion = conclude(record, strict)
    if troubles := _troubles(record, conclusion.died):
        case = xunit2.TestCase("bench", "bench", 0.0)
        case.append(_element(Verdict.BENCH_ERROR, troubles[0], "\n".join(troubles)))
        suite.append(case)
    for name, lines in failures(record, conclusion).items():
        case = xunit2.TestCase(name, "declarations", 0.0)
        case.append(_element(Verdict.FAIL, lines[0], "\n".join(lines)))
        suite.append(case)
    suite.update_statistics()
    for name, value in _properties(record, conclusion.verdict, strict):
        suite.add_property(name, inert(value))
    root = xunit2.JUnitXml("ml302-conformance")
    root.add_testsuite(suite)
    root.update_statistics()
    document: bytes = root.tostring()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{document.decode("utf-8")}\n'


def _properties(record: RunRecord, verdict: Verdict, strict: bool) -> list[tuple[str, str]]:
    module = record.module
    return [
        ("verdict", verdict),
        ("profile", str(record.run.get("profile"))),
        ("strict", str(strict).lower()),
        ("module.model", str(module.model) if module else ""),
        ("module.revision", str(module.revision) if module else ""),
    ]


def _case(record: RunRecord, test: TestRun, strict: bool) -> xunit2.TestCase:
    path, _, name = test.nodeid.partition("::")
    case = xunit2.TestCase(inert(name or path), inert(path.removesuffix(".py").replace("/", ".")), test.seconds or 0.0)
    verdict = verdict_of_test(record, test, strict)
    findings = record.findings_of(test.nodeid)
    case.add_property("verdict", verdict)
    for requirement in test.requirements:
        case.add_property("requirement", inert(requirement))
    for finding in findings:
        if finding.verdict in (Verdict.DEVIATION, Verdict.OBSERVED):
            case.add_property(f"{finding.verdict}.{finding.requirement}", _line(finding))
    if verdict in _ELEMENT:
        message = text(Lang.EN, "died") if test.verdict is None else _message(findings, verdict)
        case.append(_element(verdict, message, _listing(findings)))
    if findings:
        case.system_out = _listing(findings)
    return case


def _message(findings: tuple[Finding, ...], verdict: Verdict) -> str:
    decisive = min(findings, key=lambda finding: SEVERITY.index(finding.verdict), default=None)
    return meaning(Lang.EN, verdict) if decisive is None else f"{decisive.requirement}: {_line(decisive)}"


def _line(finding: Finding) -> str:
    return inert(f"{finding.title}: expected {finding.expected}; observed {finding.observed}")


def _listing(findings: tuple[Finding, ...]) -> str:
    """The findings line by line, those that passed as a number: a fuzz test has thousands."""
    lines = [
        f"{finding.verdict} {finding.requirement}: {_line(finding)}"
        for finding in findings
        if finding.verdict is not Verdict.PASS
    ]
    if passed := len(findings) - len(lines):
        lines.append(f"{Verdict.PASS}: {passed}")
    return "\n".join(lines)


def _element(verdict: Verdict, message: str, details: str) -> FinalResult:
    element = _ELEMENT[verdict](message, verdict)
    element.text = details
    return element


def _troubles(record: RunRecord, died: bool) -> list[str]:
    troubles = [inert(f"{incident.text} -- {incident.act}") for incident in record.incidents if not incident.recovered]
    return [*troubles, text(Lang.EN, "died")] if died else troubles


def write_junit(path: Path, record: RunRecord, strict: bool) -> None:
    """Write junit.xml, whole or not at all. Raises `RecordError` when the disk refuses."""
    write_whole(path, render_junit(record, strict))
