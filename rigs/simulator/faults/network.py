"""Faults that stay hidden while the cloud behaves: each names what a cloud has to do wrong to bring it to light."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.faults.registry import fault
from rigs.simulator.link import Dial
from rigs.simulator.patching import wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

FOR_EVER = 86400.0
SERVER_UNAVAILABLE = 0x88
"""What paho makes of CONNACK 3."""

Open = Callable[[Dial], None]
Subscribe = Callable[[bytes, int, float], None]
Publish = Callable[[bytes, bytes, int, float], None]
Settle = Callable[[int | None, float], None]


def _on_failed_open(module: Firmware, cause: type[OSError], act: Callable[[OSError], object]) -> None:
    """Do something when OPEN fails for that reason."""

    def open_(original: Open, dial: Dial) -> None:
        try:
            original(dial)
        except Refused as refused:
            if isinstance(refused.__cause__, cause):
                act(refused.__cause__)
            raise

    wrap(module.link, "open", open_)


def on_bytes(module: Firmware, condition: Callable[[bytes], bool], act: Callable[[], object]) -> None:
    """Do something instead of taking in what has come from the cloud."""

    def readable(original: Callable[[], None]) -> None:
        try:
            data = module.link.peek()
        except OSError:
            data = None
        if data and condition(data):
            act()
        else:
            original()

    wrap(module.link, "readable", readable)


@fault("crashes when nobody listens at the cloud", breaks=["OP-05"], exposed_by="refusing_tcp")
def refused_tcp_crashes(module: Firmware) -> None:
    _on_failed_open(module, ConnectionRefusedError, lambda _: module.crash())


@fault("waits for ever for CONNACK once TLS is up", breaks=["NW-04"], exposed_by="silent_on_connect")
def connack_over_tls_waited_for(module: Firmware) -> None:
    def open_(original: Open, dial: Dial) -> None:
        wait = module.link.wait
        if dial.tls:
            module.link.wait = lambda condition, _seconds: wait(condition, FOR_EVER)
        try:
            original(dial)
        finally:
            module.link.wait = wait

    wrap(module.link, "open", open_)


@fault("takes a cloud that is unavailable for one that has let it in", breaks=["OP-06"], exposed_by="answering_connack")
def unavailable_cloud_is_ok(module: Firmware) -> None:
    def open_(original: Open, dial: Dial) -> None:
        try:
            original(dial)
        except Refused:
            if module.link.verdict is None or module.link.verdict.value != SERVER_UNAVAILABLE:
                raise

    wrap(module.link, "open", open_)


@fault(
    "never publishes again once a SUBACK has come and a PUBACK has not",
    breaks=["NW-04"],
    exposed_by="withholding_puback",
)
def wedged_by_missing_puback(module: Firmware) -> None:
    unacknowledged: list[bytes] = []
    wedged: list[bool] = []

    def open_(original: Open, dial: Dial) -> None:
        unacknowledged.clear()
        original(dial)

    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        original(topic, qos, seconds)
        wedged.extend([True] if unacknowledged else [])

    def publish(original: Publish, topic: bytes, payload: bytes, qos: int, seconds: float) -> None:
        if wedged:
            raise Refused(Code.NETWORK)
        try:
            original(topic, payload, qos, seconds)
        except Refused:
            unacknowledged.extend([payload] if module.link.is_open else [])
            raise

    wrap(module.link, "open", open_)
    wrap(module.link, "subscribe", subscribe)
    wrap(module.link, "publish", publish)


@fault("says OK to SUB when the cloud closes the connection meanwhile", breaks=["NW-02"], exposed_by="closing")
def subscribe_on_closed_connection_is_ok(module: Firmware) -> None:
    closed: list[bool] = []

    def readable(original: Callable[[], None]) -> None:
        with suppress(OSError):
            if module.link.peek() == b"":
                closed.append(True)
        original()

    def subscribe(original: Subscribe, topic: bytes, qos: int, seconds: float) -> None:
        closed.clear()
        was_open = module.link.is_open
        try:
            original(topic, qos, seconds)
        except Refused:
            if not (was_open and closed):
                raise

    wrap(module.link, "readable", readable)
    wrap(module.link, "subscribe", subscribe)


@fault("crashes when its connection is reset", breaks=["NW-02", "OP-05"], exposed_by="resetting")
def reset_crashes(module: Firmware) -> None:
    def readable(original: Callable[[], None]) -> None:
        try:
            module.link.peek()
        except ConnectionResetError:
            module.crash()
        original()

    wrap(module.link, "readable", readable)


@fault("hangs at the third request in a row that the cloud does not answer", breaks=["NW-04"], exposed_by="blackhole")
def third_silence_hangs(module: Firmware) -> None:
    unanswered: list[int | None] = []

    def open_(original: Open, dial: Dial) -> None:
        unanswered.clear()
        original(dial)

    def settle(original: Settle, mid: int | None, seconds: float) -> None:
        try:
            original(mid, seconds)
        except Refused as refused:
            unanswered.append(mid)
            if refused.code is Code.NETWORK and len(unanswered) == 3:
                module.loop.rest(FOR_EVER)
            raise
        unanswered.clear()

    wrap(module.link, "open", open_)
    wrap(module.link, "settle", settle)


@fault("takes an answer that comes after 200 ms for none", breaks=["SU-01", "PU-01"], exposed_by="delaying")
def late_answer_is_none(module: Firmware) -> None:
    def settle(original: Settle, mid: int | None, seconds: float) -> None:
        original(mid, min(seconds, 0.2))

    wrap(module.link, "settle", settle)


@fault("gives up on a message that comes in pieces", breaks=["RV-01"], exposed_by="throttling")
def message_in_pieces_breaks(module: Firmware) -> None:
    on_bytes(module, lambda data: data[0] >> 4 == 3 and 64 <= len(data) < _announced(data), module.link.give_up)


@fault("needs the length of a CONNACK beside its first byte", breaks=["OP-01"], exposed_by="splitting")
def lone_first_byte_breaks(module: Firmware) -> None:
    on_bytes(module, lambda data: len(data) == 1 and module.link.verdict is None, module.link.give_up)


def _crashes_on(lie: str, condition: Callable[[bytes], bool]) -> Callable[[Callable[[], None]], None]:
    """Register a module that crashes on malformed bytes of that kind, under the decorated function's name."""

    def register(placeholder: Callable[[], None]) -> None:
        def seed(module: Firmware) -> None:
            on_bytes(module, condition, module.crash)

        seed.__name__ = placeholder.__name__
        # A packet that comes in pieces has some that begin like another one.
        fault(lie, breaks=["SC-01"], exposed_by="malforming splitting")(seed)

    return register


