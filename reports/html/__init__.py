"""The HTML of the reports: sections for the pytest-html page, and one page of its own for a rebuilt report."""

from __future__ import annotations

from reports.html.render import STYLE, anchor, chip, render_head, render_page, render_summary, render_test

__all__ = ["STYLE", "anchor", "chip", "render_head", "render_page", "render_summary", "render_test"]
