"""The report as a browser shows it: in both languages, on a phone and on paper, inert, the verdict without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reports.html import render_page
from reports.html.details import css_class
from reports.i18n import Lang, text
from reports.record import RecordWriter, RunRecord
from reports.verdicts import SEVERITY, Verdict
from tests.reports.staged_run import staged_run
from tests.reports.synthetic import HOSTILE_TEXT, PER_SECTION, RESULTS, write_head, write_run, write_test

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytest_plugins = ["pytester"]

PHONE, DESK = 390, 1280
PAPER = 703
"""Width of the text on A4 between the margins of the style sheet, in CSS pixels."""

Opener = Callable[..., "Page"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rebuilt report of a hostile module."""
    run_dir = tmp_path_factory.mktemp("run")
    write_run(run_dir / "record.jsonl")
    path = run_dir / "report.html"
    path.write_text(render_page(RunRecord.load(run_dir / "record.jsonl"), Lang.EN, strict=False), "utf-8")
    return path


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run with claims, waivers and no certificate, in hostile words."""
    run_dir = tmp_path_factory.mktemp("declared")
    terms = {
        "firmware": "*",
        "reason": HOSTILE_TEXT,
        "ticket": "T" * 40,
        "owner": HOSTILE_TEXT,
        "expires": "2099-01-01",
    }
    with RecordWriter(run_dir / "record.jsonl") as writer:
        write_head(writer, certify=True)
        claims = {"lowest_tls_version": HOSTILE_TEXT, "largest_publish_payload": 10**9}
        fields = {"vendor": HOSTILE_TEXT, "module": "X" * 60, "firmware": None, "claims": claims}
        writer.write("pics", file="p.toml", sha256="0" * 64, **fields)
        waivers = [{"requirement": identifier, **terms} for identifier in ("ID-01", "ID-02")]
        writer.write("waivers", file="w.toml", sha256="0" * 64, waivers=waivers)
        write_test(writer, "ID-01", Verdict.FAIL)
        write_test(writer, "ID-02", Verdict.PASS)
        writer.write("end", exit_status=6, verdict="FAIL")
    path = run_dir / "report.html"
    path.write_text(render_page(RunRecord.load(run_dir / "record.jsonl"), Lang.EN, strict=False), "utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Opener]:
    """Opens a report, by default the hostile one on a desk; whatever the page's script complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(path: Path = report, width: int = DESK, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


def _bottom(place: Locator) -> float:
    box = place.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def _speak(page: Page, lang: Lang) -> None:
    page.locator(f"#ml302-{lang}").check()


def _shown(page: Page, list_id: str) -> int:
    return page.locator(f"#{list_id} .item:visible").count()


@pytest.mark.parametrize("lang", list(Lang))
def test_what_qa_needs_is_seen_without_scrolling_and_without_scripts(opened: Opener, lang: Lang) -> None:
    page = opened(java_script_enabled=False)
    _speak(page, lang)
    assert page.locator(".banner .verdict strong").inner_text() == "FAIL"
    facts = page.locator(".facts").first
    for key in ("revision", "rig", "started", "duration"):
        assert text(lang, key) in facts.inner_text()
    for place in (facts, page.locator(".counts"), page.locator(".concerns li").last):
        assert _bottom(place) <= 800


def test_the_language_is_switched_in_the_file_and_without_scripts(opened: Opener) -> None:
    page = opened(java_script_enabled=False)
    heading, requirement = page.locator("#requirements h2"), page.locator("#FMT-01 .what")
    assert heading.inner_text() == text(Lang.EN, "requirements")
    assert requirement.inner_text().startswith("A set is answered")
    page.locator("#ml302-en").focus()
    page.keyboard.press("ArrowUp")
    assert heading.inner_text() == text(Lang.ZH, "requirements")
    assert requirement.inner_text().startswith("设置返回")


def test_scripts_tell_the_language_to_who_reads_aloud(opened: Opener) -> None:
    page = opened()
    assert page.evaluate("document.documentElement.lang") == "en"
    _speak(page, Lang.ZH)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_findings_are_readable_without_scripts(opened: Opener) -> None:
    page = opened(java_script_enabled=False)
    finding = page.locator("article.finding").first
    assert "+ALYDEVICENAME:<value>, then OK" in finding.inner_text()
    escaped, hexadecimal = finding.locator(".bytes tbody tr").last.locator("td").all()[1:]
    assert "\\x1b[31m" in escaped.inner_text()
    assert "1b\n5b 33 31 6d" in hexadecimal.inner_text() or "1b 5b 33 31 6d" in hexadecimal.inner_text()
    left, right = escaped.bounding_box(), hexadecimal.bounding_box()
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert page.locator("noscript").inner_text()


