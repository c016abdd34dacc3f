"""How large the report of many tests is, and how long a browser takes to open it.

``python benchmarks/report.py [TESTS]``: the report beside its record (ratio of the sizes), and the time from navigating
to the page's load event beside that of an empty page in the same browser, as the median of some rounds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reports.html import render_page
from reports.i18n import Lang
from reports.record import RunRecord
from tests.reports.synthetic import write_many

CHROMIUM = "/usr/bin/chromium"
ROUNDS = 7


def main(tests: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        record_path, report, empty = (Path(folder, name) for name in ("record.jsonl", "report.html", "empty.html"))
        write_many(record_path, tests)
        started = time.monotonic()
        record = RunRecord.load(record_path)
        read = time.monotonic() - started
        started = time.monotonic()
        report.write_text(render_page(record, Lang.EN, strict=False), "utf-8")
        rendered = time.monotonic() - started
        empty.write_text("<!DOCTYPE html><title>empty</title>", "utf-8")
        size, whole = report.stat().st_size, record_path.stat().st_size
        print(f"{tests} tests: record {whole / 1e6:.1f} MB, report {size / 1e6:.2f} MB, ratio {size / whole:.3f}")
        print(f"record read in {read:.2f} s, report rendered in {rendered:.2f} s")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            floor = statistics.median(opening(page, empty) for _ in range(ROUNDS))
            opened = statistics.median(opening(page, report) for _ in range(ROUNDS))
            details = unfolding(page)
            browser.close()
        print(f"opened in {opened:.3f} s; an empty page in {floor:.3f} s, ratio {opened / floor:.1f}")
        print(f"the last test's details unfolded in {details:.3f} s")


def opening(page: Page, path: Path) -> float:
    """Seconds until the page is loaded and drawn once."""
    started = time.monotonic()
    page.goto(path.as_uri())
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return time.monotonic() - started


def unfolding(page: Page) -> float:
    """Seconds from opening a packed test to its transcript."""
    started = time.monotonic()
    last = page.locator("details.test").last
    last.locator("> summary").click()
    last.locator(".transcript").wait_for()
    return time.monotonic() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
