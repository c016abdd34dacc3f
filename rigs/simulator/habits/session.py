"""How a firmware may live with the cloud and with its power."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from rigs.simulator.codes import Code, Refused
from rigs.simulator.commands import Handler
from rigs.simulator.habits.registry import habit
from rigs.simulator.link import Dial
from rigs.simulator.login import Login
from rigs.simulator.parser import Command, Form
from rigs.simulator.patching import wrap, wrap_command

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware


def _keepalive(module: Firmware, store: Callable[[int], int]) -> None:
    """Store ``store(milliseconds)`` of a keep-alive that is set; it may raise :class:`Refused`."""

    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        before = replace(module.settings)
        original(module, command)
        try:
            module.settings.keepalive = store(module.settings.keepalive)
        except Refused:
            module.settings = before
            raise
        return []

    wrap_command(module, "ALYMQTTCFG", Form.SET, set_)


def _refuse_outside_platform(milliseconds: int) -> int:
    if not 30_000 <= milliseconds <= 1_200_000:
        raise Refused(Code.PARAMETER)
    return milliseconds


@habit("refuses a keep-alive outside the platform's 30-1200 s")
def keepalive_refused(module: Firmware) -> None:
    _keepalive(module, _refuse_outside_platform)


@habit("clamps the keep-alive to the platform's 30-1200 s")
def keepalive_clamped(module: Firmware) -> None:
    _keepalive(module, lambda milliseconds: min(max(milliseconds, 30_000), 1_200_000))


@habit("announces twice the configured keep-alive and pings at the configured one")
def keepalive_doubled(module: Firmware) -> None:
    def dial(original: Callable[[], Dial]) -> Dial:
        plan = original()
        return replace(plan, keepalive=min(2 * plan.keepalive, 1200), ping=plan.keepalive)

    wrap(module, "dial", dial)


@habit("signs with hmacmd5")
def signs_md5(module: Firmware) -> None:
    module.login_form.signmethod = "hmacmd5"


@habit("signs with hmacsha256")
def signs_sha256(module: Firmware) -> None:
    module.login_form.signmethod = "hmacsha256"


@habit("logs in without a timestamp")
def no_timestamp(module: Firmware) -> None:
    module.login_form.clock = lambda: None


@habit("writes its signature in upper case")
def signature_upper_case(module: Firmware) -> None:
    def fill_in(original: Callable[..., Login], *values: str | bytes, tls: bool) -> Login:
        login = original(*values, tls=tls)
        return replace(login, password=login.password.upper())

    wrap(module.login_form, "fill_in", fill_in)


@habit("believes every certificate")
def certificates_unchecked(module: Firmware) -> None:
    def trust(original: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        context = original()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    wrap(module, "trust", trust)


@habit("answers PUB without waiting for the acknowledgement")
def publish_unconfirmed(module: Firmware) -> None:
    module.link.confirms_publish = False


class _Reconnector:
    """Keeps the session up from OPEN to CLOSE, subscriptions included: a clean session would lose them."""

    def __init__(self, module: Firmware) -> None:
        self.module = module
        self.wanted = False
        self.subscriptions: dict[bytes, int] = {}
        self.resubscribe = module.link.subscribe

    def open(self, original: Handler, module: Firmware, command: Command) -> list[bytes]:
        lines = original(module, command)
        self.wanted = True
        return lines

    def close(self, original: Handler, module: Firmware, command: Command) -> list[bytes]:
        self.wanted = False
        self.subscriptions.clear()
        return original(module, command)

    def subscribe(self, original: Callable[[bytes, int, float], None], topic: bytes, qos: int, seconds: float) -> None:
        original(topic, qos, seconds)
        self.subscriptions[topic] = qos

    def unsubscribe(self, original: Callable[[bytes, float], None], topic: bytes, seconds: float) -> None:
        original(topic, seconds)
        self.subscriptions.pop(topic, None)

    def reconnect(self) -> None:
        module = self.module
        if module.link.is_open or not self.wanted:
            return
        if module.console.busy:
            module.loop.call_later(0.01, self.reconnect)
            return
        try:
            module.link.open(module.dial())
            for topic, qos in self.subscriptions.items():
                self.resubscribe(topic, qos, module.patience())
        except Refused:
            module.loop.call_later(1.0, self.reconnect)


@habit("connects and subscribes again by itself when the connection breaks")
def automatic_reconnect(module: Firmware) -> None:
    reconnector = _Reconnector(module)
    wrap_command(module, "ALYMQTTOPEN", Form.EXECUTE, reconnector.open)
    wrap_command(module, "ALYMQTTCLOSE", Form.EXECUTE, reconnector.close)
    wrap(module.link, "subscribe", reconnector.subscribe)
    wrap(module.link, "unsubscribe", reconnector.unsubscribe)
    module.link.on_lost = reconnector.reconnect


@habit("ends the session when a setting is set")
def settings_end_the_session(module: Firmware) -> None:
    def set_(original: Handler, module: Firmware, command: Command) -> list[bytes]:
        lines = original(module, command)
        if module.link.is_open:
            module.link.close(module.patience())
        return lines

    for name in ("ALYCONNECTCFG", "ALYMQTTCFG"):
        wrap_command(module, name, Form.SET, set_)


@habit("answers SUB without waiting for the cloud's answer", deviates=["SU-05", "NW-02"])
def ok_to_sub_before_suback(module: Firmware) -> None:
    module.link.confirms_subscribe = False


@habit("leaves it to the cloud to end the connection after a DISCONNECT")
def leaves_tcp_to_the_cloud(module: Firmware) -> None:
    module.link.hangs_up = False


@habit("loses the ProductSecret at power-off", deviates=["PC-02"])
def product_secret_lost(module: Firmware) -> None:
    def flush(original: Callable[[dict[str, bytes]], None], values: dict[str, bytes]) -> None:
        original({name: value for name, value in values.items() if name != "PRODUCTSECRET"})

    wrap(module.memory, "flush", flush)
