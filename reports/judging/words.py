"""What an expectation says and what came of it, in both languages, from the data alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from itertools import zip_longest

from reports.events import Bilingual, Said
from reports.judging.expectation import (
    Answered,
    Answers,
    AnswersOneOf,
    AnswersOther,
    CameOnline,
    Expectation,
    Informs,
    InWords,
    Ok,
    Published,
    Refused,
    Shown,
    WasClosed,
)
from reports.judging.framing import NoFlood, OfExchange, OfRun, OneDialect
from reports.judging.framing_words import framed
from reports.judging.judge import Evidence
from reports.judging.sight_words import sides
from reports.judging.sights import Sight
from reports.judging.wording import came, either, listed, ranges, shown, text

_AROUND = 20
"""Characters of a message that it shows before and behind the first that differs."""


def say(expectation: Expectation, evidence: Evidence) -> Said:
    """Both sides of a judgement in words, with the module's bytes as they were, what is no ASCII as escapes."""
    return Said(*_said(expectation, evidence))


@singledispatch
def _said(expectation: Expectation, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    raise TypeError(f"no words for {expectation}")


@_said.register(OfExchange)
@_said.register(OfRun)
@_said.register(NoFlood)
@_said.register(OneDialect)
def _(expectation: OfExchange | OfRun | NoFlood | OneDialect, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    return framed(expectation, evidence)


@_said.register
def _(expectation: Sight, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    return sides(expectation, evidence.found(expectation))


@_said.register
def _(expectation: Ok, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    return text("expected.ok", line=shown(answer.command)), came(answer)


@_said.register
def _(expectation: Refused, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    line = shown(answer.command)
    if not expectation.codes:
        return text("expected.refused", line=line), came(answer)
    codes = ranges(expectation.codes)
    key = "expected.refused-with" if expectation.exact else "expected.refused-or-bare"
    return text(key, line=line, codes=codes), came(answer)


@_said.register
def _(expectation: Answered, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    line = shown(answer.command)
    if expectation.seconds is None:
        return text("expected.answered", line=line), came(answer)
    return text("expected.answered-within", line=line, seconds=f"{expectation.seconds:g}"), came(answer)


@_said.register
def _(expectation: InWords, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    return text("expected.in-words", line=shown(answer.command)), came(answer)


@_said.register
def _(expectation: Informs, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    begins = f"{answer.name}{expectation.separator or ''}"
    return text("expected.informs", line=shown(answer.command), begins=begins), came(answer)


@_said.register
def _(expectation: AnswersOther, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer, before = evidence.answer(expectation.exchange), evidence.answer(expectation.than)
    return text("expected.answers-other", line=shown(answer.command), than=listed(before.lines)), came(answer)


@_said.register
def _(expectation: Answers, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    values = shown(f"{answer.name}:{','.join(map(str, expectation.values))}")
    return text("expected.answers", line=shown(answer.command), values=values), came(answer)


@_said.register
def _(expectation: AnswersOneOf, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    values = either([shown(f"{answer.name}:{value}") for value in expectation.values])
    return text("expected.answers", line=shown(answer.command), values=values), came(answer)


@_said.register
def _(expectation: Shown, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    lines = evidence.downlinks(expectation.topic, expectation.first, expectation.last)
    wanted, told = _messages(expectation.payloads, lines)
    key = "expected.shown" if expectation.payloads else "expected.nothing-shown"
    return text(key, topic=shown(expectation.topic), payloads=wanted), text("came.messages", payloads=told)


@_said.register
def _(expectation: Published, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    arrived = evidence.published(expectation.topic, expectation.last)
    wanted, told = _messages(expectation.payloads, arrived)
    key = "expected.published" if expectation.payloads else "expected.nothing-published"
    return text(key, topic=shown(expectation.topic), payloads=wanted), text("came.messages", payloads=told)


def _messages(wanted: Sequence[str], came: Sequence[str]) -> tuple[str, str]:
    """Both sides of a comparison of messages: where they begin to differ, or what they are."""
    for number, (one, other) in enumerate(zip_longest(wanted, came), 1):
        if other not in (one, f'"{one}"'):
            return f"{len(wanted)}; #{number}: {_near(one, other)}", f"{len(came)}; #{number}: {_near(other, one)}"
    return _counted(wanted), _counted(came)


def _near(one: str | None, other: str | None) -> str:
    """A message where it begins to differ from the other."""
    if one is None:
        return "--"
    ends = min(len(one), len(other or ""))
    first = max(0, next((at for at in range(ends) if one[at] != (other or "")[at]), ends) - _AROUND)
    piece = one[first : first + 2 * _AROUND]
    return f"[{len(one)}] {'...' if first else ''}{shown(piece)}{'...' if first + len(piece) < len(one) else ''}"


def _counted(payloads: Sequence[str]) -> str:
    return f"{len(payloads)}: {listed(payloads)}" if len(payloads) != 1 else listed(payloads)


@_said.register(CameOnline)
@_said.register(WasClosed)
def _(expectation: CameOnline | WasClosed, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    key = "expected.came-online" if isinstance(expectation, CameOnline) else "expected.closed"
    expected, number = text(key), expectation.connection
    if number is None:
        return expected, text("came.no-connection")
    return expected, text(
        "came.connection", number=number, events=", ".join(evidence.events_of(number, expectation.last))
    )
