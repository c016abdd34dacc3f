"""Secrets masked with ``*`` before anything is kept, each where it is one, and told apart from any other ``*``.

In bytes and in fields that were on a wire the length is kept, and the masked stretches are told by their positions. In
sentences each stretch stands between `OPENED` and `CLOSED`, which no byte of the module is ever shown as.
"""

from __future__ import annotations

import base64
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, AnyStr, Generic, TypeAlias, overload

from rigs.sentence import Sentence, say

MASK = ord("*")
OPENED, CLOSED = "\u3010", "\u3011"
"""Round a masked stretch of a sentence."""
Span: TypeAlias = tuple[int, int]
"""A masked stretch: its first position, and the first one behind it."""

_ARGUMENT = re.compile(rb"\+\w*SECRET[ \t]{0,8}[:=][ \t]{0,8}([^\r\n]*)", re.IGNORECASE)
"""A line that names a secret, and what it says of it: no further than to the end of the line."""
_MASKED_OF_ARGUMENT = re.compile(rb'[^"?*]+')
"""A star that is there already hides nothing: the module shows it in place of the secret."""
_ERROR = re.compile(rb"err, ?\d{1,10} *", re.IGNORECASE)
"""What stands there instead of a secret in a final result code that names its command."""
_BEGINS_AN_ERROR = re.compile(rb"e(r(r(,( ?(\d{1,10} *)?)?)?)?)?", re.IGNORECASE)
_IN_TEXT = re.compile(
    r"(\+\w*SECRET[ \t]*[:=][ \t]*)(?!err, ?\d|/ |: |"
    + OPENED
    + r')(\\*"(?:\\.|[^"\\\r\n])*"?|(?:(?!\\+[rn])[^\s"?])+)',
    re.IGNORECASE,
)
"""The same in a sentence, in which a line end may be written as an escape and lines be joined by `` / ``."""
_PART = "\ue000"
"""In place of what stands in a sentence, where only its words are looked at."""
_ENDS_WITH_NAME = re.compile(r".*?((?:\+\w*SECRET[ \t]*[:=]?[ \t]*)?)\Z", re.IGNORECASE | re.DOTALL)
_NAMED_PART = re.compile(r'\+\w*SECRET[ \t]*[:=][ \t]*\\*"?' + _PART, re.IGNORECASE)
_NO_STARS = re.compile(r"[^*]+")
_LONGEST_NAME = 64
_WITHIN_AN_ARGUMENT = b"+SECRET=."
"""Stands for the beginning of a line of which all that comes is masked."""
_SHORTEST_SECRET = 8
_FEWEST_KINDS = 6
_NO_WORD = 16
_MOST_WHOLES = 64
"""The latest values of which another one may turn out to be a part."""
_SHORT, _MOST_PLAIN = 64, 4096
"""What is remembered of texts in which there is nothing to mask: field names, most of all, come again and again."""
_WORDS = re.compile(rb"[a-z]*|[A-Z]*|[0-9]*")


def guessable(secret: bytes) -> bool:
    """Whether ``secret`` is no credential but a text that stands elsewhere as well, so that masking it would hide that.

    So it is with what is shorter than 8 bytes or has fewer than 6 different ones, and with a word or a number of fewer
    than 16.
    """
    if len(secret) < _SHORTEST_SECRET or len(set(secret)) < _FEWEST_KINDS:
        return True
    return len(secret) < _NO_WORD and _WORDS.fullmatch(secret) is not None


def argument_spans(text: bytes) -> Iterator[Span]:
    """What is masked behind ``+...SECRET=`` or ``+...SECRET:``, up to the line end; quotes, stars and ``?`` stay."""
    for match in _ARGUMENT.finditer(text):
        if _ERROR.fullmatch(match[1]):
            continue
        for piece in _MASKED_OF_ARGUMENT.finditer(match[1]):
            yield match.start(1) + piece.start(), match.start(1) + piece.end()


def joined(spans: Iterable[Span], offset: int = 0, end: int | None = None) -> list[Span]:
    """Spans in order, overlapping and touching ones made one, counted from ``offset`` and cut to what lies behind it
    and before ``end``.
    """
    result: list[Span] = []
    for first, last in sorted(spans):
        first, last = max(first, offset) - offset, (last if end is None else min(last, end)) - offset
        if first >= last:
            continue
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def hidden(data: bytes, spans: Iterable[Span]) -> bytes:
    """``data`` with ``*`` in place of every byte of the spans."""
    shown = bytearray(data)
    for first, last in spans:
        shown[first:last] = bytes([MASK]) * (last - first)
    return bytes(shown)


