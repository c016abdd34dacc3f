"""How a firmware may write its errors, and which it may choose (manual 2.2, 2.3; 3GPP TS 27.007, 9.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.habits.registry import habit
from rigs.simulator.parser import Command, Form
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


@habit("writes every error as a bare ERROR, even after +CMEE=1", declares={"error_codes": "no"})
def bare_error(module: Firmware) -> None:
    module.dialect.error = lambda _name, _number: [b"ERROR"]


@habit("writes +CME ERROR:n without a space")
def cme_without_space(module: Firmware) -> None:
    module.dialect.error = lambda _name, number: [b"+CME ERROR:%b" % number]


@habit("writes ERROR: n")
def error_with_number(module: Firmware) -> None:
    module.dialect.error = lambda _name, number: [b"ERROR: %b" % number]


def _named(name: str, text: bytes) -> list[bytes]:
    """An error in the name of its command; what has no such name gets a bare ERROR."""
    return [b"+" + name.encode() + text] if name and not name.startswith("AT") else [b"ERROR"]


@habit("writes +<COMMAND>=err,n")
def error_named_equals(module: Firmware) -> None:
    module.dialect.error = lambda name, number: _named(name, b"=err,%b" % number)


@habit("writes +<COMMAND>: err,n")
def error_named_colon(module: Firmware) -> None:
    module.dialect.error = lambda name, number: _named(name, b": err,%b" % number)


@habit("writes +<COMMAND>=err,n and a final ERROR")
def error_named_equals_final(module: Firmware) -> None:
    module.dialect.error = lambda name, number: list(dict.fromkeys([*_named(name, b"=err,%b" % number), b"ERROR"]))


@habit("writes +<COMMAND>: err,n and a final ERROR")
def error_named_colon_final(module: Firmware) -> None:
    module.dialect.error = lambda name, number: list(dict.fromkeys([*_named(name, b": err,%b" % number), b"ERROR"]))


@habit("shows codes only after +CMEE=1")
def codes_after_cmee(module: Firmware) -> None:
    module.error_verbosity = 0


def _malformed(number: int) -> None:
    @habit(f"answers a malformed line with {number}", name=f"malformed-is-{number}")
    def adopt(module: Firmware) -> None:
        module.dialect.numbers[Code.MALFORMED] = number


for _number in (3, 4, 53, 58, 708):
    _malformed(_number)


@habit("answers 706 instead of 705 while closed")
def closed_is_706(module: Firmware) -> None:
    module.dialect.numbers[Code.INVALID_OPERATION] = 706


@habit("answers 702 where DeviceSecret and ProductSecret are missing both")
def missing_secrets_are_702(module: Firmware) -> None:
    def check(original: Callable[[], None]) -> None:
        try:
            original()
        except Refused as refused:
            if refused.code is Code.NO_DEVICE_SECRET and not module.memory.read("PRODUCTSECRET"):
                raise Refused(Code.NO_PRODUCT_SECRET) from None
            raise

    wrap(module, "check_identity", check)


@habit("looks for the identity values in reversed order")
def reversed_checks(module: Firmware) -> None:
    module.identity_checks.reverse()


@habit("answers a refused login with 700")
def refused_login_is_700(module: Firmware) -> None:
    def open_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        try:
            return original(module, command)
        except Refused as refused:
            raise Refused(Code.NETWORK if refused.code is Code.NOT_ALLOWED else refused.code) from None

    wrap_command(module, "ALYMQTTOPEN", Form.EXECUTE, open_)


@habit("writes codes with four digits, as in 0708")
def codes_with_leading_zero(module: Firmware) -> None:
    module.dialect.digits = lambda number: b"%04d" % number


@habit("answers what its general parser refuses with a bare ERROR, and every other error with its number")
def bare_error_from_parser(module: Firmware) -> None:
    def refusal(original: Callable[..., list[bytes]], name: str, code: Code, verbosity: int) -> list[bytes]:
        from_parser = code in (Code.UNKNOWN, Code.MALFORMED)
        return module.dialect.bare_error if from_parser else original(name, code, verbosity)

    wrap(module.dialect, "refusal", refusal)


@habit("writes +<COMMAND>: err,n, and +AT: err,n for a line that its parser cannot read")
def parser_names_at(module: Firmware) -> None:
    def error(name: str, number: bytes) -> list[bytes]:
        named = name if name and not name.startswith("AT") else "AT"
        return [b"+%b: err,%b" % (named.encode(), number)]

    module.dialect.error = error


@habit("answers a line over 512 bytes that is not a PUB as a malformed one")
def long_lines_malformed(module: Firmware) -> None:
    def answer(original: Callable[[bytes], list[bytes]], line: bytes) -> list[bytes]:
        if len(line) > 512 and not line.upper().startswith(b"AT+ALYMQTTPUB="):
            return module.dialect.refusal("", Code.MALFORMED, module.error_verbosity)
        return original(line)

    wrap(module, "answer", answer)
