"""The HTML sections: every fact is there, in both languages, and hostile bytes are nothing but text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.criteria import Lack
from reports.html import STYLE, anchor, render_page, render_summary, render_test
from reports.html.transcript import MAX_ROWS, Gap, Row, transcript
from reports.html.views import concerns
from reports.i18n import Lang, keys, meaning, text
from reports.pics import CLAIMS, ClaimVerdict
from reports.record import RecordWriter, RunRecord
from reports.verdicts import Level, Reason, Verdict, conclude
from reports.waivers import WaiverStatus
from tests.reports.synthetic import HOSTILE, nodeid, requirements, write_head, write_run, write_test

LANGS = tuple(Lang)
SOURCES = Path(__file__).resolve().parents[2] / "reports"


class _Page(HTMLParser):
    """Collects elements, ids, links and text, and insists that elements are closed in order."""

    VOID = frozenset({"meta", "br", "img", "link", "hr"})

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"a handler: {name}"
            if name == "id":
                self.ids.append(str(value))
            if name == "href":
                self.links.append(str(value))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


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
    return transcript(record, nodeid("ID-01"), record.findings_of(nodeid("ID-01")))


@pytest.mark.parametrize("lang", LANGS)
def test_the_summary_tells_everything(record: RunRecord, lang: Lang) -> None:
    page = _Page(render_summary(record, lang, strict=False))
    for fact in ("FAIL", "lab-07", "ML302_V1.0.7<script>", "861234567890123", "0.1.0", "412282b0c0ff", "full"):
        assert fact in page.text
    for entry in requirements():
        assert entry["id"] in page.ids
    assert requirements()[0][lang] in page.text
    assert meaning(lang, Verdict.FAIL) in page.text
    assert text(lang, "reason.no-test") in page.text
    assert "check its supply" in page.text


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_bytes_are_text(record: RunRecord, lang: Lang) -> None:
    markup = render_page(record, lang, strict=False)
    page = _Page(markup)
    assert not {"script", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", markup)
    assert "<script>window.hacked = 1</script>" in page.text
    assert "\\x1b[31m" in page.text
    assert "\\u202e{{ 7 * 7 }}\\xff" in page.text
    assert "49" not in page.text.partition("{{ 7 * 7 }}")[2][:10]
    assert "Undefined" not in markup


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_needs_nothing_else_and_its_links_lead_somewhere(record: RunRecord, lang: Lang) -> None:
    page = _Page(render_page(record, lang, strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert not re.search(r"url\(|@import|https?:", STYLE)


def test_strict_shows_a_deviation_as_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        write_test(writer, "ID-01", Verdict.DEVIATION)
        writer.write("end", exit_status=0, verdict="DEVIATION")
    record = RunRecord.load(path)
    assert 'banner deviation"' in render_summary(record, Lang.EN, strict=False)
    assert 'banner fail"' in render_summary(record, Lang.EN, strict=True)


@pytest.mark.parametrize("lang", LANGS)
def test_a_dead_run_says_so(tmp_path: Path, lang: Lang) -> None:
    write_run(tmp_path / "record.jsonl", footer=False)
    record = RunRecord.load(tmp_path / "record.jsonl")
    assert text(lang, "died") in render_summary(record, lang, strict=False)


@pytest.mark.parametrize("lang", LANGS)
def test_a_broken_bench_is_told_once_and_after_the_module(tmp_path: Path, lang: Lang) -> None:
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
    assert "ID-01 ID-02 ID-03" in render_summary(RunRecord.load(path), lang, strict=False)


@pytest.mark.parametrize("lang", LANGS)
def test_a_pass_of_few_requirements_does_not_look_like_one_of_all(tmp_path: Path, lang: Lang) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        write_head(writer)
        write_test(writer, "ID-01", Verdict.PASS)
        writer.write("end", exit_status=0, verdict="PASS")
    banner = render_summary(RunRecord.load(path), lang, strict=False).partition("</section>")[0]
    assert "99 NOT TESTED · 1 PASS" in _Page(f"{banner}</section></div>").text


@pytest.mark.parametrize("lang", LANGS)
def test_a_run_without_anything_still_has_a_report(tmp_path: Path, lang: Lang) -> None:
    path = tmp_path / "record.jsonl"
    with RecordWriter(path) as writer:
        writer.write("run", schema=1)
    page = _Page(render_page(RunRecord.load(path), lang, strict=False))
    assert "BENCH ERROR" in page.text


@pytest.mark.parametrize("lang", LANGS)
def test_a_test_shows_findings_and_transcript(record: RunRecord, lang: Lang) -> None:
    page = _Page(render_test(record, nodeid("ID-03"), lang))
    assert 'AT+ALYMQTTPUB=/pk/dn/user/get,0,"{\\"a\\":1}"\\r' in page.text
    assert "+ALYDEVICENAME: 测试\\x1b[31m" in page.text
    assert "PUBLISH" in page.text
    assert "40020007" in page.text
    assert "withhold PUBACK" in page.text
    assert text(lang, "lane.up") in page.text
    assert text(lang, "expected") in page.text
    sent, received = record.findings_of(nodeid("ID-03"))[0].evidence
    # What was received came in two pieces that share the first one's row.
    assert {f"#e{sent}", f"#e{received - 1}"} <= set(page.links) & {f"#{name}" for name in page.ids}


def test_an_unknown_test_is_a_key_error(record: RunRecord) -> None:
    with pytest.raises(KeyError):
        render_test(record, "nowhere.py::test_nothing", Lang.EN)


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
    assert text(Lang.EN, "silence") in render_test(record, silent.test, Lang.EN)


def test_a_long_transcript_is_cut_but_for_the_evidence(tmp_path: Path) -> None:
    record = _one_test(tmp_path, MAX_ROWS * 3, cited=MAX_ROWS)
    rows = _rows(record)
    shown = {seq for row in rows if isinstance(row, Row) for seq in row.seqs}
    left_out = sum(row.count for row in rows if isinstance(row, Gap))
    assert len(rows) <= MAX_ROWS + 4
    assert left_out + len(shown) == MAX_ROWS * 3 + 1
    assert set(record.findings_of(nodeid("ID-01"))[0].evidence) <= shown
    assert "left out" in render_test(record, nodeid("ID-01"), Lang.EN)


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
    section = render_test(RunRecord.load(path), test, Lang.EN)
    assert "number 700" in section
    assert "number 699" not in section
    assert text(Lang.EN, "findings-more", count=989) in section


def test_anchors_are_stable_and_safe() -> None:
    assert anchor("a::b") == anchor("a::b") != anchor("a::c")
    assert re.fullmatch(r"test-[0-9a-f]+", anchor("<script>\ud800"))


def test_every_word_exists_in_both_languages_and_is_used() -> None:
    computed = {f"verdict.{verdict}" for verdict in Verdict} | {f"level.{level}" for level in Level}
    computed |= {f"reason.{reason}" for reason in Reason if reason is not Reason.FINDING}
    computed |= {key for key in keys() if key.startswith("lane.")} | {"verdict.partial"}
    computed |= {"verdict.declared", "waiver.beside"}
    computed |= {f"claim.{claim.text}" for claim in CLAIMS} | {"claim.module", "claim.firmware"}
    computed |= {f"claim-verdict.{verdict}" for verdict in ClaimVerdict}
    computed |= {f"waiver.{status}" for status in WaiverStatus} | {f"missing.{lack}" for lack in Lack}
    assert computed <= keys()
    fixtures = [SOURCES.parent / "fixtures" / name for name in ("reporting.py", "certification.py")]
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (*SOURCES.rglob("*.jinja"), *SOURCES.rglob("*.py"), *fixtures)
        if path.name != "i18n.py"
    )
    unused = {key for key in keys() - computed if not re.search(rf"[\"']{re.escape(key)}[\"']", sources)}
    assert not unused
    for key in keys():
        english, chinese = text(Lang.EN, key), text(Lang.ZH, key)
        assert english
        assert chinese
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese))
