"""junit.xml as GitLab, Jenkins and GitHub's actions read it; docs/junit.md tells who reads what."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reports.junit import render_junit
from reports.record import RecordWriter, RunRecord
from reports.verdicts import Verdict
from tests.reports.synthetic import nodeid, write_head, write_run, write_test

RESULTS = ("failure", "error", "skipped")
# The attributes that Jenkins' junit-10.xsd (xunit-plugin) and Ant's JUnit.xsd (Windy Road) have in common with pytest's
# xunit1 family, which adds the file of a test case; GitLab's parser reads it (lib/gitlab/ci/parsers/test/junit.rb).
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
    "testcase": {"name", "classname", "time", "file"},
    "properties": set(),
    "property": {"name", "value"},
    "system-out": set(),
    **{result: {"type", "message"} for result in RESULTS},
}
# Ant's schema wants the properties of a suite before its cases; a case holds one result at most.
CHILDREN = {
    "testsuites": r"testsuite",
    "testsuite": r"properties( testcase)*",
    "testcase": r"(properties ?)?((failure|error|skipped) ?)?(system-out)?",
    "properties": r"property( property)*",
}
DECIMAL = r"\d+(\.\d+)?"  # junit-10.xsd, SUREFIRE_TIME: no exponent
SECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"  # JUnit.xsd, ISO8601_DATETIME_PATTERN: no fraction, no zone
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def rendered(path: Path, strict: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(render_junit(RunRecord.load(path), strict))


def cases(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Test cases by the requirements that they cite, or by name."""
    return {_properties(case).get("requirements", case.get("name", "")): case for case in root.iter("testcase")}


