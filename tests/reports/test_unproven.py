"""NOT PROVEN: when a run is, what announces that something cannot be seen, and who is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conformance.catalogue import load
from reports.bundle.contents import DoesNotHold
from reports.bundle.rederive import rederive
from reports.bundle.statement import statement
from reports.events import RecordError
from reports.html import render_page
from reports.html.views import concerns
from reports.i18n import Lang, explain, meaning_of_run, text
from reports.junit import render_junit
from reports.pics import CLAIMS
from reports.record import RecordWriter, RunRecord
from reports.statements import failures
from reports.summary import summarise
from reports.unproven import announced_lines, doubts, unproven_lines
from reports.verdicts import Conclusion, Verdict, conclude
from tests.reports.declared import made_up, waiver
from tests.reports.evidence import change_record, of_kind, rebuild, write_evidence
from tests.reports.unpacking import Page, readable

P, F, D, I, B = Verdict.PASS, Verdict.FAIL, Verdict.DEVIATION, Verdict.INCONCLUSIVE, Verdict.BENCH_ERROR  # noqa: E741
LEVELS = {
    **dict.fromkeys(("ID-03-DN", "ID-04-DN", "OP-01", "OP-03", "RV-01"), "M"),
    **dict.fromkeys(("CC-07", "NW-01"), "I"),
    **dict.fromkeys(("ID-08", "FMT-10"), "O"),
}
LONG, EMPTY, UTF8 = 'AT+ALYDEVICENAME="' + "x" * 33 + '"', 'AT+ALYDEVICENAME=""', 'AT+ALYDEVICENAME="\xe8\xae\xbe"'

Write = Callable[[RecordWriter], object]


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirements under their true names, in place of the made-up ones."""
    entries = [
        {"id": name, "section": "2.3", "table": "t", "level": level, "en": name, "zh": name}
        for name, level in LEVELS.items()
    ]
    monkeypatch.setattr("tests.reports.synthetic.requirements", lambda: entries)
    for name in ("ambiguities", "bounds"):
        monkeypatch.setattr(f"tests.reports.synthetic.{name}", list)


def _find(
    record: RecordWriter,
    requirement: str,
    verdict: Verdict,
    *,
    command: str | None = None,
    final: str = "ERROR",
    code: int | None = None,
    cites: bool = True,
    observed: str = "it cannot be seen",
    observation: Mapping[str, Any] | None = None,
) -> None:
    """A test with a finding, and an exchange before it, that the finding cites or does not."""
    test = f"conformance/test_x.py::test_{requirement}[{verdict} {command}]"
    record.write("test-start", test=test, requirements=[requirement])
    evidence = []
    if command is not None:
        silent = final == "none"
        fields = {"command": command, "lines": [], "final": final, "code": code, "silent": silent, "seconds": 0.1}
        evidence = [record.write("exchange", test=test, exchange=1, **fields, **{"from": 0, "to": 0})] * 2
    record.write(
        "finding",
        test=test,
        requirement=requirement,
        verdict=verdict,
        title="t",
        expected="e",
        observed=observed,
        evidence=evidence if cites else [],
        observation=observation,
    )
    record.write("test-end", test=test, verdict=verdict, seconds=0.1)


def _run(directory: Path, *write: Write, claims: Mapping[str, object] | None = None, **changes: Any) -> RunRecord:
    def extra(record: RecordWriter) -> None:
        for each in write:
            each(record)

    path = directory / f"{len(list(directory.iterdir()))}.jsonl"
    return made_up(path, {}, claims=claims, extra=extra, **changes)


def _finds(requirement: str, verdict: Verdict, **how: Any) -> Write:
    return lambda record: _find(record, requirement, verdict, **how)


def _outcome(conclusion: Conclusion) -> tuple[Verdict, int]:
    return conclusion.verdict, conclusion.exit_status


KEPT, HIDDEN = _finds("RV-01", P), _finds("RV-01", I)
NO_CODE = _finds("ID-03-DN", I, command=LONG, observed="the error carries no code")


def test_one_thing_unseen_among_many_that_were_kept_leaves_the_requirement_unproven(tmp_path: Path) -> None:
    conclusion = conclude(_run(tmp_path, KEPT, KEPT, HIDDEN), strict=False)
    assert _outcome(conclusion) == (Verdict.NOT_PROVEN, 7)
    assert conclusion.requirements["RV-01"].verdict is I
    assert [result.requirement.id for result in conclusion.unproven] == ["RV-01"]


