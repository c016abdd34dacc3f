"""The pages as a browser shows them: readable on a phone, inert, and the verdict needs no script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.html import render_page
from reports.i18n import Lang
from reports.record import RunRecord
from tests.reports.synthetic import write_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
PHONE, DESK = 390, 1280


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module", params=list(Lang))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rebuilt report of a hostile module, in each language."""
    run_dir = tmp_path_factory.mktemp("run")
    write_run(run_dir / "record.jsonl")
    path = run_dir / "report.html"
    path.write_text(render_page(RunRecord.load(run_dir / "record.jsonl"), request.param, strict=False), "utf-8")
    return path


@pytest.fixture(params=[PHONE, DESK])
def page(browser: Browser, report: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 800}, java_script_enabled=False)
    context.set_default_timeout(10_000)
    shown = context.new_page()
    shown.goto(report.as_uri())
    yield shown
    context.close()


def test_the_verdict_is_the_first_thing_seen_without_scripts(page: Page) -> None:
    verdict = page.locator(".banner .verdict strong")
    assert verdict.inner_text() == "FAIL"
    box = verdict.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 400


def test_nothing_sticks_out_sideways(page: Page) -> None:
    size = page.viewport_size
    body = page.locator("body").bounding_box()
    assert size is not None
    assert body is not None
    assert body["width"] <= size["width"]
    for selector in (".requirements", ".counts", ".facts", ".concerns"):
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= size["width"]


def test_scripts_of_the_module_do_not_run(browser: Browser, report: Path) -> None:
    shown = browser.new_page()
    requests: list[str] = []
    shown.on("request", lambda request: requests.append(request.url))
    shown.goto(report.as_uri())
    assert shown.evaluate("window.hacked") is None
    assert requests == [report.as_uri()]
    shown.close()


def test_a_link_opens_its_test(page: Page) -> None:
    link = page.locator(".concerns .nodeid a").first
    target = link.get_attribute("href")
    link.click()
    assert page.locator(f"{target} .transcript").is_visible()


def test_it_prints(browser: Browser, report: Path) -> None:
    shown = browser.new_page()
    shown.goto(report.as_uri())
    assert shown.pdf(format="A4").startswith(b"%PDF")
    shown.close()
