"""How a firmware may write its answers (manual 2.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rigs.simulator.habits.registry import habit
from rigs.simulator.parser import Form
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


@habit("puts no CR LF in front of a line")
def no_leading_crlf(module: Firmware) -> None:
    module.console.frame = lambda line: line + b"\r\n"


@habit("puts blank lines between its lines")
def blank_lines(module: Firmware) -> None:
    wrap(module.console, "frame", lambda frame, line: b"\r\n" + frame(line) + b"\r\n")


@habit("puts a space behind the colon")
def space_after_colon(module: Firmware) -> None:
    module.dialect.colon = b": "


@habit("puts quotes around the strings that it answers")
def quoted_values(module: Firmware) -> None:
    module.dialect.quote = b'"'


@habit("names ALYMQTTSUB in the test response of ALYMQTTUNSUB, as the manual prints it")
def unsub_answers_as_sub(module: Firmware) -> None:
    wrap_command(
        module,
        "ALYMQTTUNSUB",
        Form.TEST,
        lambda _handler, module, _command: [module.dialect.information("ALYMQTTSUB", b"<topic>")],
    )


@habit("ends its lines with CR CR LF")
def cr_cr_lf_ends(module: Firmware) -> None:
    module.console.frame = lambda line: b"\r\n" + line + b"\r\r\n"


@habit("ends its echo with CR CR LF")
def echo_cr_cr_lf(module: Firmware) -> None:
    module.console.echoed = lambda typed: typed.replace(b"\r", b"\r\r\n")


@habit("puts blanks between the numbers of a settings answer")
def blanks_before_numbers(module: Firmware) -> None:
    module.dialect.comma = b", "


@habit("shows a downlink message over 512 bytes in parts, a line for each")
def long_downlinks_in_parts(module: Firmware) -> None:
    def downlink(original: Callable[[bytes, bytes], None], topic: bytes, payload: bytes) -> None:
        for start in range(0, len(payload) or 1, 512):
            original(topic, payload[start : start + 512])

    wrap(module, "downlink", downlink)
