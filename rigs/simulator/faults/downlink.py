"""Faults of what comes from the cloud (manual 2.4.12)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from rigs.simulator.commands import Handler
from rigs.simulator.faults.registry import fault
from rigs.simulator.parser import Command, Form
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

Downlink = Callable[[bytes, bytes], None]


def _show(module: Firmware, change: Callable[[bytes], bytes]) -> None:
    """Show another payload than came."""

    def downlink(original: Downlink, topic: bytes, payload: bytes) -> None:
        original(topic, change(payload))

    wrap(module, "downlink", downlink)


@fault("shows a downlink payload in quotes", breaks=["RV-01"])
def downlink_quoted(module: Firmware) -> None:
    _show(module, lambda payload: b'"' + payload + b'"')


@fault("leaves the topic out of the downlink line", breaks=["RV-01"])
def downlink_without_topic(module: Firmware) -> None:
    wrap(module, "downlink", lambda downlink, _topic, payload: downlink(b"", payload))


@fault("shows every downlink message twice", breaks=["RV-01", "RV-03"])
def downlink_doubled(module: Firmware) -> None:
    def downlink(original: Downlink, topic: bytes, payload: bytes) -> None:
        original(topic, payload)
        original(topic, payload)

    wrap(module, "downlink", downlink)


@fault("takes a downlink message like the one before for a repetition", breaks=["RV-01"])
def repeated_downlink_swallowed(module: Firmware) -> None:
    last: list[tuple[bytes, bytes]] = []

    def downlink(original: Downlink, topic: bytes, payload: bytes) -> None:
        if last != [(topic, payload)]:
            original(topic, payload)
        last[:] = [(topic, payload)]

    wrap(module, "downlink", downlink)


@fault("ends a downlink payload at its first comma", breaks=["RV-02"])
def downlink_cut_at_comma(module: Firmware) -> None:
    _show(module, lambda payload: payload.partition(b",")[0])


@fault("escapes the quotes of a downlink payload", breaks=["RV-02"])
def downlink_escaped(module: Firmware) -> None:
    _show(module, lambda payload: payload.replace(b'"', b'\\"'))


@fault("takes the backslashes out of a downlink payload", breaks=["RV-02"])
def downlink_without_backslashes(module: Firmware) -> None:
    _show(module, lambda payload: payload.replace(b"\\", b""))


@fault("cuts a downlink payload to 256 bytes", breaks=["RV-07"])
def downlink_cut_at_256(module: Firmware) -> None:
    _show(module, lambda payload: payload[:256])


@fault("replaces what is not ASCII in a downlink payload", breaks=["RV-07"])
def downlink_not_utf8(module: Firmware) -> None:
    _show(module, lambda payload: payload.decode("ascii", "replace").encode("ascii", "replace"))


@fault("drops one downlink message in five", breaks=["RV-03"])
def downlink_dropped(module: Firmware) -> None:
    number = count(1)

    def downlink(original: Downlink, topic: bytes, payload: bytes) -> None:
        if next(number) % 5:
            original(topic, payload)

    wrap(module, "downlink", downlink)


@fault("shows two downlink messages that come together in reversed order", breaks=["RV-03"])
def downlink_reordered(module: Firmware) -> None:
    waiting: list[tuple[bytes, bytes]] = []

    def downlink(original: Downlink, topic: bytes, payload: bytes) -> None:
        def show() -> None:
            while waiting:
                original(*waiting.pop())

        waiting.append((topic, payload))
        module.loop.call_later(0.02, show)

    wrap(module, "downlink", downlink)


@fault("puts a downlink message into the middle of a response", breaks=["FMT-07", "RV-04"])
def downlink_tears_response(module: Firmware) -> None:
    def transmit(original: Callable[[bytes], object], data: bytes) -> None:
        original(data[:-4])
        module.loop.rest(0.02)
        original(data[-4:])

    wrap(module.console, "transmit", transmit)


@fault("puts a downlink message on the line of the final result", breaks=["RV-04"])
def downlink_merged(module: Firmware) -> None:
    held: list[bytes] = []

    def urc(original: Callable[[bytes], None], line: bytes) -> None:
        if module.console.busy:
            held.append(line)
        else:
            original(line)

    def respond(original: Callable[[list[bytes]], None], lines: list[bytes]) -> None:
        original([*lines[:-1], b"".join([lines[-1], *held])])
        held.clear()

    wrap(module.console, "urc", urc)
    wrap(module.console, "respond", respond)


@fault("drops the downlink messages that come during a command", breaks=["RV-04"])
def downlink_lost_during_command(module: Firmware) -> None:
    def downlink(original: Downlink, topic: bytes, payload: bytes) -> None:
        if not module.console.busy:
            original(topic, payload)

    wrap(module, "downlink", downlink)


@fault("does not acknowledge downlink messages", breaks=["RV-06"])
def downlink_not_acknowledged(module: Firmware) -> None:
    module.link.acknowledges = False


@fault("shows no downlink message before the first publish", breaks=["RV-01", "SE-01"])
def downlink_needs_publish(module: Firmware) -> None:
    published: list[bool] = []

    def publish(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        published.append(True)
        return original(module, command)

    def downlink(original: Downlink, topic: bytes, payload: bytes) -> None:
        if published:
            original(topic, payload)

    wrap_command(module, "ALYMQTTPUB", Form.SET, publish)
    wrap(module, "downlink", downlink)


@fault("shows a retained message twice", breaks=["RV-01"])
def retained_downlink_doubled(module: Firmware) -> None:
    def on_message(original: Downlink, topic: bytes, payload: bytes) -> None:
        original(topic, payload)
        if module.link.delivering and module.link.delivering.retain:
            original(topic, payload)

    wrap(module.link, "on_message", on_message)


@fault("puts a response into the middle of a downlink message", breaks=["FMT-07", "RV-04"])
def downlink_torn_by_response(module: Firmware) -> None:
    rest: list[bytes] = []

    def urc(original: Callable[[bytes], None], line: bytes) -> None:
        if module.console.busy and not rest and line.startswith(b"+MQTTRECV"):
            whole = module.console.written(line)
            module.console.interject(whole[: len(whole) // 2])
            rest.append(whole[len(whole) // 2 :])
        else:
            original(line)

    def respond(original: Callable[[list[bytes]], None], lines: list[bytes]) -> None:
        original(lines)
        if rest:
            module.console.interject(rest.pop())
            module.console.flush()

    wrap(module.console, "urc", urc)
    wrap(module.console, "respond", respond)
