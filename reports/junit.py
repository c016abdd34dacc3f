"""junit.xml: the tests of a run for CI servers.

Each reader takes something else from it, so that some facts stand there twice (docs/junit.md tells who reads what):
GitLab shows the text of an element and not its ``message``, Jenkins and GitHub's actions show both; Jenkins keeps one
property of a name. Whatever is shown is inert, and so holds none of the characters that XML 1.0 forbids.
"""

# junitparser is typed in part only.
# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from junitparser import Attr, xunit2
from junitparser.junitparser import Error, Failure, FinalResult, Skipped

from reports.events import TestRun
from reports.files import write_whole
from reports.finding import Finding
from reports.i18n import Lang, chosen, meaning, text
from reports.inert import inert
from reports.record import RunRecord
from reports.severity import BREACHES, Verdict, worst
from reports.statements import failures
from reports.unproven import reasons
from reports.verdicts import Conclusion, conclude, verdict_of_finding, verdict_of_test

_ELEMENT: dict[Verdict, type[FinalResult]] = {
    Verdict.FAIL: Failure,
    Verdict.BENCH_ERROR: Error,
    Verdict.NOT_PROVEN: Error,
    Verdict.WAIVED: Skipped,
    Verdict.INCONCLUSIVE: Skipped,
    Verdict.NOT_TESTED: Skipped,
}
_MESSAGE = 200
"""Characters of a message: it is one line of a list of tests. The text below it has the rest."""
_FINDINGS = 50
"""Findings listed of one test: a server refuses a file of some megabytes, and a fuzz test has thousands."""


class _Case(xunit2.TestCase):
    """A test case with the path of its test, which GitLab and GitHub's actions link to."""

    file = Attr()


@dataclass(frozen=True)
class ExtraCase:
    """Something besides the tests that decides over a run: a CI server believes a file without failures."""

    name: str
    verdict: Verdict
    message: str
    details: str
    group: str = "bench"


def render_junit(record: RunRecord, strict: bool, lang: Lang = Lang.EN) -> str:
    """The run as JUnit XML (the flavour pytest and Jenkins speak), its messages in that language.

    FAIL is a failure, BENCH ERROR an error; WAIVED, INCONCLUSIVE and NOT TESTED are skipped; DEVIATION and OBSERVED
    pass and stand in the properties and the output. What is no test but decides over the run becomes a case too, and so
    does each requirement that is not proven: an error, for the module is not blamed and the run is not green.
    """
    conclusion = conclude(record, strict)
    suite = xunit2.TestSuite(f"ml302-conformance[{inert(str(record.rig.get('name')))}]")
    suite.timestamp = inert(record.started.partition(".")[0])
    if isinstance(host := record.run.get("host"), Mapping) and host.get("name"):
        suite.hostname = inert(str(host["name"]))
    # Before the cases: Ant's schema has the properties first.
    for name, value in _properties(record, conclusion.verdict, strict):
        suite.add_property(name, inert(value))
    for test in record.tests.values():
        suite.append(_case(record, test, strict, lang))
    for extra in extra_cases(record, conclusion, lang):
        case = xunit2.TestCase(inert(extra.name), extra.group, 0.0)
        case.append(_element(extra.verdict, inert(extra.message), extra.details))
        suite.append(case)
    suite.update_statistics()
    root = xunit2.JUnitXml("ml302-conformance")
    root.add_testsuite(suite)
    root.update_statistics()
    document: bytes = root.tostring()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{document.decode("utf-8")}\n'


def extra_cases(record: RunRecord, conclusion: Conclusion, lang: Lang = Lang.EN) -> Iterator[ExtraCase]:
    """What decides over the run besides its tests: incidents, its death, what is not proven, its declarations.

    The names are numbered or IDs and not told from the texts, so that servers know the case again in the next run.
    """
    troubles = (incident for incident in record.incidents if not incident.recovered)
    for number, incident in enumerate(troubles, start=1):
        message = " -- ".join(chosen(lang, said) for said in incident.in_both)
        yield ExtraCase(f"incident {number}", Verdict.BENCH_ERROR, message, inert(message))
    if not record.complete:
        died = text(lang, "died")
        yield ExtraCase("run died", Verdict.BENCH_ERROR, died, died)
    for result in conclusion.unproven:
        message = _short(chosen(lang, reasons(result)[0]))
        details = f"{message}\n\n{_details(result.hidden, lang)}"
        yield ExtraCase(result.requirement.id, Verdict.NOT_PROVEN, message, details, group="not proven")
    for name, lines in failures(record, conclusion, lang).items():
        yield ExtraCase(name, Verdict.FAIL, lines[0], "\n".join(lines), group="declarations")


