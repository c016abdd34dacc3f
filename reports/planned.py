"""Planned and done: what a run set out to try, against what it tried, for its reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.effort import Cut, Effort
from reports.i18n import Lang, keys, text
from reports.record import RunRecord
from reports.verdicts import Conclusion, RequirementResult

TESTS = "tests"
"""The name of the steps that are whole tests."""


def efforts(conclusion: Conclusion) -> dict[str, tuple[Effort, ...]]:
    """Requirement -> what was done many times over for it; those for which nothing was are left out."""
    found = {identifier: efforts_of(result) for identifier, result in conclusion.requirements.items()}
    return {identifier: made for identifier, made in found.items() if made}


def efforts_of(result: RequirementResult) -> tuple[Effort, ...]:
    """What was done many times over for a requirement, in the order of time; of a test tried again the last.

    Its tests, too, where there was no time for all of them.
    """
    made = {
        (finding.test, finding.effort.what): finding.effort for finding in result.findings if finding.effort is not None
    }
    done = sum(nodeid not in result.cut for nodeid in result.run)
    tests = Effort(TESTS, len(result.declared), done, 0, next(iter(result.cut.values()), None))
    return (*made.values(), *([tests] if result.cut else ()))


def effort_of_tests(record: RunRecord) -> Effort:
    """The tests that the run collected, against those that came to their end."""
    declared = {nodeid for nodeids in record.declared.values() for nodeid in nodeids}
    begun = [nodeid for nodeid in declared if nodeid in record.tests and nodeid not in record.cut]
    done = sum(record.tests[nodeid].verdict is not None for nodeid in begun)
    cut = next(iter(record.cut.values()), None)
    if cut is None and done < len(declared):
        cut = Cut.PROFILE if len(declared) - done == len(record.left_out) else Cut.SELECTION
    return Effort(TESTS, len(declared), done, 0, cut)


def described(lang: Lang, effort: Effort) -> str:
    """Such as ``150 of 250 generated command lines (slow answers)``."""
    shown = text(lang, "effort.share", done=effort.done, planned=effort.planned, what=name(lang, effort.what))
    if effort.strength is not None:
        shown = text(lang, "effort.with-strength", share=shown, strength=strength(lang, effort))
    return shown if effort.cut is None else text(lang, "effort.cut", share=shown, cut=text(lang, f"cut.{effort.cut}"))


def strength(lang: Lang, effort: Effort) -> str:
    """Such as ``strength 2, 605 of 605 pairs of values``; nothing for steps that are no combinations."""
    made = effort.strength
    if made is None:
        return ""
    return text(lang, f"effort.strength-{made.factors}", done=made.done, planned=made.planned)


def name(lang: Lang, what: str) -> str:
    """The steps of an effort in words; a later suite may know others."""
    key = f"effort.{what}"
    return text(lang, key) if key in keys() else what.replace("-", " ")


def cut_lines(record: RunRecord, conclusion: Conclusion, lang: Lang) -> Iterator[str]:
    """What was cut short, for a terminal: a line for the tests, and one for all that was done in part."""
    tests = effort_of_tests(record)
    if tests.cut is not None:
        yield text(lang, "terminal.cut", cut=described(lang, tests))
    for identifier, made in efforts(conclusion).items():
        steps = [effort for effort in made if effort.what != TESTS]
        if cut := [described(lang, effort) for effort in steps if effort.cut is not None]:
            yield text(lang, "terminal.cut", cut=f"{identifier} {', '.join(cut)}")


def efforts_to_certificate(conclusion: Conclusion) -> list[dict[str, Any]]:
    """Every effort with its requirement, ready for JSON."""
    return [
        {"requirement": identifier, **effort.fields()}
        for identifier, made in efforts(conclusion).items()
        for effort in made
    ]
