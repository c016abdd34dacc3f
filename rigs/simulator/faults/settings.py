"""Faults of connection and MQTT settings (manual 2.4.5, 2.4.6), and of what CONNECT makes of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.faults.registry import fault
from rigs.simulator.link import Dial
from rigs.simulator.parser import Command, Form, Parameter
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


def _read_integers(module: Firmware, read: Callable[[bytes], int]) -> None:
    """Read integers with ``read``, which raises ValueError for what is none."""

    def integer(parameter: Parameter) -> int:
        try:
            return read(parameter.value)
        except ValueError:
            raise Refused(Code.MALFORMED) from None

    module.integer = integer


def _rewrite(module: Firmware, name: str, change: Callable[[bytes], bytes]) -> None:
    """Let the set command see other arguments than came."""

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        return original(module, replace(command, arguments=change(command.arguments)))

    wrap_command(module, name, Form.SET, set_)


@fault("stores region 0 whatever the region, where the tls_flag is 1", breaks=["CC-02", "CC-04"])
def tls_only_in_region_0(module: Firmware) -> None:
    _rewrite(module, "ALYCONNECTCFG", lambda text: b"0" + text[1:] if text.endswith(b",1") else text)


@fault("starts with region 1", breaks=["CC-01"])
def wrong_default_region(module: Firmware) -> None:
    module.settings.region = 1


@fault("refuses region 5", breaks=["CC-02"])
def region_5_refused(module: Firmware) -> None:
    module.ranges["region"] = range(5)


@fault("stores region 3 as region 4", breaks=["CC-02"])
def region_3_becomes_4(module: Firmware) -> None:
    _rewrite(module, "ALYCONNECTCFG", lambda text: b"4" + text[1:] if text.startswith(b"3,") else text)


@fault("accepts region 6", breaks=["CC-03"])
def region_6_accepted(module: Firmware) -> None:
    module.ranges["region"] = range(7)


@fault("keeps integers in 8 bits", breaks=["CC-03"])
def regions_wrap_at_8_bits(module: Firmware) -> None:
    _rewrite(module, "ALYCONNECTCFG", lambda text: _first(text, 2**8))


@fault("keeps the region in 16 bits", breaks=["CC-03"])
def regions_wrap_at_16_bits(module: Firmware) -> None:
    _rewrite(module, "ALYCONNECTCFG", lambda text: _first(text, 2**16))


@fault("keeps integers in 32 bits", breaks=["CC-03", "MC-04"])
def integers_wrap_at_32_bits(module: Firmware) -> None:
    _read_integers(module, lambda text: _digits(text) % 2**32)


@fault("accepts integers with a sign", breaks=["CC-03", "CC-05", "MC-04"])
def signs_accepted(module: Firmware) -> None:
    _read_integers(module, lambda text: abs(_digits(text.lstrip(b"+-"))))


@fault("accepts hexadecimal integers", breaks=["CC-03"])
def hexadecimal_accepted(module: Firmware) -> None:
    _read_integers(module, lambda text: int(text, 0) if text.startswith(b"0x") else _digits(text))


@fault("takes an integer that is none for 0, as atoi does", breaks=["CC-03", "CC-05", "MC-04", "SU-02"])
def words_are_zero(module: Firmware) -> None:
    _read_integers(module, lambda text: int(text) if text.isdigit() else 0)


@fault("refuses a region out of range with 706 instead of 708", breaks=["CC-03"])
def wrong_code_for_region(module: Firmware) -> None:
    module.dialect.numbers[Code.PARAMETER] = int(Code.NOT_ALLOWED)


@fault("accepts a tls_flag of 2", breaks=["CC-04"])
def tls_flag_2_accepted(module: Firmware) -> None:
    module.ranges["tls_flag"] = range(3)


@fault("refuses port 65535", breaks=["CC-05"])
def port_65535_refused(module: Firmware) -> None:
    module.ranges["port"] = range(1, 65535)


@fault("accepts port 65536", breaks=["CC-05"])
def port_65536_accepted(module: Firmware) -> None:
    module.ranges["port"] = range(1, 65537)


@fault("takes over the fields in front of the one that it refuses", breaks=["CC-06"])
def refused_set_half_done(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        with suppress(Refused):
            region, *_ = module.split_parameters(command.arguments)
            module.settings.region = module.number(region, "region")
        return original(module, command)

    wrap_command(module, "ALYCONNECTCFG", Form.SET, set_)


@fault("fills in a tls_flag that is missing", breaks=["CC-07"])
def missing_parameter_filled_in(module: Firmware) -> None:
    _rewrite(module, "ALYCONNECTCFG", lambda text: text + b",0" if text.count(b",") == 1 else text)


@fault("ignores a fourth connection parameter", breaks=["CC-07"])
def extra_parameter_ignored(module: Firmware) -> None:
    _rewrite(module, "ALYCONNECTCFG", lambda text: b",".join(text.split(b",")[:3]))


@fault("starts with a keep-alive of 120 s", breaks=["MC-01"])
def wrong_default_keepalive(module: Firmware) -> None:
    module.settings.keepalive = 120000


@fault("accepts a clean_session of 2", breaks=["MC-02"])
def clean_session_2_accepted(module: Firmware) -> None:
    module.ranges["clean_session"] = range(3)


@fault("stores the timeout as the keep-alive too", breaks=["MC-03"])
def timeout_overwrites_keepalive(module: Firmware) -> None:
    _rewrite(module, "ALYMQTTCFG", lambda text: b",".join([*text.split(b",")[:2], *text.split(b",")[1:2]]))


@fault("keeps the timeout in 16 bits", breaks=["MC-03", "MC-04"])
def timeout_wraps_at_16_bits(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        original(module, command)
        module.settings.timeout %= 2**16
        return []

    wrap_command(module, "ALYMQTTCFG", Form.SET, set_)


@fault("goes back to the default MQTT settings when the connection settings are set", breaks=["FZ-02"])
def settings_reset_each_other(module: Firmware) -> None:
    defaults = replace(module.settings)

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        original(module, command)
        new = module.settings
        module.settings = replace(defaults, region=new.region, port=new.port, tls_flag=new.tls_flag)
        return []

    wrap_command(module, "ALYCONNECTCFG", Form.SET, set_)


@fault("goes back to the default MQTT settings with every CLOSE", breaks=["FZ-02"])
def close_resets_settings(module: Firmware) -> None:
    defaults = replace(module.settings)

    def close(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        original(module, command)
        new = module.settings
        module.settings = replace(defaults, region=new.region, port=new.port, tls_flag=new.tls_flag)
        return []

    wrap_command(module, "ALYMQTTCLOSE", Form.EXECUTE, close)


@fault("says the opposite clean_session in CONNECT", breaks=["MC-06"])
def clean_session_inverted(module: Firmware) -> None:
    def dial(original: Callable[[], Dial]) -> Dial:
        plan = original()
        return replace(plan, clean_session=not plan.clean_session)

    wrap(module, "dial", dial)


@fault("announces half of the configured keep-alive", breaks=["MC-07"])
def keepalive_halved(module: Firmware) -> None:
    wrap(module, "keepalive_seconds", lambda seconds: max(seconds() // 2, 1))


@fault("announces the keep-alive in milliseconds", breaks=["MC-07"])
def keepalive_in_milliseconds(module: Firmware) -> None:
    wrap(module, "keepalive_seconds", lambda seconds: min(seconds() * 1000, 0xFFFF))


def _digits(text: bytes) -> int:
    if not text.isdigit():
        raise ValueError(text)
    return int(text)


def _first(text: bytes, modulus: int) -> bytes:
    first, comma, rest = text.partition(b",")
    return b"%d" % (int(first) % modulus) + comma + rest if first.isdigit() else text
