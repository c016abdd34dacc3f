"""Pages about several runs, beside the report of one: the same style, and both languages at once.

Values from runs are hostile: whatever is put into a template is made inert and escaped, and the pages forbid the
browser to load anything.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from reports.html import STYLE
from reports.html.environment import environment_of
from reports.html.words import TAGS
from reports.i18n import Lang

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT = (_TEMPLATES / "language.js").read_text(encoding="utf-8")
"""Carries the chosen language from one page of a site to the next; without scripts each page begins anew."""


def render(template: str, lang: Lang, *, several: bool = False, **values: object) -> str:
    """A page, self-contained; ``lang`` is the language it shows at first, ``several`` that it belongs to others."""
    return _environment().get_template(template).render(tag=TAGS[lang], several=several, **values)


@cache
def _environment() -> Environment:
    environment = environment_of(_TEMPLATES)
    own = (_TEMPLATES / "pages.css").read_text(encoding="utf-8")
    environment.globals |= {
        "style": Markup(f"{STYLE}\n{own}"),
        "script": Markup(_SCRIPT),
        "script_hash": base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode(),
    }
    return environment
