"""Faults of login, opening and closing, and of the life of a session (manual 2.2, 2.4.7, 2.4.8)."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.faults.registry import fault
from rigs.simulator.link import Dial
from rigs.simulator.login import Login
from rigs.simulator.parser import Command, Form
from rigs.simulator.patching import accepting, refusing, wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

OPEN = "ALYMQTTOPEN"
CLOSE = "ALYMQTTCLOSE"


def _dial(module: Firmware, **changes: Any) -> None:
    """Connect with something else than identity and settings say."""

    def dial(original: Callable[[], Dial]) -> Dial:
        return replace(original(), **changes)

    wrap(module, "dial", dial)


def _login(module: Firmware, change: Callable[[Login], Login]) -> None:
    """Spoil the login that was filled in."""

    def fill_in(original: Callable[..., Login], *values: Any, tls: bool) -> Login:
        return change(original(*values, tls=tls))

    wrap(module.login_form, "fill_in", fill_in)


@fault("says OK to OPEN and never connects", breaks=["OP-01"])
def open_without_connecting(module: Firmware) -> None:
    module.commands[OPEN, Form.EXECUTE] = accepting


@fault("answers OPEN with 700, network or not", breaks=["OP-01"])
def open_always_fails(module: Firmware) -> None:
    module.commands[OPEN, Form.EXECUTE] = refusing(Code.NETWORK)


@fault("demands a ProductSecret", breaks=["OP-01", "OP-03"])
def product_secret_demanded(module: Firmware) -> None:
    module.identity_checks.append(("PRODUCTSECRET", Code.NO_PRODUCT_SECRET))


@fault("signs with an empty key", breaks=["OP-02", "OP-01"])
def wrong_signature(module: Firmware) -> None:
    _login(module, lambda login: replace(login, password="0" * len(login.password)))


@fault("signs with the ProductSecret where there is one", breaks=["OP-02"])
def product_secret_signs(module: Firmware) -> None:
    def fill_in(original: Callable[..., Login], key: str, name: str, secret: bytes, *, tls: bool) -> Login:
        return original(key, name, module.memory.read("PRODUCTSECRET") or secret, tls=tls)

    wrap(module.login_form, "fill_in", fill_in)


@fault("signs a DeviceName of at most 31 bytes", breaks=["OP-02"])
def signed_name_cut(module: Firmware) -> None:
    def fill_in(original: Callable[..., Login], key: str, name: str, secret: bytes, *, tls: bool) -> Login:
        return original(key, name[:31], secret, tls=tls)

    wrap(module.login_form, "fill_in", fill_in)


@fault("announces securemode 2 on plain TCP and 3 on TLS", breaks=["OP-02"])
def securemodes_swapped(module: Firmware) -> None:
    module.login_form.securemodes = (2, 3)


@fault("writes the username as ProductKey&DeviceName", breaks=["OP-02"])
def username_reversed(module: Firmware) -> None:
    _login(module, lambda login: replace(login, username="&".join(reversed(login.username.split("&")))))


@fault("answers 703 where the ProductKey is missing and 701 where the DeviceName is", breaks=["OP-03"])
def missing_codes_swapped(module: Firmware) -> None:
    numbers = module.dialect.numbers
    numbers[Code.NO_PRODUCT_KEY], numbers[Code.NO_DEVICE_NAME] = 703, 701


@fault("answers 702 where the DeviceSecret is missing and the ProductSecret is not", breaks=["OP-03"])
def wrong_code_for_missing_secret(module: Firmware) -> None:
    module.dialect.numbers[Code.NO_DEVICE_SECRET] = 702


@fault("opens without a DeviceName", breaks=["OP-03"])
def device_name_not_checked(module: Firmware) -> None:
    module.identity_checks = [check for check in module.identity_checks if check[0] != "DEVICENAME"]


@fault("connects anew when OPEN comes while open, and says OK", breaks=["OP-04"])
def open_twice(module: Firmware) -> None:
    def open_(_original: Handler, module: Firmware, _command: Command) -> list[bytes]:
        module.check_identity()
        module.link.open(module.dial())
        return []

    wrap_command(module, OPEN, Form.EXECUTE, open_)


@fault("answers 707 while open and drops the session", breaks=["OP-04"])
def open_twice_drops_session(module: Firmware) -> None:
    def open_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        try:
            return original(module, command)
        except Refused as refused:
            if refused.code is Code.ALREADY_OPEN:
                module.link.close(module.patience())
            raise

    wrap_command(module, OPEN, Form.EXECUTE, open_)


@fault("answers 706 to OPEN while open", breaks=["OP-04"])
def wrong_code_while_open(module: Firmware) -> None:
    module.dialect.numbers[Code.ALREADY_OPEN] = 706


@fault("answers 706 when the cloud cannot be reached", breaks=["OP-05"])
def wrong_code_for_network(module: Firmware) -> None:
    module.dialect.numbers[Code.NETWORK] = 706


@fault("waits for the cloud for ever", breaks=["OP-05", "NW-04"])
def endless_patience(module: Firmware) -> None:
    wrap(module, "patience", lambda _: 86400.0)


@fault("never opens again once the cloud could not be reached", breaks=["OP-05"])
def first_failure_is_final(module: Firmware) -> None:
    def open_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        try:
            return original(module, command)
        except Refused as refused:
            if refused.code is Code.NETWORK:
                module.commands[OPEN, Form.EXECUTE] = refusing(Code.NETWORK)
            raise

    wrap_command(module, OPEN, Form.EXECUTE, open_)


@fault("says OK when the cloud has refused the login", breaks=["OP-06"])
def refused_login_is_ok(module: Firmware) -> None:
    def open_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        try:
            return original(module, command)
        except Refused as refused:
            if refused.code is not Code.NOT_ALLOWED:
                raise
            return []

    wrap_command(module, OPEN, Form.EXECUTE, open_)


@fault("opens whatever argument comes with OPEN", breaks=["OP-07"])
def open_takes_arguments(module: Firmware) -> None:
    module.commands[OPEN, Form.SET] = module.commands[OPEN, Form.EXECUTE]


@fault("goes on signing with the DeviceSecret of its first login", breaks=["OP-06"])
def first_secret_signs(module: Firmware) -> None:
    secrets: list[bytes] = []

    def fill_in(original: Callable[..., Login], key: str, name: str, secret: bytes, *, tls: bool) -> Login:
        secrets.append(secret)
        return original(key, name, secrets[0], tls=tls)

    wrap(module.login_form, "fill_in", fill_in)


@fault("is out of sockets after eight sessions", breaks=["OP-08"])
def sockets_run_out(module: Firmware) -> None:
    sessions = iter(range(8))

    def open_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        lines = original(module, command)
        if next(sessions, None) is None:
            raise Refused(Code.NETWORK)
        return lines

    wrap_command(module, OPEN, Form.EXECUTE, open_)


@fault("never answers again after the first CLOSE", breaks=["OP-08", "CL-01"])
def dead_after_close(module: Firmware) -> None:
    def close(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        module.afterwards(lambda: module.loop.rest(86400))
        return original(module, command)

    wrap_command(module, CLOSE, Form.EXECUTE, close)


@fault("says OK to CLOSE and stays connected", breaks=["CL-01"])
def close_without_closing(module: Firmware) -> None:
    module.commands[CLOSE, Form.EXECUTE] = accepting


@fault("ends the connection without a DISCONNECT", breaks=["CL-02"])
def no_disconnect(module: Firmware) -> None:
    module.link.says_goodbye = False


@fault("answers 700 to CLOSE while closed", breaks=["CL-03"])
def wrong_code_for_close(module: Firmware) -> None:
    def close(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        if not module.link.is_open:
            raise Refused(Code.NETWORK)
        return original(module, command)

    wrap_command(module, CLOSE, Form.EXECUTE, close)


@fault("always asks for a clean session", breaks=["SE-01", "MC-06"])
def always_clean(module: Firmware) -> None:
    _dial(module, clean_session=True)


@fault("asks for a clean session with its first OPEN after power-up", breaks=["SE-01"])
def first_session_is_clean(module: Firmware) -> None:
    opened: list[bool] = []

    def dial(original: Callable[[], Dial]) -> Dial:
        plan = original()
        first = not opened
        opened.append(True)
        return replace(plan, clean_session=plan.clean_session or first)

    wrap(module, "dial", dial)


@fault("never asks for a clean session", breaks=["SE-02", "MC-06"])
def never_clean(module: Firmware) -> None:
    _dial(module, clean_session=False)


@fault("subscribes again by itself what stood before the CLOSE", breaks=["SE-02"])
def remembers_subscriptions(module: Firmware) -> None:
    topics: list[bytes] = []

    def subscribe(original: Callable[..., None], topic: bytes, *rest: Any) -> None:
        original(topic, *rest)
        topics.append(topic)

    def open_(original: Callable[[Dial], None], dial: Dial) -> None:
        original(dial)
        for topic in topics:
            with suppress(Refused):
                subscribe_original(topic, 1, dial.timeout)

    subscribe_original = module.link.subscribe
    wrap(module.link, "subscribe", subscribe)
    wrap(module.link, "open", open_)


@fault("sends no PINGREQ", breaks=["NW-01"])
def no_pings(module: Firmware) -> None:
    _dial(module, ping=86400)


@fault("takes what comes for a sign of life of its own", breaks=["NW-01"])
def messages_put_off_the_ping(module: Firmware) -> None:
    def readable(original: Callable[[], None]) -> None:
        original()
        module.link.put_off_ping()

    wrap(module.link, "readable", readable)


@fault("never notices that the cloud has dropped the connection", breaks=["NW-02"])
def loss_unnoticed(module: Firmware) -> None:
    def lost() -> None:
        module.commands[OPEN, Form.EXECUTE] = refusing(Code.ALREADY_OPEN)
        module.commands["ALYMQTTPUB", Form.SET] = accepting

    module.link.on_lost = lost


@fault("waits for ever for the acknowledgement of a publish", breaks=["NW-04"])
def publish_waits_for_ever(module: Firmware) -> None:
    def publish(original: Callable[..., None], topic: bytes, payload: bytes, qos: int, _seconds: float) -> None:
        original(topic, payload, qos, 86400.0)

    wrap(module.link, "publish", publish)


@fault("crashes when the connection breaks", breaks=["NW-02", "SC-01"])
def loss_crashes(module: Firmware) -> None:
    module.link.on_lost = module.crash


@fault("uses plain TCP whatever the tls_flag says", breaks=["TL-01"])
def tls_ignored(module: Firmware) -> None:
    _dial(module, tls=None)


@fault("opens over TLS only once per power-up", breaks=["TL-01"])
def second_tls_session_fails(module: Firmware) -> None:
    opened: list[bool] = []

    def trust(original: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if opened else original()
        opened.append(True)
        return context

    wrap(module, "trust", trust)


@fault("refuses every certificate", breaks=["TL-01"])
def no_certificate_good_enough(module: Firmware) -> None:
    wrap(module, "trust", lambda _: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@fault("pings at twice the keep-alive", breaks=["NW-01"])
def pings_at_twice(module: Firmware) -> None:
    _ping(module, 2)


@fault("pings at 1.9 times the keep-alive", breaks=["NW-01"])
def pings_at_1_9(module: Firmware) -> None:
    _ping(module, 1.9)


@fault("pings once and never again", breaks=["NW-01"])
def pings_once(module: Firmware) -> None:
    def outgoing(original: Callable[[bytes], bytes], packet: bytes) -> bytes:
        if packet[0] == 0xC0:
            module.link.ping_every(86400)
        return original(packet)

    wrap(module.link, "outgoing", outgoing)


@fault("says for ever that it is open once the cloud has dropped the connection", breaks=["NW-02"])
def open_stays_707_after_drop(module: Firmware) -> None:
    def lost() -> None:
        module.commands[OPEN, Form.EXECUTE] = refusing(Code.ALREADY_OPEN)

    module.link.on_lost = lost


@fault("connects over plain TCP when TLS fails", breaks=["TL-01"])
def tls_falls_back(module: Firmware) -> None:
    def open_(original: Callable[[Dial], None], dial: Dial) -> None:
        try:
            original(dial)
        except Refused as refused:
            if dial.tls is None or refused.code is not Code.NETWORK:
                raise
            before = module.settings
            module.settings = replace(before, port=1883, tls_flag=0)
            try:
                original(module.dial())
            finally:
                module.settings = before

    wrap(module.link, "open", open_)


@fault("refuses every certificate of region 0 at port 443", breaks=["LP-01"])
def tls_fails_in_region_0(module: Firmware) -> None:
    def dial(original: Callable[[], Dial]) -> Dial:
        plan, settings = original(), module.settings
        if plan.tls and (settings.region, settings.port) == (0, 443):
            return replace(plan, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return plan

    wrap(module, "dial", dial)


def _ping(module: Firmware, times: float) -> None:
    """Ping at so many times the keep-alive that CONNECT announces."""

    def dial(original: Callable[[], Dial]) -> Dial:
        plan = original()
        return replace(plan, ping=times * plan.keepalive)

    wrap(module, "dial", dial)
