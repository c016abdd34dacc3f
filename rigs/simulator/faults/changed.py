"""Faults that show after something was changed: at the power cut, in a session, in a malformed line, in one number."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.faults.registry import fault, identity_fault
from rigs.simulator.link import Dial
from rigs.simulator.parser import Command, Form, Parameter
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Flush = Callable[[dict[str, bytes]], None]


@fault("forgets a DeviceSecret that was set in an open session, when the power is cut in it", breaks=["PC-01-DS"])
def secret_set_while_open_is_lost(module: Firmware) -> None:
    kept = [module.memory.read("DEVICESECRET")]

    def flush(original: Flush, values: dict[str, bytes]) -> None:
        if not module.link.is_open:
            kept[0] = values.get("DEVICESECRET", b"")
        original({**values, "DEVICESECRET": kept[0]})

    wrap(module.memory, "flush", flush)


@fault(
    "thinks that it is open still when the power was cut in mid-session",
    breaks=["CL-03", "SU-03", "OP-01"],
    provoked_by=["PC-03"],
)
def open_over_the_cut(module: Firmware) -> None:
    thinks = [module.memory.read("OPEN") == b"1"]

    def open_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if thinks[0]:
            raise Refused(Code.ALREADY_OPEN)
        lines = original(module, command)
        module.memory.write("OPEN", b"1")
        return lines

    def close(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        module.memory.write("OPEN", b"0")
        if thinks[0]:
            thinks[0] = False
            return []
        return original(module, command)

    wrap_command(module, "ALYMQTTOPEN", Form.EXECUTE, open_)
    wrap_command(module, "ALYMQTTCLOSE", Form.EXECUTE, close)


@fault("keeps connection settings of which only the port was changed over a power cycle", breaks=["PC-03"])
def port_alone_survives(module: Firmware) -> None:
    if port := module.memory.read("PORT"):
        module.settings.port = int(port)

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        lines = original(module, command)
        alone = (module.settings.region, module.settings.tls_flag) == (0, 0) and module.settings.port != 1883
        module.memory.write("PORT", b"%d" % module.settings.port if alone else b"")
        return lines

    wrap_command(module, "ALYCONNECTCFG", Form.SET, set_)


@fault("stores a DeviceName that it refuses for its length, to be found after a power cycle", breaks=["PC-01-DN"])
def refused_name_is_stored(module: Firmware) -> None:
    refused = [b""]

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        refused[0] = b""
        try:
            return original(module, command)
        except Refused:
            with suppress(Refused):
                (parameter,) = module.parameters(command, 1)
                refused[0] = parameter.value[: module.limits["DEVICENAME"]]
                module.memory.flush(module.memory.load(module.memory.path))
            raise

    def flush(original: Flush, values: dict[str, bytes]) -> None:
        original({**values, "DEVICENAME": refused[0]} if refused[0] else values)

    wrap(module.memory, "flush", flush)
    wrap_command(module, "ALYDEVICENAME", Form.SET, set_)


@fault("loses a DeviceName with characters beyond ASCII at the power cut", breaks=["PC-01-DN"])
def name_beyond_ascii_is_lost(module: Firmware) -> None:
    def flush(original: Flush, values: dict[str, bytes]) -> None:
        original({name: data for name, data in values.items() if name != "DEVICENAME" or data.isascii()})

    wrap(module.memory, "flush", flush)


@identity_fault("overlooks a comma behind a {value} of full length", breaks=["ID-07"])
def comma_behind_full_length(module: Firmware, value: str) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if len(command.arguments) == module.limits[value] + 3:
            command = replace(command, arguments=command.arguments.removesuffix(b","))
        return original(module, command)

    wrap_command(module, f"ALY{value}", Form.SET, set_)


@fault("overlooks a comma behind the last number of the MQTT settings", breaks=["MC-04"])
def comma_behind_the_last_number(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        return original(module, replace(command, arguments=command.arguments.removesuffix(b",")))

    wrap_command(module, "ALYMQTTCFG", Form.SET, set_)


@fault("answers the query of a DeviceSecret of full length in another name", breaks=["FMT-03", "ID-02-DS"])
def misnamed_at_full_length(module: Firmware) -> None:
    def query(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        lines = original(module, command)
        full = len(module.memory.read("DEVICESECRET")) == module.limits["DEVICESECRET"]
        return [line.replace(b"+ALYDEVICESECRET", b"+ALYDEVICESECRE") for line in lines] if full else lines

    wrap_command(module, "ALYDEVICESECRET", Form.QUERY, query)


@fault("ends its answer in LF alone where tls_flag is 1", breaks=["FMT-02"], provoked_by=["CC-04"])
def lf_alone_with_tls(module: Firmware) -> None:
    def frame(original: Callable[[bytes], bytes], line: bytes) -> bytes:
        framed = original(line)
        return framed[:-2] + b"\n" if line.startswith(b"+ALYCONNECTCFG") and line.endswith(b",1") else framed

    wrap(module.console, "frame", frame)


@fault("cannot store 4095 as a timeout", breaks=["MC-03"])
def timeout_4095(module: Firmware) -> None:
    def number(original: Callable[[Parameter, str], int], parameter: Parameter, allowed: str) -> int:
        value = original(parameter, allowed)
        return 4096 if (allowed, value) == ("timeout", 4095) else value

    wrap(module, "number", number)


@fault("opens a session where OPEN with an argument is refused", breaks=["OP-07"], provoked_by=["OP-04"])
def refused_open_opens(module: Firmware) -> None:
    def open_(module: Firmware, _command: Command) -> list[bytes]:
        with suppress(Refused):
            module.check_identity()
            module.link.open(module.dial())
        raise Refused(Code.MALFORMED)

    module.commands["ALYMQTTOPEN", Form.SET] = open_


@fault("ends no session in which the DeviceName was set, and says OK to CLOSE", breaks=["CL-01"])
def close_after_a_new_name(module: Firmware) -> None:
    opened_as = [b""]

    def dial(original: Callable[[], Dial]) -> Dial:
        opened_as[0] = module.memory.read("DEVICENAME")
        return original()

    def close(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if module.link.is_open and module.memory.read("DEVICENAME") != opened_as[0]:
            return []
        return original(module, command)

    wrap(module, "dial", dial)
    wrap_command(module, "ALYMQTTCLOSE", Form.EXECUTE, close)


@fault(
    "says OK to OPEN when a login over TLS is refused with CONNACK 3", breaks=["OP-06"], exposed_by="answering_connack"
)
def connack_3_over_tls(module: Firmware) -> None:
    def open_(original: Callable[[Dial], None], plan: Dial) -> None:
        try:
            original(plan)
        except Refused:
            if plan.tls is None or str(module.link.verdict) != "Server unavailable":
                raise

    wrap(module.link, "open", open_)
