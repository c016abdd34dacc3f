"""Every word of the reports, in English and Chinese; the catalogue brings the requirements' own texts."""

from __future__ import annotations

from reports.texts.declared import DECLARED
from reports.texts.framing import FRAMING
from reports.texts.gateway import GATEWAY
from reports.texts.judged import JUDGED
from reports.texts.pages import PAGES
from reports.texts.rejudge import REJUDGE
from reports.texts.report import REPORT
from reports.texts.show import SHOW
from reports.texts.sights import SIGHTS
from reports.texts.terminal import TERMINAL
from reports.texts.text import Text
from reports.texts.timing import TIMING

TEXTS: dict[str, Text] = (
    REPORT | JUDGED | SIGHTS | FRAMING | GATEWAY | SHOW | TIMING | TERMINAL | PAGES | DECLARED | REJUDGE
)
