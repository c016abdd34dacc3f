"""The identity that a module holds of its own: read byte for byte, kept while a run borrows the module, given back.

The copy lies outside of any run directory, because it holds secrets in clear: in the user's state folder
(``$XDG_STATE_HOME``, else ``~/.local/state``), for this user alone, one file per rig, port and module. It is there from
before the first value is set until the module has its identity back, however the run ends.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rigs.at import commands
from rigs.at.exchange import Exchange
from rigs.errors import BenchError
from rigs.sentence import Sentence, say

Send = Callable[[bytes], Exchange]
"""Sends a command line (without its CR) and returns its exchange."""
_PLAIN = re.compile(rb"[!#-\[\]-~][ !#-\[\]-~]*")
"""Printable ASCII without a quote or a backslash, which no two firmwares show alike, and without a blank in front."""
_STARS = re.compile(rb"\*{3}")
"""How a firmware shows a value that it does not show."""
_LONGEST_NAME = 64
"""Characters of a model, a firmware revision or a serial number."""
_REVISION, _MODEL, _SERIAL_NUMBER = "AT+CGMR", "AT+CGMM", "AT+CGSN"


class IdentityError(BenchError):
    """The module's own identity could be lost; the text says which value and why."""


class Owner(BaseModel):
    """Who a module is, by its own word; None for what it does not say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str | None = None
    revision: str | None = None
    serial_number: str | None = None

    @classmethod
    def of(cls, answers: Mapping[str, list[str]]) -> Owner:
        """From what `Rig.identify` returns."""
        return cls(
            model=_only(answers.get(_MODEL)),
            revision=_only(answers.get(_REVISION)),
            serial_number=_only(answers.get(_SERIAL_NUMBER)),
        )

    def __str__(self) -> str:
        said = [self.model, self.revision, self.serial_number and f"IMEI {self.serial_number}"]
        return ", ".join(filter(None, said)) or say("a module that does not say who it is")


class IdentityCopy(BaseModel):
    """What one module held before a run borrowed it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal[1] = Field(1, alias="schema")
    rig: str
    port: str
    module: Owner
    kept: datetime
    close: str
    """The command that ends the module's session, without which some firmware takes no setting."""
    values: dict[str, str]
    """Command name -> what its query shows behind the colon, bytes as latin-1 characters; nothing where it is empty."""

    @property
    def shown(self) -> dict[str, bytes]:
        return {name: text.encode("latin-1") for name, text in self.values.items()}


def read(send: Send, names: Iterable[str]) -> dict[str, bytes]:
    """What each query shows behind the colon, for those that show exactly one value."""
    found = {}
    for name in names:
        exchange = send(commands.query_line(name))
        if exchange.ok and len(exchange.information) == 1:
            found[name] = exchange.information[0].value
    return found


def spellings(shown: bytes) -> tuple[bytes, ...]:
    """The arguments that may bring about that a query shows this, the likeliest first.

    Firmware differs in whether it shows quotes around a value, a blank in front of it, and the backslash that a quote
    inside needs in a set command; some needs one before a backslash, too.
    """
    spelled: list[bytes] = []
    for text in (shown.removeprefix(b" "), shown):
        inner = text[1:-1] if len(text) >= 2 and text[:1] == text[-1:] == b'"' else None
        for held in (text,) if inner is None else (inner, text):
            doubled = held.replace(b"\\", b"\\\\")
            spelled += [b'"' + held + b'"'] if held is inner else []
            spelled += [commands.quoted(held), commands.quoted(doubled), b'"' + held + b'"', b'"' + doubled + b'"']
        spelled.append(text)
    return tuple(dict.fromkeys(spelled))


def content(shown: bytes) -> bytes:
    """The value itself, as far as it can be told: without a blank in front, without quotes around it."""
    text = shown.removeprefix(b" ")
    return text[1:-1] if len(text) >= 2 and text[:1] == text[-1:] == b'"' else text


def give_back_value(send: Send, name: str, shown: bytes) -> bool:
    """Set one value so that its query shows exactly this again; False when no spelling brings that about."""
    if read(send, [name]).get(name) == shown:
        return True
    for argument in spellings(shown):
        if not send(commands.set_line(name, commands.Bare(argument))).ok:
            continue
        if read(send, [name]).get(name) == shown:
            return True
    return False


def give_back(send: Send, values: Mapping[str, bytes]) -> list[str]:
    """Set all of them; returns the names of those that the module does not show as before."""
    return [name for name, shown in values.items() if not give_back_value(send, name, shown)]