def _properties(record: RunRecord, verdict: Verdict, strict: bool) -> list[tuple[str, str]]:
    module = record.module
    return [
        ("verdict", verdict),
        ("rig", str(record.rig.get("name"))),
        ("profile", str(record.run.get("profile"))),
        ("strict", str(strict).lower()),
        ("module.model", str(module.model) if module else ""),
        ("module.revision", str(module.revision) if module else ""),
    ]


def _case(record: RunRecord, test: TestRun, strict: bool, lang: Lang) -> _Case:
    path, _, name = test.nodeid.partition("::")
    # Milliseconds: a shorter time would be written with an exponent, which Jenkins' schema does not know.
    seconds = round(test.seconds or 0.0, 3)
    case = _Case(inert(name or path), inert(path.removesuffix(".py").replace("/", ".")), seconds)
    case.file = inert(path)
    verdict = verdict_of_test(record, test, strict)
    findings = record.findings_of(test.nodeid)
    case.add_property("verdict", verdict)
    for requirement in test.requirements:
        case.add_property("requirement", inert(requirement))
    if test.requirements:
        case.add_property("requirements", inert(",".join(test.requirements)))
    for finding in findings:
        if finding.verdict in (Verdict.DEVIATION, Verdict.OBSERVED):
            case.add_property(f"{finding.verdict}.{finding.requirement}", _line(finding, lang))
    if verdict in _ELEMENT:
        died = test.verdict is None
        message = text(lang, "died") if died else _message(record, findings, verdict, strict, lang)
        # GitLab shows the text alone, and a heap of attributes where there is none.
        case.append(_element(verdict, message, f"{message}\n\n{_details(findings, lang)}".rstrip()))
    if findings:
        case.system_out = _listing(findings, lang)
    return case


def _message(record: RunRecord, findings: tuple[Finding, ...], verdict: Verdict, strict: bool, lang: Lang) -> str:
    if verdict is Verdict.WAIVED:
        waived = (record.waived.get(finding.requirement or "") for finding in findings if finding.verdict in BREACHES)
        return _short(f"{verdict}: {'; '.join(dict.fromkeys(waiver.reason for waiver in waived if waiver))}")
    decisive = worst(findings, lambda finding: verdict_of_finding(record, finding, strict))
    if decisive is None:
        return meaning(lang, verdict)
    title, observed = chosen(lang, decisive.title_in_both), chosen(lang, decisive.in_both.observed)
    return _short(f"{decisive.requirement}: {title}: {observed}")


def _short(message: str) -> str:
    message = inert(message)
    return message if len(message) <= _MESSAGE else f"{message[: _MESSAGE - 3]}..."


def _line(finding: Finding, lang: Lang) -> str:
    return inert(text(lang, "junit.line", **_words(finding, lang)))


def _words(finding: Finding, lang: Lang) -> dict[str, str]:
    expected, observed = (chosen(lang, side) for side in finding.in_both)
    return {"title": chosen(lang, finding.title_in_both), "expected": expected, "observed": observed}


def _details(findings: tuple[Finding, ...], lang: Lang) -> str:
    """The findings that are no good, each over some lines."""
    return _listed(
        [_detail(finding, lang) for finding in findings if finding.verdict not in (Verdict.PASS, Verdict.OBSERVED)],
        lang,
    )


def _detail(finding: Finding, lang: Lang) -> str:
    words = {name: inert(told) for name, told in _words(finding, lang).items()}
    return text(lang, "junit.detail", verdict=finding.verdict, requirement=inert(str(finding.requirement)), **words)


def _listing(findings: tuple[Finding, ...], lang: Lang) -> str:
    """The findings line by line, those that passed as a number."""
    worth_telling = [finding for finding in findings if finding.verdict is not Verdict.PASS]
    lines = [
        f"{finding.verdict} {inert(str(finding.requirement))}: {_line(finding, lang)}" for finding in worth_telling
    ]
    passed = len(findings) - len(lines)
    return "\n".join(filter(None, [_listed(lines, lang), f"{Verdict.PASS}: {passed}" if passed else ""]))


def _listed(entries: list[str], lang: Lang) -> str:
    left_out = len(entries) - _FINDINGS
    more = [text(lang, "junit.more", count=left_out)] if left_out > 0 else []
    return "\n".join(entries[:_FINDINGS] + more)


def _element(verdict: Verdict, message: str, details: str) -> FinalResult:
    element = _ELEMENT[verdict](message, verdict)
    element.text = details
    return element


def write_junit(path: Path, record: RunRecord, strict: bool, lang: Lang = Lang.EN) -> None:
    """Write junit.xml, whole or not at all. Raises `RecordError` when the disk refuses."""
    write_whole(path, render_junit(record, strict, lang))