@pytest.mark.parametrize("requirement", ["NW-01", "ID-08"])
def test_only_what_is_mandated_counts(tmp_path: Path, requirement: str) -> None:
    conclusion = conclude(_run(tmp_path, KEPT, _finds(requirement, I)), strict=False)
    assert _outcome(conclusion) == (I, 0)
    assert not conclusion.unproven


@pytest.mark.parametrize(
    ("also", "outcome"),
    [
        (_finds("OP-01", F), (F, 1)),
        (_finds("OP-01", B), (B, 6)),
        (_finds("OP-01", D), (Verdict.NOT_PROVEN, 7)),
        (_finds("OP-01", Verdict.NOT_TESTED), (Verdict.NOT_PROVEN, 7)),
    ],
    ids=["fail", "bench-error", "deviation", "not-tested"],
)
def test_only_a_breach_and_a_broken_bench_are_worse(tmp_path: Path, also: Write, outcome: tuple[Verdict, int]) -> None:
    assert _outcome(conclude(_run(tmp_path, HIDDEN, also), strict=False)) == outcome


def test_a_deviation_does_not_settle_what_was_not_seen_and_a_breach_does(tmp_path: Path) -> None:
    deviation = conclude(_run(tmp_path, HIDDEN, _finds("RV-01", D)), strict=False)
    assert deviation.requirements["RV-01"].verdict is D
    assert _outcome(deviation) == (Verdict.NOT_PROVEN, 7)
    breach = conclude(_run(tmp_path, HIDDEN, _finds("RV-01", F)), strict=False)
    assert not breach.unproven


def test_a_breach_that_is_waived_settles_it_as_well(tmp_path: Path) -> None:
    record = _run(tmp_path, HIDDEN, _finds("RV-01", F), waivers=[waiver("RV-01")])
    assert _outcome(conclude(record, strict=False)) == (Verdict.WAIVED, 0)


def test_a_requirement_that_nobody_set_out_to_judge_is_not_missed(tmp_path: Path) -> None:
    assert _outcome(conclude(_run(tmp_path, KEPT), strict=False)) == (P, 0)


def test_a_run_that_died_is_a_bench_error_whatever_it_left_unproven(tmp_path: Path) -> None:
    assert _outcome(conclude(_run(tmp_path, HIDDEN, footer=False), strict=False)) == (B, 6)


ANNOUNCED = {
    "no codes": (
        {"dialect": "ERROR"},
        NO_CODE,
        _finds("FMT-10", Verdict.OBSERVED, observation={"dialects": ["ERROR"]}),
        _finds("FMT-10", Verdict.OBSERVED, observation={"dialects": ["+CME ERROR: n"]}),
    ),
    "nothing is cleared": (
        {"empty_identity": "no"},
        _finds("OP-03", I, command=EMPTY, cites=False),
        _finds("ID-08", Verdict.OBSERVED, observation={"accepted": False, "old_value_kept": True}),
        _finds("ID-08", Verdict.OBSERVED, observation={"accepted": True, "old_value_kept": False}),
    ),
    "ASCII alone, in a value that is masked": (
        {"non_ascii_identity": "no"},
        _finds("ID-04-DN", I, command='AT+ALYDEVICESECRET="**"', cites=False),
        _finds("ID-04-DN", Verdict.OBSERVED, observation={"accepted": False, "returned_unchanged": False}),
        _finds("ID-04-DN", Verdict.OBSERVED, observation={"accepted": True, "returned_unchanged": True}),
    ),
    "ASCII alone": (
        {"non_ascii_identity": "no"},
        _finds("ID-04-DN", I, command=UTF8, cites=False),
        _finds("ID-04-DN", Verdict.OBSERVED, observation={"accepted": False, "returned_unchanged": False}),
        _finds("ID-04-DN", Verdict.OBSERVED, observation={"accepted": True, "returned_unchanged": True}),
    ),
}


@pytest.mark.parametrize(("claims", "hidden", "agrees", "refutes"), ANNOUNCED.values(), ids=ANNOUNCED)
def test_what_the_vendor_announced_and_the_run_confirms_does_not_count(
    tmp_path: Path, claims: Mapping[str, object], hidden: Write, agrees: Write, refutes: Write
) -> None:
    confirmed = _run(tmp_path, KEPT, hidden, agrees, claims=claims)
    conclusion = conclude(confirmed, strict=False)
    assert _outcome(conclusion) == (I, 0)
    (name,) = claims
    (result,) = (result for result in conclusion.requirements.values() if result.announced_by)
    assert result.announced_by == (name,)
    assert result.verdict is I, "it stays what it is"
    assert explain(Lang.EN, result).endswith(f" -- announced by PICS claim {name}")
    unchecked = conclude(_run(tmp_path, KEPT, hidden, claims=claims), strict=False)
    assert _outcome(unchecked) == (I, 0), "nothing speaks against it"

    refuted = conclude(_run(tmp_path, KEPT, hidden, refutes, claims=claims), strict=False)
    assert _outcome(refuted) == (F, 1)
    assert len(refuted.unproven) == 1, "a false claim announces nothing"
    for silent in ({}, None, {name: "unknown"}):
        assert _outcome(conclude(_run(tmp_path, KEPT, hidden, agrees, claims=silent), False)) == (Verdict.NOT_PROVEN, 7)