def test_requirements_are_filtered_by_verdict_level_and_text(opened: Opener) -> None:
    page = opened()
    sieve = page.locator("form.sieve[data-for=matrix]")
    announced = sieve.locator("output")
    everything = _shown(page, "matrix")
    assert everything == 5 * PER_SECTION
    sieve.locator("input[value=pass]").uncheck()
    without_pass = _shown(page, "matrix")
    assert 0 < without_pass < everything
    assert page.locator("#matrix .item[data-verdict=pass]:visible").count() == 0
    assert announced.inner_text() == f"{without_pass} of {everything} shown"
    sieve.locator("input[value=O]").uncheck()
    assert page.locator("#matrix .item[data-level=O]:visible").count() == 0
    sieve.locator("input[type=search]").fill("cc- 第")
    assert {row.split()[0].partition("-")[0] for row in page.locator("#matrix .item:visible").all_inner_texts()} == {
        "CC"
    }
    assert page.locator("#matrix .section:visible").count() == 1
    assert announced.get_attribute("aria-live") or announced.evaluate("place => place.tagName") == "OUTPUT"


def test_the_filters_work_from_the_keyboard(opened: Opener) -> None:
    page = opened()
    page.locator("form.sieve[data-for=matrix] input").first.focus()
    page.keyboard.press("Space")
    assert page.locator("#matrix .item[data-verdict=fail]:visible").count() == 0
    page.locator("form.sieve[data-for=matrix] input[type=search]").focus()
    page.keyboard.type("PU-03")
    page.keyboard.press("Enter")
    assert _shown(page, "matrix") == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#PU-03 details[open]").count() == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_one_click_leaves_only_problems_and_another_brings_all_back(opened: Opener, scripts: bool) -> None:
    page = opened(java_script_enabled=scripts)
    settled = [f".item[data-verdict={verdict}]" for verdict in ("pass", "observed", "not-tested")]
    everything, tests = _shown(page, "matrix"), _shown(page, "test-list")
    good = page.locator("#matrix").locator(", ".join(settled)).count()
    page.locator("#ml302-problems").focus()
    page.keyboard.press("Space")
    assert page.locator(", ".join(settled)).locator("visible=true").count() == 0
    assert 0 < _shown(page, "matrix") == everything - good
    assert 0 < _shown(page, "test-list") < tests
    assert page.locator(".only-told").is_visible()
    assert page.locator("#findings").is_visible()
    for gone in ("observations", "bounds", "incidents", "bench"):
        assert not page.locator(f"#{gone}").is_visible()
        assert not page.locator(f"nav a[href='#{gone}']").is_visible()
    assert page.locator("#matrix .group:visible").count() > 0
    if scripts:
        shown = page.locator("form.sieve[data-for=matrix] output").inner_text()
        assert shown == f"{everything - good} of {everything} shown"
    page.keyboard.press("Space")
    assert _shown(page, "matrix") == everything


def test_a_link_to_what_is_no_problem_shows_it(opened: Opener) -> None:
    page = opened()
    good = page.locator("#matrix .item[data-verdict=pass]").first.get_attribute("id")
    page.locator("#ml302-problems").check()
    page.evaluate("name => { location.hash = name }", good)
    page.locator(f"#{good}").wait_for()
    assert not page.locator("#ml302-problems").is_checked()


def test_failures_stand_before_what_is_good_without_scripts(opened: Opener) -> None:
    page = opened(java_script_enabled=False)
    sections = page.locator(".report > section[id]").evaluate_all("all => all.map(section => section.id)")
    assert sections.index("findings") < sections.index("requirements")
    listed = page.locator("#test-list .item").evaluate_all("all => all.map(item => item.dataset.verdict)")
    assert listed == sorted(listed, key=[css_class(verdict) for verdict in SEVERITY].index)
    assert listed[0] == "fail"
    chips = page.locator("#findings article > h3 .chip").all_inner_texts()
    assert chips[0] == "FAIL"
    assert "PASS" not in chips


def test_a_link_shows_a_test_that_is_filtered_out_and_packed(opened: Opener) -> None:
    page = opened()
    page.locator("form.sieve[data-for=test-list] input[value=pass]").uncheck()
    row = page.locator("#matrix .item[data-verdict=pass]").first
    row.locator("summary").click()
    link = row.locator("a").first
    target = link.get_attribute("href")
    link.click()
    page.locator(f"{target} .transcript").wait_for()
    assert page.locator(f"{target}").is_visible()


def test_a_link_opens_its_test_without_scripts(opened: Opener) -> None:
    page = opened(java_script_enabled=False)
    link = page.locator("article.finding a.nodeid").last
    target = link.get_attribute("href")
    link.click()
    assert page.locator(f"{target}").is_visible()


def test_lanes_stand_side_by_side_and_can_be_hidden(opened: Opener) -> None:
    page = opened(java_script_enabled=False)
    lanes = page.locator(".lanes").first
    serial, mqtt = lanes.locator("tr.serial td:nth-child(2)").first, lanes.locator("tr.mqtt td:nth-child(3)").first
    left, right = serial.bounding_box(), mqtt.bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"]
    lanes.locator("input.serial").uncheck()
    assert lanes.locator("tr.serial:visible").count() == 0
    assert lanes.locator("tr.mqtt:visible").count() > 0


