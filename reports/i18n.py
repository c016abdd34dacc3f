"""The words of the reports in the language that is asked for, and what verdicts say in words."""

from __future__ import annotations

from enum import StrEnum

from reports.criteria import Missing
from reports.events import Bilingual
from reports.sentences import Sentence
from reports.texts import TEXTS
from reports.verdicts import Conclusion, Reason, RequirementResult, Verdict


class Lang(StrEnum):
    """A language of the reports."""

    EN = "en"
    ZH = "zh"


def text(lang: Lang, key: str, /, **values: object) -> str:
    """The text of a key, its placeholders filled. An unknown key raises KeyError."""
    entry = TEXTS[key]
    form = entry.zh if lang is Lang.ZH else entry.en
    return form.format_map(values) if values else form


def chosen(lang: Lang, both: Bilingual) -> str:
    """A text that is there in both languages, in one of them."""
    return both.zh if lang is Lang.ZH else both.en


def told(lang: Lang, sentence: str) -> str:
    """A sentence of the reports in that language; any other text as it is."""
    return sentence.chinese if lang is Lang.ZH and isinstance(sentence, Sentence) else sentence


def keys() -> frozenset[str]:
    """All keys, for those who check that none is missing or left over."""
    return frozenset(TEXTS)


def meaning_of_run(lang: Lang, conclusion: Conclusion) -> str:
    """What the verdict of a run says: a PASS of a part is not that of the whole, and not every FAIL is the module's."""
    if conclusion.verdict is Verdict.FAIL and not conclusion.count(Verdict.FAIL):
        return text(lang, "verdict.declared")
    if conclusion.verdict is Verdict.PASS and conclusion.count(Verdict.NOT_TESTED):
        return text(lang, "verdict.partial")
    unseen = [result for result in conclusion.requirements.values() if result.verdict is Verdict.INCONCLUSIVE]
    if conclusion.verdict is Verdict.INCONCLUSIVE and unseen and all(result.announced for result in unseen):
        return text(lang, "verdict.announced")
    return meaning(lang, conclusion.verdict)


def meaning(lang: Lang, verdict: Verdict) -> str:
    """What a verdict says, in words."""
    return text(lang, f"verdict.{verdict}")


def explain(lang: Lang, result: RequirementResult) -> str:
    """Why a requirement has its verdict. Findings quote the module: make the text inert before showing it."""
    finding = result.decisive
    if result.reason is Reason.FINDING and finding is not None:
        both = finding.in_both.observed
        observed = chosen(lang, both) or chosen(lang, finding.title_in_both)
        if result.announced:
            return text(lang, "announced.beside", observed=observed, claims=", ".join(result.announced_by))
        if result.verdict is not Verdict.WAIVED or result.waiver is None:
            return observed
        waiver = result.waiver
        return text(lang, "waiver.beside", observed=observed, reason=waiver.reason, ticket=waiver.ticket)
    return text(lang, f"reason.{result.reason}")


def explain_missing(lang: Lang, missing: Missing) -> str:
    """Why something is missing for a certificate. It may quote the module: make the text inert before showing it."""
    if missing.result is not None:
        return explain(lang, missing.result)
    values = {
        name: chosen(lang, value) if isinstance(value, Bilingual) else value for name, value in missing.values.items()
    }
    return text(lang, f"missing.{missing.lack}", **values)
