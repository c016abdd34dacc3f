"""Whose a connection at the gateway's port is: what its bytes say of the module, of somebody else, or of nobody.

A health check, a scanner or another device may connect at any moment, from the module's own address too where a relay
or a NAT stands between. So the word of a CONNECT counts more than the place that it comes from.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rigs.cloud.packets import Connect
from rigs.sentence import Sentence, say

_TELLING = 6  # characters from which a name is not found in somebody else's text by chance
_BREAKS = re.compile(r"[&|,=/\s\x00-\x1f\x7f-\xff]+")
_OTHER_PROTOCOLS = re.compile(
    rb"(GET|HEAD|POST|PUT|OPTIONS|CONNECT|TRACE|DELETE|PATCH|PROPFIND|DESCRIBE) |PRI \* HTTP/|SSH-|EHLO|HELO|\*\d+\r\n"
)
"""How clients of HTTP, RTSP, SSH, SMTP and Redis begin: no fault of an MQTT stack looks so."""


class Whose(enum.Enum):
    """The two kinds of connections."""

    MODULE = "module"
    STRANGER = "stranger"


class Likeness(enum.IntEnum):
    """How like the module's a connection is that names nobody; the more, the more likely it is the module's."""

    SILENT = 0
    """Not a byte came."""
    BYTES = 1
    """Bytes that are no MQTT, or a TLS handshake."""
    MQTT = 2
    """The beginning of an MQTT CONNECT."""
    PLATFORM = 3
    """A clientId of the platform's form."""


@dataclass(frozen=True)
class Clue:
    """What was found: whose it is, or None and how like the module's; ``why`` in words for the record."""

    whose: Whose | None
    why: Sentence
    likeness: Likeness = Likeness.SILENT


class Identities:
    """All the names that the module may call itself by: what it was given, and what it held before."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def add(self, *names: str) -> None:
        self._names |= {name.lower() for name in names if name}

    def named_in(self, text: str) -> bool:
        """Whether ``text`` holds one of the names, in any case, whole or cut down to no less than half of it."""
        text = text.lower()
        words = [word for word in _BREAKS.split(text) if len(word) >= _TELLING]
        return any(
            len(name) >= _TELLING and (name in text or any(_is_part(word, name) for word in words))
            for name in self._names
        )

    def named_as_user(self, username: str) -> bool:
        """Whether a user name in the platform's form has one of the names, however short, as a part of its own."""
        return "&" in username and not self._names.isdisjoint(username.lower().split("&"))


def _is_part(word: str, name: str) -> bool:
    return 2 * len(word) >= len(name) and (name.startswith(word) or name.endswith(word))


def of_connect(connect: Connect, identities: Identities) -> Clue:
    """What a CONNECT says."""
    username, client_id = connect.username or "", connect.client_id
    texts: Iterable[str] = (username, client_id, connect.will.topic if connect.will else "")
    if identities.named_as_user(username) or any(map(identities.named_in, texts)):
        return Clue(Whose.MODULE, say("CONNECT names the module's ProductKey or DeviceName"))
    device_name, _, product_key = username.rpartition("&")
    if device_name and product_key:
        return Clue(Whose.STRANGER, say("CONNECT names another device"))
    if "securemode=" in client_id.lower():
        return Clue(None, say("CONNECT has a clientId of the platform's form"), Likeness.PLATFORM)
    if username or client_id:
        return Clue(Whose.STRANGER, say("CONNECT names another client"))
    return Clue(None, say("CONNECT names nobody"), Likeness.MQTT)


def of_bytes(heard: bytes, identities: Identities) -> Clue:
    """What the first bytes of a connection say that have not made a CONNECT."""
    if not heard:
        return Clue(None, say("no byte came"))
    if identities.named_in(heard.decode("latin-1")):
        return Clue(Whose.MODULE, say("its bytes name the module's ProductKey or DeviceName"))
    if _OTHER_PROTOCOLS.match(heard):
        return Clue(Whose.STRANGER, say("its bytes are another protocol's"))
    if heard[0] == 0x10:
        return Clue(None, say("its bytes begin like a CONNECT"), Likeness.MQTT)
    return Clue(None, say("its bytes are no MQTT, and name nobody"), Likeness.BYTES)


def of_handshake(server_name: str | None, identities: Identities) -> Clue:
    """What a TLS ClientHello says by the host that it asks for."""
    if server_name and identities.named_in(server_name):
        return Clue(Whose.MODULE, say("the TLS handshake asks for the module's own host"))
    return Clue(None, say("a TLS handshake that names nobody"), Likeness.BYTES)
