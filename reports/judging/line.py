"""The lines that a module sent, cut out of the raw bytes of a record, and the downlink messages among them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_END = re.compile(r"(\r*\n|\r+(?=[^\r\n]))")
"""A CR at the very end may be half of a line end."""
_ENDS = {"\r\n": "\r\n", "\n": "\n", "\r": "\r"}
_PADDING = "\x00\x11\x13\x7f\xff"
"""Fill bytes in front of a line, which are no part of it."""
_RECEIVED = "+MQTTRECV:"
_WITH_TEXT = re.compile(r"\+(CMT|CBM): ?.*|\+CDS: ?\d+ *", re.DOTALL)
"""URCs whose text comes on the line behind (3GPP TS 27.005, 3.4.1)."""
_TEXT_GOES_ON = 1.0
"""Seconds in which a line may be one more of such a text, whose length nothing tells."""


class RawLine(NamedTuple):
    """A line as it came."""

    text: str
    end: str
    """CR LF, LF or CR; more than one CR count for one."""
    padded: bool
    """Whether fill bytes stood in front of it."""
    doubtful: bool
    """Whether it may be a part of a message that came just before."""


@dataclass
class Lines:
    """All lines so far, each with the number of the event that completed it."""

    texts: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    downlinks: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Places of the lines that show a downlink message, by what stands before their first comma."""
    padded: set[int] = field(default_factory=set)
    """Places of the lines with fill bytes in front."""
    events: list[int] = field(default_factory=list)
    doubtful: set[int] = field(default_factory=set)
    """Places of lines that came so shortly behind the text of a message that they may be more of it."""
    _rest: str = ""
    _in_text: bool = False
    _text_at: float = float("-inf")

    def feed(self, event: int, data: str, t: float = 0.0) -> None:
        """Bytes of the module, as latin-1 characters, of that event, ``t`` seconds after the run began."""
        *whole, self._rest = _END.split(self._rest + data)
        for text, end in zip(whole[::2], whole[1::2], strict=True):
            if self._in_text:
                # What a URC brings with it ends at CR LF; a line feed alone is its own.
                self._in_text, self._text_at = len(end) < 2, t
                continue
            if text:
                bare = text.lstrip(_PADDING) or text
                if bare != text:
                    self.padded.add(len(self.texts))
                if bare.startswith(_RECEIVED):
                    self.downlinks[_head(bare)].append(len(self.texts))
                if t <= self._text_at + _TEXT_GOES_ON:
                    self.doubtful.add(len(self.texts))
                self.texts.append(bare)
                self._in_text = _WITH_TEXT.fullmatch(bare) is not None
                self.ends.append(_ENDS.get(end, "\r\n" if end[-1] == "\n" else "\r"))
                self.events.append(event)

    def downlinks_of(self, topic: str, first: int, last: int) -> Iterator[str]:
        """Those of a topic, bare or in quotes, that were completed from one event to another, both included."""
        heads = {_head(f"{_RECEIVED}{shown},") for shown in _shown(topic)}
        for index in sorted(index for head in heads for index in self.downlinks.get(head, ())):
            if first <= self.events[index] <= last:
                yield self.texts[index]

    def raw_between(self, first: int, last: int) -> Iterator[RawLine]:
        """All lines that were completed from one event to another, both included, as they came."""
        places = self._between(first, last)
        return (
            RawLine(self.texts[index], self.ends[index], index in self.padded, index in self.doubtful)
            for index in places
        )

    def _between(self, first: int, last: int) -> Iterator[int]:
        for index in range(bisect_left(self.events, first), len(self.events)):
            if self.events[index] > last:
                return
            yield index


def downlink(line: str, topic: str) -> str | None:
    """The payload of a line that shows a downlink message of ``topic``: all behind the comma that follows it."""
    if not line.startswith(_RECEIVED):
        return None
    rest = _behind_name(line)
    for shown in _shown(topic):
        if rest.startswith(f"{shown},"):
            return rest[len(shown) + 1 :]
    return None


def _shown(topic: str) -> tuple[str, str]:
    return topic, f'"{topic}"'


def _behind_name(line: str) -> str:
    return line[len(_RECEIVED) :].removeprefix(" ")


def _head(line: str) -> str:
    return _behind_name(line).partition(",")[0]


def quotes(line: str, topic: str) -> bool | None:
    """Whether quotes stand round topic or payload of a line that shows a downlink message of ``topic``; else None."""
    payload = downlink(line, topic)
    if payload is None:
        return None
    return line.startswith((f'{_RECEIVED}"', f'{_RECEIVED} "')) or (payload[:1] == payload[-1:] == '"')
