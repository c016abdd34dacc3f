"""Recognises what a line from the module is: final result code, information response, URC, or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rigs.sentence import say

URC_RECEIVED = b"+MQTTRECV:"
_FAMILY = b"+ALY"


class Form(StrEnum):
    """The ways a firmware writes a final result code (requirement FMT-10 lists the accepted error forms)."""

    OK = "OK"
    ERROR = "ERROR"
    CME_SPACED = "+CME ERROR: n"
    CME_TIGHT = "+CME ERROR:n"
    CME_TEXT = "+CME ERROR: text"
    CMS = "+CMS ERROR: n"
    ERROR_CODE = "ERROR: n"
    ERR_EQUALS = "+<CMD>=err,n"
    ERR_COLON = "+<CMD>: err,n"
    MISSPELT_OK = "OK in another spelling"
    MISSPELT_ERROR = "ERROR in another spelling"
    NUMERIC_OK = "0"
    NUMERIC_ERROR = "4"

    @property
    def accepted(self) -> bool:
        """Whether a host of this module has to understand it."""
        return self not in (Form.CME_TEXT, Form.CMS) and not self.wrong

    @property
    def wrong(self) -> bool:
        """Whether it is no final result code as the manual writes one, but can only have been meant as one."""
        return self in (Form.MISSPELT_OK, Form.MISSPELT_ERROR, Form.NUMERIC_OK, Form.NUMERIC_ERROR)

    @property
    def names_the_command(self) -> bool:
        """Whether a closing ERROR may follow in this form."""
        return self in (Form.ERR_EQUALS, Form.ERR_COLON)


@dataclass(frozen=True)
class Final:
    """One final result code."""

    form: Form
    code: int | None = None
    closed_by_error: bool = False
    """The command-naming form was followed by a line ERROR, which belongs to it."""

    @property
    def ok(self) -> bool:
        return self.form in (Form.OK, Form.MISSPELT_OK, Form.NUMERIC_OK)

    @property
    def spelling(self) -> str:
        """The dialect this error is written in, for comparing errors with each other."""
        return f"{self.form.value} + ERROR" if self.closed_by_error else self.form.value

    def __str__(self) -> str:
        if self.code is None:
            return self.form.value
        return say("{spelling} (code {code})", spelling=self.spelling, code=self.code)


_CME = re.compile(rb"\+CME ERROR:( ?)(\d{1,10})")
_CME_TEXT = re.compile(rb"\+CME ERROR:.*", re.DOTALL)
_CMS = re.compile(rb"\+CMS ERROR:\s*(\d{1,10})?.*", re.DOTALL)
_ERROR_CODE = re.compile(rb"ERROR: ?(\d{1,10})")
_NAMED = re.compile(rb"(\+[A-Z0-9]+)(=|:) ?err, ?(\d{1,10})", re.IGNORECASE)
_WRONG_FORMS = {b"0": Form.NUMERIC_OK, b"4": Form.NUMERIC_ERROR}
_PARSER = b"+AT"
"""In whose name a line that could not be read may be answered."""
_COMMAND_NAME = re.compile(rb"AT(\+[A-Z0-9]+)", re.IGNORECASE)


def command_name(command: bytes) -> bytes:
    """``+NAME`` of an extended command line in upper case, or nothing for any other line."""
    match = _COMMAND_NAME.match(command)
    return match.group(1).upper() if match else b""


def final_result(text: bytes, name: bytes = b"") -> Final | None:
    """The final result code that the line ``text`` is, or None.

    ``name`` is the `command_name` of the command line that is being answered, if it has one. An error that names its
    command has to name that one, or another of the same family (the manual's 2.4.10 mixes SUB and UNSUB up): anything
    else of that shape is a URC.
    """
    text = text.strip(b" \r")
    if text == b"OK":
        return Final(Form.OK)
    if text == b"ERROR":
        return Final(Form.ERROR)
    if match := _CME.fullmatch(text):
        return Final(Form.CME_SPACED if match.group(1) else Form.CME_TIGHT, int(match.group(2)))
    if _CME_TEXT.fullmatch(text):
        return Final(Form.CME_TEXT)
    if match := _CMS.fullmatch(text):
        return Final(Form.CMS, int(match.group(1)) if match.group(1) else None)
    if match := _ERROR_CODE.fullmatch(text):
        return Final(Form.ERROR_CODE, int(match.group(1)))
    if (match := _NAMED.fullmatch(text)) and _may_answer(match.group(1).upper(), name):
        return Final(Form.ERR_EQUALS if match.group(2) == b"=" else Form.ERR_COLON, int(match.group(3)))
    return None


def wrong_form(text: bytes) -> Final | None:
    """The final result code that the line ``text`` can only have been meant as, in a form that no host reads; or None.

    V.250 numbers its result codes after ATV0; the manual's 2.3 spells success "Ok". Only a line that answers nothing
    but ``AT`` is safely read like this: elsewhere such a line may be text.
    """
    text = text.strip(b" \r")
    if text in _WRONG_FORMS:
        return Final(_WRONG_FORMS[text])
    spelled = text.upper()
    if spelled == text or spelled not in (b"OK", b"ERROR"):
        return None
    return Final(Form.MISSPELT_OK if spelled == b"OK" else Form.MISSPELT_ERROR)


def _may_answer(named: bytes, name: bytes) -> bool:
    if named + b":" == URC_RECEIVED:
        return False
    return not name or named in (name, _PARSER) or (named.startswith(_FAMILY) and name.startswith(_FAMILY))


@dataclass(frozen=True)
class Information:
    """An information response of the command that was sent: ``+NAME`` separator value."""

    separator: str
    """``:`` as the manual's command pages show it, or ``=`` as its section 2.3 does."""
    value: bytes
    """Everything behind the separator, a leading space included."""


def information(text: bytes, name: bytes) -> Information | None:
    """``text`` as an information response of the command ``name`` (``+NAME``), or None."""
    if not name or not text.startswith(name):
        return None
    rest = text[len(name) :]
    return Information(chr(rest[0]), rest[1:]) if rest[:1] in (b":", b"=") else None
