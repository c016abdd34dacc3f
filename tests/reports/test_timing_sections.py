"""Latency, time budget and ambiguity register as the report shows them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from reports.html import render_page
from reports.html.rulings import MAX_CHARACTERS, MAX_SEEN, ruled
from reports.html.sections import SECTIONS
from reports.i18n import Lang, text
from reports.record import RecordWriter, RunRecord
from reports.verdicts import SEVERITY, Verdict, conclude
from tests.reports.synthetic import HOSTILE, ambiguities, requirements, write_head, write_run
from tests.reports.timeline import Timeline
from tests.reports.unpacking import Page

OK = "\r\nOK\r\n"


def section(record: RunRecord, identifier: str) -> Markup:
    """The body of one section."""
    found = next(section for section in SECTIONS if section.id == identifier)
    return found.render(record, conclude(record, strict=False))


def seen(record: RunRecord, number: int = 0) -> list[str]:
    """What was seen of an ambiguity, in English and in Chinese."""
    entry = ruled(record, conclude(record, strict=False))[number]
    return [Page(f"<p>{item.what}</p>").text for item in entry.seen]


def finding(writer: RecordWriter, requirement: str, verdict: Verdict, observed: str, **fields: object) -> None:
    judged = {"title": "t", "expected": "e", "observed": observed, "evidence": [], "observation": None}
    writer.write("finding", requirement=requirement, verdict=verdict, **judged | fields)


@pytest.fixture
def hostile(tmp_path: Path) -> RunRecord:
    write_run(tmp_path / "record.jsonl")
    return RunRecord.load(tmp_path / "record.jsonl")


@pytest.mark.parametrize("identifier", ["latency", "time-budget", "ambiguities"])
def test_a_section_is_whole_in_both_languages_and_inert(hostile: RunRecord, identifier: str) -> None:
    body = section(hostile, identifier)
    page = Page(f"<div>{body}</div>")
    title = next(section.title for section in SECTIONS if section.id == identifier)
    for lang in Lang:
        assert text(lang, title) in Page(render_page(hostile, lang, strict=False)).text
    assert not {"script", "img", "iframe"} & set(page.tags)
    assert body.count('lang="en"') == body.count('lang="zh-CN"') > 0
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", body)


def test_each_command_has_a_chart_with_its_numbers_in_words(tmp_path: Path) -> None:
    timeline = Timeline()
    for number in range(1, 5):
        timeline.exchange(float(number), "AT+ALYDEVICENAME?", (number + number / 100, OK))
    body = section(timeline.exchange(9.0, "ATI", (9.5, OK)).load(tmp_path), "latency")
    assert "<title>AT+ALYDEVICENAME?: median 25.0 ms, p95 38.5 ms, longest 40.0 ms / " in body
    assert "中位数 25.0 ms，p95 38.5 ms，最长 40.0 ms</title>" in body
    for number in ("25.0 ms", "38.5 ms", "40.0 ms"):
        assert f"</small>{number}</td>" in body
    assert body.count("<svg") == 1 + 2
    assert body.count('role="img"') == body.count("<title>") == body.count("<svg")
    places = [float(place) for place in re.findall(r'\b(?:x|x1|x2|cx|width)="([\d.]+)%"', body) if place != "100"]
    assert all(0 <= place <= 100 for place in places)
    assert text(Lang.ZH, "latency-other") in body


def test_a_command_that_only_met_with_silence_is_named_without_a_chart(tmp_path: Path) -> None:
    body = section(Timeline().exchange(1.0, "AT", seconds=5.0, silent=True).load(tmp_path), "latency")
    assert text(Lang.EN, "latency-silent", count=1) in body
    assert body.count("<svg") == 1


def test_a_run_that_sent_nothing_has_no_latency(tmp_path: Path) -> None:
    assert section(Timeline().ended(1.0).load(tmp_path), "latency") == ""


def test_the_time_budget_shows_every_part_with_its_share(tmp_path: Path) -> None:
    body = section(Timeline().exchange(1.0, "AT", (4.0, OK)).ended(4.0).load(tmp_path), "time-budget")
    shown = Page(f"<div>{body}</div>").text
    for key in ("power", "line", "module", "network", "bench"):
        for lang in Lang:
            assert text(lang, f"budget.{key}") in shown
    assert body.count('<rect class="module"') == 2
    assert body.count('<rect class="power"') == 1, "a part of no length has its line in the legend only"
    assert ">75.0 %<" in body
    assert ">25.0 %<" in body
    assert "Module 3.00 s" in body
    assert "模组 3.00 s" in body


def test_a_hostile_name_of_a_command_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
    whole = path.read_text("utf-8").replace('"+ALYMQTTOPEN"', r'"+<img src=x onerror=alert(1)>\u202e"')
    path.write_text(whole, "utf-8")
    body = section(RunRecord.load(path), "latency")
    assert "<img" not in body
    assert "\u202e" not in body


def test_the_register_shows_each_ambiguity_its_ruling_and_the_verdicts_that_rest_on_it(hostile: RunRecord) -> None:
    body = section(hostile, "ambiguities")
    shown = Page(f"<table>{body}</table>")
    for entry in ambiguities():
        assert entry["id"] in shown.ids
        for words in (*entry["what"].values(), *entry["ruling"].values()):
            assert words in shown.text
        assert {f"#{identifier}" for identifier in entry["requirements"]} <= set(shown.links)
    verdicts = ruled(hostile, conclude(hostile, strict=False))[1].verdicts
    assert len(verdicts) > 3
    assert list(verdicts) == sorted(verdicts, key=SEVERITY.index)
    assert sum(map(len, verdicts.values())) == len(ambiguities()[1]["requirements"])


def test_links_of_the_register_lead_to_requirements(hostile: RunRecord) -> None:
    page = Page(render_page(hostile, Lang.EN, strict=False))
    assert {entry["id"] for entry in requirements()} <= set(page.ids)
    assert {entry["id"] for entry in ambiguities()} <= set(page.ids)


def test_what_was_recorded_is_said_once_for_all_that_it_was_recorded_of(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    first, second = ambiguities()[1]["requirements"][:2]
    with RecordWriter(path) as writer:
        write_head(writer)
        for requirement in (first, first, second):
            finding(writer, requirement, Verdict.PASS, "quoted=False", observation={"quoted": False})
        finding(writer, first, Verdict.PASS, "OK after 0.3 ms")
        finding(writer, second, Verdict.PASS, HOSTILE * 10, observation={"raw": HOSTILE})
    record = RunRecord.load(path)
    entry = ruled(record, conclude(record, strict=False))[1]
    assert entry.verdicts[Verdict.PASS] == (first, second)
    assert [(Page(f"<p>{item.what}</p>").text, item.requirements) for item in entry.seen[:1]] == [
        ("quoted=False", (first, second))
    ]
    assert "OK after" not in "".join(seen(record, 1))
    assert "…" in seen(record, 1)[1]
    assert "<img" not in entry.seen[1].what


def test_how_a_kept_requirement_was_refused_is_told(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        for final, silent in (("+CME ERROR: n (code 50)", False), ("OK", False), ("nothing", True)):
            sent = writer.write("serial", dir="tx", data="AT\r")
            fields = {"exchange": 1, "command": "AT", "silent": silent, "seconds": 0.1, "from": sent, "to": sent}
            seq = writer.write("exchange", final=final, **fields)
            finding(writer, "FMT-01", Verdict.PASS, "judged", evidence=[sent, seq])
        finding(writer, "FMT-01", Verdict.PASS, "judged", evidence=[10**9])
    assert seen(RunRecord.load(path)) == ["refused: +CME ERROR: n (code 50)拒绝：+CME ERROR: n (code 50)"]


def test_a_breach_says_what_came_and_an_untested_requirement_why(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        finding(writer, "FMT-01", Verdict.FAIL, "both OK and ERROR")
        writer.write("end", exit_status=1, verdict="FAIL")
    record = RunRecord.load(path)
    assert seen(record) == ["both OK and ERROR"]
    assert text(Lang.ZH, "reason.not-run") in "".join(seen(record, 1))


def test_a_long_list_of_what_was_seen_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        for number in range(MAX_SEEN + 3):
            finding(writer, "FMT-01", Verdict.OBSERVED, f"{number}" + "x" * MAX_CHARACTERS, observation=number)
    record = RunRecord.load(path)
    entry = ruled(record, conclude(record, strict=False))[0]
    assert (len(entry.seen), entry.more) == (MAX_SEEN, 3)
    assert all(len(item) == MAX_CHARACTERS + 1 for item in seen(record))
    assert text(Lang.EN, "observations-more", count=3) in section(record, "ambiguities")


def test_a_record_without_a_register_has_no_such_section(tmp_path: Path) -> None:
    assert section(Timeline().ended(1.0).load(tmp_path), "ambiguities") == ""
