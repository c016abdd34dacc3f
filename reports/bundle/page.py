"""The page in a bundle, which follows from the record to the last byte: rendered again, and compared.

`make` renders the page that it packs, since the one beside a record may hold what pytest captured, which is no
evidence. What deflate makes of the packed parts may differ between machines: they are compared unpacked.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping
from typing import Any

from reports.bundle.contents import REPORT, DoesNotHold
from reports.html import render_page
from reports.html.renderer import renderer
from reports.i18n import Lang
from reports.inert import inert
from reports.record import RunRecord
from reports.sentences import Sentence, say

_PACKED = re.compile(r'(<script type="text/plain" class="packed" data-count="\d+">)([A-Za-z0-9+/=]*)(?=</script>)')
_BEFORE, _BEHIND = 24, 40
"""Characters shown before and behind the beginning of a difference."""
_OTHERS = {"python": "Python", "unicode": "Unicode", "jinja2": "Jinja2", "markupsafe": "MarkupSafe"}


def page(record: RunRecord) -> bytes:
    """The page that a record gives, in the language of its run. Raises `RecordError`."""
    return render_page(record, Lang(record.lang), record.strict).encode("utf-8")


def read_renderer(told: Any) -> Mapping[str, str]:
    """By what a page was rendered, as the bundle tells it. Raises `DoesNotHold` for what no suite tells."""
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()) or "code" not in told:
        raise DoesNotHold("the manifest does not tell by what the page was rendered")
    return told


def why_not_again(told: Mapping[str, str] | None) -> Sentence | None:
    """Why the page cannot be rendered again here; None where it can."""
    if told is None:
        return say("the bundle is of schema 1, which does not tell by what it was rendered")
    ours = renderer()
    if told == ours:
        return None
    reasons = [
        say("{name} {theirs}, here {ours}", name=name, theirs=inert(told.get(key, "?"))[:20], ours=ours[key])
        for key, name in _OTHERS.items()
        if told.get(key) != ours[key]
    ]
    if told["code"] != ours["code"] or not reasons:
        theirs = inert(told["code"])[:12]
        reasons.insert(
            0, say("another version of the suite ({theirs}, this one is {ours})", theirs=theirs, ours=ours["code"][:12])
        )
    return say("rendered by {reasons}", reasons=reasons)


def check_page(stated: bytes, record: RunRecord) -> None:
    """Raises `DoesNotHold`, which names the first difference, for a page that the record does not give."""
    derived = page(record)
    if stated == derived:
        return
    said, given = (content.decode("utf-8", "surrogateescape") for content in (stated, derived))
    scripts = said.lower().count("<script"), given.lower().count("<script")
    if scripts[0] > scripts[1]:
        raise DoesNotHold("{file} was changed: a script too many; {where}", file=REPORT, where=_difference(said, given))
    plain, wanted = (_PACKED.sub(r"\1", text) for text in (said, given))
    if plain != wanted:
        raise DoesNotHold("{file} was changed: {where}", file=REPORT, where=_difference(plain, wanted))
    for one, other in zip(_PACKED.finditer(said), _PACKED.finditer(given), strict=True):
        _check_packed(one[2], other[2])


def _check_packed(said: str, given: str) -> None:
    """The same to the last byte when unpacked, with nothing behind it."""
    wanted = zlib.decompress(base64.b64decode(given))
    unpacking = zlib.decompressobj()
    try:
        got = unpacking.decompress(base64.b64decode(said, validate=True), len(wanted) + 1)
    except (zlib.error, ValueError) as problem:
        raise DoesNotHold(
            "{file} was changed: the packed details of its tests cannot be unpacked", file=REPORT
        ) from problem
    if got != wanted:
        where = _difference(got.decode("utf-8", "surrogateescape"), wanted.decode("utf-8"), packed=True)
        raise DoesNotHold("{file} was changed: {where}", file=REPORT, where=where)
    if not unpacking.eof or unpacking.unused_data:
        raise DoesNotHold("{file} was changed: something stands behind the packed details of its tests", file=REPORT)


def _difference(said: str, given: str, *, packed: bool = False) -> Sentence:
    """Where two texts begin to differ, and what stands there in each."""
    shorter = min(len(said), len(given))
    at = next((at for at in range(shorter) if said[at] != given[at]), shorter)
    shown = [inert(text[max(0, at - _BEFORE) : at + _BEHIND]) for text in (said, given)]
    if packed:
        return say(
            "the packed details of its tests says {said!r}; the record gives {given!r}", said=shown[0], given=shown[1]
        )
    line = given.count("\n", 0, at) + 1
    return say("line {line} says {said!r}; the record gives {given!r}", line=line, said=shown[0], given=shown[1])
