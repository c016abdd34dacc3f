"""The pages of `compare` and `site` as a browser shows them: both languages, on a desk and on a phone, inert."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.__main__ import main
from tests.reports.stored_runs import entry, latency, store, summary

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE, DESK = 390, 1280
HOSTILE = '"><script>window.hacked=1</script><img src=x onerror="window.hacked=1">\u202e'


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A comparison and a site of hostile modules."""
    runs = tmp_path_factory.mktemp("runs")
    hostile = {"model": HOSTILE, "revision": HOSTILE, "serial_number": HOSTILE}
    old = store(runs / "old", summary({"PU-01": "FAIL"}))
    changed = entry("FMT-04", "OBSERVED", observations=[{"space_after_colon": True, HOSTILE: HOSTILE}])
    fields = {"module": hostile, "rig": HOSTILE, "latency": {**latency(3), HOSTILE: latency(1)["AT+ALYMQTTPUB="]}}
    verdicts = {"ID-03": "FAIL", "ID-01": "BENCH ERROR", "FMT-04": changed}
    new = store(runs / "new", summary(verdicts, started="2026-11-21T08:00:00.000000Z", **fields))
    store(runs / "broken", summary(schema=HOSTILE))
    assert main(["compare", str(old), str(new), "--html", str(runs / "compare.html")]) == 1
    assert main(["site", str(runs)]) == 0
    return {"compare": runs / "compare.html", "site": runs / "site" / "index.html"}


@pytest.fixture(params=["compare", "site"])
def file(request: pytest.FixtureRequest, pages: dict[str, Path]) -> Path:
    return pages[request.param]


@pytest.fixture(params=[PHONE, DESK])
def page(browser: Browser, file: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 800}, java_script_enabled=False)
    context.set_default_timeout(10_000)
    shown = context.new_page()
    shown.goto(file.as_uri())
    yield shown
    context.close()


def test_the_language_is_chosen_without_scripts(page: Page) -> None:
    heading = page.locator("h2").first
    assert heading.inner_text().isascii()
    page.check("#ml302-zh")
    assert not heading.inner_text().isascii()
    page.check("#ml302-en")
    assert heading.inner_text().isascii()


def test_the_language_is_chosen_by_keyboard(page: Page) -> None:
    page.focus("#ml302-en")
    page.keyboard.press("ArrowUp")
    assert page.is_checked("#ml302-zh")


def test_nothing_sticks_out_sideways(page: Page) -> None:
    size = page.viewport_size
    assert size is not None
    for selector in ("main", ".banner", ".changes", ".scroll"):
        for element in page.locator(selector).all():
            box = element.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= size["width"] + 1, selector


def test_hostile_texts_do_nothing(browser: Browser, file: Path) -> None:
    shown = browser.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    shown.on("request", lambda request: requests.append(request.url))
    shown.on("console", lambda message: complaints.append(message.text))
    shown.goto(file.as_uri())
    assert shown.evaluate("window.hacked") is None
    assert shown.locator("img").count() == 0
    assert requests == [file.as_uri()]
    assert not complaints
    shown.close()


def test_it_prints(browser: Browser, file: Path) -> None:
    shown = browser.new_page()
    shown.goto(file.as_uri())
    assert shown.pdf(format="A4").startswith(b"%PDF")
    shown.close()


def test_the_next_page_of_a_site_keeps_the_language(browser: Browser, pages: dict[str, Path]) -> None:
    shown = browser.new_page()
    shown.goto(pages["site"].as_uri())
    shown.check("#ml302-zh")
    shown.click("a.page >> nth=0")
    shown.wait_for_url("**/rig-*.html#zh")
    assert shown.is_checked("#ml302-zh")
    shown.close()


def test_a_cell_leads_to_the_report(browser: Browser, pages: dict[str, Path]) -> None:
    shown = browser.new_page()
    shown.goto(pages["site"].as_uri())
    shown.click("td.cell a >> nth=0")
    shown.wait_for_url("**/report.html#*")
    assert shown.title() == "report"
    shown.close()
