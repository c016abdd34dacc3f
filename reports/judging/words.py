"""What an expectation says and what came of it, in both languages, from the data alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import singledispatch
from itertools import zip_longest

from reports.events import Bilingual, Said
from reports.judging.answer import Answer
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
from reports.judging.judge import Evidence
from reports.texts import TEXTS

_LONGEST = 120
"""Characters of a line that a sentence shows."""
_AROUND = 20
"""Characters of a message that it shows before and behind the first that differs."""
_MOST = 6
"""Lines, or messages, that it shows."""
_BYTE = re.compile(r"[^\x20-\x7e\u3010\u3011]")


def say(expectation: Expectation, evidence: Evidence) -> Said:
    """Both sides of a judgement in words, with the module's bytes as they were, what is no ASCII as escapes."""
    return Said(*_said(expectation, evidence))


@singledispatch
def _said(expectation: Expectation, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    raise TypeError(f"no words for {expectation}")


@_said.register
def _(expectation: Ok, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    return _text("expected.ok", line=_shown(answer.command)), _came(answer)


@_said.register
def _(expectation: Refused, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    line = _shown(answer.command)
    if not expectation.codes:
        return _text("expected.refused", line=line), _came(answer)
    codes = _either([str(first) if first == last else f"{first}-{last}" for first, last in expectation.codes])
    key = "expected.refused-with" if expectation.exact else "expected.refused-or-bare"
    return _text(key, line=line, codes=codes), _came(answer)


@_said.register
def _(expectation: Answered, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    line = _shown(answer.command)
    if expectation.seconds is None:
        return _text("expected.answered", line=line), _came(answer)
    return _text("expected.answered-within", line=line, seconds=f"{expectation.seconds:g}"), _came(answer)


@_said.register
def _(expectation: InWords, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    return _text("expected.in-words", line=_shown(answer.command)), _came(answer)


@_said.register
def _(expectation: Informs, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    begins = f"{answer.name}{expectation.separator or ''}"
    return _text("expected.informs", line=_shown(answer.command), begins=begins), _came(answer)


@_said.register
def _(expectation: AnswersOther, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer, before = evidence.answer(expectation.exchange), evidence.answer(expectation.than)
    return _text("expected.answers-other", line=_shown(answer.command), than=_listed(before.lines)), _came(answer)


@_said.register
def _(expectation: Answers, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    values = _shown(f"{answer.name}:{','.join(map(str, expectation.values))}")
    return _text("expected.answers", line=_shown(answer.command), values=values), _came(answer)


@_said.register
def _(expectation: AnswersOneOf, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    answer = evidence.answer(expectation.exchange)
    values = _either([_shown(f"{answer.name}:{value}") for value in expectation.values])
    return _text("expected.answers", line=_shown(answer.command), values=values), _came(answer)


@_said.register
def _(expectation: Shown, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    shown = evidence.downlinks(expectation.topic, expectation.first, expectation.last)
    wanted, came = _messages(expectation.payloads, shown)
    key = "expected.shown" if expectation.payloads else "expected.nothing-shown"
    return _text(key, topic=_shown(expectation.topic), payloads=wanted), _text("came.messages", payloads=came)


@_said.register
def _(expectation: Published, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    arrived = evidence.published(expectation.topic, expectation.last)
    wanted, came = _messages(expectation.payloads, arrived)
    key = "expected.published" if expectation.payloads else "expected.nothing-published"
    return _text(key, topic=_shown(expectation.topic), payloads=wanted), _text("came.messages", payloads=came)


def _messages(wanted: Sequence[str], came: Sequence[str]) -> tuple[str, str]:
    """Both sides of a comparison of messages: where they begin to differ, or what they are."""
    for number, (one, other) in enumerate(zip_longest(wanted, came), 1):
        if other not in (one, f'"{one}"'):
            return f"{len(wanted)}; #{number}: {_near(one, other)}", f"{len(came)}; #{number}: {_near(other, one)}"
    return _counted(wanted), _counted(came)


def _near(text: str | None, other: str | None) -> str:
    """A message where it begins to differ from the other."""
    if text is None:
        return "--"
    ends = min(len(text), len(other or ""))
    first = max(0, next((at for at in range(ends) if text[at] != (other or "")[at]), ends) - _AROUND)
    piece = text[first : first + 2 * _AROUND]
    return f"[{len(text)}] {'...' if first else ''}{_shown(piece)}{'...' if first + len(piece) < len(text) else ''}"


def _counted(payloads: Sequence[str]) -> str:
    return f"{len(payloads)}: {_listed(payloads)}" if len(payloads) != 1 else _listed(payloads)


@_said.register(CameOnline)
@_said.register(WasClosed)
def _(expectation: CameOnline | WasClosed, evidence: Evidence) -> tuple[Bilingual, Bilingual]:
    key = "expected.came-online" if isinstance(expectation, CameOnline) else "expected.closed"
    expected, number = _text(key), expectation.connection
    if number is None:
        return expected, _text("came.no-connection")
    return expected, _text(
        "came.connection", number=number, events=", ".join(evidence.events_of(number, expectation.last))
    )


def _came(answer: Answer) -> Bilingual:
    lines = _listed(answer.lines)
    if answer.silent:
        key = "came.silence-but" if lines else "came.silence"
        return _text(key, lines=lines, seconds=f"{answer.seconds:.1f}")
    return _text("came.answer", lines=lines, ms=f"{answer.seconds * 1000:.1f}")


def _listed(texts: Iterable[str]) -> str:
    shown = [_shown(text) for text in texts]
    more = [f"+{len(shown) - _MOST}"] if len(shown) > _MOST else []
    return " / ".join((*shown[:_MOST], *more))


def _shown(text: str) -> str:
    whole = _BYTE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
    return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}... ({len(text)})"


def _either(choices: list[str]) -> Bilingual:
    between = TEXTS["expected.or"]
    return Bilingual(between.en.join(choices), between.zh.join(choices))


def _text(key: str, **values: object) -> Bilingual:
    """A text in both languages; a value that has two itself gives each its own."""
    entry = TEXTS[key]
    english, chinese = (
        {name: value[index] if isinstance(value, Bilingual) else value for name, value in values.items()}
        for index in range(2)
    )
    return Bilingual(entry.en.format_map(english), entry.zh.format_map(chinese))