def test_evidence_leads_to_its_row_of_the_transcript(opened: Opener) -> None:
    page = opened()
    packed = page.locator("details.test:has([data-packed])").last
    packed.locator("> summary").click()
    link = page.locator("details.test").last.locator(".bytes a").first
    target = link.get_attribute("href")
    link.click()
    assert page.locator(f"tr{target}").evaluate("row => row.matches(':target')")


def test_nothing_of_the_module_acts(opened: Opener) -> None:
    page = opened()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.reload()
    page.evaluate("for (const test of document.querySelectorAll('details')) test.open = true")
    page.wait_for_function("!document.querySelector('[data-packed]')")
    page.locator("details.test").last.locator(".transcript").wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, .report img, .report iframe, .report [onerror]").count() == 0
    assert page.locator(".report script").count() == page.locator(".report script.packed").count() + 1
    assert {url.partition("#")[0] for url in requests} == {page.url.partition("#")[0]}
    dangerous = r"/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/"
    assert not page.evaluate(f"{dangerous}.test(document.body.textContent)")
    assert "\\u202e{{ 7 * 7 }}\\xff" in (page.locator("details.test").last.text_content() or "")


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_nothing_sticks_out_sideways(opened: Opener, width: int, lang: Lang) -> None:
    page = opened(width=width)
    _speak(page, lang)
    page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert _too_wide(page, width) == []


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("width", [PHONE, PAPER, DESK])
def test_declarations_do_not_stick_out_sideways(opened: Opener, declared: Path, width: int, lang: Lang) -> None:
    page = opened(declared, width=width)
    _speak(page, lang)
    assert page.locator("#pics tbody tr").count() > 20
    assert page.locator("#waivers tbody tr").count() == 2
    assert page.locator("#certification tbody tr").count() > 2
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert _too_wide(page, width) == []


@pytest.mark.parametrize("lang", list(Lang))
def test_nothing_is_cut_off_on_paper(opened: Opener, lang: Lang) -> None:
    page = opened(width=PAPER)
    _speak(page, lang)
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") > 3
    page.emulate_media(media="print")
    assert _too_wide(page, PAPER) == []
    assert not page.locator(".sieve, nav, .language").locator("visible=true").count()
    assert page.locator(".review").is_visible()


def _printed(page: Page, path: Path, target: str) -> int:
    """How many sheets of A4 come of a report that was opened by this link."""
    page.goto(f"{path.as_uri()}#{target}")
    printed: bytes = page.pdf(format="A4", prefer_css_page_size=True)
    return printed.count(b"/Type /Page\n")


@pytest.mark.parametrize("lang", list(Lang))
def test_the_page_to_sign_is_printed_alone_and_fits_two_sheets(
    opened: Opener, report: Path, declared: Path, lang: Lang
) -> None:
    for path in (report, declared):
        page = opened(path, width=PAPER, java_script_enabled=False)
        _speak(page, lang)
        assert _printed(page, path, "sign-off") <= 2
        page.emulate_media(media="print")
        assert page.locator(".report > :visible").evaluate_all("all => all.map(one => one.id)") == ["sign-off"]
        assert _too_wide(page, PAPER) == []


def test_whoever_prints_the_whole_report_gets_the_page_to_sign_too(opened: Opener, report: Path) -> None:
    page = opened(width=PAPER)
    page.emulate_media(media="print")
    assert page.locator("#sign-off").is_visible()
    assert page.locator("#requirements").is_visible()
    assert _printed(page, report, "report") > 3


def _too_wide(page: Page, width: int) -> list[str]:
    """The elements that reach beyond the page."""
    sticking: list[str] = page.evaluate(
        """(width) => [...document.querySelectorAll(".ml302 *")]
            .filter((element) => element.getBoundingClientRect().right > width + 1)
            .map((element) => element.outerHTML.slice(0, 100))""",
        width,
    )
    return sticking


@pytest.mark.xdist_group("large-report")
def test_two_thousand_results_open_and_unfold(opened: Opener, large_report: Path) -> None:
    page = opened(large_report)
    assert page.locator("details.test").count() == RESULTS
    last = page.locator("details.test").last
    last.locator("> summary").click()
    last.locator(".transcript tr.mqtt").first.wait_for()
    sieve = page.locator("form.sieve[data-for=test-list]")
    sieve.locator("input[type=search]").fill("[1234]")
    assert sieve.locator("output").inner_text() == f"1 of {RESULTS} shown"


def test_the_page_of_pytest_html_shows_the_same(
    opened: Opener, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(test_malformed="raise RuntimeError('<img src=x onerror=window.hacked=1>')")
    staged_run(pytester, monkeypatch, "zh", "", "--continue-on-collection-errors")
    page = opened(pytester.path / "run" / "report.html", width=PHONE)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.locator(".banner .verdict").inner_text().startswith("FAIL")
    assert page.locator("#title, #environment, .controls, p.filter").locator("visible=true").count() == 0
    test = page.locator("details.test", has_text="test_passes")
    test.locator("> summary").click()
    test.locator(".transcript").wait_for()
    assert "test_malformed.py" in page.locator("#results-table").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