@pytest.mark.parametrize(
    ("claims", "hidden"),
    [
        ({"dialect": "ERROR"}, _finds("ID-03-DN", I)),
        ({"dialect": "ERROR"}, _finds("ID-03-DN", I, command=LONG, final="OK")),
        ({"dialect": "ERROR"}, _finds("ID-03-DN", I, command=LONG, final="none")),
        ({"dialect": "ERROR"}, _finds("ID-03-DN", I, command=LONG, final="+CME ERROR: 708", code=708)),
        ({"dialect": "+CME ERROR: n"}, NO_CODE),
        ({"error_codes": "yes"}, NO_CODE),
        ({"dialect": "ERROR"}, _finds("RV-01", I, command=LONG)),
        ({"empty_identity": "no"}, _finds("OP-03", I, command="AT+ALYMQTTOPEN", cites=False)),
        ({"non_ascii_identity": "no"}, _finds("ID-04-DN", I, command=LONG, cites=False)),
        ({"non_ascii_identity": "yes"}, _finds("ID-04-DN", I, command=UTF8, cites=False)),
    ],
)
def test_a_claim_is_no_blank_cheque(tmp_path: Path, claims: Mapping[str, object], hidden: Write) -> None:
    """Another reason, another value, another requirement: unproven."""
    conclusion = conclude(_run(tmp_path, KEPT, hidden, claims=claims), strict=False)
    assert len(conclusion.unproven) == 1


def test_what_was_announced_does_not_cover_up_what_was_not(tmp_path: Path) -> None:
    other = _finds("ID-03-DN", I, observed="silence")
    conclusion = conclude(_run(tmp_path, NO_CODE, other, claims={"dialect": "ERROR"}), strict=False)
    assert _outcome(conclusion) == (Verdict.NOT_PROVEN, 7)
    (result,) = conclusion.unproven
    assert [finding.observed for finding in result.hidden] == ["silence"]
    assert explain(Lang.EN, result) == "silence"


def test_every_announced_family_is_one_of_the_catalogue() -> None:
    for claim in CLAIMS:
        for family in claim.announces.requirements if claim.announces else ():
            assert load().expand(family), family


def test_one_reason_is_told_once_in_both_languages(tmp_path: Path) -> None:
    no_network = [_finds(name, I, observed="no \x1b network") for name in ("OP-01", "OP-03", "RV-01")]
    conclusion = conclude(_run(tmp_path, *no_network, _finds("ID-04-DN", I, observed="mute")), strict=False)
    assert [(doubt.ids, doubt.reason.en) for doubt in doubts(conclusion)] == [
        ("ID-04-DN", "mute"),
        ("OP-01 OP-03 RV-01", "no \x1b network"),
    ]
    english = list(unproven_lines(conclusion, Lang.EN))
    assert english == [
        "Mandated requirements not proven (4):",
        "  ID-04-DN: mute",
        "  OP-01 OP-03 RV-01: no \\x1b network",
    ]
    chinese = list(unproven_lines(conclusion, Lang.ZH))
    assert chinese[0] == "未获证明的强制要求（4 项）："
    assert len(chinese) == 3
    assert not list(unproven_lines(conclude(_run(tmp_path, KEPT), strict=False), Lang.EN))


def test_what_was_announced_is_told_by_claim_and_is_no_concern(tmp_path: Path) -> None:
    conclusion = conclude(_run(tmp_path, KEPT, NO_CODE, claims={"dialect": "ERROR"}), strict=False)
    assert list(announced_lines(conclusion, Lang.EN)) == ["Announced by PICS claim dialect: ID-03-DN"]
    assert list(announced_lines(conclusion, Lang.ZH)) == ["由 PICS 声明 dialect 事先说明：ID-03-DN"]
    assert meaning_of_run(Lang.EN, conclusion) == "what could not be judged was announced by the PICS"
    assert not concerns(conclusion)


