"""The commands of the module's own firmware that a host uses before it talks to the cloud (V.250, 3GPP TS 27.007)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands.registry import Handler, command
from rigs.simulator.parser import Command, Form

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

REVISION = b"ML302-SIM-1.0.0"
SERIAL_NUMBER = b"867000000000010"


@command("AT", Form.EXECUTE)
def attention(_module: Firmware, _command: Command) -> list[bytes]:
    return []


@command("ATE", Form.EXECUTE)
@command("ATE0", Form.EXECUTE)
def echo_off(module: Firmware, _command: Command) -> list[bytes]:
    module.console.echo = False
    return []


@command("ATE1", Form.EXECUTE)
def echo_on(module: Firmware, _command: Command) -> list[bytes]:
    module.console.echo = True
    return []


@command("ATV", Form.EXECUTE)
@command("ATV0", Form.EXECUTE)
def results_as_numbers(module: Firmware, _command: Command) -> list[bytes]:
    module.console.verbose = False
    return []


@command("ATV1", Form.EXECUTE)
def results_as_words(module: Firmware, _command: Command) -> list[bytes]:
    module.console.verbose = True
    return []


@command("ATQ", Form.EXECUTE)
@command("ATQ0", Form.EXECUTE)
def results_shown(module: Firmware, _command: Command) -> list[bytes]:
    module.console.quiet = False
    return []


@command("ATQ1", Form.EXECUTE)
def results_suppressed(module: Firmware, _command: Command) -> list[bytes]:
    module.console.quiet = True
    return []


def one_by_one(names: list[str]) -> Handler:
    """Basic commands that share a line: each in its turn (V.250, 5.2.1)."""

    def handler(module: Firmware, _command: Command) -> list[bytes]:
        commands = [Command(name, Form.EXECUTE) for name in names]
        handlers = [module.handler(command) for command in commands]
        return [line for command, handle in zip(commands, handlers, strict=True) for line in handle(module, command)]

    return handler


@command("ATI", Form.EXECUTE)
def identification(_module: Firmware, _command: Command) -> list[bytes]:
    return [b"CMCC", b"ML302", b"Revision:" + REVISION]


@command("CGMM", Form.EXECUTE)
def model(_module: Firmware, _command: Command) -> list[bytes]:
    return [b"ML302"]


@command("CGMR", Form.EXECUTE)
def revision(_module: Firmware, _command: Command) -> list[bytes]:
    return [REVISION]


@command("CGSN", Form.EXECUTE)
def serial_number(_module: Firmware, _command: Command) -> list[bytes]:
    return [SERIAL_NUMBER]


@command("CSQ", Form.EXECUTE)
def signal_quality(_module: Firmware, _command: Command) -> list[bytes]:
    return [b"+CSQ: 28,99"]


@command("CPIN", Form.QUERY)
def sim_card(_module: Firmware, _command: Command) -> list[bytes]:
    return [b"+CPIN: READY"]


@command("CREG", Form.QUERY)
@command("CEREG", Form.QUERY)
def registration(module: Firmware, command: Command) -> list[bytes]:
    return [b"+%b: 0,%d" % (command.name.encode(), module.radio.status)]


@command("CGATT", Form.QUERY)
def attachment(module: Firmware, _command: Command) -> list[bytes]:
    return [b"+CGATT: %d" % module.radio.registered]


@command("CMEE", Form.SET)
def set_error_verbosity(module: Firmware, command: Command) -> list[bytes]:
    (parameter,) = module.parameters(command, 1)
    try:
        module.error_verbosity = module.number(parameter, "cmee")
    except Refused:
        raise Refused(Code.MALFORMED) from None
    return []


@command("CMEE", Form.QUERY)
def error_verbosity(module: Firmware, _command: Command) -> list[bytes]:
    return [b"+CMEE: %d" % module.error_verbosity]


@command("CMEE", Form.TEST)
def error_verbosities(_module: Firmware, _command: Command) -> list[bytes]:
    return [b"+CMEE: (0-2)"]


@command("MREBOOT", Form.EXECUTE)
def reboot(module: Firmware, _command: Command) -> list[bytes]:
    module.afterwards(module.restart)
    return []


@command("MPOF", Form.EXECUTE)
def power_off(module: Firmware, _command: Command) -> list[bytes]:
    module.afterwards(module.switch_off)
    return []
