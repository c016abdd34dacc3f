"""What is done to a valid line: by its arguments, its production, and its bytes.

Every mutation is a function of a valid line, its production and a source of chance; it returns what goes to the module
before the CR.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from random import Random

from conformance.catalogue import Form, Kind, Type, load
from conformance.grammar.productions import PRODUCTIONS, Line, Production, content, text
from rigs.at.commands import quoted

Make = Callable[[Line, Production, Random], bytes]
Argument = Callable[[bytes, Random], bytes]
LIMIT_OF_A_LINE = 1024
"""What one command line of this module holds at most."""


@dataclass(frozen=True)
class Mutation:
    """``takes`` are the types of parameter that it needs one of, none for any line; ``least`` is the number of them.

    ``loose``: what it makes may be ignored in silence, edited or read as several lines, so that only the next command
    tells what the module made of it.
    """

    name: str
    make: Make
    takes: tuple[Type, ...] = ()
    least: int = 0
    loose: bool = False

    def suits(self, production: Production) -> bool:
        """Whether there is anything in a line of this production that it could change."""
        types = production.types
        return len(types) >= self.least and (not self.takes or any(kind in types for kind in self.takes))


def of_argument(name: str, kind: Type, change: Argument) -> Mutation:
    """Changes one argument of that type, as it stands on the line, its quotes included."""

    def make(line: Line, production: Production, chance: Random) -> bytes:
        place = chance.choice([place for place, found in enumerate(production.types) if found is kind])
        return bytes(line.with_argument(place, change(line.arguments[place], chance)))

    return Mutation(name, make, (kind,), 1)


def of_text(name: str, change: Argument) -> Mutation:
    """Changes what stands between the quotes of one string."""
    return of_argument(name, Type.STRING, lambda value, chance: b'"' + change(value[1:-1], chance) + b'"')


def of_length(name: str, size: Callable[[int], int], unit: str = "x") -> Mutation:
    """Makes one string so long, counted from its limit in bytes, in characters that are ``unit``."""

    def make(line: Line, production: Production, chance: Random) -> bytes:
        place = chance.choice([place for place, found in enumerate(production.types) if found is Type.STRING])
        parameter = production.parameters[place]
        stem = content(parameter, chance).decode() if parameter.name == "topic" else ""
        count = max(0, size(parameter.max_bytes or 128) - len(stem))
        return bytes(line.with_argument(place, quoted(stem + unit * count)))

    return Mutation(name, make, (Type.STRING,), 1)


def of_number(name: str, *values: bytes) -> Mutation:
    """Puts one of ``values`` in the place of one integer."""
    return of_argument(name, Type.INTEGER, lambda _, chance: chance.choice(values))


def of_line(
    name: str, make: Callable[[Line, Random], Line | bytes], least: int = 0, *, loose: bool = False
) -> Mutation:
    """Changes the line as a whole."""
    return Mutation(name, lambda line, _, chance: bytes(make(line, chance)), (), least, loose)


def _inserted(data: bytes, piece: bytes, chance: Random, first: int = 2) -> bytes:
    """``piece`` put somewhere into ``data``, not before its byte ``first``."""
    at = chance.randrange(min(first, len(data)), len(data) + 1)
    return data[:at] + piece + data[at:]


def inserting(name: str, *pieces: bytes, loose: bool = False) -> Mutation:
    """Puts one of ``pieces`` somewhere behind AT."""
    return of_line(name, lambda line, chance: _inserted(bytes(line), chance.choice(pieces), chance), loose=loose)


def _shuffled(line: Line, chance: Random) -> Line:
    arguments = list(line.arguments)
    first = chance.randrange(len(arguments) - 1)
    arguments[first], arguments[first + 1] = arguments[first + 1], arguments[first]
    return replace(line, arguments=tuple(arguments))


def _repeated(line: Line, chance: Random) -> Line:
    place = chance.randrange(len(line.arguments))
    times = chance.choice((1, 1, 2, 17, 40))
    return replace(line, arguments=line.arguments[:place] + (line.arguments[place],) * times + line.arguments[place:])


def _dropped(line: Line, chance: Random) -> Line:
    place = chance.randrange(len(line.arguments))
    return replace(line, arguments=line.arguments[:place] + line.arguments[place + 1 :])


def _of_another_command(line: Line, production: Production, chance: Random) -> bytes:
    others = [other for other in _SETS if other.command is not production.command]
    other = chance.choice(others)
    return bytes(replace(line, operator=b"=", arguments=other.line(chance).arguments))


def _in_another_form(line: Line, production: Production, chance: Random) -> bytes:
    operator = chance.choice([op for op in (b"", b"?", b"=?", b"=", b"==", b"?=", b":", b"=??") if op != line.operator])
    return bytes(replace(line, operator=operator))


def _renamed(line: Line, chance: Random) -> Line:
    name = line.name
    at = chance.randrange(5, len(name))
    return replace(line, name=chance.choice((name[:at], name + name[-1:], name[:at] + b"X" + name[at:], name + b"2")))


def _joined_names(line: Line, chance: Random) -> Line:
    return replace(line, name=line.name + chance.choice(_NAMES))


def _other_case(line: Line, chance: Random) -> Line:
    return replace(line, name=chance.choice((line.name.lower(), line.name.swapcase(), line.name.capitalize())))


def _several(line: Line, chance: Random) -> bytes:
    name = chance.choice(_NAMES)
    second = chance.choice((name + b"?", b"AT" + name + b"?", name + b"=?", b"", b";;", b" "))
    return bytes(line) + b";" + second


def _sized(sizes: Iterable[int]) -> Callable[[Line, Production, Random], bytes]:
    choices = tuple(sizes)

    def make(line: Line, production: Production, chance: Random) -> bytes:
        size, data = chance.choice(choices), bytes(line)
        room = size - len(data)
        if room <= 0:
            return data
        if Type.STRING in production.types and data.endswith(b'"'):
            return data[:-1] + b"x" * room + b'"'
        return data + chance.choice((b"x", b"0", b",")) * room

    return make


def _noise(line: Line, chance: Random) -> bytes:
    noise = bytes(chance.choice(ANY_BYTE) for _ in range(chance.randrange(1, 9)))
    return _inserted(bytes(line), noise, chance)


def _overwritten(line: Line, chance: Random) -> bytes:
    data = bytearray(bytes(line))
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(2, len(data))] = chance.choice(ANY_BYTE)
    return bytes(data)


def _edited(line: Line, chance: Random) -> bytes:
    key = chance.choice((b"\x08", b"\x7f"))
    times = chance.choice((1, 1, 2, 3, 200))
    wrong = text(chance, times) if chance.random() < 0.5 else b""
    return _inserted(bytes(line), wrong + key * times, chance, first=0)


def _cancelled(line: Line, chance: Random) -> bytes:
    return _inserted(bytes(line), b"\x18", chance, first=0)


def _cut(line: Line, chance: Random) -> bytes:
    data = bytes(line)
    return data[: chance.randrange(2, len(data) + 1)]


def _while_running(line: Line, chance: Random) -> bytes:
    running = chance.choice([production for production in _SETS if production.command.kind is Kind.IDENTITY])
    return bytes(running.line(chance)) + b"\r" + bytes(line)


def _accent(value: bytes, chance: Random) -> bytes:
    return value[: len(value) // 2] + chance.choice(("\u00e9", "\u8bbe", "\U0001f600", "\u202e", "e\u0301")).encode()


def _half_a_character(value: bytes, chance: Random) -> bytes:
    return value + chance.choice((b"\xe8", b"\xe8\xae", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"))


ANY_BYTE = [byte for byte in range(256) if byte not in b"\r\n\x08\x7f\x18;"]
"""Those that neither end nor edit a line, nor begin another command in it."""
_NAMES = [command.name.encode() for command in load().commands.values() if command.kind is not Kind.URC]
_SETS = [production for production in PRODUCTIONS if production.form is Form.SET]
_FORMATS = (b"%n", b"%s%s%s%s", b"%99999d", b"%x%x%x%x", b"{}", b"${a}", b"$(a)", b"../../..", b"%00")
_RESULTS = (b"OK", b"ERROR", b"+CME ERROR: 708", b"+MQTTRECV:a,b", b"err,708")

MUTATIONS = (
    of_line("valid", lambda line, _: line),
    # Around the limits, in bytes and in characters
    of_length("one byte", lambda _: 1),
    of_length("limit less one", lambda limit: limit - 1),
    of_length("limit", lambda limit: limit),
    of_length("limit and one", lambda limit: limit + 1),
    of_length("far beyond the limit", lambda limit: limit + 400),
    of_length("limit in characters", lambda limit: limit, "\u8bbe"),
    of_length("limit in two-byte characters", lambda limit: limit // 2, "\u00e9"),
    of_number("range and one", b"2", b"6", b"65536", b"256"),
    of_number("beyond 32 bits", b"4294967296", b"4294967297", b"2147483648", b"4294967295"),
    of_number("beyond 64 bits", b"18446744073709551616", b"9" * 40, b"9" * 400),
    # Near misses of a string
    of_text("empty string", lambda value, _: b""),
    of_text("a quote inside", lambda value, chance: _inserted(value, b'"', chance, 0)),
    of_text("an escaped quote", lambda value, chance: _inserted(value, b'\\"', chance, 0)),
    of_text("a backslash", lambda value, chance: _inserted(value, chance.choice((b"\\", b"\\\\", b"\\n")), chance, 0)),
    of_text("a backslash at the end", lambda value, _: value + b"\\"),
    of_text("text beyond ASCII", _accent),
    of_text("broken UTF-8", _half_a_character),
    of_text(
        "a separator inside", lambda value, chance: _inserted(value, chance.choice((b",", b",,", b"=")), chance, 0)
    ),
    of_text("a result code inside", lambda value, chance: chance.choice(_RESULTS)),
    of_text("a format inside", lambda value, chance: _inserted(value, chance.choice(_FORMATS), chance, 0)),
    of_text("a control character inside", lambda v, c: _inserted(v, bytes([c.choice((0, 1, 9, 26, 27, 31))]), c, 0)),
    of_text("high bytes inside", lambda v, c: _inserted(v, bytes(c.randrange(0x80, 0x100) for _ in range(4)), c, 0)),
    of_argument("quote left open", Type.STRING, lambda value, _: value[:-1]),
    of_argument("quote not opened", Type.STRING, lambda value, _: value[1:]),
    of_argument("no quotes", Type.STRING, lambda value, _: value[1:-1]),
    of_argument("quotes doubled", Type.STRING, lambda value, _: b'"' + value + b'"'),
    of_argument("single quotes", Type.STRING, lambda value, _: b"'" + value[1:-1] + b"'"),
    of_argument("text behind the quotes", Type.STRING, lambda value, chance: value + text(chance, 3)),
    of_argument("two strings in one place", Type.STRING, lambda value, _: value * 2),
    of_argument("number for a string", Type.STRING, lambda _, chance: chance.choice((b"0", b"-1", b"302"))),
    # Near misses of a number
    of_argument("sign", Type.INTEGER, lambda value, chance: chance.choice((b"-", b"+", b"--")) + value),
    of_argument("leading zeros", Type.INTEGER, lambda value, chance: b"0" * chance.choice((1, 9, 300)) + value),
    of_number("hex and octal", b"0x1", b"0X0", b"1h", b"0b1", b"0o1", b"#1"),
    of_number("exponent and point", b"1e0", b"1E3", b"0.", b"1.0", b".1", b"1,0"),
    of_number("digits beyond ASCII", "\uff11".encode(), "\u0661".encode(), "\u00b2".encode(), "\u2460".encode()),
    of_number("no number", b"", b"x", b"NULL", b"nan", b"-", b"true"),
    of_argument("number in quotes", Type.INTEGER, lambda value, _: b'"' + value + b'"'),
    of_argument("blanks at a number", Type.INTEGER, lambda v, c: c.choice((b" " + v, v + b" ", b"\t" + v, b"0 " + v))),
    # Separators
    of_line("separator doubled", lambda line, _: replace(line, separator=b",,"), 2),
    of_line("separator missing", lambda line, _: replace(line, separator=b""), 2),
    of_line("another separator", lambda line, c: replace(line, separator=c.choice((b" ", b":", b", ", b"\t,"))), 2),
    of_line("separator at the end", lambda line, chance: replace(line, end=b"," * chance.choice((1, 2, 17, 64)))),
    of_line("separator in front", lambda line, chance: replace(line, operator=line.operator + b","), 1),
    # Productions
    of_line("parameter repeated", _repeated, 1),
    of_line("parameters swapped", _shuffled, 2),
    of_line("parameter dropped", _dropped, 1),
    Mutation("parameters of another command", _of_another_command),
    Mutation("another operator", _in_another_form),
    of_line("no such name", _renamed),
    of_line("two names", _joined_names),
    of_line("no name", lambda line, _: replace(line, name=b"+")),
    of_line("another case", _other_case),
    of_line(
        "blanks at the operator", lambda line, c: replace(line, operator=c.choice((b" ", b"\t", b"  ")) + line.operator)
    ),
    of_line("blanks behind", lambda line, chance: replace(line, end=b" " * chance.choice((1, 7, 64)))),
    of_line("blanks behind AT", lambda line, chance: replace(line, prefix=b"AT" + b" " * chance.choice((1, 3)))),
    of_line("several commands", _several),
    # Hostile bytes
    of_line("noise", _noise),
    of_line("bytes overwritten", _overwritten),
    inserting("NUL", b"\x00", b"\x00" * 17),
    inserting("high bytes", b"\xff", b"\x80\xff\xfe", b"\xff" * 64),
    inserting("escape", b"\x1b", b"\x1a", b"\x1b[A", b"\x11\x13"),
    inserting("format", *_FORMATS),
    inserting("commas", b"," * 17, b"," * 64),
    inserting("quotes", b'"' * 17, b'"' * 63, b'\\"' * 33),
    Mutation("near a full line", _sized(range(LIMIT_OF_A_LINE - 2, LIMIT_OF_A_LINE + 3))),
    Mutation("near a short line", _sized((127, 128, 255, 256, 257, 511, 512, 513))),
    Mutation("far beyond a line", _sized((1536, 2048, 3000, 4096))),
    of_line("cut", _cut),
    # Lines that only the next command tells of
    of_line("backspace", _edited, loose=True),
    of_line("cancel", _cancelled, loose=True),
    inserting("CR inside", b"\r", b"\r\r", loose=True),
    inserting("LF inside", b"\n", b"\n\n", b"\r\n", b"\n\r", loose=True),
    of_line(
        "prefix in another case", lambda line, c: replace(line, prefix=c.choice((b"at", b"aT", b"At"))), loose=True
    ),
    of_line(
        "prefix twice",
        lambda line, c: replace(line, prefix=c.choice((b"A", b"AAT", b"ATAT", b" AT", b"\x00AT"))),
        loose=True,
    ),
    of_line("while another runs", _while_running, loose=True),
)