class _Heads(Generic[AnyStr]):
    """Finds many secrets at once, by the first 8 elements of each (all, where decoding left fewer)."""

    def __init__(self) -> None:
        self._secrets: dict[AnyStr, list[AnyStr]] = {}
        self._sizes: set[int] = set()

    def add(self, secret: AnyStr) -> None:
        """Find ``secret`` and its beginnings from now on; other threads may be searching."""
        head = secret[:_SHORTEST_SECRET]
        others = [other for other in self._secrets.get(head, []) if not secret.startswith(other)]
        if not any(other.startswith(secret) for other in others):
            others.append(secret)
        self._secrets = {**self._secrets, head: others}
        self._sizes = self._sizes | {len(head)}

    def begins(self, data: AnyStr) -> bool:
        """Whether ``data``, longer than a head, is the beginning of a longer secret."""
        candidates = self._secrets.get(data[:_SHORTEST_SECRET], ())
        return any(len(secret) > len(data) and secret.startswith(data) for secret in candidates)

    def found_in(self, data: AnyStr) -> Iterator[tuple[int, int]]:
        """Where secrets begin in ``data``, overlapping ones included, and how far each goes on."""
        secrets = self._secrets
        for size in self._sizes:
            for start in [start for start in range(len(data) - size + 1) if data[start : start + size] in secrets]:
                for secret in secrets[data[start : start + size]]:
                    yield start, start + _common(data, start, secret)


def _common(data: AnyStr, start: int, secret: AnyStr) -> int:
    """How many elements of ``secret`` stand in ``data`` from ``start`` on."""
    if data.startswith(secret, start):
        return len(secret)
    longest = min(len(secret), len(data) - start)
    return next((n for n in range(longest) if data[start + n] != secret[n]), longest)