def _properties(case: ElementTree.Element) -> dict[str, str]:
    """As Jenkins keeps them: the last of each name."""
    return {prop.get("name", ""): prop.get("value", "") for prop in case.iter("property")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_run(tmp_path / "record.jsonl")
    return tmp_path / "record.jsonl"


@pytest.fixture(params=["whole", "died", "strict"])
def document(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    write_run(tmp_path / "record.jsonl", footer=request.param != "died", host="bench-3")
    return render_junit(RunRecord.load(tmp_path / "record.jsonl"), strict=request.param == "strict")


def test_the_structure_is_one_that_every_reader_knows(document: str) -> None:
    assert not FORBIDDEN.search(document)
    root = ElementTree.fromstring(document)
    for element in root.iter():
        assert element.attrib.keys() <= ATTRIBUTES[element.tag], element.tag
        children = " ".join(child.tag for child in element)
        assert re.fullmatch(CHILDREN.get(element.tag, ""), children), element.tag
    (suite,) = root
    assert re.fullmatch(SECONDS, suite.get("timestamp", ""))
    for element in (root, suite, *suite.iter("testcase")):
        assert re.fullmatch(DECIMAL, element.get("time", ""))
    counts = Counter(child.tag for case in suite.iter("testcase") for child in case)
    assert suite.get("tests") == str(len(list(suite.iter("testcase"))))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.get(name) == str(counts[tag])


def test_names_are_unique_because_gitlab_drops_the_second_of_a_name(document: str) -> None:
    names = [(case.get("classname"), case.get("name")) for case in ElementTree.fromstring(document).iter("testcase")]
    assert len(names) == len(set(names))


def test_a_case_names_the_file_of_its_test(path: Path) -> None:
    found = {(case.get("classname"), case.get("file")) for case in rendered(path).iter("testcase")}
    assert found == {("conformance.test_section", "conformance/test_section.py"), ("not proven", None)}


def test_a_message_is_one_short_line_and_the_text_tells_all(document: str) -> None:
    results = [case.find(tag) for case in ElementTree.fromstring(document).iter("testcase") for tag in RESULTS]
    found = [result for result in results if result is not None]
    assert found
    for result in found:
        message = result.get("message", "")
        assert message
        assert "\n" not in message
        assert len(message) <= 200
        # GitLab shows the text and no message; the first lines have to say it.
        assert (result.text or "").startswith(message)


def test_a_failure_tells_what_was_expected_and_what_came(path: Path) -> None:
    record = RunRecord.load(path)
    identifier = next(finding.requirement for finding in record.findings if finding.verdict is Verdict.FAIL)
    failure = cases(rendered(path))[str(identifier)].find("failure")
    assert failure is not None
    assert f"FAIL {identifier}: the value comes back" in (failure.text or "")
    assert "\n  expected: +ALYDEVICENAME:<value>, then OK\n  observed: fail: " in (failure.text or "")
    assert failure.get("message", "").startswith(f"{identifier}: the value comes back")


def test_the_rig_stands_in_the_suite_and_the_requirements_in_the_properties(tmp_path: Path) -> None:
    test = nodeid("ID-01")
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        write_head(writer)
        writer.write("test-start", test=test, requirements=["ID-01", "ID-02"])
        writer.write("test-end", test=test, verdict="INCONCLUSIVE", seconds=0.00001)
        writer.write("end", exit_status=0, verdict="INCONCLUSIVE")
    root = rendered(tmp_path / "record.jsonl")
    (suite,) = root
    assert suite.get("name") == "ml302-conformance[lab-07]"
    assert _properties(suite)["rig"] == "lab-07"
    (case,) = suite.iter("testcase")
    named = [prop.get("value") for prop in case.iter("property") if prop.get("name") == "requirement"]
    assert named == ["ID-01", "ID-02"]
    assert _properties(case)["requirements"] == "ID-01,ID-02"


def test_each_incident_and_the_death_of_the_run_are_errors_of_their_own(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        write_head(writer)
        for text in ("no such port", "the relay is gone"):
            writer.write("incident", text=text, act="plug it in", recovered=False)
        writer.write("incident", text="silent for a while", act="watch it", recovered=True)
    found = cases(rendered(tmp_path / "record.jsonl"))
    assert list(found) == ["incident 1", "incident 2", "run died"]
    assert all(case.get("classname") == "bench" for case in found.values())
    error = found["incident 2"].find("error")
    assert error is not None
    assert error.get("message") == "the relay is gone -- plug it in"


def broken_in_one_test(path: Path, *waived: str) -> RunRecord:
    """A run whose one test broke ID-01 and ID-02; some are waived."""
    test = nodeid("ID-01")
    with RecordWriter(path) as writer:
        entries = [
            {"requirement": identifier, "firmware": "*", "reason": "fixed in V1.1 \x1b", "ticket": "T-1"}
            for identifier in waived
        ]
        write_head(writer)
        fields = {"owner": None, "expires": None}
        writer.write("waivers", file="w.toml", sha256="0" * 64, waivers=[entry | fields for entry in entries])
        writer.write("test-start", test=test, requirements=["ID-01", "ID-02"])
        for identifier in ("ID-01", "ID-02"):
            found = {"title": "t", "expected": "e", "observed": "o", "evidence": [], "observation": None}
            writer.write("finding", test=test, requirement=identifier, verdict="FAIL", **found)
        writer.write("test-end", test=test, verdict="FAIL", seconds=0.1)
        writer.write("end", exit_status=1, verdict="FAIL")
    return RunRecord.load(path)


def test_a_waived_breach_is_skipped_with_its_reason(tmp_path: Path) -> None:
    broken_in_one_test(path := tmp_path / "record.jsonl", "ID-01", "ID-02")
    (case,) = rendered(path).iter("testcase")
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "WAIVED: fixed in V1.1 \\x1b"
    assert "observed: o" in (skipped.text or "")
    assert _properties(case)["verdict"] == "WAIVED"


def test_a_test_that_also_breaks_what_is_not_waived_fails(tmp_path: Path) -> None:
    broken_in_one_test(path := tmp_path / "record.jsonl", "ID-01")
    (case,) = rendered(path).iter("testcase")
    assert case.find("failure") is not None


def test_a_waived_breach_is_not_the_reason_why_a_test_fails(tmp_path: Path) -> None:
    broken_in_one_test(path := tmp_path / "record.jsonl", "ID-01")
    (case,) = rendered(path).iter("testcase")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message", "").startswith("ID-02: ")


def test_a_waiver_that_is_no_good_is_a_case_that_fails(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        write_head(writer)
        entry = {"requirement": "ID-01", "firmware": "V9*", "reason": "r", "ticket": "T-1", "owner": "qa"}
        writer.write("waivers", file="w.toml", sha256="0" * 64, waivers=[{**entry, "expires": None}])
        write_test(writer, "ID-01", Verdict.PASS)
        writer.write("end", exit_status=1, verdict="FAIL")
    failure = cases(rendered(tmp_path / "record.jsonl"))["waivers"].find("failure")
    assert failure is not None
    assert "Waiver ID-01: unmatched" in str(failure.get("message"))


def test_a_fuzz_test_with_thousands_of_findings_stays_small(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        write_head(writer)
        test = nodeid("ID-01")
        writer.write("test-start", test=test, requirements=["ID-01"])
        for number in range(5000):
            fields = {"title": "t", "expected": "e", "observed": f"o {number}", "evidence": [], "observation": None}
            writer.write("finding", test=test, requirement="ID-01", verdict="FAIL", **fields)
        writer.write("test-end", test=test, verdict="FAIL", seconds=0.1)
        writer.write("end", exit_status=1, verdict="FAIL")
    document = render_junit(RunRecord.load(tmp_path / "record.jsonl"), strict=False)
    assert len(document) < 20_000
    assert "... and 4950 more in the record" in document


def test_a_case_for_a_whole_test(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        write_head(writer)
        write_test(writer, "ID-01", Verdict.PASS)
        writer.write("end", exit_status=0, verdict="PASS")
    (case,) = rendered(tmp_path / "record.jsonl").iter("testcase")
    assert case.findtext("system-out") == "PASS: 1"
