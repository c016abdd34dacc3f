"""Lines that cannot be the module's answers to this bench: somebody else talks to it over the same line.

For ports where other programs cannot be seen (a socket, RFC 2217). Conservative: what a faulty module might say by
itself is never taken for foreign, nor are the URCs of a modem and the texts that come with them.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Sequence

from rigs.sentence import Sentence, say

_COMMAND_LINE = re.compile(
    rb"AT(?:\s*&?[A-Z]\d*(?:=\d+)?(?:\s+&?[A-Z]\d*(?:=\d+)?)*|[+$^*#%][A-Z]\S*.*)?", re.IGNORECASE
)
"""As somebody would type it: basic commands with their numbers, or one extended command."""
_PROBED = frozenset(
    b"+GCAP +CGMI +CGMM +CGMR +CGSN +GMI +GMM +GMR +GSN +CIMI +CLAC +CSCS +CSCA +CMGF +CNUM +CPMS +IPR +CGDCONT".split()
)
"""Commands with which other programs probe a modem, and whose information response no modem sends as a URC."""
_WITH_TEXT = (b"+CMT:", b"+CDS:", b"+CBM:", b"+MQTTRECV:")
"""URCs behind which lines of any content may follow."""
_LONGEST_TEXT = 640
"""Bytes of such lines: a message of 160 characters, written in hexadecimal UCS-2."""
_REMEMBERED = 100
"""The latest command lines, whose damaged echo is not taken for somebody else's."""
_FEWEST_MISSING = 2
_SURELY_OURS, _MOST_ADDED = 6, 4
"""Bytes of a command line that is long enough to be told from others, and bytes that its damaged echo may add."""


class ForeignTalk:
    """Knows what this bench has sent and been answered, and finds lines that neither can explain.

    ``names`` are the extended commands that the module under test has, with their plus sign: an answer in the wrong one
    of these names is the module's.
    """

    def __init__(self, names: Collection[bytes]) -> None:
        self._names = frozenset(names)
        self._sent: set[bytes] = set()
        self._asked: set[bytes] = set()
        self._latest: deque[bytes] = deque(maxlen=_REMEMBERED)
        self._whole: dict[bytes, bytes] = {}

    def sent(self, data: bytes) -> None:
        """``data`` was sent to the module: one command line or any number of them, whole or not."""
        for line in filter(None, re.split(rb"[\r\n]+", data)):
            self._sent.add(line)
            self._latest.append(line)
            self._asked.update(name.upper() for name in re.findall(rb"[+][A-Za-z0-9]+", line))

    def answered(self, command: bytes, line: bytes) -> None:
        """``line`` is an information response that came whole to ``command`` (``+NAME``)."""
        self._whole[command] = line

    def find(self, lines: Sequence[bytes], command: bytes = b"", *, echo_off: bool = True) -> Sentence | None:
        """A sentence that says of the first foreign line among ``lines`` what it is; None when there is none.

        ``lines`` came one behind the other, ``command`` (``+NAME``) is what they answer, if anything; ``echo_off`` says
        that the module has been told not to send command lines back.
        """
        text = 0
        for line in lines:
            if line.startswith(_WITH_TEXT):
                text = _LONGEST_TEXT
            elif text > 0:
                text -= max(1, len(line))
            elif said := self._foreign(line, command, echo_off):
                return said
        return None

    def _foreign(self, line: bytes, command: bytes, echo_off: bool) -> Sentence | None:
        shown = f"{line.decode('latin-1')!a}"
        if echo_off and _COMMAND_LINE.fullmatch(line) and not self._explained(line):
            return say("{line} is the echo of a command line that this run did not send", line=shown)
        name, colon, _ = line.partition(b":")
        if colon and name in _PROBED and name not in self._asked:
            return say("{line} answers a command that this run did not send", line=shown)
        whole = self._whole.get(command)
        if whole is not None and name not in self._names and _has_holes(line, whole):
            return say(
                "{line} has lost bytes on the way: it came whole before, as {whole}",
                line=shown,
                whole=ascii(whole.decode("latin-1")),
            )
        return None

    def _explained(self, line: bytes) -> bool:
        """Whether it may be an echo of ours after all, as it was sent or damaged."""
        if line in self._sent or line.upper().startswith(tuple(b"AT" + name for name in self._names)):
            return True
        return any(
            _is_part(line, ours) or (_SURELY_OURS <= len(ours) >= len(line) - _MOST_ADDED and _is_part(ours, line))
            for ours in self._latest
        )


def _has_holes(line: bytes, whole: bytes) -> bool:
    """Whether ``line`` is ``whole`` without some bytes from its middle, the command's name among them.

    A module may cut a value, leave characters of it out, or break a line in two; it does not lose half a name.
    """
    header = whole[: whole.find(b":") + 1]
    return (
        header.startswith(b"+")
        and len(whole) - len(line) >= _FEWEST_MISSING
        and line.startswith(b"+")
        and not line.startswith(header)
        and line not in whole
        and _is_part(line, whole)
    )


def _is_part(part: bytes, whole: bytes) -> bool:
    """Whether ``part`` is ``whole`` with some bytes left out."""
    rest = iter(whole)
    return all(byte in rest for byte in part)
