"""Faults that show in combination alone: with one class of value, in one form or state, or after something else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.faults.registry import fault, identity_fault
from rigs.simulator.link import Dial
from rigs.simulator.parser import Command, Form, Parameter
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Write = Callable[[str, bytes], None]


def _written(module: Firmware, value: str, change: Callable[[bytes, bytes], bytes]) -> None:
    """Store ``change(old, new)`` where ``new`` was set."""

    def write(original: Write, name: str, data: bytes) -> None:
        original(name, change(module.memory.read(name), data) if name == value else data)

    wrap(module.memory, "write", write)


@identity_fault("takes a {value} of digits for a number, and loses its leading zeros", breaks=["ID-01"])
def digits_are_a_number(module: Firmware, value: str) -> None:
    _written(module, value, lambda _, new: b"%d" % int(new) if new.isdigit() else new)


@identity_fault("limits the length of a {value} in quotes only", breaks=["ID-03"])
def bare_length_unchecked(module: Firmware, value: str) -> None:
    def text(original: Callable[[Parameter, str], bytes], parameter: Parameter, limit: str) -> bytes:
        free = limit == value and not parameter.quoted and parameter.value
        return parameter.value if free else original(parameter, limit)

    wrap(module, "text", text)


@identity_fault("clears {value} when it is set to what it is already", breaks=["ID-01", "ID-05"])
def same_value_clears(module: Firmware, value: str) -> None:
    _written(module, value, lambda old, new: b"" if new == old else new)


@identity_fault(
    "says OK to a {value} that differs from the old one in case only, and keeps the old one", breaks=["ID-05", "ID-01"]
)
def case_is_no_change(module: Firmware, value: str) -> None:
    _written(module, value, lambda old, new: old if new.lower() == old.lower() else new)


@identity_fault(
    "writes a shorter {value} over the beginning of a longer one that begins alike", breaks=["ID-05", "ID-01"]
)
def shorter_value_leaves_a_rest(module: Firmware, value: str) -> None:
    _written(module, value, lambda old, new: old if old.startswith(new) else new)


@identity_fault("keeps the old {value} where the malformed line before was refused", breaks=["ID-01"])
def malformed_line_eats_the_next(module: Firmware, value: str) -> None:
    stuck = [False]

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        try:
            module.parameters(command, 1)
        except Refused:
            stuck[0] = True
            raise
        if stuck[0]:
            stuck[0] = False
            return []
        return original(module, command)

    wrap_command(module, f"ALY{value}", Form.SET, set_)


@fault("loses a DeviceName that was set twice over at the power cut", breaks=["PC-01-DN", "PC-05"])
def name_set_twice_is_lost(module: Firmware) -> None:
    def write(original: Write, name: str, data: bytes) -> None:
        again = name == "DEVICENAME" and module.memory.read(name) == data
        original(name, data)
        if again:
            module.memory.flush({**module.memory.load(module.memory.path), name: b""})

    wrap(module.memory, "write", write)


@fault("keeps connection settings that were set twice over a power cycle", breaks=["PC-03"])
def settings_set_twice_survive(module: Firmware) -> None:
    kept = module.memory.read("KEPT")
    if kept:
        region, port, flag = map(int, kept.split(b","))
        module.settings = replace(module.settings, region=region, port=port, tls_flag=flag)

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        before = asdict(module.settings)
        original(module, command)
        module.memory.write("KEPT", command.arguments if asdict(module.settings) == before else b"")
        return []

    wrap_command(module, "ALYCONNECTCFG", Form.SET, set_)


@fault("stores port 8883 as 883 in region 4", breaks=["CC-02", "CC-05"])
def port_cut_in_region_4(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        original(module, command)
        if (module.settings.region, module.settings.port) == (4, 8883):
            module.settings.port = 883
        return []

    wrap_command(module, "ALYCONNECTCFG", Form.SET, set_)


@fault("accepts any region in the line behind one that was refused for its region", breaks=["CC-03"])
def second_wrong_region_accepted(module: Firmware) -> None:
    allowed, refused = module.ranges["region"], [False]

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        module.ranges["region"] = range(2**32) if refused[0] else allowed
        refused[0] = False
        try:
            return original(module, command)
        except Refused as error:
            refused[0] = error.code is Code.PARAMETER
            raise

    wrap_command(module, "ALYCONNECTCFG", Form.SET, set_)


@fault("goes back to the old timeout where the keep-alive stays as it is", breaks=["MC-03"])
def timeout_needs_a_new_keepalive(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        timeout, keepalive = module.settings.timeout, module.settings.keepalive
        original(module, command)
        if module.settings.keepalive == keepalive:
            module.settings.timeout = timeout
        return []

    wrap_command(module, "ALYMQTTCFG", Form.SET, set_)


@fault("rounds the keep-alive of CONNECT down to whole minutes", breaks=["MC-07"])
def keepalive_in_whole_minutes(module: Firmware) -> None:
    wrap(module, "keepalive_seconds", lambda seconds: max(seconds() // 60, 1) * 60)


@fault("asks for a clean session, whatever is set, when it comes back behind a drop", breaks=["MC-06"])
def clean_session_after_a_drop(module: Firmware) -> None:
    dropped = [False]

    def lost(original: Callable[[], object]) -> None:
        dropped[0] = True
        original()

    def dial(original: Callable[[], Dial]) -> Dial:
        plan = original()
        clean, dropped[0] = dropped[0] or plan.clean_session, False
        return replace(plan, clean_session=clean)

    wrap(module.link, "on_lost", lost)
    wrap(module, "dial", dial)


@fault("opens in clear, and says OK, when TLS does not come up", breaks=["TL-01"])
def clear_when_tls_fails(module: Firmware) -> None:
    _fall_back_to_clear(module, lambda _refused: True)


@fault("opens in clear, and says OK, when nobody listens for TLS", breaks=["TL-01"], exposed_by="failing_handshake")
def clear_when_nobody_listens_for_tls(module: Firmware) -> None:
    _fall_back_to_clear(module, lambda refused: isinstance(refused.__cause__, ConnectionRefusedError))


def _fall_back_to_clear(module: Firmware, on: Callable[[Refused], bool]) -> None:
    def open_(original: Callable[[Dial], None], plan: Dial) -> None:
        if plan.tls is None:
            original(plan)
            return
        try:
            original(plan)
        except Refused as refused:
            if not on(refused):
                raise
            with suppress(Refused):
                module.settings.tls_flag = 0
                login = module.login_form.fill_in(
                    plan.login.username.partition("&")[2],
                    plan.login.username.partition("&")[0],
                    module.memory.read("DEVICESECRET"),
                    tls=False,
                )
                original(replace(plan, tls=None, route=module.route(1883, tls=False), login=login))
                return
            raise
        finally:
            module.settings.tls_flag = 1

    wrap(module.link, "open", open_)


@fault("publishes the payload before once more where the next one begins with it", breaks=["PU-01", "PU-03"])
def longer_payload_is_the_old_one(module: Firmware) -> None:
    last = [b""]

    def publish(original: Callable[..., None], topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        sent = last[0] if last[0] and payload.startswith(last[0]) else payload
        last[0] = sent
        original(topic, sent, qos, seconds)

    wrap(module.link, "publish", publish)


@fault("takes topics that differ in case only for one", breaks=["SU-04", "SU-01", "UN-01"])
def topics_without_case(module: Firmware) -> None:
    held: set[bytes] = set()

    def subscribe(original: Callable[..., None], topic: bytes, qos: int, seconds: float) -> None:
        if topic.lower() not in held:
            held.add(topic.lower())
            original(topic, qos, seconds)

    def unsubscribe(original: Callable[..., None], topic: bytes, seconds: float) -> None:
        held.discard(topic.lower())
        original(topic, seconds)

    wrap(module.link, "subscribe", subscribe)
    wrap(module.link, "unsubscribe", unsubscribe)


@fault("shows a message that is the same as the one before only once", breaks=["RV-01", "RV-03"])
def repeated_downlink_hidden(module: Firmware) -> None:
    last = [(b"", b"")]

    def downlink(original: Callable[[bytes, bytes], None], topic: bytes, payload: bytes) -> None:
        if (topic, payload) != last[0]:
            last[0] = (topic, payload)
            original(topic, payload)

    wrap(module, "downlink", downlink)


@fault("gives up every subscription at the UNSUB of the first of five or more", breaks=["UN-01", "SU-04"])
def first_of_five_takes_all(module: Firmware) -> None:
    held: list[bytes] = []

    def subscribe(original: Callable[..., None], topic: bytes, qos: int, seconds: float) -> None:
        original(topic, qos, seconds)
        held.append(topic)

    def unsubscribe(original: Callable[..., None], topic: bytes, seconds: float) -> None:
        gone = [*held] if len(held) >= 5 and topic == held[-5] else [topic]
        for each in gone:
            original(each, seconds)
        held[:] = [each for each in held if each not in gone]

    wrap(module.link, "subscribe", subscribe)
    wrap(module.link, "unsubscribe", unsubscribe)


@fault("takes the slash off the end of a topic that it subscribes to", breaks=["SU-01"])
def subscribe_without_last_slash(module: Firmware) -> None:
    def subscribe(original: Callable[..., None], topic: bytes, qos: int, seconds: float) -> None:
        original(topic.rstrip(b"/"), qos, seconds)

    wrap(module.link, "subscribe", subscribe)


@fault("takes a payload of blanks only for none", breaks=["PU-03", "PU-01"])
def blanks_are_no_payload(module: Firmware) -> None:
    def publish(original: Callable[..., None], topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        original(topic, payload.strip() and payload, qos, seconds)

    wrap(module.link, "publish", publish)