def test_what_is_unproven_is_looked_at_before_a_deviation(tmp_path: Path) -> None:
    no_network = [_finds(name, I, observed="no network") for name in ("OP-01", "OP-03")]
    writes = [_finds("NW-01", D), _finds("CC-07", I), *no_network, _finds("ID-04-DN", F)]
    found = concerns(conclude(_run(tmp_path, *writes), strict=False))
    assert [concern.ids for concern in found] == ["ID-04-DN", "OP-01 OP-03", "NW-01", "CC-07"]


def test_summary_and_junit_tell_it_and_no_server_shows_green(tmp_path: Path) -> None:
    record = _run(tmp_path, KEPT, HIDDEN, NO_CODE, claims={"dialect": "ERROR"})
    summary = summarise(record, strict=False)
    assert (summary["verdict"], summary["exit_status"], summary["not_proven"]) == ("NOT PROVEN", 7, ["RV-01"])
    assert summary["requirements"]["RV-01"]["not_seen"] == 1
    assert summary["requirements"]["ID-03-DN"]["announced_by"] == ["dialect"]
    assert "NOT PROVEN" not in summary["counts"]
    (suite,) = ElementTree.fromstring(render_junit(record, strict=False))
    errors = {case.get("name"): case.find("error") for case in suite if case.get("classname") == "not proven"}
    assert list(errors) == ["RV-01"]
    error = errors["RV-01"]
    assert error is not None
    assert (error.get("type"), error.get("message")) == ("NOT PROVEN", "it cannot be seen")
    assert (error.text or "").startswith("it cannot be seen\n\nINCONCLUSIVE RV-01: t\n")
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")
    assert not failures(record, conclude(record, strict=False))


@pytest.mark.parametrize("lang", list(Lang))
def test_the_report_tells_what_is_not_proven_and_what_was_announced(tmp_path: Path, lang: Lang) -> None:
    record = _run(tmp_path, KEPT, HIDDEN, NO_CODE, claims={"dialect": "ERROR"})
    page = Page(readable(markup := render_page(record, lang, strict=False)))
    assert 'data-run-verdict="NOT PROVEN"' in markup
    for words in (text(lang, "verdict.NOT PROVEN"), text(lang, "unproven.head", count=1), text(lang, "announced")):
        assert words in page.text
    assert {"not-proven", "claim-dialect"} <= set(page.ids)
    assert text(lang, "unproven-share", hidden=1, all=2) in page.text


def _footer(verdict: str, status: int) -> Callable[[list[dict[str, Any]]], object]:
    def change(events: list[dict[str, Any]]) -> None:
        (finding,) = (event for event in of_kind(events, "finding") if event["requirement"] == "FMT-01")
        finding["verdict"] = "INCONCLUSIVE"
        (end,) = (e for e in of_kind(events, "test-end") if e["test"] == finding["test"])
        own = [event["verdict"] for event in of_kind(events, "finding") if event["test"] == finding["test"]]
        end["verdict"] = "INCONCLUSIVE" if "DEVIATION" not in own else "DEVIATION"
        of_kind(events, "end")[0].update(verdict=verdict, exit_status=status)

    return change


def test_a_bundle_states_it_again_from_its_record_and_is_failed(tmp_path: Path) -> None:
    run_dir = write_evidence(tmp_path / "run")
    change_record(run_dir, _footer("NOT PROVEN", 7))
    rebuild(run_dir)
    found = rederive(run_dir)
    assert _outcome(found.conclusion) == (Verdict.NOT_PROVEN, 7)
    assert statement(found.record, found.conclusion, {})["predicate"]["result"] == "FAILED"
    change_record(run_dir, _footer("DEVIATION", 0))
    with pytest.raises(DoesNotHold, match="its findings give NOT PROVEN with exit status 7"):
        rederive(run_dir)


def test_a_run_from_before_the_ruling_stays_what_it_was(tmp_path: Path) -> None:
    run_dir = write_evidence(tmp_path / "run")

    def older(events: list[dict[str, Any]]) -> None:
        del events[0]["rules"]
        _footer("DEVIATION", 0)(events)

    change_record(run_dir, older)
    rebuild(run_dir)
    assert _outcome(rederive(run_dir).conclusion) == (D, 0)
    assert json.loads((run_dir / "summary.json").read_text("utf-8"))["not_proven"] == []


def test_no_finding_no_test_and_no_requirement_has_this_verdict(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="a finding event without a proper 'verdict'"):
        _run(tmp_path, _finds("RV-01", Verdict.NOT_PROVEN))
