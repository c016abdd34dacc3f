"""What a lab and the cloud's own network put around a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rigs.simulator.conditions.registry import around_the_module, condition
from rigs.simulator.patching import wrap

if TYPE_CHECKING:
    from rigs.simulator.firmware import Firmware

around_the_module("line-9600", "the serial line runs at 9,600 baud", line_rate=9600)
around_the_module("line-14400", "the serial line runs at 14,400 baud", line_rate=14400)
around_the_module("own-usb-port", "the port is the module's own and goes with it, at power-off and restart", usb=True)
around_the_module("jitter", "the carrier's network holds bytes back for up to 0.7 s, in order", jitter=0.7)
around_the_module("strangers", "health checks, scanners and other devices connect to the cloud's ports", strangers=True)


@condition("every answer comes 20 ms late", name="answers-20-ms")
def answers_20_ms(module: Firmware) -> None:
    wrap(module, "think", lambda _: module.wait(lambda: False, 0.02))
