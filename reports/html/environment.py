"""The templates' environment. Bytes of the module are hostile: every value is made inert and escaped."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.html import views, words
from reports.html.details import chip_node, css_class
from reports.html.tree import to_html
from reports.inert import inert
from reports.verdicts import Verdict

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> Markup:
    """A template as a fragment in both languages; blank when it has nothing to say."""
    return Markup(_environment().get_template(template).render(**values).strip())


def chip(verdict: Verdict) -> Markup:
    """A verdict as the tables show it; to stand inside an element of class ``ml302``."""
    return to_html([chip_node(verdict)])


def anchor(nodeid: str) -> str:
    """The id under which a report shows a test."""
    return f"test-{hashlib.sha256(nodeid.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def environment_of(templates: Path) -> Environment:
    """An environment for the templates of a folder, in which every value is made inert and escaped."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert_by_default,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"t": words.word, "both": words.both, "chip": chip}
    return environment


@cache
def _environment() -> Environment:
    environment = environment_of(TEMPLATES)
    environment.globals |= {"why": views.why, "cut_short": views.cut_short}
    environment.filters |= {
        "shown": lambda value: to_html(words.shown(value)),
        "shown_bytes": lambda data: to_html(words.shown_bytes(data)),
        "html": to_html,
        "anchor": anchor,
        "css": css_class,
    }
    return environment


def _inert_by_default(value: object) -> object:
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value