def hidden(shown: bytes | None) -> Sentence | None:
    """Why a value cannot be told from what its query shows (None where that is no value); None when it can."""
    if shown is None:
        return say("it cannot be read")
    return say("the module shows stars in its place") if _STARS.search(content(shown)) else None


def why_in_doubt(send: Send, name: str, shown: bytes | None, limit: int) -> Sentence | None:
    """Why it is not sure that a value can be given back; None when it is.

    A value of printable ASCII without quotes and backslashes comes back as it is. Any other is set to itself and looked
    at; nothing is set that hides itself, cannot be read, or is refused.
    """
    if shown is None or hidden(shown):
        return hidden(shown)
    text = content(shown)
    if not text or (_PLAIN.fullmatch(text) and len(text) <= limit):
        return None
    for argument in spellings(shown):
        if send(commands.set_line(name, commands.Bare(argument))).ok and read(send, [name]).get(name) == shown:
            return None
    return say("set to what it is, it does not come back the same, and may have changed")


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where copies lie: ``ml302-conformance/identities`` in the user's state folder (XDG Base Directory)."""
    base = environ.get("XDG_STATE_HOME") or (Path.home() / ".local" / "state")
    return Path(base) / "ml302-conformance" / "identities"


@dataclass(frozen=True)
class Found:
    """A copy and the file that it stands in."""

    copy: IdentityCopy
    path: Path

    def erase(self) -> None:
        """The module has its identity back; raises `IdentityError` when the copy cannot be removed."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise IdentityError(
                say(
                    "{path}: the copy of an identity that was given back cannot be removed: {strerror}",
                    path=self.path,
                    strerror=error.strerror,
                ),
                act=say("operator: remove it by hand, it holds secrets"),
            ) from error


class CopyStore:
    """The copies of one user."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or state_folder()

    def save(self, copy: IdentityCopy) -> Found:
        """Write a copy so that it survives whatever comes next; raises `IdentityError`."""
        whose = (copy.rig, copy.port, copy.module.serial_number or "unknown")
        path = self.folder / f"{'@'.join(map(_slug, whose))}.json"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, copy.model_dump_json(indent=2, by_alias=True) + "\n")
        except OSError as error:
            raise self._unwritable(error) from error
        return Found(copy, path)

    def require_writable(self) -> None:
        """Raise `IdentityError` where no copy can be kept."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> IdentityError:
        return IdentityError(
            say(
                "{folder}: the module's own identity cannot be kept here: {strerror}",
                folder=self.folder,
                strerror=error.strerror,
            ),
            act=say(
                "operator: let XDG_STATE_HOME name a folder that can be written, or run with "
                "--overwrite-identity if it may be lost"
            ),
        )

    def of_rig(self, rig: str) -> list[Found]:
        """The copies that runs on this rig have left, the oldest first; raises `IdentityError` for one out of shape."""
        found = [Found(_load(path), path) for path in sorted(self.folder.glob(f"{_slug(rig)}@*.json"))]
        return sorted((one for one in found if one.copy.rig == rig), key=lambda one: one.copy.kept)


def belongs(copy: IdentityCopy, module: Owner, port: str, *, moved: bool = False) -> bool:
    """Whether a copy is of this module.

    By its IMEI where it says one, and by port and model where it does not. ``moved``: also where it was kept under
    another port, for a module that is known by its IMEI.
    """
    if copy.module.serial_number != module.serial_number:
        return False
    if copy.port != port:
        return moved and module.serial_number is not None
    return copy.module.model == module.model


def _only(lines: list[str] | None) -> str | None:
    """The value of an identity answer, prefixed (``+CGMR: ...``) or bare; None for one that names nothing."""
    if not lines:
        return None
    name, separator, value = lines[0].partition(":")
    text = value.strip(' "') if separator and name.startswith("+") else lines[0].strip(' "')
    return text if 0 < len(text) <= _LONGEST_NAME and text.isprintable() else None


def _load(path: Path) -> IdentityCopy:
    try:
        return IdentityCopy.model_validate_json(path.read_bytes())
    except OSError as error:
        wrong = error.strerror or str(error)
    except ValidationError as error:
        # Without the values: they are secrets.
        first = error.errors(include_input=False, include_url=False)[0]
        wrong = ": ".join([*map(str, first["loc"]), first["msg"]])
    raise IdentityError(
        say("{path}: no copy of a module's identity: {wrong}", path=path, wrong=wrong),
        act=say("operator: mend it, or move it away if the module's identity is known from elsewhere"),
    )


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:80] or "-"


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for this user alone, and on the disk when this returns; raises `OSError`."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
