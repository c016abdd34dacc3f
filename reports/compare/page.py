"""A comparison as a page of its own, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.compare.answer_words import PAGE, about_answers, answer_rows, counts, traffic_lines, unshown
from reports.compare.comparison import Aspect, Caution, Change, Comparison
from reports.compare.observations import shown
from reports.compare.timing import Drift, milliseconds
from reports.html import chip
from reports.html.views import duration
from reports.html.words import both, word
from reports.i18n import Lang, text
from reports.pages import render
from reports.runs import Latency, Run
from reports.verdicts import Verdict

HEADINGS: dict[Change, str] = {
    Change.REGRESSED: "compare.regressed",
    Change.JUDGED: "compare.first_judged",
    Change.UNJUDGED: "compare.no_longer_judged",
    Change.FIXED: "compare.fixed",
    Change.WAIVER: "compare.waiver",
    Change.NEW: "compare.new_requirements",
    Change.GONE: "compare.gone",
}
"""The kinds of change in the order of what a reader has to act on."""

ASPECTS: dict[Aspect, str] = {
    Aspect.SUITE: "compare.suite",
    Aspect.CATALOGUE: "compare.catalogue",
    Aspect.PROFILE: "compare.profile",
    Aspect.STRICT: "compare.strict",
    Aspect.RIG: "compare.rig",
    Aspect.MODEL: "compare.model",
    Aspect.UNIT: "compare.serial_number",
}

_HASH = 12
_IDS = 12
"""Requirements named in a note."""
_BOX_WIDTH, _BOX_HEIGHT = 220, 12


@dataclass(frozen=True)
class _Fact:
    label: Markup
    old: str | Markup
    new: str | Markup


def render_comparison(comparison: Comparison, lang: Lang) -> str:
    """The page; ``lang`` is the language it shows at first."""
    groups = [(word(key), items) for change, key in HEADINGS.items() if (items := comparison.of(change))]
    return render(
        "compare.html.jinja",
        lang,
        title=text(lang, "compare.title"),
        comparison=comparison,
        headline=both(headline(comparison, Lang.EN), headline(comparison, Lang.ZH)),
        parts=[
            Markup("{} {}").format(len(items), word(key))
            for change, key in HEADINGS.items()
            if change is not Change.REGRESSED and (items := comparison.of(change))
        ],
        notes=[both(en, zh) for en, zh in zip(notes(comparison, Lang.EN), notes(comparison, Lang.ZH), strict=True)],
        cautions=[both(said(caution, Lang.EN), said(caution, Lang.ZH)) for caution in comparison.cautions],
        facts=_facts(comparison),
        groups=groups,
        shown=shown,
        ms=milliseconds,
        boxes=_boxes,
        answers=answer_rows(comparison.answers),
        answer_parts=[
            both(en, zh)
            for en, zh in zip(counts(comparison.answers, Lang.EN), counts(comparison.answers, Lang.ZH), strict=True)
        ],
        traffic=[
            both(en, zh)
            for en, zh in zip(
                *(traffic_lines(comparison.answers, each, PAGE.groups) for each in (Lang.EN, Lang.ZH)), strict=True
            )
        ],
        more_answers=unshown(comparison.answers, PAGE),
    )


def headline(comparison: Comparison, lang: Lang) -> str:
    """What became worse, in numbers; that nothing did where nothing did."""
    counts = {"compare.regressions": len(comparison.of(Change.REGRESSED))}
    if comparison.less_proven:
        counts["compare.less-proven"] = len(comparison.lost_proof or comparison.new.summary.not_proven)
    said = [text(lang, key, count=count) for key, count in counts.items() if count]
    return ", ".join(said) if said else text(lang, "compare.no-regression")


def notes(comparison: Comparison, lang: Lang) -> list[str]:
    """What to know of the two runs before reading on."""
    found = [
        text(lang, "compare.died", run=text(lang, key))
        for key, run in (("compare.old", comparison.old), ("compare.new", comparison.new))
        if not run.summary.complete
    ]
    found += [
        text(lang, "compare.not-proven", run=text(lang, key), ids=_listed(run.summary.not_proven))
        for key, run in (("compare.old", comparison.old), ("compare.new", comparison.new))
        if run.summary.verdict is Verdict.NOT_PROVEN
    ]
    if comparison.same_firmware is not None:
        found.append(text(lang, "compare.same-firmware", firmware=comparison.same_firmware))
    if not comparison.timed:
        found.append(text(lang, "compare.untimed"))
    return [*found, *_about_catalogues(comparison, lang), *about_answers(comparison.answers, lang)]


def _about_catalogues(comparison: Comparison, lang: Lang) -> Iterator[str]:
    """What the catalogues alone make otherwise, in one line."""
    anew = comparison.anew
    if anew.why_not:
        yield text(lang, "compare.not-anew", why=anew.why_not)
    elif anew.otherwise:
        shown = [f"{item.id} {item.then} -> {item.now}" for item in anew.otherwise]
        more = f", ... ({len(shown)})" if len(shown) > _IDS else ""
        yield text(lang, "compare.anew", changes=", ".join(shown[:_IDS]) + more)


def said(caution: Caution, lang: Lang) -> str:
    """A caution in words."""
    what = text(lang, ASPECTS[caution.aspect])
    old, new = (_short(caution.aspect, value, lang) for value in (caution.old, caution.new))
    return text(lang, "compare.dirty" if old == new else "compare.differs", what=what, old=old, new=new)


def _listed(ids: Sequence[str]) -> str:
    return " ".join(ids[:_IDS]) + (f" ... ({len(ids)})" if len(ids) > _IDS else "")


def _short(aspect: Aspect, value: str | None, lang: Lang) -> str:
    if value is None:
        return text(lang, "unknown")
    return value[:_HASH] if aspect is Aspect.CATALOGUE else value


def _facts(comparison: Comparison) -> list[_Fact]:
    pairs = zip(_facts_of(comparison.old), _facts_of(comparison.new), strict=True)
    return [_Fact(word(key), old, new) for (key, old), (_, new) in pairs]


def _facts_of(run: Run) -> list[tuple[str, str | Markup]]:
    summary = run.summary
    return [
        ("site.name", str(run.path)),
        ("verdict", chip(summary.verdict)),
        ("revision", _known(summary.module.revision)),
        ("module", _known(summary.module.model)),
        ("serial-number", _known(summary.module.serial_number)),
        ("rig", _known(summary.rig)),
        ("profile", _known(summary.profile)),
        ("suite", _known(str(summary.suite or ""))),
        ("catalogue", _known(summary.catalogue and summary.catalogue[:_HASH])),
        ("started", summary.began),
        ("duration", duration(summary.seconds)),
    ]


def _known(value: str | None) -> str | Markup:
    return value or word("unknown")


def _boxes(drift: Drift) -> Markup:
    """Middle half and median of both runs on one axis."""
    longest = max(drift.old.p75, drift.new.p75, drift.old.median, drift.new.median) or 1.0
    rows = Markup("").join(
        _box(latency, name, row * (_BOX_HEIGHT + 4), longest)
        for row, (name, latency) in enumerate((("old", drift.old), ("new", drift.new)))
    )
    return Markup('<svg class="boxes" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        _BOX_WIDTH, 2 * _BOX_HEIGHT + 4, rows
    )


def _box(latency: Latency, name: str, y: int, longest: float) -> Markup:
    left, right, median = (
        round(max(0.0, value) / longest * (_BOX_WIDTH - 3), 1) for value in (latency.p25, latency.p75, latency.median)
    )
    return _rectangle(name, left, y, max(1.0, right - left)) + _rectangle("median", median, y, 2)


def _rectangle(name: str, x: float, y: int, width: float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(name, x, y, width, _BOX_HEIGHT)