class Redactor:
    """Knows the secrets of a run and masks them with ``*``, length kept, also where they stand in hex or base64.

    A secret that was cut short is masked as well, as long as at least its first 8 bytes are there. What is `guessable`
    is masked only where a line names it a secret (``+ALY...SECRET``), as every other argument of such a line is.
    """

    def __init__(self) -> None:
        self._secrets: set[bytes] = set()
        self._bytes = _Heads[bytes]()
        self._texts = _Heads[str]()
        self._prefixes: set[bytes] = set()
        self._alphabet = b""
        self._longest = 0
        self._plain: set[str] = set()
        self._labels: dict[bytes, str] = {}
        self._labelled: deque[bytes] = deque(maxlen=_MOST_WHOLES)
        self._lock = threading.Lock()

    def add(self, secret: bytes) -> None:
        """Mask ``secret`` from now on wherever it appears."""
        with self._lock:
            if guessable(secret) or secret in self._secrets:
                return
            self._secrets.add(secret)
            for form in (secret, *_encoded(secret)):
                self._prefixes |= {form[:n] for n in range(1, min(len(form), _SHORTEST_SECRET + 1))}
                self._bytes.add(form)
                # The record holds bytes as latin-1 characters, messages hold them decoded.
                for text in {form.decode("latin-1"), form.decode("utf-8", "replace")}:
                    self._texts.add(text)
                self._alphabet = bytes({*self._alphabet, *form})
                self._longest = max(self._longest, len(form))
            self._plain = set()

    def spans(self, data: bytes) -> list[Span]:
        """Where known secrets stand in ``data``."""
        return joined(self._bytes.found_in(data))

    def line_spans(self, line: bytes) -> list[Span]:
        """The same for one whole line, with the argument of a line that names a secret."""
        return joined((*self._bytes.found_in(line), *argument_spans(line)))

    def mask(self, data: bytes) -> bytes:
        """``data`` with every known secret replaced by as many ``*``."""
        return hidden(data, self.spans(data))

    def mask_line(self, line: bytes) -> bytes:
        """One whole line, with the argument of a line that names a secret masked too."""
        return hidden(line, self.line_spans(line))

    def label(self, value: bytes) -> str:
        """What stands for a masked stretch wherever it is to be told from others: the same for equal ones alone.

        It is a number of this run and the length in bytes, ``3:64``; a part of another one says so: ``4:63=3[0:63]``.
        """
        with self._lock:
            label = self._labels.get(value)
            if label is None:
                label = f"{len(self._labels) + 1}:{len(value)}{self._as_part(value)}"
                self._labels[value] = label
                self._labelled.append(value)
            return label

    def _as_part(self, value: bytes) -> str:
        if len(value) < _SHORTEST_SECRET:
            return ""
        for other in reversed(self._labelled):
            if (first := other.find(value)) >= 0:
                return f"={self._labels[other].partition(':')[0]}[{first}:{first + len(value)}]"
        return ""

    def told(self, line: bytes) -> str:
        """One whole line as text, with the label of each masked stretch in its place, between `OPENED` and `CLOSED`."""
        pieces, end = [], 0
        for first, last in self.line_spans(line):
            pieces += [line[end:first].decode("latin-1"), OPENED, self.label(line[first:last]), CLOSED]
            end = last
        return "".join((*pieces, line[end:].decode("latin-1")))

    @overload
    def mask_text(self, text: Sentence) -> Sentence: ...

    @overload
    def mask_text(self, text: str) -> str: ...

    def mask_text(self, text: str) -> str:
        """A sentence that is about to be shown or stored, each masked stretch of it between `OPENED` and `CLOSED`.

        One that knows what it is made of is masked part by part: a line that ends in the middle of a secret hides none
        of the words behind it. Where its own words name a secret, it is masked as a whole.
        """
        if isinstance(text, Sentence):
            made = text.with_texts(self.mask_text)
            if _names_a_secret(text) or any(self._texts.found_in("".join(made))):
                return say("{text}", text=self.mask_text("".join(text)))
            return made
        plain = self._plain
        if text in plain:
            return text
        marked = _marked(text, joined(self._texts.found_in(text)))
        masked = _IN_TEXT.sub(_mark_value, marked)
        if masked == text and len(text) <= _SHORT and len(plain) < _MOST_PLAIN:
            plain.add(text)
        return masked

    def mask_json(self, value: Any) -> Any:
        """The same for every string inside a JSON-like value."""
        if isinstance(value, str):
            return self.mask_text(value)
        if isinstance(value, dict):
            return {self.mask_json(key): self.mask_json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_json(item) for item in value]
        return value

    def mask_fields(self, value: Any, spans: dict[str, list[Span]], pointer: str = "") -> Any:
        """A JSON-like value of a wire with every string masked, length kept.

        What was masked is added to ``spans``, by JSON pointer (RFC 6901).
        """
        if isinstance(value, str):
            if found := joined(self._texts.found_in(value)):
                spans[pointer] = joined((*spans.get(pointer, ()), *found))
            return self._hidden(value, found)
        if isinstance(value, dict):
            return {
                key: self.mask_fields(item, spans, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.mask_fields(item, spans, f"{pointer}/{index}") for index, item in enumerate(value)]
        return value

    def _hidden(self, text: str, found: Sequence[Span]) -> str:
        """A text with these stretches masked; of a sentence its parts, where that hides the same."""
        hidden_whole = hidden_text(text, found)
        if isinstance(text, Sentence):
            made = text.with_texts(lambda part: hidden_text(part, joined(self._texts.found_in(part))))
            return made if made == hidden_whole else hidden_whole
        return hidden_whole

    def tail(self, data: bytes) -> bytes:
        """The end of ``data`` that bytes to come may have a secret in common with."""
        run = len(data) - len(data.rstrip(self._alphabet))
        return data[len(data) - min(run, max(0, self._longest - 1)) :]

    def undecided(self, data: bytes) -> int:
        """How many bytes at the end of ``data`` may be the beginning of a secret whose rest has not come yet."""
        for count in range(len(self.tail(data)), 0, -1):
            end = data[-count:]
            if end in self._prefixes if count <= _SHORTEST_SECRET else self._bytes.begins(end):
                return count
        return 0


def hidden_text(text: str, spans: Sequence[Span]) -> str:
    """As `hidden`, for characters."""
    for first, last in spans:
        text = f"{text[:first]}{'*' * (last - first)}{text[last:]}"
    return text


def marked_line(line: bytes, spans: Sequence[Span]) -> list[tuple[bytes, bool]]:
    """A line in pieces, masked ones (True) as ``*``, the way a sentence shows it."""
    pieces, end = [], 0
    for first, last in spans:
        pieces += [(line[end:first], False), (b"*" * (last - first), True)]
        end = last
    return [piece for piece in (*pieces, (line[end:], False)) if piece[0]]


def _encoded(secret: bytes) -> Iterator[bytes]:
    """``secret`` in hex, and in base64 wherever it may begin in a group of three bytes.

    Of base64 the characters that hold bits of its neighbours as well are left out.
    """
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + secret).rstrip(b"=")
            yield text[-(-8 * before // 6) : len(text) - ((before + len(secret)) % 3 != 0)]


def _marked(text: str, spans: Sequence[Span]) -> str:
    for first, last in reversed(spans):
        text = f"{text[:first]}{OPENED}{'*' * (last - first)}{CLOSED}{text[last:]}"
    return text


def _names_a_secret(sentence: Sentence) -> bool:
    """Whether what stands in a sentence is named as a secret by what stands before it there."""
    shape = sentence.with_texts(lambda part: _PART + _ENDS_WITH_NAME.sub(r"\1", part))
    return _NAMED_PART.search("".join(shape)) is not None


def _mark_value(match: re.Match[str]) -> str:
    """The value that a line gives a secret, masked but for its quotes, and for stars that the module itself shows."""
    quoted = re.fullmatch(r'(\\*"|)(.*?)("?)', match[2], re.DOTALL)
    assert quoted is not None
    opening, value, closing = quoted.groups()
    if OPENED in value:
        # Part of it was masked before: which of its stars are the module's cannot be told any more.
        masked = _as_masked(value.replace(OPENED, "").replace(CLOSED, ""))
    else:
        masked = _NO_STARS.sub(lambda piece: _as_masked(piece[0]), value)
    return f"{match[1]}{opening}{masked}{closing}"


def _as_masked(text: str) -> str:
    return f"{OPENED}{'*' * len(text)}{CLOSED}"


class StreamMasker:
    """Masks one direction of a byte stream that is cut into arbitrary chunks.

    Every byte comes out once, in order. What may be the beginning of a secret, or of the final result code of a command
    that sets one, is held back until more has come.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._before = b""
        """As many of the bytes that are out as a secret may have in common with those that come."""
        self._held = b""
        self._held_at = 0.0
        self._line = b""
        """Of the line that is not over as much as tells whether it names a secret."""

    def feed(self, data: bytes, at: float) -> list[tuple[float, bytes, list[Span]]]:
        """The masked pieces that may be kept now, each with its time and its masked stretches.

        The rest is held back until it is decided.
        """
        earlier, earlier_at = len(self._held), self._held_at
        self._held += data
        undecided = max(self._redactor.undecided(self._before + self._held), self._undecided_argument())
        keep = min(undecided, len(self._held))
        if keep <= len(data):
            self._held_at = at
        out, spans = self._release(keep)
        cut = min(earlier, len(out))
        pieces = [
            (earlier_at, out[:cut], joined(spans, 0, cut)),
            (at, out[cut:], joined(spans, cut)),
        ]
        return [piece for piece in pieces if piece[1]]

    def flush(self) -> list[tuple[float, bytes, list[Span]]]:
        """What was held back, once it is clear that no more of it comes now."""
        out, spans = self._release(0)
        return [(self._held_at, out, spans)] if out else []

    def _undecided_argument(self) -> int:
        """How many bytes at the end are the beginning of an error code in the name of a command that sets a secret."""
        match = _open_argument(self._line + self._held)
        return len(match[1]) if match is not None and _BEGINS_AN_ERROR.fullmatch(match[1]) else 0

    def _release(self, keep: int) -> tuple[bytes, list[Span]]:
        """All that is held but the last ``keep`` bytes, masked."""
        known, before = self._before + self._held, len(self._before)
        end = len(known) - keep
        released = known[before:end]
        secrets = joined(self._redactor.spans(known), before, end)
        line = self._line + released
        arguments = joined(argument_spans(line), len(self._line))
        self._before = self._redactor.tail(known[:end])
        self._held = known[end:]
        self._line = _line_so_far(line)
        spans = joined((*secrets, *arguments))
        return hidden(released, spans), spans


def _open_argument(data: bytes) -> re.Match[bytes] | None:
    """What the last line of ``data``, which is not over, says of a secret; None where it names none."""
    return _ARGUMENT.search(data, max(data.rfind(b"\r"), data.rfind(b"\n")) + 1)


def _line_so_far(data: bytes) -> bytes:
    match = _open_argument(data)
    if match is None:
        return data[max(data.rfind(b"\r"), data.rfind(b"\n")) + 1 :][-_LONGEST_NAME:]
    if match[1] and not _BEGINS_AN_ERROR.fullmatch(match[1]):
        return _WITHIN_AN_ARGUMENT
    return match[0]
