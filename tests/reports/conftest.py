"""A browser for the tests of pages, and a run directory for those of evidence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.html import render_page
from reports.i18n import Lang
from reports.record import RunRecord
from tests.reports.evidence import write_evidence
from tests.reports.synthetic import RESULTS, write_many

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def large_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of `RESULTS` tests; it takes long, so what asks for it is in the xdist group "large-report"."""
    folder = tmp_path_factory.mktemp("large")
    write_many(folder / "record.jsonl", RESULTS)
    path = folder / "report.html"
    path.write_text(render_page(RunRecord.load(folder / "record.jsonl"), Lang.EN, strict=False), "utf-8")
    return path


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_evidence(tmp_path_factory.mktemp("evidence") / "run")


@pytest.fixture
def run_dir(evidence: Path, tmp_path: Path) -> Path:
    """A run directory of one's own."""
    return Path(shutil.copytree(evidence, tmp_path / "run"))