@_crashes_on(
    "looks a CONNACK's code up behind the end of its table", lambda data: data[0] == 0x20 and data[3:4] > b"\x05"
)
def connack_code_crashes() -> None: ...


@_crashes_on(
    "reads a topic that is longer than its packet", lambda data: data[0] >> 4 == 3 and data[2:4] == b"\xff\xff"
)
def long_topic_crashes() -> None: ...


@_crashes_on(
    "looks a PUBACK's message up and does not ask if there is one", lambda data: data[:4] == b"\x40\x02\x77\x77"
)
def foreign_puback_crashes() -> None: ...


@_crashes_on(
    "reads the return code of a SUBACK that has none", lambda data: data[0] == 0x90 and b"" < data[1:2] < b"\x03"
)
def short_suback_crashes() -> None: ...


@_crashes_on(
    "reads the identifier of an UNSUBACK that has none", lambda data: data[0] == 0xB0 and b"" < data[1:2] < b"\x02"
)
def short_unsuback_crashes() -> None: ...


@fault(
    "crashes when it is kicked off again after it has come back",
    breaks=["NW-02"],
    exposed_by="second_login closing resetting",
)
def kicked_twice_crashes(module: Firmware) -> None:
    comebacks: list[bool] = []

    def open_(original: Open, dial: Dial) -> None:
        comebacks.clear()
        original(dial)

    def lost() -> None:
        if comebacks:
            module.crash()
        comebacks.append(True)
        with suppress(Refused):
            open_original(module.dial())

    open_original = module.link.open
    wrap(module.link, "open", open_)
    module.link.on_lost = lost


@fault("hangs when it has refused a certificate", breaks=["NW-04"], exposed_by="presenting failing_handshake")
def refused_certificate_hangs(module: Firmware) -> None:
    _on_failed_open(module, ssl.SSLCertVerificationError, lambda _: module.loop.rest(FOR_EVER))


@fault(
    "hangs at the second server that breaks off the handshake of TLS",
    breaks=["NW-04"],
    exposed_by="limiting_tls failing_handshake",
)
def second_broken_handshake_hangs(module: Firmware) -> None:
    broken_off: list[OSError] = []

    def hang(error: OSError) -> None:
        if not isinstance(error, ssl.SSLCertVerificationError):
            broken_off.append(error)
            if len(broken_off) == 2:
                module.loop.rest(FOR_EVER)

    _on_failed_open(module, ssl.SSLError, hang)


def _announced(data: bytes) -> int:
    """How long the packet that begins here says it is (MQTT 3.1.1, 2.2.3); 0 when that is not told yet."""
    length = 0
    for position, digit in enumerate(data[1:5]):
        length |= (digit & 0x7F) << 7 * position
        if digit < 0x80:
            return position + 2 + length
    return 0
