"""A finding: one judgement of a run, as a test finds it, as the record holds it, and as its evidence gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reports.effort import Effort, effort_of
from reports.events import Bilingual, Compared, Event, Said
from reports.judging import KEPT_VERDICT
from reports.sentences import chinese_of
from reports.severity import Verdict
from reports.why import Why


@dataclass(frozen=True)
class Finding:
    """One judgement; ``evidence`` are sequence numbers of the run record, first and last of each stretch.

    ``requirement`` is None for the bench's own. A test makes one of what it has found; what the record and the evidence
    in it add stands from ``seq`` on.
    """

    requirement: str | None
    verdict: Verdict
    title: str
    expected: str
    observed: str
    evidence: Sequence[int] = ()
    observation: Any = None
    effort: Effort | None = None
    """How much of what was planned it rests on, where it rests on many like steps."""
    expectation: Mapping[str, Any] | None = None
    """What was expected, as data, its secrets as labels (see `reports.judging`); None where words tell it."""
    otherwise: bool = False
    """Whether a ruling makes the breach another than the requirement's level says: a restart that nobody ordered."""
    derivable: bool = True
    """Whether it can be judged again from what of the evidence is not masked."""
    why: Why | None = None
    """Why it cannot be judged again, where that is so and the record tells."""
    seq: int = -1
    """The number of its event in the record; -1 where the record has it not."""
    test: str | None = None
    said: Said | None = None
    """Both sides of it in both languages, where what was expected is data, or the bench said why it was not judged."""
    compared: Compared | None = None
    """Where what was expected and what came differ, of what is no PASS and names a text."""
    derived: Verdict | None = None
    """The verdict that the evidence in the record gives, where that can be told."""
    chinese_title: str | None = None
    """The title in Chinese; None where it has none of its own."""

    @property
    def title_in_both(self) -> Bilingual:
        return Bilingual(self.title, self.chinese_title or self.title)

    @property
    def in_both(self) -> Said:
        """Both sides of it in both languages, as far as there are two: words of a test's own are English.

        Where texts are compared, those of the test would show them in a notation of their own.
        """
        if self.compared is not None and self.said is not None:
            return self.said
        expected, observed = Bilingual(self.expected, self.expected), Bilingual(self.observed, self.observed)
        if self.said is None:
            return Said(expected, observed)
        return Said(expected._replace(zh=self.said.expected.zh), observed._replace(zh=self.said.observed.zh))

    def bounded(self) -> Finding:
        """The same, no text of it longer than a reader bears; the events that it rests on have the rest."""
        texts = (self.title, self.expected, self.observed)
        if all(len(text) <= _LONGEST_TEXT for text in texts):
            return self
        title, expected, observed = map(_bounded, texts)
        return replace(self, title=title, expected=expected, observed=observed)

    def fields(self) -> dict[str, Any]:
        """As the run record stores it: words that follow from data are left out, unless they say more."""
        texts = {"title": self.title, "expected": self.expected, "observed": self.observed}
        follow = self.expectation is not None and self.derivable and self.verdict in KEPT_VERDICT.values()
        return {
            "requirement": self.requirement,
            "verdict": self.verdict.value,
            **({} if follow else texts),
            "evidence": list(self.evidence),
            "observation": self.observation,
            **({} if self.effort is None else {"effort": self.effort.fields()}),
            **({} if self.expectation is None else {"expectation": self.expectation}),
            **({"otherwise": True} if self.otherwise else {}),
            **({} if self.derivable else {"derivable": False}),
            **({} if self.why is None else {"why": self.why.value}),
        }


_LONGEST_TEXT = 4000


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}... ({len(text)} characters)"


_TEXTS = ("title", "expected", "observed")
"""Of a finding whose expectation is data and was kept, the record leaves them out: they follow from it."""


def finding_of(event: Event) -> Finding:
    """A finding as the run record holds it. Raises ValueError for evidence or an effort that no run writes."""
    data = event.data
    if any(type(seq) is not int for seq in data["evidence"]):
        raise ValueError(f"the evidence of event {event.seq} is no list of sequence numbers")
    follow = "expectation" in data
    title, expected, observed = (str(data.get(name, "") if follow else data[name]) for name in _TEXTS)
    return Finding(
        data["requirement"],
        Verdict(data["verdict"]),
        title,
        expected,
        observed,
        tuple(data["evidence"]),
        data.get("observation"),
        None if data.get("effort") is None else effort_of(data["effort"]),
        data.get("expectation"),
        data.get("otherwise", False) is True,
        data.get("derivable", True) is True,
        None if data.get("why") is None else Why(data["why"]),
        event.seq,
        event.test,
        _said(data),
        chinese_title=chinese_of(data, "title") if "said" in data else None,
    )


def _said(data: Mapping[str, Any]) -> Said | None:
    if "said" not in data:
        return None
    sides = (Bilingual(str(data.get(side, "")), chinese_of(data, side)) for side in ("expected", "observed"))
    return Said(*sides)
