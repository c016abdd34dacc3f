"""Every text of the reports: there in both languages, with the same fields, and used."""

from __future__ import annotations

import re
from pathlib import Path

from reports.criteria import Lack
from reports.events import About
from reports.i18n import Lang, keys, text
from reports.pics import CLAIMS, ClaimVerdict
from reports.rejudge.causes import CauseKind
from reports.verdicts import Level, Reason, Verdict
from reports.waivers import WaiverStatus
from reports.why import Why

SOURCES = Path(__file__).resolve().parents[2] / "reports"


def test_every_word_exists_in_both_languages_and_is_used() -> None:
    computed = {f"verdict.{verdict}" for verdict in Verdict} | {f"level.{level}" for level in Level}
    computed |= {f"reason.{reason}" for reason in Reason if reason is not Reason.FINDING}
    prefixes = (
        *("lane.", "column.", "event.", "field.", "value.", "fault.", "decision."),
        *("budget.", "budget-holds.", "unit.", "effort.", "cut."),
        *("compare.part.", "compare.unanswered.", "compare.fact."),
    )
    computed |= {f"about.{about}" for about in About} | {"announced.beside"}
    computed |= {key for key in keys() if key.startswith(prefixes)} | {
        "verdict.partial",
        "verdict.announced",
        "verdict.declared",
        "waiver.beside",
    }
    computed |= {f"claim.{claim.text}" for claim in CLAIMS} | {"claim.module", "claim.firmware"}
    computed |= {f"claim-verdict.{verdict}" for verdict in ClaimVerdict}
    computed |= {f"waiver.{status}" for status in WaiverStatus} | {f"missing.{lack}" for lack in Lack}
    computed |= {f"why.{why}" for why in Why}
    computed |= {f"rejudge.{kind}" for kind in (*CauseKind, "waiver", "claim")}
    assert computed <= keys()
    fixtures = (SOURCES.parent / "fixtures").glob("*.py")
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (*SOURCES.rglob("*.jinja"), *SOURCES.rglob("*.py"), *fixtures)
        if path.name != "i18n.py" and path.parent.name != "texts"
    )
    unused = {key for key in keys() - computed if not re.search(rf"[\"']{re.escape(key)}[\"']", sources)}
    assert not unused
    for key in keys():
        english, chinese = text(Lang.EN, key), text(Lang.ZH, key)
        assert english
        assert chinese
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese))
