"""Judging as data: what a test expects, what was seen, and the one judge that both a live run and a later look use.

Nothing here knows pytest, a port, or the dialogue that wrote the record: what is judged is text, in which the secrets
of the run stand as labels.
"""

from reports.judging.answer import Answer, Result
from reports.judging.expectation import (
    Answered,
    Answers,
    AnswersOneOf,
    AnswersOther,
    CameOnline,
    Expectation,
    ExpectationError,
    Informs,
    InWords,
    Ok,
    Published,
    Refused,
    Shown,
    WasClosed,
    expectation_of,
)
from reports.judging.judge import BREACH_VERDICT, KEPT_VERDICT, Evidence, Judgement, judge, verdict_of

__all__ = [
    "BREACH_VERDICT",
    "KEPT_VERDICT",
    "Answer",
    "Answered",
    "Answers",
    "AnswersOneOf",
    "AnswersOther",
    "CameOnline",
    "Evidence",
    "Expectation",
    "ExpectationError",
    "InWords",
    "Informs",
    "Judgement",
    "Ok",
    "Published",
    "Refused",
    "Result",
    "Shown",
    "WasClosed",
    "expectation_of",
    "judge",
    "verdict_of",
]
