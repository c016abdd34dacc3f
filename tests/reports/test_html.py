"""The report: every fact is there, in both languages, and hostile bytes are nothing but text."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from reports.html import STYLE, anchor, render_page
from reports.html.details import Details
from reports.html.sections import SECTIONS
from reports.html.transcript import MAX_ROWS, Gap, Row, cited, rows_of, shortened
from reports.html.tree import to_html
from reports.html.views import concerns
from reports.i18n import Lang, meaning, text
from reports.record import RecordError, RecordWriter, RunRecord
from reports.replay import pytest_command
from reports.verdicts import Verdict, conclude
from tests.reports.synthetic import (
    HOSTILE,
    HOSTILE_TEXT,
    RESULTS,
    nodeid,
    requirements,
    write_head,
    write_many,
    write_run,
    write_test,
)
from tests.reports.unpacking import Page, packed_json, readable, unpacked

LANGS = tuple(Lang)


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    write_run(tmp_path / "record.jsonl")
    return RunRecord.load(tmp_path / "record.jsonl")


def _one_test(tmp_path: Path, commands: int, cited: int | None = None) -> RunRecord:
    path = tmp_path / "record.jsonl"
    test = nodeid("ID-01")
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("test-start", test=test, requirements=["ID-01"])
        seqs = [writer.write("serial", test=test, dir="tx", data=f"AT+TRY={n}\r") for n in range(commands)]
        if cited is not None:
            writer.write(
                "finding",
                test=test,
                requirement="ID-01",
                verdict="FAIL",
                title="t",
                expected="e",
                observed="o",
                evidence=[seqs[cited]],
                observation=None,
            )
        writer.write("test-end", test=test, verdict="PASS", seconds=0.1)
    return RunRecord.load(path)


def _rows(record: RunRecord) -> list[Row | Gap]:
    return shortened(rows_of(record, nodeid("ID-01")), record.findings_of(nodeid("ID-01")))


def _page(record: RunRecord, lang: Lang = Lang.EN, *, strict: bool = False) -> str:
    return render_page(record, lang, strict)


def _test(record: RunRecord, test: str) -> str:
    return to_html(Details(record).of_test(test))


def test_the_page_tells_everything_in_both_languages(record: RunRecord) -> None:
    page = Page(readable(_page(record)))
    for fact in ("FAIL", "lab-07", "ML302_V1.0.7<script>", "861234567890123", "0.1.0", "412282b0c0ff", "full"):
        assert fact in page.text
    for entry in requirements():
        assert entry["id"] in page.ids
        assert entry["en"] in page.text
        assert entry["zh"] in page.text
    for lang in LANGS:
        assert meaning(lang, Verdict.FAIL) in page.text
        assert text(lang, "reason.no-test") in page.text
        for section in SECTIONS:
            declared = section.id in ("certification", "waivers", "pics", "announced", "judged-again")
            assert declared or text(lang, section.title) in page.text
    assert "check its supply" in page.text


@pytest.mark.parametrize("lang", LANGS)
def test_the_language_of_the_run_is_shown_first(record: RunRecord, lang: Lang) -> None:
    markup = _page(record, lang)
    assert f'<html lang="{"zh-CN" if lang is Lang.ZH else "en"}">' in markup
    assert re.search(rf'id="ml302-{lang}"[^>]* checked>', markup)
    assert markup.count(' value="en" autocomplete="off" checked>') == (lang is Lang.EN)


def test_hostile_bytes_are_text(record: RunRecord) -> None:
    logs = dict.fromkeys(record.tests, f"{HOSTILE}\n{HOSTILE_TEXT}")
    markup = render_page(record, Lang.EN, strict=False, logs=logs)
    page = Page(readable(markup))
    assert not {"script", "img", "iframe", "object", "bold"} & set(page.tags)
    inert = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    for shown in (markup, readable(markup), *packed_json(markup)):
        assert not inert.search(shown)
    assert "<script>window.hacked = 1</script>" in page.text
    assert "\\x1b[31m" in page.text
    assert "\\u202e{{ 7 * 7 }}\\xff" in page.text
    assert "49" not in page.text.partition("{{ 7 * 7 }}")[2][:10]
    assert "Undefined" not in markup


def test_only_our_script_may_run(record: RunRecord) -> None:
    markup = _page(record)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', markup)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;;")
    assert "unsafe-eval" not in policy[1]
    assert re.findall(r"<script[^>]*>", markup).count("<script>") == 1


def test_the_page_needs_nothing_else_and_its_links_lead_somewhere(record: RunRecord) -> None:
    page = Page(readable(_page(record)))
    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert not re.search(r"url\(|@import|https?:", STYLE)


@pytest.mark.xdist_group("large-report")
def test_two_thousand_results_stay_under_five_megabytes(large_report: Path) -> None:
    markup = large_report.read_text("utf-8")
    assert markup.count('<details class="test item"') == RESULTS
    assert unpacked(markup).count('<table class="transcript">') + markup.count('<table class="transcript">') == RESULTS
    assert len(markup.encode()) < 5_000_000


def test_a_huge_run_shows_less_of_each_transcript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.html.render._PACKED_LIMIT", 100_000)
    write_many(tmp_path / "record.jsonl", 60, commands=60)
    record = RunRecord.load(tmp_path / "record.jsonl")
    packed = sum(map(len, re.findall(r'class="packed"[^>]*>(.*?)<', _page(record))))
    monkeypatch.setattr("reports.html.render._PACKED_LIMIT", 10_000_000)
    assert packed < sum(map(len, re.findall(r'class="packed"[^>]*>(.*?)<', _page(record)))) / 2


def test_a_finding_has_its_requirement_evidence_time_and_replay(record: RunRecord) -> None:
    finding = concerns(conclude(record, strict=False))[0].finding
    assert finding.requirement is not None
    requirement = record.requirements[finding.requirement]
    article = re.search(rf'<article class="finding" id="finding-{finding.seq}">.*?</article>', _page(record), re.S)
    assert article is not None
    page = Page(article[0])
    section = record.sections[requirement.section]
    assert requirement.en in page.text
    assert requirement.zh in page.text
    assert f"{section.key} {section.en}{section.zh}" in page.text
    assert "+ALYDEVICENAME:<value>, then OK" in page.text
    assert "22 3e 3c 73 63 72 69 70 74 3e" in page.text.replace("\n", " ")
    assert record.wall_of(record.events[finding.seq])[11:19] in page.text
    assert "12.3 ms" in page.text
    assert f"pytest '{finding.test}' --rig lab-07.toml --profile full" in page.text
    assert 'AT+ALYMQTTPUB=/pk/dn/user/get,0,"{\\"a\\":1}"\\r' in page.text


def test_the_replay_takes_the_options_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    rig = {"name": "simulator", "serial": {"url": "simulator://"}}
    with RecordWriter(path) as writer:
        writer.write(
            "run", schema=1, rig=rig, profile="soak", strict=True, simulator=["--fault", "x y"], lacking=["rst"]
        )
    command = pytest_command(RunRecord.load(path), "a.py::b[c d]")
    assert command == "pytest 'a.py::b[c d]' --profile soak --strict --fault 'x y' --without-gateway-fault rst"


def test_the_replay_of_an_installed_suite_names_the_test_wherever_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    rig = {"name": "lab", "serial": {"url": "simulator://"}}
    with RecordWriter(path) as writer:
        writer.write("run", schema=1, rig=rig, profile="full", arguments=["--pyargs", "conformance"])
    command = pytest_command(RunRecord.load(path), "conformance/test_tls.py::test_it[a/b]")
    assert command == "pytest --pyargs 'conformance.test_tls::test_it[a/b]' --profile full"


def test_a_finding_without_evidence_shows_what_came_last(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    test = nodeid("ID-01")
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("test-start", test=test, requirements=["ID-01"])
        writer.write("serial", test=test, dir="rx", data="\r\n+MQTTRECV:t,p\r\n")
        fields = {"requirement": "ID-01", "verdict": "FAIL", "title": "t", "expected": "e", "observed": "o"}
        writer.write("finding", test=test, evidence=[], observation=None, **fields)
        writer.write("serial", test=test, dir="rx", data="later")
        writer.write("test-end", test=test, verdict="FAIL", seconds=0.1)
    shown = Page(f"<div>{_test(RunRecord.load(path), test)}</div>").text
    assert text(Lang.EN, "evidence-last") in shown
    assert "2b 4d 51 54 54" in shown
    assert "6c 61 74 65 72" not in shown


def test_evidence_names_stretches(record: RunRecord) -> None:
    finding = replace(record.findings[0], evidence=(3, 5, 9, 9, 20))
    assert sorted(set(cited(finding))) == [3, 4, 5, 9, 20]


def test_a_review_is_shown_and_one_of_another_record_says_so(record: RunRecord) -> None:
    def review(**changes: object) -> str:
        digest = hashlib.sha256(record.path.read_bytes()).hexdigest()
        items = {"ID-01": {"decision": "accepted", "remark": "as agreed <b>"}, "FMT-13": {"decision": "rejected"}}
        whole = {"reviewer": "QA lab", "decision": "accepted", "date": "2026-11-24", "remark": "", "items": items}
        record.path.with_name("review.json").write_text(
            json.dumps({"schema": 1, "record_sha256": digest} | whole | changes)
        )
        return Page(readable(_page(record))).text

    assert text(Lang.EN, "review-of-another") not in review()
    assert "QA lab" in review()
    assert text(Lang.ZH, "decision.accepted") in review()
    assert text(Lang.EN, "review-of-another") in review(record_sha256="00" * 32)


@pytest.mark.parametrize("content", ["{", "[]", '{"items": {"ID-01": 1}}'])
def test_a_malformed_review_is_one_clear_line(record: RunRecord, content: str) -> None:
    record.path.with_name("review.json").write_text(content)
    with pytest.raises(RecordError, match=r"review\.json: "):
        _page(record)


def test_a_waiver_is_shown_with_its_terms_and_what_came_of_it(tmp_path: Path) -> None:
    waiver = {"reason": "known <i>", "ticket": "T-1", "owner": "qa", "expires": "2099-01-01"}
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        write_head(writer)
        entries = [{"requirement": identifier, "firmware": "*", **waiver} for identifier in ("ID-01", "ID-02")]
        writer.write("waivers", file="waivers.toml", sha256="0" * 64, waivers=entries)
        write_test(writer, "ID-01", Verdict.FAIL)
        write_test(writer, "ID-02", Verdict.PASS)
        writer.write("end", exit_status=1, verdict="FAIL")
    record = RunRecord.load(tmp_path / "record.jsonl")
    section = next(section for section in SECTIONS if section.id == "waivers")
    shown = Page(f"<div>{section.render(record, conclude(record, strict=False))}</div>").text
    for value in (*waiver.values(), "Waiver ID-01: applied", "豁免单 ID-01：已生效", "Waiver ID-02: stale"):
        assert value in shown
    assert "Waiver ID-02: stale" in readable(render_page(record, Lang.EN, strict=False)), "on the first screen too"


def test_claims_are_shown_beside_what_was_seen(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        write_head(writer)
        claims = {"lowest_tls_version": "TLS<1.2>"}
        writer.write("pics", file="pics.toml", sha256="0" * 64, vendor=None, module="X*", firmware=None, claims=claims)
        write_test(writer, "ID-01", Verdict.PASS)
        writer.write("end", exit_status=1, verdict="FAIL")
    record = RunRecord.load(tmp_path / "record.jsonl")
    section = next(section for section in SECTIONS if section.id == "pics")
    shown = Page(f"<div>{section.render(record, conclude(record, strict=False))}</div>").text
    for value in ("TLS<1.2>", "not checked", "未核实", "false", "不实", "X*"):
        assert value in shown


def test_what_a_certificate_lacks_is_shown(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "record.jsonl") as writer:
        write_head(writer, certify=True)
        write_test(writer, "ID-01", Verdict.PASS)
        writer.write("end", exit_status=6, verdict="PASS")
    record = RunRecord.load(tmp_path / "record.jsonl")
    section = next(section for section in SECTIONS if section.id == "certification")
    shown = Page(f"<div>{section.render(record, conclude(record, strict=False))}</div>").text
    assert "uncommitted" in shown
    assert "ID-03" in shown


def test_strict_shows_a_deviation_as_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        write_test(writer, "ID-01", Verdict.DEVIATION)
        writer.write("end", exit_status=0, verdict="DEVIATION")
    record = RunRecord.load(path)
    assert 'banner deviation"' in _page(record)
    assert 'banner fail"' in _page(record, strict=True)
    assert 'class="test item" data-verdict="fail"' in _page(record, strict=True)


def test_a_dead_run_says_so(tmp_path: Path) -> None:
    write_run(tmp_path / "record.jsonl", footer=False)
    record = RunRecord.load(tmp_path / "record.jsonl")
    for lang in LANGS:
        assert text(lang, "died") in _page(record)


def test_a_broken_bench_is_told_once_and_after_the_module(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        for identifier in ("ID-01", "ID-02", "ID-03"):
            write_test(writer, identifier, Verdict.BENCH_ERROR)
        for identifier in ("ID-04", "ID-05"):
            write_test(writer, identifier, Verdict.FAIL)
    found = concerns(conclude(RunRecord.load(path), strict=False))
    assert [(concern.verdict, concern.ids) for concern in found] == [
        (Verdict.FAIL, "ID-04"),
        (Verdict.FAIL, "ID-05"),
        (Verdict.BENCH_ERROR, "ID-01 ID-02 ID-03"),
    ]
    assert "ID-01 ID-02 ID-03" in _page(RunRecord.load(path))


def test_a_pass_of_few_requirements_does_not_look_like_one_of_all(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        write_test(writer, "ID-01", Verdict.PASS)
        writer.write("end", exit_status=0, verdict="PASS")
    text_of_all = Page(readable(_page(RunRecord.load(path)))).text
    assert "99 NOT TESTED · 1 PASS" in text_of_all
    assert text(Lang.EN, "verdict.partial") in text_of_all
    assert text(Lang.EN, "no-concerns") in text_of_all


def test_a_run_without_anything_still_has_a_report(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        writer.write("run", schema=1)
    page = Page(_page(RunRecord.load(path)))
    assert "BENCH ERROR" in page.text


def test_a_test_shows_findings_and_transcript_in_lanes(record: RunRecord) -> None:
    markup = f"<div>{_test(record, nodeid('ID-03'))}</div>"
    page = Page(markup)
    assert 'AT+ALYMQTTPUB=/pk/dn/user/get,0,"{\\"a\\":1}"\\r' in page.text
    assert "+ALYDEVICENAME: 测试\\x1b[31m" in page.text
    assert "withhold PUBACK" in page.text
    for lang in LANGS:
        assert text(lang, "lane.rx") in page.text
        assert text(lang, "expected") in page.text
    cells = re.findall(r'<tr class="(serial|mqtt|bench) \w+" id="e\d+">(.*?)</tr>', markup, re.S)
    assert {lane for lane, _ in cells} == {"serial", "mqtt", "bench"}
    for lane, row in cells:
        filled = [bool(cell) for cell in re.findall(r"<td>(.*?)</td>", row, re.S)]
        assert filled == [True, lane == "serial", lane == "mqtt", lane == "bench"]
    sent, received = record.findings_of(nodeid("ID-03"))[0].evidence
    # What was received came in two pieces that share the first one's row.
    assert {f"#e{sent}", f"#e{received - 1}"} <= set(page.links) & {f"#{name}" for name in page.ids}


def test_an_unknown_test_is_a_key_error(record: RunRecord) -> None:
    with pytest.raises(KeyError):
        _test(record, "nowhere.py::test_nothing")


def test_pieces_of_an_answer_share_a_row_and_the_command_shows_its_outcome(record: RunRecord) -> None:
    rows = [row for row in _rows(record) if isinstance(row, Row)]
    sent, received = rows[0], rows[1]
    assert sent.exchange is not None
    assert sent.outcome == "+CME ERROR: 708" or not sent.answered
    assert received.data is not None
    assert received.data.endswith(HOSTILE)
    assert len(received.seqs) == 2


def test_silence_is_shown_as_silence(record: RunRecord) -> None:
    silent = next(event for event in record.events if event.kind == "exchange" and event.data["silent"])
    assert silent.test is not None
    assert text(Lang.EN, "silence") in _test(record, silent.test)


def test_a_long_transcript_is_cut_but_for_the_evidence(tmp_path: Path) -> None:
    record = _one_test(tmp_path, MAX_ROWS * 3, cited=MAX_ROWS)
    rows = _rows(record)
    shown = {seq for row in rows if isinstance(row, Row) for seq in row.seqs}
    left_out = sum(row.count for row in rows if isinstance(row, Gap))
    assert len(rows) <= MAX_ROWS + 4
    assert left_out + len(shown) == MAX_ROWS * 3 + 1
    assert set(record.findings_of(nodeid("ID-01"))[0].evidence) <= shown
    assert "left out" in _test(record, nodeid("ID-01"))


def test_a_short_transcript_is_whole(tmp_path: Path) -> None:
    record = _one_test(tmp_path, MAX_ROWS)
    assert len(_rows(record)) == MAX_ROWS


def test_of_thousands_of_findings_the_bad_ones_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    test = nodeid("ID-01")
    with RecordWriter(path) as writer:
        write_head(writer)
        writer.write("test-start", test=test, requirements=["ID-01"])
        for number in range(1000):
            writer.write(
                "finding",
                test=test,
                requirement="ID-01",
                verdict="FAIL" if number == 700 else "PASS",
                title="t",
                expected="e",
                observed=f"number {number}",
                evidence=[],
                observation=None,
            )
        writer.write("test-end", test=test, verdict="FAIL", seconds=0.1)
    section = _test(RunRecord.load(path), test)
    assert "number 700" in section
    assert "number 699" not in section
    assert text(Lang.EN, "findings-more", count=989) in section


def test_anchors_are_stable_and_safe() -> None:
    assert anchor("a::b") == anchor("a::b") != anchor("a::c")
    assert re.fullmatch(r"test-[0-9a-f]+", anchor("<script>\ud800"))
