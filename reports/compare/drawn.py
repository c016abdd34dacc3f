"""What belongs to a run and not to the module: values that the bench draws anew for each run, left out of texts.

The record tells them: devices by the logins that were accepted, ports by where the gateway listens, and secrets by
labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_LABEL = re.compile(r"\u3010(\d+):(\d+)[^\u3011]*\u3011")
"""A masked stretch: number of its value in the run, length in bytes, and of which other value it is a part."""
_OWN = re.compile(r"/([0-9A-Za-z]{6,})/([0-9A-Za-z_.:@-]{6,})/user/")
_NUMBERED = re.compile(r"(/<ProductKey>/<DeviceName>/user/[a-z]+?)[0-9]+x*")
"""An own topic, which the bench numbers through a run, and which it may fill up to a length."""
_SHORTEST = 6
"""Characters of a name below which it may stand in any text by chance."""
_DRAWN_PORTS = 32768
"""The first of the ports that an operating system gives to who asks for any."""
_PLAIN, _TLS = "<port>", "<TLS port>"


class Drawn:
    """The devices and ports of a run, and their places in texts."""

    def __init__(self, gateway: Iterable[Mapping[str, Any]], commands: Iterable[str]) -> None:
        """``gateway`` are the cloud events of the record, ``commands`` its command lines."""
        self._places: dict[str, str] = {}
        for event in gateway:
            if event.get("event") == "login" and event.get("accepted") is True:
                self._device(str(event.get("product_key")), str(event.get("device_name")))
            elif event.get("event") == "listening":
                self._port(str(event.get("address")), _TLS if event.get("tls") else _PLAIN)
        if "<ProductKey>" not in self._places.values():
            for own in filter(None, map(_OWN.search, commands)):
                self._device(own[1], own[2])
        names = sorted(self._places, key=len, reverse=True)
        numbers = [name for name in names if name.isdecimal()]
        words = [re.escape(name) for name in names if not name.isdecimal()]
        alternatives = [*words, *(rf"(?<![0-9]){number}(?![0-9])" for number in numbers)]
        self._pattern = re.compile("|".join(alternatives)) if alternatives else None

    def left_out(self, text: str) -> str:
        """The text with a place holder wherever it names a device or port of the run, topics without their number."""
        if self._pattern is not None:
            text = self._pattern.sub(lambda found: self._places[found[0]], text)
        return _NUMBERED.sub(r"\1<n>", text) if "/user/" in text else text

    def _device(self, product_key: str, device_name: str) -> None:
        for value, place in ((product_key, "<ProductKey>"), (device_name, "<DeviceName>")):
            if len(value) >= _SHORTEST and not value.isdecimal():
                self._places[value] = place

    def _port(self, address: str, place: str) -> None:
        port = address.rpartition(":")[2]
        if port.isdecimal() and int(port) >= _DRAWN_PORTS:
            self._places.setdefault(str(int(port) + 1), place.replace(">", " + 1>"))
            self._places[port] = place


class Labels:
    """The labels of secrets, numbered anew within one test, in the order in which the bench used the values there."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def numbered(self, text: str) -> str:
        """A text of the bench, each label by its number in the test and its length."""
        return _LABEL.sub(
            lambda label: self._shown(self._numbers.setdefault(label[1], len(self._numbers) + 1), label), text
        )

    def known(self, text: str) -> str:
        """The same of a text of the module; of a value that the bench did not use in the test only the length."""
        return _LABEL.sub(lambda label: self._shown(self._numbers.get(label[1], "?"), label), text)

    @staticmethod
    def _shown(number: int | str, label: re.Match[str]) -> str:
        return f"<secret {number}: {label[2]} bytes>"
