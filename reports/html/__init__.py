"""The HTML of the reports: a page of its own, or the body of the one that pytest-html writes."""

from __future__ import annotations

from reports.html.environment import anchor, chip
from reports.html.render import STYLE, render_body, render_head, render_page

__all__ = ["STYLE", "anchor", "chip", "render_body", "render_head", "render_page"]
