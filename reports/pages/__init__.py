"""Pages in both languages at once: the reader chooses with two radio buttons, and no script is needed.

Values from runs are hostile: whatever is put into a template is made inert and escaped, and the pages forbid the
browser to load anything.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.html import STYLE, chip
from reports.i18n import Lang, text
from reports.inert import inert

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT = (_TEMPLATES / "language.js").read_text(encoding="utf-8")
"""Carries the chosen language from one page of a site to the next; without scripts each page begins anew."""
_HTML_LANG = {Lang.EN: "en", Lang.ZH: "zh-CN"}


def render(template: str, lang: Lang, **values: object) -> str:
    """A page, self-contained; ``lang`` is the language it shows at first."""
    return _environment().get_template(template).render(lang=lang, **values)


def both(key: str, **values: object) -> Markup:
    """A text in both languages, of which the page shows one."""
    return in_both(text(Lang.EN, key, **values), text(Lang.ZH, key, **values))


def in_both(en: str, zh: str) -> Markup:
    """The same for a text that is known in both languages already."""
    if en == zh:
        return Markup("{}").format(inert(en))
    return Markup('<span lang="en">{}</span><span lang="zh-CN">{}</span>').format(inert(en), inert(zh))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert_by_default,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own = (_TEMPLATES / "pages.css").read_text(encoding="utf-8")
    environment.globals.update(
        style=Markup(f"{STYLE}\n{own}"),
        script=Markup(_SCRIPT),
        script_hash=base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode(),
        t=both,
        words=in_both,
        chip=chip,
        languages=_HTML_LANG,
        Lang=Lang,
    )
    return environment


def _inert_by_default(value: object) -> object:
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value
